/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-urls.h"

#include "store/forge-store-private.h"

gboolean
forge_store_begin_urls (ForgeStore *store, GError **error)
{
  return forge_store_run (store,
                          "CREATE TEMP TABLE IF NOT EXISTS stage_url"
                          " (remote_id INTEGER PRIMARY KEY, url TEXT NOT NULL, user_agent TEXT)"
                          " STRICT",
                          error) &&
         forge_store_run (store, "DELETE FROM temp.stage_url", error);
}

gboolean
forge_store_stage_url (ForgeStore *store,
                       gint64 remote_id,
                       const char *url,
                       const char *user_agent,
                       GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT OR IGNORE INTO temp.stage_url (remote_id, url, user_agent) VALUES (?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, remote_id);
  forge_bind_text (&st, url);
  forge_bind_text (&st, user_agent);
  return forge_statement_run (&st, error);
}

#define ADD_NEW                                                               \
  "INSERT OR IGNORE INTO stream_url (account_id, remote_id, url, user_agent)" \
  " SELECT ?, remote_id, url, user_agent FROM temp.stage_url"
#define REPLACE                                                            \
  "INSERT INTO stream_url (account_id, remote_id, url, user_agent)"        \
  " SELECT ?, remote_id, url, user_agent FROM temp.stage_url WHERE true"   \
  " ON CONFLICT (account_id, remote_id) DO UPDATE SET url = excluded.url," \
  " user_agent = excluded.user_agent"                                      \
  " WHERE (url, user_agent) IS NOT (excluded.url, excluded.user_agent)"
#define DELETE_LOST                                                     \
  "DELETE FROM stream_url WHERE account_id = ? AND NOT EXISTS"          \
  " (SELECT 1 FROM stream t WHERE t.account_id = stream_url.account_id" \
  " AND t.remote_id = stream_url.remote_id)"

gboolean
forge_store_apply_urls (ForgeStore *store, gint64 account_id, gboolean only_new, GError **error)
{
  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);

  if (only_new)
    return forge_store_run_id (store, ADD_NEW, account_id, NULL, error);
  return forge_store_run_id (store, REPLACE, account_id, NULL, error) &&
         forge_store_run_id (store, DELETE_LOST, account_id, NULL, error) &&
         forge_store_run (store, "DELETE FROM temp.stage_url", error);
}

gboolean
forge_store_get_url (ForgeStore *store,
                     gint64 account_id,
                     gint64 remote_id,
                     char **url,
                     char **user_agent,
                     GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT url, user_agent FROM stream_url WHERE account_id = ? AND remote_id = ?",
          error))
    return FALSE;
  forge_bind_int (&st, account_id);
  forge_bind_int (&st, remote_id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    return forge_store_not_found ("address of the list's entry", remote_id, error);
  if (step != FORGE_STEP_ROW)
    return FALSE;
  *url = forge_column_dup (&st, 0);
  *user_agent = forge_column_dup (&st, 1);
  return TRUE;
}

gboolean
forge_store_each_url (ForgeStore *store,
                      gint64 account_id,
                      ForgeUrlFunc each,
                      gpointer user_data,
                      GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT url FROM stream_url WHERE account_id = ?",
                                error))
    return FALSE;
  forge_bind_int (&st, account_id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_text (&st, 0), user_data);
  return step == FORGE_STEP_DONE;
}
