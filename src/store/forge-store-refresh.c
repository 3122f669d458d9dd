/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-refresh.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"
#include "store/forge-store-refresh-private.h"

#include <string.h>

static const char *const state_names[] = { "applied", "held", "undone", "kept" };

const char *
forge_refresh_state_name (ForgeRefreshState state)
{
  return (guint)state < G_N_ELEMENTS (state_names) ? state_names[state] : "applied";
}

static ForgeRefreshState
parse_state (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (name, state_names[i]) == 0)
      return (ForgeRefreshState)i;
  return FORGE_REFRESH_UNDONE;
}

void
forge_refresh_free (ForgeRefresh *refresh)
{
  if (!refresh)
    return;
  g_free (refresh->name);
  g_free (refresh->summary);
  g_free (refresh);
}

/* ---- looking ---- */

#define SELECT_REFRESHES                                                                    \
  "SELECT r.id, r.time, r.account_id, r.source_id, r.state, r.added, r.removed, r.changed," \
  " r.before, r.after, r.summary, coalesce (a.name, s.name, '') FROM refresh r"             \
  " LEFT JOIN account a ON a.id = r.account_id"                                             \
  " LEFT JOIN guide_source s ON s.id = r.source_id"

static ForgeRefresh *
read_refresh (ForgeStatement *st)
{
  ForgeRefresh *refresh = g_new0 (ForgeRefresh, 1);

  refresh->id = forge_column_int (st, 0);
  refresh->time = forge_column_int (st, 1);
  refresh->account_id = forge_column_int (st, 2);
  refresh->source_id = forge_column_int (st, 3);
  refresh->state = parse_state (forge_column_text (st, 4));
  refresh->added = (int)forge_column_int (st, 5);
  refresh->removed = (int)forge_column_int (st, 6);
  refresh->changed = (int)forge_column_int (st, 7);
  refresh->before = (int)forge_column_int (st, 8);
  refresh->after = (int)forge_column_int (st, 9);
  refresh->summary = forge_column_dup (st, 10);
  refresh->name = forge_column_dup (st, 11);
  return refresh;
}

GPtrArray *
forge_store_list_refreshes (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_refresh_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, SELECT_REFRESHES " ORDER BY r.id DESC", error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (list, read_refresh (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&list) : NULL;
}

ForgeRefresh *
forge_store_get_refresh (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, SELECT_REFRESHES " WHERE r.id = ?", error))
    return NULL;
  forge_bind_int (&st, id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found ("refresh", id, error);
  return step == FORGE_STEP_ROW ? read_refresh (&st) : NULL;
}

gboolean
forge_store_each_refresh_change (ForgeStore *store,
                                 gint64 id,
                                 guint limit,
                                 ForgeRefreshChangeFunc each,
                                 gpointer user_data,
                                 GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT what, item_id, name, old, new FROM refresh_change"
                                " WHERE refresh_id = ? ORDER BY what, item_id LIMIT ?",
                                error))
    return FALSE;
  forge_bind_int (&st, id);
  forge_bind_int (&st, limit ? (gint64)limit : -1);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_text (&st, 0),
          forge_column_int (&st, 1),
          forge_column_text (&st, 2),
          forge_column_text (&st, 3),
          forge_column_text (&st, 4),
          user_data);
  return step == FORGE_STEP_DONE;
}

/* ---- deciding ---- */

/* Streams as `side` (old or new) has them, and streams that vanish. */
#define PUT_STREAMS(side, kinds)                                                                  \
  "INSERT INTO stream (account_id, remote_id, name, epg_id, group_name, icon, quality,"           \
  " archive_days, position) SELECT r.account_id, c.item_id, json_extract (c." side ", '$.name')," \
  " json_extract (c." side ", '$.epg_id'), json_extract (c." side ", '$.group'),"                 \
  " json_extract (c." side ", '$.icon'), json_extract (c." side ", '$.quality'),"                 \
  " json_extract (c." side ", '$.archive_days'), json_extract (c." side ", '$.position')"         \
  " FROM refresh r JOIN refresh_change c ON c.refresh_id = r.id AND c.what IN (" kinds ")"        \
  " WHERE r.id = ? ON CONFLICT (account_id, remote_id) DO UPDATE SET name = excluded.name,"       \
  " epg_id = excluded.epg_id, group_name = excluded.group_name, icon = excluded.icon,"            \
  " quality = excluded.quality, archive_days = excluded.archive_days,"                            \
  " position = excluded.position, gone_at = NULL"
#define BURY_STREAMS(kind)                                                 \
  "UPDATE stream SET gone_at = ?2 FROM refresh r JOIN refresh_change c"    \
  " ON c.refresh_id = r.id AND c.what = " kind " WHERE r.id = ?1"          \
  " AND stream.account_id = r.account_id AND stream.remote_id = c.item_id" \
  " AND stream.gone_at IS NULL"
#define COUNT_STREAMS                                                                \
  "UPDATE account SET status_text = NULL, streams = (SELECT count (*) FROM stream t" \
  " WHERE t.account_id = account.id AND t.gone_at IS NULL) WHERE id = ?"

