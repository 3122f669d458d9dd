/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "formats/forge-json-text.h"
#include "store/forge-store-misc.h"

#include <string.h>

/* Status, sessions, events, settings, backup. */

#define MAX_EVENTS_LISTED 10000

static void
build_status (ForgeEngine *engine, gpointer data)
{
  *(JsonNode **)data = forge_json_status (engine);
}

static JsonNode *
show_status (ForgeApiCall *call, GError **error)
{
  JsonNode *node = NULL;

  forge_engine_on_control (call->ops.engine, build_status, &node);
  return node;
}

static void
build_sessions (ForgeEngine *engine, gpointer data)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (engine->tuner);

  *(JsonNode **)data = forge_json_sessions (sessions);
}

static JsonNode *
list_sessions (ForgeApiCall *call, GError **error)
{
  JsonNode *node = NULL;

  forge_engine_on_control (call->ops.engine, build_sessions, &node);
  return node;
}

typedef struct {
  gint64 id;
  gboolean was_found;
} StopSession;

static void
stop_on_control (ForgeEngine *engine, gpointer data)
{
  StopSession *stop = data;

  stop->was_found = forge_tuner_stop_session (engine->tuner, stop->id);
}

static JsonNode *
stop_session (ForgeApiCall *call, GError **error)
{
  StopSession stop = { .id = call->ids[0] };

  forge_engine_on_control (call->ops.engine, stop_on_control, &stop);
  if (!stop.was_found)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "There is no session %" G_GINT64_FORMAT,
                 stop.id);
  return forge_api_done (stop.was_found);
}

static void
end_sessions (ForgeEngine *engine, gpointer unused)
{
  forge_engine_end_sessions (engine);
}

static JsonNode *
stop_sessions (ForgeApiCall *call, GError **error)
{
  forge_engine_on_control (call->ops.engine, end_sessions, NULL);
  return forge_api_done (TRUE);
}

static void
pause_on_control (ForgeEngine *engine, gpointer is_paused)
{
  forge_engine_set_paused (engine, *(gboolean *)is_paused);
}

static JsonNode *
set_paused (ForgeApiCall *call, GError **error)
{
  gboolean is_paused = TRUE;

  if (!forge_api_flag (call, "paused", &is_paused, error))
    return NULL;
  forge_engine_on_control (call->ops.engine, pause_on_control, &is_paused);
  return forge_api_done (TRUE);
}

static JsonNode *
event_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_event (item);
}

typedef struct {
  ForgeLogLevel level;
  int category; /* −1 = all */
  gint64 since, after;
} EventQuery;

static gint64
query_int (const ForgeRequest *request, const char *name)
{
  const char *text = forge_request_query (request, name);

  return text ? g_ascii_strtoll (text, NULL, 10) : 0;
}

static gboolean
read_event_query (const ForgeRequest *request, EventQuery *query, GError **error)
{
  const char *level = forge_request_query (request, "level"),
             *category = forge_request_query (request, "category");
  ForgeEventCategory parsed;

  query->level = FORGE_LOG_DEBUG;
  query->category = -1;
  query->since = query_int (request, "since");
  query->after = query_int (request, "after");
  if (level && !forge_log_level_parse (level, &query->level)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is none of error, warning, info, debug",
                 level);
    return FALSE;
  }
  if (category && !forge_event_category_parse (category, &parsed)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is none of connection, stream, match, guide, provider, library, system",
                 category);
    return FALSE;
  }
  if (category)
    query->category = (int)parsed;
  return TRUE;
}

static JsonNode *
list_events (ForgeApiCall *call, GError **error)
{
  EventQuery query;

  if (!read_event_query (call->request, &query, error))
    return NULL;
  forge_event_log_flush (call->ops.engine->events);
  g_autoptr (GPtrArray) events = forge_store_list_events (call->ops.store,
                                                          query.level,
                                                          query.category,
                                                          query.since,
                                                          query.after,
                                                          MAX_EVENTS_LISTED,
                                                          error);
  return events ? forge_json_array (events, event_shape, NULL) : NULL;
}

static JsonNode *
clear_events (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_store_clear_events (call->ops.store, error));
}

static JsonNode *
setting_node (const ForgeSettings *settings, const ForgeSettingSpec *spec)
{
  static const char *const types[] = { "bool", "int", "text", "choice" };
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "key", spec->key);
  if (spec->type == FORGE_SETTING_BOOL)
    json_object_set_boolean_member (object, "value", forge_settings_bool (settings, spec->key));
  else if (spec->type == FORGE_SETTING_INT)
    json_object_set_int_member (object, "value", forge_settings_int (settings, spec->key));
  else
    json_object_set_string_member (object, "value", forge_settings_text (settings, spec->key));
  json_object_set_string_member (object, "type", types[spec->type]);
  json_object_set_string_member (object, "default", spec->fallback);
  if (spec->type == FORGE_SETTING_INT) {
    json_object_set_int_member (object, "min", spec->min);
    json_object_set_int_member (object, "max", spec->max);
  }
  if (spec->unit)
    json_object_set_string_member (object, "unit", spec->unit);
  json_object_set_string_member (object, "meaning", spec->meaning);
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
list_settings (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  guint n;
  const ForgeSettingSpec *table = forge_settings_table (&n);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < n; i++)
    json_array_add_element (array, setting_node (snapshot->settings, &table[i]));
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
show_setting (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  const ForgeSettingSpec *spec = forge_settings_find (call->word);

  if (spec)
    return setting_node (snapshot->settings, spec);
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "There is no setting “%s”", call->word);
  return NULL;
}

static JsonNode *
set_setting (ForgeApiCall *call, GError **error)
{
  const char *value = forge_api_text (call, "value", error);

  return value && forge_ops_set_setting (&call->ops, call->word, value, error)
             ? show_setting (call, error)
             : NULL;
}

static JsonNode *
export_config (ForgeApiCall *call, GError **error)
{
  g_autofree char *text = forge_ops_export_config (&call->ops, error);

  return text ? forge_json_parse (text, -1, error) : NULL;
}

static JsonNode *
import_config (ForgeApiCall *call, GError **error)
{
  JsonNode *backup = json_object_get_member (call->body, "backup");
  g_autofree char *summary = NULL;
  gboolean dry_run = FALSE;

  if (!forge_api_flag (call, "dry_run", &dry_run, error) ||
      !forge_ops_import_config (&call->ops, backup, dry_run, &summary, error))
    return NULL;
  JsonNode *node = forge_api_done (TRUE);
  json_object_set_string_member (json_node_get_object (node), "summary", summary);
  return node;
}

const ForgeApiRoute forge_api_system_routes[] = {
  { "GET", "/v1/status", FALSE, show_status },
  { "GET", "/v1/sessions", FALSE, list_sessions },
  { "DELETE", "/v1/sessions", FALSE, stop_sessions },
  { "DELETE", "/v1/sessions/{id}", FALSE, stop_session },
  { "PUT", "/v1/paused", FALSE, set_paused },
  { "GET", "/v1/events", FALSE, list_events },
  { "DELETE", "/v1/events", FALSE, clear_events },
  { "GET", "/v1/settings", FALSE, list_settings },
  { "GET", "/v1/settings/{word}", FALSE, show_setting },
  { "PUT", "/v1/settings/{word}", FALSE, set_setting },
  { "GET", "/v1/config", FALSE, export_config },
  { "POST", "/v1/config", TRUE, import_config },
  { 0 },
};
