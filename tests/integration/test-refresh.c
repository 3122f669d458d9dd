/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness.h"

#include <string.h>

/* What was held back can be applied, what was applied can be taken back. */

static JsonNode *
post (Harness *h, const char *path, guint want_status)
{
  return harness_call (h, "POST", path, NULL, want_status);
}

/* The newest record of `state`, "applied", "held", "undone" or "kept". */
static gint64
newest (Harness *h, const char *state, const char *kind)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/refreshes", NULL, 200);
  JsonArray *array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *object = json_array_get_object_element (array, i);
    if (g_strcmp0 (json_object_get_string_member (object, "state"), state) == 0 &&
        g_strcmp0 (json_object_get_string_member (object, "kind"), kind) == 0)
      return json_object_get_int_member (object, "id");
  }
  return 0;
}

static gboolean
has_problem (Harness *h, const char *id)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/status", NULL, 200);
  JsonArray *problems = json_object_get_array_member (json_node_get_object (node), "problems");

  for (guint i = 0; i < json_array_get_length (problems); i++) {
    JsonObject *problem = json_array_get_object_element (problems, i);
    if (g_strcmp0 (json_object_get_string_member (problem, "id"), id) == 0)
      return strstr (json_object_get_string_member (problem, "fix"), "refresh apply ") != NULL;
  }
  return FALSE;
}

/* All that a person may have set up: channels with their streams, matches and switches. */
static char *
channels_text (Harness *h)
{
  g_autoptr (JsonNode) node = harness_call (h, "GET", "/v1/channels?filter=all", NULL, 200);

  return json_to_string (node, TRUE);
}

static void
test_held_back_applied_and_taken_back (void)
{
  Harness h;

  harness_init (&h, 6, 2);
  g_autofree char *name = harness_channel_name (&h, 3);
  gint64 channel = harness_channel (&h, name);
  g_autofree char *path = g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "/rename", channel);
  json_node_unref (harness_call (&h, "POST", path, "{\"name\":\"Mine\"}", 200));
  g_autofree char *before = channels_text (&h);

  harness_say (&h, "list half");
  json_node_unref (post (&h, "/v1/accounts/1/refresh", 409));
  gint64 id = newest (&h, "held", "provider");
  g_assert_cmpint (id, >, 0);
  g_autofree char *problem = g_strdup_printf ("refresh-%" G_GINT64_FORMAT "-held", id);
  g_assert_true (has_problem (&h, problem));

  g_autofree char *show = g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT, id);
  g_autoptr (JsonNode) shown = harness_call (&h, "GET", show, NULL, 200);
  JsonObject *record = json_node_get_object (shown);
  g_assert_cmpint (json_object_get_int_member (record, "removed"), >, 0);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (record, "changes")),
                    ==,
                    json_object_get_int_member (record, "removed"));

  g_autofree char *apply = g_strconcat (show, "/apply", NULL);
  json_node_unref (post (&h, apply, 200));
  g_assert_false (has_problem (&h, problem));
  g_autofree char *between = channels_text (&h);
  g_assert_cmpstr (between, !=, before);
  json_node_unref (post (&h, apply, 400));

  json_node_unref (post (&h, "/v1/refreshes/undo", 200));
  g_autofree char *after = channels_text (&h);
  g_assert_cmpstr (after, ==, before);

  /* The same half of a list is not applied by the next night's refresh. */
  json_node_unref (post (&h, "/v1/accounts/1/refresh", 409));
  g_autofree char *later = channels_text (&h);
  g_assert_cmpstr (later, ==, before);
  harness_clear (&h);
}

