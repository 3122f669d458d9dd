/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-ops-devices.h"
#include "store/forge-store-devices.h"

/* Virtual tuners and what they choose from: /v1/devices…, /v1/groups, stars of channels. */

static JsonNode *
node_of (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

static void
set_groups (JsonObject *object, char **groups)
{
  JsonArray *array = json_array_new ();

  for (char **group = groups; group && *group; group++)
    json_array_add_string_element (array, *group);
  json_object_set_array_member (object, "groups", array);
}

/* The counter against Plex's limit. */
static void
set_counts (JsonObject *object, guint channels)
{
  json_object_set_int_member (object, "channels", channels);
  json_object_set_int_member (object, "plex_limit", FORGE_PLEX_MAX_CHANNELS);
  json_object_set_boolean_member (object, "fits_plex", channels <= FORGE_PLEX_MAX_CHANNELS);
}

static JsonNode *
device_node (ForgeApiCall *call, const ForgeDeviceView *view)
{
  const ForgeDevice *device = view->device;
  JsonObject *object = json_object_new ();
  g_auto (ForgeDevicePlace) place = { 0 };

  forge_ops_locate_device (&call->ops, device, &place);
  json_object_set_int_member (object, "id", device->id);
  set_text (object, "name", device->name);
  json_object_set_boolean_member (object, "main", device->id == FORGE_DEVICE_MAIN);
  set_text (object, "device_id", device->device_id);
  json_object_set_int_member (object, "port", place.port);
  json_object_set_boolean_member (object, "enabled", device->enabled);
  set_text (object, "filter", forge_device_filter_name (device->filter));
  set_groups (object, device->groups);
  json_object_set_int_member (object, "limit", device->limit);
  set_counts (object, forge_lineup_size (view->lineup));
  json_object_set_boolean_member (object, "listening", place.is_listening);
  set_text (object, "url", place.url);
  set_text (object, "lan_url", place.lan_url);
  return node_of (object);
}

static JsonNode *
list_devices (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < snapshot->devices->len; i++)
    json_array_add_element (array, device_node (call, g_ptr_array_index (snapshot->devices, i)));
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
device_by_id (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  const ForgeDeviceView *view = forge_device_views_find (snapshot->devices, id);

  if (view)
    return device_node (call, view);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no device %" G_GINT64_FORMAT,
               id);
  return NULL;
}

static JsonNode *
show_device (ForgeApiCall *call, GError **error)
{
  return device_by_id (call, call->ids[0], error);
}

static gboolean
read_number (ForgeApiCall *call, const char *member, guint *number, GError **error)
{
  gint64 value = *number;

  if (!forge_api_optional_int (call, member, &value, error))
    return FALSE;
  if (value >= 0 && value <= G_MAXINT) {
    *number = (guint)value;
    return TRUE;
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: %" G_GINT64_FORMAT " is not possible",
               member,
               value);
  return FALSE;
}

static gboolean
read_filter (ForgeApiCall *call, ForgeDevice *device, GError **error)
{
  const char *filter = NULL;
  char **groups = NULL;

  if (!forge_api_optional_text (call, "filter", &filter, error) ||
      !forge_api_texts (call, "groups", &groups, error))
    return FALSE;
  if (groups) {
    g_strfreev (device->groups);
    device->groups = groups;
    if (!filter && groups[0])
      filter = "groups";
  }
  if (!filter || forge_device_filter_parse (filter, &device->filter))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "filter: “%s” is none of all, groups, favorites",
               filter);
  return FALSE;
}

/* What the body says goes into `device`; the rest stays. */
static gboolean
read_device (ForgeApiCall *call, ForgeDevice *device, GError **error)
{
  const char *name = NULL;

  if (!forge_api_optional_text (call, "name", &name, error) || !read_filter (call, device, error) ||
      !read_number (call, "port", &device->port, error) ||
      !read_number (call, "limit", &device->limit, error) ||
      !forge_api_flag (call, "enabled", &device->enabled, error))
    return FALSE;
  if (name) {
    g_free (device->name);
    device->name = g_strdup (name);
  }
  return TRUE;
}

