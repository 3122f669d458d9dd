/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-private.h"

static void
assert_lineup (StoreFixture *fixture, const char *expected)
{
  g_autofree char *lineup = fixture_lineup (fixture->store, FORGE_CHANNELS_ENABLED);

  g_assert_cmpstr (lineup, ==, expected);
}

/* Three channels with one, two and no stream; the account. */
static gint64
prepare (StoreFixture *fixture)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams (fixture->store, account, "1:One", "2:Two HD", "3:Two 4K", "4:Spare");
  fixture_run (fixture->store, account, "a=1", "b=2,3", "-c=");
  return account;
}

static void
test_new_channels_take_the_next_number (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  g_autofree char *all = NULL;

  assert_lineup (fixture, "1:a 2:b");
  fixture_run (fixture->store, account, "z=4", "a=1", "b=2,3", "-c=");
  all = fixture_lineup (fixture->store, FORGE_CHANNELS_ALL);
  g_assert_cmpstr (all, ==, "1:a 2:b 3:c 4:z");
}

static void
test_vanished_channel_returns_with_id_and_number (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 id = fixture_channel_id (fixture->store, "a");
  g_autoptr (GError) error = NULL;

  fixture_run (fixture->store, account, "b=2,3");
  assert_lineup (fixture, "2:b");
  g_assert_null (forge_store_get_channel (fixture->store, id, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  fixture_run (fixture->store, account, "new=4", "b=2,3");
  assert_lineup (fixture, "2:b 4:new");
  fixture_run (fixture->store, account, "new=4", "b=2,3", "a=1");
  assert_lineup (fixture, "1:a 2:b 4:new");
  g_assert_cmpint (fixture_channel_id (fixture->store, "a"), ==, id);
}

static void
test_number_of_a_deleted_tombstone_is_not_given_again (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  const char *const without_c[] = { "a=1", "b=2,3", NULL };
  const char *const with_new[] = { "a=1", "b=2,3", "new=4", NULL };

  fixture_run_at (fixture->store, account, NOW_S, without_c);
  fixture_run_at (fixture->store, account, NOW_S + 15 * DAY_S, without_c);
  fixture_run_at (fixture->store, account, NOW_S + 16 * DAY_S, with_new);
  assert_lineup (fixture, "1:a 2:b 4:new");
}

static void
test_touched_tombstone_is_kept_for_good (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  const char *const only_b[] = { "b=2,3", NULL };
  const char *const both[] = { "a=1", "b=2,3", "-c=", NULL };
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 c = fixture_channel_id (fixture->store, "c");

  g_assert_true (forge_store_rename_channel (fixture->store, a, "Mine", NULL));
  fixture_run_at (fixture->store, account, NOW_S, only_b);
  fixture_run_at (fixture->store, account, NOW_S + 400 * DAY_S, only_b);
  fixture_run_at (fixture->store, account, NOW_S + 401 * DAY_S, both);
  g_assert_cmpint (fixture_channel_id (fixture->store, "Mine"), ==, a);
  g_assert_cmpint (fixture_channel_id (fixture->store, "c"), !=, c);
}

static void
test_users_values_win_over_a_run (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 c = fixture_channel_id (fixture->store, "c");

  g_assert_true (forge_store_rename_channel (fixture->store, a, " News ", NULL));
  g_assert_true (forge_store_set_channel_enabled (fixture->store, a, FALSE, NULL));
  g_assert_true (forge_store_set_channel_enabled (fixture->store, c, TRUE, NULL));
  fixture_run (fixture->store, account, "a=1", "b=2,3", "-c=");
  assert_lineup (fixture, "2:b 3:c");
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, a, NULL);
  g_assert_cmpstr (channel->name, ==, "News");
  g_assert_false (channel->enabled);
  g_assert_true (forge_store_rename_channel (fixture->store, a, NULL, NULL));
  g_assert_cmpint (fixture_channel_id (fixture->store, "a"), ==, a);
}

/* One channel "guide:a" as a run would write it. */
static gint64
put_row (StoreFixture *fixture, const ForgeChannelRow *row)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin (fixture->store, &error));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW_S, &error));
  gint64 id = forge_store_put_channel (fixture->store, row, &error);
  g_assert_true (forge_store_end_channels (fixture->store, 14, &error));
  g_assert_true (forge_store_commit (fixture->store, &error));
  g_assert_no_error (error);
  return id;
}

