/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-library.h"
#include "store/forge-store-private.h"

#define SECONDS_PER_DAY 86400

#define CONTENT(row)                                                                        \
  "(" row ".name, " row ".folded, " row ".language, " row ".extension, " row ".group_name," \
  " " row ".poster, " row ".genre, " row ".rating, " row ".quality, " row ".added,"         \
  " " row ".modified)"
/* A list's plot and duration may be poorer than what the details said: NULL and 0 change nothing.
 */
#define DIFFERS                                                                            \
  "(" CONTENT ("s") " IS NOT " CONTENT ("n") " OR s.plot IS NOT coalesce (n.plot, s.plot)" \
                                             " OR (n.duration > 0 AND s.duration <> n.duration))"
#define SAME_ROW "s.account_id = ?1 AND s.kind = ?2 AND s.remote_id = n.remote_id"

gboolean
forge_store_begin_titles (ForgeStore *store, gint64 account_id, ForgeMediaKind kind, GError **error)
{
  g_return_val_if_fail (account_id > 0 && kind != FORGE_MEDIA_EPISODE, FALSE);

  forge_store_widen_cache (store);
  if (!forge_store_run (store,
                        "CREATE TEMP TABLE IF NOT EXISTS title_stage ("
                        "  remote_id INTEGER PRIMARY KEY,"
                        "  name TEXT NOT NULL,"
                        "  title TEXT NOT NULL,"
                        "  folded TEXT NOT NULL,"
                        "  year INTEGER NOT NULL,"
                        "  tmdb_id INTEGER,"
                        "  language TEXT,"
                        "  extension TEXT,"
                        "  group_name TEXT,"
                        "  poster TEXT,"
                        "  plot TEXT,"
                        "  genre TEXT,"
                        "  rating TEXT,"
                        "  quality INTEGER NOT NULL,"
                        "  duration INTEGER NOT NULL,"
                        "  added INTEGER NOT NULL,"
                        "  modified INTEGER NOT NULL,"
                        "  position INTEGER NOT NULL,"
                        "  title_id INTEGER" /* found, or made */
                        ") STRICT",
                        error) ||
      !forge_store_run (store, "DELETE FROM temp.title_stage", error))
    return FALSE;
  store->title_account = account_id;
  store->title_kind = kind;
  return TRUE;
}

