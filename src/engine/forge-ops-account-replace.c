/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-accounts-private.h"
#include "engine/forge-ops-m3u.h"
#include "engine/forge-ops-refresh.h"
#include "formats/forge-json-text.h"
#include "guide/forge-replacement.h"
#include "provider/forge-provider-refresh.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-refresh.h"

/* Another provider, login or list for an account that there is. */

typedef struct {
  ForgeOps *ops;
  const ForgeAccount *before, *after;
  const char *password;
  ForgeReplacementCounts counts;
} Replacement;

/* ---- what it was before ---- */

/* The former login is a secret as the present one is. */
char *
forge_ops_former_name (gint64 id)
{
  return g_strdup_printf ("former/%" G_GINT64_FORMAT, id);
}

static char *
former_to_text (const ForgeAccount *account, const char *password)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), object);

  json_object_set_string_member (object, "kind", forge_account_kind_name (account->kind));
  json_object_set_string_member (object, "server", account->server);
  json_object_set_string_member (object, "username", account->username);
  json_object_set_string_member (object, "password", password);
  json_object_set_int_member (object, "connections", account->user_max_connections);
  return json_to_string (node, FALSE);
}

static gboolean
keep_former (const Replacement *replacement, GError **error)
{
  ForgeSecrets *secrets = replacement->ops->engine->secrets;
  gint64 id = replacement->before->id;
  GCancellable *cancellable = replacement->ops->cancellable;
  g_autofree char *present = forge_provider_secret_name (id);
  g_autofree char *former = forge_ops_former_name (id);
  g_autoptr (GError) problem = NULL;
  g_autoptr (ForgeSecret) password = forge_secrets_lookup (secrets, present, cancellable, &problem);

  /* A password that was lost is why somebody gives another login: there is nothing to go back to.
   */
  if (g_error_matches (problem, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
    return forge_secrets_forget (secrets, former, cancellable, error);
  if (!password) {
    g_propagate_error (error, g_steal_pointer (&problem));
    return FALSE;
  }
  g_autoptr (ForgeSecret) text = former_to_text (replacement->before, password);
  return forge_secrets_store (secrets, former, text, cancellable, error);
}

/* ---- the move ---- */

static void
replace_text (char **slot, const char *text)
{
  char *copy = g_strdup (text);

  g_free (*slot);
  *slot = copy;
}

static gboolean
adopt (ForgeStore *store, gpointer user_data, GError **error)
{
  Replacement *replacement = user_data;

  return forge_replacement_adopt (store, replacement->before->id, &replacement->counts, error);
}

/* Lays the new login over the row as it is by now. */
static gboolean
settle (ForgeStore *store, gpointer user_data, GError **error)
{
  const Replacement *replacement = user_data;
  const ForgeAccount *after = replacement->after;
  ForgeOps *ops = replacement->ops;
  g_autoptr (ForgeAccount) stored = forge_store_get_account (store, after->id, error);

  if (!stored || !keep_former (replacement, error))
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  account->kind = after->kind;
  account->user_max_connections = after->user_max_connections;
  replace_text (&account->server, after->server);
  replace_text (&account->username, after->username);
  replace_text (&account->user_agent, after->user_agent);
  replace_text (&account->proxy, after->proxy);
  g_strfreev (account->mirrors);
  account->mirrors = g_strdupv (after->mirrors);
  return forge_ops_hide_proxy (ops, account, account->id, error) &&
         forge_store_update_account (store, account, error) &&
         forge_store_forget_refreshes (store, account->id, error) &&
         forge_ops_keep_password (ops, account->id, replacement->password, error);
}

static gboolean
run (Replacement *replacement, gboolean dry_run, GError **error)
{
  ForgeOps *ops = replacement->ops;
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, replacement->after);
  const ForgeProviderMove move = { .account = replacement->after,
                                   .password = replacement->password,
                                   .is_preview = dry_run,
                                   .adopt = adopt,
                                   .settle = settle,
                                   .user_data = replacement };
  const ForgeProviderRefreshOptions options = {
    .now_s = forge_clock_wall_s (ops->engine->clock),
    .tombstone_days = 14,
    .force = TRUE, /* the user said so: a list that is quite another one is what they want */
    .move = &move,
  };
  ForgeProviderRefreshResult result = { 0 };
  gboolean ok = forge_provider_refresh (ops->store,
                                        ops->engine->secrets,
                                        http,
                                        replacement->before->id,
                                        &options,
                                        &result,
                                        ops->cancellable,
                                        error);

  g_free (result.warning);
  return ok;
}

/* Films, lineup and snapshot, from what is stored by now. */
static gboolean
follow_up (ForgeOps *ops, gint64 id, GError **error)
{
  return forge_ops_refresh_account (ops, id, TRUE, error) &&
         forge_ops_follow_replacement (ops, id, error) &&
         forge_store_forget_refreshes (ops->store, id, error);
}

static gboolean
replace (ForgeOps *ops,
         const ForgeAccount *before,
         const ForgeAccount *after,
         const char *password,
         gboolean dry_run,
         char **preview,
         GError **error)
{
  Replacement replacement = { ops, before, after, password, { 0 } };

  if (!run (&replacement, dry_run, error))
    return FALSE;
  const ForgeReplacementCounts *counts = &replacement.counts;
  *preview = g_strdup_printf (
      after->kind == FORGE_ACCOUNT_M3U
          ? "The new list works: %d of %d streams are there again, %d are not, %d are new%s"
          : "The new login works: %d of %d streams are there again, %d are not, %d are new%s",
      counts->found,
      counts->found + counts->lost,
      counts->lost,
      counts->fresh + counts->revived,
      dry_run ? "; nothing was changed" : "");
  return dry_run || follow_up (ops, before->id, error);
}

/* ---- what was typed ---- */

/* The mirrors are the old provider's: they must not be shown the new login. */
static gboolean
apply_panel (ForgeAccount *account, const ForgeNewAccount *wanted, char **password, GError **error)
{
  g_autofree char *old_server = g_strdup (account->server);

  if (!forge_ops_apply_login (account, wanted, password, error))
    return FALSE;
  if (account->kind == FORGE_ACCOUNT_M3U)
    account->user_max_connections = 0; /* a panel says it */
  account->kind = FORGE_ACCOUNT_XTREAM;
  if (g_strcmp0 (old_server, account->server) != 0)
    g_clear_pointer (&account->mirrors, g_strfreev);
  return TRUE;
}

static gboolean
apply_list (ForgeOps *ops,
            ForgeAccount *account,
            const ForgeNewAccount *wanted,
            char **password,
            GError **error)
{
  if (wanted->server || wanted->username || wanted->password) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "An account is a list (m3u) or a panel (server, username, password): give"
                         " one of the two");
    return FALSE;
  }
  if (!forge_ops_check_m3u (ops, account, wanted->m3u, error))
    return FALSE;
  if (account->kind == FORGE_ACCOUNT_XTREAM)
    account->user_max_connections = 1;
  account->kind = FORGE_ACCOUNT_M3U;
  g_clear_pointer (&account->mirrors, g_strfreev);
  forge_ops_show_m3u (account, wanted->m3u);
  *password = g_strdup (wanted->m3u);
  return TRUE;
}

