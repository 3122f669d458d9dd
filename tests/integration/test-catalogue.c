/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

#include <string.h>

/* Accounts, guides, lineup: what survives what. */

static gint64
account_id (Harness *h)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/accounts", NULL, 200);

  return json_object_get_int_member (json_array_get_object_element (json_node_get_array (node), 0),
                                     "id");
}

static void
refresh_account (Harness *h, guint want_status)
{
  g_autofree char *path =
      g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/refresh", account_id (h));

  json_node_unref (harness_call (h, "POST", path, NULL, want_status));
}

static void
test_a_bad_list_changes_nothing (void)
{
  static const struct {
    const char *fault;
    guint status;
  } cases[] = {
    { "list empty", 409 },     { "list half", 409 },       { "list html", 400 },
    { "list truncated", 400 }, { "list status 500", 503 }, { "list truncated-gzip", 400 },
  };
  Harness h;

  harness_init (&h, 6, 2);
  g_autofree char *before = harness_get (&h, "/lineup.json", 200);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path =
        g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/refresh", account_id (&h));
    harness_say (&h, cases[i].fault);
    g_test_message ("%s", cases[i].fault);
    g_autoptr (JsonNode) answer = harness_call (&h, "POST", path, NULL, cases[i].status);
    const char *message = json_object_get_string_member (json_node_get_object (answer), "message");
    g_assert_cmpuint (strlen (message), >, 10);
    g_assert_null (strstr (message, forge_fake_provider_password (h.provider)));
    g_autofree char *after = harness_get (&h, "/lineup.json", 200);
    g_assert_cmpstr (after, ==, before);
    harness_say (&h, "list ok");
  }
  refresh_account (&h, 200);
  harness_clear (&h);
}

static void
test_wrong_types_and_duplicates_are_read (void)
{
  Harness h;

  harness_init (&h, 6, 2);
  g_autofree char *before = harness_get (&h, "/lineup.json", 200);
  harness_say (&h, "list strings");
  refresh_account (&h, 200);
  harness_say (&h, "list duplicates");
  refresh_account (&h, 200);
  g_autofree char *after = harness_get (&h, "/lineup.json", 200);
  g_assert_cmpstr (after, ==, before);
  harness_clear (&h);
}

static void
refresh_guides_refused (Harness *h)
{
  g_autoptr (JsonNode) node = harness_call (h, "POST", "/v1/guides/refresh", NULL, 0);

  g_assert_true (json_object_has_member (json_node_get_object (node), "message"));
}

static void
test_a_bad_guide_changes_nothing (void)
{
  static const char *const faults[] = { "guide empty",
                                        "guide html",
                                        "guide truncated",
                                        "guide truncated-gzip",
                                        "guide status 500" };
  Harness h;

  harness_init (&h, 4, 2);
  g_autofree char *before = harness_get (&h, "/epg.xml", 200);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++) {
    harness_say (&h, faults[i]);
    g_test_message ("%s", faults[i]);
    refresh_guides_refused (&h);
    g_autofree char *after = harness_get (&h, "/epg.xml", 200);
    g_assert_cmpuint (strlen (after), ==, strlen (before));
    harness_say (&h, "guide ok");
  }
  harness_clear (&h);
}

static void
test_ids_survive_a_restart (void)
{
  Harness h;

  harness_init (&h, 6, 2);
  g_autofree char *name = harness_channel_name (&h, 2);
  gint64 id = harness_channel (&h, name);
  g_autofree char *rename = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "/rename", id);
  json_node_unref (harness_call (&h, "POST", rename, "{\"name\":\"Mine\"}", 200));
  g_autofree char *before = harness_get (&h, "/playlist.m3u", 200);
  g_assert_nonnull (strstr (before, "Mine"));
  harness_restart (&h);
  g_assert_cmpint (harness_channel (&h, "Mine"), ==, id);
  refresh_account (&h, 200);
  g_assert_cmpint (harness_channel (&h, "Mine"), ==, id);
  harness_clear (&h);
}

static void
test_refused_logins_are_explained_and_not_stored (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *wrong = g_strdup_printf (
      "{\"name\":\"Wrong\",\"server\":\"%s\",\"username\":\"x\",\"password\":\"y\"}",
      forge_fake_provider_url (h.provider));
  g_autoptr (JsonNode) refused = harness_call (&h, "POST", "/v1/accounts", wrong, 403);
  g_assert_cmpstr (json_object_get_string_member (json_node_get_object (refused), "error"),
                   ==,
                   "auth");
  json_node_unref (harness_call (
      &h,
      "POST",
      "/v1/accounts",
      "{\"name\":\"Dead\",\"server\":\"http://127.0.0.1:1\",\"username\":\"x\",\"password\":\"y\"}",
      503));
  json_node_unref (harness_call (
      &h,
      "POST",
      "/v1/accounts",
      "{\"name\":\"Odd\",\"server\":\"ftp://x\",\"username\":\"x\",\"password\":\"y\"}",
      400));
  json_node_unref (harness_call (&h, "POST", "/v1/accounts", "{\"name\":", 400));
  g_autoptr (JsonNode) accounts = harness_call (&h, "GET", "/v1/accounts", NULL, 200);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (accounts)), ==, 1);
  harness_clear (&h);
}

static void
test_a_second_instance_is_refused (void)
{
  Harness h;
  g_autoptr (GError) error = NULL;

  harness_init (&h, 2, 1);
  g_autofree char *data = g_build_filename (h.root, "data", NULL);
  const ForgeEngineOptions options = { .data_dir = data,
                                       .cache_dir = data,
                                       .runtime_dir = data,
                                       .port = 0 };
  ForgeEngine *second = forge_engine_new (&options, &error);
  g_assert_null (second);
  g_assert_nonnull (strstr (error->message, "Another StreamForge"));
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/catalogue/a-bad-list-changes-nothing",
                   test_a_bad_list_changes_nothing);
  g_test_add_func ("/integration/catalogue/wrong-types-and-duplicates-are-read",
                   test_wrong_types_and_duplicates_are_read);
  g_test_add_func ("/integration/catalogue/a-bad-guide-changes-nothing",
                   test_a_bad_guide_changes_nothing);
  g_test_add_func ("/integration/catalogue/ids-survive-a-restart", test_ids_survive_a_restart);
  g_test_add_func ("/integration/catalogue/refused-logins-are-explained-and-not-stored",
                   test_refused_logins_are_explained_and_not_stored);
  g_test_add_func ("/integration/catalogue/a-second-instance-is-refused",
                   test_a_second_instance_is_refused);
  return g_test_run ();
}
