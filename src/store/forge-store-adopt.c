/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-adopt.h"

#include "store/forge-store-private.h"
#include "store/forge-store-stream-row.h"

static gboolean
each_row (ForgeStatement *st, ForgeStreamFunc each, gpointer user_data, GError **error)
{
  ForgeStream stream = { 0 };
  ForgeStep step;

  while ((step = forge_statement_step (st, error)) == FORGE_STEP_ROW) {
    forge_stream_row_lend (st, &stream);
    if (!each (&stream, user_data))
      return TRUE;
  }
  return step == FORGE_STEP_DONE;
}

gboolean
forge_store_each_stream_of (ForgeStore *store,
                            gint64 account_id,
                            ForgeStreamFunc each,
                            gpointer user_data,
                            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT " FORGE_STREAM_COLUMNS " FROM stream t"
                                " WHERE t.account_id = ?"
                                " ORDER BY t.gone_at IS NOT NULL, t.gone_at DESC, t.position, t.id",
                                error))
    return FALSE;
  forge_bind_int (&st, account_id);
  return each_row (&st, each, user_data, error);
}

gboolean
forge_store_each_staged (ForgeStore *store,
                         ForgeStreamFunc each,
                         gpointer user_data,
                         GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_return_val_if_fail (store->stage_account > 0, FALSE);
  /* The columns of FORGE_STREAM_COLUMNS. */
  return forge_statement_prepare (&st,
                                  store,
                                  "SELECT 0, 0, remote_id, name, epg_id, group_name, icon, quality,"
                                  " archive_days, position, 1 FROM temp.stage ORDER BY position",
                                  error) &&
         each_row (&st, each, user_data, error);
}

static gboolean
write_adoptions (ForgeStore *store, const GArray *adoptions, GError **error)
{
  for (guint i = 0; i < adoptions->len; i++) {
    const ForgeAdoption *adoption = &g_array_index (adoptions, ForgeAdoption, i);
    g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

    if (!forge_statement_prepare (&st,
                                  store,
                                  "INSERT INTO temp.adoption (stream_id, remote_id) VALUES (?, ?)",
                                  error))
      return FALSE;
    forge_bind_int (&st, adoption->stream_id);
    forge_bind_int (&st, adoption->remote_id);
    if (!forge_statement_run (&st, error))
      return FALSE;
  }
  return TRUE;
}

#define MAKE_TABLES                                                                        \
  "CREATE TEMP TABLE IF NOT EXISTS adoption (stream_id INTEGER PRIMARY KEY, remote_id)",   \
      "DELETE FROM temp.adoption",                                                         \
      "CREATE TEMP TABLE IF NOT EXISTS adopted_key (channel_id INTEGER PRIMARY KEY, key)", \
      "DELETE FROM temp.adopted_key"

/* The new keys of the account's promoted channels; of those whose stream is no longer stored, too,
 * so that they are in nobody's way. */
#define FIND_KEYS                                                                              \
  "INSERT INTO temp.adopted_key SELECT c.id, 'stream:' || ?1 || ':' || coalesce (a.remote_id," \
  " -t.id, -1000000000000 - c.id) FROM channel c LEFT JOIN stream t ON t.account_id = ?1"      \
  " AND c.key = 'stream:' || ?1 || ':' || t.remote_id"                                         \
  " LEFT JOIN temp.adoption a ON a.stream_id = t.id WHERE c.key GLOB 'stream:' || ?1 || ':*'"

/* Two steps each, because the new ids are partly the old ones of others. */
static const char *const steps[] = {
  FIND_KEYS,
  "UPDATE channel SET key = 'moving:' || id WHERE ?1"
  " AND id IN (SELECT channel_id FROM temp.adopted_key)",
  "UPDATE channel SET key = k.key FROM temp.adopted_key k WHERE ?1 AND channel.id = k.channel_id",
  "UPDATE stream SET remote_id = -id WHERE account_id = ?1",
  "UPDATE stream SET remote_id = a.remote_id FROM temp.adoption a"
  " WHERE stream.account_id = ?1 AND a.stream_id = stream.id",
  "DELETE FROM stream_url WHERE account_id = ?1",
};

gboolean
forge_store_adopt_streams (ForgeStore *store,
                           gint64 account_id,
                           const GArray *adoptions,
                           GError **error)
{
  static const char *const tables[] = { MAKE_TABLES };

  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!forge_store_run (store, tables[i], error))
      return FALSE;
  if (!write_adoptions (store, adoptions, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (!forge_store_run_id (store, steps[i], account_id, NULL, error))
      return FALSE;
  return forge_store_run (store, "DELETE FROM temp.adoption", error) &&
         forge_store_run (store, "DELETE FROM temp.adopted_key", error);
}
