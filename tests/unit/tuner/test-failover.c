/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include <string.h>

/* What happens to sources: order, failures, losses, slow release, giving up. */

static void
start_playing (World *world)
{
  AWAIT (world, world_feed (world, 0) && world_feed (world, 0)->has_source);
  feed_flows (world, world_feed (world, 0));
  world_settle (world);
}

static void
assert_session (World *world, const char *stream, int failovers, ForgeHealth health)
{
  ForgeSessionInfo *info = world_session (world, 0);

  g_assert_nonnull (info);
  g_assert_cmpstr (info->stream, ==, stream);
  g_assert_cmpint (info->failovers, ==, failovers);
  g_assert_cmpint (info->health, ==, health);
  forge_session_info_free (info);
}

static void
test_the_next_quality_replaces_one_that_refuses (gconstpointer data)
{
  g_autoptr (World) world = world_new_with ("connect_timeout_ms", "20", "stall_ms", "20", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 4);

  world_be_patient (world, 20000, 60000, 30000);
  world_add_account (world, 1, 1);
  world_set (world, 14, (FakeManner)GPOINTER_TO_INT (data));
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  g_assert_cmpuint (world_n_dialled (world), ==, 2);
  assert_session (world, "Stream 13", 1, FORGE_HEALTH_HEALTHY);
  g_assert_true (world_has_logged (world, "“Channel 1”: source “Stream 14” of Account 1 failed"));
  g_assert_cmpint (world_open (world, 1), ==, 1); /* what was opened in vain is closed */
}

static void
test_a_lost_source_is_replaced (gconstpointer data)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 3);

  /* No slate, however slow the machine is. */
  world_be_patient (world, 10000, 60000, 30000);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  assert_session (world, "Stream 14", 0, FORGE_HEALTH_HEALTHY);
  feed_loses (world, world_feed (world, 0), (ForgeSourceLost)GPOINTER_TO_INT (data));
  world_settle (world);
  assert_session (world, "Stream 14", 0, FORGE_HEALTH_FAILING_OVER);
  start_playing (world);
  assert_session (world, "Stream 13", 1, FORGE_HEALTH_HEALTHY);
  g_assert_cmpuint (world_feed (world, 0)->viewers->len, ==, 1);
  g_assert_true (world_has_logged (world, "source “Stream 14” of Account 1 failed"));
  g_assert_true (world_has_logged (world, "“Channel 1” plays from “Stream 13”"));
}

static void
test_a_source_without_media_is_no_source (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_sources (world) == 1);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_NOT_TS);
  AWAIT (world, world_n_dialled (world) == 2 && world_n_sources (world) == 1);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_STALL);
  AWAIT (world, world_n_answers (world, "807 No Video Data") == 1);
}

static void
test_a_source_that_never_starts_is_replaced (void)
{
  g_autoptr (World) world = world_new_with ("stall_ms", "20", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_be_patient (world, 30, 60000, 30000);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_sources (world) == 1);   /* null packets */
  world_be_patient (world, 20000, 60000, 30000); /* the next one has time, however slow we are */
  AWAIT (world, world_n_dialled (world) == 2 && world_n_sources (world) == 1);
  feed_flows (world, world_feed (world, 0));
  world_settle (world);
  assert_session (world, "Stream 13", 1, FORGE_HEALTH_HEALTHY);
  g_assert_true (world_has_logged (world, "no picture came in time"));
}

static void
test_the_failed_one_goes_last_and_the_next_tune_starts_at_the_best (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);
  static const gint64 wanted[] = { 14, 13, 14, 14 };

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
  start_playing (world);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
  start_playing (world); /* nothing else is left than the first */
  assert_session (world, "Stream 14", 2, FORGE_HEALTH_HEALTHY);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_feeds (world) == 0);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++)
    g_assert_cmpint (world_dialled (world, i), ==, wanted[i]);
}

/* Once it is known how each is coded, the lower one that is like the picture at hand goes first. */
static void
test_a_backup_of_the_same_coding_is_preferred (void)
{
  static const gint64 wanted[] = { 14, 13, 12, 14, 12 };
  static const guint8 codings[] = { 0x1B, 0x24, 0x1B, 0x1B, 0x1B };
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 3);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  for (guint i = 0; i < G_N_ELEMENTS (wanted); i++) {
    AWAIT (world, world_n_sources (world) == 1);
    g_assert_cmpint (world_dialled (world, i), ==, wanted[i]);
    world_feed (world, 0)->video_type = codings[i];
    feed_flows (world, world_feed (world, 0));
    world_settle (world);
    feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
    world_settle (world);
  }
}

static void
test_other_accounts_take_over_and_the_slot_moves (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  channel_add (channel, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 1);
  world_add_account (world, 2, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_ERROR);
  world_settle (world);
  start_playing (world);
  assert_session (world, "Stream 99", 1, FORGE_HEALTH_HEALTHY);
  g_assert_cmpint (world_open (world, 1), ==, 0);
  g_assert_cmpint (world_open (world, 2), ==, 1);
  g_assert_cmpint (world_used (world), ==, 1);
}

