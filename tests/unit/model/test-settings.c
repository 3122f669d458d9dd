/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "model/forge-device-id.h"
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

/* What cannot be listened on or announced would keep the program from starting next time. */
static void
test_texts_with_a_form_are_checked (void)
{
  static const struct {
    const char *key, *good, *bad[6];
  } cases[] = {
    { "bind", "192.168.1.5", { "nonsense", "::g", "192.168.1.256", "" } },
    { "bind", "::1", { "localhost" } },
    { "refresh_time", "23:59", { "24:00", "12:60", "1:234", "aa:bb", "+1:00" } },
    { "device_id", "10540000", { "ZZZZZZZZ", "00000000", "FFFFFFFF", "1054000" } },
    { "device_uuid", "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", { "x", "0F1E2D3C" } },
    { "friendly_name", "Wohnzimmer „2“", { "a\nb", "a\x1b[31m", "\xff", "" } },
    { "user_agent", "VLC/3", { "x\r\nHost: evil" } },
    { "cors_origins",
      "https://a.example, http://192.168.1.5:8080|http://[::1]:3000",
      { "*",
        "null",
        "https://*.example",
        "https://a.example/",
        "https://A.example",
        "a.example" } },
    { "cors_origins",
      "",
      { "https://a.example, *", "https://u@a.example", "https://", "file:///" } },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    const ForgeSettingSpec *spec = forge_settings_find (cases[i].key);
    g_autoptr (GError) error = NULL;
    g_autofree char *good = strcmp (cases[i].key, "device_id") == 0
                                ? g_strdup_printf ("%08X", forge_device_id_make (77))
                                : g_strdup (cases[i].good);
    g_autofree char *text = forge_settings_canonical (spec, good, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (text, ==, good);
    for (gsize k = 0; k < G_N_ELEMENTS (cases[i].bad) && cases[i].bad[k]; k++) {
      g_autoptr (GError) refusal = NULL;
      g_assert_null (forge_settings_canonical (spec, cases[i].bad[k], &refusal));
      g_assert_error (refusal, FORGE_ERROR, FORGE_ERROR_INVALID);
      g_assert_nonnull (strstr (refusal->message, cases[i].key));
    }
  }
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
  g_test_add_func ("/model/settings/texts-with-a-form-are-checked",
                   test_texts_with_a_form_are_checked);
  g_test_add_func ("/model/settings/stored-value-wins-over-default",
                   test_stored_value_wins_over_default);
  return g_test_run ();
}
