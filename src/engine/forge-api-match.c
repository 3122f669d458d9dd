/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-ops-match.h"
#include "store/forge-store-channels.h"

/* The review queue: /v1/match…. Rules have forge-api-rules. */

/* Pairs of one call. */
#define MAX_CHOICES 5000

static JsonNode *
run_matching (ForgeApiCall *call, GError **error)
{
  return forge_api_done (forge_ops_match_anew (&call->ops, error));
}

static gboolean
is_unsure (const ForgeCandidate *candidate)
{
  return !candidate->manual && candidate->confidence < FORGE_SURE_CONFIDENCE;
}

static gboolean
needs_review (const ForgeChannel *channel)
{
  for (guint i = 0; i < channel->candidates->len; i++)
    if (is_unsure (forge_channel_candidate (channel, i)))
      return TRUE;
  return FALSE;
}

/* -- listing ----------------------------------------------------------------------------------- */

static void
on_match (gint64 stream_id,
          const char *stream_name,
          double confidence,
          const char *reasons,
          gboolean manual,
          gboolean rejected,
          gpointer user_data)
{
  JsonNode *parsed = reasons ? json_from_string (reasons, NULL) : NULL;

  if (parsed && JSON_NODE_HOLDS_ARRAY (parsed))
    g_hash_table_insert (user_data, g_memdup2 (&stream_id, sizeof stream_id), parsed);
  else
    g_clear_pointer (&parsed, json_node_unref);
}

/* Why each stream is there, in words, and whether a person has to look at it. */
static gboolean
add_reasons (ForgeApiCall *call, JsonObject *channel, GError **error)
{
  g_autoptr (GHashTable) reasons =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)json_node_unref);
  JsonArray *streams = json_object_get_array_member (channel, "streams");

  if (!forge_store_each_match (call->ops.store,
                               json_object_get_int_member (channel, "id"),
                               on_match,
                               reasons,
                               error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    gint64 id = json_object_get_int_member (stream, "id");
    JsonNode *found = g_hash_table_lookup (reasons, &id);

    if (found)
      json_object_set_member (stream, "reasons", json_node_ref (found));
    json_object_set_boolean_member (stream,
                                    "review",
                                    !json_object_get_boolean_member (stream, "manual") &&
                                        json_object_get_double_member (stream, "confidence") <
                                            FORGE_SURE_CONFIDENCE);
  }
  return TRUE;
}

static JsonNode *
channel_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_channel (item, user_data);
}

static GPtrArray *
list_matched (ForgeApiCall *call, gboolean review_only, GError **error)
{
  g_autoptr (GPtrArray) all =
      forge_store_list_channels (call->ops.store, FORGE_CHANNELS_ALL, NULL, error);
  GPtrArray *shown;

  if (!all)
    return NULL;
  shown = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  for (guint i = 0; i < all->len; i++) {
    ForgeChannel *channel = g_ptr_array_index (all, i);

    if (channel->candidates->len > 0 && (!review_only || needs_review (channel)))
      g_ptr_array_add (shown, forge_channel_ref (channel));
  }
  return shown;
}

static JsonNode *
list_matches (ForgeApiCall *call, GError **error)
{
  gboolean review_only = g_strcmp0 (forge_request_query (call->request, "review"), "1") == 0;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);
  g_autoptr (GPtrArray) shown = list_matched (call, review_only, error);

  if (!shown)
    return NULL;
  g_autoptr (JsonNode) node = forge_json_array (shown, channel_shape, snapshot->accounts);
  JsonArray *channels = json_node_get_array (node);
  for (guint i = 0; review_only && i < json_array_get_length (channels); i++)
    if (!add_reasons (call, json_array_get_object_element (channels, i), error))
      return NULL;
  return g_steal_pointer (&node);
}

/* -- deciding ---------------------------------------------------------------------------------- */

static gboolean
read_choice (JsonNode *node, ForgeMatchChoice *choice)
{
  JsonArray *pair = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

  if (!pair || json_array_get_length (pair) != 2)
    return FALSE;
  for (guint i = 0; i < 2; i++) {
    JsonNode *number = json_array_get_element (pair, i);

    if (!JSON_NODE_HOLDS_VALUE (number) || json_node_get_value_type (number) != G_TYPE_INT64)
      return FALSE;
  }
  *choice = (ForgeMatchChoice){ .channel_id = json_array_get_int_element (pair, 0),
                                .stream_id = json_array_get_int_element (pair, 1) };
  return TRUE;
}

