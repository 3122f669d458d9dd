/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-media-row.h"

/* ---- a source that turns out to be a known title ---- */

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
move_source (ForgeStore *store, gint64 source_id, gint64 from, gint64 to, GError **error)
{
  return run_two (store,
                  "UPDATE title_source SET title_id = ?2 WHERE id = ?1",
                  source_id,
                  to,
                  error) &&
         run_two (store,
                  "UPDATE title SET merged_into = ?2 WHERE (id = ?1 OR merged_into = ?1)"
                  " AND NOT EXISTS (SELECT 1 FROM title_source s WHERE s.title_id = ?1)",
                  from,
                  to,
                  error) &&
         run_two (store,
                  "UPDATE OR IGNORE episode SET title_id = ?2 WHERE title_id = ?1"
                  " AND EXISTS (SELECT 1 FROM title WHERE id = ?1 AND merged_into = ?2)",
                  from,
                  to,
                  error);
}

gboolean
forge_store_learn_tmdb (ForgeStore *store, gint64 source_id, gint64 tmdb_id, GError **error)
{
  gint64 title_id = 0, known = 0, kind = 0;

  if (tmdb_id <= 0)
    return TRUE;
  if (!forge_store_get_int (store,
                            "SELECT title_id FROM title_source WHERE id = ?",
                            source_id,
                            &title_id,
                            error) ||
      !forge_store_get_int (store,
                            "SELECT tmdb_id FROM title WHERE id = ?",
                            title_id,
                            &known,
                            error) ||
      !forge_store_get_int (store, "SELECT kind FROM title WHERE id = ?", title_id, &kind, error))
    return FALSE;
  if (title_id == 0 || known != 0) /* the list's own id counts more than the details' */
    return TRUE;
  g_autoptr (GError) failure = NULL;
  gint64 other = forge_store_find_tmdb (store, (ForgeMediaKind)kind, tmdb_id, &failure);
  if (failure) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  return other ? move_source (store, source_id, title_id, other, error)
               : run_two (store,
                          "UPDATE title SET tmdb_id = ?2 WHERE id = ?1",
                          title_id,
                          tmdb_id,
                          error);
}

/* ---- what details say ---- */

static gboolean
write_info (ForgeStore *store,
            gint64 source_id,
            const ForgeMediaListing *info,
            gint64 now_s,
            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE title_source SET plot = coalesce (?2, plot), poster = coalesce (poster, ?3),"
          " genre = coalesce (genre, ?4), duration = iif (?5 > 0, ?5, duration),"
          " extension = coalesce (?6, extension), info_at = ?7, info_seen = modified WHERE id = ?1",
          error))
    return FALSE;
  forge_bind_int (&st, source_id);
  forge_bind_text (&st, info->plot);
  forge_bind_text (&st, info->poster);
  forge_bind_text (&st, info->genre);
  forge_bind_int (&st, info->duration_s);
  forge_bind_text (&st, info->extension);
  forge_bind_int (&st, now_s);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_save_movie_info (ForgeStore *store,
                             gint64 source_id,
                             const ForgeMediaListing *info,
                             gint64 now_s,
                             GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = write_info (store, source_id, info, now_s, error) &&
                forge_store_learn_tmdb (store, source_id, info->tmdb_id, error);
  return forge_store_leave (store, transaction, ok, error);
}