static void
assert_values (StoreFixture *fixture,
               gint64 id,
               const char *name,
               const char *group,
               const char *logo,
               gboolean enabled)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, id, NULL);

  g_assert_cmpstr (channel->name, ==, name);
  g_assert_cmpstr (channel->group, ==, group);
  g_assert_cmpstr (channel->logo, ==, logo);
  g_assert_cmpint (channel->enabled, ==, enabled);
}

static void
test_each_value_of_the_user_survives_and_gives_way (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  ForgeChannelRow row = { .key = "guide:a",
                          .name = "One",
                          .group = "News",
                          .logo = "http://l/1",
                          .enable = TRUE };
  gint64 id = put_row (fixture, &row);

  g_assert_true (forge_store_rename_channel (store, id, "Mine", NULL));
  g_assert_true (forge_store_set_channel_group (store, id, " My group ", NULL));
  g_assert_true (forge_store_set_channel_logo (store, id, "https://my/logo", NULL));
  g_assert_true (forge_store_set_channel_enabled (store, id, FALSE, NULL));
  g_assert_true (forge_store_number_channel (store, id, 77, NULL));
  row = (ForgeChannelRow){ .key = "guide:a",
                           .name = "Two",
                           .group = "Other",
                           .logo = "http://l/2",
                           .enable = TRUE };
  g_assert_cmpint (put_row (fixture, &row), ==, id);
  assert_values (fixture, id, "Mine", "My group", "https://my/logo", FALSE);

  /* each on its own: what the provider says by now */
  g_assert_true (forge_store_rename_channel (store, id, "", NULL));
  assert_values (fixture, id, "Two", "My group", "https://my/logo", FALSE);
  g_assert_true (forge_store_set_channel_group (store, id, NULL, NULL));
  assert_values (fixture, id, "Two", "Other", "https://my/logo", FALSE);
  g_assert_true (forge_store_set_channel_logo (store, id, "", NULL));
  assert_values (fixture, id, "Two", "Other", "http://l/2", FALSE);
  g_assert_true (forge_store_rename_channel (store, id, "Mine", NULL));
  g_assert_true (forge_store_reset_channel (store, id, NULL));
  assert_values (fixture, id, "Two", "Other", "http://l/2", TRUE);
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (store, id, NULL);
  g_assert_cmpint (channel->number, ==, 77);
}

