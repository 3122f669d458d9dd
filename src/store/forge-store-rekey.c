/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-channels.h"
#include "store/forge-store-private.h"

gboolean
forge_store_each_guide_key (ForgeStore *store,
                            ForgeGuideKeyFunc each,
                            gpointer user_data,
                            GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT c.id, c.key, g.source_id FROM channel c"
                                " JOIN guide_channel g ON g.id = c.guide_channel_id"
                                " WHERE c.gone_at IS NULL AND c.key GLOB 'guide:*'",
                                error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_int (&st, 0),
          forge_column_text (&st, 1),
          forge_column_int (&st, 2),
          user_data);
  return step == FORGE_STEP_DONE;
}

GArray *
forge_store_list_channel_streams (ForgeStore *store, gint64 id, GError **error)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT t.id FROM stream_match m JOIN stream t ON t.id = m.stream_id"
          " WHERE m.channel_id = ? AND NOT m.rejected AND m.gone_at IS NULL"
          " AND t.gone_at IS NULL",
          error))
    return NULL;
  forge_bind_int (&st, id);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    gint64 stream = forge_column_int (&st, 0);
    g_array_append_val (ids, stream);
  }
  return step == FORGE_STEP_DONE ? g_steal_pointer (&ids) : NULL;
}

gboolean
forge_store_each_promoted_stream (ForgeStore *store,
                                  ForgePromotedStreamFunc each,
                                  gpointer user_data,
                                  GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT c.id, m.stream_id FROM channel c"
                                " CROSS JOIN stream_match m ON m.channel_id = c.id"
                                " AND NOT m.rejected AND m.gone_at IS NULL"
                                " WHERE c.gone_at IS NULL AND c.key GLOB 'stream:*' ORDER BY c.id",
                                error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (forge_column_int (&st, 0), forge_column_int (&st, 1), user_data);
  return step == FORGE_STEP_DONE;
}

/* ?1 id, ?2 new key, ?3 guide channel, ?4 source. What a backup knows of a channel waits for the
 * channel itself to be made. */
#define MAY_MOVE                                                                  \
  "NOT EXISTS (SELECT 1 FROM channel o WHERE o.key = ?2)"                         \
  " AND NOT EXISTS (SELECT 1 FROM pending_channel p WHERE p.key = ?2) AND EXISTS" \
  " (SELECT 1 FROM guide_channel g WHERE g.id = ?3 AND ?4 IN (0, g.source_id))"
#define OLD_KEY "(SELECT key FROM channel WHERE id = ?1)"

/* The words first: they are found by the old key. */
static const char *const steps[] = {
  "UPDATE OR IGNORE match_rule SET channel_key = ?2 WHERE channel_key = " OLD_KEY " AND " MAY_MOVE,
  "UPDATE OR IGNORE match_saying SET channel_key = ?2 WHERE channel_key = " OLD_KEY
  " AND " MAY_MOVE,
  "UPDATE channel SET key = ?2, guide_channel_id = ?3 WHERE id = ?1 AND " MAY_MOVE,
};

gboolean
forge_store_rekey_channel (ForgeStore *store,
                           gint64 id,
                           gint64 source_id,
                           const char *key,
                           gint64 guide_channel_id,
                           GError **error)
{
  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
    g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

    if (!forge_statement_prepare (&st, store, steps[i], error))
      return FALSE;
    forge_bind_int (&st, id);
    forge_bind_text (&st, key);
    forge_bind_int (&st, guide_channel_id);
    forge_bind_int (&st, source_id);
    if (!forge_statement_run (&st, error))
      return FALSE;
  }
  return TRUE;
}