static gboolean
save_episode (ForgeStore *store,
              gint64 source_id,
              gint64 title_id,
              const ForgeMediaListing *episode,
              GError **error)
{
  g_auto (ForgeStatement) make = FORGE_STATEMENT_INIT;
  g_auto (ForgeStatement) add = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&make,
                                store,
                                "INSERT OR IGNORE INTO episode (title_id, season, number)"
                                " VALUES (?, ?, ?)",
                                error) ||
      !forge_statement_prepare (
          &add,
          store,
          "INSERT OR IGNORE INTO episode_source (source_id, remote_id, name, extension, poster,"
          " plot, quality, duration, added, episode_id)"
          " SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, id FROM episode"
          " WHERE title_id = ?10 AND season = ?11 AND number = ?12",
          error))
    return FALSE;
  forge_bind_int (&make, title_id);
  forge_bind_int (&make, episode->season);
  forge_bind_int (&make, episode->number);
  forge_bind_int (&add, source_id);
  forge_bind_int (&add, episode->remote_id);
  forge_bind_text (&add, episode->name);
  forge_bind_text (&add, episode->extension);
  forge_bind_text (&add, episode->poster);
  forge_bind_text (&add, episode->plot);
  forge_bind_int (&add, episode->quality);
  forge_bind_int (&add, episode->duration_s);
  forge_bind_int (&add, episode->added);
  forge_bind_int (&add, title_id);
  forge_bind_int (&add, episode->season);
  forge_bind_int (&add, episode->number);
  return forge_statement_run (&make, error) && forge_statement_run (&add, error);
}

static gboolean
replace_episodes (ForgeStore *store,
                  gint64 source_id,
                  gint64 title_id,
                  GPtrArray *episodes,
                  GError **error)
{
  if (episodes->len == 0) /* an empty answer is more often trouble than the truth */
    return TRUE;
  if (!forge_store_run_id (store,
                           "DELETE FROM episode_source WHERE source_id = ?",
                           source_id,
                           NULL,
                           error))
    return FALSE;
  for (guint i = 0; i < episodes->len; i++)
    if (!save_episode (store, source_id, title_id, g_ptr_array_index (episodes, i), error))
      return FALSE;
  return TRUE;
}

static gboolean
write_episodes (ForgeStore *store,
                gint64 source_id,
                gint64 tmdb_id,
                GPtrArray *episodes,
                gint64 now_s,
                GError **error)
{
  gint64 title_id = 0;

  if (!forge_store_learn_tmdb (store, source_id, tmdb_id, error) ||
      !forge_store_get_int (store,
                            "SELECT title_id FROM title_source WHERE id = ?",
                            source_id,
                            &title_id,
                            error))
    return FALSE;
  if (title_id == 0)
    return forge_store_not_found ("series of an account", source_id, error);
  return replace_episodes (store, source_id, title_id, episodes, error) &&
         run_two (store,
                  "UPDATE title_source SET info_at = ?2, info_seen = modified WHERE id = ?1",
                  source_id,
                  now_s,
                  error);
}

gboolean
forge_store_save_episodes (ForgeStore *store,
                           gint64 source_id,
                           gint64 tmdb_id,
                           GPtrArray *episodes,
                           gint64 now_s,
                           GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = write_episodes (store, source_id, tmdb_id, episodes, now_s, error);
  return forge_store_leave (store, transaction, ok, error);
}

/* ---- reading ---- */

/* The describing source of an episode: the oldest account's. */
#define EPISODE_COLUMNS                                                                     \
  "e.id, e.season, e.number, t.id, t.title, t.year, t.tmdb_id, p.name, p.plot, p.poster,"   \
  " coalesce (p.quality, 2), coalesce (p.duration, 0), coalesce (p.added, 0), p.extension," \
  " (SELECT count (*)"                                                                      \
  "  FROM episode_source p JOIN title_source s ON s.id = p.source_id"                       \
  "  JOIN account a ON a.id = s.account_id"                                                 \
  "  WHERE p.episode_id = e.id AND " FORGE_SOURCE_IS_HERE ")"
#define DESCRIBED_EPISODE                                                             \
  " FROM episode e JOIN title t ON t.id = e.title_id LEFT JOIN episode_source p"      \
  " ON p.episode_id = e.id AND (p.source_id, p.remote_id) ="                          \
  " (SELECT p.source_id, p.remote_id FROM episode_source p"                           \
  "  JOIN title_source s ON s.id = p.source_id JOIN account a ON a.id = s.account_id" \
  "  WHERE p.episode_id = e.id AND " FORGE_SOURCE_IS_HERE                             \
  "  ORDER BY s.account_id, p.remote_id LIMIT 1)"

