/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-memo.h"

#include "store/forge-store-private.h"

static gboolean
read_guide (ForgeStore *store, gint64 *guide, GError **error)
{
  return forge_store_get_int (store, "SELECT guide FROM lineup_state", 0, guide, error);
}

static gboolean
read_memos (ForgeStore *store, GArray *memos, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT stream_id, told, guide, confidence, name_key"
                                " FROM match_memo ORDER BY stream_id",
                                error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    ForgeMatchMemo memo = { forge_column_int (&st, 0),
                            forge_column_int (&st, 1),
                            forge_column_int (&st, 2),
                            sqlite3_column_double (st.handle, 3),
                            forge_column_int (&st, 4) };
    g_array_append_val (memos, memo);
  }
  return step == FORGE_STEP_DONE;
}

GArray *
forge_store_load_memos (ForgeStore *store, gint64 guide, GError **error)
{
  g_autoptr (GArray) memos = g_array_new (FALSE, FALSE, sizeof (ForgeMatchMemo));
  gint64 stored = 0;

  if (!read_guide (store, &stored, error) || (stored == guide && !read_memos (store, memos, error)))
    return NULL;
  return g_steal_pointer (&memos);
}

static gboolean
write_memo (ForgeStore *store, const ForgeMatchMemo *memo, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "INSERT OR REPLACE INTO match_memo"
                                " (stream_id, told, guide, confidence, name_key)"
                                " VALUES (?, ?, ?, ?, ?)",
                                error))
    return FALSE;
  forge_bind_int (&st, memo->stream_id);
  forge_bind_int (&st, memo->told);
  forge_bind_int (&st, memo->guide);
  forge_bind_real (&st, memo->confidence);
  forge_bind_int (&st, memo->name_key);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_save_memos (ForgeStore *store, gint64 guide, const GArray *memos, GError **error)
{
  gint64 stored = 0;

  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);
  if (!read_guide (store, &stored, error) ||
      (stored != guide &&
       (!forge_store_run (store, "DELETE FROM match_memo", error) ||
        !forge_store_run_id (store, "UPDATE lineup_state SET guide = ?", guide, NULL, error))))
    return FALSE;
  for (guint i = 0; i < memos->len; i++)
    if (!write_memo (store, &g_array_index (memos, ForgeMatchMemo, i), error))
      return FALSE;
  return TRUE;
}

gboolean
forge_store_lineup_is_stale (ForgeStore *store, gboolean *stale, GError **error)
{
  gint64 value = 0;

  if (!forge_store_get_int (store, "SELECT stale FROM lineup_state", 0, &value, error))
    return FALSE;
  *stale = value != 0;
  return TRUE;
}
