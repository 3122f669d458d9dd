/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-run.h"
#include "guide/forge-replacement.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-streams.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW 1800000000

typedef struct {
  char *folder;
  ForgeStore *store;
  gint64 account, source;
  ForgeReplacementCounts counts;
} Fixture;

typedef struct {
  gint64 id;
  const char *name, *epg_id, *group;
} Row;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("forge-replace-XXXXXX", &error);
  g_autofree char *path = g_build_filename (fixture->folder, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, &error);
  g_assert_no_error (error);
  account->name = g_strdup ("Home");
  account->server = g_strdup ("http://provider.example");
  account->username = g_strdup ("bob");
  fixture->account = forge_store_add_account (fixture->store, account, &error);
  source->name = g_strdup ("Guide");
  source->location = g_strdup ("/guide.xml");
  fixture->source = forge_store_add_guide_source (fixture->store, source, &error);
  g_assert_no_error (error);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->folder, 0, NULL);

  forge_store_close (fixture->store);
  for (const char *name; (name = g_dir_read_name (dir));) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
}

static void
run_lineup (Fixture *fixture)
{
  const ForgeLineupRunOptions options = { .now_s = NOW, .max_enabled = 480, .tombstone_days = 14 };
  ForgeLineupRunResult result;
  g_autoptr (GError) error = NULL;

  forge_lineup_run (fixture->store, &options, &result, NULL, &error);
  g_assert_no_error (error);
}

/* The list of the account, or with `is_move` that of the provider in its place. */
static void
set_list (Fixture *fixture, const Row *rows, gsize n, gboolean is_move)
{
  ForgeStore *store = fixture->store;
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin_stage (store, fixture->account, &error));
  for (gsize i = 0; i < n; i++) {
    g_autoptr (ForgeStream) stream = forge_stream_new ();
    stream->remote_id = rows[i].id;
    stream->name = g_strdup (rows[i].name);
    stream->epg_id = g_strdup (rows[i].epg_id);
    stream->group = g_strdup (rows[i].group);
    stream->quality = forge_quality_from_name (rows[i].name);
    stream->position = (int)i;
    g_assert_true (forge_store_stage_stream (store, stream, &error));
  }
  g_assert_true (forge_store_begin (store, &error));
  if (is_move)
    g_assert_true (forge_replacement_adopt (store, fixture->account, &fixture->counts, &error));
  g_assert_true (forge_store_apply_streams (store, NOW, 14, &error));
  g_assert_true (forge_store_commit (store, &error));
  g_assert_no_error (error);
  run_lineup (fixture);
}
#define SET_LIST(fixture, rows)  set_list (fixture, rows, G_N_ELEMENTS (rows), FALSE)
#define MOVE_LIST(fixture, rows) set_list (fixture, rows, G_N_ELEMENTS (rows), TRUE)

typedef struct {
  const char *name;
  gint64 id, remote_id;
} Wanted;

static gboolean
find_name (const ForgeStream *stream, gpointer user_data)
{
  Wanted *wanted = user_data;

  if (strcmp (stream->name, wanted->name) != 0)
    return TRUE;
  wanted->id = stream->id;
  wanted->remote_id = stream->remote_id;
  return FALSE;
}

/* The id of the available stream of that name, 0 = none. */
static gint64
stream_id (Fixture *fixture, const char *name)
{
  Wanted wanted = { name, 0, 0 };

  g_assert_true (forge_store_each_stream (fixture->store, find_name, &wanted, NULL));
  return wanted.id;
}

static void
set_guide (Fixture *fixture, const char *const *ids, const char *const *names)
{
  ForgeStore *store = fixture->store;
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeGuideSource) source =
      forge_store_get_guide_source (store, fixture->source, &error);
  gint64 generation = forge_store_begin_guide (store, fixture->source, &error);

  for (int i = 0; ids[i]; i++) {
    const char *const one[] = { names[i], NULL };
    const ForgeGuideChannelRow row = { .xmltv_id = ids[i], .names = one };
    forge_store_add_guide_channel (store, fixture->source, generation, &row, &error);
    g_assert_no_error (error);
  }
  g_assert_true (forge_store_activate_guide (store, source, generation, &error));
  run_lineup (fixture);
}

/* Returns: (transfer full), NULL if there is none. */
static ForgeChannel *
find_channel (Fixture *fixture, const char *name)
{
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (fixture->store, FORGE_CHANNELS_ALL, NULL, NULL);

  for (guint i = 0; i < channels->len; i++) {
    ForgeChannel *channel = g_ptr_array_index (channels, i);
    if (strcmp (channel->name, name) == 0)
      return forge_channel_ref (channel);
  }
  return NULL;
}

