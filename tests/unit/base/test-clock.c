/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"

static void
test_fake_moves_only_when_told (void)
{
  g_autoptr (ForgeClock) clock = forge_clock_new_fake (1000);

  g_assert_cmpint (forge_clock_monotonic_us (clock), ==, 0);
  forge_clock_advance_us (clock, 2500000);
  g_assert_cmpint (forge_clock_monotonic_us (clock), ==, 2500000);
  g_assert_cmpint (forge_clock_wall_s (clock), ==, 1002);
}

static void
test_iso8601 (void)
{
  g_autofree char *text = forge_time_to_iso8601 (1769890500);
  g_autofree char *never = forge_time_to_iso8601 (0);

  g_assert_cmpstr (text, ==, "2026-01-31T20:15:00Z");
  g_assert_null (never);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/clock/fake-moves-only-when-told", test_fake_moves_only_when_told);
  g_test_add_func ("/base/clock/iso8601", test_iso8601);
  return g_test_run ();
}
