/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-library.h"

#include "base/forge-error.h"
#include "model/forge-media-name.h"
#include "store/forge-store-media-row.h"

#define MAX_SEARCH_WORDS 16

/* ---- one ---- */

gboolean
forge_store_real_title (ForgeStore *store, gint64 *id, GError **error)
{
  gint64 merged = 0;

  if (!forge_store_get_int (store,
                            "SELECT merged_into FROM title WHERE id = ?",
                            *id,
                            &merged,
                            error))
    return FALSE;
  if (merged)
    *id = merged;
  return TRUE;
}

static ForgeMedia *
read_title (ForgeStatement *st)
{
  ForgeMedia *media = forge_media_new ((ForgeMediaKind)forge_column_int (st, 1));

  media->id = forge_column_int (st, 0);
  media->title = forge_column_dup (st, 2);
  media->year = (int)forge_column_int (st, 3);
  media->tmdb_id = forge_column_int (st, 4);
  media->plot = forge_column_dup (st, 5);
  media->genre = forge_column_dup (st, 6);
  media->rating = forge_column_dup (st, 7);
  media->poster = forge_column_dup (st, 8);
  media->group = forge_column_dup (st, 9);
  media->quality = (ForgeQuality)forge_column_int (st, 10);
  media->duration_s = (int)forge_column_int (st, 11);
  media->added = forge_column_int (st, 12);
  media->extension = forge_column_dup (st, 13);
  media->modified = forge_column_int (st, 14);
  media->sources = (int)forge_column_int (st, 15);
  return media;
}

#define TITLE_COLUMNS                                                                                                   \
  "t.id, t.kind, t.title, t.year, t.tmdb_id, s.plot, s.genre, s.rating, s.poster,"                                      \
  " s.group_name, coalesce (s.quality, 2), coalesce (s.duration, 0), coalesce (s.added, 0),"                            \
  " s.extension, coalesce (s.modified, 0), (SELECT count (*) FROM title_source s JOIN account a ON a.id = s.account_id" \
  "  WHERE s.title_id = t.id AND " FORGE_SOURCE_IS_HERE ")"
G_STATIC_ASSERT (FORGE_QUALITY_UNKNOWN == 2);

#define FOUND_COLUMN 16 /* behind those */

/* The source that describes a title: the oldest account's first. */
#define DESCRIBER(condition)                                               \
  "(SELECT s.id FROM title_source s JOIN account a ON a.id = s.account_id" \
  "  WHERE s.title_id = t.id AND " FORGE_SOURCE_IS_HERE condition          \
  "  ORDER BY s.account_id, s.position LIMIT 1)"

static ForgeMedia *
get_title (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  gint64 real = id;

  if (!forge_store_real_title (store, &real, error) ||
      !forge_statement_prepare (
          &st,
          store,
          "SELECT " TITLE_COLUMNS " FROM title t"
          " LEFT JOIN title_source s ON s.id = " DESCRIBER ("") " WHERE t.id = ? AND t.kind = ?",
          error))
    return NULL;
  forge_bind_int (&st, real);
  forge_bind_int (&st, kind);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found (forge_media_kind_name (kind), id, error);
  return step == FORGE_STEP_ROW ? read_title (&st) : NULL;
}

ForgeMedia *
forge_store_get_media (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error)
{
  return kind == FORGE_MEDIA_EPISODE ? forge_store_get_episode (store, id, error)
                                     : get_title (store, kind, id, error);
}

gint64
forge_store_find_tmdb (ForgeStore *store, ForgeMediaKind kind, gint64 tmdb_id, GError **error)
{
  gint64 id = 0;
  gboolean ok = kind == FORGE_MEDIA_MOVIE
                    ? forge_store_get_int (store,
                                           "SELECT id FROM title WHERE kind = 1 AND tmdb_id = ?",
                                           tmdb_id,
                                           &id,
                                           error)
                    : forge_store_get_int (store,
                                           "SELECT id FROM title WHERE kind = 2 AND tmdb_id = ?",
                                           tmdb_id,
                                           &id,
                                           error);
  return ok ? id : 0;
}
G_STATIC_ASSERT (FORGE_MEDIA_MOVIE == 1 && FORGE_MEDIA_SERIES == 2);

