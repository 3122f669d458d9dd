/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-search.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

/* A word's row id is the minute of the programme's start above the number of its guide entry in the
 * index. So the index is in the order of time: a search reads no further than it shows, and the
 * rows of an index that is made anew come in order, as FTS5 likes them. */
#define SEQ_BITS    20
#define SEQ_MASK    "1048575"
#define MAX_ENTRIES (1 << SEQ_BITS)

/* Programmes are not longer (forge-guide-rows.c). */
#define MAX_LENGTH_S (48 * 3600)
/* What one transaction adds: some fifty milliseconds. */
#define ROWS_PER_STEP 2000
/* One channel has so many in three hours. */
#define ROWS_PER_CHANNEL_AND_HOUR 2
#define MIN_STEP_S                3600
#define MAX_STEP_S                (30 * 24 * 3600)

/* Of both indexes. */
#define FOR_BOTH(text_0, text_1) \
  {                              \
    (text_0), (text_1)           \
  }

typedef struct {
  ForgeStore *store;
  ForgeWordsFunc words;
  GCancellable *cancellable;
  int half;         /* that is written */
  gboolean is_anew; /* it is not the one in use */
  gint64 first_seq; /* of the entries that are added */
  gint64 entries;
  GString *text;
} Update;

static gboolean
run_on (ForgeStore *store, const char *const sql[2], int half, GError **error)
{
  return forge_store_run (store, sql[half], error);
}

static gboolean
clear_half (ForgeStore *store, int half, GError **error)
{
  static const char *const clear[2] =
      FOR_BOTH ("INSERT INTO guide_words_0 (guide_words_0) VALUES ('delete-all')",
                "INSERT INTO guide_words_1 (guide_words_1) VALUES ('delete-all')");

  return run_on (store, clear, half, error) &&
         forge_store_run_id (store,
                             "DELETE FROM guide_words_entry WHERE half = ?",
                             half,
                             NULL,
                             error);
}

/* Entries of enabled channels in guides that are in use. The condition on channels is word for word
 * that of the index channel_lineup. */
#define WANTED                                                                              \
  " FROM channel c CROSS JOIN guide_channel g ON g.id = c.guide_channel_id"                 \
  " CROSS JOIN guide_source s ON s.id = g.source_id AND s.enabled"                          \
  " CROSS JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id"  \
  " WHERE c.gone_at IS NULL AND coalesce (c.user_enabled, c.enabled) = 1"                   \
  " AND NOT EXISTS (SELECT 1 FROM guide_words_entry i WHERE i.entry_id = e.id AND i.half =" \
  " ?1)"

static gboolean
has_wanted (ForgeStore *store, int half, gint64 *found, GError **error)
{
  return forge_store_get_int (store, "SELECT 1" WANTED " LIMIT 1", half, found, error);
}

static gboolean
add_entries (Update *update, GError **error)
{
  gint64 last = 0;
  int added = 0;

  if (!forge_store_get_int (update->store,
                            "SELECT max (seq) FROM guide_words_entry WHERE half = ?",
                            update->half,
                            &last,
                            error) ||
      !forge_store_run_id (update->store,
                           "INSERT INTO guide_words_entry (half, seq, entry_id, shift_minutes)"
                           " SELECT ?1, (SELECT coalesce (max (seq), 0) FROM guide_words_entry"
                           " WHERE half = ?1) + row_number () OVER (ORDER BY w.id), w.id, w.m"
                           " FROM (SELECT DISTINCT e.id AS id, s.shift_minutes AS m" WANTED ") w",
                           update->half,
                           &added,
                           error))
    return FALSE;
  update->first_seq = last + 1;
  update->entries = added;
  if (last + added < MAX_ENTRIES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_TOO_LARGE,
               "The search takes the programmes of %d channels at most",
               MAX_ENTRIES);
  return FALSE;
}

/* Registers what will be added; stale until that is done, so that a crash leads to a new beginning.
 */
static gboolean
begin_update (Update *update, GError **error)
{
  if (!forge_store_begin (update->store, error))
    return FALSE;
  gboolean ok = (!update->is_anew || clear_half (update->store, update->half, error)) &&
                forge_store_run (update->store, "UPDATE guide_words_state SET stale = 1", error) &&
                add_entries (update, error);
  return forge_store_leave (update->store, FORGE_TRANSACTION_WRITE, ok, error);
}

static gboolean
end_update (Update *update, GError **error)
{
  ForgeStore *store = update->store;

  if (!forge_store_begin (store, error))
    return FALSE;
  gboolean ok = forge_store_run_id (store,
                                    "UPDATE guide_words_state SET half = ?, stale = 0",
                                    update->half,
                                    NULL,
                                    error) &&
                (!update->is_anew || clear_half (store, 1 - update->half, error));
  return forge_store_leave (store, FORGE_TRANSACTION_WRITE, ok, error);
}