static gboolean
run_two (ForgeStore *store, const char *sql, gint64 first, gint64 second, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, first);
  forge_bind_int (&st, second);
  return forge_statement_run (&st, error);
}

static gboolean
set_state (ForgeStore *store, gint64 id, ForgeRefreshState state, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, "UPDATE refresh SET state = ? WHERE id = ?", error))
    return FALSE;
  forge_bind_text (&st, forge_refresh_state_name (state));
  forge_bind_int (&st, id);
  return forge_statement_run (&st, error);
}

/* Puts the kept generation in use. */
#define USE_KEPT                                                      \
  "UPDATE guide_source SET generation = r.kept_generation,"           \
  " etag = json_extract (r.kept_import, '$.etag'),"                   \
  " last_modified = json_extract (r.kept_import, '$.last_modified')," \
  " content_hash = json_extract (r.kept_import, '$.content_hash'),"   \
  " last_refresh = json_extract (r.kept_import, '$.last_refresh'),"   \
  " status_text = json_extract (r.kept_import, '$.status_text'),"     \
  " channels = json_extract (r.kept_import, '$.channels'),"           \
  " programmes = json_extract (r.kept_import, '$.programmes'),"       \
  " skipped = json_extract (r.kept_import, '$.skipped'),"             \
  " first_start = json_extract (r.kept_import, '$.first_start'),"     \
  " last_stop = json_extract (r.kept_import, '$.last_stop')"          \
  " FROM refresh r WHERE r.id = ? AND r.kept_generation IS NOT NULL"  \
  " AND guide_source.id = r.source_id AND EXISTS"                     \
  " (SELECT 1 FROM guide_generation g WHERE g.id = r.kept_generation)"

static gboolean
use_kept (ForgeStore *store, gint64 id, GError **error)
{
  int changed = 0;

  if (!forge_store_run_id (store, USE_KEPT, id, &changed, error))
    return FALSE;
  if (changed == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Of the guide before refresh %" G_GINT64_FORMAT " nothing is kept",
                 id);
  return changed > 0;
}

static gboolean
apply_guide (ForgeStore *store, const ForgeRefresh *refresh, GError **error)
{
  /* What is in use now has to be noted before it is overwritten, what was held before that. */
  return forge_store_run (store, "CREATE TEMP TABLE IF NOT EXISTS held_import (g, j)", error) &&
         forge_store_run (store, "DELETE FROM temp.held_import", error) &&
         forge_store_run_id (store,
                             "INSERT INTO temp.held_import SELECT nullif (s.generation, 0),"
                             " " FORGE_IMPORT_JSON " FROM guide_source s WHERE s.id = ?",
                             refresh->source_id,
                             NULL,
                             error) &&
         use_kept (store, refresh->id, error) &&
         run_two (store,
                  "UPDATE refresh SET kept_generation = NULL, kept_import = NULL"
                  " WHERE source_id = ?1 AND id <> ?2",
                  refresh->source_id,
                  refresh->id,
                  error) &&
         forge_store_run_id (store,
                             "UPDATE refresh SET kept_generation = h.g, kept_import = h.j"
                             " FROM temp.held_import h WHERE refresh.id = ?",
                             refresh->id,
                             NULL,
                             error);
}

static gboolean
apply_streams (ForgeStore *store, const ForgeRefresh *refresh, gint64 now_s, GError **error)
{
  return forge_store_run_id (store,
                             PUT_STREAMS ("new", "'stream-added', 'stream-changed'"),
                             refresh->id,
                             NULL,
                             error) &&
         run_two (store, BURY_STREAMS ("'stream-removed'"), refresh->id, now_s, error) &&
         forge_store_run_id (store, COUNT_STREAMS, refresh->account_id, NULL, error);
}

/* NULL if it is not held. */
static ForgeRefresh *
get_held (ForgeStore *store, gint64 id, GError **error)
{
  g_autoptr (ForgeRefresh) refresh = forge_store_get_refresh (store, id, error);

  if (!refresh || refresh->state == FORGE_REFRESH_HELD)
    return g_steal_pointer (&refresh);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "Refresh %" G_GINT64_FORMAT " is %s, not held back",
               id,
               forge_refresh_state_name (refresh->state));
  return NULL;
}

static gboolean
apply_refresh (ForgeStore *store, gint64 id, gint64 now_s, GError **error)
{
  g_autoptr (ForgeRefresh) refresh = get_held (store, id, error);

  if (!refresh)
    return FALSE;
  return (refresh->account_id ? apply_streams (store, refresh, now_s, error)
                              : apply_guide (store, refresh, error)) &&
         set_state (store, id, FORGE_REFRESH_APPLIED, error);
}

gboolean
forge_store_apply_refresh (ForgeStore *store, gint64 id, gint64 now_s, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = apply_refresh (store, id, now_s, error);
  return forge_store_leave (store, transaction, ok, error);
}

