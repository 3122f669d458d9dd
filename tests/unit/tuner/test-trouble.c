/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include <string.h>

/* What a provider does to viewers, and what they see meanwhile: slates, clips, kills, catch-up. */

static void
start_playing (World *world, guint feed)
{
  AWAIT (world, world_feed (world, feed) && world_feed (world, feed)->has_source);
  feed_flows (world, world_feed (world, feed));
  world_settle (world);
}

static void
assert_health (World *world, guint index, ForgeHealth health)
{
  ForgeSessionInfo *info = world_session (world, index);

  g_assert_nonnull (info);
  g_assert_cmpstr (forge_health_name (info->health), ==, forge_health_name (health));
  forge_session_info_free (info);
}

/* ── slates ───────────────────────────────────────────────────────────────────────────────── */

static void
test_a_slate_bridges_until_a_source_is_back (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_be_patient (world, 3000, 50, 60000);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  world_set (world, 14, FAKE_NOT_FOUND);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
  AWAIT (world, world_feed (world, 0)->has_slate);
  assert_health (world, 0, FORGE_HEALTH_SLATE);
  guint tried = world_n_dialled (world);
  AWAIT (world, world_n_dialled (world) > tried); /* it goes on trying behind the slate */
  g_assert_true (world_feed (world, 0)->has_slate);
  world_set (world, 14, FAKE_OK);
  gint64 free_us = g_get_monotonic_time ();
  start_playing (world, 0);
  g_assert_cmpint (g_get_monotonic_time () - free_us, <, 2100000);
  g_assert_false (world_feed (world, 0)->has_slate);
  assert_health (world, 0, FORGE_HEALTH_HEALTHY);
  g_assert_cmpuint (world_feed (world, 0)->viewers->len, ==, 1);
}

static void
test_a_quick_failover_shows_no_slate (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
  AWAIT (world, world_feed (world, 0)->has_source);
  g_assert_false (world_feed (world, 0)->has_slate);
  feed_flows (world, world_feed (world, 0));
  world_settle (world);
  gint64 end_us = g_get_monotonic_time () + 1200000;
  AWAIT (world, g_get_monotonic_time () > end_us);
  g_assert_true (world_feed (world, 0)->has_source);
}

static void
test_never_a_slate_before_the_first_media (void)
{
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "400", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_be_patient (world, 3000, 10, 60000);
  world_add_account (world, 1, 1);
  world_set (world, 14, FAKE_LIMIT);
  world_set (world, 13, FAKE_LIMIT);
  world_tune (world, channel, "10.0.0.1", "a");
  while (world_n_answers (world, "805") == 0) {
    FakeFeed *feed = world_feed (world, 0);
    g_assert_false (feed && feed->has_slate);
    g_main_context_iteration (world->context, TRUE);
  }
}

static void
test_a_slate_returns_when_the_next_source_fails_too (void)
{
  g_autoptr (World) world = world_new_with ("stall_ms", "20", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_be_patient (world, 20000, 20, 60000);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  world_be_patient (world, 30, 20, 60000);
  world_set (world, 14, FAKE_NOT_FOUND);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
  AWAIT (world, world_feed (world, 0)->has_slate);
  world_set (world, 14, FAKE_OK);
  AWAIT (world, world_feed (world, 0)->has_source); /* it never starts … */
  AWAIT (world, world_feed (world, 0)->has_slate);  /* … so the slate is back */
}

static void
test_after_giving_up_the_slate_ends (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_be_patient (world, 3000, 20, 400);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  world_set (world, 14, FAKE_NOT_FOUND);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
  AWAIT (world, world_feed (world, 0)->has_slate);
  AWAIT (world, world_n_feeds (world) == 0 && world_used (world) == 0);
}

/* ── clips ────────────────────────────────────────────────────────────────────────────────── */

static void
test_a_clip_is_not_the_streams_fault (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 2);
  world_tune (world, channel, "10.0.0.1", "a");
  for (guint i = 0; i < 4; i++) {
    start_playing (world, 0);
    world_feed (world, 0)->bytes_read = 402132;
    feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
    AWAIT (world, world_feed (world, 0)->has_source);
  }
  g_assert_true (world_has_logged (world, "like a short clip"));
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_feeds (world) == 0);
  guint before = world_n_dialled (world);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_dialled (world) > before);
  g_assert_cmpint (world_dialled (world, before), ==, 14); /* still the best */
}

