/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-source-order.h"

#define S(n) ((gint64)(n)*G_USEC_PER_SEC)

typedef struct {
  ForgeSlots *slots;
  ForgeStreamMemory *memory;
  ForgeChannel *channel;
  gint64 tried; /* one stream id */
  guint8 video_type;
} Fixture;

static void
add (Fixture *fixture, gint64 account, gint64 id, ForgeQuality quality, gboolean available)
{
  ForgeStream *stream = forge_stream_new ();

  stream->id = id;
  stream->account_id = account;
  stream->quality = quality;
  stream->available = available;
  forge_channel_add_candidate (fixture->channel, stream, 1, FALSE, FALSE);
  forge_stream_unref (stream);
}

/* Streams 1 (4K), 2 (FHD, account 2), 3 (FHD), 4 (HD, a tombstone), 5 (SD). */
static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GPtrArray) accounts =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);

  for (int i = 1; i <= 2; i++) {
    ForgeAccount *account = forge_account_new ();
    account->id = i;
    g_ptr_array_add (accounts, account);
  }
  fixture->slots = forge_slots_new ();
  forge_slots_set_accounts (fixture->slots, accounts);
  fixture->memory = forge_stream_memory_new ();
  fixture->channel = forge_channel_new ();
  add (fixture, 1, 1, FORGE_QUALITY_4K, TRUE);
  add (fixture, 2, 2, FORGE_QUALITY_FHD, TRUE);
  add (fixture, 1, 3, FORGE_QUALITY_FHD, TRUE);
  add (fixture, 1, 4, FORGE_QUALITY_HD, FALSE);
  add (fixture, 1, 5, FORGE_QUALITY_SD, TRUE);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  forge_channel_unref (fixture->channel);
  forge_stream_memory_free (fixture->memory);
  forge_slots_free (fixture->slots);
}

static gboolean
is_tried (const ForgeStream *stream, gpointer user_data)
{
  return stream->id == ((Fixture *)user_data)->tried;
}

static void
assert_order (Fixture *fixture, double demote_at, gint64 held, gint64 now_us, const char *wanted)
{
  ForgeSourceQuery query = { .channel = fixture->channel,
                             .slots = fixture->slots,
                             .memory = fixture->memory,
                             .is_tried = is_tried,
                             .tried_data = fixture,
                             .held_account_id = held,
                             .demote_at = demote_at,
                             .video_type = fixture->video_type,
                             .now_us = now_us };
  guint n_full;
  g_autoptr (GPtrArray) order = forge_source_order (&query, &n_full);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < order->len; i++)
    g_string_append_printf (text, "%d ", (int)((ForgeStream *)order->pdata[i])->id);
  g_string_append_printf (text, "full %u", n_full);
  g_assert_cmpstr (text->str, ==, wanted);
}

static void
test_channel_order_without_tombstones (Fixture *fixture, gconstpointer data)
{
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, 0, "1 2 3 5 full 0");
  fixture->tried = 1;
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, 0, "2 3 5 full 0");
}

static void
test_full_accounts_are_counted_unless_the_slot_is_ours (Fixture *fixture, gconstpointer data)
{
  ForgeSlot *slot = forge_slots_acquire (fixture->slots, 1);

  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, 0, "2 full 3");
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 1, 0, "1 2 3 5 full 0");
  forge_slots_release (fixture->slots, &slot, 0);
}

static void
test_draining_accounts_come_after_free_ones (Fixture *fixture, gconstpointer data)
{
  ForgeSlot *slot = forge_slots_acquire (fixture->slots, 1);

  forge_slots_note_closed (fixture->slots, slot, TRUE, 0);
  g_assert_true (forge_slots_note_refused (fixture->slots, slot, 1, 1));
  forge_slots_note_opened (fixture->slots, slot, 1, S (2));
  forge_slots_release (fixture->slots, &slot, S (5));
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (6), "2 1 3 5 full 0");
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (9), "1 2 3 5 full 0");
}

static void
test_failures_move_a_stream_behind_the_next_quality_and_fade (Fixture *fixture, gconstpointer data)
{
  forge_stream_memory_note_failure (fixture->memory, 1, FORGE_FAILURE_QUICK, 0);
  /* One hiccup: not while failing over, but the next tune starts with the best again. */
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "2 3 1 5 full 0");
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, 0, "1 2 3 5 full 0");
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, S (61), "1 2 3 5 full 0");

  forge_stream_memory_note_failure (fixture->memory, 1, FORGE_FAILURE_SLOW, S (61));
  forge_stream_memory_note_failure (fixture->memory, 1, FORGE_FAILURE_SLOW, S (61));
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (61), "2 3 1 5 full 0");
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (61 + 60), "1 2 3 5 full 0");
  /* Never dropped, however bad. */
  for (int i = 0; i < 1000; i++)
    forge_stream_memory_note_failure (fixture->memory, 1, FORGE_FAILURE_SLOW, S (200));
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (200), "2 3 5 1 full 0");
  assert_order (fixture, FORGE_DEMOTE_NEW_TUNE, 0, S (200 + 300), "1 2 3 5 full 0");
}

/* A change of coding stops many players: what viewers decode comes first, then what may be that. */
static void
test_the_coding_at_hand_goes_first (Fixture *fixture, gconstpointer data)
{
  forge_stream_memory_note_video (fixture->memory, 1, 0x24);
  forge_stream_memory_note_video (fixture->memory, 5, 0x1B);
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "1 2 3 5 full 0");
  fixture->video_type = 0x1B;
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "2 3 5 1 full 0");
  ForgeStream *named = forge_channel_candidate (fixture->channel, 1)->stream;
  named->name = g_strdup ("UK| News FHD H.265");
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "3 5 1 2 full 0");
  /* What was seen goes before what a name says. */
  forge_stream_memory_note_video (fixture->memory, 2, 0x1B);
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "2 3 5 1 full 0");
  fixture->video_type = 0x24;
  assert_order (fixture, FORGE_DEMOTE_FAILOVER, 0, 0, "1 3 2 5 full 0");
}

static void
test_memory_is_bounded (Fixture *fixture, gconstpointer data)
{
  for (gint64 id = 1; id <= 50000; id++)
    forge_stream_memory_note_failure (fixture->memory, id, FORGE_FAILURE_QUICK, S (id));
  g_assert_cmpfloat (forge_stream_memory_weight (fixture->memory, 50000, S (50000)), ==, 1);
  g_assert_cmpfloat (forge_stream_memory_weight (fixture->memory, 1, S (50000)), <, 0.001);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) \
  g_test_add ("/tuner/source-order/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("channel-order-without-tombstones", test_channel_order_without_tombstones);
  ADD ("full-accounts-are-counted-unless-the-slot-is-ours",
       test_full_accounts_are_counted_unless_the_slot_is_ours);
  ADD ("draining-accounts-come-after-free-ones", test_draining_accounts_come_after_free_ones);
  ADD ("failures-move-a-stream-behind-the-next-quality-and-fade",
       test_failures_move_a_stream_behind_the_next_quality_and_fade);
  ADD ("the-coding-at-hand-goes-first", test_the_coding_at_hand_goes_first);
  ADD ("memory-is-bounded", test_memory_is_bounded);
#undef ADD
  return g_test_run ();
}
