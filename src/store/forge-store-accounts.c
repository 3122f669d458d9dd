/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-accounts.h"

#include "base/forge-error.h"
#include "store/forge-store-keys.h"
#include "store/forge-store-private.h"

static gboolean
check_name (ForgeStore *store, const ForgeAccount *account, gint64 own_id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!account->name || !*account->name || !account->server || !account->username) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "An account needs a name, a server and a user name");
    return FALSE;
  }
  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT 1 FROM account WHERE name = ? AND id <> ?",
                                error))
    return FALSE;
  forge_bind_text (&st, account->name);
  forge_bind_int (&st, own_id);
  step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "There is an account named “%s” already",
                 account->name);
  return step == FORGE_STEP_DONE;
}

static void
bind_account (ForgeStatement *st, const ForgeAccount *account, const char *mirrors)
{
  forge_bind_text (st, account->name);
  forge_bind_text (st, account->server);
  forge_bind_text (st, account->username);
  forge_bind_text (st, account->user_agent);
  forge_bind_text (st, account->proxy);
  forge_bind_text (st, mirrors);
  forge_bind_text (st, account->timezone);
  forge_bind_int (st, account->enabled != FALSE);
  forge_bind_text (st, forge_account_status_name (account->status));
  forge_bind_text (st, account->status_text);
  forge_bind_int (st, account->expires_at);
  forge_bind_int (st, account->panel_max_connections);
  forge_bind_int (st, account->user_max_connections);
  forge_bind_int (st, account->active_connections);
  forge_bind_int (st, account->streams);
  forge_bind_int (st, account->movies);
  forge_bind_int (st, account->series);
  forge_bind_int (st, account->last_refresh);
  forge_bind_text (st, forge_account_kind_name (account->kind));
}

#define ACCOUNT_COLUMNS                                                                         \
  "name, server, username, user_agent, proxy, mirrors, timezone, enabled, status, status_text," \
  " expires_at, panel_max_connections, user_max_connections, active_connections, streams,"      \
  " movies, series, last_refresh, kind"
#define ACCOUNT_VALUES "?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

static char *
join_mirrors (const ForgeAccount *account)
{
  return account->mirrors && account->mirrors[0] ? g_strjoinv ("\n", account->mirrors) : NULL;
}

/* The id that this login had before it was removed, 0 = none. The decisions that wait for it follow
 * its new name. */
static gboolean
take_former_id (ForgeStore *store, const ForgeAccount *account, gint64 *id, GError **error)
{
  g_auto (ForgeStatement) find = FORGE_STATEMENT_INIT;
  g_auto (ForgeStatement) rename = FORGE_STATEMENT_INIT;
  ForgeStep step;

  *id = 0;
  if (!forge_statement_prepare (
          &find,
          store,
          "SELECT id, name FROM former_account WHERE server = ? AND username = ?",
          error))
    return FALSE;
  forge_bind_text (&find, account->server);
  forge_bind_text (&find, account->username);
  step = forge_statement_step (&find, error);
  if (step != FORGE_STEP_ROW)
    return step == FORGE_STEP_DONE;
  *id = forge_column_int (&find, 0);
  if (!forge_statement_prepare (&rename,
                                store,
                                "UPDATE OR IGNORE pending_match SET account = ? WHERE account = ?",
                                error))
    return FALSE;
  forge_bind_text (&rename, account->name);
  forge_bind_text (&rename, forge_column_text (&find, 1));
  return forge_statement_run (&rename, error) &&
         forge_store_run_id (store, "DELETE FROM former_account WHERE id = ?", *id, NULL, error);
}

static gint64
insert_account (ForgeStore *store, const ForgeAccount *account, GError **error)
{
  g_autofree char *mirrors = join_mirrors (account);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  gint64 id;

  if (!check_name (store, account, 0, error) || !take_former_id (store, account, &id, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "INSERT INTO account (" ACCOUNT_COLUMNS ", id)"
                                " VALUES (" ACCOUNT_VALUES ", ?)",
                                error))
    return 0;
  bind_account (&st, account, mirrors);
  forge_bind_id (&st, id);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

gint64
forge_store_add_account (ForgeStore *store, const ForgeAccount *account, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return 0;
  gint64 id = insert_account (store, account, error);
  return forge_store_leave (store, transaction, id > 0, error) ? id : 0;
}

gboolean
forge_store_update_account (ForgeStore *store, const ForgeAccount *account, GError **error)
{
  g_autofree char *mirrors = join_mirrors (account);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_name (store, account, account->id, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "UPDATE account SET (" ACCOUNT_COLUMNS ") = (" ACCOUNT_VALUES ")"
                                " WHERE id = ?",
                                error))
    return FALSE;
  bind_account (&st, account, mirrors);
  forge_bind_int (&st, account->id);
  if (!forge_statement_run (&st, error))
    return FALSE;
  return sqlite3_changes (store->db) > 0 || forge_store_not_found ("account", account->id, error);
}

