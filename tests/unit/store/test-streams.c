/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"

static gboolean
count_stream (const ForgeStream *stream, gpointer user_data)
{
  int *count = user_data;

  return ++*count < 3;
}

static void
test_plan_counts_what_would_change (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  ForgeStreamPlan plan = fixture_set_streams (fixture->store, account, "1:A", "2:B", "3:C");

  g_assert_cmpint (plan.before, ==, 0);
  g_assert_cmpint (plan.added, ==, 3);
  g_assert_cmpint (plan.after, ==, 3);
  /* A moved up, which is no change of content; B renamed, C gone, D new. */
  plan = fixture_set_streams (fixture->store, account, "4:D", "1:A", "2:B HD");
  g_assert_cmpint (plan.before, ==, 3);
  g_assert_cmpint (plan.after, ==, 3);
  g_assert_cmpint (plan.added, ==, 1);
  g_assert_cmpint (plan.changed, ==, 1);
  g_assert_cmpint (plan.removed, ==, 1);
  g_assert_cmpint (plan.unchanged, ==, 1);
}

static void
test_repeated_remote_id_keeps_the_first (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  ForgeStreamPlan plan = fixture_set_streams (fixture->store, account, "1:First", "1:Second");
  g_autoptr (ForgeStream) stream = NULL;

  g_assert_cmpint (plan.after, ==, 1);
  stream =
      forge_store_get_stream (fixture->store, fixture_stream_id (fixture->store, account, 1), NULL);
  g_assert_cmpstr (stream->name, ==, "First");
}

static void
test_dropped_stage_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStream) stream = forge_stream_new ();
  gint64 account = fixture_add_account (fixture->store, "Main");
  ForgeStreamPlan plan;

  fixture_set_streams (fixture->store, account, "1:A");
  stream->remote_id = 9;
  g_assert_true (forge_store_begin_stage (fixture->store, account, NULL));
  g_assert_true (forge_store_stage_stream (fixture->store, stream, NULL));
  g_assert_true (forge_store_plan_streams (fixture->store, &plan, NULL));
  g_assert_cmpint (plan.removed, ==, 1);
  forge_store_drop_stage (fixture->store);
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 1), >, 0);
  /* and the next one starts empty */
  plan = fixture_set_streams (fixture->store, account, "1:A");
  g_assert_cmpint (plan.after, ==, 1);
  g_assert_cmpint (plan.unchanged, ==, 1);
}

static void
test_returning_stream_has_its_old_id (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  ForgeStreamPlan plan;

  fixture_set_streams (fixture->store, account, "1:A", "2:B");
  gint64 id = fixture_stream_id (fixture->store, account, 2);
  fixture_set_streams (fixture->store, account, "1:A");
  g_autoptr (ForgeStream) gone = forge_store_get_stream (fixture->store, id, NULL);
  g_assert_false (gone->available);
  plan = fixture_set_streams (fixture->store, account, "1:A", "2:B");
  g_assert_cmpint (plan.added, ==, 1);
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 2), ==, id);
}

