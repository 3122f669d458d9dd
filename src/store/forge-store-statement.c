/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

void
forge_store_set_error (ForgeStore *store, GError **error)
{
  int code = sqlite3_extended_errcode (store->db);
  const char *message = sqlite3_errmsg (store->db);

  switch (code & 0xff) {
  case SQLITE_CONSTRAINT:
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "The database refused it: %s", message);
    break;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    store->damaged = TRUE;
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "The database file is damaged (%s, code %d)",
                 message,
                 code);
    break;
  case SQLITE_FULL:
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_STORAGE,
                         "The disk is full; the database could not be written");
    break;
  default:
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "The database failed: %s (code %d)",
                 message,
                 code);
  }
}

gboolean
forge_store_not_found (const char *what, gint64 id, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no %s %" G_GINT64_FORMAT,
               what,
               id);
  return FALSE;
}

/* Taken out of the cache while it is in use, so that a nested use of the same SQL prepares its
 * own. */
gboolean
forge_statement_prepare (ForgeStatement *statement,
                         ForgeStore *store,
                         const char *sql,
                         GError **error)
{
  gpointer handle = NULL;

  forge_statement_clear (statement);
  if (!g_hash_table_steal_extended (store->statements, sql, NULL, &handle)) {
    sqlite3_stmt *fresh = NULL;
    if (sqlite3_prepare_v3 (store->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &fresh, NULL) !=
        SQLITE_OK) {
      forge_store_set_error (store, error);
      return FALSE;
    }
    handle = fresh;
  }
  *statement = (ForgeStatement){ store, sql, handle, 0 };
  return TRUE;
}

void
forge_statement_clear (ForgeStatement *statement)
{
  if (!statement->handle)
    return;
  sqlite3_reset (statement->handle);
  /* The bound texts are the caller's and end with it. */
  sqlite3_clear_bindings (statement->handle);
  if (g_hash_table_contains (statement->store->statements, statement->sql))
    sqlite3_finalize (statement->handle);
  else
    g_hash_table_insert (statement->store->statements, (gpointer)statement->sql, statement->handle);
  *statement = (ForgeStatement)FORGE_STATEMENT_INIT;
}

void
forge_bind_int (ForgeStatement *statement, gint64 value)
{
  sqlite3_bind_int64 (statement->handle, ++statement->bound, value);
}

void
forge_bind_id (ForgeStatement *statement, gint64 id)
{
  if (id)
    forge_bind_int (statement, id);
  else
    sqlite3_bind_null (statement->handle, ++statement->bound);
}

void
forge_bind_real (ForgeStatement *statement, double value)
{
  sqlite3_bind_double (statement->handle, ++statement->bound, value);
}

void
forge_bind_text (ForgeStatement *statement, const char *text)
{
  sqlite3_bind_text (statement->handle, ++statement->bound, text, -1, SQLITE_STATIC);
}

void
forge_bind_bytes (ForgeStatement *statement, const char *text, gsize length)
{
  sqlite3_bind_text64 (statement->handle,
                       ++statement->bound,
                       text ? text : "",
                       length,
                       SQLITE_STATIC,
                       SQLITE_UTF8);
}

ForgeStep
forge_statement_step (ForgeStatement *statement, GError **error)
{
  int code = sqlite3_step (statement->handle);

  if (code == SQLITE_ROW)
    return FORGE_STEP_ROW;
  if (code == SQLITE_DONE)
    return FORGE_STEP_DONE;
  forge_store_set_error (statement->store, error);
  return FORGE_STEP_ERROR;
}

gboolean
forge_statement_run (ForgeStatement *statement, GError **error)
{
  ForgeStep step;

  while ((step = forge_statement_step (statement, error)) == FORGE_STEP_ROW)
    ;
  return step == FORGE_STEP_DONE;
}

gint64
forge_column_int (ForgeStatement *statement, int column)
{
  return sqlite3_column_int64 (statement->handle, column);
}

const char *
forge_column_text (ForgeStatement *statement, int column)
{
  return (const char *)sqlite3_column_text (statement->handle, column);
}

char *
forge_column_dup (ForgeStatement *statement, int column)
{
  return g_strdup (forge_column_text (statement, column));
}

gboolean
forge_store_run (ForgeStore *store, const char *sql, GError **error)
{
  g_auto (ForgeStatement) statement = FORGE_STATEMENT_INIT;

  return forge_statement_prepare (&statement, store, sql, error) &&
         forge_statement_run (&statement, error);
}

gboolean
forge_store_run_id (ForgeStore *store, const char *sql, gint64 id, int *changes, GError **error)
{
  g_auto (ForgeStatement) statement = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&statement, store, sql, error))
    return FALSE;
  forge_bind_int (&statement, id);
  if (!forge_statement_run (&statement, error))
    return FALSE;
  if (changes)
    *changes = sqlite3_changes (store->db);
  return TRUE;
}

gboolean
forge_store_get_int (ForgeStore *store, const char *sql, gint64 id, gint64 *value, GError **error)
{
  g_auto (ForgeStatement) statement = FORGE_STATEMENT_INIT;

  *value = 0;
  if (!forge_statement_prepare (&statement, store, sql, error))
    return FALSE;
  if (sqlite3_bind_parameter_count (statement.handle) > 0)
    forge_bind_int (&statement, id);
  ForgeStep step = forge_statement_step (&statement, error);
  if (step == FORGE_STEP_ROW)
    *value = forge_column_int (&statement, 0);
  return step != FORGE_STEP_ERROR;
}
