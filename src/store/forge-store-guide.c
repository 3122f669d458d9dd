/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-guide.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

#include <string.h>

/* Between the names of a channel; XML text cannot contain it. */
#define NAME_SEPARATOR "\x1f"
/* More display-names than this of one channel are noise. */
#define MAX_CHANNEL_NAMES 64
/* Rows that a step of the sweep deletes: some ten milliseconds. */
#define SWEEP_STEP_ROWS 2000

gint64
forge_store_begin_guide (ForgeStore *store, gint64 source_id, GError **error)
{
  int added = 0;

  forge_store_widen_cache (store);
  if (!forge_store_run_id (store,
                           "INSERT INTO guide_generation (source_id)"
                           " SELECT id FROM guide_source WHERE id = ?",
                           source_id,
                           &added,
                           error))
    return 0;
  if (added == 0) {
    forge_store_not_found ("guide source", source_id, error);
    return 0;
  }
  return sqlite3_last_insert_rowid (store->db);
}

/* The permanent id, made at the first sight of (source, xmltv id). 0 on error. */
static gint64
identify_channel (ForgeStore *store, gint64 source_id, const char *xmltv_id, GError **error)
{
  g_autofree char *folded = g_utf8_casefold (xmltv_id, -1);
  g_auto (ForgeStatement) find = FORGE_STATEMENT_INIT;
  g_auto (ForgeStatement) add = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &find,
          store,
          "SELECT id FROM guide_channel WHERE source_id = ? AND folded_id = ?",
          error))
    return 0;
  forge_bind_int (&find, source_id);
  forge_bind_text (&find, folded);
  ForgeStep step = forge_statement_step (&find, error);
  if (step != FORGE_STEP_DONE)
    return step == FORGE_STEP_ROW ? forge_column_int (&find, 0) : 0;

  if (!forge_statement_prepare (
          &add,
          store,
          "INSERT INTO guide_channel (source_id, xmltv_id, folded_id) VALUES (?, ?, ?)",
          error))
    return 0;
  forge_bind_int (&add, source_id);
  forge_bind_text (&add, xmltv_id);
  forge_bind_text (&add, folded);
  return forge_statement_run (&add, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

/* `names` is "" or what was stored; appends those that are new. Returns: (transfer full). */
static char *
unite_names (const char *stored, const char *const *names)
{
  g_auto (GStrv) known = g_strsplit (stored, NAME_SEPARATOR, -1);
  g_autoptr (GPtrArray) all = g_ptr_array_new ();

  for (guint i = 0; known[i]; i++)
    g_ptr_array_add (all, known[i]);
  for (guint i = 0; names && names[i] && all->len < MAX_CHANNEL_NAMES; i++)
    if (*names[i] && !strstr (names[i], NAME_SEPARATOR) &&
        !g_ptr_array_find_with_equal_func (all, names[i], g_str_equal, NULL))
      g_ptr_array_add (all, (gpointer)names[i]);
  g_ptr_array_add (all, NULL);
  return g_strjoinv (NAME_SEPARATOR, (char **)all->pdata);
}

static gboolean
stored_names (ForgeStore *store, gint64 id, gint64 generation, char **names, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  *names = NULL;
  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT names FROM guide_entry WHERE generation = ? AND guide_channel_id = ?",
          error))
    return FALSE;
  forge_bind_int (&st, generation);
  forge_bind_int (&st, id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    *names = forge_column_dup (&st, 0);
  return step != FORGE_STEP_ERROR;
}

static gboolean
write_entry (ForgeStore *store,
             gint64 id,
             gint64 generation,
             const ForgeGuideChannelRow *row,
             GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  g_autofree char *stored = NULL;
  g_autofree char *names = NULL;

  if (!stored_names (store, id, generation, &stored, error) ||
      !forge_statement_prepare (
          &st,
          store,
          "INSERT INTO guide_entry (generation, guide_channel_id, names, icon, extra)"
          " VALUES (?, ?, ?, ?, ?) ON CONFLICT (generation, guide_channel_id) DO UPDATE"
          " SET names = excluded.names, icon = coalesce (icon, excluded.icon),"
          " extra = coalesce (extra, excluded.extra)",
          error))
    return FALSE;
  names = unite_names (stored ? stored : "", row->names);
  forge_bind_int (&st, generation);
  forge_bind_int (&st, id);
  forge_bind_text (&st, names);
  forge_bind_text (&st, row->icon);
  forge_bind_text (&st, row->extra);
  return forge_statement_run (&st, error);
}