static void
test_a_viewer_may_join_while_failing_over (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 1);
  world_set (world, 13, FAKE_HANGS);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  AWAIT (world, world_n_dialled (world) == 2);
  world_tune (world, channel, "10.0.0.2", "b");
  world_settle (world);
  g_assert_cmpuint (world_n_feeds (world), ==, 1);
  g_assert_cmpuint (world_feed (world, 0)->viewers->len, ==, 2);
  g_assert_cmpuint (world_n_dialled (world), ==, 2);
}

static void
test_all_refusing_gives_806_at_once (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 4);

  world_add_account (world, 1, 1);
  for (gint64 id = 11; id <= 14; id++)
    world_set (world, id, FAKE_NOT_FOUND);
  gint64 begun_us = g_get_monotonic_time ();
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_answers (world, "806 Tune Failed") == 1);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 1500000); /* not tune_hold_ms */
  g_assert_cmpuint (world_n_dialled (world), ==, 4);
  AWAIT (world, world_used (world) == 0 && world_n_feeds (world) == 0);
}

static void
test_no_active_account_gives_806_without_dialling (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 4);

  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_answers (world, "806 Tune Failed") == 1);
  g_assert_cmpuint (world_n_dialled (world), ==, 0);
  g_assert_true (world_has_logged (world, "no active account"));
}

static void
test_a_refused_login_is_not_tried_stream_by_stream (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 4);

  channel_add (channel, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 1);
  world_add_account (world, 2, 1);
  world_set (world, 14, FAKE_AUTH);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  assert_session (world, "Stream 99", 1, FORGE_HEALTH_HEALTHY);
  g_assert_cmpuint (world_n_dialled (world), ==, 2);
}

static void
test_limits_are_retried_until_the_hold_is_over (void)
{
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "700", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_set (world, 14, FAKE_LIMIT);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_dialled (world) == 2);
  g_assert_cmpuint (world_n_answers (world, ""), ==, 0);
  AWAIT (world, world_n_answers (world, "805 All Tuners In Use") == 1);
  g_assert_cmpuint (world_n_dialled (world), <=, 4);
}

static void
test_a_limit_that_passes_lets_the_request_through (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_set (world, 14, FAKE_LIMIT);
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, world_n_dialled (world) == 1);
  world_set (world, 14, FAKE_OK);
  start_playing (world);
  assert_session (world, "Stream 14", 0, FORGE_HEALTH_HEALTHY);
}

static void
zap (World *world, ForgeChannel *to)
{
  world_tune (world, to, "10.0.0.1", "Plex");
  world_settle (world);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_feeds (world) == 1 && world_feed (world, 0)->has_source);
  feed_flows (world, world_feed (world, 0));
  world_settle (world);
}

static void
test_slow_release_is_learned (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 4);
  g_autoptr (ForgeChannel) two = world_channel (2, 4);
  g_autoptr (ForgeChannel) three = world_channel (3, 4);

  world_add_account (world, 1, 1);
  world->provider.release_delay_ms = 250;
  world_tune (world, one, "10.0.0.1", "Plex");
  start_playing (world);
  zap (world, two);
  int refused = world->provider.refused;
  g_assert_cmpint (refused, >=, 1);                             /* that is how it was learned */
  assert_session (world, "Stream 24", 0, FORGE_HEALTH_HEALTHY); /* and not at a worse quality */
  zap (world, three);
  g_assert_cmpint (world->provider.refused, ==, refused);
  assert_session (world, "Stream 34", 0, FORGE_HEALTH_HEALTHY);
  g_assert_cmpuint (world_n_answers (world, ""), ==, 0);
}

static void
test_a_very_slow_release_does_not_hammer (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 4);
  g_autoptr (ForgeChannel) two = world_channel (2, 4);

  world_add_account (world, 1, 1);
  world->provider.release_delay_ms = 1500;
  world_tune (world, one, "10.0.0.1", "Plex");
  start_playing (world);
  zap (world, two);
  g_assert_cmpint (world->provider.refused, <=, 9);
  g_assert_cmpuint (world_n_answers (world, ""), ==, 0);
}

static void
test_a_forbidden_stream_is_told_from_a_full_account (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 4);

  world_add_account (world, 1, 1);
  world_set (world, 24, FAKE_LIMIT); /* this one only, whatever is free */
  world_tune (world, one, "10.0.0.1", "Plex");
  start_playing (world);
  zap (world, two);
  assert_session (world, "Stream 23", 1, FORGE_HEALTH_HEALTHY);
}

static void
test_viewers_are_kept_until_giving_up (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_be_patient (world, 3000, 60000, 400);
  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  world_set (world, 14, FAKE_NOT_FOUND);
  world_set (world, 13, FAKE_LIMIT);
  gint64 begun_us = g_get_monotonic_time ();
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  AWAIT (world, world_n_feeds (world) == 0 && world_used (world) == 0);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 400000);
  g_assert_cmpuint (world_n_dialled (world), <=, 9); /* pauses grow */
  g_assert_true (world_has_logged (world, "“Channel 1” ended: none of its sources came back"));
}

