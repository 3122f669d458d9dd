/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-private.h"

/* What the user says of a source, and what an import found out. */
#define USER_COLUMNS "name, location, account_id, shift_minutes, priority, enabled, zone"
#define USER_VALUES  "?, ?, ?, ?, ?, ?, ?"
#define IMPORT_COLUMNS                                                                           \
  "etag, last_modified, content_hash, last_refresh, status_text, channels, programmes, skipped," \
  " first_start, last_stop"
#define IMPORT_VALUES "?, ?, ?, ?, ?, ?, ?, ?, ?, ?"

static gboolean
check_name (ForgeStore *store, const ForgeGuideSource *source, gint64 own_id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!source->name || !*source->name) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "A guide source needs a name");
    return FALSE;
  }
  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT 1 FROM guide_source WHERE name = ? AND id <> ?",
                                error))
    return FALSE;
  forge_bind_text (&st, source->name);
  forge_bind_int (&st, own_id);
  step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "There is a guide source named “%s” already",
                 source->name);
  return step == FORGE_STEP_DONE;
}

static void
bind_user_columns (ForgeStatement *st, const ForgeGuideSource *source)
{
  forge_bind_text (st, source->name);
  forge_bind_text (st, source->location);
  forge_bind_id (st, source->account_id);
  forge_bind_int (st, source->shift_minutes);
  forge_bind_int (st, source->priority);
  forge_bind_int (st, source->enabled != FALSE);
  forge_bind_text (st, source->zone);
}

static void
bind_import_columns (ForgeStatement *st, const ForgeGuideSource *source)
{
  forge_bind_text (st, source->etag);
  forge_bind_text (st, source->last_modified);
  forge_bind_text (st, source->content_hash);
  forge_bind_int (st, source->last_refresh);
  forge_bind_text (st, source->status_text);
  forge_bind_int (st, source->channels);
  forge_bind_int (st, source->programmes);
  forge_bind_int (st, source->skipped);
  forge_bind_int (st, source->first_start);
  forge_bind_int (st, source->last_stop);
}

gint64
forge_store_add_guide_source (ForgeStore *store, const ForgeGuideSource *source, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_name (store, source, 0, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "INSERT INTO guide_source (" USER_COLUMNS ", " IMPORT_COLUMNS ")"
                                " VALUES (" USER_VALUES ", " IMPORT_VALUES ")",
                                error))
    return 0;
  bind_user_columns (&st, source);
  bind_import_columns (&st, source);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

static gboolean
write_user_columns (ForgeStore *store, const ForgeGuideSource *source, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE guide_source SET (" USER_COLUMNS ") = (" USER_VALUES
                                ") WHERE id = ?",
                                error))
    return FALSE;
  bind_user_columns (&st, source);
  forge_bind_int (&st, source->id);
  if (!forge_statement_run (&st, error))
    return FALSE;
  return sqlite3_changes (store->db) > 0 ||
         forge_store_not_found ("guide source", source->id, error);
}

