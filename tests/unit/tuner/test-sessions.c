/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include <string.h>

/* Sharing, slots, zapping, take-over, stop: everything but what happens to sources. */

static void
start_playing (World *world, guint feed)
{
  AWAIT (world, world_feed (world, feed) && world_feed (world, feed)->has_source);
  feed_flows (world, world_feed (world, feed));
  world_settle (world);
}

static void
test_viewers_share_one_session (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 4);

  world_add_account (world, 1, 2);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, channel, "10.0.0.2", "b");
  world_tune (world, channel, "10.0.0.3", NULL);
  world_settle (world);
  g_assert_cmpuint (world_n_feeds (world), ==, 1);
  g_assert_cmpuint (world_feed (world, 0)->viewers->len, ==, 3);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
  g_assert_cmpint (world_dialled (world, 0), ==, 14);
  g_assert_cmpint (world_used (world), ==, 1);
}

static void
test_the_listing_shows_what_plays (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (7, 2);

  world_add_account (world, 1, 1);
  world_set (world, 74, FAKE_OK);
  world_tune (world, channel, "10.0.0.1", "Kodi");
  AWAIT (world, world_n_sources (world) == 1);
  ForgeSessionInfo *info = world_session (world, 0);
  g_assert_nonnull (info);
  g_assert_cmpint (info->health, ==, FORGE_HEALTH_STARTING);
  g_assert_null (info->stream);
  forge_session_info_free (info);

  start_playing (world, 0);
  info = world_session (world, 0);
  g_assert_cmpint (info->health, ==, FORGE_HEALTH_HEALTHY);
  g_assert_cmpstr (info->channel, ==, "Channel 7");
  g_assert_cmpint (info->channel_number, ==, 7);
  g_assert_cmpstr (info->account, ==, "Account 1");
  g_assert_cmpstr (info->stream, ==, "Stream 74");
  g_assert_cmpint (info->quality, ==, FORGE_QUALITY_4K);
  g_assert_cmpint (info->bitrate_kbps, ==, 8000);
  g_assert_cmpint (info->failovers, ==, 0);
  g_assert_cmpuint (info->viewers->len, ==, 1);
  const ForgeViewerInfo *viewer = g_ptr_array_index (info->viewers, 0);
  g_assert_cmpstr (viewer->address, ==, "10.0.0.1");
  g_assert_cmpstr (viewer->user_agent, ==, "Kodi");
  g_assert_cmpuint (viewer->bytes, ==, 94000);
  g_assert_cmpint (viewer->behind_ms, ==, 250); /* 250 kB at 8 Mbit/s */
  forge_session_info_free (info);
}

static void
test_head_and_duration_are_passed_on (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);
  ForgeTuneRequest request = { .address = "10.0.0.1",
                               .request_id = "id-77",
                               .duration_s = 90,
                               .wanted_tuner = -1 };

  world_add_account (world, 1, 1);
  world_tune_request (world, channel, &request);
  request.duration_s = G_MAXUINT;
  world_tune_request (world, channel, &request);
  const FakeFeed *feed = world_feed (world, 0);
  const FakeViewer *viewer = g_ptr_array_index (feed->viewers, 0);
  g_assert_cmpuint (viewer->duration_ms, ==, 90000);
  g_assert_true (g_str_has_prefix (viewer->head, "HTTP/1.1 200 OK\r\n"));
  g_assert_true (g_str_has_suffix (viewer->head, "\r\n\r\n"));
  g_assert_nonnull (strstr (viewer->head, "\r\nContent-Type: video/mp2t\r\n"));
  g_assert_nonnull (strstr (viewer->head, "\r\nX-Request-Id: id-77\r\n"));
  g_assert_nonnull (strstr (viewer->head, "\r\nX-HDHomeRun-Resource: tuner0\r\n"));
  g_assert_null (strstr (viewer->head, "Content-Length"));
  viewer = g_ptr_array_index (feed->viewers, 1);
  g_assert_cmpuint (viewer->duration_ms, >, 4294000000u); /* as long as it can be said */
}

