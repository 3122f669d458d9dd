/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-api.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "formats/forge-json-text.h"

#include <string.h>

/**
 * The router sees one pattern, /v1/ and all below; this file finds the route in tables by path
 * segments, reads the body and takes a database connection, so that handlers only decide.
 */

typedef struct {
  ForgeApiCall *call;
  const ForgeApiRoute *route;
  JsonNode *answer;
  GError *error;
} WorkCall;

/* The member; NULL if it is absent or null. */
static JsonNode *
find_member (ForgeApiCall *call, const char *member)
{
  JsonNode *node = json_object_get_member (call->body, member);

  return node && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

static gboolean
wrong_type (const char *member, const char *wanted, GError **error)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is missing or no %s", member, wanted);
  return FALSE;
}

gboolean
forge_api_optional_text (ForgeApiCall *call, const char *member, const char **value, GError **error)
{
  JsonNode *node = find_member (call, member);

  if (!node)
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return wrong_type (member, "text", error);
  *value = json_node_get_string (node);
  return TRUE;
}

const char *
forge_api_text (ForgeApiCall *call, const char *member, GError **error)
{
  const char *text = NULL;

  if (forge_api_optional_text (call, member, &text, error) && !text)
    wrong_type (member, "text", error);
  return text;
}

gboolean
forge_api_optional_int (ForgeApiCall *call, const char *member, gint64 *value, GError **error)
{
  JsonNode *node = find_member (call, member);

  if (!node)
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_INT64)
    return wrong_type (member, "whole number", error);
  *value = json_node_get_int (node);
  return TRUE;
}

gboolean
forge_api_int (ForgeApiCall *call, const char *member, gint64 *value, GError **error)
{
  if (!find_member (call, member))
    return wrong_type (member, "whole number", error);
  return forge_api_optional_int (call, member, value, error);
}

gboolean
forge_api_flag (ForgeApiCall *call, const char *member, gboolean *value, GError **error)
{
  JsonNode *node = find_member (call, member);

  if (!node)
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return wrong_type (member, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
}

/* (transfer none); NULL and no error: absent. */
static gboolean
find_array (ForgeApiCall *call, const char *member, JsonArray **array, GError **error)
{
  JsonNode *node = find_member (call, member);

  *array = NULL;
  if (node && !JSON_NODE_HOLDS_ARRAY (node))
    return wrong_type (member, "list", error);
  if (node)
    *array = json_node_get_array (node);
  return TRUE;
}

GArray *
forge_api_ids (ForgeApiCall *call, const char *member, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  JsonArray *array;

  if (!find_array (call, member, &array, error))
    return NULL;
  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (json_node_get_value_type (node) != G_TYPE_INT64)
      break;
    gint64 id = json_node_get_int (node);
    g_array_append_val (ids, id);
  }
  if (array && ids->len > 0 && ids->len == json_array_get_length (array))
    return g_steal_pointer (&ids);
  wrong_type (member, "list of whole numbers", error);
  return NULL;
}

gboolean
forge_api_texts (ForgeApiCall *call, const char *member, char ***value, GError **error)
{
  g_autoptr (GStrvBuilder) texts = g_strv_builder_new ();
  JsonArray *array;

  if (!find_array (call, member, &array, error))
    return FALSE;
  if (!array)
    return TRUE;
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);
    if (json_node_get_value_type (node) != G_TYPE_STRING)
      return wrong_type (member, "list of texts", error);
    g_strv_builder_add (texts, json_node_get_string (node));
  }
  *value = g_strv_builder_end (texts);
  return TRUE;
}

