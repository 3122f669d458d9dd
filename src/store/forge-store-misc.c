/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-misc.h"

#include "store/forge-store-private.h"

#define EVENTS_KEPT 10000
/* Old events go in batches of this many. */
#define EVENTS_TRIMMED_AT_ONCE 256

GHashTable *
forge_store_load_settings (ForgeStore *store, GError **error)
{
  g_autoptr (GHashTable) settings = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, "SELECT key, value FROM setting", error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_hash_table_insert (settings, forge_column_dup (&st, 0), forge_column_dup (&st, 1));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&settings) : NULL;
}

gboolean
forge_store_set_setting (ForgeStore *store, const char *key, const char *value, GError **error)
{
  const char *sql = value ? "INSERT INTO setting (key, value) VALUES (?, ?)"
                            " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
                          : "DELETE FROM setting WHERE key = ?";
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_text (&st, key);
  if (value)
    forge_bind_text (&st, value);
  return forge_statement_run (&st, error);
}

/* Ids rise by one, so the number of an event says how many came before it. */
static gboolean
trim_events (ForgeStore *store, gint64 last_id, GError **error)
{
  if (last_id % EVENTS_TRIMMED_AT_ONCE != 0)
    return TRUE;
  return forge_store_run_id (store,
                             "DELETE FROM event WHERE id <= ?",
                             last_id - EVENTS_KEPT,
                             NULL,
                             error);
}

gboolean
forge_store_add_event (ForgeStore *store, const ForgeEvent *event, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT INTO event (time, level, category, message, details, is_read)"
          " VALUES (?, ?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, event->time);
  forge_bind_int (&st, event->level);
  forge_bind_text (&st, forge_event_category_name (event->category));
  forge_bind_text (&st, event->message ? event->message : "");
  forge_bind_text (&st, event->details);
  forge_bind_int (&st, event->read != FALSE);
  return forge_statement_run (&st, error) &&
         trim_events (store, sqlite3_last_insert_rowid (store->db), error);
}

static ForgeEvent *
read_event (ForgeStatement *st)
{
  ForgeEvent *event = g_new0 (ForgeEvent, 1);

  event->id = forge_column_int (st, 0);
  event->time = forge_column_int (st, 1);
  event->level = (ForgeLogLevel)forge_column_int (st, 2);
  event->category = FORGE_EVENT_SYSTEM;
  forge_event_category_parse (forge_column_text (st, 3), &event->category);
  event->message = forge_column_dup (st, 4);
  event->details = forge_column_dup (st, 5);
  event->read = forge_column_int (st, 6) != 0;
  return event;
}

GPtrArray *
forge_store_list_events (ForgeStore *store,
                         ForgeLogLevel max_level,
                         int category,
                         gint64 since,
                         gint64 after_id,
                         guint limit,
                         GError **error)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_event_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT * FROM ("
          "  SELECT id, time, level, category, message, details, is_read FROM event"
          "  WHERE level <= ? AND (?2 IS NULL OR category = ?2) AND time >= ? AND id > ?"
          "  ORDER BY id DESC LIMIT ?"
          ") ORDER BY id",
          error))
    return NULL;
  forge_bind_int (&st, max_level);
  forge_bind_text (&st,
                   category < 0 ? NULL : forge_event_category_name ((ForgeEventCategory)category));
  forge_bind_int (&st, since);
  forge_bind_int (&st, after_id);
  forge_bind_int (&st, limit ? (gint64)limit : EVENTS_KEPT);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (events, read_event (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&events) : NULL;
}

gboolean
forge_store_clear_events (ForgeStore *store, GError **error)
{
  return forge_store_run (store, "DELETE FROM event", error);
}
