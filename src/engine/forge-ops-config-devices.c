/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-config-private.h"
#include "engine/forge-ops-devices.h"
#include "engine/forge-ops-users.h"
#include "store/forge-store-devices.h"
#include "store/forge-store-users.h"

/* Virtual tuners and users in the backup. They refer to each other by name. */

/* ---- devices ---- */

static JsonArray *
export_groups (char **groups)
{
  JsonArray *array = json_array_new ();

  for (char **group = groups; group && *group; group++)
    json_array_add_string_element (array, *group);
  return array;
}

static JsonObject *
export_device (const ForgeDevice *device)
{
  JsonObject *object = json_object_new ();

  if (device->id == FORGE_DEVICE_MAIN) {
    json_object_set_boolean_member (object, "main", TRUE);
  } else {
    json_object_set_string_member (object, "name", device->name);
    json_object_set_int_member (object, "port", device->port);
    json_object_set_boolean_member (object, "enabled", device->enabled);
  }
  json_object_set_string_member (object, "filter", forge_device_filter_name (device->filter));
  json_object_set_array_member (object, "groups", export_groups (device->groups));
  json_object_set_int_member (object, "limit", device->limit);
  return object;
}

JsonArray *
forge_export_devices (const ForgeSnapshot *snapshot)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (snapshot->devices, i);
    json_array_add_object_element (array, export_device (view->device));
  }
  return array;
}

static gboolean
read_groups (JsonObject *object, ForgeDevice *device, GError **error)
{
  JsonNode *node = json_object_get_member (object, "groups");
  g_autoptr (GStrvBuilder) groups = g_strv_builder_new ();

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return forge_import_wrong_type ("groups", "list", error);
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *group = json_array_get_element (array, i);
    if (json_node_get_value_type (group) != G_TYPE_STRING)
      return forge_import_wrong_type ("groups", "list of texts", error);
    g_strv_builder_add (groups, json_node_get_string (group));
  }
  g_strfreev (device->groups);
  device->groups = json_array_get_length (array) ? g_strv_builder_end (groups) : NULL;
  return TRUE;
}

static gboolean
read_choice (JsonObject *object, ForgeDevice *device, GError **error)
{
  const char *filter = NULL;
  gint64 limit = 0;

  if (!forge_import_text (object, "filter", &filter, error) ||
      !forge_import_int (object, "limit", &limit, error) || !read_groups (object, device, error))
    return FALSE;
  if (filter && !forge_device_filter_parse (filter, &device->filter))
    return forge_import_wrong_type ("filter", "one of all, groups, favorites", error);
  device->limit = (guint)CLAMP (limit, 0, G_MAXINT);
  return TRUE;
}

/* NULL: there is none of that name, or an error. (transfer full) */
static ForgeDevice *
find_device (ForgeImport *import, const char *name, GError **error)
{
  g_autoptr (GPtrArray) devices = forge_store_list_devices (import->ops->store, error);

  for (guint i = 0; devices && i < devices->len; i++) {
    ForgeDevice *device = g_ptr_array_index (devices, i);
    if (g_strcmp0 (device->name, name) == 0)
      return forge_device_ref (device);
  }
  return NULL;
}

static gboolean
import_main (ForgeImport *import, JsonObject *object, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_ops_get_device (import->ops, FORGE_DEVICE_MAIN, error);

  return device && read_choice (object, device, error) && forge_ops_check_device (device, error) &&
         forge_store_update_device (import->ops->store, device, error);
}

/* A port that somebody else has by now is another one here. */
static gboolean
import_other (ForgeImport *import, JsonObject *object, GError **error)
{
  g_autoptr (ForgeDevice) device = forge_device_new ();
  g_autoptr (GError) failure = NULL;
  const char *name = NULL;
  gint64 port = 0;

  device->enabled = TRUE;
  if (!forge_import_text (object, "name", &name, error) ||
      !forge_import_int (object, "port", &port, error) ||
      !forge_import_flag (object, "enabled", &device->enabled, error) ||
      !read_choice (object, device, error))
    return FALSE;
  g_autoptr (ForgeDevice) known = find_device (import, name, &failure);
  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  if (known)
    return TRUE;
  device->name = g_strdup (name);
  device->port = port > 0 && port <= G_MAXUINT16 ? (guint)port : 0;
  return forge_ops_store_new_device (import->ops, device, error) > 0;
}

gboolean
forge_import_device (ForgeImport *import, JsonObject *object, GError **error)
{
  gboolean is_main = FALSE;

  if (!forge_import_flag (object, "main", &is_main, error))
    return FALSE;
  import->devices++;
  return is_main ? import_main (import, object, error) : import_other (import, object, error);
}

/* ---- users ---- */

JsonArray *
forge_export_users (const ForgeSnapshot *snapshot)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < snapshot->users->len; i++) {
    const ForgeAppUser *user = g_ptr_array_index (snapshot->users, i);
    const ForgeDeviceView *view = forge_device_views_find (snapshot->devices, user->device);
    JsonObject *object = json_object_new ();
    json_object_set_string_member (object, "name", user->name);
    if (view && user->device != FORGE_DEVICE_MAIN)
      json_object_set_string_member (object, "device", view->device->name);
    json_object_set_int_member (object, "max_connections", user->max_connections);
    json_object_set_boolean_member (object, "library", user->has_library);
    json_array_add_object_element (array, object);
  }
  return array;
}

static gboolean
has_user (ForgeImport *import, const char *name)
{
  g_autoptr (GPtrArray) users = forge_store_list_users (import->ops->store, NULL);

  for (guint i = 0; users && i < users->len; i++)
    if (g_strcmp0 (((const ForgeAppUser *)g_ptr_array_index (users, i))->name, name) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
read_user (JsonObject *object, ForgeAppUser *user, const char **device, GError **error)
{
  const char *name = "";
  gint64 connections = 0;

  if (!forge_import_text (object, "name", &name, error) ||
      !forge_import_text (object, "device", device, error) ||
      !forge_import_int (object, "max_connections", &connections, error) ||
      !forge_import_flag (object, "library", &user->has_library, error) ||
      !forge_ops_check_user (name, connections, error))
    return FALSE;
  user->name = g_strdup (name);
  user->max_connections = (int)connections;
  return TRUE;
}

gboolean
forge_import_user (ForgeImport *import, JsonObject *object, GError **error)
{
  g_autoptr (ForgeAppUser) user = forge_app_user_new ();
  const char *device = NULL;

  if (!read_user (object, user, &device, error))
    return FALSE;
  import->users++;
  if (has_user (import, user->name))
    return TRUE;
  g_autoptr (ForgeDevice) known = device ? find_device (import, device, NULL) : NULL;
  user->secret = g_strdup (""); /* not in the backup */
  user->device = known ? known->id : FORGE_DEVICE_MAIN;
  user->created_at = forge_clock_wall_s (import->ops->engine->clock);
  return forge_store_add_user (import->ops->store, user, error) > 0;
}