gint64
forge_store_add_guide_channel (ForgeStore *store,
                               gint64 source_id,
                               gint64 generation,
                               const ForgeGuideChannelRow *row,
                               GError **error)
{
  g_return_val_if_fail (row->xmltv_id && generation > 0, 0);

  gint64 id = identify_channel (store, source_id, row->xmltv_id, error);
  return id > 0 && write_entry (store, id, generation, row, error) ? id : 0;
}

static gboolean
find_entry (ForgeStore *store, gint64 channel, gint64 generation, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (store->entry_id && store->entry_channel == channel && store->entry_generation == generation)
    return TRUE;
  store->entry_id = 0;
  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT id FROM guide_entry WHERE generation = ? AND guide_channel_id = ?",
          error))
    return FALSE;
  forge_bind_int (&st, generation);
  forge_bind_int (&st, channel);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    return forge_store_not_found ("guide channel in this import with the id", channel, error);
  if (step == FORGE_STEP_ERROR)
    return FALSE;
  store->entry_id = forge_column_int (&st, 0);
  store->entry_channel = channel;
  store->entry_generation = generation;
  return TRUE;
}

gboolean
forge_store_add_programme (ForgeStore *store,
                           gint64 guide_channel_id,
                           gint64 generation,
                           const ForgeProgrammeRow *row,
                           GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!find_entry (store, guide_channel_id, generation, error) ||
      !forge_statement_prepare (
          &st,
          store,
          "INSERT INTO programme (entry_id, start, stop, title, attributes, inner)"
          " VALUES (?, ?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, store->entry_id);
  forge_bind_int (&st, row->start);
  forge_bind_int (&st, row->stop);
  forge_bind_text (&st, row->title);
  forge_bind_text (&st, row->attributes);
  forge_bind_bytes (&st, row->inner, row->inner_length);
  return forge_statement_run (&st, error);
}

/* A generation that no source uses and no refresh keeps, 0 = none. `keep` is spared. */
static gboolean
find_dead_generation (ForgeStore *store, gint64 keep, gint64 *generation, GError **error)
{
  return forge_store_get_int (store,
                              "SELECT id FROM guide_generation g WHERE g.id <> ? AND NOT EXISTS"
                              " (SELECT 1 FROM guide_source s WHERE s.generation = g.id)"
                              " AND NOT EXISTS (SELECT 1 FROM refresh r"
                              " WHERE r.kept_generation = g.id) LIMIT 1",
                              keep,
                              generation,
                              error);
}

static gboolean
delete_some (ForgeStore *store, const char *sql, gint64 id, int *deleted, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, id);
  forge_bind_int (&st, SWEEP_STEP_ROWS - *deleted);
  if (!forge_statement_run (&st, error))
    return FALSE;
  *deleted += sqlite3_changes (store->db);
  return TRUE;
}

/* What the search knows of an entry goes with it. */
static gboolean
delete_entry (ForgeStore *store, gint64 entry, GError **error)
{
  return forge_store_run_id (store,
                             "UPDATE guide_words_state SET stale = 1 WHERE EXISTS"
                             " (SELECT 1 FROM guide_words_entry WHERE entry_id = ?)",
                             entry,
                             NULL,
                             error) &&
         forge_store_run_id (store,
                             "DELETE FROM guide_words_entry WHERE entry_id = ?",
                             entry,
                             NULL,
                             error) &&
         forge_store_run_id (store, "DELETE FROM guide_entry WHERE id = ?", entry, NULL, error);
}

/* Entries go after their programmes, the generation after its entries. */
static gboolean
sweep_step (ForgeStore *store, gint64 generation, int *deleted, GError **error)
{
  gint64 entry = 0;

  while (*deleted < SWEEP_STEP_ROWS) {
    if (!forge_store_get_int (store,
                              "SELECT id FROM guide_entry WHERE generation = ? LIMIT 1",
                              generation,
                              &entry,
                              error))
      return FALSE;
    if (entry == 0)
      return forge_store_run_id (store,
                                 "DELETE FROM guide_generation WHERE id = ?",
                                 generation,
                                 NULL,
                                 error);
    if (!delete_some (store,
                      "DELETE FROM programme WHERE id IN"
                      " (SELECT id FROM programme WHERE entry_id = ? LIMIT ?)",
                      entry,
                      deleted,
                      error))
      return FALSE;
    if (*deleted >= SWEEP_STEP_ROWS)
      return TRUE;
    if (!delete_entry (store, entry, error))
      return FALSE;
    *deleted += 1;
  }
  return TRUE;
}

