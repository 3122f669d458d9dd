/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"
#include "store/forge-store-refresh-private.h"

/* Which rows of a refresh belong to an account (?1) or a guide (?2); the other one is NULL. */
#define DELETE_HELD \
  "DELETE FROM refresh WHERE state = 'held' AND account_id IS ?1 AND source_id IS ?2"
#define PRUNE                                                                                  \
  "DELETE FROM refresh WHERE account_id IS ?1 AND source_id IS ?2 AND id NOT IN"               \
  " (SELECT id FROM (SELECT id, row_number () OVER newest AS n,"                               \
  " sum (added + removed + changed) OVER newest AS changes FROM refresh"                       \
  " WHERE account_id IS ?1 AND source_id IS ?2 WINDOW newest AS (ORDER BY id DESC))"           \
  " WHERE n = 1 OR (n <= " G_STRINGIFY (FORGE_REFRESHES_KEPT) " AND changes <= " G_STRINGIFY ( \
      FORGE_REFRESH_CHANGES_KEPT) "))"

static gboolean
run_for_owner (ForgeStore *store,
               const char *sql,
               gint64 account_id,
               gint64 source_id,
               GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_id (&st, account_id);
  forge_bind_id (&st, source_id);
  return forge_statement_run (&st, error);
}

gboolean
forge_refresh_drop_held (ForgeStore *store, gint64 account_id, gint64 source_id, GError **error)
{
  return run_for_owner (store, DELETE_HELD, account_id, source_id, error);
}

