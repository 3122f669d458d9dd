/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/doctor/forge-doctor.h"
#include "engine/forge-api-private.h"
#include "engine/forge-ops-devices.h"
#include "engine/forge-ops-users.h"

/* Users of our Xtream API and the doctor: /v1/users…, /v1/doctor. */

static JsonObject *
user_object (ForgeApiCall *call, const ForgeSnapshot *snapshot, const ForgeAppUser *user)
{
  const ForgeDeviceView *view = forge_device_views_find (snapshot->devices, user->device);
  g_autofree char *created = forge_time_to_iso8601 (user->created_at);
  g_auto (ForgeDevicePlace) place = { 0 };
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, "id", user->id);
  json_object_set_string_member (object, "name", user->name);
  json_object_set_int_member (object, "device", user->device);
  json_object_set_string_member (object, "device_name", view ? view->device->name : "");
  json_object_set_string_member (object, "created_at", created);
  json_object_set_int_member (object, "max_connections", user->max_connections);
  json_object_set_int_member (object,
                              "active_connections",
                              forge_tuner_pages_user_connections (call->ops.engine->pages,
                                                                  user->id));
  json_object_set_boolean_member (object, "library", user->has_library);
  json_object_set_boolean_member (object, "has_password", *user->secret != '\0');
  if (view)
    forge_ops_locate_device (&call->ops, view->device, &place);
  if (place.url)
    json_object_set_string_member (object, "server", place.lan_url ? place.lan_url : place.url);
  else
    json_object_set_null_member (object, "server");
  return object;
}

static JsonNode *
list_users (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < snapshot->users->len; i++)
    json_array_add_object_element (
        array,
        user_object (call, snapshot, g_ptr_array_index (snapshot->users, i)));
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
user_by_id (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);

  for (guint i = 0; i < snapshot->users->len; i++) {
    const ForgeAppUser *user = g_ptr_array_index (snapshot->users, i);
    if (user->id != id)
      continue;
    JsonNode *node = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (node, user_object (call, snapshot, user));
    return node;
  }
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "There is no user %" G_GINT64_FORMAT, id);
  return NULL;
}

/* The members that a new user and a changed one have in common. */
static gboolean
read_wish (ForgeApiCall *call, ForgeUserWish *wish, GError **error)
{
  gboolean has_library = wish->has_library;

  if (!forge_api_optional_text (call, "password", &wish->password, error) ||
      !forge_api_optional_int (call, "device", &wish->device, error) ||
      !forge_api_optional_int (call, "max_connections", &wish->max_connections, error) ||
      !forge_api_flag (call, "library", &has_library, error))
    return FALSE;
  wish->has_library = has_library;
  return TRUE;
}

static JsonNode *
add_user (ForgeApiCall *call, GError **error)
{
  const char *name = forge_api_text (call, "name", error);
  ForgeUserWish wish = FORGE_USER_WISH_INIT;
  ForgeSecret *made = NULL;

  if (!name || !read_wish (call, &wish, error))
    return NULL;
  gint64 id = forge_ops_add_user (&call->ops, name, &wish, &made, error);
  JsonNode *node = id ? user_by_id (call, id, error) : NULL;
  /* The only time that it is told. */
  if (node && made)
    json_object_set_string_member (json_node_get_object (node), "password", made);
  forge_secret_free (made);
  return node;
}

static JsonNode *
set_user (ForgeApiCall *call, GError **error)
{
  ForgeUserWish wish = FORGE_USER_WISH_INIT;

  if (!read_wish (call, &wish, error) ||
      !forge_ops_update_user (&call->ops, call->ids[0], &wish, error))
    return NULL;
  return user_by_id (call, call->ids[0], error);
}

static JsonNode *
remove_user (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_remove_user (&call->ops, call->ids[0], error));
}

static JsonNode *
run_doctor (ForgeApiCall *call, GError **error)
{
  const char *as = forge_request_query (call->request, "as");
  ForgeDoctorClient client = FORGE_DOCTOR_ALL;

  if (!as || forge_doctor_client_parse (as, &client))
    return forge_doctor_run (&call->ops, client, error);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is none of plex, jellyfin, emby, channels, all",
               as);
  return NULL;
}

const ForgeApiRoute forge_api_user_routes[] = {
  { "GET", "/v1/users", FALSE, list_users },
  { "POST", "/v1/users", FALSE, add_user },
  { "PATCH", "/v1/users/{id}", FALSE, set_user },
  { "DELETE", "/v1/users/{id}", FALSE, remove_user },
  { "GET", "/v1/doctor", FALSE, run_doctor },
  { 0 },
};
