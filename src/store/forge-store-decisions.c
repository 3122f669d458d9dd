/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-decisions.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

#define PRUNE                                                 \
  "DELETE FROM decision WHERE id <= (SELECT id FROM decision" \
  " ORDER BY id DESC LIMIT 1 OFFSET " G_STRINGIFY (FORGE_DECISIONS_KEPT) ")"

gint64
forge_store_begin_decision (ForgeStore *store, gint64 now_s, gboolean accept, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  g_return_val_if_fail (!sqlite3_get_autocommit (store->db), 0);
  if (!forge_statement_prepare (&st,
                                store,
                                "INSERT INTO decision (time, accept, pairs) VALUES (?, ?, 0)",
                                error))
    return 0;
  forge_bind_int (&st, now_s);
  forge_bind_int (&st, accept != FALSE);
  if (!forge_statement_run (&st, error))
    return 0;
  gint64 id = sqlite3_last_insert_rowid (store->db);
  return forge_store_run (store, PRUNE, error) ? id : 0;
}

static gboolean
run_noted (ForgeStore *store, const char *sql, gint64 decision_id, gint64 id, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, decision_id);
  if (id)
    forge_bind_int (&st, id);
  return forge_statement_run (&st, error);
}

/* Only the first time in a decision: later it has been changed by it. */
static gboolean
note_channel (ForgeStore *store, gint64 decision_id, gint64 channel_id, GError **error)
{
  if (!run_noted (store,
                  "INSERT OR IGNORE INTO decision_channel (decision_id, channel_id) VALUES (?, ?)",
                  decision_id,
                  channel_id,
                  error))
    return FALSE;
  return sqlite3_changes (store->db) == 0 ||
         run_noted (store,
                    "INSERT INTO decision_match SELECT ?1, channel_id, stream_id, confidence, rank,"
                    " reasons, manual, is_primary, rejected, gone_at FROM stream_match"
                    " WHERE channel_id = ?2",
                    decision_id,
                    channel_id,
                    error);
}

static gboolean
run_name (ForgeStore *store, const char *sql, gint64 decision_id, const char *key, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_int (&st, decision_id);
  forge_bind_text (&st, key);
  return forge_statement_run (&st, error);
}

static gboolean
note_name (ForgeStore *store, gint64 decision_id, const char *key, GError **error)
{
  if (!key)
    return TRUE;
  if (!run_name (store,
                 "INSERT OR IGNORE INTO decision_name (decision_id, name_key) VALUES (?, ?)",
                 decision_id,
                 key,
                 error))
    return FALSE;
  return sqlite3_changes (store->db) == 0 ||
         run_name (store,
                   "INSERT INTO decision_rule SELECT ?1, name_key, channel_key, accept,"
                   " account_id, time, stream_name FROM match_rule WHERE name_key = ?2",
                   decision_id,
                   key,
                   error);
}

gboolean
forge_store_note_decision (ForgeStore *store,
                           gint64 decision_id,
                           gint64 channel_id,
                           const char *name_key,
                           const char *opposite_key,
                           GError **error)
{
  return note_channel (store, decision_id, channel_id, error) &&
         note_name (store, decision_id, name_key, error) &&
         note_name (store, decision_id, opposite_key, error) &&
         forge_store_run_id (store,
                             "UPDATE decision SET pairs = pairs + 1 WHERE id = ?",
                             decision_id,
                             NULL,
                             error);
}

GArray *
forge_store_list_decisions (ForgeStore *store, GError **error)
{
  g_autoptr (GArray) decisions = g_array_new (FALSE, FALSE, sizeof (ForgeDecision));
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT id, time, accept, pairs FROM decision ORDER BY id DESC",
                                error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    ForgeDecision decision = { forge_column_int (&st, 0),
                               forge_column_int (&st, 1),
                               forge_column_int (&st, 2) != 0,
                               (int)forge_column_int (&st, 3) };
    g_array_append_val (decisions, decision);
  }
  return step == FORGE_STEP_DONE ? g_steal_pointer (&decisions) : NULL;
}

static gboolean
restore (ForgeStore *store, gint64 id, GError **error)
{
  static const char *const steps[] = {
    "DELETE FROM stream_match WHERE channel_id IN"
    " (SELECT channel_id FROM decision_channel WHERE decision_id = ?)",
    "INSERT INTO stream_match (channel_id, stream_id, confidence, rank, reasons, manual,"
    " is_primary, rejected, gone_at) SELECT d.channel_id, d.stream_id, d.confidence, d.rank,"
    " d.reasons, d.manual, d.is_primary, d.rejected, d.gone_at FROM decision_match d"
    " JOIN channel c ON c.id = d.channel_id JOIN stream t ON t.id = d.stream_id"
    " WHERE d.decision_id = ?",
    "DELETE FROM match_rule WHERE name_key IN"
    " (SELECT name_key FROM decision_name WHERE decision_id = ?)",
    "INSERT INTO match_rule (name_key, channel_key, accept, account_id, time, stream_name)"
    " SELECT name_key, channel_key, accept, account_id, time, stream_name FROM decision_rule"
    " WHERE decision_id = ?",
    "DELETE FROM match_saying WHERE decision_id = ?",
    "DELETE FROM decision WHERE id = ?",
    /* Automatic matches are as old as the decision: the next run looks. */
    "UPDATE lineup_state SET stale = 1 WHERE ?",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (steps); i++)
    if (!forge_store_run_id (store, steps[i], id, NULL, error))
      return FALSE;
  return TRUE;
}

static gboolean
undo_newest (ForgeStore *store, ForgeDecision *undone, GError **error)
{
  g_autoptr (GArray) decisions = forge_store_list_decisions (store, error);

  if (!decisions)
    return FALSE;
  if (decisions->len == 0) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_NOT_FOUND,
                         "There is no decision on a match to take back");
    return FALSE;
  }
  *undone = g_array_index (decisions, ForgeDecision, 0);
  return restore (store, undone->id, error);
}

gboolean
forge_store_undo_decision (ForgeStore *store, ForgeDecision *undone, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  return forge_store_leave (store, transaction, undo_newest (store, undone, error), error);
}
