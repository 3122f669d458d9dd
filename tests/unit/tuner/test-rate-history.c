/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-rate-history.h"

static void
test_a_rate_for_each_second (void)
{
  ForgeRateHistory history = { 0 };
  guint kbps[FORGE_SESSION_HISTORY_S];

  g_assert_cmpuint (forge_rate_history_read (&history, kbps), ==, 0);
  forge_rate_history_add (&history, 0, 5 * G_USEC_PER_SEC);
  g_assert_cmpuint (forge_rate_history_read (&history, kbps), ==, 0);
  forge_rate_history_add (&history, 1000000, 6 * G_USEC_PER_SEC);
  forge_rate_history_add (&history, 1000000, 7 * G_USEC_PER_SEC);
  forge_rate_history_add (&history, 2000000, 9 * G_USEC_PER_SEC); /* late: over two seconds */
  g_assert_cmpuint (forge_rate_history_read (&history, kbps), ==, 3);
  g_assert_cmpuint (kbps[0], ==, 8000);
  g_assert_cmpuint (kbps[1], ==, 0);
  g_assert_cmpuint (kbps[2], ==, 4000);
}

static void
test_only_the_last_minute_is_kept (void)
{
  ForgeRateHistory history = { 0 };
  guint kbps[FORGE_SESSION_HISTORY_S];
  guint64 bytes = 0;

  for (guint i = 0; i <= 100; i++) {
    bytes += i * 125; /* i kbit */
    forge_rate_history_add (&history, bytes, (i + 1) * G_USEC_PER_SEC);
  }
  g_assert_cmpuint (forge_rate_history_read (&history, kbps), ==, FORGE_SESSION_HISTORY_S);
  g_assert_cmpuint (kbps[0], ==, 41);
  g_assert_cmpuint (kbps[FORGE_SESSION_HISTORY_S - 1], ==, 100);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tuner/rate-history/a-rate-for-each-second", test_a_rate_for_each_second);
  g_test_add_func ("/tuner/rate-history/only-the-last-minute-is-kept",
                   test_only_the_last_minute_is_kept);
  return g_test_run ();
}