static gint64
insert_refresh (ForgeStore *store, const ForgeRefresh *refresh, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT INTO refresh (time, account_id, source_id, state, added, removed, changed,"
          " before, after, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          error))
    return 0;
  forge_bind_int (&st, refresh->time);
  forge_bind_id (&st, refresh->account_id);
  forge_bind_id (&st, refresh->source_id);
  forge_bind_text (&st, forge_refresh_state_name (refresh->state));
  forge_bind_int (&st, refresh->added);
  forge_bind_int (&st, refresh->removed);
  forge_bind_int (&st, refresh->changed);
  forge_bind_int (&st, refresh->before);
  forge_bind_int (&st, refresh->after);
  forge_bind_text (&st, refresh->summary);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

/* ---- streams ---- */

#define STREAM_JSON(row)                                                                      \
  "json_object ('name', " row ".name, 'epg_id', " row ".epg_id, 'group', " row ".group_name," \
  " 'icon', " row ".icon, 'quality', " row ".quality, 'archive_days', " row ".archive_days,"  \
  " 'position', " row ".position)"

#define RECORD_ADDED                                                                             \
  "INSERT INTO refresh_change (refresh_id, what, item_id, name, old, new)"                       \
  " SELECT ?2, 'stream-added', n.remote_id, n.name, NULL, " STREAM_JSON (                        \
      "n") " FROM temp.stage n WHERE NOT EXISTS (SELECT 1 FROM stream t WHERE t.account_id = ?1" \
           " AND t.remote_id = n.remote_id AND t.gone_at IS NULL)"
#define RECORD_REMOVED                                                     \
  "INSERT INTO refresh_change (refresh_id, what, item_id, name, old, new)" \
  " SELECT ?2, 'stream-removed', t.remote_id, t.name, " STREAM_JSON (      \
      "t") ", NULL"                                                        \
           " FROM stream t WHERE t.account_id = ?1 AND t.gone_at IS NULL"  \
           " AND NOT EXISTS (SELECT 1 FROM temp.stage n WHERE n.remote_id = t.remote_id)"
#define RECORD_CHANGED                                                                       \
  "INSERT INTO refresh_change (refresh_id, what, item_id, name, old, new)"                   \
  " SELECT ?2, 'stream-changed', t.remote_id, t.name, " STREAM_JSON ("t") ", " STREAM_JSON ( \
      "n") " FROM temp.stage n JOIN stream t ON t.account_id = ?1"                           \
           " AND t.remote_id = n.remote_id AND t.gone_at IS NULL"                            \
           " WHERE (t.name, t.epg_id, t.group_name, t.icon, t.quality, t.archive_days)"      \
           " IS NOT (n.name, n.epg_id, n.group_name, n.icon, n.quality, n.archive_days)"

static gboolean
record_rows (ForgeStore *store, gint64 account_id, gint64 refresh_id, GError **error)
{
  return run_for_owner (store, RECORD_ADDED, account_id, refresh_id, error) &&
         run_for_owner (store, RECORD_REMOVED, account_id, refresh_id, error) &&
         run_for_owner (store, RECORD_CHANGED, account_id, refresh_id, error);
}

gboolean
forge_store_record_streams (ForgeStore *store,
                            gint64 now_s,
                            gboolean is_held,
                            const ForgeStreamPlan *plan,
                            const char *summary,
                            gint64 *id,
                            GError **error)
{
  gint64 account_id = store->stage_account;
  const ForgeRefresh refresh = { .time = now_s,
                                 .account_id = account_id,
                                 .state = is_held ? FORGE_REFRESH_HELD : FORGE_REFRESH_APPLIED,
                                 .added = plan->added,
                                 .removed = plan->removed,
                                 .changed = plan->changed,
                                 .before = plan->before,
                                 .after = plan->after,
                                 .summary = (char *)summary };

  *id = 0;
  g_return_val_if_fail (account_id > 0 && !sqlite3_get_autocommit (store->db), FALSE);
  if (!forge_refresh_drop_held (store, account_id, 0, error))
    return FALSE;
  if (plan->added + plan->removed + plan->changed == 0)
    return TRUE;
  *id = insert_refresh (store, &refresh, error);
  return *id > 0 && (plan->before == 0 || record_rows (store, account_id, *id, error)) &&
         run_for_owner (store, PRUNE, account_id, 0, error);
}

/* Only what a person would call the same: icons and archives may differ. */
#define COUNT_REPEATED                                                                          \
  "SELECT count (*), total (CASE c.what"                                                        \
  " WHEN 'stream-added' THEN EXISTS (SELECT 1 FROM temp.stage n WHERE n.remote_id = c.item_id)" \
  " WHEN 'stream-removed' THEN NOT EXISTS"                                                      \
  " (SELECT 1 FROM temp.stage n WHERE n.remote_id = c.item_id)"                                 \
  " ELSE EXISTS (SELECT 1 FROM temp.stage n WHERE n.remote_id = c.item_id"                      \
  " AND n.name = json_extract (c.new, '$.name')"                                                \
  " AND n.group_name IS json_extract (c.new, '$.group')"                                        \
  " AND n.epg_id IS json_extract (c.new, '$.epg_id')) END)"                                     \
  " FROM refresh_change c WHERE c.refresh_id = ?"                                               \
  " AND c.what IN ('stream-added', 'stream-removed', 'stream-changed')"

/* The last that was decided on, if it was taken back or not wanted. */
#define LAST_REFUSED                                                                  \
  "SELECT iif (state IN ('undone', 'kept'), id, 0) FROM refresh WHERE account_id = ?" \
  " AND state <> 'held' ORDER BY id DESC LIMIT 1"

gboolean
forge_store_find_refusal (ForgeStore *store, ForgeRefusal *refusal, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  gint64 id = 0;

  *refusal = (ForgeRefusal){ 0 };
  g_return_val_if_fail (store->stage_account > 0, FALSE);
  if (!forge_store_get_int (store, LAST_REFUSED, store->stage_account, &id, error))
    return FALSE;
  if (id == 0)
    return TRUE;
  g_autoptr (ForgeRefresh) refresh = forge_store_get_refresh (store, id, error);
  if (!refresh || !forge_statement_prepare (&st, store, COUNT_REPEATED, error))
    return FALSE;
  forge_bind_int (&st, id);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  gint64 changes = forge_column_int (&st, 0);
  *refusal = (ForgeRefusal){ .id = id,
                             .state = refresh->state,
                             .changes = (int)changes,
                             .percent = (int)(forge_column_int (&st, 1) * 100 / MAX (changes, 1)) };
  return TRUE;
}

/* ---- guides ---- */

/* Channels that only the new or only the old generation has. */
#define COUNT_ENTRIES_ONLY_IN                                                  \
  "SELECT count (*) FROM guide_entry a WHERE a.generation = ?1 AND NOT EXISTS" \
  " (SELECT 1 FROM guide_entry b WHERE b.generation = ?2"                      \
  " AND b.guide_channel_id = a.guide_channel_id)"

static gboolean
count_only_in (ForgeStore *store, gint64 generation, gint64 other, int *count, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, COUNT_ENTRIES_ONLY_IN, error))
    return FALSE;
  forge_bind_int (&st, generation);
  forge_bind_int (&st, other);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *count = (int)forge_column_int (&st, 0);
  return TRUE;
}

/* The generation in use and what the source says of it. Only the newest refresh of a guide keeps
 * rows: older ones let theirs go. */
#define RELEASE_OLDER                                                                  \
  "UPDATE refresh SET kept_generation = NULL, kept_import = NULL WHERE source_id = ?1" \
  " AND id <> ?2 AND kept_generation IS NOT NULL"
#define KEEP_IN_USE                                                                                 \
  "UPDATE refresh SET kept_generation = nullif (s.generation, 0), kept_import = " FORGE_IMPORT_JSON \
  " FROM guide_source s WHERE s.id = ?1 AND refresh.id = ?2"

gboolean
forge_refresh_keep_in_use (ForgeStore *store, gint64 source_id, gint64 refresh_id, GError **error)
{
  return run_for_owner (store, RELEASE_OLDER, source_id, refresh_id, error) &&
         run_for_owner (store, KEEP_IN_USE, source_id, refresh_id, error);
}

