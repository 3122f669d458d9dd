/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"
#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "formats/forge-xmltv-details.h"
#include "guide/forge-guide-search.h"

#include <string.h>

/* What is on and what comes: /v1/guide/search?q=TEXT&limit=N&offset=N. */

#define MAX_SEARCH_BYTES 200
#define DEFAULT_LIMIT    100
#define MAX_LIMIT        1000
#define MAX_OFFSET       100000
/* What is shown of a description. */
#define MAX_DESCRIPTION_BYTES 500

static void
set_time (JsonObject *object, const char *name, gint64 wall_s)
{
  g_autofree char *text = forge_time_to_iso8601 (wall_s);

  json_object_set_string_member (object, name, text);
}

/* Cut between characters; NULL becomes null. */
static void
set_text (JsonObject *object, const char *name, const char *text)
{
  g_autofree char *start = NULL;

  if (text && strlen (text) > MAX_DESCRIPTION_BYTES) {
    g_autofree char *cut = g_strndup (text, MAX_DESCRIPTION_BYTES);
    const char *end = NULL;
    g_utf8_validate (cut, -1, &end);
    cut[end - cut] = '\0';
    start = g_strconcat (cut, "…", NULL);
  }
  json_object_set_string_member (object, name, start ? start : text);
}

static gboolean
add_hit (const ForgeFoundProgramme *found, gpointer user_data)
{
  const ForgeProgrammeRow *row = &found->row;
  g_autoptr (ForgeXmltvDetails) details = forge_xmltv_details_new (row->inner, row->inner_length);
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "channel_id", found->channel_id);
  json_object_set_int_member (object, "number", found->number);
  json_object_set_string_member (object, "channel", found->channel);
  json_object_set_string_member (object, "title", row->title);
  set_text (object, "subtitle", details->subtitle);
  set_text (object, "description", details->description);
  set_time (object, "start", row->start);
  set_time (object, "stop", row->stop);
  json_array_add_object_element (user_data, object);
  return TRUE;
}

static gboolean
read_number (ForgeApiCall *call,
             const char *name,
             gint64 least,
             gint64 most,
             gint64 *number,
             GError **error)
{
  const char *text = forge_request_query (call->request, name);

  if (!text || g_ascii_string_to_signed (text, 10, least, most, number, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
               name,
               text,
               least,
               most);
  return FALSE;
}

static gboolean
read_words (ForgeApiCall *call, const char **text, GError **error)
{
  *text = forge_request_query (call->request, "q");
  if (*text && **text && strlen (*text) <= MAX_SEARCH_BYTES && g_utf8_validate (*text, -1, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "q: 1 to %d bytes of text to look for",
               MAX_SEARCH_BYTES);
  return FALSE;
}

static JsonNode *
search_guide (ForgeApiCall *call, GError **error)
{
  g_autoptr (JsonArray) hits = json_array_new ();
  gint64 limit = DEFAULT_LIMIT, offset = 0;
  const char *text;

  if (!read_words (call, &text, error) ||
      !read_number (call, "limit", 1, MAX_LIMIT, &limit, error) ||
      !read_number (call, "offset", 0, MAX_OFFSET, &offset, error))
    return NULL;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  const ForgeGuideQuery query = { .typed = text,
                                  .now_s = forge_clock_wall_s (call->ops.engine->clock),
                                  .limit = (guint)limit,
                                  .offset = (guint)offset,
                                  .lineup = snapshot->lineup,
                                  .days =
                                      (int)forge_settings_int (snapshot->settings, "guide_days") };
  if (!forge_guide_search (call->ops.store, &query, add_hit, hits, error))
    return NULL;
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_set_array (node, hits);
  return node;
}

const ForgeApiRoute forge_api_guide_search_routes[] = {
  { "GET", "/v1/guide/search", FALSE, search_guide },
  { 0 },
};
