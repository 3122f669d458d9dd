/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-pages.h"

#include "store/forge-store-private.h"

char *
forge_store_get_page (ForgeStore *store,
                      const char *key_hash,
                      gint64 since_s,
                      gint64 *time,
                      GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT time, sealed FROM page_cache"
                                " WHERE key_hash = ? AND time >= ?",
                                error))
    return NULL;
  forge_bind_text (&st, key_hash);
  forge_bind_int (&st, since_s);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return NULL;
  *time = forge_column_int (&st, 0);
  return forge_column_dup (&st, 1);
}

static gboolean
write_page (ForgeStore *store,
            const char *key_hash,
            gint64 time,
            const char *sealed,
            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "INSERT OR REPLACE INTO page_cache (key_hash, time, sealed)"
                                " VALUES (?, ?, ?)",
                                error))
    return FALSE;
  forge_bind_text (&st, key_hash);
  forge_bind_int (&st, time);
  forge_bind_text (&st, sealed);
  return forge_statement_run (&st, error);
}

static gboolean
forget_old (ForgeStore *store, gint64 since_s, GError **error)
{
  return forge_store_run_id (store,
                             "DELETE FROM page_cache WHERE time < ?",
                             since_s,
                             NULL,
                             error) &&
         forge_store_run_id (store,
                             "DELETE FROM page_cache WHERE key_hash IN"
                             " (SELECT key_hash FROM page_cache ORDER BY time DESC"
                             "  LIMIT -1 OFFSET ?)",
                             FORGE_STORE_MAX_PAGES,
                             NULL,
                             error);
}

gboolean
forge_store_save_page (ForgeStore *store,
                       const char *key_hash,
                       gint64 time,
                       const char *sealed,
                       gint64 since_s,
                       GError **error)
{
  if (!forge_store_begin (store, error))
    return FALSE;
  gboolean ok = write_page (store, key_hash, time, sealed, error) &&
                forget_old (store, since_s, error);
  return forge_store_leave (store, FORGE_TRANSACTION_WRITE, ok, error);
}

gboolean
forge_store_forget_page (ForgeStore *store, const char *key_hash, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, "DELETE FROM page_cache WHERE key_hash = ?", error))
    return FALSE;
  forge_bind_text (&st, key_hash);
  return forge_statement_run (&st, error);
}
