/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-streams.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"
#include "store/forge-store-stream-row.h"

#define SECONDS_PER_DAY 86400

/* What a refresh may change of a stream; the place alone is no change that a person cares about. */
#define CONTENT(row)                                                                       \
  "(" row ".name, " row ".epg_id, " row ".group_name, " row ".icon, " row ".quality, " row \
  ".archive_days)"
#define DIFFERS "(" CONTENT ("t") " IS NOT " CONTENT ("n") ")"

gboolean
forge_store_begin_stage (ForgeStore *store, gint64 account_id, GError **error)
{
  g_return_val_if_fail (account_id > 0, FALSE);

  forge_store_widen_cache (store);
  if (!forge_store_run (store,
                        "CREATE TEMP TABLE IF NOT EXISTS stage ("
                        "  remote_id INTEGER PRIMARY KEY,"
                        "  name TEXT NOT NULL,"
                        "  epg_id TEXT,"
                        "  group_name TEXT,"
                        "  icon TEXT,"
                        "  quality INTEGER NOT NULL,"
                        "  archive_days INTEGER NOT NULL,"
                        "  position INTEGER NOT NULL"
                        ") STRICT",
                        error) ||
      !forge_store_run (store, "DELETE FROM temp.stage", error))
    return FALSE;
  store->stage_account = account_id;
  return TRUE;
}

gboolean
forge_store_stage_stream (ForgeStore *store, const ForgeStream *stream, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_return_val_if_fail (store->stage_account > 0, FALSE);
  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT OR IGNORE INTO temp.stage (remote_id, name, epg_id, group_name, icon, quality,"
          " archive_days, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, stream->remote_id);
  forge_bind_text (&st, stream->name ? stream->name : "");
  forge_bind_text (&st, stream->epg_id);
  forge_bind_text (&st, stream->group);
  forge_bind_text (&st, stream->icon);
  forge_bind_int (&st, stream->quality);
  forge_bind_int (&st, stream->archive_days);
  forge_bind_int (&st, stream->position);
  return forge_statement_run (&st, error);
}

/* One pass over each side. */
static gboolean
count_staged (ForgeStore *store, ForgeStreamPlan *plan, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT count (*), count (t.id), total (t.id IS NOT NULL AND " DIFFERS ")"
          " FROM temp.stage n LEFT JOIN stream t"
          " ON t.account_id = ? AND t.remote_id = n.remote_id AND t.gone_at IS NULL",
          error))
    return FALSE;
  forge_bind_int (&st, store->stage_account);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  int kept = (int)forge_column_int (&st, 1);
  plan->after = (int)forge_column_int (&st, 0);
  plan->changed = (int)forge_column_int (&st, 2);
  plan->added = plan->after - kept;
  plan->unchanged = kept - plan->changed;
  plan->removed = plan->before - kept;
  return TRUE;
}

gboolean
forge_store_plan_streams (ForgeStore *store, ForgeStreamPlan *plan, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_READ;
  gint64 before = 0;

  g_return_val_if_fail (store->stage_account > 0, FALSE);
  *plan = (ForgeStreamPlan){ 0 };
  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok =
      forge_store_get_int (store,
                           "SELECT count (*) FROM stream WHERE account_id = ? AND gone_at IS NULL",
                           store->stage_account,
                           &before,
                           error);
  plan->before = (int)before;
  ok = ok && count_staged (store, plan, error);
  return forge_store_leave (store, transaction, ok, error);
}

#define UPDATE_CHANGED                                                                         \
  "UPDATE stream AS t SET name = n.name, epg_id = n.epg_id, group_name = n.group_name,"        \
  " icon = n.icon, quality = n.quality, archive_days = n.archive_days, position = n.position," \
  " gone_at = NULL"                                                                            \
  " FROM temp.stage n"                                                                         \
  " WHERE t.account_id = ? AND t.remote_id = n.remote_id"                                      \
  " AND (" DIFFERS " OR t.position <> n.position OR t.gone_at IS NOT NULL)"