/* Identities that no generation and no channel knows. */
#define DELETE_LOST_CHANNELS                                                             \
  "DELETE FROM guide_channel WHERE id NOT IN (SELECT guide_channel_id FROM guide_entry)" \
  " AND NOT EXISTS (SELECT 1 FROM channel c WHERE c.guide_channel_id = guide_channel.id)"

gboolean
forge_store_sweep_guide (ForgeStore *store, gint64 keep_generation, GError **error)
{
  gboolean swept = FALSE;

  g_return_val_if_fail (sqlite3_get_autocommit (store->db), FALSE);
  for (;;) {
    gint64 generation = 0;
    int deleted = 0;

    if (!find_dead_generation (store, keep_generation, &generation, error))
      return FALSE;
    if (generation == 0)
      break;
    if (!forge_store_begin (store, error))
      return FALSE;
    gboolean ok = sweep_step (store, generation, &deleted, error);
    if (!forge_store_leave (store, FORGE_TRANSACTION_WRITE, ok, error))
      return FALSE;
    swept = TRUE;
  }
  return !swept || forge_store_run (store, DELETE_LOST_CHANNELS, error);
}

static gboolean
visit_channel (ForgeStatement *st, ForgeGuideChannelFunc each, gpointer user_data)
{
  const char *xmltv_id = forge_column_text (st, 1);
  const char *stored = forge_column_text (st, 2);
  /* At least one name: a channel without any goes by its id. */
  g_auto (GStrv) names = g_strsplit (*stored ? stored : xmltv_id, NAME_SEPARATOR, -1);
  ForgeGuideChannelRow row = {
    .id = forge_column_int (st, 0),
    .xmltv_id = xmltv_id,
    .names = (const char *const *)names,
    .icon = forge_column_text (st, 3),
    .extra = forge_column_text (st, 4),
  };

  return each (&row, forge_column_int (st, 5), user_data);
}

gboolean
forge_store_each_guide_channel (ForgeStore *store,
                                ForgeGuideChannelFunc each,
                                gpointer user_data,
                                GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT c.id, c.xmltv_id, e.names, e.icon, e.extra, s.id"
          " FROM guide_source s CROSS JOIN guide_entry e ON e.generation = s.generation"
          " CROSS JOIN guide_channel c ON c.id = e.guide_channel_id"
          " WHERE s.enabled ORDER BY s.priority, s.id, e.id",
          error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    if (!visit_channel (&st, each, user_data))
      return TRUE;
  return step == FORGE_STEP_DONE;
}

static gboolean
visit_programme (ForgeStatement *st, ForgeProgrammeFunc each, gpointer user_data)
{
  ForgeProgrammeRow row = {
    .start = forge_column_int (st, 0),
    .stop = forge_column_int (st, 1),
    .title = forge_column_text (st, 2),
    .attributes = forge_column_text (st, 3),
    .inner = forge_column_text (st, 4),
    .inner_length = (gsize)sqlite3_column_bytes (st->handle, 4),
  };

  return each (&row, user_data);
}

/* Seconds that the times of channel `h`'s programmes move by: the source's shift, and the one that
 * a channel list gives the channel (tvg-shift). */
#define SHIFT_S "(s.shift_minutes + coalesce (h.shift_minutes, 0)) * 60"

gboolean
forge_store_each_programme (ForgeStore *store,
                            gint64 guide_channel_id,
                            gint64 from,
                            gint64 to,
                            ForgeProgrammeFunc each,
                            gpointer user_data,
                            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT p.start + " SHIFT_S ", p.stop + " SHIFT_S ", p.title, p.attributes, p.inner"
          " FROM guide_channel c CROSS JOIN guide_source s ON s.id = c.source_id AND s.enabled"
          " LEFT JOIN channel h ON h.id = (SELECT min (id) FROM channel"
          " WHERE guide_channel_id = c.id AND gone_at IS NULL)"
          " CROSS JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = c.id"
          " CROSS JOIN programme p ON p.entry_id = e.id"
          " AND p.start < ?3 - " SHIFT_S " AND p.stop > ?2 - " SHIFT_S
          " WHERE c.id = ?1 ORDER BY p.start, p.id",
          error))
    return FALSE;
  forge_bind_int (&st, guide_channel_id);
  forge_bind_int (&st, from);
  forge_bind_int (&st, to);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    if (!visit_programme (&st, each, user_data))
      return TRUE;
  return step == FORGE_STEP_DONE;
}
