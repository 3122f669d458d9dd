/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

#include <string.h>

/* Accounts that are channel lists. */

static JsonNode *
add_m3u (Harness *h, const char *location, guint want_status)
{
  g_autofree char *body = g_strdup_printf ("{\"name\":\"List\",\"m3u\":\"%s\"}", location);

  return harness_call (h, "POST", "/v1/accounts", body, want_status);
}

/* The provider's login as parts of a URL: it has characters that need it. (transfer full) */
static char *
escaped_username (Harness *h)
{
  return g_uri_escape_string (forge_fake_provider_username (h->provider), NULL, FALSE);
}

static char *
escaped_password (Harness *h)
{
  return g_uri_escape_string (forge_fake_provider_password (h->provider), NULL, FALSE);
}

/* A list with the provider's stream 13 and two channels that nobody serves. */
static char *
write_list (Harness *h)
{
  char *path = g_build_filename (h->root, "list.m3u", NULL);
  g_autofree char *username = escaped_username (h);
  g_autofree char *password = escaped_password (h);
  g_autofree char *text =
      g_strdup_printf ("#EXTM3U\n#EXTINF:-1 group-title=\"Mine\",Quux One\n%s/live/%s/%s/13.ts\n"
                       "#EXTINF:-1,Quux Two\nhttp://127.0.0.1:1/two?token=t0kenvalue\n"
                       "#EXTINF:-1,Quux Three\nhttp://127.0.0.1:1/three\n",
                       forge_fake_provider_url (h->provider),
                       username,
                       password);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  return path;
}

static void
test_a_list_plays (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *path = write_list (&h);
  g_autoptr (JsonNode) added = add_m3u (&h, path, 200);
  JsonObject *account = json_node_get_object (added);
  g_assert_cmpstr (json_object_get_string_member (account, "kind"), ==, "m3u");
  g_assert_cmpstr (json_object_get_string_member (account, "server"), ==, path);
  g_assert_cmpint (json_object_get_int_member (account, "streams"), ==, 3);
  g_assert_cmpint (json_object_get_int_member (account, "max_connections"), ==, 1);
  g_autofree char *text = json_to_string (added, FALSE);
  g_assert_null (strstr (text, forge_fake_provider_password (h.provider)));

  g_autofree char *stream =
      g_strdup_printf ("/stream/%" G_GINT64_FORMAT, harness_channel (&h, "Quux One"));
  g_autoptr (Viewer) viewer = viewer_new (&h, stream, "VLC/3.0.20");
  g_assert_cmpuint (viewer_await_status (viewer, 10), ==, 200);
  g_assert_true (viewer_await_bytes (viewer, 100000, 10));
  viewer_close (viewer);
  harness_await_no_sessions (&h);

  g_autofree char *dead =
      g_strdup_printf ("/stream/%" G_GINT64_FORMAT, harness_channel (&h, "Quux Two"));
  g_autoptr (Viewer) refused = viewer_new (&h, dead, "VLC/3.0.20");
  g_assert_cmpuint (viewer_await_status (refused, 20), ==, 503);
  viewer_close (refused);
  harness_clear (&h);
}

