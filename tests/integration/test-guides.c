/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

/* Guides from files: how they compare. */

static gint64
next_hour_s (void)
{
  return (g_get_real_time () / G_USEC_PER_SEC / 3600 + 1) * 3600;
}

/* The channel "one" with `n` half hours. */
static void
write_guide (const char *path, guint n, gint64 begin_s)
{
  g_autoptr (GString) text =
      g_string_new ("<tv><channel id=\"one\"><display-name>One</display-name></channel>");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < n; i++) {
    g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (begin_s + i * 1800);
    g_autoptr (GDateTime) stop = g_date_time_new_from_unix_utc (begin_s + (i + 1) * 1800);
    g_autofree char *from = g_date_time_format (start, "%Y%m%d%H%M%S +0000");
    g_autofree char *to = g_date_time_format (stop, "%Y%m%d%H%M%S +0000");
    g_string_append_printf (
        text,
        "<programme start=\"%s\" stop=\"%s\" channel=\"one\"><title>Film %u</title></programme>",
        from,
        to,
        i);
  }
  g_string_append (text, "</tv>");
  g_file_set_contents (path, text->str, -1, &error);
  g_assert_no_error (error);
}

static gint64
add_guide (Harness *h, const char *name, guint n, gint64 begin_s)
{
  g_autofree char *file_name = g_strconcat (name, ".xml", NULL);
  g_autofree char *path = g_build_filename (h->root, file_name, NULL);
  g_autofree char *body = g_strdup_printf ("{\"name\":\"%s\",\"location\":\"%s\"}", name, path);

  write_guide (path, n, begin_s);
  g_autoptr (JsonNode) node = harness_call (h, "POST", "/v1/guides", body, 200);
  return json_object_get_int_member (json_node_get_object (node), "id");
}

/* The suggestion, G_MININT64 = none. */
static gint64
suggestion (Harness *h, gint64 id)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/guides", NULL, 200);
  JsonArray *guides = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (guides); i++) {
    JsonObject *guide = json_array_get_object_element (guides, i);
    if (json_object_get_int_member (guide, "id") == id)
      return json_object_get_null_member (guide, "suggested_shift_minutes")
                 ? G_MININT64
                 : json_object_get_int_member (guide, "suggested_shift_minutes");
  }
  g_assert_not_reached ();
}

/* Switches the channel "One" on. Returns its id. */
static gint64
enable_one (Harness *h)
{
  g_autoptr (JsonNode) found =
      harness_call (h, "GET", "/v1/channels?filter=all&search=One", NULL, 200);
  JsonArray *channels = json_node_get_array (found);
  gint64 id = 0;
  for (guint i = 0; i < json_array_get_length (channels); i++) {
    JsonObject *channel = json_array_get_object_element (channels, i);
    if (g_strcmp0 (json_object_get_string_member (channel, "name"), "One") == 0)
      id = json_object_get_int_member (channel, "id");
  }
  g_autofree char *body = g_strdup_printf ("{\"ids\":[%" G_GINT64_FORMAT "]}", id);
  json_node_unref (harness_call (h, "POST", "/v1/channels/enable", body, 200));
  return id;
}

static void
test_a_shift_is_suggested_and_set (void)
{
  gint64 begin_s = next_hour_s ();
  Harness h;

  harness_init (&h, 2, 1);
  gint64 right = add_guide (&h, "right", 20, begin_s);
  gint64 late = add_guide (&h, "late", 20, begin_s + 3600);
  g_assert_cmpint (suggestion (&h, right), ==, G_MININT64);
  g_assert_cmpint (suggestion (&h, late), ==, -60);
  g_autofree char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, late);
  json_node_unref (harness_call (&h, "PATCH", path, "{\"shift\":\"2000\"}", 400));
  json_node_unref (harness_call (&h, "PATCH", path, "{\"size\":\"1\"}", 400));
  json_node_unref (harness_call (&h, "PATCH", path, "{\"shift\":\"suggested\"}", 200));
  g_assert_cmpint (suggestion (&h, late), ==, G_MININT64);
  json_node_unref (harness_call (&h, "PATCH", path, "{\"shift\":\"0\"}", 200));
  g_assert_cmpint (suggestion (&h, late), ==, -60);
  harness_clear (&h);
}

/* A zone instead of a number: the guide is read again by its clock. */
static void
test_a_guide_shows_the_clock_of_a_zone (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  gint64 id = add_guide (&h, "file", 60, next_hour_s ());
  g_autofree char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, id);

  json_node_unref (harness_call (&h, "PATCH", path, "{\"shift\":\"Mars/Base\"}", 400));
  g_autoptr (JsonNode) unset = harness_call (&h, "PATCH", path, "{\"shift\":\"0\"}", 200);
  gint64 hours = json_object_get_int_member (json_node_get_object (unset), "hours_left");
  g_autoptr (JsonNode) set = harness_call (&h, "PATCH", path, "{\"shift\":\"Asia/Tokyo\"}", 200);
  JsonObject *guide = json_node_get_object (set);
  g_assert_cmpstr (json_object_get_string_member (guide, "zone"), ==, "Asia/Tokyo");
  g_assert_cmpint (json_object_get_int_member (guide, "shift_minutes"), ==, 0);
  /* nine hours earlier */
  g_assert_cmpint (ABS (json_object_get_int_member (guide, "hours_left") - (hours - 9)), <=, 1);
  g_autoptr (JsonNode) back = harness_call (&h, "PATCH", path, "{\"shift\":\"+2 h\"}", 200);
  guide = json_node_get_object (back);
  g_assert_true (json_object_get_null_member (guide, "zone"));
  g_assert_cmpint (json_object_get_int_member (guide, "shift_minutes"), ==, 120);
  g_assert_cmpint (ABS (json_object_get_int_member (guide, "hours_left") - (hours + 2)), <=, 1);
  harness_clear (&h);
}

