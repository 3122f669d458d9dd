/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-downloads.h"

#include "store/forge-store-private.h"

static ForgeDownload *
read_download (ForgeStatement *st)
{
  ForgeDownload *download = forge_download_new ();

  download->id = forge_column_int (st, 0);
  download->kind = (ForgeMediaKind)forge_column_int (st, 1);
  download->media_id = forge_column_int (st, 2);
  download->title = forge_column_dup (st, 3);
  download->path = forge_column_dup (st, 4);
  download->state = FORGE_DOWNLOAD_FAILED;
  forge_download_state_parse (forge_column_text (st, 5), &download->state);
  download->bytes = forge_column_int (st, 6);
  download->total = forge_column_int (st, 7);
  download->problem = forge_column_dup (st, 8);
  download->added = forge_column_int (st, 9);
  download->finished = forge_column_int (st, 10);
  return download;
}

GPtrArray *
forge_store_list_downloads (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) downloads =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_download_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT id, kind, media_id, title, path, state, bytes, total,"
                                " problem, added, finished FROM download ORDER BY id",
                                error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (downloads, read_download (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&downloads) : NULL;
}

static void
bind_progress (ForgeStatement *st, const ForgeDownload *download)
{
  forge_bind_text (st, forge_download_state_name (download->state));
  forge_bind_int (st, download->bytes);
  forge_bind_int (st, download->total);
  forge_bind_text (st, download->problem);
  forge_bind_int (st, download->finished);
}

gint64
forge_store_add_download (ForgeStore *store, const ForgeDownload *download, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT INTO download (state, bytes, total, problem, finished, kind, media_id, title,"
          " path, added) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          error))
    return 0;
  bind_progress (&st, download);
  forge_bind_int (&st, download->kind);
  forge_bind_int (&st, download->media_id);
  forge_bind_text (&st, download->title);
  forge_bind_text (&st, download->path);
  forge_bind_int (&st, download->added);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

gboolean
forge_store_save_download (ForgeStore *store, const ForgeDownload *download, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE download SET state = ?, bytes = ?, total = ?, problem = ?,"
                                " finished = ? WHERE id = ?",
                                error))
    return FALSE;
  bind_progress (&st, download);
  forge_bind_int (&st, download->id);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_remove_download (ForgeStore *store, gint64 id, GError **error)
{
  int removed = 0;

  if (!forge_store_run_id (store, "DELETE FROM download WHERE id = ?", id, &removed, error))
    return FALSE;
  return removed ? TRUE : forge_store_not_found ("download", id, error);
}
