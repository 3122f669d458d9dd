/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-json-shapes.h"
#include "engine/forge-ops.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-misc.h"

#include <string.h>

/**
 * The backup: settings, accounts without passwords, guides, and the user's decisions on channels
 * by natural keys, so that it works on another machine with another database.
 */
#define FORMAT_NAME    "streamforge-backup"
#define FORMAT_VERSION 1

gboolean
forge_ops_set_setting (ForgeOps *ops, const char *key, const char *value, GError **error)
{
  const ForgeSettingSpec *spec = forge_settings_find (key);

  if (!spec) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "There is no setting “%s”", key);
    return FALSE;
  }
  g_autofree char *canonical = forge_settings_canonical (spec, value, error);
  return canonical && forge_store_set_setting (ops->store, key, canonical, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

static void
add_member (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
}

static JsonArray *
export_accounts (GPtrArray *accounts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (accounts, i);
    JsonObject *object = json_object_new ();
    add_member (object, "name", account->name);
    add_member (object, "kind", forge_account_kind_name (account->kind));
    add_member (object, "server", account->server);
    add_member (object, "username", account->username);
    add_member (object, "user_agent", account->user_agent);
    g_autofree char *mirrors = account->mirrors ? g_strjoinv (",", account->mirrors) : NULL;
    add_member (object, "mirrors", mirrors);
    json_object_set_boolean_member (object, "enabled", account->enabled);
    json_object_set_int_member (object, "max_connections", account->user_max_connections);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* A URL that holds a login is left out: the backup has no secrets. */
static gboolean
has_secret (const char *location)
{
  return location && (strstr (location, "password=") || strstr (location, "@"));
}

static JsonArray *
export_guides (GPtrArray *guides, GPtrArray *accounts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (guides, i);
    JsonObject *object = json_object_new ();
    add_member (object, "name", source->name);
    if (!has_secret (source->location))
      add_member (object, "location", source->location);
    for (guint k = 0; k < accounts->len; k++) {
      const ForgeAccount *account = g_ptr_array_index (accounts, k);
      if (account->id == source->account_id)
        add_member (object, "account", account->name);
    }
    json_object_set_int_member (object, "shift_minutes", source->shift_minutes);
    json_object_set_int_member (object, "priority", source->priority);
    json_object_set_boolean_member (object, "enabled", source->enabled);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* Only what was changed. The identity of this device stays here: two of them at home would fight.
 */
static JsonObject *
export_settings (ForgeOps *ops, GError **error)
{
  g_autoptr (GHashTable) values = forge_store_load_settings (ops->store, error);
  GHashTableIter iter;
  gpointer key, value;

  if (!values)
    return NULL;
  JsonObject *object = json_object_new ();
  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!g_str_has_prefix (key, "device_"))
      json_object_set_string_member (object, key, value);
  return object;
}

static JsonNode *
export_channels (ForgeOps *ops, GError **error)
{
  g_autofree char *text = forge_store_export_channels (ops->store, error);

  return text ? json_from_string (text, error) : NULL;
}

char *
forge_ops_export_config (ForgeOps *ops, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  g_autoptr (JsonObject) root = json_object_new ();
  JsonObject *settings = export_settings (ops, error);
  JsonNode *channels = settings ? export_channels (ops, error) : NULL;

  if (!channels) {
    g_clear_pointer (&settings, json_object_unref);
    return NULL;
  }
  json_object_set_string_member (root, "format", FORMAT_NAME);
  json_object_set_int_member (root, "version", FORMAT_VERSION);
  json_object_set_object_member (root, "settings", settings);
  json_object_set_array_member (root, "accounts", export_accounts (snapshot->accounts));
  json_object_set_array_member (root,
                                "guides",
                                export_guides (snapshot->guides, snapshot->accounts));
  json_object_set_member (root, "channels", channels);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, root);
  return json_to_string (node, TRUE);
}

static JsonNode *
parse_backup (const char *json, GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (JsonNode) node = json_from_string (json, &failure);

  if (!node || !JSON_NODE_HOLDS_OBJECT (node) ||
      g_strcmp0 (
          json_object_get_string_member_with_default (json_node_get_object (node), "format", ""),
          FORMAT_NAME) != 0) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "This file is no StreamForge backup%s%s",
                 failure ? ": " : "",
                 failure ? failure->message : "");
    return NULL;
  }
  gint64 version =
      json_object_get_int_member_with_default (json_node_get_object (node), "version", 0);
  if (version < 1 || version > FORMAT_VERSION) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_UNSUPPORTED,
                 "The backup has version %" G_GINT64_FORMAT "; this program reads 1 to %d",
                 version,
                 FORMAT_VERSION);
    return NULL;
  }
  return g_steal_pointer (&node);
}

/* A member that must be an array; absent = empty. (transfer none) */
static JsonArray *
member_array (JsonObject *root, const char *name)
{
  JsonNode *node = json_object_get_member (root, name);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

static const char *
member_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node && json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                  : NULL;
}