/* ---- sources ---- */

#define SOURCES_OF_TITLE                                                             \
  "SELECT s.kind, s.id, s.account_id, s.remote_id, s.extension, s.name, s.language," \
  " s.quality, s.duration, s.modified, s.info_at, s.info_seen"                       \
  " FROM title_source s JOIN account a ON a.id = s.account_id"                       \
  " WHERE s.title_id = ? AND s.kind = ? AND " FORGE_SOURCE_IS_HERE " ORDER BY " FORGE_SOURCE_ORDER

GPtrArray *
forge_store_read_sources (ForgeStatement *st, GError **error)
{
  g_autoptr (GPtrArray) sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_source_free);
  ForgeStep step;

  while ((step = forge_statement_step (st, error)) == FORGE_STEP_ROW) {
    ForgeMediaSource *source = g_new0 (ForgeMediaSource, 1);
    source->kind = (ForgeMediaKind)forge_column_int (st, 0);
    source->id = forge_column_int (st, 1);
    source->account_id = forge_column_int (st, 2);
    source->remote_id = forge_column_int (st, 3);
    source->extension = forge_column_dup (st, 4);
    source->name = forge_column_dup (st, 5);
    source->language = forge_column_dup (st, 6);
    source->quality = (ForgeQuality)forge_column_int (st, 7);
    source->duration_s = (int)forge_column_int (st, 8);
    source->modified = forge_column_int (st, 9);
    source->info_at = forge_column_int (st, 10);
    source->info_seen = forge_column_int (st, 11);
    g_ptr_array_add (sources, source);
  }
  return step == FORGE_STEP_DONE ? g_steal_pointer (&sources) : NULL;
}

GPtrArray *
forge_store_media_sources (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (kind == FORGE_MEDIA_EPISODE)
    return forge_store_episode_sources (store, id, error);
  if (!forge_store_real_title (store, &id, error) ||
      !forge_statement_prepare (&st, store, SOURCES_OF_TITLE, error))
    return NULL;
  forge_bind_int (&st, id);
  forge_bind_int (&st, kind);
  return forge_store_read_sources (&st, error);
}

/* ---- lists ---- */

/* ?1 kind, ?2 account (0 = all), ?3 the words for the index, ?4 the folded search text, ?7 group
 * (NULL = all) */
#define OF_ACCOUNT " AND (?2 = 0 OR s.account_id = ?2)"
#define HERE       "s.kind = ?1 AND " FORGE_SOURCE_IS_HERE OF_ACCOUNT
#define JOINED     " FROM title_source s JOIN account a ON a.id = s.account_id WHERE " HERE

#define HITS_BY_WORDS                                                            \
  "SELECT DISTINCT s.title_id AS id FROM title_search f"                         \
  " JOIN title_source s ON s.id = f.rowid JOIN account a ON a.id = s.account_id" \
  " WHERE title_search MATCH ?3 AND " HERE
/* For scripts without blanks, whose words the index does not know. */
#define HITS_BY_PART "SELECT DISTINCT s.title_id AS id" JOINED " AND instr (s.folded, ?4) > 0"

/* All, one by one, in the order of an index: nothing is sorted, nothing held. */
#define LIST                                    \
  "SELECT " TITLE_COLUMNS " FROM title t"       \
  " JOIN title_source s ON s.id = " DESCRIBER ( \
      OF_ACCOUNT) " WHERE t.kind = ?1 AND (?7 IS NULL OR coalesce (s.group_name, '') = ?7)"

/* A page: which titles are on it is found in an index alone (see forge-store-schema-12.c); only
 * those are then looked up. */
#define PAGE_OF(picked, order)                                                            \
  "SELECT " TITLE_COLUMNS ", p.n FROM (" picked " ORDER BY " order " LIMIT ?5 OFFSET ?6)" \
  " p JOIN title t ON t.id = p.id"                                                        \
  " JOIN title_source s ON s.id = " DESCRIBER (OF_ACCOUNT) " ORDER BY " order