/* It may be the panel's clip, because what we closed still counts; while there is something else to
 * show, nobody waits to find out. */
static void
test_a_backup_goes_before_a_second_try (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 3);
  static const gint64 wanted[] = { 14, 13, 12, 12 };

  world_be_patient (world, 10000, 60000, 30000);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_STALL);
  for (guint i = 1; i < G_N_ELEMENTS (wanted) - 1; i++) {
    AWAIT (world, world_n_dialled (world) == i + 1);
    start_playing (world, 0);
    feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  }
  AWAIT (world, world_n_dialled (world) == G_N_ELEMENTS (wanted));
  start_playing (world, 0);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpint (world_dialled (world, i), ==, wanted[i]);
}

static void
test_a_reset_is_the_streams_fault (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 2);
  world_tune (world, channel, "10.0.0.1", "a");
  for (guint i = 0; i < 8; i++) {
    start_playing (world, 0);
    feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
    AWAIT (world, world_feed (world, 0)->has_source);
  }
  g_assert_false (world_has_logged (world, "like a short clip"));
}

static void
set_expiry (World *world, gint64 account_id, gint64 expires_at)
{
  for (guint i = 0; i < world->accounts->len; i++) {
    ForgeAccount *account = g_ptr_array_index (world->accounts, i);
    if (account->id != account_id)
      continue;
    ForgeAccount *copy = forge_account_copy (account);
    copy->expires_at = expires_at;
    forge_account_unref (account);
    world->accounts->pdata[i] = copy;
  }
  forge_tuner_set_accounts (world->tuner, world->accounts);
}

static void
test_clips_of_an_expired_account_are_said_to_be_that (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 3);

  world_add_account (world, 1, 2);
  set_expiry (world, 1, g_get_real_time () / G_USEC_PER_SEC - 60);
  for (gint64 id = 12; id <= 14; id++)
    world_set (world, id, FAKE_SLATE);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_answers (world, "806") == 1);
  g_assert_true (world_has_logged (world, "the account has expired"));
  g_assert_cmpuint (world_n_dialled (world), ==, 1); /* its other streams need no try */
}

static void
test_clips_over_the_limit_are_a_limit (void)
{
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "300", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 2);
  world_set (world, 14, FAKE_SLATE);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_answers (world, "805 All Tuners In Use") == 1);
}

/* ── panels that end the older stream ─────────────────────────────────────────────────────── */

/* Channels 1 and 2 play on account 1; then its panel ends one of two, twice. Leaves channel 1
 * playing. */
static void
let_panel_kill (World *world, ForgeChannel *one, ForgeChannel *two)
{
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.2", "b");
  start_playing (world, 1);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
  start_playing (world, 0);
  feed_loses (world, world_feed (world, 1), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
}

static void
test_the_killed_session_does_not_fight (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_be_patient (world, 3000, 20, 60000);
  world_add_account (world, 1, 2);
  let_panel_kill (world, one, two);
  g_assert_true (world_has_logged (world, "Account 1 plays only 1 stream at once"));
  AWAIT (world, world_feed (world, 1)->has_slate);
  assert_health (world, 1, FORGE_HEALTH_SLATE);
  guint dialled = world_n_dialled (world);
  gint64 end_us = g_get_monotonic_time () + 2300000; /* longer than any pause */
  AWAIT (world, g_get_monotonic_time () > end_us);
  g_assert_cmpuint (world_n_dialled (world), ==, dialled);
  g_assert_true (world_feed (world, 0)->has_source);
  assert_health (world, 0, FORGE_HEALTH_HEALTHY);
  /* The other one ends: the channel goes on. */
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_feeds (world) == 1);
  start_playing (world, 0);
  assert_health (world, 0, FORGE_HEALTH_HEALTHY);
}