static void
test_tombstones_end_after_their_days (StoreFixture *fixture, gconstpointer unused)
{
  const char *const one[] = { "1:A", NULL };
  gint64 account = fixture_add_account (fixture->store, "Main");
  g_autoptr (GError) error = NULL;

  fixture_set_streams (fixture->store, account, "1:A", "2:B");
  gint64 id = fixture_stream_id (fixture->store, account, 2);
  fixture_set_streams_at (fixture->store, account, NOW_S, one);
  fixture_set_streams_at (fixture->store, account, NOW_S + 13 * DAY_S, one);
  g_autoptr (ForgeStream) still = forge_store_get_stream (fixture->store, id, &error);
  g_assert_nonnull (still);
  fixture_set_streams_at (fixture->store, account, NOW_S + 14 * DAY_S, one);
  g_assert_null (forge_store_get_stream (fixture->store, id, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
test_users_match_keeps_a_tombstone (StoreFixture *fixture, gconstpointer unused)
{
  const char *const one[] = { "1:A", NULL };
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams (fixture->store, account, "1:A", "2:B", "3:C");
  gint64 chosen = fixture_stream_id (fixture->store, account, 2);
  gint64 rejected = fixture_stream_id (fixture->store, account, 3);
  fixture_run (fixture->store, account, "a=1");
  gint64 channel = fixture_channel_id (fixture->store, "a");
  g_assert_true (forge_store_set_match (fixture->store, channel, chosen, TRUE, NULL));
  g_assert_true (forge_store_unset_match (fixture->store, channel, rejected, NULL));
  fixture_set_streams_at (fixture->store, account, NOW_S, one);
  fixture_set_streams_at (fixture->store, account, NOW_S + 100 * DAY_S, one);
  g_autoptr (ForgeStream) first = forge_store_get_stream (fixture->store, chosen, NULL);
  g_autoptr (ForgeStream) second = forge_store_get_stream (fixture->store, rejected, NULL);
  g_assert_nonnull (first);
  g_assert_nonnull (second);
}

static void
test_accounts_do_not_mix (StoreFixture *fixture, gconstpointer unused)
{
  gint64 first = fixture_add_account (fixture->store, "First");
  gint64 second = fixture_add_account (fixture->store, "Second");

  fixture_set_streams (fixture->store, first, "1:A");
  fixture_set_streams (fixture->store, second, "1:B", "2:C");
  fixture_set_streams (fixture->store, second, "2:C");
  g_assert_cmpint (fixture_stream_id (fixture->store, first, 1), >, 0);
  g_assert_cmpint (fixture_stream_id (fixture->store, second, 1), ==, 0);
}

static void
test_every_field_comes_back (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  g_autoptr (ForgeStream) stream = forge_stream_new ();
  g_autoptr (ForgeStream) stored = NULL;

  stream->remote_id = G_MAXINT64;
  stream->name = g_strdup ("DE: Größe ᵁᴴᴰ");
  stream->epg_id = g_strdup ("groesse.de");
  stream->group = g_strdup ("DE | Filme");
  stream->icon = g_strdup ("http://images.example/1.png");
  stream->quality = FORGE_QUALITY_4K;
  stream->archive_days = 7;
  stream->position = 12;
  g_assert_true (forge_store_begin_stage (fixture->store, account, NULL));
  g_assert_true (forge_store_stage_stream (fixture->store, stream, NULL));
  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_apply_streams (fixture->store, NOW_S, 14, NULL));
  g_assert_true (forge_store_commit (fixture->store, NULL));
  stored = forge_store_get_stream (fixture->store,
                                   fixture_stream_id (fixture->store, account, G_MAXINT64),
                                   NULL);
  g_assert_cmpint (stored->account_id, ==, account);
  g_assert_cmpint (stored->remote_id, ==, G_MAXINT64);
  g_assert_cmpstr (stored->name, ==, stream->name);
  g_assert_cmpstr (stored->epg_id, ==, stream->epg_id);
  g_assert_cmpstr (stored->group, ==, stream->group);
  g_assert_cmpstr (stored->icon, ==, stream->icon);
  g_assert_cmpint (stored->quality, ==, FORGE_QUALITY_4K);
  g_assert_cmpint (stored->archive_days, ==, 7);
  g_assert_cmpint (stored->position, ==, 12);
  g_assert_true (stored->available);
}

static void
test_iteration_stops_when_told (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  int count = 0;

  fixture_set_streams (fixture->store, account, "1:A", "2:B", "3:C", "4:D");
  g_assert_true (forge_store_each_stream (fixture->store, count_stream, &count, NULL));
  g_assert_cmpint (count, ==, 3);
}

static void
test_refresh_rolled_back_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");

  fixture_set_streams (fixture->store, account, "1:A", "2:B");
  g_assert_true (forge_store_begin_stage (fixture->store, account, NULL));
  g_assert_true (forge_store_begin (fixture->store, NULL));
  g_assert_true (forge_store_apply_streams (fixture->store, NOW_S, 14, NULL));
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 1), ==, 0);
  forge_store_rollback (fixture->store);
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 1), >, 0);
}

#define ADD(name, function)           \
  g_test_add ("/store/streams/" name, \
              StoreFixture,           \
              NULL,                   \
              store_fixture_set_up,   \
              function,               \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("plan-counts-what-would-change", test_plan_counts_what_would_change);
  ADD ("repeated-remote-id-keeps-the-first", test_repeated_remote_id_keeps_the_first);
  ADD ("dropped-stage-changes-nothing", test_dropped_stage_changes_nothing);
  ADD ("returning-stream-has-its-old-id", test_returning_stream_has_its_old_id);
  ADD ("tombstones-end-after-their-days", test_tombstones_end_after_their_days);
  ADD ("users-match-keeps-a-tombstone", test_users_match_keeps_a_tombstone);
  ADD ("accounts-do-not-mix", test_accounts_do_not_mix);
  ADD ("every-field-comes-back", test_every_field_comes_back);
  ADD ("iteration-stops-when-told", test_iteration_stops_when_told);
  ADD ("refresh-rolled-back-changes-nothing", test_refresh_rolled_back_changes_nothing);
  return g_test_run ();
}
