/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-engine-audit.h"
#include "engine/forge-ops-guide-set.h"
#include "engine/forge-ops-m3u.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"

/* Accounts and guides: /v1/accounts…, /v1/guides…. */

static JsonNode *
account_node (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (call->ops.store, id, error);

  return account ? forge_json_account (account) : NULL;
}

static JsonNode *
account_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_account (item);
}

static JsonNode *
list_accounts (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (call->ops.store, error);

  return accounts ? forge_json_array (accounts, account_shape, NULL) : NULL;
}

static JsonNode *
show_account (ForgeApiCall *call, GError **error)
{
  return account_node (call, call->ids[0], error);
}

/* The new login in the body; `mirrors` must outlive it. */
static gboolean
read_new_account (ForgeApiCall *call, char **mirrors, ForgeNewAccount *wanted, GError **error)
{
  *wanted = (ForgeNewAccount){ .mirrors = (const char *const *)mirrors };
  return forge_api_optional_text (call, "name", &wanted->name, error) &&
         forge_api_optional_text (call, "server", &wanted->server, error) &&
         forge_api_optional_text (call, "username", &wanted->username, error) &&
         forge_api_optional_text (call, "password", &wanted->password, error) &&
         forge_api_optional_text (call, "m3u", &wanted->m3u, error) &&
         forge_api_optional_text (call, "user_agent", &wanted->user_agent, error) &&
         forge_api_optional_text (call, "proxy", &wanted->proxy, error) &&
         forge_api_flag (call, "no_guide", &wanted->without_guide, error);
}

static void
add_warning (JsonNode *node, const char *warning)
{
  if (node && warning)
    json_object_set_string_member (json_node_get_object (node), "warning", warning);
}

static gint64
add_list (ForgeApiCall *call,
          const char *location,
          const ForgeNewAccount *login,
          char **warning,
          GError **error)
{
  const ForgeNewM3u wanted = { .name = login->name,
                               .location = location,
                               .user_agent = login->user_agent,
                               .proxy = login->proxy,
                               .without_guide = login->without_guide };

  return forge_ops_add_m3u (&call->ops, &wanted, warning, error);
}

static JsonNode *
add_account (ForgeApiCall *call, GError **error)
{
  g_auto (GStrv) mirrors = NULL;
  g_autofree char *warning = NULL;
  const char *list = NULL;
  ForgeNewAccount wanted;

  if (!forge_api_optional_text (call, "m3u", &list, error) ||
      !forge_api_texts (call, "mirrors", &mirrors, error) ||
      !read_new_account (call, mirrors, &wanted, error))
    return NULL;
  gint64 id = list ? add_list (call, list, &wanted, &warning, error)
                   : forge_ops_add_account (&call->ops, &wanted, &warning, error);
  if (id == 0)
    return NULL;
  JsonNode *node = account_node (call, id, error);
  add_warning (node, warning);
  return node;
}

static JsonNode *
test_account (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_ops_test_account (&call->ops, call->ids[0], error);

  if (!account)
    return NULL;
  forge_engine_audit_answer (call->ops.engine, account);
  return forge_json_account (account);
}

static JsonNode *
refresh_account (ForgeApiCall *call, GError **error)
{
  gboolean force = FALSE;

  if (!forge_api_flag (call, "force", &force, error) ||
      !forge_ops_refresh_account (&call->ops, call->ids[0], force, error))
    return NULL;
  return account_node (call, call->ids[0], error);
}

static JsonNode *
enable_account (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_enable_account (&call->ops, call->ids[0], TRUE, error));
}

static JsonNode *
disable_account (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_enable_account (&call->ops, call->ids[0], FALSE, error));
}

static JsonNode *
remove_account (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_remove_account (&call->ops, call->ids[0], error));
}

/* The body's members, all texts; they and the keys are lent. */
static GHashTable *
read_values (ForgeApiCall *call, GError **error)
{
  g_autoptr (GList) keys = json_object_get_members (call->body);
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);

  for (GList *l = keys; l; l = l->next) {
    const char *value = forge_api_text (call, l->data, error);
    if (!value)
      return NULL;
    g_hash_table_insert (values, l->data, (gpointer)value);
  }
  return g_steal_pointer (&values);
}

static JsonNode *
set_account (ForgeApiCall *call, GError **error)
{
  g_autoptr (GHashTable) values = read_values (call, error);

  return values && forge_ops_set_account (&call->ops, call->ids[0], values, error)
             ? account_node (call, call->ids[0], error)
             : NULL;
}

