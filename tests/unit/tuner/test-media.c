/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "fake-world.h"

/* Films and downloads share the accounts' connections with live TV, which comes first. */

typedef struct {
  World *world;
  ForgeMediaSlot *slot; /* NULL = none is held */
  guint asked;
  gboolean is_quick; /* gives it back from within yield () */
  gboolean is_background;
} Film;

static void
on_yield (ForgeMediaSlot *slot, gpointer user_data)
{
  Film *film = user_data;

  g_assert_true (slot == film->slot);
  film->asked++;
  if (film->is_quick)
    forge_media_slot_release (&film->slot, TRUE);
}

static gboolean
take (Film *film, World *world, gint64 account_id, gboolean is_watched, GError **error)
{
  const ForgeMediaHolder holder = { .yield = on_yield,
                                    .user_data = film,
                                    .is_watched = is_watched,
                                    .is_background = film->is_background };

  film->world = world;
  film->slot = forge_tuner_acquire_media (world->tuner, account_id, &holder, NULL, error);
  return film->slot != NULL;
}

static void
start_playing (World *world, guint feed)
{
  AWAIT (world, world_feed (world, feed) && world_feed (world, feed)->has_source);
  feed_flows (world, world_feed (world, feed));
  world_settle (world);
}

static void
test_a_film_counts_as_a_tuner (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (GError) error = NULL;
  Film one = { 0 }, two = { 0 };

  world_add_account (world, 1, 1);
  g_assert_true (take (&one, world, 1, TRUE, NULL));
  g_assert_cmpint (world_used (world), ==, 1);
  g_assert_cmpstr (forge_media_slot_account (one.slot)->name, ==, "Account 1");
  g_assert_false (take (&two, world, 1, TRUE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_false (take (&two, world, 3, TRUE, &error)); /* there is no such account */
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_AUTH);
  forge_media_slot_release (&one.slot, FALSE);
  g_assert_null (one.slot);
  g_assert_cmpint (world_used (world), ==, 0);
  g_assert_cmpuint (one.asked, ==, 0);
}

static void
test_live_tv_gets_the_slot_of_a_film (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);
  g_autoptr (GError) error = NULL;
  Film film = { 0 }, other = { 0 };
  ForgeMediaYields yields;

  world_add_account (world, 1, 1);
  g_assert_true (take (&film, world, 1, TRUE, NULL));
  gint64 begun_us = g_get_monotonic_time ();
  world_tune (world, channel, "10.0.0.1", "a");
  AWAIT (world, film.asked == 1);
  /* Not before a player that changes channels had time to leave the old one. */
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >=, 190000);
  g_assert_cmpuint (world_n_dialled (world), ==, 0); /* its connection is still open */
  forge_media_slot_release (&film.slot, TRUE);
  forge_tuner_media_yields (world->tuner, &yields);
  g_assert_cmpuint (yields.yields, ==, 1);
  g_assert_cmpint (yields.slowest_us, >, 0);
  g_assert_cmpint (yields.slowest_us, <=, g_get_monotonic_time () - begun_us - 190000);
  /* Who waits live comes first, even before the tuner looked again. */
  g_assert_false (take (&other, world, 1, TRUE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
  start_playing (world, 0);
  g_assert_cmpuint (film.asked, ==, 1);
}

/* The first may have the last connection, which it gives back on demand; the others leave one. */
static void
test_several_downloads_leave_a_connection (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (GError) error = NULL;
  Film films[4] = { { .is_background = TRUE },
                    { .is_background = TRUE },
                    { .is_background = TRUE },
                    { .is_background = TRUE } };
  Film watched = { 0 };

  world_add_account (world, 1, 3);
  world_add_account (world, 2, 1);
  g_assert_true (take (&films[0], world, 1, FALSE, NULL));
  g_assert_true (take (&films[1], world, 1, FALSE, NULL));
  g_assert_false (take (&films[2], world, 1, FALSE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
  g_assert_true (take (&films[3], world, 2, FALSE, NULL));
  g_assert_true (take (&watched, world, 1, TRUE, NULL)); /* somebody waits for this one */
  forge_media_slot_release (&watched.slot, FALSE);
  forge_media_slot_release (&films[0].slot, FALSE);
  g_assert_true (take (&films[2], world, 1, FALSE, NULL));
  for (guint i = 1; i < G_N_ELEMENTS (films); i++)
    forge_media_slot_release (&films[i].slot, FALSE);
}

static void
test_no_film_stops_for_a_zap (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) one = world_channel (1, 1);
  g_autoptr (ForgeChannel) two = world_channel (2, 1);
  Film film = { 0 };

  world_add_account (world, 1, 2);
  g_assert_true (take (&film, world, 1, TRUE, NULL));
  world_tune (world, one, "10.0.0.1", "a");
  start_playing (world, 0);
  world_tune (world, two, "10.0.0.1", "a");
  world_settle (world);
  feed_viewer_leaves (world, world_feed (world, 0), 0);
  AWAIT (world, world_n_dialled (world) == 2);
  g_assert_cmpuint (film.asked, ==, 0);
  forge_media_slot_release (&film.slot, TRUE);
}

static void
test_downloads_are_asked_before_films_and_one_is_enough (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);
  Film films[4] = { 0 };

  world_add_account (world, 1, 4);
  for (guint i = 0; i < G_N_ELEMENTS (films); i++)
    g_assert_true (take (&films[i], world, 1, i == 0 || i == 3, NULL));
  films[2].is_quick = TRUE;
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  for (guint i = 0; i < G_N_ELEMENTS (films); i++) {
    g_assert_cmpuint (films[i].asked, ==, i == 2); /* the newest download */
    forge_media_slot_release (&films[i].slot, TRUE);
  }
}

static void
test_a_session_that_fails_over_gets_it_too (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);
  Film film = { .is_quick = TRUE };

  channel_add (channel, 2, 99, FORGE_QUALITY_SD);
  world_add_account (world, 1, 1);
  world_add_account (world, 2, 1);
  g_assert_true (take (&film, world, 2, TRUE, NULL));
  world_tune (world, channel, "10.0.0.1", "a");
  start_playing (world, 0);
  world_set (world, 14, FAKE_NOT_FOUND);
  feed_loses (world, world_feed (world, 0), FORGE_SOURCE_LOST_EOF);
  AWAIT (world, world_open (world, 2) == 1);
  g_assert_cmpuint (film.asked, ==, 1);
}