static void
write_guide (const char *path, const char *title)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autoptr (GDateTime) end = g_date_time_add_hours (now, 2);
  g_autofree char *start = g_date_time_format (now, "%Y%m%d%H%M%S +0000");
  g_autofree char *stop = g_date_time_format (end, "%Y%m%d%H%M%S +0000");
  g_autofree char *text = g_strdup_printf (
      "<tv><channel id=\"mine\"><display-name>Mine</display-name></channel>"
      "<programme start=\"%s\" stop=\"%s\" channel=\"mine\"><title>%s</title></programme></tv>",
      start,
      stop,
      title);
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
test_a_guide_is_taken_back (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *file = g_build_filename (h.root, "guide.xml", NULL);
  write_guide (file, "Good");
  g_autofree char *body = g_strdup_printf ("{\"name\":\"File\",\"location\":\"%s\"}", file);
  g_autoptr (JsonNode) added = harness_call (&h, "POST", "/v1/guides", body, 200);
  gint64 guide = json_object_get_int_member (json_node_get_object (added), "id");
  g_autofree char *refresh = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT "/refresh", guide);
  g_autoptr (JsonNode) channels =
      harness_call (&h, "GET", "/v1/channels?filter=all&search=Mine", NULL, 200);
  gint64 channel =
      json_object_get_int_member (json_array_get_object_element (json_node_get_array (channels), 0),
                                  "id");
  g_autofree char *on = g_strdup_printf ("{\"ids\":[%" G_GINT64_FORMAT "]}", channel);
  json_node_unref (harness_call (&h, "POST", "/v1/channels/enable", on, 200));

  write_guide (file, "Spoilt");
  json_node_unref (post (&h, refresh, 200));
  g_autofree char *spoilt = harness_get (&h, "/epg.xml", 200);
  g_assert_nonnull (strstr (spoilt, "Spoilt"));
  gint64 id = newest (&h, "applied", "guide");
  json_node_unref (post (&h, "/v1/refreshes/undo", 200));
  g_assert_cmpint (newest (&h, "undone", "guide"), ==, id);
  g_autofree char *good = harness_get (&h, "/epg.xml", 200);
  g_assert_nonnull (strstr (good, "Good"));
  g_assert_null (strstr (good, "Spoilt"));

  /* The same file stays out, another one comes in. */
  json_node_unref (post (&h, refresh, 200));
  g_autofree char *still = harness_get (&h, "/epg.xml", 200);
  g_assert_nonnull (strstr (still, "Good"));
  write_guide (file, "Better");
  json_node_unref (post (&h, refresh, 200));
  g_autofree char *better = harness_get (&h, "/epg.xml", 200);
  g_assert_nonnull (strstr (better, "Better"));
  harness_clear (&h);
}

static void
test_a_held_guide_is_declined (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *file = g_build_filename (h.root, "guide.xml", NULL);
  write_guide (file, "Good");
  g_autofree char *body = g_strdup_printf ("{\"name\":\"File\",\"location\":\"%s\"}", file);
  g_autoptr (JsonNode) added = harness_call (&h, "POST", "/v1/guides", body, 200);
  gint64 guide = json_object_get_int_member (json_node_get_object (added), "id");
  g_autofree char *refresh = g_strdup_printf ("/v1/guides/%" G_GINT64_FORMAT "/refresh", guide);

  g_file_set_contents (file,
                       "<tv><channel id=\"mine\"><display-name>Mine</display-name></channel></tv>",
                       -1,
                       NULL);
  json_node_unref (post (&h, refresh, 409));
  gint64 id = newest (&h, "held", "guide");
  g_autofree char *keep = g_strdup_printf ("/v1/refreshes/%" G_GINT64_FORMAT "/keep", id);
  json_node_unref (post (&h, keep, 200));
  g_assert_cmpint (newest (&h, "kept", "guide"), ==, id);
  json_node_unref (post (&h, keep, 400));
  /* Not asked again for the same file. */
  json_node_unref (post (&h, refresh, 200));
  g_assert_cmpint (newest (&h, "held", "guide"), ==, 0);
  harness_clear (&h);
}

static void
test_there_may_be_nothing_to_take_back (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  /* The only import of the guide goes; before it there was nothing. */
  json_node_unref (post (&h, "/v1/refreshes/undo", 200));
  json_node_unref (post (&h, "/v1/refreshes/undo", 400));
  json_node_unref (post (&h, "/v1/refreshes/99/undo", 404));
  json_node_unref (post (&h, "/v1/refreshes/99/apply", 404));
  json_node_unref (post (&h, "/v1/refreshes/99/keep", 404));
  json_node_unref (harness_call (&h, "GET", "/v1/refreshes/99", NULL, 404));
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/refresh/held-back-applied-and-taken-back",
                   test_held_back_applied_and_taken_back);
  g_test_add_func ("/integration/refresh/a-guide-is-taken-back", test_a_guide_is_taken_back);
  g_test_add_func ("/integration/refresh/a-held-guide-is-declined", test_a_held_guide_is_declined);
  g_test_add_func ("/integration/refresh/there-may-be-nothing-to-take-back",
                   test_there_may_be_nothing_to_take_back);
  return g_test_run ();
}
