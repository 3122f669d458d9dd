/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-learned.h"

#include "store/forge-store-private.h"

gboolean
forge_store_get_learned (ForgeStore *store,
                         gint64 account_id,
                         const char *what,
                         gint64 *value,
                         GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT value FROM account_learned WHERE account_id = ? AND what = ?",
          error))
    return FALSE;
  forge_bind_int (&st, account_id);
  forge_bind_text (&st, what);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *value = forge_column_int (&st, 0);
  return TRUE;
}

/* Of an account that is gone by now: nothing. */
gboolean
forge_store_save_learned (ForgeStore *store,
                          gint64 account_id,
                          const char *what,
                          gint64 value,
                          GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "INSERT OR REPLACE INTO account_learned (account_id, what, value)"
                                " SELECT id, ?, ? FROM account WHERE id = ?",
                                error))
    return FALSE;
  forge_bind_text (&st, what);
  forge_bind_int (&st, value);
  forge_bind_int (&st, account_id);
  return forge_statement_run (&st, error);
}
