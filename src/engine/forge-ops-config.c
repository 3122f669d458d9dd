/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-hidden-url.h"
#include "engine/forge-json-shapes.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-ops-config-private.h"
#include "engine/forge-ops.h"
#include "engine/forge-shift-text.h"
#include "formats/forge-json-text.h"
#include "net/forge-url.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-misc.h"

#include <string.h>

/**
 * The backup: settings, accounts and users without passwords, guides, virtual tuners, and the
 * user's decisions on channels by natural keys, so that it works on another machine with another
 * database.
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
    add_member (object, "proxy", account->proxy);
    g_autofree char *mirrors = account->mirrors ? g_strjoinv (",", account->mirrors) : NULL;
    add_member (object, "mirrors", mirrors);
    json_object_set_boolean_member (object, "enabled", account->enabled);
    json_object_set_int_member (object, "max_connections", account->user_max_connections);
    json_array_add_object_element (array, object);
  }
  return array;
}

static JsonArray *
export_guides (GPtrArray *guides, GPtrArray *accounts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < guides->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (guides, i);
    JsonObject *object = json_object_new ();
    add_member (object, "name", source->name);
    add_member (object, "location", source->location);
    for (guint k = 0; k < accounts->len; k++) {
      const ForgeAccount *account = g_ptr_array_index (accounts, k);
      if (account->id == source->account_id)
        add_member (object, "account", account->name);
    }
    add_member (object, "zone", source->zone);
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

  return text ? forge_json_parse (text, -1, error) : NULL;
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
  json_object_set_array_member (root, "devices", forge_export_devices (snapshot));
  json_object_set_array_member (root, "users", forge_export_users (snapshot));
  json_object_set_member (root, "channels", channels);
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  json_node_set_object (node, root);
  return json_to_string (node, TRUE);
}

static gboolean
check_format (JsonNode *backup, GError **error)
{
  JsonObject *root = backup && JSON_NODE_HOLDS_OBJECT (backup) ? json_node_get_object (backup)
                                                               : NULL;

  if (!root ||
      g_strcmp0 (json_object_get_string_member_with_default (root, "format", ""), FORMAT_NAME)) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "This file is no StreamForge backup");
    return FALSE;
  }
  gint64 version = json_object_get_int_member_with_default (root, "version", 0);
  if (version >= 1 && version <= FORMAT_VERSION)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_UNSUPPORTED,
               "The backup has version %" G_GINT64_FORMAT "; this program reads 1 to %d",
               version,
               FORMAT_VERSION);
  return FALSE;
}

gboolean
forge_import_wrong_type (const char *name, const char *wanted, GError **error)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "“%s” is no %s", name, wanted);
  return FALSE;
}

gboolean
forge_import_text (JsonObject *object, const char *name, const char **value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return forge_import_wrong_type (name, "text", error);
  *value = json_node_get_string (node);
  return TRUE;
}

gboolean
forge_import_int (JsonObject *object, const char *name, gint64 *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_INT64)
    return forge_import_wrong_type (name, "whole number", error);
  *value = json_node_get_int (node);
  return TRUE;
}

gboolean
forge_import_flag (JsonObject *object, const char *name, gboolean *value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_BOOLEAN)
    return forge_import_wrong_type (name, "true or false", error);
  *value = json_node_get_boolean (node);
  return TRUE;
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
read_mirrors (ForgeAccount *account, const char *text, GError **error)
{
  g_auto (GStrv) mirrors = text && *text ? g_strsplit (text, ",", FORGE_MAX_MIRRORS) : NULL;

  for (char **mirror = mirrors; mirror && *mirror; mirror++) {
    char *url = forge_url_normalise_server (*mirror, NULL, NULL, error);
    if (!url)
      return FALSE;
    g_free (*mirror);
    *mirror = url;
  }
  account->mirrors = g_steal_pointer (&mirrors);
  return TRUE;
}

/* A list's is for show: where it is read from is not in a backup. (transfer full) */
static char *
read_server (ForgeAccountKind kind, const char *text, GError **error)
{
  if (kind != FORGE_ACCOUNT_M3U)
    return forge_url_normalise_server (text, NULL, NULL, error);
  return forge_check_guide_location (text, error) ? g_strdup (text) : NULL;
}

