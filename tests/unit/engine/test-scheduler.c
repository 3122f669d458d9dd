/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-scheduler.h"

/* 2026-01-31T20:15:00Z */
#define EVENING G_GINT64_CONSTANT (1769890500)
#define HOUR    3600

static void
test_latest_planned_moment (void)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  gint64 four_today = EVENING - 16 * HOUR - 15 * 60;

  g_assert_cmpint (forge_scheduler_last_slot (EVENING, "04:00", 0, utc), ==, four_today);
  g_assert_cmpint (forge_scheduler_last_slot (EVENING, "04:00", 300, utc), ==, four_today + 300);
  /* Not yet today: yesterday's. */
  g_assert_cmpint (forge_scheduler_last_slot (EVENING, "21:00", 0, utc),
                   ==,
                   EVENING + 45 * 60 - 24 * HOUR);
  /* The jitter moves it past now. */
  g_assert_cmpint (forge_scheduler_last_slot (EVENING, "20:10", 600, utc),
                   ==,
                   EVENING - 5 * 60 + 600 - 24 * HOUR);
}

static void
test_local_time_counts (void)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_identifier ("+02:00");

  g_assert_nonnull (zone);
  g_assert_cmpint (forge_scheduler_last_slot (EVENING, "22:00", 0, zone), ==, EVENING - 15 * 60);
}

static void
test_nonsense_is_no_time (void)
{
  static const char *const bad[] = { "", "4", "25:00", "04:60", "04:00x", "ab:cd" };
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    g_assert_cmpint (forge_scheduler_last_slot (EVENING, bad[i], 0, utc), ==, -1);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/scheduler/latest-planned-moment", test_latest_planned_moment);
  g_test_add_func ("/engine/scheduler/local-time-counts", test_local_time_counts);
  g_test_add_func ("/engine/scheduler/nonsense-is-no-time", test_nonsense_is_no_time);
  return g_test_run ();
}