static void
test_the_killed_session_takes_nothing_over (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_be_patient (world, 3000, 20, 60000);
  world_add_account (world, 1, 2);
  world_tune (world, one, "10.0.0.1", "VLC");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.1", "VLC"); /* picture in picture */
  start_playing (world, 1);
  for (guint i = 0; i < 2; i++) {
    feed_loses (world, world_feed (world, i), FORGE_SOURCE_LOST_EOF);
    world_settle (world);
    if (i == 0)
      start_playing (world, 0);
  }
  gint64 end_us = g_get_monotonic_time () + 500000; /* takeover_after_ms is 60 */
  AWAIT (world, g_get_monotonic_time () > end_us);
  g_assert_true (world_feed (world, 0)->has_source);
  g_assert_true (world_feed (world, 1)->has_slate);
}

static void
test_the_killed_session_moves_to_another_account (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  channel_add (two, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 2);
  world_add_account (world, 2, 1);
  let_panel_kill (world, one, two);
  start_playing (world, 1);
  g_assert_cmpint (world_open (world, 1), ==, 1);
  g_assert_cmpint (world_open (world, 2), ==, 1);
}

/* ── catch-up ─────────────────────────────────────────────────────────────────────────────── */

static ForgeChannel *
archived_channel (gint64 id, int archive_days)
{
  ForgeChannel *channel = world_channel (id, 2);

  for (guint i = 0; i < channel->candidates->len; i++)
    forge_channel_candidate (channel, i)->stream->archive_days = i == 0 ? 0 : archive_days;
  return channel;
}

static void
catch_up (World *world, ForgeChannel *channel, gint64 start_s)
{
  ForgeTuneRequest request = { .address = "10.0.0.1",
                               .user_agent = "a",
                               .request_id = "r1",
                               .wanted_tuner = -1,
                               .start_s = start_s,
                               .duration_s = 1800 };

  world_tune_request (world, channel, &request);
}

static void
test_catch_up_is_a_session_of_its_own (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = archived_channel (1, 3);
  gint64 start_s = g_get_real_time () / G_USEC_PER_SEC - 7200;

  world_add_account (world, 1, 3);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  catch_up (world, channel, start_s);
  catch_up (world, channel, start_s);
  start_playing (world, 1);
  start_playing (world, 2);
  g_assert_cmpuint (world_n_feeds (world), ==, 3);
  g_assert_cmpint (world->provider.catchup_start_s, ==, start_s);
  g_assert_cmpuint (world->provider.catchup_duration_s, ==, 1800);
  g_assert_cmpint (world_dialled (world, 1), ==, 13); /* the one with an archive */
}

static void
test_catch_up_ends_when_its_viewer_has_all (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = archived_channel (1, 3);

  world_add_account (world, 1, 1);
  world_set (world, 13, FAKE_SLATE); /* has a length, as archives have */
  catch_up (world, channel, g_get_real_time () / G_USEC_PER_SEC - 7200);
  start_playing (world, 0);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
  g_assert_cmpint (world_used (world), ==, 0); /* the slot is free at once */
  gint64 end_us = g_get_monotonic_time () + 900000;
  AWAIT (world, g_get_monotonic_time () > end_us);
  g_assert_cmpuint (world_n_feeds (world), ==, 1); /* 250,000 bytes are on their way */
  world_feed (world, 0)->is_taken = TRUE;
  AWAIT (world, world_n_feeds (world) == 0);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
}

static void
test_catch_up_beyond_the_archive_is_refused (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = archived_channel (1, 3);

  world_add_account (world, 1, 1);
  catch_up (world, channel, g_get_real_time () / G_USEC_PER_SEC - 4 * 86400);
  AWAIT (world, world_n_answers (world, "806") == 1);
  g_assert_cmpuint (world_n_dialled (world), ==, 0);
}

