/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-match.h"

#include "guide/forge-match-rules.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-streams.h"

/* A choice for a promoted stream is about that stream alone: no rule. */
static gboolean
learn (ForgeOps *ops, gint64 channel_id, gint64 stream_id, gboolean accept, GError **error)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (ops->store, channel_id, error);
  g_autoptr (ForgeStream) stream = channel ? forge_store_get_stream (ops->store, stream_id, error)
                                           : NULL;

  if (!stream)
    return FALSE;
  g_autofree char *key = forge_match_rules_key (stream, accept);
  g_autofree char *opposite = forge_match_rules_key (stream, !accept);
  if (!key || !opposite || !g_str_has_prefix (channel->key, "guide:"))
    return TRUE;
  const ForgeMatchRule rule = { .name_key = key,
                                .channel_key = channel->key,
                                .accept = accept,
                                .account_id = stream->account_id,
                                .stream_name = stream->name,
                                .time = forge_clock_wall_s (ops->engine->clock) };
  return forge_store_drop_rule (ops->store, opposite, channel->key, error) &&
         forge_store_put_rule (ops->store, &rule, error);
}

gboolean
forge_ops_accept_match (ForgeOps *ops,
                        gint64 channel_id,
                        gint64 stream_id,
                        gboolean primary,
                        GError **error)
{
  return forge_store_set_match (ops->store, channel_id, stream_id, primary, error) &&
         learn (ops, channel_id, stream_id, TRUE, error);
}

gboolean
forge_ops_reject_match (ForgeOps *ops, gint64 channel_id, gint64 stream_id, GError **error)
{
  return forge_store_unset_match (ops->store, channel_id, stream_id, error) &&
         learn (ops, channel_id, stream_id, FALSE, error);
}
