/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-shift-text.h"

static void
test_all_forms_are_read (void)
{
  static const struct {
    const char *text, *zone;
    int minutes;
  } cases[] = {
    { "0", NULL, 0 },
    { "", NULL, 0 },
    { "none", NULL, 0 },
    { "-60", NULL, -60 },
    { "60", NULL, 60 },
    { "+60", NULL, 60 },
    { "-60 min", NULL, -60 },
    { "2 min", NULL, 2 },
    { "5", NULL, 5 },
    { "+2", NULL, 120 },
    { "-5", NULL, -300 },
    { "+15", NULL, 15 },
    { "2h", NULL, 120 },
    { "-1.5 h", NULL, -90 },
    { "+02:00", NULL, 120 },
    { "-0:30", NULL, -30 },
    { " +1 hour ", NULL, 60 },
    { "26h", NULL, 1560 },
    { "Europe/Berlin", "Europe/Berlin", 0 },
    { "UTC", "UTC", 0 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *zone = NULL;
    int minutes = -1;
    g_assert_true (forge_shift_parse (cases[i].text, &minutes, &zone, &error));
    g_assert_no_error (error);
    g_assert_cmpint (minutes, ==, cases[i].minutes);
    g_assert_cmpstr (zone, ==, cases[i].zone);
  }
}

static void
test_everything_else_is_refused (void)
{
  static const char *const cases[] = {
    "soon", "2 days",          "27h",    "-1561",          "1e9", "nan", "0.3",   "+2:60",
    "+2:5", "Europe/Atlantis", "../etc", "/etc/localtime", "--5", "+",   "1:2:03"
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *zone = NULL;
    int minutes;
    g_assert_false (forge_shift_parse (cases[i], &minutes, &zone, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/shift-text/all-forms-are-read", test_all_forms_are_read);
  g_test_add_func ("/engine/shift-text/everything-else-is-refused",
                   test_everything_else_is_refused);
  return g_test_run ();
}