static gboolean
add_words (Update *update, gint64 row_id, const ForgeProgrammeRow *row, GError **error)
{
  static const char *const insert[2] =
      FOR_BOTH ("INSERT INTO guide_words_0 (rowid, words) VALUES (?, ?)",
                "INSERT INTO guide_words_1 (rowid, words) VALUES (?, ?)");
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_string_truncate (update->text, 0);
  update->words (row, update->text);
  if (!forge_statement_prepare (&st, update->store, insert[update->half], error))
    return FALSE;
  forge_bind_int (&st, row_id);
  forge_bind_bytes (&st, update->text->str, update->text->len);
  return forge_statement_run (&st, error);
}

#define PROGRAMMES                                                                              \
  "SELECT (p.start + i.shift_minutes * 60) / 60 AS minute, i.seq, p.start, p.stop, p.title,"    \
  " p.attributes, p.inner FROM guide_words_entry i CROSS JOIN programme p"                      \
  " ON p.entry_id = i.entry_id AND p.start >= ?3 - i.shift_minutes * 60"                        \
  " AND p.start < ?4 - i.shift_minutes * 60 WHERE i.half = ?1 AND i.seq >= ?2 ORDER BY minute," \
  " i.seq"

/* Two that begin in the same minute on one channel share a row: the first one's words count. */
static gboolean
add_programmes (Update *update, gint64 from, gint64 to, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  gint64 last = 0;
  ForgeStep step;

  if (!forge_statement_prepare (&st, update->store, PROGRAMMES, error))
    return FALSE;
  forge_bind_int (&st, update->half);
  forge_bind_int (&st, update->first_seq);
  forge_bind_int (&st, from);
  forge_bind_int (&st, to);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    gint64 row_id = forge_column_int (&st, 0) << SEQ_BITS | forge_column_int (&st, 1);
    ForgeProgrammeRow row = { .start = forge_column_int (&st, 2),
                              .stop = forge_column_int (&st, 3),
                              .title = forge_column_text (&st, 4),
                              .attributes = forge_column_text (&st, 5),
                              .inner = forge_column_text (&st, 6),
                              .inner_length = (gsize)sqlite3_column_bytes (st.handle, 6) };
    if (row_id != last && !add_words (update, row_id, &row, error))
      return FALSE;
    last = row_id;
  }
  return step == FORGE_STEP_DONE;
}

/* In one transaction. */
static gboolean
add_step (Update *update, gint64 from, gint64 to, GError **error)
{
  if (g_cancellable_set_error_if_cancelled (update->cancellable, error) ||
      !forge_store_begin (update->store, error))
    return FALSE;
  gboolean ok = add_programmes (update, from, to, error);
  return forge_store_leave (update->store, FORGE_TRANSACTION_WRITE, ok, error);
}

static gboolean
find_last_start (Update *update, gint64 *last, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          update->store,
          "SELECT max ((SELECT max (p.start) FROM programme p WHERE p.entry_id = i.entry_id)"
          " + i.shift_minutes * 60) FROM guide_words_entry i WHERE i.half = ? AND i.seq >= ?",
          error))
    return FALSE;
  forge_bind_int (&st, update->half);
  forge_bind_int (&st, update->first_seq);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *last = forge_column_int (&st, 0);
  return TRUE;
}

static gboolean
add_all (Update *update, gint64 now_s, GError **error)
{
  gint64 rows_per_hour = MAX (update->entries, 1) * ROWS_PER_CHANNEL_AND_HOUR;
  gint64 step_s =
      CLAMP (ROWS_PER_STEP * G_GINT64_CONSTANT (3600) / rows_per_hour, MIN_STEP_S, MAX_STEP_S);
  gint64 last = 0;

  if (!find_last_start (update, &last, error))
    return FALSE;
  for (gint64 at = now_s - MAX_LENGTH_S; at <= last; at += step_s)
    if (!add_step (update, at, at + step_s, error))
      return FALSE;
  return TRUE;
}

/* Something of the index in use is gone or was shifted since, or an update did not get to its end.
 */
#define IS_STALE                                                \
  "SELECT t.stale OR EXISTS (SELECT 1 FROM guide_words_entry i" \
  " CROSS JOIN guide_entry e ON e.id = i.entry_id"              \
  " CROSS JOIN guide_source s ON s.generation = e.generation"   \
  " WHERE i.half = t.half AND i.shift_minutes <> s.shift_minutes) FROM guide_words_state t"

static gboolean
plan_update (Update *update, gboolean *is_needed, GError **error)
{
  gint64 half = 0, is_stale = 0, is_wanted = 0;

  if (!forge_store_get_int (update->store, "SELECT half FROM guide_words_state", 0, &half, error) ||
      !forge_store_get_int (update->store, IS_STALE, 0, &is_stale, error) ||
      !has_wanted (update->store, (int)half, &is_wanted, error))
    return FALSE;
  update->is_anew = is_stale != 0;
  update->half = (int)(is_stale ? 1 - half : half);
  *is_needed = is_stale || is_wanted;
  return TRUE;
}

