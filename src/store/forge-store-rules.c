/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-rules.h"

#include "store/forge-store-private.h"

void
forge_match_rule_free (ForgeMatchRule *rule)
{
  if (!rule)
    return;
  g_free (rule->name_key);
  g_free (rule->channel_key);
  g_free (rule->stream_name);
  g_free (rule);
}

#define REPLACED \
  "DELETE FROM match_rule WHERE name_key = ?1 AND (channel_key = ?2 OR (?3 AND accept))"
#define INSERT                                                                            \
  "INSERT INTO match_rule (name_key, channel_key, accept, account_id, stream_name, time)" \
  " VALUES (?, ?, ?, ?, ?, ?)"
#define PRUNE                                                     \
  "DELETE FROM match_rule WHERE id <= (SELECT id FROM match_rule" \
  " ORDER BY id DESC LIMIT 1 OFFSET " G_STRINGIFY (FORGE_MATCH_RULES_KEPT) ")"

static gboolean
run_rule (ForgeStore *store, const char *sql, const ForgeMatchRule *rule, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  forge_bind_text (&st, rule->name_key);
  forge_bind_text (&st, rule->channel_key);
  forge_bind_int (&st, rule->accept != FALSE);
  if (sqlite3_bind_parameter_count (st.handle) > 3) {
    forge_bind_int (&st, rule->account_id);
    forge_bind_text (&st, rule->stream_name);
    forge_bind_int (&st, rule->time);
  }
  return forge_statement_run (&st, error);
}

gboolean
forge_store_put_rule (ForgeStore *store, const ForgeMatchRule *rule, GError **error)
{
  ForgeTransaction transaction = FORGE_TRANSACTION_WRITE;

  if (!forge_store_enter (store, &transaction, error))
    return FALSE;
  gboolean ok = run_rule (store, REPLACED, rule, error) && run_rule (store, INSERT, rule, error) &&
                forge_store_run (store, PRUNE, error);
  return forge_store_leave (store, transaction, ok, error);
}

gboolean
forge_store_drop_rule (ForgeStore *store,
                       const char *name_key,
                       const char *channel_key,
                       GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "DELETE FROM match_rule WHERE name_key = ? AND channel_key = ?",
                                error))
    return FALSE;
  forge_bind_text (&st, name_key);
  forge_bind_text (&st, channel_key);
  return forge_statement_run (&st, error);
}

#define COUNT_SAYINGS                                                                             \
  "SELECT min (count (DISTINCT s.stream_id), count (DISTINCT s.decision_id)) FROM match_saying s" \
  " WHERE s.name_key = ?1 AND s.channel_key = ?2 AND s.accept = ?3"                               \
  " AND NOT EXISTS (SELECT 1 FROM match_saying n WHERE n.channel_key = s.channel_key"             \
  " AND n.stream_id = s.stream_id AND n.decision_id > s.decision_id AND n.accept <> s.accept)"

static gboolean
count_sayings (ForgeStore *store, const ForgeMatchRule *rule, int *times, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st, store, COUNT_SAYINGS, error))
    return FALSE;
  forge_bind_text (&st, rule->name_key);
  forge_bind_text (&st, rule->channel_key);
  forge_bind_int (&st, rule->accept != FALSE);
  if (forge_statement_step (&st, error) != FORGE_STEP_ROW)
    return FALSE;
  *times = (int)forge_column_int (&st, 0);
  return TRUE;
}

gboolean
forge_store_note_saying (ForgeStore *store,
                         gint64 decision_id,
                         gint64 stream_id,
                         const ForgeMatchRule *rule,
                         int *times,
                         GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (
          &st,
          store,
          "INSERT OR REPLACE INTO match_saying (decision_id, stream_id, name_key, channel_key,"
          " accept) VALUES (?, ?, ?, ?, ?)",
          error))
    return FALSE;
  forge_bind_int (&st, decision_id);
  forge_bind_int (&st, stream_id);
  forge_bind_text (&st, rule->name_key);
  forge_bind_text (&st, rule->channel_key);
  forge_bind_int (&st, rule->accept != FALSE);
  return forge_statement_run (&st, error) && count_sayings (store, rule, times, error);
}

gboolean
forge_store_drop_sayings (ForgeStore *store,
                          const char *channel_key,
                          gint64 stream_id,
                          GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!forge_statement_prepare (&st,
                                store,
                                "DELETE FROM match_saying WHERE channel_key = ? AND stream_id = ?",
                                error))
    return FALSE;
  forge_bind_text (&st, channel_key);
  forge_bind_int (&st, stream_id);
  return forge_statement_run (&st, error);
}

gboolean
forge_store_delete_rule (ForgeStore *store, gint64 id, GError **error)
{
  int deleted = 0;

  if (!forge_store_run_id (store, "DELETE FROM match_rule WHERE id = ?", id, &deleted, error))
    return FALSE;
  return deleted > 0 || forge_store_not_found ("rule", id, error);
}

static ForgeMatchRule *
read_rule (ForgeStatement *st)
{
  ForgeMatchRule *rule = g_new0 (ForgeMatchRule, 1);

  rule->id = forge_column_int (st, 0);
  rule->name_key = forge_column_dup (st, 1);
  rule->channel_key = forge_column_dup (st, 2);
  rule->accept = forge_column_int (st, 3) != 0;
  rule->account_id = forge_column_int (st, 4);
  rule->stream_name = forge_column_dup (st, 5);
  rule->time = forge_column_int (st, 6);
  return rule;
}

GPtrArray *
forge_store_list_rules (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) rules =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_match_rule_free);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT id, name_key, channel_key, accept, account_id, stream_name, time"
          " FROM match_rule ORDER BY id DESC",
          error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (rules, read_rule (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&rules) : NULL;
}