static gboolean
keep_held (ForgeStore *store,
           gint64 refresh_id,
           gint64 generation,
           const ForgeGuideSource *now,
           GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE refresh SET kept_generation = ?, kept_import = json_object ('etag', ?,"
          " 'last_modified', ?, 'content_hash', ?, 'last_refresh', ?, 'status_text', ?,"
          " 'channels', ?, 'programmes', ?, 'skipped', ?, 'first_start', ?, 'last_stop', ?)"
          " WHERE id = ?",
          error))
    return FALSE;
  forge_bind_int (&st, generation);
  forge_bind_text (&st, now->etag);
  forge_bind_text (&st, now->last_modified);
  forge_bind_text (&st, now->content_hash);
  forge_bind_int (&st, now->last_refresh);
  forge_bind_text (&st, now->status_text);
  forge_bind_int (&st, now->channels);
  forge_bind_int (&st, now->programmes);
  forge_bind_int (&st, now->skipped);
  forge_bind_int (&st, now->first_start);
  forge_bind_int (&st, now->last_stop);
  forge_bind_int (&st, refresh_id);
  return forge_statement_run (&st, error);
}

static gboolean
set_hash (ForgeStore *store, gint64 refresh_id, const char *hash, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE refresh SET content_hash = ? WHERE id = ?",
                                error))
    return FALSE;
  forge_bind_text (&st, hash);
  forge_bind_int (&st, refresh_id);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_record_guide (ForgeStore *store,
                          gint64 now_s,
                          gboolean is_held,
                          const ForgeGuideSource *now,
                          gint64 generation,
                          const char *file_hash,
                          const char *summary,
                          gint64 *id,
                          GError **error)
{
  g_autoptr (ForgeGuideSource) before = NULL;
  ForgeRefresh refresh = { .time = now_s,
                           .source_id = now->id,
                           .state = is_held ? FORGE_REFRESH_HELD : FORGE_REFRESH_APPLIED,
                           .after = now->programmes,
                           .summary = (char *)summary };

  *id = 0;
  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);
  before = forge_store_get_guide_source (store, now->id, error);
  if (!before)
    return FALSE;
  refresh.before = before->generation ? before->programmes : 0;
  if (!count_only_in (store, generation, before->generation, &refresh.added, error) ||
      !count_only_in (store, before->generation, generation, &refresh.removed, error) ||
      !forge_refresh_drop_held (store, 0, now->id, error))
    return FALSE;
  *id = insert_refresh (store, &refresh, error);
  return *id > 0 && set_hash (store, *id, file_hash, error) &&
         (is_held ? keep_held (store, *id, generation, now, error)
                  : forge_refresh_keep_in_use (store, now->id, *id, error)) &&
         run_for_owner (store, PRUNE, 0, now->id, error);
}

gboolean
forge_store_guide_was_refused (ForgeStore *store, gint64 source_id, const char *hash)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!hash || !forge_statement_prepare (
                   &st,
                   store,
                   "SELECT state IN ('undone', 'kept') AND content_hash IS ?2 FROM refresh"
                   " WHERE source_id = ?1 AND state <> 'held' ORDER BY id DESC LIMIT 1",
                   NULL))
    return FALSE;
  forge_bind_int (&st, source_id);
  forge_bind_text (&st, hash);
  return forge_statement_step (&st, NULL) == FORGE_STEP_ROW && forge_column_int (&st, 0) != 0;
}

/* ---- channels ---- */

gboolean
forge_store_remember_channels (ForgeStore *store, GError **error)
{
  return forge_store_run (store,
                          "CREATE TEMP TABLE IF NOT EXISTS channel_before"
                          " (id INTEGER PRIMARY KEY, is_on INTEGER, is_gone INTEGER)",
                          error) &&
         forge_store_run (store, "DELETE FROM temp.channel_before", error) &&
         forge_store_run (store,
                          "INSERT INTO temp.channel_before"
                          " SELECT id, coalesce (user_enabled, enabled), gone_at IS NOT NULL"
                          " FROM channel",
                          error);
}

#define RECORD_CHANNELS                                                                      \
  "INSERT OR IGNORE INTO refresh_change (refresh_id, what, item_id, name)"                   \
  " SELECT r.id, d.what, d.id, d.name FROM refresh r,"                                       \
  " (SELECT c.id AS id, coalesce (c.user_name, c.name) AS name,"                             \
  " CASE WHEN c.gone_at IS NOT NULL THEN iif (b.is_gone IS 0, 'channel-removed', NULL)"      \
  " WHEN b.is_gone IS NOT 0 THEN 'channel-added'"                                            \
  " WHEN coalesce (c.user_enabled, c.enabled) > b.is_on THEN 'channel-enabled'"              \
  " WHEN coalesce (c.user_enabled, c.enabled) < b.is_on THEN 'channel-disabled' END AS what" \
  " FROM channel c LEFT JOIN temp.channel_before b ON b.id = c.id) d"                        \
  " WHERE r.id = ? AND r.before > 0 AND d.what IS NOT NULL"

gboolean
forge_store_record_channels (ForgeStore *store, gint64 refresh_id, GError **error)
{
  return forge_store_run_id (store, RECORD_CHANNELS, refresh_id, NULL, error) &&
         forge_store_run (store, "DELETE FROM temp.channel_before", error);
}
