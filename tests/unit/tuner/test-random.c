/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "fake-world.h"

#include <string.h>

/* Thousands of random tunes, zaps, failures and stops, with relay events that arrive late and in
 * any order between feeds. Whatever happens: never more connections than the account allows, and
 * nothing left at the end. Reproduce a failure with --seed=R02S…. */

#define EVENTS   2000
#define CHANNELS 6

static guint
count_descriptors (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}

static FakeFeed *
random_feed (World *world)
{
  guint n = world_n_feeds (world);

  return n > 0 ? world_feed (world, (guint)g_test_rand_int_range (0, (gint32)n)) : NULL;
}

static void
random_tune (World *world, ForgeChannel **channels)
{
  static const char *const agents[] = { "Kodi/20.1", "Plex", "VLC", NULL };
  static const char *const addresses[] = { "10.0.0.1", "10.0.0.2" };
  ForgeTuneRequest request = {
    .address = addresses[g_test_rand_int_range (0, 2)],
    .user_agent = agents[g_test_rand_int_range (0, 4)],
    .request_id = "r",
    .wanted_tuner = g_test_rand_int_range (0, 8) == 0 ? g_test_rand_int_range (0, 4) : -1,
  };

  world_tune_request (world, channels[g_test_rand_int_range (0, CHANNELS)], &request);
}

static void
random_source_event (World *world, FakeFeed *feed)
{
  if (!feed || !feed->has_source)
    return;
  if (g_test_rand_bit ())
    feed_flows (world, feed);
  else
    feed_loses (world, feed, (ForgeSourceLost)g_test_rand_int_range (0, 5));
}

static void
random_stop (World *world)
{
  g_autoptr (GPtrArray) list = forge_tuner_list_sessions (world->tuner);

  if (list->len > 0) {
    guint index = (guint)g_test_rand_int_range (0, (gint32)list->len);
    forge_tuner_stop_session (world->tuner,
                              ((ForgeSessionInfo *)g_ptr_array_index (list, index))->id);
  }
}

static void
random_manner (World *world)
{
  gint64 stream = 10 * g_test_rand_int_range (1, CHANNELS + 1) + g_test_rand_int_range (3, 5);
  gboolean is_fine = g_test_rand_int_range (0, 3) > 0;

  world_set (world,
             stream,
             is_fine ? FAKE_OK : (FakeManner)g_test_rand_int_range (FAKE_OK, FAKE_SLATE + 1));
}

/* Lets the relay say some of what it has to say. */
static void
deliver_some (World *world, guint chance)
{
  for (guint i = 0; i < world->relay->feeds->len; i++)
    while (g_test_rand_int_range (0, 100) < (gint32)chance &&
           fake_feed_deliver (world, g_ptr_array_index (world->relay->feeds, i)))
      ;
}

static void
random_step (World *world, ForgeChannel **channels)
{
  FakeFeed *feed = random_feed (world);
  gint32 dice = g_test_rand_int_range (0, 100);

  if (dice < 30)
    random_tune (world, channels);
  else if (dice < 55 && feed && feed->viewers->len > 0)
    feed_viewer_leaves (world, feed, (guint)g_test_rand_int_range (0, (gint32)feed->viewers->len));
  else if (dice < 85)
    random_source_event (world, feed);
  else if (dice < 90)
    random_stop (world);
  else
    random_manner (world);
}

static gboolean
is_quiet (World *world)
{
  for (guint i = 0; i < world->relay->feeds->len; i++)
    while (fake_feed_deliver (world, g_ptr_array_index (world->relay->feeds, i)))
      ;
  for (FakeFeed *feed = world_feed (world, 0); feed && feed->viewers->len > 0;)
    feed_viewer_leaves (world, feed, 0);
  return world_n_feeds (world) == 0 && world_used (world) == 0;
}

static void
test_nothing_leaks (gconstpointer data)
{
  int max = GPOINTER_TO_INT (data);
  guint descriptors = 0;
  World *world = world_new_with ("tune_hold_ms",
                                 "40",
                                 "takeover_after_ms",
                                 "10",
                                 "linger_ms",
                                 "5",
                                 "connect_timeout_ms",
                                 "10",
                                 "stall_ms",
                                 "10",
                                 NULL);
  ForgeChannel *channels[CHANNELS];

  world_be_patient (world, 30, 5, 200); /* with slates */
  world_add_account (world, 1, max);
  world_add_account (world, 2, 1);
  for (gint64 i = 0; i < CHANNELS; i++) {
    channels[i] = world_channel (i + 1, 2);
    if (i % 2 == 0)
      channel_add (channels[i], 2, 100 + i, FORGE_QUALITY_SD);
  }
  descriptors = count_descriptors ();
  world->relay->holds_back = TRUE;
  for (guint i = 0; i < EVENTS; i++) {
    random_step (world, channels);
    deliver_some (world, 60);
    g_main_context_iteration (world->context, g_test_rand_int_range (0, 3) == 0);
    g_assert_cmpint (world->provider.peak[1], <=, max);
    g_assert_cmpint (world->provider.peak[2], <=, 1);
  }
  AWAIT (world, is_quiet (world));
  world_close_clients (world);
  g_assert_cmpint (world_open (world, 1) + world_open (world, 2), ==, 0);
  g_assert_cmpuint (world_n_dialled (world), >, 40); /* it was no idle run */
  /* Dial and slate threads let go of theirs a moment later; two are of the pools. */
  AWAIT (world, count_descriptors () <= descriptors + 2);
  for (guint i = 0; i < CHANNELS; i++)
    forge_channel_unref (channels[i]);
  world_free (world);
}

/* Ends the tuner in the middle of it, again and again. */
static void
test_free_at_any_moment (void)
{
  for (guint round = 0; round < 60; round++) {
    World *world = world_new_with ("tune_hold_ms",
                                   "40",
                                   "takeover_after_ms",
                                   "5",
                                   "linger_ms",
                                   "5",
                                   "connect_timeout_ms",
                                   "10",
                                   "stall_ms",
                                   "10",
                                   NULL);
    ForgeChannel *channels[CHANNELS];

    world_be_patient (world, 30, 3, 100);
    world_add_account (world, 1, 2);
    for (gint64 i = 0; i < CHANNELS; i++)
      channels[i] = world_channel (i + 1, 2);
    world->relay->holds_back = TRUE;
    for (gint32 i = g_test_rand_int_range (1, 80); i > 0; i--) {
      random_step (world, channels);
      deliver_some (world, 50);
      g_main_context_iteration (world->context, FALSE);
    }
    for (guint i = 0; i < CHANNELS; i++)
      forge_channel_unref (channels[i]);
    world_free (world);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/tuner/random/nothing-leaks/1-slot",
                        GINT_TO_POINTER (1),
                        test_nothing_leaks);
  g_test_add_data_func ("/tuner/random/nothing-leaks/4-slots",
                        GINT_TO_POINTER (4),
                        test_nothing_leaks);
  g_test_add_func ("/tuner/random/free-at-any-moment", test_free_at_any_moment);
  return g_test_run ();
}