static void
test_health_is_told_per_channel (void)
{
  Harness h;

  harness_init (&h, 3, 1);
  add_guide (&h, "file", 6, next_hour_s () + 3600);
  gint64 id = enable_one (&h);

  g_autoptr (JsonNode) health = harness_call (&h, "GET", "/v1/guides/health", NULL, 200);
  JsonArray *rows = json_node_get_array (health);
  g_assert_cmpuint (json_array_get_length (rows), ==, 4);
  JsonObject *good = json_array_get_object_element (rows, 0);
  g_assert_cmpstr (json_object_get_string_member (good, "state"), ==, "ok");
  JsonObject *poor = json_array_get_object_element (rows, 3);
  g_assert_cmpint (json_object_get_int_member (poor, "channel_id"), ==, id);
  g_assert_cmpstr (json_object_get_string_member (poor, "state"), ==, "short");
  g_assert_cmpint (json_object_get_int_member (poor, "gaps"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (poor, "programmes"), ==, 6);
  harness_clear (&h);
}

static guint
count_films (Harness *h)
{
  g_autoptr (JsonNode) hits = harness_call (h, "GET", "/v1/guide/search?q=film", NULL, 200);

  return json_array_get_length (json_node_get_array (hits));
}

/* The index is made after the lineup. */
static gboolean
has_films (gpointer data)
{
  return count_films (data) > 0;
}

static void
test_programmes_are_found_by_their_title (void)
{
  Harness h;

  harness_init (&h, 3, 1);
  add_guide (&h, "file", 6, next_hour_s ());
  g_assert_cmpuint (count_films (&h), ==, 0);
  enable_one (&h);
  harness_await (has_films, &h, 60, "the programmes of a channel that was switched on");
  g_autoptr (JsonNode) all = harness_call (&h, "GET", "/v1/guide/search?q=film", NULL, 200);
  g_autoptr (JsonNode) one = harness_call (&h, "GET", "/v1/guide/search?q=3%20FILM", NULL, 200);
  g_autoptr (JsonNode) few = harness_call (&h, "GET", "/v1/guide/search?q=film&limit=2", NULL, 200);
  g_autoptr (JsonNode) rest =
      harness_call (&h, "GET", "/v1/guide/search?q=film&offset=4", NULL, 200);
  g_autoptr (JsonNode) none = harness_call (&h, "GET", "/v1/guide/search?q=film%20zzzz", NULL, 200);
  json_node_unref (harness_call (&h, "GET", "/v1/guide/search", NULL, 400));
  json_node_unref (harness_call (&h, "GET", "/v1/guide/search?q=a&limit=0", NULL, 400));
  json_node_unref (harness_call (&h, "GET", "/v1/guide/search?q=a&offset=x", NULL, 400));
  JsonArray *hits = json_node_get_array (all);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (rest)), ==, 2);
  g_assert_cmpuint (json_array_get_length (hits), ==, 6);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (few)), ==, 2);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (none)), ==, 0);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (one)), ==, 1);
  const char *before = "";
  for (guint i = 0; i < json_array_get_length (hits); i++) {
    JsonObject *hit = json_array_get_object_element (hits, i);
    g_autofree char *title = g_strdup_printf ("Film %u", i);
    g_assert_cmpstr (json_object_get_string_member (hit, "title"), ==, title);
    const char *start = json_object_get_string_member (hit, "start");
    g_assert_cmpstr (before, <=, start);
    before = start;
  }
  harness_clear (&h);
}

static gint64
hours_left (Harness *h)
{
  g_autoptr (JsonNode) status = harness_call (h, "GET", "/v1/status", NULL, 200);
  JsonObject *guide = json_object_get_object_member (json_node_get_object (status), "guide");

  return json_object_get_int_member (guide, "hours_left");
}

/* Of the file and of the total, whether the shift was there before the import or came after it. */
static void
test_a_shift_counts_once (void)
{
  gint64 begin_s = next_hour_s ();
  Harness h;

  harness_init (&h, 1, 1);
  gint64 id = add_guide (&h, "long", 500, begin_s);
  gint64 before = hours_left (&h);
  g_autofree char *path = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT, id);
  g_autofree char *refresh = g_strconcat (path, "/refresh", NULL);
  json_node_unref (harness_call (&h, "PATCH", path, "{\"shift\":\"600\"}", 200));
  g_assert_cmpint (hours_left (&h), ==, before + 10);
  g_autoptr (JsonNode) again = harness_call (&h, "POST", refresh, "{\"force\":true}", 200);
  g_assert_cmpint (hours_left (&h), ==, before + 10);
  g_assert_cmpint (json_object_get_int_member (json_node_get_object (again), "hours_left"),
                   ==,
                   before + 10);
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/guides/a-shift-is-suggested-and-set",
                   test_a_shift_is_suggested_and_set);
  g_test_add_func ("/integration/guides/health-is-told-per-channel",
                   test_health_is_told_per_channel);
  g_test_add_func ("/integration/guides/programmes-are-found-by-their-title",
                   test_programmes_are_found_by_their_title);
  g_test_add_func ("/integration/guides/a-shift-counts-once", test_a_shift_counts_once);
  g_test_add_func ("/integration/guides/a-guide-shows-the-clock-of-a-zone",
                   test_a_guide_shows_the_clock_of_a_zone);
  return g_test_run ();
}
