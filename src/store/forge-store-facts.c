/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-facts.h"

#include "store/forge-store-private.h"

gboolean
forge_store_get_fact (ForgeStore *store,
                      const char *key_hash,
                      gint64 since_s,
                      ForgeStoredFact *fact,
                      GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT length, source_id, content_type, is_playlist, time"
                                " FROM media_fact WHERE key_hash = ? AND time >= ?",
                                error))
    return FALSE;
  forge_bind_text (&st, key_hash);
  forge_bind_int (&st, since_s);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *fact = (ForgeStoredFact){ .length = forge_column_int (&st, 0),
                             .source_id = forge_column_int (&st, 1),
                             .content_type = forge_column_dup (&st, 2),
                             .is_playlist = forge_column_int (&st, 3) != 0,
                             .time = forge_column_int (&st, 4) };
  return TRUE;
}

static gboolean
write_fact (ForgeStore *store, const char *key_hash, const ForgeStoredFact *fact, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT OR REPLACE INTO media_fact (key_hash, length, source_id, content_type,"
          " is_playlist, time) VALUES (?, ?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_text (&st, key_hash);
  forge_bind_int (&st, fact->length);
  forge_bind_int (&st, fact->source_id);
  forge_bind_text (&st, fact->content_type);
  forge_bind_int (&st, fact->is_playlist);
  forge_bind_int (&st, fact->time);
  return forge_statement_run (&st, error);
}

static gboolean
forget_old (ForgeStore *store, gint64 since_s, GError **error)
{
  return forge_store_run_id (store,
                             "DELETE FROM media_fact WHERE time < ?",
                             since_s,
                             NULL,
                             error) &&
         forge_store_run_id (store,
                             "DELETE FROM media_fact WHERE key_hash IN"
                             " (SELECT key_hash FROM media_fact ORDER BY time DESC"
                             "  LIMIT -1 OFFSET ?)",
                             FORGE_STORE_MAX_FACTS,
                             NULL,
                             error);
}

gboolean
forge_store_save_fact (ForgeStore *store,
                       const char *key_hash,
                       const ForgeStoredFact *fact,
                       gint64 since_s,
                       GError **error)
{
  if (!forge_store_begin (store, error))
    return FALSE;
  gboolean ok = write_fact (store, key_hash, fact, error) && forget_old (store, since_s, error);
  return forge_store_leave (store, FORGE_TRANSACTION_WRITE, ok, error);
}