static void
test_bad_groups_and_logos_are_refused (StoreFixture *fixture, gconstpointer unused)
{
  ForgeStore *store = fixture->store;
  g_autofree char *long_text = g_strnfill (3000, 'x');
  g_autofree char *long_logo = g_strconcat ("http://h/", long_text, NULL);
  const char *const logos[] = { "ftp://h/1.png", "file:///etc/passwd", "x", long_logo };
  gint64 account G_GNUC_UNUSED = prepare (fixture);
  gint64 id = fixture_channel_id (store, "a");

  for (gsize i = 0; i < G_N_ELEMENTS (logos); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_store_set_channel_logo (store, id, logos[i], &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
  g_autoptr (GError) error = NULL;
  g_assert_false (forge_store_set_channel_group (store, id, long_text, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (forge_store_reset_channel (store, 999, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

/* The list's number counts once, when the channel is made, and only if nobody has it. */
static void
test_a_listed_number_is_taken_if_free (StoreFixture *fixture, gconstpointer unused)
{
  static const struct {
    const char *key;
    int listed, number;
  } cases[] = { { "guide:a", 205, 205 },
                { "guide:b", 205, 206 },
                { "guide:c", 7, 7 },
                { "guide:d", 0, 207 },
                { "guide:e", 100000, 208 } };
  gint64 first = 0;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const ForgeChannelRow row = { .key = cases[i].key, .name = "x", .number = cases[i].listed };
    gint64 id = put_row (fixture, &row);
    g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, id, NULL);
    g_assert_cmpint (channel->number, ==, cases[i].number);
    first = first ? first : id;
  }
  const ForgeChannelRow moved = { .key = "guide:a", .name = "x", .number = 9 };
  g_assert_cmpint (put_row (fixture, &moved), ==, first);
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, first, NULL);
  g_assert_cmpint (channel->number, ==, 205);
}

static void
test_provider_values_are_refreshed (StoreFixture *fixture, gconstpointer unused)
{
  ForgeChannelRow row = { .key = "guide:a",
                          .name = "New name",
                          .group = "News",
                          .logo = "http://l/1",
                          .enable = TRUE };

  prepare (fixture);
  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW_S, NULL));
  gint64 id = forge_store_put_channel (fixture->store, &row, NULL);
  g_assert_true (forge_store_end_channels (fixture->store, 14, NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, id, NULL);
  g_assert_cmpstr (channel->name, ==, "New name");
  g_assert_cmpstr (channel->group, ==, "News");
  g_assert_cmpstr (channel->logo, ==, "http://l/1");
  g_assert_cmpstr (channel->key, ==, "guide:a");
  g_assert_cmpint (channel->number, ==, 1);
  g_assert_false (channel->has_guide);
  g_assert_cmpint (forge_store_channel_guide (fixture->store, id), ==, 0);
}

static void
test_run_rolled_back_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *all = NULL;
  ForgeChannelRow row = { .key = "guide:q", .name = "q", .enable = TRUE };

  prepare (fixture);
  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_begin_channels (fixture->store, NOW_S, NULL));
  g_assert_cmpint (forge_store_put_channel (fixture->store, &row, NULL), >, 0);
  g_assert_true (forge_store_end_channels (fixture->store, 14, NULL));
  forge_store_rollback (fixture->store);
  all = fixture_lineup (fixture->store, FORGE_CHANNELS_ALL);
  g_assert_cmpstr (all, ==, "1:a 2:b 3:c");
}

static void
test_candidates_are_ordered (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  gint64 ids[6];

  fixture_set_streams (fixture->store,
                       account,
                       "1:auto-sd SD",
                       "2:auto-hd HD",
                       "3:hand-sd SD",
                       "4:hand-4k 4K",
                       "5:auto-hd2 HD");
  for (int i = 1; i <= 5; i++)
    ids[i] = fixture_stream_id (fixture->store, account, i);
  fixture_run (fixture->store, account, "a=1,5,2");
  gint64 a = fixture_channel_id (fixture->store, "a");
  g_autofree char *automatic = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (automatic, ==, "auto-hd2 HD auto-hd HD auto-sd SD");

  g_assert_true (forge_store_set_match (fixture->store, a, ids[4], FALSE, NULL));
  g_assert_true (forge_store_set_match (fixture->store, a, ids[3], FALSE, NULL));
  g_autofree char *manual = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (manual, ==, "hand-4k 4K hand-sd SD auto-hd2 HD auto-hd HD auto-sd SD");

  g_assert_true (forge_store_set_match (fixture->store, a, ids[1], TRUE, NULL));
  g_assert_true (forge_store_set_match (fixture->store, a, ids[3], TRUE, NULL));
  g_autofree char *primary = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (primary, ==, "hand-sd SD hand-4k 4K auto-sd SD auto-hd2 HD auto-hd HD");
}

static void
test_first_candidate_is_the_primary (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 b = fixture_channel_id (fixture->store, "b");
  gint64 spare = fixture_stream_id (fixture->store, account, 4);

  g_assert_true (forge_store_set_match (fixture->store, b, spare, TRUE, NULL));
  fixture_set_streams (fixture->store, account, "1:One", "2:Two HD", "3:Two 4K");
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, b, NULL);
  /* The chosen one is away for now: the best of the others stands in. */
  g_assert_cmpuint (channel->candidates->len, ==, 2);
  g_assert_cmpstr (forge_channel_candidate (channel, 0)->stream->name, ==, "Two 4K");
  g_assert_true (forge_channel_candidate (channel, 0)->primary);
  g_assert_false (forge_channel_candidate (channel, 1)->primary);
  fixture_set_streams (fixture->store, account, "1:One", "2:Two HD", "3:Two 4K", "4:Spare");
  g_autoptr (ForgeChannel) again = forge_store_get_channel (fixture->store, b, NULL);
  g_assert_cmpstr (forge_channel_candidate (again, 0)->stream->name, ==, "Spare");
  g_assert_true (forge_channel_candidate (again, 0)->primary);
  g_assert_true (forge_channel_candidate (again, 0)->manual);
  g_assert_cmpfloat (forge_channel_candidate (again, 0)->confidence, ==, 1.0);
}

