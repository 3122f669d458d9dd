/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-match.h"

#include "guide/forge-match-rules.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-streams.h"

/* Said of so many streams of a name, each time anew, it is meant for all of them. */
#define SAID_FOR_A_RULE 2

/* The rule is told, so that nobody wonders who chose for them. */
static gboolean
make_rule (ForgeOps *ops, const ForgeChannel *channel, const ForgeMatchRule *rule, GError **error)
{
  if (!forge_store_put_rule (ops->store, rule, error))
    return FALSE;
  forge_ops_report (
      ops,
      FORGE_LOG_INFO,
      FORGE_EVENT_MATCH,
      rule->accept ? "Rule: streams named like “%s” are “%s”, because you chose so %d times"
                   : "Rule: streams named like “%s” are not “%s”, because you said so %d times",
      rule->stream_name,
      channel->name,
      SAID_FOR_A_RULE);
  return TRUE;
}

/* The decision itself is about this stream alone. It becomes a rule when it repeats; the contrary
 * ends a rule at once. A choice for a promoted stream is never one. */
static gboolean
learn (ForgeOps *ops,
       gint64 decision,
       const ForgeChannel *channel,
       const ForgeStream *stream,
       gboolean accept,
       GError **error)
{
  g_autofree char *key = forge_match_rules_key (stream, accept);
  g_autofree char *opposite = forge_match_rules_key (stream, !accept);
  int times = 0;

  if (!key || !opposite || !g_str_has_prefix (channel->key, "guide:"))
    return TRUE;
  const ForgeMatchRule rule = { .name_key = key,
                                .channel_key = channel->key,
                                .accept = accept,
                                .account_id = stream->account_id,
                                .stream_name = stream->name,
                                .time = forge_clock_wall_s (ops->engine->clock) };
  return forge_store_drop_rule (ops->store, opposite, channel->key, error) &&
         forge_store_note_saying (ops->store, decision, stream->id, &rule, &times, error) &&
         (times < SAID_FOR_A_RULE || make_rule (ops, channel, &rule, error));
}

static gboolean
note (ForgeOps *ops,
      gint64 decision,
      const ForgeChannel *channel,
      const ForgeStream *stream,
      GError **error)
{
  g_autofree char *accepted = forge_match_rules_key (stream, TRUE);
  g_autofree char *rejected = forge_match_rules_key (stream, FALSE);

  return forge_store_note_decision (ops->store, decision, channel->id, accepted, rejected, error);
}

static gboolean
decide_one (ForgeOps *ops,
            gint64 decision,
            const ForgeMatchChoice *choice,
            gboolean accept,
            GError **error)
{
  g_autoptr (ForgeChannel) channel =
      forge_store_get_channel (ops->store, choice->channel_id, error);
  g_autoptr (ForgeStream) stream =
      channel ? forge_store_get_stream (ops->store, choice->stream_id, error) : NULL;

  if (!stream || !note (ops, decision, channel, stream, error))
    return FALSE;
  gboolean ok =
      accept ? forge_store_set_match (ops->store,
                                      choice->channel_id,
                                      choice->stream_id,
                                      choice->primary,
                                      error)
             : forge_store_unset_match (ops->store, choice->channel_id, choice->stream_id, error);
  return ok && learn (ops, decision, channel, stream, accept, error);
}

static gboolean
decide_all (ForgeOps *ops, const GArray *choices, gboolean accept, GError **error)
{
  gint64 decision = forge_store_begin_decision (ops->store,
                                                forge_clock_wall_s (ops->engine->clock),
                                                accept,
                                                error);

  if (decision == 0)
    return FALSE;
  for (guint i = 0; i < choices->len; i++)
    if (!decide_one (ops, decision, &g_array_index (choices, ForgeMatchChoice, i), accept, error))
      return FALSE;
  return TRUE;
}

gboolean
forge_ops_decide_matches (ForgeOps *ops, const GArray *choices, gboolean accept, GError **error)
{
  if (choices->len == 0)
    return TRUE;
  if (!forge_store_begin (ops->store, error))
    return FALSE;
  if (decide_all (ops, choices, accept, error))
    return forge_store_commit (ops->store, error);
  forge_store_rollback (ops->store);
  return FALSE;
}

gboolean
forge_ops_undo_decision (ForgeOps *ops, ForgeDecision *undone, GError **error)
{
  return forge_store_undo_decision (ops->store, undone, error) && forge_ops_run_lineup (ops, error);
}

static gboolean
drop_rules (ForgeOps *ops, gint64 channel_id, gint64 stream_id, GError **error)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (ops->store, channel_id, error);
  g_autoptr (ForgeStream) stream = channel ? forge_store_get_stream (ops->store, stream_id, error)
                                           : NULL;

  if (!stream || !forge_store_drop_sayings (ops->store, channel->key, stream_id, error))
    return FALSE;
  for (int accept = FALSE; accept <= TRUE; accept++) {
    g_autofree char *key = forge_match_rules_key (stream, accept);
    if (key && !forge_store_drop_rule (ops->store, key, channel->key, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
forge_ops_withdraw_match (ForgeOps *ops, gint64 channel_id, gint64 stream_id, GError **error)
{
  return drop_rules (ops, channel_id, stream_id, error) &&
         forge_store_withdraw_match (ops->store, channel_id, stream_id, error);
}