static JsonNode *
replace_account (ForgeApiCall *call, GError **error)
{
  g_auto (GStrv) mirrors = NULL;
  g_autofree char *preview = NULL;
  gboolean dry_run = FALSE, undo = FALSE;
  ForgeNewAccount wanted;

  if (!forge_api_texts (call, "mirrors", &mirrors, error) ||
      !read_new_account (call, mirrors, &wanted, error) ||
      !forge_api_flag (call, "dry_run", &dry_run, error) ||
      !forge_api_flag (call, "undo", &undo, error))
    return NULL;
  gint64 id = call->ids[0];
  if (undo ? !forge_ops_undo_replacement (&call->ops, id, dry_run, &preview, error)
           : !forge_ops_replace_account (&call->ops, id, &wanted, dry_run, &preview, error))
    return NULL;
  JsonNode *node = account_node (call, call->ids[0], error);
  if (node && preview)
    json_object_set_string_member (json_node_get_object (node), "preview", preview);
  return node;
}

static JsonNode *
guide_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_guide_source (item, *(const gint64 *)user_data);
}

static JsonNode *
list_guides (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (call->ops.store, error);
  gint64 now_s = forge_clock_wall_s (call->ops.engine->clock);

  return sources ? forge_json_array (sources, guide_shape, &now_s) : NULL;
}

static JsonNode *
guide_node (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (call->ops.store, id, error);

  return source ? forge_json_guide_source (source, forge_clock_wall_s (call->ops.engine->clock))
                : NULL;
}

static JsonNode *
add_guide (ForgeApiCall *call, GError **error)
{
  const char *name = forge_api_text (call, "name", error);
  const char *location = name ? forge_api_text (call, "location", error) : NULL;
  const char *shift = NULL;
  gint64 minutes = 0;

  if (!location || !forge_api_optional_int (call, "shift_minutes", &minutes, error) ||
      !forge_api_optional_text (call, "shift", &shift, error))
    return NULL;
  g_autofree char *as_minutes = g_strdup_printf ("%" G_GINT64_FORMAT " min", minutes);
  gint64 id = forge_ops_add_guide (&call->ops, name, location, shift ? shift : as_minutes, error);
  return id ? guide_node (call, id, error) : NULL;
}

static JsonNode *
refresh_guides (ForgeApiCall *call, GError **error)
{
  gboolean force = FALSE;

  return forge_api_done (forge_api_flag (call, "force", &force, error) &&
                         forge_ops_refresh_guides (&call->ops, 0, force, error));
}

static JsonNode *
refresh_guide (ForgeApiCall *call, GError **error)
{
  gboolean force = FALSE;

  if (!forge_api_flag (call, "force", &force, error) ||
      !forge_ops_refresh_guides (&call->ops, call->ids[0], force, error))
    return NULL;
  return guide_node (call, call->ids[0], error);
}

static JsonNode *
set_guide (ForgeApiCall *call, GError **error)
{
  g_autoptr (GHashTable) values = read_values (call, error);

  if (!values || !forge_ops_set_guide (&call->ops, call->ids[0], values, error))
    return NULL;
  forge_ops_suggest_shifts (&call->ops);
  return forge_ops_run_lineup (&call->ops, error) ? guide_node (call, call->ids[0], error) : NULL;
}

static JsonNode *
enable_guide (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_enable_guide (&call->ops, call->ids[0], TRUE, error));
}

static JsonNode *
disable_guide (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_enable_guide (&call->ops, call->ids[0], FALSE, error));
}

static JsonNode *
remove_guide (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_remove_guide (&call->ops, call->ids[0], error));
}

const ForgeApiRoute forge_api_account_routes[] = {
  { "GET", "/v1/accounts", FALSE, list_accounts },
  { "POST", "/v1/accounts", TRUE, add_account },
  { "GET", "/v1/accounts/{id}", FALSE, show_account },
  { "PATCH", "/v1/accounts/{id}", FALSE, set_account },
  { "DELETE", "/v1/accounts/{id}", TRUE, remove_account },
  { "POST", "/v1/accounts/{id}/test", FALSE, test_account },
  { "POST", "/v1/accounts/{id}/refresh", TRUE, refresh_account },
  { "POST", "/v1/accounts/{id}/enable", FALSE, enable_account },
  { "POST", "/v1/accounts/{id}/disable", FALSE, disable_account },
  { "POST", "/v1/accounts/{id}/replace", TRUE, replace_account },
  { "GET", "/v1/guides", FALSE, list_guides },
  { "POST", "/v1/guides", TRUE, add_guide },
  { "POST", "/v1/guides/refresh", TRUE, refresh_guides },
  { "POST", "/v1/guides/{id}/refresh", TRUE, refresh_guide },
  { "PATCH", "/v1/guides/{id}", TRUE, set_guide },
  { "POST", "/v1/guides/{id}/enable", TRUE, enable_guide },
  { "POST", "/v1/guides/{id}/disable", TRUE, disable_guide },
  { "DELETE", "/v1/guides/{id}", TRUE, remove_guide },
  { 0 },
};