static char *
enabled_candidates (StoreFixture *fixture)
{
  g_autoptr (GPtrArray) lineup =
      forge_store_list_channels (fixture->store, FORGE_CHANNELS_ENABLED, "b", NULL);
  GString *names = g_string_new (NULL);

  g_assert_cmpuint (lineup->len, ==, 1);
  const ForgeChannel *channel = g_ptr_array_index (lineup, 0);
  for (guint i = 0; i < channel->candidates->len; i++)
    g_string_append_printf (names,
                            "%s%s",
                            i ? ", " : "",
                            forge_channel_candidate (channel, i)->stream->name);
  return g_string_free (names, FALSE);
}

/* SQL is remembered by its address: literals only. */
#define DOUBT(name)                                             \
  "UPDATE stream_match SET confidence = 0.7 WHERE stream_id IN" \
  " (SELECT id FROM stream WHERE name = '" name "')"

static void
test_unsure_streams_do_not_play_beside_sure_ones (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 b = fixture_channel_id (fixture->store, "b");

  g_autofree char *sure = enabled_candidates (fixture);
  g_assert_cmpstr (sure, ==, "Two 4K, Two HD");
  g_assert_true (forge_store_run (fixture->store, DOUBT ("Two 4K"), NULL));
  g_autofree char *all = fixture_candidates (fixture->store, b);
  g_assert_cmpstr (all, ==, "Two HD Two 4K"); /* listed, but after the sure one */
  g_autofree char *played = enabled_candidates (fixture);
  g_assert_cmpstr (played, ==, "Two HD");
  /* Whoever switches it on all the same gets what there is. */
  g_assert_true (forge_store_run (fixture->store, DOUBT ("Two HD"), NULL));
  g_autofree char *unsure = enabled_candidates (fixture);
  g_assert_cmpstr (unsure, ==, "Two 4K, Two HD");
  g_assert_true (forge_store_set_match (fixture->store,
                                        b,
                                        fixture_stream_id (fixture->store, account, 3),
                                        FALSE,
                                        NULL));
  g_autofree char *accepted = enabled_candidates (fixture);
  g_assert_cmpstr (accepted, ==, "Two 4K");
}

static void
test_rejected_pair_never_comes_back (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 b = fixture_channel_id (fixture->store, "b");
  gint64 best = fixture_stream_id (fixture->store, account, 3);

  g_assert_true (forge_store_unset_match (fixture->store, b, best, NULL));
  fixture_run (fixture->store, account, "a=1,3", "b=2,3", "-c=");
  g_autofree char *of_b = fixture_candidates (fixture->store, b);
  g_assert_cmpstr (of_b, ==, "Two HD");
  /* only this pair: another channel may use the stream */
  g_autofree char *of_a =
      fixture_candidates (fixture->store, fixture_channel_id (fixture->store, "a"));
  g_assert_cmpstr (of_a, ==, "Two 4K One");
  g_assert_true (forge_store_set_match (fixture->store, b, best, FALSE, NULL));
  g_autofree char *back = fixture_candidates (fixture->store, b);
  g_assert_cmpstr (back, ==, "Two 4K Two HD");
}

static void
note_pair (gint64 stream_id,
           const char *stream_name,
           double confidence,
           const char *reasons,
           gboolean manual,
           gboolean rejected,
           gpointer text)
{
  g_string_append_printf (text,
                          "%s %.2f %s %d%d;",
                          stream_name,
                          confidence,
                          reasons,
                          manual != 0,
                          rejected != 0);
}

static char *
all_pairs (StoreFixture *fixture, gint64 channel)
{
  GString *text = g_string_new (NULL);

  g_assert_true (forge_store_each_match (fixture->store, channel, note_pair, text, NULL));
  return g_string_free (text, FALSE);
}