/* A second statement rather than an upsert, which would use up an id per unchanged row. */
#define INSERT_NEW                                                                      \
  "INSERT INTO stream (account_id, remote_id, name, epg_id, group_name, icon, quality," \
  " archive_days, position)"                                                            \
  " SELECT ?1, n.remote_id, n.name, n.epg_id, n.group_name, n.icon, n.quality,"         \
  " n.archive_days, n.position FROM temp.stage n"                                       \
  " WHERE NOT EXISTS"                                                                   \
  " (SELECT 1 FROM stream t WHERE t.account_id = ?1 AND t.remote_id = n.remote_id)"     \
  " ORDER BY n.position"

#define BURY_VANISHED                                                        \
  "UPDATE stream SET gone_at = ?2 WHERE account_id = ?1 AND gone_at IS NULL" \
  " AND NOT EXISTS (SELECT 1 FROM temp.stage n WHERE n.remote_id = stream.remote_id)"

#define DELETE_EXPIRED                                         \
  "DELETE FROM stream WHERE account_id = ?1 AND gone_at <= ?2" \
  " AND NOT EXISTS (SELECT 1 FROM stream_match m"              \
  " WHERE m.stream_id = stream.id AND (m.manual OR m.rejected))"

static gboolean
run_for_account (ForgeStore *store, const char *sql, gint64 time_s, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, store->stage_account);
  forge_bind_int (&st, time_s);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_apply_streams (ForgeStore *store, gint64 now_s, int tombstone_days, GError **error)
{
  gint64 expired_s = now_s - (gint64)tombstone_days * SECONDS_PER_DAY;

  g_return_val_if_fail (store->stage_account > 0, FALSE);
  if (!forge_store_run_id (store, UPDATE_CHANGED, store->stage_account, NULL, error) ||
      !forge_store_run_id (store, INSERT_NEW, store->stage_account, NULL, error) ||
      !run_for_account (store, BURY_VANISHED, now_s, error) ||
      !run_for_account (store, DELETE_EXPIRED, expired_s, error))
    return FALSE;
  forge_store_drop_stage (store);
  return TRUE;
}

void
forge_store_drop_stage (ForgeStore *store)
{
  if (store->stage_account)
    forge_store_run (store, "DELETE FROM temp.stage", NULL);
  store->stage_account = 0;
}

static void
fill_numbers (ForgeStatement *st, int first, ForgeStream *stream)
{
  stream->id = forge_column_int (st, first);
  stream->account_id = forge_column_int (st, first + 1);
  stream->remote_id = forge_column_int (st, first + 2);
  stream->quality = (ForgeQuality)forge_column_int (st, first + 7);
  stream->archive_days = (int)forge_column_int (st, first + 8);
  stream->position = (int)forge_column_int (st, first + 9);
  stream->available = forge_column_int (st, first + 10) != 0;
}

ForgeStream *
forge_stream_row_read (ForgeStatement *st, int first)
{
  ForgeStream *stream = forge_stream_new ();

  fill_numbers (st, first, stream);
  stream->name = forge_column_dup (st, first + 3);
  stream->epg_id = forge_column_dup (st, first + 4);
  stream->group = forge_column_dup (st, first + 5);
  stream->icon = forge_column_dup (st, first + 6);
  return stream;
}

void
forge_stream_row_lend (ForgeStatement *st, ForgeStream *stream)
{
  fill_numbers (st, 0, stream);
  stream->name = (char *)forge_column_text (st, 3);
  stream->epg_id = (char *)forge_column_text (st, 4);
  stream->group = (char *)forge_column_text (st, 5);
  stream->icon = (char *)forge_column_text (st, 6);
}

gboolean
forge_store_each_stream (ForgeStore *store,
                         ForgeStreamFunc each,
                         gpointer user_data,
                         GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStream stream = { 0 };
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " FORGE_STREAM_COLUMNS " FROM stream t"
                                " WHERE t.gone_at IS NULL ORDER BY t.account_id, t.position, t.id",
                                error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    forge_stream_row_lend (&st, &stream);
    if (!each (&stream, user_data))
      return TRUE;
  }
  return step == FORGE_STEP_DONE;
}

ForgeStream *
forge_store_get_stream (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " FORGE_STREAM_COLUMNS " FROM stream t WHERE t.id = ?",
                                error))
    return NULL;
  forge_bind_int (&st, id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found ("stream", id, error);
  return step == FORGE_STEP_ROW ? forge_stream_row_read (&st, 0) : NULL;
}