static gboolean
read_account (JsonObject *object, ForgeAccount *account, GError **error)
{
  const char *name = NULL, *server = "", *username = NULL, *agent = NULL, *proxy = NULL;
  const char *mirrors = NULL, *kind = NULL;
  gint64 connections = 0;

  if (!forge_import_text (object, "name", &name, error) ||
      !forge_import_text (object, "server", &server, error) ||
      !forge_import_text (object, "kind", &kind, error) ||
      !forge_import_text (object, "username", &username, error) ||
      !forge_import_text (object, "user_agent", &agent, error) ||
      !forge_import_text (object, "proxy", &proxy, error) ||
      !forge_import_text (object, "mirrors", &mirrors, error) ||
      !forge_import_flag (object, "enabled", &account->enabled, error) ||
      !forge_import_int (object, "max_connections", &connections, error) ||
      !forge_check_name (name, error) || !forge_check_username (username, error) ||
      !forge_check_user_agent (agent, error) || !forge_check_proxy (proxy, error) ||
      !forge_check_connections (connections, error) || !read_mirrors (account, mirrors, error))
    return FALSE;
  account->kind = forge_account_kind_parse (kind);
  account->server = read_server (account->kind, server, error);
  account->name = g_strdup (name);
  account->username = g_strdup (username);
  account->user_agent = g_strdup (agent);
  account->proxy = forge_hidden_url_has_login (proxy) ? forge_hidden_url_show (proxy)
                                                      : g_strdup (proxy);
  account->user_max_connections = (int)connections;
  return account->server != NULL;
}

/* An account of that name stays as it is. */
static gboolean
import_account (ForgeImport *import, JsonObject *object, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_account_new ();

  account->enabled = TRUE;
  if (!read_account (object, account, error))
    return FALSE;
  import->accounts++;
  if (account_id_of (import->ops, account->name))
    return TRUE;
  account->status = FORGE_ACCOUNT_UNAUTHORIZED;
  account->status_text =
      g_strdup (account->kind == FORGE_ACCOUNT_M3U
                    ? "The address of its list is not in the backup: enter it again"
                    : "Its password is not in the backup: enter it again");
  return forge_store_add_account (import->ops->store, account, error) > 0;
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
read_guide (ForgeImport *import, JsonObject *object, ForgeGuideSource *source, GError **error)
{
  const char *name = NULL, *location = NULL, *account = NULL, *zone = NULL;
  gint64 shift = 0, priority = 0;

  if (!forge_import_text (object, "name", &name, error) ||
      !forge_import_text (object, "location", &location, error) ||
      !forge_import_text (object, "account", &account, error) ||
      !forge_import_text (object, "zone", &zone, error) || !forge_check_zone (zone, error) ||
      !forge_import_int (object, "shift_minutes", &shift, error) ||
      !forge_import_int (object, "priority", &priority, error) ||
      !forge_import_flag (object, "enabled", &source->enabled, error) ||
      !forge_check_name (name, error) ||
      (location && !forge_check_guide_location (location, error)) ||
      !forge_check_shift (shift, error))
    return FALSE;
  source->name = g_strdup (name);
  source->location = g_strdup (location);
  source->account_id = account ? account_id_of (import->ops, account) : 0;
  source->zone = g_strdup (zone);
  source->shift_minutes = (int)shift;
  source->priority = (int)CLAMP (priority, G_MININT, G_MAXINT);
  return TRUE;
}

/* A guide of that name stays as it is; one of an account that is not here has no place. */
static gboolean
import_guide (ForgeImport *import, JsonObject *object, GError **error)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->enabled = TRUE;
  if (!read_guide (import, object, source, error))
    return FALSE;
  import->guides++;
  if (has_guide (import->ops, source->name) || (!source->location && !source->account_id))
    return TRUE;
  return import->dry_run ? forge_store_add_guide_source (import->ops->store, source, error) > 0
                         : forge_ops_store_guide (import->ops, source, error) > 0;
}