/* Accepted, rejected or made: afterwards it is as the matcher left it. */
static void
test_a_choice_is_withdrawn_exactly (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 b = fixture_channel_id (fixture->store, "b");
  gint64 two = fixture_stream_id (fixture->store, account, 2);
  gint64 spare = fixture_stream_id (fixture->store, account, 4);

  g_assert_true (forge_store_run (fixture->store, DOUBT ("Two HD"), NULL));
  g_autofree char *before = all_pairs (fixture, b);
  g_assert_true (forge_store_set_match (fixture->store, b, two, TRUE, NULL));
  g_autofree char *accepted = all_pairs (fixture, b);
  g_assert_nonnull (strstr (accepted, "Two HD 1.00"));
  g_assert_true (forge_store_withdraw_match (fixture->store, b, two, NULL));
  g_autofree char *after_accept = all_pairs (fixture, b);
  g_assert_cmpstr (after_accept, ==, before);
  g_assert_true (forge_store_unset_match (fixture->store, b, two, NULL));
  g_assert_true (forge_store_withdraw_match (fixture->store, b, two, NULL));
  g_autofree char *after_reject = all_pairs (fixture, b);
  g_assert_cmpstr (after_reject, ==, before);
  g_assert_true (forge_store_set_match (fixture->store, b, spare, FALSE, NULL));
  g_assert_true (forge_store_withdraw_match (fixture->store, b, spare, NULL));
  g_autofree char *after_add = all_pairs (fixture, b);
  g_assert_cmpstr (after_add, ==, before);
  /* Nothing was said: nothing to take back. */
  g_assert_true (forge_store_withdraw_match (fixture->store, b, two, NULL));
  g_autofree char *again = all_pairs (fixture, b);
  g_assert_cmpstr (again, ==, before);
}

static void
test_manual_match_outlives_runs (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 spare = fixture_stream_id (fixture->store, account, 4);

  g_assert_true (forge_store_set_match (fixture->store, a, spare, FALSE, NULL));
  fixture_run (fixture->store, account, "a=4", "b=2", "-c=");
  g_autofree char *of_a = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (of_a, ==, "Spare");
  fixture_run (fixture->store, account, "a=1", "b=2", "-c=");
  g_autofree char *later = fixture_candidates (fixture->store, a);
  g_assert_cmpstr (later, ==, "Spare One");
}

typedef struct {
  int all, manual, rejected;
  GString *reasons;
} Pairs;

static void
on_match (gint64 stream_id,
          const char *stream_name,
          double confidence,
          const char *reasons,
          gboolean manual,
          gboolean rejected,
          gpointer user_data)
{
  Pairs *pairs = user_data;

  pairs->all++;
  pairs->manual += manual;
  pairs->rejected += rejected;
  g_string_append (pairs->reasons, reasons);
}

static void
test_each_match_tells_all_pairs (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 b = fixture_channel_id (fixture->store, "b");
  Pairs pairs = { .reasons = g_string_new (NULL) };

  gint64 two = fixture_stream_id (fixture->store, account, 2);
  gint64 spare = fixture_stream_id (fixture->store, account, 4);
  g_assert_true (forge_store_unset_match (fixture->store, b, two, NULL));
  g_assert_true (forge_store_set_match (fixture->store, b, spare, FALSE, NULL));
  g_assert_true (forge_store_each_match (fixture->store, b, on_match, &pairs, NULL));
  g_assert_cmpint (pairs.all, ==, 3);
  g_assert_cmpint (pairs.manual, ==, 1);
  g_assert_cmpint (pairs.rejected, ==, 1);
  g_assert_cmpstr (pairs.reasons->str,
                   ==,
                   "[\"Chosen by you\"][\"The names agree\"][\"The names agree\"]");
  g_string_free (pairs.reasons, TRUE);
}

static void
test_move_shifts_the_others (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams (fixture->store, account, "1:One");
  fixture_run (fixture->store, account, "a=1", "-off=", "b=1", "c=1", "d=1");
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 d = fixture_channel_id (fixture->store, "d");
  g_assert_true (forge_store_move_channel (fixture->store, d, 2, NULL));
  assert_lineup (fixture, "1:a 5:d 3:b 4:c");
  g_assert_true (forge_store_move_channel (fixture->store, a, 3, NULL));
  assert_lineup (fixture, "5:d 3:b 1:a 4:c");
  g_assert_true (forge_store_move_channel (fixture->store, a, 99, NULL));
  assert_lineup (fixture, "5:d 3:b 4:c 1:a");
  g_assert_true (forge_store_move_channel (fixture->store, a, -5, NULL));
  assert_lineup (fixture, "1:a 5:d 3:b 4:c");
  fixture_run (fixture->store, account, "a=1", "-off=", "b=1", "c=1", "d=1", "e=1");
  assert_lineup (fixture, "1:a 5:d 3:b 4:c 6:e");
}

