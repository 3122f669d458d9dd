/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-api-private.h"
#include "engine/forge-ops-refresh.h"

/* What refreshes did: /v1/refreshes…. */

/* More rows than a person looks through; the counts say how many there are. */
#define MAX_CHANGES_SHOWN 5000

static JsonObject *
refresh_object (const ForgeRefresh *refresh)
{
  JsonObject *object = json_object_new ();
  g_autofree char *time = forge_time_to_iso8601 (refresh->time);

  json_object_set_int_member (object, "id", refresh->id);
  json_object_set_string_member (object, "time", time);
  json_object_set_string_member (object, "kind", refresh->account_id ? "provider" : "guide");
  json_object_set_int_member (object,
                              refresh->account_id ? "account_id" : "guide_id",
                              refresh->account_id ? refresh->account_id : refresh->source_id);
  json_object_set_string_member (object, "name", refresh->name);
  json_object_set_string_member (object, "state", forge_refresh_state_name (refresh->state));
  json_object_set_int_member (object, "added", refresh->added);
  json_object_set_int_member (object, "removed", refresh->removed);
  json_object_set_int_member (object, "changed", refresh->changed);
  json_object_set_int_member (object, "before", refresh->before);
  json_object_set_int_member (object, "after", refresh->after);
  json_object_set_string_member (object, "summary", refresh->summary);
  return object;
}

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static JsonNode *
refresh_shape (gconstpointer item, gpointer user_data)
{
  return take_object (refresh_object (item));
}

static JsonNode *
list_refreshes (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) refreshes = forge_store_list_refreshes (call->ops.store, error);

  return refreshes ? forge_json_array (refreshes, refresh_shape, NULL) : NULL;
}

/* A stream's values as stored, with the quality's name. */
static void
set_values (JsonObject *object, const char *member, const char *json)
{
  g_autoptr (JsonNode) node = json ? json_from_string (json, NULL) : NULL;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    json_object_set_null_member (object, member);
    return;
  }
  JsonObject *values = json_node_get_object (node);
  gint64 quality = json_object_get_int_member_with_default (values, "quality", 0);
  json_object_set_string_member (values, "quality", forge_quality_name ((ForgeQuality)quality));
  json_object_remove_member (values, "position");
  json_object_set_member (object, member, g_steal_pointer (&node));
}

static void
add_change (const char *what,
            gint64 item_id,
            const char *name,
            const char *old,
            const char *new,
            gpointer user_data)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "what", what);
  json_object_set_int_member (object, "id", item_id);
  json_object_set_string_member (object, "name", name);
  if (old || new) {
    set_values (object, "old", old);
    set_values (object, "new", new);
  }
  json_array_add_object_element (user_data, object);
}

static JsonNode *
refresh_node (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeRefresh) refresh = forge_store_get_refresh (call->ops.store, id, error);
  g_autoptr (JsonArray) changes = json_array_new ();

  if (!refresh || !forge_store_each_refresh_change (call->ops.store,
                                                    id,
                                                    MAX_CHANGES_SHOWN,
                                                    add_change,
                                                    changes,
                                                    error))
    return NULL;
  JsonObject *object = refresh_object (refresh);
  json_object_set_array_member (object, "changes", g_steal_pointer (&changes));
  return take_object (object);
}

static JsonNode *
show_refresh (ForgeApiCall *call, GError **error)
{
  return refresh_node (call, call->ids[0], error);
}

static JsonNode *
apply_refresh (ForgeApiCall *call, GError **error)
{
  return forge_ops_apply_refresh (&call->ops, call->ids[0], error)
             ? refresh_node (call, call->ids[0], error)
             : NULL;
}

static JsonNode *
keep_refresh (ForgeApiCall *call, GError **error)
{
  return forge_ops_keep_refresh (&call->ops, call->ids[0], error)
             ? refresh_node (call, call->ids[0], error)
             : NULL;
}

/* Without an id in the path it is 0: the last one. */
static JsonNode *
undo_refresh (ForgeApiCall *call, GError **error)
{
  gint64 id = call->ids[0];

  return forge_ops_undo_refresh (&call->ops, &id, error) ? refresh_node (call, id, error) : NULL;
}

const ForgeApiRoute forge_api_refresh_routes[] = {
  { "GET", "/v1/refreshes", FALSE, list_refreshes },
  { "POST", "/v1/refreshes/undo", TRUE, undo_refresh },
  { "GET", "/v1/refreshes/{id}", FALSE, show_refresh },
  { "POST", "/v1/refreshes/{id}/apply", TRUE, apply_refresh },
  { "POST", "/v1/refreshes/{id}/keep", TRUE, keep_refresh },
  { "POST", "/v1/refreshes/{id}/undo", TRUE, undo_refresh },
  { 0 },
};
