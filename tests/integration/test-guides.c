/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

/* Guides from files: how they compare. */

/* The channel "one" with `n` half hours from the next full hour on, `off_s` late. */
static void
write_guide (const char *path, guint n, gint64 off_s)
{
  gint64 begin_s = g_get_real_time () / G_USEC_PER_SEC / 3600 * 3600 + 3600 + off_s;
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
add_guide (Harness *h, const char *name, guint n, gint64 off_s)
{
  g_autofree char *file_name = g_strconcat (name, ".xml", NULL);
  g_autofree char *path = g_build_filename (h->root, file_name, NULL);
  g_autofree char *body = g_strdup_printf ("{\"name\":\"%s\",\"location\":\"%s\"}", name, path);

  write_guide (path, n, off_s);
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

static void
test_a_shift_is_suggested_and_set (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  gint64 right = add_guide (&h, "right", 20, 0);
  gint64 late = add_guide (&h, "late", 20, 3600);
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

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/guides/a-shift-is-suggested-and-set",
                   test_a_shift_is_suggested_and_set);
  return g_test_run ();
}