static JsonNode *
add_device (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_device_new ();

  if (!read_device (call, device, error))
    return NULL;
  gint64 id = forge_ops_add_device (&call->ops, device, error);
  return id ? device_by_id (call, id, error) : NULL;
}

static JsonNode *
set_device (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_ops_get_device (&call->ops, call->ids[0], error);

  if (!device || !read_device (call, device, error) ||
      !forge_ops_update_device (&call->ops, device, error))
    return NULL;
  return show_device (call, error);
}

static JsonNode *
remove_device (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_remove_device (&call->ops, call->ids[0], error));
}

static JsonNode *
renew_device (ForgeApiCall *call, GError **error)
{
  return forge_ops_renew_device (&call->ops, call->ids[0], error) ? show_device (call, error)
                                                                  : NULL;
}

/* What a choice would show, while a person still makes it. */
static JsonNode *
preview_device (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  g_autoptr (ForgeDevice) device = forge_device_new ();

  if (!read_device (call, device, error))
    return NULL;
  g_autoptr (ForgeLineup) lineup = forge_device_pick (device, snapshot->lineup);
  JsonObject *object = json_object_new ();
  set_counts (object, forge_lineup_size (lineup));
  return node_of (object);
}

static void
count_group (GHashTable *counts, GPtrArray *names, const char *group)
{
  guint count = GPOINTER_TO_UINT (g_hash_table_lookup (counts, group));

  if (!count)
    g_ptr_array_add (names, (gpointer)group);
  g_hash_table_insert (counts, (gpointer)group, GUINT_TO_POINTER (count + 1));
}

/* In the order of the lineup. */
static JsonNode *
list_groups (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  g_autoptr (GHashTable) counts = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < forge_lineup_size (snapshot->lineup); i++) {
    const ForgeChannel *channel = forge_lineup_channel (snapshot->lineup, i);
    if (channel->group)
      count_group (counts, names, channel->group);
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    JsonObject *object = json_object_new ();
    json_object_set_string_member (object, "name", name);
    json_object_set_int_member (object,
                                "channels",
                                GPOINTER_TO_UINT (g_hash_table_lookup (counts, name)));
    json_array_add_object_element (array, object);
  }
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

/* All of them or none. */
static JsonNode *
set_stars (ForgeApiCall *call, gboolean favorite, GError **error)
{
  g_autoptr (GArray) ids = forge_api_ids (call, "ids", error);
  gboolean ok = ids && forge_store_begin (call->ops.store, error);

  if (!ok)
    return NULL;
  for (guint i = 0; ok && i < ids->len; i++)
    ok =
        forge_store_set_favorite (call->ops.store, g_array_index (ids, gint64, i), favorite, error);
  if (!ok) {
    forge_store_rollback (call->ops.store);
    return NULL;
  }
  return forge_api_done (forge_store_commit (call->ops.store, error) &&
                         forge_engine_publish (call->ops.engine, call->ops.store, error));
}

static JsonNode *
give_stars (ForgeApiCall *call, GError **error)
{
  return set_stars (call, TRUE, error);
}

static JsonNode *
take_stars (ForgeApiCall *call, GError **error)
{
  return set_stars (call, FALSE, error);
}

const ForgeApiRoute forge_api_device_routes[] = {
  { "GET", "/v1/devices", FALSE, list_devices },
  { "POST", "/v1/devices", FALSE, add_device },
  { "POST", "/v1/devices/preview", FALSE, preview_device },
  { "GET", "/v1/devices/{id}", FALSE, show_device },
  { "PATCH", "/v1/devices/{id}", FALSE, set_device },
  { "DELETE", "/v1/devices/{id}", FALSE, remove_device },
  { "POST", "/v1/devices/{id}/new-id", FALSE, renew_device },
  { "GET", "/v1/groups", FALSE, list_groups },
  { "POST", "/v1/channels/favorite", FALSE, give_stars },
  { "POST", "/v1/channels/unfavorite", FALSE, take_stars },
  { 0 },
};