static ForgeMedia *
read_episode (ForgeStatement *st)
{
  ForgeMedia *media = forge_media_new (FORGE_MEDIA_EPISODE);

  media->id = forge_column_int (st, 0);
  media->season = (int)forge_column_int (st, 1);
  media->number = (int)forge_column_int (st, 2);
  media->series_id = forge_column_int (st, 3);
  media->series_title = forge_column_dup (st, 4);
  media->year = (int)forge_column_int (st, 5);
  media->tmdb_id = forge_column_int (st, 6);
  media->title = forge_column_dup (st, 7);
  media->plot = forge_column_dup (st, 8);
  media->poster = forge_column_dup (st, 9);
  media->quality = (ForgeQuality)forge_column_int (st, 10);
  media->duration_s = (int)forge_column_int (st, 11);
  media->added = forge_column_int (st, 12);
  media->extension = forge_column_dup (st, 13);
  media->sources = (int)forge_column_int (st, 14);
  if (!media->title)
    media->title =
        g_strdup_printf ("%s S%02dE%02d", media->series_title, media->season, media->number);
  return media;
}

/* An episode of a series that became a signpost, under the real series. */
static gboolean
real_episode (ForgeStore *store, gint64 *id, GError **error)
{
  gint64 real = 0;

  if (!forge_store_get_int (store,
                            "SELECT r.id FROM episode e JOIN title t ON t.id = e.title_id"
                            " JOIN episode r ON r.title_id = t.merged_into"
                            " AND r.season = e.season AND r.number = e.number WHERE e.id = ?",
                            *id,
                            &real,
                            error))
    return FALSE;
  if (real)
    *id = real;
  return TRUE;
}

ForgeMedia *
forge_store_get_episode (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  gint64 real = id;

  if (!real_episode (store, &real, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "SELECT " EPISODE_COLUMNS DESCRIBED_EPISODE " WHERE e.id = ?",
                                error))
    return NULL;
  forge_bind_int (&st, real);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found ("episode", id, error);
  return step == FORGE_STEP_ROW ? read_episode (&st) : NULL;
}

GPtrArray *
forge_store_episode_sources (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!real_episode (store, &id, error) ||
      !forge_statement_prepare (
          &st,
          store,
          "SELECT 3, s.id, s.account_id, p.remote_id, p.extension, p.name, s.language, p.quality,"
          " p.duration, s.modified, s.info_at, s.info_seen FROM episode_source p"
          " JOIN title_source s ON s.id = p.source_id JOIN account a ON a.id = s.account_id"
          " WHERE p.episode_id = ? AND " FORGE_SOURCE_IS_HERE
          " ORDER BY a.status = 'active' DESC, p.quality DESC, s.account_id, p.remote_id",
          error))
    return NULL;
  forge_bind_int (&st, id);
  return forge_store_read_sources (&st, error);
}
G_STATIC_ASSERT (FORGE_MEDIA_EPISODE == 3);

gint64
forge_store_find_episode (ForgeStore *store,
                          gint64 series_id,
                          int season,
                          int number,
                          GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_store_real_title (store, &series_id, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "SELECT id FROM episode WHERE title_id = ? AND season = ?"
                                " AND number = ?",
                                error))
    return 0;
  forge_bind_int (&st, series_id);
  forge_bind_int (&st, season);
  forge_bind_int (&st, number);
  return forge_statement_step (&st, error) == FORGE_STEP_ROW ? forge_column_int (&st, 0) : 0;
}

GPtrArray *
forge_store_list_episodes (ForgeStore *store, gint64 series_id, int season, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_unref);
  ForgeStep step;

  if (!forge_store_real_title (store, &series_id, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "SELECT " EPISODE_COLUMNS DESCRIBED_EPISODE
                                " WHERE e.title_id = ?1 AND (?2 < 0 OR e.season = ?2)"
                                " AND p.remote_id IS NOT NULL ORDER BY e.season, e.number",
                                error))
    return NULL;
  forge_bind_int (&st, series_id);
  forge_bind_int (&st, season);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (list, read_episode (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&list) : NULL;
}