static JsonObject *
element_object (JsonArray *array, guint index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

/* The id of the account called `name`, 0 = none. */
static gint64
account_id_of (ForgeOps *ops, const char *name)
{
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (ops->store, NULL);

  for (guint i = 0; accounts && i < accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (accounts, i);
    if (g_strcmp0 (account->name, name) == 0)
      return account->id;
  }
  return 0;
}

static gboolean
import_account (ForgeOps *ops, JsonObject *object, GError **error)
{
  const char *name = member_text (object, "name"), *server = member_text (object, "server");
  const char *mirrors = member_text (object, "mirrors");
  g_autoptr (ForgeAccount) account = forge_account_new ();

  if (!name || !server || account_id_of (ops, name))
    return TRUE; /* an account of that name stays as it is */
  account->name = g_strdup (name);
  account->server = g_strdup (server);
  account->username = g_strdup (member_text (object, "username"));
  account->user_agent = g_strdup (member_text (object, "user_agent"));
  account->mirrors = mirrors ? g_strsplit (mirrors, ",", -1) : NULL;
  account->enabled = json_object_get_boolean_member_with_default (object, "enabled", TRUE);
  account->user_max_connections =
      (int)json_object_get_int_member_with_default (object, "max_connections", 0);
  account->status = FORGE_ACCOUNT_UNAUTHORIZED;
  account->kind = forge_account_kind_parse (member_text (object, "kind"));
  account->status_text =
      g_strdup (account->kind == FORGE_ACCOUNT_M3U
                    ? "The address of its list is not in the backup: enter it again"
                    : "Its password is not in the backup: enter it again");
  return forge_store_add_account (ops->store, account, error) > 0;
}

static gboolean
has_guide (ForgeOps *ops, const char *name)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (ops->store, NULL);

  for (guint i = 0; sources && i < sources->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (sources, i);
    if (g_strcmp0 (source->name, name) == 0)
      return TRUE;
  }
  return FALSE;
}

static gboolean
import_guide (ForgeOps *ops, JsonObject *object, GError **error)
{
  const char *name = member_text (object, "name"), *account = member_text (object, "account");
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->name = g_strdup (name);
  source->location = g_strdup (member_text (object, "location"));
  source->account_id = account ? account_id_of (ops, account) : 0;
  source->shift_minutes = (int)json_object_get_int_member_with_default (object, "shift_minutes", 0);
  source->priority = (int)json_object_get_int_member_with_default (object, "priority", 0);
  source->enabled = json_object_get_boolean_member_with_default (object, "enabled", TRUE);
  if (!name || has_guide (ops, name) || (!source->location && !source->account_id))
    return TRUE;
  return forge_store_add_guide_source (ops->store, source, error) > 0;
}

static gboolean
import_settings (ForgeOps *ops, JsonObject *settings, GError **error)
{
  g_autoptr (GList) keys = json_object_get_members (settings);

  for (GList *l = keys; l; l = l->next) {
    const ForgeSettingSpec *spec = forge_settings_find (l->data);
    const char *value = member_text (settings, l->data);
    g_autofree char *canonical = spec && value ? forge_settings_canonical (spec, value, NULL)
                                               : NULL;
    if (canonical && !forge_store_set_setting (ops->store, spec->key, canonical, error))
      return FALSE;
  }
  return TRUE;
}

typedef gboolean (*ImportElement) (ForgeOps *ops, JsonObject *object, GError **error);

static gboolean
import_elements (ForgeOps *ops, JsonArray *array, ImportElement import, GError **error)
{
  for (guint i = 0; array && i < json_array_get_length (array); i++) {
    JsonObject *object = element_object (array, i);
    if (object && !import (ops, object, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
import_all (ForgeOps *ops, JsonObject *root, GError **error)
{
  JsonNode *settings = json_object_get_member (root, "settings"),
           *channels = json_object_get_member (root, "channels");
  g_autofree char *text = channels ? json_to_string (channels, FALSE) : NULL;

  return (!settings || !JSON_NODE_HOLDS_OBJECT (settings) ||
          import_settings (ops, json_node_get_object (settings), error)) &&
         import_elements (ops, member_array (root, "accounts"), import_account, error) &&
         import_elements (ops, member_array (root, "guides"), import_guide, error) &&
         (!text || forge_store_import_channels (ops->store, text, error));
}

static guint
length_of (JsonArray *array)
{
  return array ? json_array_get_length (array) : 0;
}

gboolean
forge_ops_import_config (ForgeOps *ops,
                         const char *json,
                         gboolean dry_run,
                         char **summary,
                         GError **error)
{
  g_autoptr (JsonNode) node = parse_backup (json, error);

  if (!node)
    return FALSE;
  JsonObject *root = json_node_get_object (node);
  *summary = g_strdup_printf ("%u accounts, %u guides, %u channels",
                              length_of (member_array (root, "accounts")),
                              length_of (member_array (root, "guides")),
                              length_of (member_array (root, "channels")));
  return dry_run || (import_all (ops, root, error) && forge_ops_run_lineup (ops, error));
}