static void
test_a_source_that_comes_back_is_taken (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  world_set (world, 14, FAKE_NOT_FOUND);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  AWAIT (world, world_n_dialled (world) == 3);
  world_set (world, 14, FAKE_OK);
  start_playing (world);
  assert_session (world, "Stream 14", 1, FORGE_HEALTH_HEALTHY);
  g_assert_cmpuint (world_feed (world, 0)->viewers->len, ==, 1);
}

static void
test_a_failing_session_without_viewers_ends (void)
{
  g_autoptr (World) world = world_new_with ("linger_ms", "20000", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 2);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  world_settle (world);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  AWAIT (world, world_n_feeds (world) == 0);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
}

static void
test_late_events_of_an_old_source_are_ignored (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 3);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world);
  uint64_t old_tag = world_feed (world, 0)->tag;
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  world_settle (world);
  start_playing (world);
  ForgeRelayEvent late = { .type = FORGE_RELAY_SOURCE_LOST,
                           .feed = world_feed (world, 0)->id,
                           .source_tag = old_tag };
  world->relay->config.event (&late, world->relay->config.user_data);
  late.feed = 987654;
  world->relay->config.event (&late, world->relay->config.user_data);
  world_settle (world);
  assert_session (world, "Stream 13", 1, FORGE_HEALTH_HEALTHY);
}

int
main (int argc, char *argv[])
{
  static const struct {
    const char *name;
    int value;
  } refusals[] = { { "not-found", FAKE_NOT_FOUND },
                   { "limit", FAKE_LIMIT },
                   { "no-bytes", FAKE_NO_BYTES },
                   { "hangs", FAKE_HANGS },
                   { "hls", FAKE_HLS },
                   { "slate", FAKE_SLATE } },
    losses[] = { { "eof", FORGE_SOURCE_LOST_EOF },
                 { "error", FORGE_SOURCE_LOST_ERROR },
                 { "stall", FORGE_SOURCE_LOST_STALL },
                 { "framing", FORGE_SOURCE_LOST_FRAMING } };

  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    g_autofree char *path =
        g_strdup_printf ("/tuner/failover/the-next-quality-replaces-one-that-refuses/%s",
                         refusals[i].name);
    g_test_add_data_func (path,
                          GINT_TO_POINTER (refusals[i].value),
                          test_the_next_quality_replaces_one_that_refuses);
  }
  for (guint i = 0; i < G_N_ELEMENTS (losses); i++) {
    g_autofree char *path =
        g_strdup_printf ("/tuner/failover/a-lost-source-is-replaced/%s", losses[i].name);
    g_test_add_data_func (path, GINT_TO_POINTER (losses[i].value), test_a_lost_source_is_replaced);
  }
#define ADD(path, func) g_test_add_func ("/tuner/failover/" path, func)
  ADD ("a-source-without-media-is-no-source", test_a_source_without_media_is_no_source);
  ADD ("a-source-that-never-starts-is-replaced", test_a_source_that_never_starts_is_replaced);
  ADD ("the-failed-one-goes-last-and-the-next-tune-starts-at-the-best",
       test_the_failed_one_goes_last_and_the_next_tune_starts_at_the_best);
  ADD ("a-backup-of-the-same-coding-is-preferred", test_a_backup_of_the_same_coding_is_preferred);
  ADD ("other-accounts-take-over-and-the-slot-moves",
       test_other_accounts_take_over_and_the_slot_moves);
  ADD ("a-viewer-may-join-while-failing-over", test_a_viewer_may_join_while_failing_over);
  ADD ("all-refusing-gives-806-at-once", test_all_refusing_gives_806_at_once);
  ADD ("no-active-account-gives-806-without-dialling",
       test_no_active_account_gives_806_without_dialling);
  ADD ("a-refused-login-is-not-tried-stream-by-stream",
       test_a_refused_login_is_not_tried_stream_by_stream);
  ADD ("limits-are-retried-until-the-hold-is-over", test_limits_are_retried_until_the_hold_is_over);
  ADD ("a-limit-that-passes-lets-the-request-through",
       test_a_limit_that_passes_lets_the_request_through);
  ADD ("slow-release-is-learned", test_slow_release_is_learned);
  ADD ("a-very-slow-release-does-not-hammer", test_a_very_slow_release_does_not_hammer);
  ADD ("a-forbidden-stream-is-told-from-a-full-account",
       test_a_forbidden_stream_is_told_from_a_full_account);
  ADD ("viewers-are-kept-until-giving-up", test_viewers_are_kept_until_giving_up);
  ADD ("a-source-that-comes-back-is-taken", test_a_source_that_comes_back_is_taken);
  ADD ("a-failing-session-without-viewers-ends", test_a_failing_session_without_viewers_ends);
  ADD ("late-events-of-an-old-source-are-ignored", test_late_events_of_an_old_source_are_ignored);
#undef ADD
  return g_test_run ();
}