static const Row old_list[] = {
  { 1, "UK| BBC One HD", "bbc1.uk", "UK" },       { 2, "UK| BBC One FHD", "bbc1.uk", "UK" },
  { 3, "UK| Sky Sports Arena HD", NULL, "UK" },   { 4, "UK| Quux Extra HD", NULL, "UK" },
  { 5, "DE| Das Erste HD", "ard.de", "DE" },      { 6, "UK| Gone Channel HD", NULL, "UK" },
  { 7, "UK| Alpha Racing HD", "alpha.uk", "UK" }, { 8, "FR| Canal News HD", NULL, "FR" },
};

/* The ids say nothing, or the wrong thing; the spelling is another one. */
static const Row new_list[] = {
  { 1, "UK: Sky Sports Arena HD", NULL, "England" },
  { 4, "UK: BBC One HD", "BBC1.uk", "England" },
  { 5, "UK: BBC One FHD", NULL, "England" },
  { 904, "UK: QUUX EXTRA FHD", NULL, "England" },
  { 3, "Das Erste HD", "ard.de", "Deutschland" },
  { 907, "UK: Alpha Motor Racing HD", "alpha.uk", "England" },
  { 908, "UK: Brand New HD", NULL, "England" },
  { 7, "UK: Canal News HD", NULL, "England" },
};

static const struct {
  const char *old_name, *new_name;
} same[] = {
  { "UK| BBC One HD", "UK: BBC One HD" },
  { "UK| BBC One FHD", "UK: BBC One FHD" },
  { "UK| Sky Sports Arena HD", "UK: Sky Sports Arena HD" },
  { "UK| Quux Extra HD", "UK: QUUX EXTRA FHD" },
  { "DE| Das Erste HD", "Das Erste HD" },
  { "UK| Alpha Racing HD", "UK: Alpha Motor Racing HD" },
};

static void
test_streams_are_found_again (Fixture *fixture, gconstpointer unused)
{
  gint64 ids[G_N_ELEMENTS (same)];

  SET_LIST (fixture, old_list);
  gint64 french = stream_id (fixture, "FR| Canal News HD");
  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    ids[i] = stream_id (fixture, same[i].old_name);
  MOVE_LIST (fixture, new_list);
  for (gsize i = 0; i < G_N_ELEMENTS (same); i++)
    g_assert_cmpint (stream_id (fixture, same[i].new_name), ==, ids[i]);
  /* the same words in another country are another channel */
  g_assert_cmpint (stream_id (fixture, "UK: Canal News HD"), !=, french);
  g_assert_cmpint (stream_id (fixture, "UK| Gone Channel HD"), ==, 0);
  g_assert_cmpint (fixture->counts.found, ==, 6);
  g_assert_cmpint (fixture->counts.lost, ==, 2);
  g_assert_cmpint (fixture->counts.fresh, ==, 2);
  g_assert_cmpint (fixture->counts.revived, ==, 0);
}

static void
test_there_and_back_is_as_before (Fixture *fixture, gconstpointer unused)
{
  gint64 ids[G_N_ELEMENTS (old_list)];

  SET_LIST (fixture, old_list);
  for (gsize i = 0; i < G_N_ELEMENTS (old_list); i++)
    ids[i] = stream_id (fixture, old_list[i].name);
  MOVE_LIST (fixture, new_list);
  MOVE_LIST (fixture, old_list);
  for (gsize i = 0; i < G_N_ELEMENTS (old_list); i++)
    g_assert_cmpint (stream_id (fixture, old_list[i].name), ==, ids[i]);
  g_assert_cmpint (fixture->counts.found, ==, 6);
  g_assert_cmpint (fixture->counts.revived, ==, 2);
}

static void
test_choices_and_promoted_channels_move_along (Fixture *fixture, gconstpointer unused)
{
  static const char *const ids[] = { "bbc1.uk", "zebra.uk", NULL };
  static const char *const names[] = { "BBC One", "Zebra Vision", NULL };
  ForgeStore *store = fixture->store;

  SET_LIST (fixture, old_list);
  set_guide (fixture, ids, names);
  gint64 quux = stream_id (fixture, "UK| Quux Extra HD");
  gint64 arena = stream_id (fixture, "UK| Sky Sports Arena HD");
  g_autoptr (ForgeChannel) zebra = find_channel (fixture, "Zebra Vision");
  g_assert_true (forge_store_set_match (store, zebra->id, quux, TRUE, NULL));
  gint64 own = forge_store_promote_stream (store, arena, NULL);
  g_assert_cmpint (own, >, 0);
  g_assert_true (forge_store_rename_channel (store, own, "Arena", NULL));
  g_assert_true (forge_store_number_channel (store, own, 300, NULL));

  MOVE_LIST (fixture, new_list);
  g_autoptr (ForgeChannel) after = find_channel (fixture, "Zebra Vision");
  g_assert_cmpint (after->id, ==, zebra->id);
  const ForgeCandidate *first = forge_channel_candidate (after, 0);
  g_assert_cmpint (first->stream->id, ==, quux);
  g_assert_true (first->manual);
  g_autoptr (ForgeChannel) promoted = find_channel (fixture, "Arena");
  g_assert_cmpint (promoted->id, ==, own);
  g_assert_cmpint (promoted->number, ==, 300);
  g_autofree char *key = g_strdup_printf ("stream:%d:1", (int)fixture->account);
  g_assert_cmpstr (promoted->key, ==, key);
  g_assert_cmpstr (forge_channel_candidate (promoted, 0)->stream->name,
                   ==,
                   "UK: Sky Sports Arena HD");
  /* the id that it had is another stream's by now, which can be a channel of its own */
  gint64 erste = stream_id (fixture, "Das Erste HD");
  g_assert_cmpint (forge_store_promote_stream (store, erste, NULL), !=, own);
}