/* The provider's archive of stream 13, named in each way that a list may name it. */
static char *
write_archive_list (Harness *h)
{
  char *path = g_build_filename (h->root, "archive.m3u", NULL);
  const char *url = forge_fake_provider_url (h->provider);
  g_autofree char *username = escaped_username (h);
  g_autofree char *password = escaped_password (h);
  g_autofree char *text = g_strdup_printf (
      "#EXTM3U\n"
      "#EXTINF:-1 tvg-chno=\"70\" audio-track=\"deu\" catchup=\"xc\" catchup-days=\"2\",Quux One\n"
      "%s/live/%s/%s/13.ts\n"
      "#EXTINF:-1 tvg-chno=\"71\" parent-code=\"1234\" catchup=\"default\" catchup-days=\"2\""
      " catchup-source=\"%s/timeshift/%s/%s/{duration:60}/{utc:Y-m-d}:{utc:H-M}/13.ts\",Quux Two\n"
      "http://127.0.0.1:1/two\n"
      "#EXTINF:-1 tvg-chno=\"72\",Quux Three\nhttp://127.0.0.1:1/three\n",
      url,
      username,
      password,
      url,
      username,
      password);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static void
assert_plays_back (Harness *h, const char *name)
{
  g_autofree char *path = g_strdup_printf ("/stream/%" G_GINT64_FORMAT "?start=%" G_GINT64_FORMAT
                                           "&duration=60",
                                           harness_channel (h, name),
                                           g_get_real_time () / G_USEC_PER_SEC - 7200);
  g_autoptr (Viewer) viewer = viewer_new (h, path, "VLC/3.0.20");

  g_assert_cmpuint (viewer_await_status (viewer, 20), ==, 200);
  g_assert_true (viewer_await_bytes (viewer, 100000, 20));
  viewer_close (viewer);
  harness_await_no_sessions (h);
}

static JsonObject *
find_channel (JsonNode *channels, const char *name)
{
  JsonArray *array = json_node_get_array (channels);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *channel = json_array_get_object_element (array, i);
    if (g_str_equal (json_object_get_string_member (channel, "name"), name))
      return channel;
  }
  g_assert_not_reached ();
}

static void
test_what_has_been_plays (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *path = write_archive_list (&h);
  json_node_unref (add_m3u (&h, path, 200));
  g_autoptr (JsonNode) channels = harness_call (&h, "GET", "/v1/channels?filter=all", NULL, 200);
  JsonObject *one = find_channel (channels, "Quux One"), *two = find_channel (channels, "Quux Two");
  g_assert_cmpint (json_object_get_int_member (one, "number"), ==, 70);
  g_assert_true (json_object_get_boolean_member (one, "enabled"));
  /* behind a parent-code: there, but off until somebody switches it on */
  g_assert_cmpint (json_object_get_int_member (two, "number"), ==, 71);
  g_assert_false (json_object_get_boolean_member (two, "enabled"));
  g_autofree char *enable =
      g_strdup_printf ("{\"ids\":[%" G_GINT64_FORMAT "]}", json_object_get_int_member (two, "id"));
  json_node_unref (harness_call (&h, "POST", "/v1/channels/enable", enable, 200));

  assert_plays_back (&h, "Quux One");
  assert_plays_back (&h, "Quux Two");
  g_autofree char *none = g_strdup_printf ("/stream/%" G_GINT64_FORMAT "?start=%" G_GINT64_FORMAT,
                                           harness_channel (&h, "Quux Three"),
                                           g_get_real_time () / G_USEC_PER_SEC - 7200);
  g_autoptr (Viewer) refused = viewer_new (&h, none, "VLC/3.0.20");
  g_assert_cmpuint (viewer_await_status (refused, 20), ==, 404);
  viewer_close (refused);
  harness_clear (&h);
}

static void
test_a_list_is_managed (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *path = write_list (&h);
  g_autoptr (JsonNode) added = add_m3u (&h, path, 200);
  gint64 id = json_object_get_int_member (json_node_get_object (added), "id");
  g_autofree char *self = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT, id);
  g_autofree char *test = g_strconcat (self, "/test", NULL);
  g_autofree char *refresh = g_strconcat (self, "/refresh", NULL);
  g_autofree char *replace = g_strconcat (self, "/replace", NULL);

  json_node_unref (harness_call (&h, "POST", test, NULL, 200));
  json_node_unref (harness_call (&h, "POST", refresh, NULL, 200));
  json_node_unref (harness_call (&h, "POST", replace, "{\"server\":\"http://x\"}", 400));
  json_node_unref (harness_call (&h, "PATCH", self, "{\"server\":\"http://x\"}", 400));
  json_node_unref (harness_call (&h, "PATCH", self, "{\"m3u\":\"/nowhere.m3u\"}", 404));
  json_node_unref (harness_call (&h, "PATCH", self, "{\"max_connections\":\"3\"}", 200));
  json_node_unref (harness_call (&h, "PATCH", "/v1/accounts/1", "{\"m3u\":\"/nowhere\"}", 400));
  g_autofree char *move = g_strdup_printf ("{\"m3u\":\"%s\"}", path);
  json_node_unref (harness_call (&h, "PATCH", self, move, 200));
  harness_restart (&h);
  json_node_unref (harness_call (&h, "POST", refresh, NULL, 200));
  json_node_unref (harness_call (&h, "DELETE", self, NULL, 200));
  json_node_unref (harness_call (&h, "GET", self, NULL, 404));
  harness_clear (&h);
}