gboolean
forge_store_update_search (ForgeStore *store,
                           gint64 now_s,
                           ForgeWordsFunc words,
                           GCancellable *cancellable,
                           GError **error)
{
  g_autoptr (GString) text = g_string_new (NULL);
  Update update = { .store = store, .words = words, .cancellable = cancellable, .text = text };
  gboolean is_needed = FALSE;

  g_return_val_if_fail (words && sqlite3_get_autocommit (store->db), FALSE);
  if (!plan_update (&update, &is_needed, error))
    return FALSE;
  if (!is_needed)
    return TRUE;
  forge_store_widen_cache (store);
  return begin_update (&update, error) && add_all (&update, now_s, error) &&
         end_update (&update, error);
}

/* ---- searching ---- */

/* The index knows the source's shift; a channel may have one of its own. */
#define SHIFT_S "(s.shift_minutes + c.shift_minutes) * 60"

#define FOUND(words, half)                                                                        \
  "SELECT c.id, c.number, coalesce (c.user_name, c.name), p.start + " SHIFT_S ","                 \
  " p.stop + " SHIFT_S ", p.title, p.attributes, p.inner FROM " words                             \
  " CROSS JOIN guide_words_entry i ON i.half = " half " AND i.seq = (" words ".rowid & " SEQ_MASK \
  ")"                                                                                             \
  " CROSS JOIN guide_entry e ON e.id = i.entry_id"                                                \
  " CROSS JOIN guide_source s ON s.generation = e.generation AND s.enabled"                       \
  " CROSS JOIN channel c ON c.guide_channel_id = e.guide_channel_id"                              \
  " AND c.gone_at IS NULL AND coalesce (c.user_enabled, c.enabled) = 1"                           \
  " CROSS JOIN programme p ON p.entry_id = i.entry_id"                                            \
  " AND p.start >= (" words ".rowid >> 20) * 60 - i.shift_minutes * 60"                           \
  " AND p.start < ((" words ".rowid >> 20) + 1) * 60 - i.shift_minutes * 60"                      \
  " WHERE " words " MATCH ?1 AND " words ".rowid >= ?2 AND p.stop + " SHIFT_S " > ?3"             \
  " ORDER BY " words ".rowid LIMIT ?4 OFFSET ?5"

/* Every word in quotes is a word to FTS5, whatever it says; they hold no quotes themselves. */
static char *
make_match (const char *const *words)
{
  GString *match = g_string_new (NULL);

  for (; *words; words++)
    g_string_append_printf (match,
                            "%s\"%s\"%s",
                            match->len ? " " : "",
                            *words,
                            g_utf8_strlen (*words, 2) > 1 ? "*" : "");
  return g_string_free (match, FALSE);
}

static gboolean
visit_found (ForgeStatement *st, ForgeFoundFunc each, gpointer user_data)
{
  const ForgeFoundProgramme found = {
    .channel_id = forge_column_int (st, 0),
    .number = (int)forge_column_int (st, 1),
    .channel = forge_column_text (st, 2),
    .row = { .start = forge_column_int (st, 3),
             .stop = forge_column_int (st, 4),
             .title = forge_column_text (st, 5),
             .attributes = forge_column_text (st, 6),
             .inner = forge_column_text (st, 7),
             .inner_length = (gsize)sqlite3_column_bytes (st->handle, 7) },
  };

  return each (&found, user_data);
}

static gboolean
search_half (ForgeStore *store,
             int half,
             const ForgeProgrammeQuery *query,
             ForgeFoundFunc each,
             gpointer user_data,
             GError **error)
{
  static const char *const find[2] =
      FOR_BOTH (FOUND ("guide_words_0", "0"), FOUND ("guide_words_1", "1"));
  g_autofree char *match = make_match (query->words);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, find[half], error))
    return FALSE;
  forge_bind_text (&st, match);
  forge_bind_int (&st, (query->from_s - MAX_LENGTH_S) / 60 << SEQ_BITS);
  forge_bind_int (&st, query->from_s);
  forge_bind_int (&st, query->limit);
  forge_bind_int (&st, query->offset);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    if (!visit_found (&st, each, user_data))
      return TRUE;
  return step == FORGE_STEP_DONE;
}

gboolean
forge_store_search_programmes (ForgeStore *store,
                               const ForgeProgrammeQuery *query,
                               ForgeFoundFunc each,
                               gpointer user_data,
                               GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_READ;
  gint64 half = 0;

  if (!query->words[0])
    return TRUE;
  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok =
      forge_store_get_int (store, "SELECT half FROM guide_words_state", 0, &half, error) &&
      search_half (store, (int)half, query, each, user_data, error);
  return forge_store_leave (store, transaction, ok, error);
}