#define SHOWN "SELECT t.id AS id, NULL AS n FROM title t WHERE t.kind = ?1 AND t.shown = 1"
#define SHOWN_OF_ACCOUNT                                                  \
  SHOWN " AND EXISTS (SELECT 1 FROM title_source s"                       \
        "  JOIN account a ON a.id = s.account_id WHERE s.title_id = t.id" \
        "  AND s.account_id = ?2 AND " FORGE_SOURCE_IS_HERE ")"
#define PICKED_HITS(hits) \
  "SELECT h.id AS id, count (*) OVER () AS n FROM (" hits ") h JOIN title t ON t.id = h.id"

#define BY_TITLE  "t.folded, t.year, t.id"
#define BY_YEAR   "t.year DESC, t.folded, t.id"
#define BY_NOTICE "t.id DESC"
#define BY_HIT    "t.folded = ?4 DESC, instr (t.folded, ?4) = 1 DESC, t.folded, t.year DESC, t.id"

typedef struct {
  const ForgeMediaQuery *query;
  char *words, *folded; /* NULL without a search text */
} Search;

static void
search_clear (Search *search)
{
  g_free (search->words);
  g_free (search->folded);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

/* "ocean elev" → "\"ocean\" \"elev\"*": every word, the last one may go on. */
static char *
index_words (const char *folded)
{
  g_auto (GStrv) words = g_strsplit (folded, " ", MAX_SEARCH_WORDS);
  GString *out = g_string_new (NULL);

  for (guint i = 0; words[i]; i++) {
    g_auto (GStrv) parts = g_strsplit (words[i], "\"", -1);
    g_autofree char *safe = g_strjoinv ("\"\"", parts);
    g_string_append_printf (out, "%s\"%s\"%s", i ? " " : "", safe, words[i + 1] ? "" : "*");
  }
  return g_string_free (out, FALSE);
}

static void
search_init (Search *search, const ForgeMediaQuery *query)
{
  search->query = query;
  if (!query->search || !*query->search)
    return;
  search->folded = forge_media_fold (query->search);
  search->words = index_words (search->folded);
}

static gboolean
prepare (ForgeStatement *st,
         ForgeStore *store,
         const char *sql,
         const Search *search,
         GError **error)
{
  const ForgeMediaQuery *query = search->query;

  if (!forge_statement_prepare (st, store, sql, error))
    return FALSE;
  forge_bind_int (st, query->kind);
  forge_bind_int (st, query->account_id);
  forge_bind_text (st, search->words);
  forge_bind_text (st, search->folded);
  forge_bind_int (st, query->limit ? (gint64)query->limit : -1);
  forge_bind_int (st, query->offset);
  forge_bind_text (st, query->group);
  return TRUE;
}

static gint64
count (ForgeStore *store, const Search *search, const char *sql, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  return prepare (&st, store, sql, search, error) &&
                 forge_statement_step (&st, error) == FORGE_STEP_ROW
             ? forge_column_int (&st, 0)
             : -1;
}

/* Without a search text. −1 on error. */
static gint64
count_titles (ForgeStore *store, const Search *search, GError **error)
{
  return count (store,
                search,
                search->query->account_id
                    ? "SELECT count (DISTINCT s.title_id)" JOINED
                    : "SELECT count (*) FROM title t WHERE t.kind = ?1 AND t.shown = 1",
                error);
}

static gint64
count_hits (ForgeStore *store, const Search *search, gboolean by_part, GError **error)
{
  return count (store,
                search,
                by_part ? "SELECT count (*) FROM (" HITS_BY_PART ")"
                        : "SELECT count (*) FROM (" HITS_BY_WORDS ")",
                error);
}

static const char *
page_sql (const Search *search, gboolean by_part)
{
  static const char *const sqls[][2] = {
    [FORGE_MEDIA_BY_TITLE] = { PAGE_OF (SHOWN, BY_TITLE), PAGE_OF (SHOWN_OF_ACCOUNT, BY_TITLE) },
    [FORGE_MEDIA_BY_YEAR] = { PAGE_OF (SHOWN, BY_YEAR), PAGE_OF (SHOWN_OF_ACCOUNT, BY_YEAR) },
    [FORGE_MEDIA_BY_NOTICE] = { PAGE_OF (SHOWN, BY_NOTICE), PAGE_OF (SHOWN_OF_ACCOUNT, BY_NOTICE) },
  };

  if (search->words)
    return by_part ? PAGE_OF (PICKED_HITS (HITS_BY_PART), BY_HIT)
                   : PAGE_OF (PICKED_HITS (HITS_BY_WORDS), BY_HIT);
  return sqls[search->query->order][search->query->account_id != 0];
}

static const char *
list_sql (const Search *search, gboolean by_part)
{
  if (search->words || (search->query->limit && !search->query->group))
    return page_sql (search, by_part);
  switch (search->query->order) {
  case FORGE_MEDIA_BY_YEAR:
    return LIST " ORDER BY " BY_YEAR " LIMIT ?5 OFFSET ?6";
  case FORGE_MEDIA_BY_NOTICE:
    return LIST " ORDER BY " BY_NOTICE " LIMIT ?5 OFFSET ?6";
  case FORGE_MEDIA_BY_TITLE:
  default:
    return LIST " ORDER BY " BY_TITLE " LIMIT ?5 OFFSET ?6";
  }
}

/* `*found` (may be NULL) receives what a search has found in all, if it has a row on this page. */
static gboolean
each_row (ForgeStore *store,
          const Search *search,
          gboolean by_part,
          ForgeMediaFunc func,
          gpointer user_data,
          gint64 *found,
          GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!prepare (&st, store, list_sql (search, by_part), search, error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    g_autoptr (ForgeMedia) media = read_title (&st);
    if (found)
      *found = forge_column_int (&st, FOUND_COLUMN);
    if (!func (media, user_data))
      return TRUE;
  }
  return step == FORGE_STEP_DONE;
}

static gboolean
add_to_list (ForgeMedia *media, gpointer list)
{
  g_ptr_array_add (list, forge_media_ref (media));
  return TRUE;
}

/* By words; if there are none, by parts of words. One pass finds the page and how many there are.
 */
static gint64
list_hits (ForgeStore *store, const Search *search, GPtrArray *list, GError **error)
{
  gint64 found = 0;

  for (int by_part = FALSE; by_part <= TRUE && found == 0; by_part++) {
    if (!each_row (store, search, by_part, add_to_list, list, &found, error))
      return -1;
    if (list->len == 0 && search->query->offset > 0)
      found = count_hits (store, search, by_part, error);
  }
  return found;
}

GPtrArray *
forge_store_list_media (ForgeStore *store,
                        const ForgeMediaQuery *query,
                        guint *total,
                        GError **error)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_unref);
  g_auto (Search) search = { 0 };
  gint64 n;

  g_return_val_if_fail (query->kind != FORGE_MEDIA_EPISODE, NULL);
  search_init (&search, query);
  if (search.words)
    n = list_hits (store, &search, list, error);
  else
    n = each_row (store, &search, FALSE, add_to_list, list, NULL, error)
            ? count_titles (store, &search, error)
            : -1;
  if (n < 0)
    return NULL;
  if (total)
    *total = (guint)n;
  return g_steal_pointer (&list);
}

gboolean
forge_store_each_media (ForgeStore *store,
                        const ForgeMediaQuery *query,
                        ForgeMediaFunc func,
                        gpointer user_data,
                        GError **error)
{
  const Search search = { .query = query };

  g_return_val_if_fail (query->kind != FORGE_MEDIA_EPISODE && !query->search, FALSE);
  return each_row (store, &search, FALSE, func, user_data, NULL, error);
}

GPtrArray *
forge_store_list_media_groups (ForgeStore *store, ForgeMediaKind kind, GError **error)
{
  g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func (g_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT coalesce (s.group_name, '') FROM title t"
                                " JOIN title_source s ON s.id = " DESCRIBER (
                                    "") " WHERE t.kind = ?1 GROUP BY 1"
                                        " ORDER BY min (s.account_id), min (s.position)",
                                error))
    return NULL;
  forge_bind_int (&st, kind);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (groups, forge_column_dup (&st, 0));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&groups) : NULL;
}