static void
test_move_of_a_disabled_channel_is_refused (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  prepare (fixture);
  gint64 c = fixture_channel_id (fixture->store, "c");
  g_assert_false (forge_store_move_channel (fixture->store, c, 1, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  assert_lineup (fixture, "1:a 2:b");
}

static void
test_numbers_are_unique (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  const int bad[] = { 0, -1, 100000, 2 /* b */, 3 /* the tombstone c */ };

  fixture_run (fixture->store, account, "a=1", "b=2,3");
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_store_number_channel (fixture->store, a, bad[i], &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
  g_assert_true (forge_store_number_channel (fixture->store, a, 101, NULL));
  fixture_run (fixture->store, account, "a=1", "b=2,3", "new=4");
  assert_lineup (fixture, "101:a 2:b 102:new");
}

static void
test_numbers_run_out_gracefully (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");

  g_assert_true (forge_store_number_channel (fixture->store, a, 99999, NULL));
  fixture_run (fixture->store, account, "a=1", "b=2,3", "-c=", "new=4", "newer=4");
  assert_lineup (fixture, "99999:a 2:b 1:new 4:newer");
}

static void
test_unknown_ids_are_not_found (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 one = fixture_stream_id (fixture->store, account, 1);
  ForgeStore *store = fixture->store;
  GError *errors[8] = { NULL };

  g_assert_false (forge_store_set_channel_enabled (store, 999, TRUE, &errors[0]));
  g_assert_false (forge_store_rename_channel (store, 999, "x", &errors[1]));
  g_assert_false (forge_store_move_channel (store, 999, 1, &errors[2]));
  g_assert_false (forge_store_number_channel (store, 999, 50, &errors[3]));
  g_assert_cmpint (forge_store_promote_stream (store, 999, &errors[4]), ==, 0);
  g_assert_false (forge_store_set_match (store, 999, one, TRUE, &errors[5]));
  g_assert_false (forge_store_set_match (store, a, 999, TRUE, &errors[6]));
  g_assert_false (forge_store_unset_match (store, a, 999, &errors[7]));
  for (gsize i = 0; i < G_N_ELEMENTS (errors); i++) {
    g_assert_error (errors[i], FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
    g_clear_error (&errors[i]);
  }
}

static void
test_bad_names_are_refused (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *long_name = g_strnfill (257, 'x');
  g_autoptr (GError) error = NULL;

  prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  g_assert_false (forge_store_rename_channel (fixture->store, a, long_name, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (forge_store_rename_channel (fixture->store, a, "\xff\xfe", &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpint (fixture_channel_id (fixture->store, "a"), ==, a);
}

static void
test_promoted_stream_survives_runs (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  gint64 spare = fixture_stream_id (fixture->store, account, 4);
  const char *const others[] = { "a=1", "b=2,3", NULL };

  gint64 id = forge_store_promote_stream (fixture->store, spare, NULL);
  g_assert_cmpint (id, >, 0);
  g_assert_cmpint (forge_store_promote_stream (fixture->store, spare, NULL), ==, id);
  fixture_run_at (fixture->store, account, NOW_S, others);
  fixture_run_at (fixture->store, account, NOW_S + 30 * DAY_S, others);
  assert_lineup (fixture, "1:a 2:b 4:Spare");
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (fixture->store, id, NULL);
  g_autofree char *key = g_strdup_printf ("stream:%" G_GINT64_FORMAT ":4", account);
  g_assert_cmpstr (channel->key, ==, key);
  g_assert_cmpuint (channel->candidates->len, ==, 1);
  g_assert_false (channel->has_guide);
}

static void
assert_found (StoreFixture *fixture, const char *search, guint expected)
{
  g_autoptr (GPtrArray) found =
      forge_store_list_channels (fixture->store, FORGE_CHANNELS_ALL, search, NULL);

  g_assert_cmpuint (found->len, ==, expected);
}

static void
test_search_by_part_of_name_or_number (StoreFixture *fixture, gconstpointer unused)
{
  prepare (fixture);
  gint64 a = fixture_channel_id (fixture->store, "a");
  gint64 b = fixture_channel_id (fixture->store, "b");
  g_assert_true (forge_store_rename_channel (fixture->store, a, "Первый Канал", NULL));
  g_assert_true (forge_store_rename_channel (fixture->store, b, "Das ERSTE 100% HD", NULL));
  g_assert_true (forge_store_number_channel (fixture->store, b, 21, NULL));
  assert_found (fixture, "ПЕРВЫЙ", 1);
  assert_found (fixture, "erste", 1);
  assert_found (fixture, "100%", 1);
  assert_found (fixture, "%", 1);
  assert_found (fixture, "21", 1);
  assert_found (fixture, "2", 0);
  assert_found (fixture, "", 3);
  assert_found (fixture, "\xff", 0);
}

static void
test_counts_and_unmatched (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = prepare (fixture);
  int total, enabled, matched;

  g_assert_true (forge_store_count_channels (fixture->store, &total, &enabled, &matched, NULL));
  g_assert_cmpint (total, ==, 3);
  g_assert_cmpint (enabled, ==, 2);
  g_assert_cmpint (matched, ==, 2);
  fixture_set_streams (fixture->store, account, "2:Two HD");
  g_autofree char *unmatched = fixture_lineup (fixture->store, FORGE_CHANNELS_UNMATCHED);
  g_assert_cmpstr (unmatched, ==, "1:a 3:c");
}

#define ADD(name, function)            \
  g_test_add ("/store/channels/" name, \
              StoreFixture,            \
              NULL,                    \
              store_fixture_set_up,    \
              function,                \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("new-channels-take-the-next-number", test_new_channels_take_the_next_number);
  ADD ("vanished-channel-returns-with-id-and-number",
       test_vanished_channel_returns_with_id_and_number);
  ADD ("number-of-a-deleted-tombstone-is-not-given-again",
       test_number_of_a_deleted_tombstone_is_not_given_again);
  ADD ("touched-tombstone-is-kept-for-good", test_touched_tombstone_is_kept_for_good);
  ADD ("users-values-win-over-a-run", test_users_values_win_over_a_run);
  ADD ("each-value-of-the-user-survives-and-gives-way",
       test_each_value_of_the_user_survives_and_gives_way);
  ADD ("bad-groups-and-logos-are-refused", test_bad_groups_and_logos_are_refused);
  ADD ("a-listed-number-is-taken-if-free", test_a_listed_number_is_taken_if_free);
  ADD ("provider-values-are-refreshed", test_provider_values_are_refreshed);
  ADD ("run-rolled-back-changes-nothing", test_run_rolled_back_changes_nothing);
  ADD ("candidates-are-ordered", test_candidates_are_ordered);
  ADD ("first-candidate-is-the-primary", test_first_candidate_is_the_primary);
  ADD ("unsure-streams-do-not-play-beside-sure-ones",
       test_unsure_streams_do_not_play_beside_sure_ones);
  ADD ("rejected-pair-never-comes-back", test_rejected_pair_never_comes_back);
  ADD ("a-choice-is-withdrawn-exactly", test_a_choice_is_withdrawn_exactly);
  ADD ("manual-match-outlives-runs", test_manual_match_outlives_runs);
  ADD ("each-match-tells-all-pairs", test_each_match_tells_all_pairs);
  ADD ("move-shifts-the-others", test_move_shifts_the_others);
  ADD ("move-of-a-disabled-channel-is-refused", test_move_of_a_disabled_channel_is_refused);
  ADD ("numbers-are-unique", test_numbers_are_unique);
  ADD ("numbers-run-out-gracefully", test_numbers_run_out_gracefully);
  ADD ("unknown-ids-are-not-found", test_unknown_ids_are_not_found);
  ADD ("bad-names-are-refused", test_bad_names_are_refused);
  ADD ("promoted-stream-survives-runs", test_promoted_stream_survives_runs);
  ADD ("search-by-part-of-name-or-number", test_search_by_part_of_name_or_number);
  ADD ("counts-and-unmatched", test_counts_and_unmatched);
  return g_test_run ();
}