static void
test_overflow_goes_to_another_account (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 2);

  channel_add (two, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 1);
  world_add_account (world, 2, 1);
  world_tune (world, one, "10.0.0.1", "a");
  world_tune (world, two, "10.0.0.2", "b");
  AWAIT (world, world_n_sources (world) == 2);
  g_assert_cmpint (world_open (world, 1), ==, 1);
  g_assert_cmpint (world_open (world, 2), ==, 1);
  g_assert_cmpint (world->provider.refused, ==, 0);
}

static void
test_a_full_account_holds_then_answers_805 (void)
{
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "80", NULL);
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 4);

  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  gint64 begun_us = g_get_monotonic_time ();
  world_tune (world, two, "10.0.0.2", "b");
  AWAIT (world, world_n_answers (world, "805 All Tuners In Use") == 1);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 75000);
  g_assert_cmpuint (world_n_answers (world, "HTTP/1.1 503 Service Unavailable\r\n"), ==, 1);
  g_assert_cmpuint (world_n_answers (world, "\r\nContent-Length: 0\r\n"), ==, 1);
  g_assert_cmpuint (world_n_answers (world, "\r\nX-Request-Id: r1\r\n"), ==, 1);
  g_assert_true (world_has_logged (world, "All tuners are in use"));
  g_assert_true (world_has_logged (world, "Channel 2"));
  g_assert_cmpuint (world_n_dialled (world), ==, 1); /* the provider was not asked */
  AWAIT (world, world_n_feeds (world) == 1);
  g_assert_true (world_feed (world, 0)->has_source); /* the first one plays on */
}

static void
test_a_held_request_gets_the_slot_that_comes_free (void)
{
  g_autoptr (World) world = world_new_with ("linger_ms", "20000", NULL);
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "Plex");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.1", "Plex");
  world_settle (world);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
  g_autoptr (GPtrArray) list = forge_tuner_list_sessions (world->tuner);
  g_assert_cmpuint (list->len, ==, 1); /* a waiting one is not shown */
  /* It would linger for 20 s, but somebody waits. */
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_sources (world) == 1 && world_n_dialled (world) == 2);
  g_assert_cmpint (world_dialled (world, 1), ==, 24);
  g_assert_cmpuint (world_n_answers (world, ""), ==, 0);
}

static void
test_the_slot_is_free_only_when_the_connection_is_closed (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world->relay->holds_back = TRUE;
  FakeFeed *feed = world_feed (world, 0);
  world_tune (world, two, "10.0.0.2", "b");
  feed_viewer_leaves (world, feed, 0);
  g_assert_true (fake_feed_deliver (world, feed)); /* VIEWER_GONE */
  world_settle (world);
  g_assert_cmpint (world_used (world), ==, 1);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
  g_assert_true (fake_feed_deliver (world, feed)); /* SOURCE_CLOSED */
  AWAIT (world, world_n_dialled (world) == 2);
  world->relay->holds_back = FALSE;
  while (fake_feed_deliver (world, feed))
    ;
}

static void
test_waiting_requests_are_served_in_order (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);
  g_autoptr (ForgeChannel) three = world_channel (3, 1);

  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.2", "b");
  world_tune (world, three, "10.0.0.3", "c");
  world_settle (world);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_dialled (world) == 2 && world_n_sources (world) == 1);
  g_assert_cmpint (world_dialled (world, 1), ==, 24);
  AWAIT (world, world_n_feeds (world) == 2);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_dialled (world) == 3 && world_n_sources (world) == 1);
  g_assert_cmpint (world_dialled (world, 2), ==, 34);
}