JsonNode *
forge_api_done (gboolean ok)
{
  if (!ok)
    return NULL;
  JsonObject *object = json_object_new ();
  json_object_set_boolean_member (object, "ok", TRUE);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

/* Compares one segment with the pattern's; fills the call. */
static gboolean
match_segment (const char *pattern, const char *segment, ForgeApiCall *call, guint *n_ids)
{
  if (strcmp (pattern, "{id}") == 0)
    return g_ascii_string_to_signed (segment, 10, 1, G_MAXINT64, &call->ids[(*n_ids)++], NULL);
  if (strcmp (pattern, "{word}") == 0) {
    call->word = segment;
    return *segment != '\0';
  }
  return strcmp (pattern, segment) == 0;
}

static gboolean
match_path (const char *pattern, char **segments, ForgeApiCall *call)
{
  g_auto (GStrv) wanted = g_strsplit (pattern, "/", -1);
  guint n_ids = 0;

  if (g_strv_length (wanted) != g_strv_length (segments))
    return FALSE;
  for (guint i = 0; wanted[i]; i++)
    if (!match_segment (wanted[i], segments[i], call, &n_ids))
      return FALSE;
  return TRUE;
}

/* Returns the route; NULL with 404 or 405 in `status`. */
static const ForgeApiRoute *
find_route (char **segments, ForgeApiCall *call, guint *status)
{
  static const ForgeApiRoute *const tables[] = {
    forge_api_account_routes, forge_api_channel_routes,      forge_api_device_routes,
    forge_api_user_routes,    forge_api_guide_health_routes, forge_api_guide_search_routes,
    forge_api_library_routes, forge_api_strm_routes,         forge_api_download_routes,
    forge_api_refresh_routes, forge_api_rule_routes,         forge_api_match_routes,
    forge_api_system_routes
  };

  *status = 404;
  for (gsize t = 0; t < G_N_ELEMENTS (tables); t++)
    for (const ForgeApiRoute *route = tables[t]; route->path; route++) {
      if (!match_path (route->path, segments, call))
        continue;
      if (strcmp (route->method, call->request->method) == 0)
        return route;
      *status = 405;
    }
  return NULL;
}

static JsonNode *
read_body (const ForgeRequest *request, GError **error)
{
  gsize length = 0;
  const char *data = request->body ? g_bytes_get_data (request->body, &length) : NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonNode) node = length > 0 ? forge_json_parse (data, (gssize)length, &failure)
                                         : forge_json_parse ("{}", -1, &failure);

  if (node && JSON_NODE_HOLDS_OBJECT (node))
    return g_steal_pointer (&node);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The body %s",
               failure ? failure->message : "is no JSON object");
  return NULL;
}

static void
run_as_work (gpointer data, GCancellable *cancellable)
{
  WorkCall *work = data;

  work->call->ops.cancellable = cancellable;
  work->answer = work->route->func (work->call, &work->error);
}

static JsonNode *
run_route (ForgeApiCall *call, const ForgeApiRoute *route, GError **error)
{
  WorkCall work = { .call = call, .route = route };

  if (!route->is_work)
    return route->func (call, error);
  if (!forge_work_run (call->ops.engine->work, run_as_work, &work, call->ops.cancellable, error))
    return NULL;
  if (!work.answer)
    g_propagate_error (error, work.error);
  return work.answer;
}

static JsonNode *
run_with_store (ForgeApiCall *call, const ForgeApiRoute *route, GError **error)
{
  ForgeStorePool *stores = call->ops.engine->stores;

  call->ops.store = forge_store_pool_take (stores, error);
  if (!call->ops.store)
    return NULL;
  JsonNode *answer = run_route (call, route, error);
  forge_store_pool_give (stores, call->ops.store);
  return answer;
}

JsonNode *
forge_api_run (ForgeEngine *engine,
               const ForgeRequest *request,
               JsonObject *body,
               GCancellable *cancellable,
               guint *status,
               GError **error)
{
  ForgeApiCall call = { .ops = { .engine = engine, .cancellable = cancellable },
                        .request = request,
                        .body = body };
  g_auto (GStrv) segments = g_strsplit (request->path, "/", -1);
  const ForgeApiRoute *route = find_route (segments, &call, status);

  if (route) {
    *status = 0;
    return run_with_store (&call, route, error);
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no %s %s",
               request->method,
               request->path);
  return NULL;
}

static ForgeReply *
handle_v1 (const ForgeRequest *request, GCancellable *cancellable, gpointer engine)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) body = read_body (request, &error);
  guint status = 0;
  JsonNode *answer = body ? forge_api_run (engine,
                                           request,
                                           json_node_get_object (body),
                                           cancellable,
                                           &status,
                                           &error)
                          : NULL;

  return answer ? forge_json_reply (answer) : forge_reply_new_error (status, error);
}

void
forge_api_register (ForgeEngine *engine, ForgeRouter *control_router)
{
  forge_router_add (control_router,
                    "GET|POST|PUT|PATCH|DELETE",
                    "/v1/*",
                    FORGE_RUN_JOB,
                    handle_v1,
                    engine);
}
