/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-engine-views.h"
#include "formats/forge-xmltv.h"
#include "model/forge-channel.h"
#include "server/forge-artwork.h"
#include "tests/integration/forge-harness.h"

#include <string.h>

/* What the window reads in bulk says the same as the control socket. */

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GAsyncResult **answer = user_data;

  *answer = g_object_ref (result);
}

/* Waits for the answer of a call that was given on_answer () and `*answer`. */
static GAsyncResult *
await (GAsyncResult **answer)
{
  while (!*answer)
    g_main_context_iteration (NULL, TRUE);
  return g_steal_pointer (answer);
}

static ForgeChannelTable *
read_channels (ForgeEngineViews *views)
{
  GAsyncResult *answer = NULL;
  g_autoptr (GError) error = NULL;

  forge_engine_views_channels_async (views, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  ForgeChannelTable *table = forge_engine_views_channels_finish (result, &error);
  g_assert_no_error (error);
  return table;
}

static void
assert_same (const ForgeChannelLine *line, JsonObject *channel)
{
  JsonArray *streams = json_object_get_array_member (channel, "streams");

  g_assert_cmpint (line->id, ==, json_object_get_int_member (channel, "id"));
  g_assert_cmpint (line->number, ==, json_object_get_int_member (channel, "number"));
  g_assert_cmpstr (line->name, ==, json_object_get_string_member (channel, "name"));
  g_assert_cmpint (line->enabled, ==, json_object_get_boolean_member (channel, "enabled"));
  g_assert_cmpuint (line->streams, ==, json_array_get_length (streams));
}

static void
test_channels_are_those_of_the_socket (void)
{
  Harness h;

  harness_init (&h, 8, 1);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  g_autoptr (ForgeChannelTable) table = read_channels (views);
  g_autoptr (JsonNode) node = harness_call (&h, "GET", "/v1/channels", NULL, 200);
  JsonArray *channels = json_node_get_array (node);
  g_assert_cmpuint (forge_channel_table_length (table), ==, json_array_get_length (channels));
  g_assert_cmpuint (forge_channel_table_length (table), >, 0);
  for (guint i = 0; i < forge_channel_table_length (table); i++)
    assert_same (forge_channel_table_line (table, i), json_array_get_object_element (channels, i));
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

static ForgeXmltvDetails *
read_details (ForgeEngineViews *views, gint64 channel_id, gint64 start, GError **error)
{
  GAsyncResult *answer = NULL;

  forge_engine_views_details_async (views, channel_id, start, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  return forge_engine_views_details_finish (result, error);
}

static void
test_programmes_of_a_window (void)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  GAsyncResult *answer = NULL;
  guint count = 0;
  Harness h;

  harness_init (&h, 4, 1);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  g_autoptr (ForgeChannelTable) channels = read_channels (views);
  gint64 id = forge_channel_table_line (channels, 0)->id;
  forge_engine_views_programmes_async (views, &id, 1, now, now + 7200, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  g_autoptr (ForgeProgrammeTable) table = forge_engine_views_programmes_finish (result, NULL);
  const ForgeProgrammeCell *cells = forge_programme_table_cells (table, id, &count, NULL);
  g_assert_cmpuint (count, >, 0);
  g_assert_cmpint (cells[0].stop, >, now);
  g_assert_cmpint (cells[count - 1].start, <, now + 7200);

  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeXmltvDetails) details = read_details (views, id, cells[0].start, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (details->title, ==, cells[0].title);
  g_assert_null (read_details (views, id, cells[0].start + 1, &error));
  g_assert_nonnull (error);
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

static GBytes *
read_picture (ForgeEngineViews *views, ForgePictureKind kind, const char *what, GError **error)
{
  GAsyncResult *answer = NULL;

  forge_engine_views_picture_async (views, kind, what, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  return forge_engine_views_picture_finish (result, error);
}

static guint
count_requests (Harness *h)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (h->provider, &counts);
  return counts.requests;
}

/* Fetched once, kept, and only from where the guard lets it lead. */
static void
test_pictures_are_fetched_once (void)
{
  Harness h;

  harness_init (&h, 4, 1);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  g_autofree char *url =
      g_strdup_printf ("%s/art/wide/7.png", forge_fake_provider_url (h.provider));
  g_autoptr (GBytes) none =
      read_picture (views, FORGE_PICTURE_PROGRAMME, "file:///etc/passwd", NULL);
  g_assert_null (none);
  guint before = count_requests (&h);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) picture = read_picture (views, FORGE_PICTURE_PROGRAMME, url, &error);
    g_assert_no_error (error);
    g_assert_cmpstr (forge_artwork_sniff (g_bytes_get_data (picture, NULL),
                                          g_bytes_get_size (picture)),
                     ==,
                     "image/png");
  }
  g_assert_cmpuint (count_requests (&h), ==, before + 1);

  /* A place that no guide may lead to. */
  g_autoptr (GError) error = NULL;
  const char *hidden = "http://169.254.169.254/p.png";
  g_assert_null (read_picture (views, FORGE_PICTURE_PROGRAMME, hidden, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

static void
read_cells (ForgeEngineViews *views, gint64 id, gint64 from, gint64 to, ForgeProgrammeTable **table)
{
  GAsyncResult *answer = NULL;

  forge_engine_views_programmes_async (views, &id, 1, from, to, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  *table = forge_engine_views_programmes_finish (result, NULL);
  g_assert_nonnull (*table);
}

/* Where no guide says anything the window shows what /epg.xml says, to the second. */
static void
test_placeholders_are_those_of_the_document (void)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (ForgeProgrammeTable) table = NULL;
  Harness h;
  guint count;

  harness_init (&h, 4, 1);
  g_autoptr (JsonNode) promoted =
      harness_call (&h, "POST", "/v1/channels/promote", "{\"stream\":1}", 200);
  gint64 id = json_object_get_int_member (json_node_get_object (promoted), "id");
  g_autofree char *document = harness_get (&h, "/epg.xml", 200);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  read_cells (views, id, now, now + 6 * 3600, &table);
  const ForgeProgrammeCell *cells = forge_programme_table_cells (table, id, &count, NULL);
  g_assert_cmpuint (count, >=, 3);
  for (guint i = 0; i < count; i++) {
    char from[21], to[21];
    forge_xmltv_format_time (cells[i].start, from);
    forge_xmltv_format_time (cells[i].stop, to);
    g_autofree char *tag = g_strdup_printf ("<programme start=\"%s\" stop=\"%s\" "
                                            "channel=\"C%" G_GINT64_FORMAT
                                            ".streamforge.local\"><title>%s<",
                                            from,
                                            to,
                                            id,
                                            cells[i].title);
    g_assert_true (cells[i].is_placeholder);
    g_assert_nonnull (strstr (document, tag));
  }
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

static GPtrArray *
search (ForgeEngineViews *views, const char *text, gint64 from)
{
  GAsyncResult *answer = NULL;

  forge_engine_views_search_async (views, text, from, 20, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  return forge_engine_views_search_finish (result, NULL);
}

typedef struct {
  ForgeEngineViews *views;
  const char *text;
  gint64 from;
  GPtrArray *hits;
} Search;

/* The index is made after the guide: asked until there is an answer. */
static gboolean
has_hits (gpointer data)
{
  Search *wanted = data;

  g_clear_pointer (&wanted->hits, g_ptr_array_unref);
  wanted->hits = search (wanted->views, wanted->text, wanted->from);
  return wanted->hits->len > 0;
}

static void
test_programmes_are_searched (void)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  Harness h;

  harness_init (&h, 4, 1);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  Search wanted = { views, "THE", now, NULL };
  harness_await (has_hits, &wanted, 60, "programmes to be found");
  g_autoptr (GPtrArray) all = wanted.hits;
  for (guint i = 0; i < all->len; i++) {
    const ForgeProgrammeHit *hit = g_ptr_array_index (all, i);
    g_assert_cmpint (hit->stop, >, now);
    if (i > 0)
      g_assert_cmpint (hit->start,
                       >=,
                       ((const ForgeProgrammeHit *)g_ptr_array_index (all, i - 1))->start);
  }
  const ForgeProgrammeHit *first = g_ptr_array_index (all, 0);
  g_autofree char *loud = g_utf8_strup (first->title, -1);
  g_autoptr (GPtrArray) found = search (views, loud, now);
  g_assert_cmpuint (found->len, >, 0);
  g_autoptr (GPtrArray) none = search (views, "no such programme", now);
  g_assert_cmpuint (none->len, ==, 0);
  g_autoptr (GPtrArray) later = search (views, loud, now + 365 * 86400);
  g_assert_cmpuint (later->len, ==, 0);
  g_autoptr (GPtrArray) nothing = search (views, "", now);
  g_assert_cmpuint (nothing->len, ==, 0);
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

static guint
count_streams (ForgeEngineViews *views, const char *search, guint limit)
{
  GAsyncResult *answer = NULL;

  forge_engine_views_streams_async (views, search, limit, NULL, on_answer, &answer);
  g_autoptr (GAsyncResult) result = await (&answer);
  g_autoptr (GPtrArray) found = forge_engine_views_streams_finish (result, NULL);
  return found->len;
}

static void
test_streams_are_searched (void)
{
  Harness h;

  harness_init (&h, 8, 1);
  g_autoptr (ForgeEngineViews) views = forge_engine_views_new (h.engine);
  guint all = count_streams (views, "", G_MAXUINT);
  g_assert_cmpuint (all, >=, 8);
  g_assert_cmpuint (count_streams (views, NULL, 3), ==, 3);
  g_assert_cmpuint (count_streams (views, "no such stream", 3), ==, 0);
  g_clear_pointer (&views, forge_engine_views_free);
  harness_clear (&h);
}

/* The end comes while readings wait: all are answered. */
static void
test_an_end_answers_what_waits (void)
{
  GAsyncResult *answers[50] = { NULL };
  Harness h;

  harness_init (&h, 8, 1);
  ForgeEngineViews *views = forge_engine_views_new (h.engine);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    forge_engine_views_channels_async (views, NULL, on_answer, &answers[i]);
  forge_engine_views_free (views);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    g_autoptr (GAsyncResult) result = await (&answers[i]);
    g_autoptr (GError) error = NULL;
    g_autoptr (ForgeChannelTable) table = forge_engine_views_channels_finish (result, &error);
    if (!table)
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  }
  harness_clear (&h);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/views/channels-are-those-of-the-socket",
                   test_channels_are_those_of_the_socket);
  g_test_add_func ("/views/programmes-of-a-window", test_programmes_of_a_window);
  g_test_add_func ("/views/placeholders-are-those-of-the-document",
                   test_placeholders_are_those_of_the_document);
  g_test_add_func ("/views/pictures-are-fetched-once", test_pictures_are_fetched_once);
  g_test_add_func ("/views/programmes-are-searched", test_programmes_are_searched);
  g_test_add_func ("/views/streams-are-searched", test_streams_are_searched);
  g_test_add_func ("/views/an-end-answers-what-waits", test_an_end_answers_what_waits);
  return g_test_run ();
}