static void
test_a_guide_with_other_ids_feeds_the_same_channels (Fixture *fixture, gconstpointer unused)
{
  static const char *const ids[] = { "bbc1.uk", "arena.uk", "left.uk", NULL };
  static const char *const names[] = { "BBC One", "Sky Sports Arena", "Left Alone", NULL };
  static const char *const other_ids[] = { "x-17", "x-18", "x-19", NULL };
  static const char *const other_names[] = { "Sky Sports Arena", "BBC One", "Other", NULL };

  SET_LIST (fixture, old_list);
  set_guide (fixture, ids, names);
  g_autoptr (ForgeChannel) bbc = find_channel (fixture, "BBC One");
  g_autoptr (ForgeChannel) arena = find_channel (fixture, "Sky Sports Arena");
  g_assert_true (forge_store_set_channel_enabled (fixture->store, arena->id, FALSE, NULL));
  MOVE_LIST (fixture, new_list);
  set_guide (fixture, other_ids, other_names);
  g_autoptr (ForgeChannel) bbc_after = find_channel (fixture, "BBC One");
  g_autoptr (ForgeChannel) arena_after = find_channel (fixture, "Sky Sports Arena");
  g_assert_cmpint (bbc_after->id, ==, bbc->id);
  g_assert_cmpint (bbc_after->number, ==, bbc->number);
  g_assert_cmpstr (bbc_after->guide_id, ==, bbc->guide_id);
  g_assert_cmpstr (bbc_after->key, ==, "guide:x-18");
  g_assert_cmpint (arena_after->id, ==, arena->id);
  g_assert_false (arena_after->enabled);
  g_assert_true (bbc_after->has_guide);
  /* no streams, no heir: it is a tombstone */
  g_assert_null (find_channel (fixture, "Left Alone"));
}

/* Alone in the lineup as long as no guide has it, then the guide's channel, with the same number.
 */
static void
test_a_promoted_channel_gets_a_guide (Fixture *fixture, gconstpointer unused)
{
  static const char *const none[] = { "zebra.uk", NULL }, *const no_names[] = { "Zebra", NULL };
  static const char *const ids[] = { "zebra.uk", "bbc1.uk", "arena.uk", NULL };
  static const char *const names[] = { "Zebra", "BBC One", "Sky Sports Arena", NULL };

  SET_LIST (fixture, old_list);
  set_guide (fixture, none, no_names);
  gint64 arena = stream_id (fixture, "UK| Sky Sports Arena HD");
  gint64 own = forge_store_promote_stream (fixture->store, arena, NULL);
  g_autoptr (ForgeChannel) bbc = find_channel (fixture, "BBC One");
  g_assert_nonnull (bbc); /* no guide has anything of this account: all of it is promoted */
  g_assert_false (bbc->has_guide);

  set_guide (fixture, ids, names);
  g_autoptr (ForgeChannel) after = find_channel (fixture, "Sky Sports Arena");
  g_assert_cmpint (after->id, ==, own);
  g_assert_true (after->has_guide);
  g_assert_true (after->enabled);
  g_autoptr (ForgeChannel) bbc_after = find_channel (fixture, "BBC One");
  g_assert_cmpint (bbc_after->id, ==, bbc->id);
  g_assert_cmpint (bbc_after->number, ==, bbc->number);
  g_assert_true (bbc_after->has_guide);

  /* the guide loses it: a promoted channel stays, with placeholder programmes */
  set_guide (fixture, none, no_names);
  g_autoptr (ForgeChannel) lost = forge_store_get_channel (fixture->store, own, NULL);
  g_assert_nonnull (lost);
  g_assert_false (lost->has_guide);
}

#define ADD(name, function) \
  g_test_add ("/guide/replacement/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("streams-are-found-again", test_streams_are_found_again);
  ADD ("there-and-back-is-as-before", test_there_and_back_is_as_before);
  ADD ("choices-and-promoted-channels-move-along", test_choices_and_promoted_channels_move_along);
  ADD ("a-promoted-channel-gets-a-guide", test_a_promoted_channel_gets_a_guide);
  ADD ("a-guide-with-other-ids-feeds-the-same-channels",
       test_a_guide_with_other_ids_feeds_the_same_channels);
  return g_test_run ();
}
