/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "model/forge-settings.h"

#include <string.h>

static void
test_every_default_is_allowed (void)
{
  guint n;
  const ForgeSettingSpec *table = forge_settings_table (&n);

  for (guint i = 0; i < n; i++) {
    g_autoptr (GError) error = NULL;
    g_autofree char *text = forge_settings_canonical (&table[i], table[i].fallback, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (text, ==, table[i].fallback);
    g_assert_nonnull (table[i].meaning);
  }
}

static void
test_errors_name_value_and_range (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = forge_settings_canonical (forge_settings_find ("port"), "70000", &error);

  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_null (text);
  g_assert_nonnull (strstr (error->message, "70000"));
  g_assert_nonnull (strstr (error->message, "65535"));
}

static void
test_stored_value_wins_over_default (void)
{
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_insert (values, (char *)"port", (char *)"1234");
  g_hash_table_insert (values, (char *)"no such key", (char *)"x");
  g_autoptr (ForgeSettings) settings = forge_settings_new (values);

  g_assert_cmpint (forge_settings_int (settings, "port"), ==, 1234);
  g_assert_cmpint (forge_settings_int (settings, "stall_ms"), ==, 3000);
  g_assert_true (forge_settings_bool (settings, "verify_tls"));
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/settings/every-default-is-allowed", test_every_default_is_allowed);
  g_test_add_func ("/model/settings/errors-name-value-and-range", test_errors_name_value_and_range);
  g_test_add_func ("/model/settings/stored-value-wins-over-default",
                   test_stored_value_wins_over_default);
  return g_test_run ();
}