static void
test_what_it_closed_drains_for_live_tv (void)
{
  g_autoptr (World) world = world_new ();
  g_autoptr (ForgeChannel) channel = world_channel (1, 1);
  Film film = { .is_quick = TRUE };

  world_add_account (world, 1, 1);
  world_set (world, 14, FAKE_LIMIT);
  g_assert_true (take (&film, world, 1, FALSE, NULL));
  g_assert_cmpint (forge_media_slot_dial_delay_us (film.slot), ==, 0);
  world_tune (world, channel, "10.0.0.1", "a");
  /* The refusal right after its end is taken for a slow release: the same stream is asked again. */
  AWAIT (world, world_n_dialled (world) == 2);
  world_set (world, 14, FAKE_OK);
  start_playing (world, 0);
}

static void
test_a_holder_may_outlive_the_tuner (void)
{
  World *world = world_new ();
  Film film = { 0 };

  world_add_account (world, 1, 1);
  g_assert_true (take (&film, world, 1, TRUE, NULL));
  world_free (world);
  g_assert_cmpint (forge_media_slot_dial_delay_us (film.slot), ==, 0);
  forge_media_slot_release (&film.slot, TRUE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func ("/tuner/media/" path, func)
  ADD ("a-film-counts-as-a-tuner", test_a_film_counts_as_a_tuner);
  ADD ("live-tv-gets-the-slot-of-a-film", test_live_tv_gets_the_slot_of_a_film);
  ADD ("several-downloads-leave-a-connection", test_several_downloads_leave_a_connection);
  ADD ("no-film-stops-for-a-zap", test_no_film_stops_for_a_zap);
  ADD ("downloads-are-asked-before-films-and-one-is-enough",
       test_downloads_are_asked_before_films_and_one_is_enough);
  ADD ("a-session-that-fails-over-gets-it-too", test_a_session_that_fails_over_gets_it_too);
  ADD ("what-it-closed-drains-for-live-tv", test_what_it_closed_drains_for_live_tv);
  ADD ("a-holder-may-outlive-the-tuner", test_a_holder_may_outlive_the_tuner);
#undef ADD
  return g_test_run ();
}