gboolean
forge_store_stage_title (ForgeStore *store, const ForgeMediaListing *listing, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_return_val_if_fail (store->title_account > 0, FALSE);
  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT OR IGNORE INTO temp.title_stage (remote_id, name, title, folded, year, tmdb_id,"
          " language, extension, group_name, poster, plot, genre, rating, quality, duration, added,"
          " modified, position) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, listing->remote_id);
  forge_bind_text (&st, listing->name);
  forge_bind_text (&st, listing->title);
  forge_bind_text (&st, listing->folded);
  forge_bind_int (&st, listing->year);
  forge_bind_id (&st, listing->tmdb_id);
  forge_bind_text (&st, listing->language);
  forge_bind_text (&st, listing->extension);
  forge_bind_text (&st, listing->group);
  forge_bind_text (&st, listing->poster);
  forge_bind_text (&st, listing->plot);
  forge_bind_text (&st, listing->genre);
  forge_bind_text (&st, listing->rating);
  forge_bind_int (&st, listing->quality);
  forge_bind_int (&st, listing->duration_s);
  forge_bind_int (&st, listing->added);
  forge_bind_int (&st, listing->modified);
  forge_bind_int (&st, listing->position);
  return forge_statement_run (&st, error);
}

/* Statements of a refresh have ?1 = account, ?2 = kind and, where they need it, ?3 = a time. */
static gboolean
prepare (ForgeStatement *st, ForgeStore *store, const char *sql, gint64 time_s, GError **error)
{
  if (!forge_statement_prepare (st, store, sql, error))
    return FALSE;
  const gint64 values[] = { store->title_account, store->title_kind, time_s };
  int wanted = sqlite3_bind_parameter_count (st->handle);
  for (int i = 0; i < wanted && i < (int)G_N_ELEMENTS (values); i++)
    forge_bind_int (st, values[i]);
  return TRUE;
}

static gboolean
run (ForgeStore *store, const char *sql, gint64 time_s, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  return prepare (&st, store, sql, time_s, error) && forge_statement_run (&st, error);
}

static gboolean
run_all (ForgeStore *store, const char *const *sqls, gsize n, gint64 time_s, GError **error)
{
  for (gsize i = 0; i < n; i++)
    if (!run (store, sqls[i], time_s, error))
      return FALSE;
  return TRUE;
}

gboolean
forge_store_plan_titles (ForgeStore *store, ForgeTitlePlan *plan, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_return_val_if_fail (store->title_account > 0, FALSE);
  *plan = (ForgeTitlePlan){ 0 };
  if (!prepare (&st,
                store,
                "SELECT count (*), count (s.id), total (s.id IS NOT NULL AND " DIFFERS "),"
                " (SELECT count (*) FROM title_source WHERE account_id = ?1 AND kind = ?2"
                "  AND gone_at IS NULL)"
                " FROM temp.title_stage n LEFT JOIN title_source s"
                " ON " SAME_ROW " AND s.gone_at IS NULL",
                0,
                error) ||
      forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  int kept = (int)forge_column_int (&st, 1);
  plan->after = (int)forge_column_int (&st, 0);
  plan->changed = (int)forge_column_int (&st, 2);
  plan->before = (int)forge_column_int (&st, 3);
  plan->added = plan->after - kept;
  plan->removed = plan->before - kept;
  return TRUE;
}

/* ---- which title a row belongs to ---- */

#define FIND_BY_TMDB                                                      \
  "UPDATE temp.title_stage AS n SET title_id = (SELECT t.id FROM title t" \
  "  WHERE t.kind = ?2 AND t.tmdb_id = n.tmdb_id)"                        \
  " WHERE n.title_id IS NULL AND n.tmdb_id IS NOT NULL"

/* A provider that corrects a name keeps the id and the time of adding; another film under an old
 * id, as after a move to another provider, agrees in neither. */
#define FIND_BY_SOURCE                                                             \
  "UPDATE temp.title_stage AS n SET title_id = (SELECT t.id FROM title_source s"   \
  "  JOIN title t ON t.id = s.title_id"                                            \
  "  WHERE " SAME_ROW " AND t.merged_into IS NULL"                                 \
  "  AND (t.tmdb_id IS NULL OR n.tmdb_id IS NULL)"                                 \
  "  AND ((t.folded = n.folded AND (t.year = n.year OR t.year = 0 OR n.year = 0))" \
  "   OR (n.added > 0 AND s.added = n.added)))"                                    \
  " WHERE n.title_id IS NULL"

#define FIND_BY_NAME                                                         \
  "UPDATE temp.title_stage AS n SET title_id = (SELECT t.id FROM title t"    \
  "  WHERE t.kind = ?2 AND t.folded = n.folded AND t.year = n.year"          \
  "  AND t.merged_into IS NULL AND (t.tmdb_id IS NULL OR n.tmdb_id IS NULL)" \
  "  ORDER BY t.tmdb_id IS NULL, t.id LIMIT 1)"                              \
  " WHERE n.title_id IS NULL"

/* A title without a TMDB id takes the one that its rows bring … */
#define ADOPT_TMDB                                                           \
  "UPDATE title SET tmdb_id = n.tmdb_id"                                     \
  " FROM (SELECT title_id, min (tmdb_id) AS tmdb_id"                         \
  "  FROM (SELECT min (title_id) AS title_id, tmdb_id FROM temp.title_stage" \
  "   WHERE tmdb_id IS NOT NULL AND title_id IS NOT NULL GROUP BY tmdb_id)"  \
  "  GROUP BY title_id) AS n"                                                \
  " WHERE title.id = n.title_id AND title.tmdb_id IS NULL"

/* … and rows that bring another one are another title. */
#define LEAVE_OTHERS                                        \
  "UPDATE temp.title_stage AS n SET title_id = NULL"        \
  " WHERE n.tmdb_id IS NOT NULL AND n.title_id IS NOT NULL" \
  " AND n.tmdb_id IS NOT (SELECT tmdb_id FROM title WHERE id = n.title_id)"

#define MAKE_BY_TMDB                                                     \
  "INSERT INTO title (kind, title, folded, year, tmdb_id)"               \
  " SELECT ?2, title, folded, max (year), tmdb_id FROM temp.title_stage" \
  " WHERE title_id IS NULL AND tmdb_id IS NOT NULL GROUP BY tmdb_id ORDER BY position"

#define MAKE_BY_NAME                                                             \
  "INSERT INTO title (kind, title, folded, year)"                                \
  " SELECT ?2, title, folded, year FROM temp.title_stage WHERE title_id IS NULL" \
  " GROUP BY folded, year ORDER BY min (position)"

#define LEARN_YEARS                                                  \
  "UPDATE title SET year = n.year"                                   \
  " FROM (SELECT title_id, max (year) AS year FROM temp.title_stage" \
  "  WHERE year > 0 GROUP BY title_id) AS n"                         \
  " WHERE title.id = n.title_id AND title.year = 0"

static gboolean
assign_titles (ForgeStore *store, GError **error)
{
  static const char *const sqls[] = { FIND_BY_TMDB, FIND_BY_SOURCE, FIND_BY_NAME, ADOPT_TMDB,
                                      LEAVE_OTHERS, FIND_BY_TMDB,   MAKE_BY_TMDB, FIND_BY_TMDB,
                                      FIND_BY_NAME, MAKE_BY_NAME,   FIND_BY_NAME, LEARN_YEARS };

  return run_all (store, sqls, G_N_ELEMENTS (sqls), 0, error);
}

/* ---- applying ---- */

/* Rows that turn out to be another title than we thought: under the same name or id, but now with a
 * TMDB id that another title has already. */
#define NOTE_MOVES                                                                          \
  "INSERT OR IGNORE INTO temp.title_move (old_id, new_id)"                                  \
  " SELECT s.title_id, n.title_id FROM temp.title_stage n JOIN title_source s ON " SAME_ROW \
  " JOIN title o ON o.id = s.title_id"                                                      \
  " WHERE s.title_id <> n.title_id AND o.tmdb_id IS NULL AND n.tmdb_id IS NOT NULL"         \
  " AND (o.folded = n.folded OR (n.added > 0 AND s.added = n.added))"

#define UPDATE_CHANGED                                                                        \
  "UPDATE title_source AS s SET title_id = n.title_id, name = n.name, folded = n.folded,"     \
  " language = n.language, extension = n.extension, group_name = n.group_name,"               \
  " poster = n.poster, plot = coalesce (n.plot, s.plot), genre = n.genre, rating = n.rating," \
  " quality = n.quality, duration = iif (n.duration > 0, n.duration, s.duration),"            \
  " added = n.added, modified = n.modified, position = n.position, gone_at = NULL"            \
  " FROM temp.title_stage n"                                                                  \
  " WHERE " SAME_ROW " AND (" DIFFERS " OR s.title_id <> n.title_id"                          \
  " OR s.position <> n.position OR s.gone_at IS NOT NULL)"

#define INSERT_NEW                                                                           \
  "INSERT INTO title_source (account_id, kind, remote_id, title_id, name, folded, language," \
  " extension, group_name, poster, plot, genre, rating, quality, duration, added, modified," \
  " position)"                                                                               \
  " SELECT ?1, ?2, n.remote_id, n.title_id, n.name, n.folded, n.language, n.extension,"      \
  " n.group_name, n.poster, n.plot, n.genre, n.rating, n.quality, n.duration, n.added,"      \
  " n.modified, n.position FROM temp.title_stage n"                                          \
  " WHERE NOT EXISTS (SELECT 1 FROM title_source s WHERE " SAME_ROW ") ORDER BY n.position"

#define BURY_VANISHED                                                 \
  "UPDATE title_source AS s SET gone_at = ?3 WHERE s.account_id = ?1" \
  " AND s.kind = ?2 AND s.gone_at IS NULL"                            \
  " AND NOT EXISTS (SELECT 1 FROM temp.title_stage n WHERE n.remote_id = s.remote_id)"

#define DELETE_EXPIRED \
  "DELETE FROM title_source WHERE account_id = ?1 AND kind = ?2 AND gone_at <= ?3"

/* The search index: what is renamed goes before, and comes back with what is new. */
#define FORGET_RENAMED                                                           \
  "DELETE FROM title_search WHERE rowid IN (SELECT s.id FROM temp.title_stage n" \
  " JOIN title_source s ON " SAME_ROW " WHERE s.folded <> n.folded)"
#define FORGET_DELETED                                                          \
  "DELETE FROM title_search WHERE rowid IN (SELECT f.rowid FROM title_search f" \
  " LEFT JOIN title_source s ON s.id = f.rowid WHERE s.id IS NULL)"
#define INDEX_NEW                                                                      \
  "INSERT INTO title_search (rowid, folded) SELECT s.id, s.folded FROM title_source s" \
  " WHERE s.account_id = ?1 AND s.kind = ?2"                                           \
  " AND NOT EXISTS (SELECT 1 FROM title_search f WHERE f.rowid = s.id)"

/* Only what nobody else has under the old title. */
#define MERGE_TITLES                                                                         \
  "UPDATE title SET merged_into = m.new_id FROM temp.title_move m WHERE title.id = m.old_id" \
  " AND NOT EXISTS (SELECT 1 FROM title_source s WHERE s.title_id = m.old_id)"
#define MERGE_CHAINS                                                                         \
  "UPDATE title SET merged_into = o.merged_into FROM title o WHERE o.id = title.merged_into" \
  " AND o.merged_into IS NOT NULL AND title.merged_into IS NOT NULL"
#define MOVE_EPISODES                                                       \
  "UPDATE OR IGNORE episode SET title_id = m.new_id FROM temp.title_move m" \
  " JOIN title t ON t.id = m.old_id AND t.merged_into = m.new_id"           \
  " WHERE episode.title_id = m.old_id"

#define HAS_SOURCE "EXISTS (SELECT 1 FROM title_source s WHERE s.title_id = title.id)"
#define MARK_GONE                                                     \
  "UPDATE title SET gone_at = ?3 WHERE kind = ?2 AND gone_at IS NULL" \
  " AND merged_into IS NULL AND NOT " HAS_SOURCE
#define MARK_BACK \
  "UPDATE title SET gone_at = NULL WHERE gone_at IS NOT NULL AND kind = ?2 AND " HAS_SOURCE
#define DELETE_GONE "DELETE FROM title WHERE kind = ?2 AND gone_at <= ?3"

#define COUNT_TITLES(column)                                                                  \
  "UPDATE account SET " column " = (SELECT count (*) FROM title_source WHERE account_id = ?1" \
  " AND kind = ?2 AND gone_at IS NULL) WHERE id = ?1"

static gboolean
write_sources (ForgeStore *store, gint64 now_s, GError **error)
{
  static const char *const sqls[] = {
    NOTE_MOVES,    FORGET_RENAMED, UPDATE_CHANGED, INSERT_NEW,
    BURY_VANISHED, MERGE_TITLES,   MERGE_CHAINS,   MOVE_EPISODES
  };

  return run_all (store, sqls, G_N_ELEMENTS (sqls), now_s, error);
}

static gboolean
sweep_titles (ForgeStore *store, gint64 now_s, GError **error)
{
  gint64 oldest_s = now_s - (gint64)FORGE_TITLE_KEEP_DAYS * SECONDS_PER_DAY;

  return run (store, FORGET_DELETED, 0, error) && run (store, INDEX_NEW, 0, error) &&
         run (store, MARK_GONE, now_s, error) && run (store, MARK_BACK, 0, error) &&
         run (store, DELETE_GONE, oldest_s, error);
}

static gboolean
count_titles (ForgeStore *store, GError **error)
{
  return store->title_kind == FORGE_MEDIA_MOVIE ? run (store, COUNT_TITLES ("movies"), 0, error)
                                                : run (store, COUNT_TITLES ("series"), 0, error);
}

gboolean
forge_store_apply_titles (ForgeStore *store, gint64 now_s, int tombstone_days, GError **error)
{
  gint64 expired_s = now_s - (gint64)tombstone_days * SECONDS_PER_DAY;

  g_return_val_if_fail (store->title_account > 0, FALSE);
  if (!forge_store_run (store,
                        "CREATE TEMP TABLE IF NOT EXISTS title_move"
                        " (old_id INTEGER PRIMARY KEY, new_id INTEGER NOT NULL) STRICT",
                        error) ||
      !forge_store_run (store, "DELETE FROM temp.title_move", error) ||
      !assign_titles (store, error) || !write_sources (store, now_s, error) ||
      !run (store, DELETE_EXPIRED, expired_s, error) || !sweep_titles (store, now_s, error) ||
      !count_titles (store, error))
    return FALSE;
  forge_store_drop_titles (store);
  return TRUE;
}

void
forge_store_drop_titles (ForgeStore *store)
{
  if (store->title_account)
    forge_store_run (store, "DELETE FROM temp.title_stage", NULL);
  store->title_account = 0;
}