/* What another version knows and this one does not is left out. The identity of this device stays:
 * two of them at home would fight. */
static gboolean
import_setting (ForgeImport *import, const char *key, JsonNode *node, GError **error)
{
  const ForgeSettingSpec *spec = g_str_has_prefix (key, "device_") ? NULL
                                                                   : forge_settings_find (key);
  const char *value = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node)
                                                                       : NULL;
  g_autofree char *canonical = spec && value ? forge_settings_canonical (spec, value, NULL) : NULL;

  if (canonical)
    return forge_store_set_setting (import->ops->store, spec->key, canonical, error);
  import->skipped_settings++;
  return TRUE;
}

static gboolean
import_settings (ForgeImport *import, GError **error)
{
  JsonNode *node = json_object_get_member (import->root, "settings");
  JsonObjectIter iter;
  const char *key;

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return forge_import_wrong_type ("settings", "object", error);
  json_object_iter_init (&iter, json_node_get_object (node));
  while (json_object_iter_next (&iter, &key, &node))
    if (!import_setting (import, key, node, error))
      return FALSE;
  return TRUE;
}

typedef gboolean (*ImportElement) (ForgeImport *import, JsonObject *object, GError **error);

static gboolean
import_elements (ForgeImport *import, const char *name, ImportElement element, GError **error)
{
  JsonNode *node = json_object_get_member (import->root, name);

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return forge_import_wrong_type (name, "list", error);
  JsonArray *array = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *entry = json_array_get_element (array, i);
    if (JSON_NODE_HOLDS_OBJECT (entry) ? element (import, json_node_get_object (entry), error)
                                       : forge_import_wrong_type ("entry", "object", error))
      continue;
    g_prefix_error (error, "Entry %u of “%s”: ", i + 1, name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
import_channels (ForgeImport *import, GError **error)
{
  JsonNode *node = json_object_get_member (import->root, "channels");

  if (!node || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  g_autofree char *text = json_to_string (node, FALSE);
  if (JSON_NODE_HOLDS_ARRAY (node))
    import->channels = json_array_get_length (json_node_get_array (node));
  return forge_store_import_channels (import->ops->store, text, error);
}

static gboolean
import_all (ForgeImport *import, GError **error)
{
  ForgeStore *store = import->ops->store;

  if (!forge_store_begin (store, error))
    return FALSE;
  gboolean ok = import_settings (import, error) &&
                import_elements (import, "accounts", import_account, error) &&
                import_elements (import, "guides", import_guide, error) &&
                import_elements (import, "devices", forge_import_device, error) &&
                import_elements (import, "users", forge_import_user, error) &&
                import_channels (import, error);
  if (ok && !import->dry_run)
    return forge_store_commit (store, error);
  forge_store_rollback (store);
  return ok;
}

gboolean
forge_ops_import_config (ForgeOps *ops,
                         JsonNode *backup,
                         gboolean dry_run,
                         char **summary,
                         GError **error)
{
  if (!check_format (backup, error))
    return FALSE;
  ForgeImport import = { .ops = ops, .root = json_node_get_object (backup), .dry_run = dry_run };
  if (!import_all (&import, error))
    return FALSE;
  g_autofree char *skipped = import.skipped_settings
                                 ? g_strdup_printf (", %u settings left out that mean nothing here",
                                                    import.skipped_settings)
                                 : NULL;
  *summary = g_strdup_printf ("%u accounts, %u guides, %u devices, %u users, %u channels%s",
                              import.accounts,
                              import.guides,
                              import.devices,
                              import.users,
                              import.channels,
                              skipped ? skipped : "");
  return dry_run || forge_ops_run_lineup (ops, error);
}