static void
test_a_player_takes_over_from_itself (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "Kodi/20.1");
  start_playing (world, 0);
  gint64 begun_us = g_get_monotonic_time ();
  world_tune (world, two, "10.0.0.1", "Kodi/20.1");
  AWAIT (world, world_n_dialled (world) == 2 && world_n_sources (world) == 1);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 60000); /* takeover_after_ms */
  g_assert_cmpint (world_dialled (world, 1), ==, 24);
  AWAIT (world, world_n_feeds (world) == 1);
  g_assert_true (world_has_logged (world, "went on to “Channel 2”"));
}

typedef struct {
  const char *address, *user_agent, *second_address;
} Stranger;

/* `data`: who watches, and who else may watch; the same client at 10.0.0.1 wants another channel.
 */
static void
test_nobody_else_is_taken_over (gconstpointer data)
{
  const Stranger *old = data;
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "150", "takeover_after_ms", "0", NULL);
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_add_account (world, 1, 1);
  world_tune (world, one, old->address, old->user_agent);
  if (old->second_address)
    world_tune (world, one, old->second_address, old->user_agent);
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.1", g_strcmp0 (old->user_agent, "other") ? old->user_agent : "x");
  AWAIT (world, world_n_answers (world, "805") == 1);
  g_assert_cmpuint (world_n_sources (world), ==, 1);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
}

static void
test_a_named_tuner_is_waited_for_then_804 (void)
{
  g_autoptr (World) world = world_new_with ("tune_hold_ms", "60", NULL);
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);
  ForgeTuneRequest request = { .address = "10.0.0.9", .request_id = "n", .wanted_tuner = 0 };

  world_add_account (world, 1, 2);
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune_request (world, two, &request);
  AWAIT (world, world_n_answers (world, "804 Tuner In Use") == 1);
  request.wanted_tuner = 1;
  world_tune_request (world, two, &request);
  AWAIT (world, world_n_sources (world) == 2);
  g_assert_cmpuint (world_n_dialled (world), ==, 2);
}

static void
test_a_client_that_leaves_while_dialling_frees_the_slot (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  world_add_account (world, 1, 1);
  world_set (world, 14, FAKE_HANGS);
  world_tune (world, one, "10.0.0.1", "a");
  AWAIT (world, world_open (world, 1) == 1);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_used (world) == 0 && world_n_feeds (world) == 0);
  g_assert_cmpint (world_open (world, 1), ==, 0);
  world_tune (world, two, "10.0.0.1", "a");
  AWAIT (world, world_n_sources (world) == 1);
}

static void
test_a_probe_and_the_real_request_share_one_dial (void)
{
  g_autoptr (World) world = world_new_with ("linger_ms", "4000", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "Kodi");
  world_settle (world);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  world_settle (world);
  world_tune (world, channel, "10.0.0.1", "Kodi");
  start_playing (world, 0);
  g_assert_cmpuint (world_n_dialled (world), ==, 1);
  g_assert_cmpuint (world_n_feeds (world), ==, 1);
}

static void
test_a_channel_lingers_and_then_ends (void)
{
  g_autoptr (World) world = world_new_with ("linger_ms", "50", NULL);
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  gint64 begun_us = g_get_monotonic_time ();
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  world_settle (world);
  g_assert_cmpuint (world_n_sources (world), ==, 1);
  AWAIT (world, world_n_feeds (world) == 0 && world_used (world) == 0);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 45000);
}

static void
test_a_session_can_be_stopped (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);

  world_add_account (world, 1, 1);
  world_tune (world, channel, "10.0.0.1", "a");
  world_tune (world, channel, "10.0.0.2", "b");
  start_playing (world, 0);
  ForgeSessionInfo *info = world_session (world, 0);
  g_assert_true (forge_tuner_stop_session (world->tuner, info->id));
  g_assert_false (forge_tuner_stop_session (world->tuner, info->id));
  g_assert_false (forge_tuner_stop_session (world->tuner, 4711));
  AWAIT (world, world_n_feeds (world) == 0 && world_used (world) == 0);
  g_assert_cmpint (world_open (world, 1), ==, 0);
  forge_session_info_free (info);
  /* A new request begins afresh. */
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  info = world_session (world, 0);
  g_assert_nonnull (info);
  forge_session_info_free (info);
}