/* Only if the caller knows the generation in use: an older snapshot must not undo an import. */
static gboolean
write_import_columns (ForgeStore *store, const ForgeGuideSource *source, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "UPDATE guide_source SET (" IMPORT_COLUMNS ") = (" IMPORT_VALUES ")"
                                " WHERE id = ? AND generation = ?",
                                error))
    return FALSE;
  bind_import_columns (&st, source);
  forge_bind_int (&st, source->id);
  forge_bind_int (&st, source->generation);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_update_guide_source (ForgeStore *store, const ForgeGuideSource *source, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = check_name (store, source, source->id, error) &&
                write_user_columns (store, source, error) &&
                write_import_columns (store, source, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_remove_guide_source (ForgeStore *store, gint64 id, GError **error)
{
  int removed = 0;

  if (!forge_store_run_id (store, "DELETE FROM guide_source WHERE id = ?", id, &removed, error))
    return FALSE;
  return removed > 0 || forge_store_not_found ("guide source", id, error);
}

static ForgeGuideSource *
read_source (ForgeStatement *st)
{
  ForgeGuideSource *source = forge_guide_source_new ();

  source->name = forge_column_dup (st, 0);
  source->location = forge_column_dup (st, 1);
  source->account_id = forge_column_int (st, 2);
  source->shift_minutes = (int)forge_column_int (st, 3);
  source->priority = (int)forge_column_int (st, 4);
  source->enabled = forge_column_int (st, 5) != 0;
  source->zone = forge_column_dup (st, 6);
  source->etag = forge_column_dup (st, 7);
  source->last_modified = forge_column_dup (st, 8);
  source->content_hash = forge_column_dup (st, 9);
  source->last_refresh = forge_column_int (st, 10);
  source->status_text = forge_column_dup (st, 11);
  source->channels = (int)forge_column_int (st, 12);
  source->programmes = (int)forge_column_int (st, 13);
  source->skipped = (int)forge_column_int (st, 14);
  source->first_start = forge_column_int (st, 15);
  source->last_stop = forge_column_int (st, 16);
  source->generation = forge_column_int (st, 17);
  source->id = forge_column_int (st, 18);
  source->suggested_shift_minutes = (int)forge_column_int (st, 19);
  return source;
}

#define SELECT_SOURCES                                           \
  "SELECT " USER_COLUMNS ", " IMPORT_COLUMNS ", generation, id," \
  " coalesce (suggested_shift, shift_minutes) FROM guide_source"

ForgeGuideSource *
forge_store_get_guide_source (ForgeStore *store, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, SELECT_SOURCES " WHERE id = ?", error))
    return NULL;
  forge_bind_int (&st, id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    forge_store_not_found ("guide source", id, error);
  return step == FORGE_STEP_ROW ? read_source (&st) : NULL;
}

GPtrArray *
forge_store_list_guide_sources (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) sources =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_guide_source_unref);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, SELECT_SOURCES " ORDER BY priority, id", error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (sources, read_source (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&sources) : NULL;
}

/* The same statement as an update, after the generation has changed under it. */
static gboolean
switch_generation (ForgeStore *store,
                   const ForgeGuideSource *source,
                   gint64 generation,
                   GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE guide_source SET generation = ?2 WHERE id = ?1 AND EXISTS"
          " (SELECT 1 FROM guide_generation g WHERE g.id = ?2 AND g.source_id = ?1)",
          error))
    return FALSE;
  forge_bind_int (&st, source->id);
  forge_bind_int (&st, generation);
  if (!forge_statement_run (&st, error))
    return FALSE;
  return sqlite3_changes (store->db) > 0 ||
         forge_store_not_found ("guide import with the number", generation, error);
}

gboolean
forge_store_activate_guide (ForgeStore *store,
                            const ForgeGuideSource *source,
                            gint64 generation,
                            GError **error)
{
  g_autoptr (ForgeGuideSource) now = forge_guide_source_copy (source);
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  now->generation = generation;
  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = switch_generation (store, now, generation, error) &&
                write_import_columns (store, now, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_suggest_shift (ForgeStore *store, gint64 source_id, int minutes, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "UPDATE guide_source SET suggested_shift = nullif (?2, shift_minutes)"
          " WHERE id = ?1 AND suggested_shift IS NOT nullif (?2, shift_minutes)",
          error))
    return FALSE;
  forge_bind_int (&st, source_id);
  forge_bind_int (&st, minutes);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_guide_totals (ForgeStore *store, ForgeGuideTotals *totals, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  *totals = (ForgeGuideTotals){ 0 };
  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT count (*), total (channels), total (programmes),"
                                " max (iif (last_stop > 0, last_stop + shift_minutes * 60, 0))"
                                " FROM guide_source WHERE enabled",
                                error) ||
      forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  totals->sources = (int)forge_column_int (&st, 0);
  totals->channels = (int)forge_column_int (&st, 1);
  totals->programmes = (int)forge_column_int (&st, 2);
  totals->last_stop = forge_column_int (&st, 3);
  return TRUE;
}
