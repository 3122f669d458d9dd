/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-accounts-private.h"
#include "engine/forge-ops-refresh.h"
#include "provider/forge-xtream.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-refresh.h"

/* Another provider or login for an account that there is. */

static gboolean
count_one (const ForgeStream *stream, gpointer user_data, GError **error)
{
  ++*(int *)user_data;
  return TRUE;
}

/* −1 on error. */
static int
count_live_streams (ForgeOps *ops, ForgeAccount *account, const char *password, GError **error)
{
  g_autoptr (ForgeHttp) http = forge_engine_make_http (ops->engine, account);
  const ForgeXtreamLogin login = { .server = account->server,
                                   .username = account->username,
                                   .password = password };
  g_autoptr (GHashTable) categories = g_hash_table_new (g_str_hash, g_str_equal);
  ForgeJsonCounts counts;
  int n = 0;

  return forge_xtream_live_streams (http,
                                    &login,
                                    categories,
                                    count_one,
                                    &n,
                                    &counts,
                                    ops->cancellable,
                                    error)
             ? n
             : -1;
}

/* What the new login is, laid over the row as it is by then. */
typedef struct {
  const ForgeAccount *found;
  const char *password;
} Replacement;

static void
replace_text (char **slot, const char *text)
{
  char *copy = g_strdup (text);

  g_free (*slot);
  *slot = copy;
}

static gboolean
set_replacement (ForgeOps *ops, ForgeAccount *account, gconstpointer data, GError **error)
{
  const Replacement *replacement = data;
  const ForgeAccount *found = replacement->found;

  replace_text (&account->server, found->server);
  replace_text (&account->username, found->username);
  replace_text (&account->user_agent, found->user_agent);
  replace_text (&account->proxy, found->proxy);
  g_strfreev (account->mirrors);
  account->mirrors = g_strdupv (found->mirrors);
  return forge_ops_hide_proxy (ops, account, account->id, error) &&
         forge_ops_keep_password (ops, account->id, replacement->password, error);
}

/* The mirrors are the old provider's: they must not be shown the new login. */
static gboolean
apply_replacement (ForgeAccount *account,
                   const ForgeNewAccount *wanted,
                   char **password,
                   GError **error)
{
  g_autofree char *old_server = g_strdup (account->server);

  if (!forge_ops_apply_login (account, wanted, password, error))
    return FALSE;
  if (g_strcmp0 (old_server, account->server) != 0)
    g_clear_pointer (&account->mirrors, g_strfreev);
  return forge_ops_apply_route (account, wanted, error);
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
  if (stored->kind == FORGE_ACCOUNT_M3U) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is a list: give it another address with “account set”, m3u=URL-or-FILE",
                 stored->name);
    return FALSE;
  }
  g_autoptr (ForgeAccount) account = forge_account_copy (stored);
  if (!apply_replacement (account, wanted, &password, error) ||
      !forge_ops_log_in_active (ops, account, password, error))
    return FALSE;
  int n = count_live_streams (ops, account, password, error);
  if (n < 0)
    return FALSE;
  *preview =
      g_strdup_printf ("The new login works: %d live streams (there were %d), %d connections",
                       n,
                       stored->streams,
                       forge_account_slots (account));
  if (dry_run)
    return TRUE;
  const Replacement replacement = { account, password };
  /* The user said so: a provider whose list is quite another one is what they want. */
  return forge_ops_change_account (ops, id, set_replacement, &replacement, error) &&
         forge_ops_refresh_account (ops, id, TRUE, error) &&
         forge_store_forget_refreshes (ops->store, id, error);
}