static gboolean
keep_refresh (ForgeStore *store, gint64 id, GError **error)
{
  g_autoptr (ForgeRefresh) refresh = get_held (store, id, error);

  return refresh &&
         forge_store_run_id (store,
                             "UPDATE refresh SET kept_generation = NULL, kept_import = NULL"
                             " WHERE id = ?",
                             id,
                             NULL,
                             error) &&
         /* What was said of the owner was about this. */
         forge_store_run_id (store,
                             "UPDATE account SET status_text = NULL WHERE id ="
                             " (SELECT account_id FROM refresh WHERE id = ?)",
                             id,
                             NULL,
                             error) &&
         forge_store_run_id (store,
                             "UPDATE guide_source SET status_text = NULL WHERE id ="
                             " (SELECT source_id FROM refresh WHERE id = ?)",
                             id,
                             NULL,
                             error) &&
         set_state (store, id, FORGE_REFRESH_KEPT, error);
}

gboolean
forge_store_keep_refresh (ForgeStore *store, gint64 id, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = keep_refresh (store, id, error);
  return forge_store_leave (store, transaction, ok, error);
}

static gboolean
undo_streams (ForgeStore *store, const ForgeRefresh *refresh, gint64 now_s, GError **error)
{
  if (refresh->before == 0) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "Before this refresh the account had no streams; remove the account "
                         "instead");
    return FALSE;
  }
  return forge_store_run_id (store,
                             PUT_STREAMS ("old", "'stream-removed', 'stream-changed'"),
                             refresh->id,
                             NULL,
                             error) &&
         run_two (store, BURY_STREAMS ("'stream-added'"), refresh->id, now_s, error) &&
         forge_store_run_id (store, COUNT_STREAMS, refresh->account_id, NULL, error);
}

/* Before a guide's first import there was nothing: that is what it goes back to. The sweep takes
 * the generation. */
#define USE_NOTHING                                                                           \
  "UPDATE guide_source SET generation = 0, etag = NULL, last_modified = NULL,"                \
  " content_hash = NULL, last_refresh = 0, status_text = NULL, channels = 0, programmes = 0," \
  " skipped = 0, first_start = 0, last_stop = 0 WHERE id = ?"

static gboolean
undo_guide (ForgeStore *store, const ForgeRefresh *refresh, GError **error)
{
  if (refresh->before == 0)
    return forge_store_run_id (store, USE_NOTHING, refresh->source_id, NULL, error);
  return use_kept (store, refresh->id, error) &&
         forge_store_run_id (store,
                             "UPDATE refresh SET kept_generation = NULL, kept_import = NULL"
                             " WHERE id = ?",
                             refresh->id,
                             NULL,
                             error);
}

/* Later ones build on it, so they have to be taken back first. */
static gboolean
check_is_last (ForgeStore *store, const ForgeRefresh *refresh, GError **error)
{
  gint64 later = 0;

  if (refresh->state != FORGE_REFRESH_APPLIED) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Refresh %" G_GINT64_FORMAT " is %s, so there is nothing to take back",
                 refresh->id,
                 refresh->state == FORGE_REFRESH_HELD   ? "held back"
                 : refresh->state == FORGE_REFRESH_KEPT ? "one that you did not want"
                                                        : "undone already");
    return FALSE;
  }
  if (!forge_store_get_int (store,
                            "SELECT max (n.id) FROM refresh n JOIN refresh r ON r.id = ?"
                            " AND n.id > r.id AND n.state = 'applied'"
                            " AND n.account_id IS r.account_id AND n.source_id IS r.source_id",
                            refresh->id,
                            &later,
                            error))
    return FALSE;
  if (later > 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Refresh %" G_GINT64_FORMAT " of “%s” came later; take that back first",
                 later,
                 refresh->name);
  return later == 0;
}

static gboolean
find_last (ForgeStore *store, gint64 *id, GError **error)
{
  if (*id == 0 && !forge_store_get_int (store,
                                        "SELECT max (id) FROM refresh WHERE state = 'applied'",
                                        0,
                                        id,
                                        error))
    return FALSE;
  if (*id == 0)
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         "There is no refresh that could be taken back");
  return *id > 0;
}

static gboolean
undo_refresh (ForgeStore *store, gint64 *id, gint64 now_s, GError **error)
{
  g_autoptr (ForgeRefresh) refresh =
      find_last (store, id, error) ? forge_store_get_refresh (store, *id, error) : NULL;

  return refresh && check_is_last (store, refresh, error) &&
         forge_refresh_drop_held (store, refresh->account_id, refresh->source_id, error) &&
         (refresh->account_id ? undo_streams (store, refresh, now_s, error)
                              : undo_guide (store, refresh, error)) &&
         set_state (store, *id, FORGE_REFRESH_UNDONE, error);
}

gboolean
forge_store_undo_refresh (ForgeStore *store, gint64 *id, gint64 now_s, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = undo_refresh (store, id, now_s, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_forget_refreshes (ForgeStore *store, gint64 account_id, GError **error)
{
  return forge_store_run_id (store,
                             "DELETE FROM refresh WHERE account_id = ?",
                             account_id,
                             NULL,
                             error);
}