static void
assert_is_panel (JsonNode *added)
{
  JsonObject *account = json_node_get_object (added);

  g_assert_cmpstr (json_object_get_string_member (account, "kind"), ==, "xtream");
  g_assert_nonnull (
      strstr (json_object_get_string_member (account, "warning"), "from an Xtream panel"));
}

static void
test_a_panels_list_is_added_as_its_account (void)
{
  Harness h;

  harness_init (&h, 3, 2);
  const char *url = forge_fake_provider_url (h.provider);
  g_autofree char *username = escaped_username (&h);
  g_autofree char *password = escaped_password (&h);
  g_autofree char *get =
      g_strdup_printf ("%s/get.php?username=%s&password=%s&type=m3u_plus", url, username, password);
  g_autoptr (JsonNode) added = add_m3u (&h, get, 200);
  assert_is_panel (added);
  g_autofree char *text = json_to_string (added, FALSE);
  g_assert_null (strstr (text, password));
  g_assert_null (strstr (text, forge_fake_provider_password (h.provider)));
  g_autofree char *self =
      g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT,
                       json_object_get_int_member (json_node_get_object (added), "id"));
  json_node_unref (harness_call (&h, "DELETE", self, NULL, 200));

  /* the same list from a file tells by its addresses */
  g_autofree char *path = g_build_filename (h.root, "panel.m3u", NULL);
  g_autofree char *list =
      g_strdup_printf ("#EXTM3U\n#EXTINF:-1,A\n%s/live/%s/%s/13.ts\n", url, username, password);
  g_assert_true (g_file_set_contents (path, list, -1, NULL));
  g_autoptr (JsonNode) again = add_m3u (&h, path, 200);
  assert_is_panel (again);
  harness_clear (&h);
}

static void
test_what_is_no_list_is_not_stored (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *path = g_build_filename (h.root, "page.html", NULL);
  g_assert_true (g_file_set_contents (path, "<html>no</html>", -1, NULL));
  json_node_unref (add_m3u (&h, path, 400));
  json_node_unref (add_m3u (&h, "/does/not/exist.m3u", 404));
  json_node_unref (add_m3u (&h, "relative.m3u", 400));
  json_node_unref (add_m3u (&h, "http://127.0.0.1:1/list.m3u", 503));
  g_autoptr (JsonNode) accounts = harness_call (&h, "GET", "/v1/accounts", NULL, 200);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (accounts)), ==, 1);
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  /* the provider's archive and the lists' {Y}-{m}-{d} in one zone */
  g_setenv ("TZ", "UTC", TRUE);
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/m3u/a-list-plays", test_a_list_plays);
  g_test_add_func ("/integration/m3u/what-has-been-plays", test_what_has_been_plays);
  g_test_add_func ("/integration/m3u/a-list-is-managed", test_a_list_is_managed);
  g_test_add_func ("/integration/m3u/a-panels-list-is-added-as-its-account",
                   test_a_panels_list_is_added_as_its_account);
  g_test_add_func ("/integration/m3u/what-is-no-list-is-not-stored",
                   test_what_is_no_list_is_not_stored);
  return g_test_run ();
}
