/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-urls.h"

#include "store/forge-store-private.h"

/* All but the two ids, in the order of bind () and read (). */
#define VALUES                                                                     \
  "url, user_agent, referrer, catchup, catchup_correction, shift_minutes, number," \
  " audio_track, is_locked"
#define SET_VALUES                                                                      \
  "url = excluded.url, user_agent = excluded.user_agent, referrer = excluded.referrer," \
  " catchup = excluded.catchup, catchup_correction = excluded.catchup_correction,"      \
  " shift_minutes = excluded.shift_minutes, number = excluded.number,"                  \
  " audio_track = excluded.audio_track, is_locked = excluded.is_locked"
#define NEW_VALUES                                                          \
  "excluded.url, excluded.user_agent, excluded.referrer, excluded.catchup," \
  " excluded.catchup_correction, excluded.shift_minutes, excluded.number,"  \
  " excluded.audio_track, excluded.is_locked"

void
forge_stream_url_clear (ForgeStreamUrl *url)
{
  g_clear_pointer (&url->url, g_free);
  g_clear_pointer (&url->user_agent, g_free);
  g_clear_pointer (&url->referrer, g_free);
  g_clear_pointer (&url->catchup, g_free);
  g_clear_pointer (&url->audio_track, g_free);
}

gboolean
forge_store_begin_urls (ForgeStore *store, GError **error)
{
  return forge_store_run (store,
                          "CREATE TEMP TABLE IF NOT EXISTS stage_url ("
                          " remote_id INTEGER PRIMARY KEY, url TEXT NOT NULL, user_agent TEXT,"
                          " referrer TEXT, catchup TEXT, catchup_correction INTEGER NOT NULL,"
                          " shift_minutes INTEGER NOT NULL, number INTEGER NOT NULL,"
                          " audio_track TEXT, is_locked INTEGER NOT NULL) STRICT",
                          error) &&
         forge_store_run (store, "DELETE FROM temp.stage_url", error);
}

gboolean
forge_store_stage_url (ForgeStore *store,
                       gint64 remote_id,
                       const ForgeStreamUrl *url,
                       GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "INSERT OR IGNORE INTO temp.stage_url (remote_id, " VALUES ")"
                                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                                error))
    return FALSE;
  forge_bind_int (&st, remote_id);
  forge_bind_text (&st, url->url);
  forge_bind_text (&st, url->user_agent);
  forge_bind_text (&st, url->referrer);
  forge_bind_text (&st, url->catchup);
  forge_bind_int (&st, url->catchup_correction);
  forge_bind_int (&st, url->shift_minutes);
  forge_bind_int (&st, url->number);
  forge_bind_text (&st, url->audio_track);
  forge_bind_int (&st, url->is_locked != FALSE);
  return forge_statement_run (&st, error);
}

#define ADD_NEW                                                          \
  "INSERT OR IGNORE INTO stream_url (account_id, remote_id, " VALUES ")" \
  " SELECT ?, remote_id, " VALUES " FROM temp.stage_url"
#define REPLACE                                                                      \
  "INSERT INTO stream_url (account_id, remote_id, " VALUES ")"                       \
  " SELECT ?, remote_id, " VALUES " FROM temp.stage_url WHERE true"                  \
  " ON CONFLICT (account_id, remote_id) DO UPDATE SET " SET_VALUES " WHERE (" VALUES \
  ") IS NOT (" NEW_VALUES ")"
#define DELETE_LOST                                                     \
  "DELETE FROM stream_url WHERE account_id = ? AND NOT EXISTS"          \
  " (SELECT 1 FROM stream t WHERE t.account_id = stream_url.account_id" \
  " AND t.remote_id = stream_url.remote_id)"

gboolean
forge_store_apply_urls (ForgeStore *store, gint64 account_id, gboolean only_new, GError **error)
{
  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);

  if (only_new)
    return forge_store_run_id (store, ADD_NEW, account_id, NULL, error);
  return forge_store_run_id (store, REPLACE, account_id, NULL, error) &&
         forge_store_run_id (store, DELETE_LOST, account_id, NULL, error) &&
         forge_store_run (store, "DELETE FROM temp.stage_url", error);
}

static void
read_values (ForgeStatement *st, ForgeStreamUrl *url)
{
  url->url = forge_column_dup (st, 0);
  url->user_agent = forge_column_dup (st, 1);
  url->referrer = forge_column_dup (st, 2);
  url->catchup = forge_column_dup (st, 3);
  url->catchup_correction = (int)forge_column_int (st, 4);
  url->shift_minutes = (int)forge_column_int (st, 5);
  url->number = (int)forge_column_int (st, 6);
  url->audio_track = forge_column_dup (st, 7);
  url->is_locked = forge_column_int (st, 8) != 0;
}

gboolean
forge_store_get_url (ForgeStore *store,
                     gint64 account_id,
                     gint64 remote_id,
                     ForgeStreamUrl *url,
                     GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " VALUES
                                " FROM stream_url WHERE account_id = ? AND remote_id = ?",
                                error))
    return FALSE;
  forge_bind_int (&st, account_id);
  forge_bind_int (&st, remote_id);
  ForgeStep step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_DONE)
    return forge_store_not_found ("address of the list's entry", remote_id, error);
  if (step != FORGE_STEP_ROW)
    return FALSE;
  read_values (&st, url);
  return TRUE;
}

gboolean
forge_store_each_url (ForgeStore *store,
                      gint64 account_id,
                      ForgeUrlFunc each,
                      gpointer user_data,
                      GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT url FROM stream_url WHERE account_id = ?1 UNION ALL SELECT catchup"
          " FROM stream_url WHERE account_id = ?1 AND catchup IS NOT NULL",
          error))
    return FALSE;
  forge_bind_int (&st, account_id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_text (&st, 0), user_data);
  return step == FORGE_STEP_DONE;
}

static void
listing_free (gpointer data)
{
  ForgeListing *listing = data;

  g_free (listing->audio_track);
  g_free (listing);
}

GHashTable *
forge_store_load_listings (ForgeStore *store, GError **error)
{
  g_autoptr (GHashTable) listings =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, listing_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT t.id, u.number, u.shift_minutes, u.audio_track, u.is_locked FROM stream_url u"
          " JOIN stream t ON t.account_id = u.account_id AND t.remote_id = u.remote_id"
          " WHERE u.number OR u.shift_minutes OR u.audio_track IS NOT NULL OR u.is_locked",
          error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    ForgeListing *listing = g_new0 (ForgeListing, 1);
    gint64 id = forge_column_int (&st, 0);

    listing->number = (int)forge_column_int (&st, 1);
    listing->shift_minutes = (int)forge_column_int (&st, 2);
    listing->audio_track = forge_column_dup (&st, 3);
    listing->is_locked = forge_column_int (&st, 4) != 0;
    g_hash_table_insert (listings, g_memdup2 (&id, sizeof id), listing);
  }
  return step == FORGE_STEP_DONE ? g_steal_pointer (&listings) : NULL;
}