gboolean
forge_ops_replace_account (ForgeOps *ops,
                           gint64 id,
                           const ForgeNewAccount *wanted,
                           gboolean dry_run,
                           char **preview,
                           GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeSecret) password = NULL;

  if (!stored)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  gboolean ok = wanted->m3u ? apply_list (ops, account, wanted, &password, error)
                            : apply_panel (account, wanted, &password, error) &&
                                  forge_ops_log_in_active (ops, account, password, error);
  return ok && forge_ops_apply_route (account, wanted, error) &&
         replace (ops, stored, account, password, dry_run, preview, error);
}

/* ---- and back ---- */

static gboolean
read_former (ForgeOps *ops, ForgeAccount *account, char **password, GError **error)
{
  g_autofree char *name = forge_ops_former_name (account->id);
  g_autoptr (ForgeSecret) text =
      forge_secrets_lookup (ops->engine->secrets, name, ops->cancellable, error);
  g_autoptr (JsonNode) node = text ? forge_json_parse (text, -1, error) : NULL;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node)) {
    g_clear_error (error);
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "“%s” was not replaced yet: there is nothing to go back to",
                 account->name);
    return FALSE;
  }
  JsonObject *object = json_node_get_object (node);
  account->kind = forge_account_kind_parse (json_object_get_string_member (object, "kind"));
  account->user_max_connections = (int)json_object_get_int_member (object, "connections");
  replace_text (&account->server, json_object_get_string_member (object, "server"));
  replace_text (&account->username, json_object_get_string_member (object, "username"));
  *password = g_strdup (json_object_get_string_member (object, "password"));
  g_clear_pointer (&account->mirrors, g_strfreev);
  return TRUE;
}

gboolean
forge_ops_undo_replacement (ForgeOps *ops,
                            gint64 id,
                            gboolean dry_run,
                            char **preview,
                            GError **error)
{
  g_autoptr (ForgeAccount) stored = forge_store_get_account (ops->store, id, error);
  g_autoptr (ForgeSecret) password = NULL;

  if (!stored)
    return FALSE;
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  return read_former (ops, account, &password, error) &&
         replace (ops, stored, account, password, dry_run, preview, error);
}
