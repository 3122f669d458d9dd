/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"
#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-engine-views.h"

#include <string.h>

/* What is on, by its title: /v1/guide/search?q=TEXT&limit=N. */

#define MAX_SEARCH_BYTES 200
#define DEFAULT_LIMIT    100
#define MAX_LIMIT        1000

static void
set_time (JsonObject *object, const char *name, gint64 wall_s)
{
  g_autofree char *text = forge_time_to_iso8601 (wall_s);

  json_object_set_string_member (object, name, text);
}

static JsonNode *
hit_shape (gconstpointer item, gpointer user_data)
{
  const ForgeProgrammeHit *hit = item;
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "channel_id", hit->channel_id);
  json_object_set_string_member (object, "channel", hit->channel);
  json_object_set_string_member (object, "title", hit->title);
  set_time (object, "start", hit->start);
  set_time (object, "stop", hit->stop);
  json_node_take_object (node, object);
  return node;
}

static gboolean
read_limit (ForgeApiCall *call, gint64 *limit, GError **error)
{
  const char *text = forge_request_query (call->request, "limit");

  *limit = DEFAULT_LIMIT;
  if (!text || g_ascii_string_to_signed (text, 10, 1, MAX_LIMIT, limit, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "limit: “%s” is not a whole number from 1 to %d",
               text,
               MAX_LIMIT);
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
  const char *text;
  gint64 limit;

  if (!read_words (call, &text, error) || !read_limit (call, &limit, error))
    return NULL;
  g_autoptr (GPtrArray) hits =
      forge_engine_search_programmes (call->ops.store,
                                      text,
                                      forge_clock_wall_s (call->ops.engine->clock),
                                      (guint)limit,
                                      call->ops.cancellable,
                                      error);
  return hits ? forge_json_array (hits, hit_shape, NULL) : NULL;
}

const ForgeApiRoute forge_api_guide_search_routes[] = {
  { "GET", "/v1/guide/search", FALSE, search_guide },
  { 0 },
};