static void
test_catch_up_does_not_linger (void)
{
  g_autoptr (World) world = world_new_with ("linger_ms", "20000", NULL);
  g_autoptr (ForgeChannel) channel = archived_channel (1, 3);

  world_add_account (world, 1, 1);
  catch_up (world, channel, g_get_real_time () / G_USEC_PER_SEC - 7200);
  start_playing (world, 0);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_feeds (world) == 0 && world_used (world) == 0);
}

/* ── audit ────────────────────────────────────────────────────────────────────────────────── */

static guint
n_logged (World *world, const char *part)
{
  guint n = 0;

  for (guint i = 0; i < world->log->len; i++)
    n += strstr (g_ptr_array_index (world->log, i), part) != NULL;
  return n;
}

static void
test_somebody_else_is_told_once (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 3);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  forge_tuner_audit (world->tuner, 1, 2);
  forge_tuner_audit (world->tuner, 1, 2);
  forge_tuner_audit (world->tuner, 1, 1); /* chance */
  forge_tuner_audit (world->tuner, 1, 2);
  forge_tuner_audit (world->tuner, 1, 3);
  g_assert_false (forge_tuner_account_is_shared (world->tuner, 1));
  for (guint i = 0; i < 5; i++)
    forge_tuner_audit (world->tuner, 1, 2);
  g_assert_true (forge_tuner_account_is_shared (world->tuner, 1));
  g_assert_cmpuint (n_logged (world, "Someone else is using Account 1"), ==, 1);
  forge_tuner_audit (world->tuner, 1, 1);
  g_assert_false (forge_tuner_account_is_shared (world->tuner, 1));
  forge_tuner_audit (world->tuner, 77, 9); /* unknown */
  g_assert_false (forge_tuner_account_is_shared (world->tuner, 77));
}

static void
test_what_drains_is_ours (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 3);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_used (world) == 0);
  for (guint i = 0; i < 5; i++)
    forge_tuner_audit (world->tuner, 1, 1);
  g_assert_false (forge_tuner_account_is_shared (world->tuner, 1));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tuner/trouble/" path, func)
  ADD ("a-slate-bridges-until-a-source-is-back", test_a_slate_bridges_until_a_source_is_back);
  ADD ("a-quick-failover-shows-no-slate", test_a_quick_failover_shows_no_slate);
  ADD ("never-a-slate-before-the-first-media", test_never_a_slate_before_the_first_media);
  ADD ("a-slate-returns-when-the-next-source-fails-too",
       test_a_slate_returns_when_the_next_source_fails_too);
  ADD ("after-giving-up-the-slate-ends", test_after_giving_up_the_slate_ends);
  ADD ("a-clip-is-not-the-streams-fault", test_a_clip_is_not_the_streams_fault);
  ADD ("a-backup-goes-before-a-second-try", test_a_backup_goes_before_a_second_try);
  ADD ("a-reset-is-the-streams-fault", test_a_reset_is_the_streams_fault);
  ADD ("clips-of-an-expired-account-are-said-to-be-that",
       test_clips_of_an_expired_account_are_said_to_be_that);
  ADD ("clips-over-the-limit-are-a-limit", test_clips_over_the_limit_are_a_limit);
  ADD ("the-killed-session-does-not-fight", test_the_killed_session_does_not_fight);
  ADD ("the-killed-session-takes-nothing-over", test_the_killed_session_takes_nothing_over);
  ADD ("the-killed-session-moves-to-another-account",
       test_the_killed_session_moves_to_another_account);
  ADD ("catch-up-is-a-session-of-its-own", test_catch_up_is_a_session_of_its_own);
  ADD ("catch-up-ends-when-its-viewer-has-all", test_catch_up_ends_when_its_viewer_has_all);
  ADD ("catch-up-beyond-the-archive-is-refused", test_catch_up_beyond_the_archive_is_refused);
  ADD ("catch-up-does-not-linger", test_catch_up_does_not_linger);
  ADD ("somebody-else-is-told-once", test_somebody_else_is_told_once);
  ADD ("what-drains-is-ours", test_what_drains_is_ours);
#undef ADD
  return g_test_run ();
}