static void
test_ends_cleanly_in_every_state (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) plays = world_channel (1, 1);
  g_autoptr (ForgeChannel) dials = world_channel (2, 1);
  g_autoptr (ForgeChannel) waits = world_channel (3, 1);
  g_autoptr (ForgeChannel) fresh = world_channel (4, 1);

  world_add_account (world, 1, 2);
  world_set (world, 24, FAKE_HANGS);
  world_tune (world, plays, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, dials, "10.0.0.2", "b");
  AWAIT (world, world_open (world, 1) == 2);
  world_tune (world, waits, "10.0.0.3", "c");
  world_settle (world);
  world_tune (world, fresh, "10.0.0.4", "d"); /* nothing has run for it yet */
}

static void
test_accounts_that_change_let_waiting_requests_go_on (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);

  channel_add (two, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 1);
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.2", "b");
  world_settle (world);
  world_add_account (world, 2, 1);
  AWAIT (world, world_n_sources (world) == 2);
  g_assert_cmpint (world_dialled (world, 1), ==, 99);
}

int
main (int argc, char *argv[])
{
  static const Stranger strangers[] = {
    { "10.0.0.1", "PlexMediaServer/1.43", NULL }, /* several people behind one client */
    { "10.0.0.1", "jellyfin-server", NULL },      /* in any case of letters */
    { "10.0.0.2", "Kodi/20.1", NULL },            /* another box */
    { "10.0.0.1", "other", NULL },                /* another player on the same box */
    { "10.0.0.1", "Kodi/20.1", "10.0.0.3" },      /* somebody watches along */
    { "10.0.0.1", NULL, NULL },                   /* who knows */
  };

  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tuner/sessions/" path, func)
  ADD ("viewers-share-one-session", test_viewers_share_one_session);
  ADD ("the-listing-shows-what-plays", test_the_listing_shows_what_plays);
  ADD ("head-and-duration-are-passed-on", test_head_and_duration_are_passed_on);
  ADD ("overflow-goes-to-another-account", test_overflow_goes_to_another_account);
  ADD ("a-full-account-holds-then-answers-805", test_a_full_account_holds_then_answers_805);
  ADD ("a-held-request-gets-the-slot-that-comes-free",
       test_a_held_request_gets_the_slot_that_comes_free);
  ADD ("the-slot-is-free-only-when-the-connection-is-closed",
       test_the_slot_is_free_only_when_the_connection_is_closed);
  ADD ("waiting-requests-are-served-in-order", test_waiting_requests_are_served_in_order);
  ADD ("a-player-takes-over-from-itself", test_a_player_takes_over_from_itself);
  for (guint i = 0; i < G_N_ELEMENTS (strangers); i++) {
    g_autofree char *path = g_strdup_printf ("/tuner/sessions/nobody-else-is-taken-over/%u", i);
    g_test_add_data_func (path, &strangers[i], test_nobody_else_is_taken_over);
  }
  ADD ("a-named-tuner-is-waited-for-then-804", test_a_named_tuner_is_waited_for_then_804);
  ADD ("a-client-that-leaves-while-dialling-frees-the-slot",
       test_a_client_that_leaves_while_dialling_frees_the_slot);
  ADD ("a-probe-and-the-real-request-share-one-dial",
       test_a_probe_and_the_real_request_share_one_dial);
  ADD ("a-channel-lingers-and-then-ends", test_a_channel_lingers_and_then_ends);
  ADD ("a-session-can-be-stopped", test_a_session_can_be_stopped);
  ADD ("ends-cleanly-in-every-state", test_ends_cleanly_in_every_state);
  ADD ("accounts-that-change-let-waiting-requests-go-on",
       test_accounts_that_change_let_waiting_requests_go_on);
#undef ADD
  return g_test_run ();
}