/* "pairs": [[channel, stream], …]. */
static GArray *
read_pairs (JsonArray *pairs, GError **error)
{
  g_autoptr (GArray) choices = g_array_new (FALSE, FALSE, sizeof (ForgeMatchChoice));

  if (json_array_get_length (pairs) > MAX_CHOICES) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_TOO_LARGE,
                 "%u pairs in one call; at most %d are taken",
                 json_array_get_length (pairs),
                 MAX_CHOICES);
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (pairs); i++) {
    ForgeMatchChoice choice;

    if (!read_choice (json_array_get_element (pairs, i), &choice)) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_INVALID,
                   "Pair %u is not [channel, stream] with two ids",
                   i + 1);
      return NULL;
    }
    g_array_append_val (choices, choice);
  }
  return g_steal_pointer (&choices);
}

/* Every unsure match from that confidence on. */
static GArray *
choose_from (ForgeApiCall *call, double from, GError **error)
{
  g_autoptr (GPtrArray) channels = list_matched (call, TRUE, error);
  GArray *choices;

  if (!channels)
    return NULL;
  choices = g_array_new (FALSE, FALSE, sizeof (ForgeMatchChoice));
  for (guint i = 0; i < channels->len; i++) {
    const ForgeChannel *channel = g_ptr_array_index (channels, i);

    for (guint j = 0; j < channel->candidates->len && choices->len < MAX_CHOICES; j++) {
      const ForgeCandidate *candidate = forge_channel_candidate (channel, j);
      ForgeMatchChoice choice = { channel->id, candidate->stream->id, FALSE };

      if (is_unsure (candidate) && candidate->confidence >= from)
        g_array_append_val (choices, choice);
    }
  }
  return choices;
}

static GArray *
read_choices (ForgeApiCall *call, GError **error)
{
  JsonNode *pairs = json_object_get_member (call->body, "pairs");
  JsonNode *from = json_object_get_member (call->body, "review_from");

  if (pairs && !from && JSON_NODE_HOLDS_ARRAY (pairs))
    return read_pairs (json_node_get_array (pairs), error);
  if (from && !pairs && JSON_NODE_HOLDS_VALUE (from) &&
      (json_node_get_value_type (from) == G_TYPE_INT64 ||
       json_node_get_value_type (from) == G_TYPE_DOUBLE))
    return choose_from (call, json_node_get_double (from), error);
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "Either “pairs” ([[channel, stream], …]) or “review_from” (a confidence from"
                       " 0 to 1) is needed");
  return NULL;
}

static JsonNode *
decision_node (gint64 id, gint64 time_s, gboolean accept, int pairs)
{
  g_autofree char *time = forge_time_to_iso8601 (time_s);
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_int_member (object, "id", id);
  json_object_set_string_member (object, "time", time);
  json_object_set_string_member (object, "verdict", accept ? "accept" : "reject");
  json_object_set_int_member (object, "pairs", pairs);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
list_decisions (ForgeApiCall *call, GError **error)
{
  g_autoptr (GArray) decisions = forge_store_list_decisions (call->ops.store, error);

  if (!decisions)
    return NULL;
  JsonArray *array = json_array_new ();
  for (guint i = 0; i < decisions->len; i++) {
    const ForgeDecision *decision = &g_array_index (decisions, ForgeDecision, i);

    json_array_add_element (
        array,
        decision_node (decision->id, decision->time, decision->accept, decision->pairs));
  }
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
count_node (const char *key, guint count)
{
  JsonObject *object = json_object_new ();
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_object_set_boolean_member (object, "ok", TRUE);
  json_object_set_int_member (object, key, count);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
decide (ForgeApiCall *call, GError **error)
{
  gboolean accept = g_str_has_suffix (call->request->path, "/accept");
  g_autoptr (GArray) choices = read_choices (call, error);

  if (!choices || !forge_ops_decide_matches (&call->ops, choices, accept, error) ||
      !forge_engine_publish (call->ops.engine, call->ops.store, error))
    return NULL;
  return count_node ("pairs", choices->len);
}

static JsonNode *
undo (ForgeApiCall *call, GError **error)
{
  ForgeDecision undone;

  if (!forge_ops_undo_decision (&call->ops, &undone, error))
    return NULL;
  return decision_node (undone.id, undone.time, undone.accept, undone.pairs);
}

const ForgeApiRoute forge_api_match_routes[] = {
  { "GET", "/v1/match", FALSE, list_matches },
  { "POST", "/v1/match/run", TRUE, run_matching },
  { "POST", "/v1/match/accept", FALSE, decide },
  { "POST", "/v1/match/reject", FALSE, decide },
  { "POST", "/v1/match/undo", TRUE, undo },
  { "GET", "/v1/match/decisions", FALSE, list_decisions },
  { 0 },
};