/* What the user decided waits under the account's name, as after an import. */
#define KEEP_DECISIONS                                                                           \
  "INSERT OR REPLACE INTO pending_match (channel_key, account, remote_id, is_primary, rejected)" \
  " SELECT " FORGE_PORTABLE_KEY (                                                                \
      "c.key") ", a.name, t.remote_id, m.is_primary, m.rejected"                                 \
               " FROM account a JOIN stream t ON t.account_id = a.id"                            \
               " JOIN stream_match m ON m.stream_id = t.id AND (m.manual OR m.rejected)"         \
               " JOIN channel c ON c.id = m.channel_id"                                          \
               " WHERE a.id = ?"

/* Channels that have neither a guide nor a stream any more. */
#define BURY_EMPTY_CHANNELS                             \
  "UPDATE channel SET gone_at = unixepoch ()"           \
  " WHERE gone_at IS NULL AND guide_channel_id IS NULL" \
  " AND NOT EXISTS (SELECT 1 FROM stream_match m WHERE m.channel_id = channel.id)"

static gboolean
remove_account (ForgeStore *store, gint64 id, GError **error)
{
  int removed = 0;

  if (!forge_store_run_id (store, KEEP_DECISIONS, id, NULL, error) ||
      !forge_store_run_id (store,
                           "INSERT OR REPLACE INTO former_account (id, name, server, username)"
                           " SELECT id, name, server, username FROM account WHERE id = ?",
                           id,
                           NULL,
                           error) ||
      !forge_store_run_id (store, "DELETE FROM account WHERE id = ?", id, &removed, error))
    return FALSE;
  if (removed == 0)
    return forge_store_not_found ("account", id, error);
  return forge_store_run (store, BURY_EMPTY_CHANNELS, error);
}

gboolean
forge_store_remove_account (ForgeStore *store, gint64 id, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = remove_account (store, id, error);
  return forge_store_leave (store, transaction, ok, error);
}

static ForgeAccount *
read_account (ForgeStatement *st)
{
  ForgeAccount *account = forge_account_new ();
  const char *mirrors = forge_column_text (st, 5);

  account->name = forge_column_dup (st, 0);
  account->server = forge_column_dup (st, 1);
  account->username = forge_column_dup (st, 2);
  account->user_agent = forge_column_dup (st, 3);
  account->proxy = forge_column_dup (st, 4);
  account->mirrors = mirrors ? g_strsplit (mirrors, "\n", -1) : NULL;
  account->timezone = forge_column_dup (st, 6);
  account->enabled = forge_column_int (st, 7) != 0;
  account->status = forge_account_status_parse (forge_column_text (st, 8));
  account->status_text = forge_column_dup (st, 9);
  account->expires_at = forge_column_int (st, 10);
  account->panel_max_connections = (int)forge_column_int (st, 11);
  account->user_max_connections = (int)forge_column_int (st, 12);
  account->active_connections = (int)forge_column_int (st, 13);
  account->streams = (int)forge_column_int (st, 14);
  account->movies = (int)forge_column_int (st, 15);
  account->series = (int)forge_column_int (st, 16);
  account->last_refresh = forge_column_int (st, 17);
  account->kind = forge_account_kind_parse (forge_column_text (st, 18));
  account->id = forge_column_int (st, 19);
  return account;
}

ForgeAccount *
forge_store_get_account (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " ACCOUNT_COLUMNS ", id FROM account WHERE id = ?",
                                error))
    return NULL;
  forge_bind_int (&st, id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found ("account", id, error);
  return step == FORGE_STEP_ROW ? read_account (&st) : NULL;
}

GPtrArray *
forge_store_list_accounts (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) accounts =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_account_unref);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " ACCOUNT_COLUMNS ", id FROM account ORDER BY id",
                                error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (accounts, read_account (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&accounts) : NULL;
}
