/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-ops-match.h"
#include "store/forge-store-channels.h"

#include <string.h>

#define CHOSEN "Chosen by you"

/* Channels, matches, the lineup: /v1/channels…, /v1/match…, /v1/lineup…. */

#define PLEX_MAX_CHANNELS 480

static gboolean
publish (ForgeApiCall *call, GError **error)
{
  return forge_engine_publish (call->ops.engine, call->ops.store, error);
}

static JsonNode *
channel_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_channel (item, user_data);
}

static JsonNode *
channels_node (ForgeApiCall *call, GPtrArray *channels)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);

  return forge_json_array (channels, channel_shape, snapshot->accounts);
}

static gboolean
parse_filter (const char *text, ForgeChannelFilter *filter, GError **error)
{
  static const char *const names[] = { "enabled", "all", "unmatched" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (text ? text : "all", names[i]) == 0) {
      *filter = (ForgeChannelFilter)i;
      return TRUE;
    }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is none of enabled, all, unmatched",
               text);
  return FALSE;
}

static JsonNode *
list_channels (ForgeApiCall *call, GError **error)
{
  ForgeChannelFilter filter;

  if (!parse_filter (forge_request_query (call->request, "filter"), &filter, error))
    return NULL;
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (call->ops.store,
                                 filter,
                                 forge_request_query (call->request, "search"),
                                 error);
  return channels ? channels_node (call, channels) : NULL;
}

static JsonNode *
channel_node (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (call->ops.store, id, error);
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (call->ops.engine);

  return channel ? forge_json_channel (channel, snapshot->accounts) : NULL;
}

static JsonNode *
show_channel (ForgeApiCall *call, GError **error)
{
  return channel_node (call, call->ids[0], error);
}

/* Publishes what a change did, then shows the channel. */
static JsonNode *
changed_channel (ForgeApiCall *call, gboolean ok, gint64 id, GError **error)
{
  return ok && publish (call, error) ? channel_node (call, id, error) : NULL;
}

static gboolean
enable_all (ForgeApiCall *call, GArray *ids, gboolean enabled, GError **error)
{
  for (guint i = 0; i < ids->len; i++)
    if (!forge_store_set_channel_enabled (call->ops.store,
                                          g_array_index (ids, gint64, i),
                                          enabled,
                                          error))
      return FALSE;
  return TRUE;
}

/* A commit, or everything back. `ok` FALSE: `error` is set already. */
static gboolean
end_change (ForgeApiCall *call, gboolean ok, GError **error)
{
  if (ok)
    return forge_store_commit (call->ops.store, error);
  forge_store_rollback (call->ops.store);
  return FALSE;
}

/* All of them or none. */
static JsonNode *
enable_channels (ForgeApiCall *call, GError **error)
{
  gboolean enabled = g_str_has_suffix (call->request->path, "/enable");
  g_autoptr (GArray) ids = forge_api_ids (call, "ids", error);

  return forge_api_done (ids && forge_store_begin (call->ops.store, error) &&
                         end_change (call, enable_all (call, ids, enabled, error), error) &&
                         publish (call, error));
}

static JsonNode *
move_channel (ForgeApiCall *call, GError **error)
{
  gint64 to;
  gboolean ok =
      forge_api_int (call, "to", &to, error) &&
      forge_store_move_channel (call->ops.store, call->ids[0], (int)CLAMP (to, 1, G_MAXINT), error);

  return changed_channel (call, ok, call->ids[0], error);
}

static JsonNode *
number_channel (ForgeApiCall *call, GError **error)
{
  gint64 number;
  gboolean ok = forge_api_int (call, "number", &number, error) &&
                forge_store_number_channel (call->ops.store,
                                            call->ids[0],
                                            (int)CLAMP (number, -1, G_MAXINT),
                                            error);

  return changed_channel (call, ok, call->ids[0], error);
}

/* A missing or empty name goes back to the guide's. */
static JsonNode *
rename_channel (ForgeApiCall *call, GError **error)
{
  const char *name = NULL;
  gboolean ok = forge_api_optional_text (call, "name", &name, error) &&
                forge_store_rename_channel (call->ops.store,
                                            call->ids[0],
                                            name && *name ? name : NULL,
                                            error);

  return changed_channel (call, ok, call->ids[0], error);
}

static JsonNode *
group_channel (ForgeApiCall *call, GError **error)
{
  const char *group = NULL;
  gboolean ok = forge_api_optional_text (call, "group", &group, error) &&
                forge_store_set_channel_group (call->ops.store, call->ids[0], group, error);

  return changed_channel (call, ok, call->ids[0], error);
}

static JsonNode *
picture_channel (ForgeApiCall *call, GError **error)
{
  const char *logo = NULL;
  gboolean ok = forge_api_optional_text (call, "logo", &logo, error) &&
                forge_store_set_channel_logo (call->ops.store, call->ids[0], logo, error);

  return changed_channel (call, ok, call->ids[0], error);
}

static JsonNode *
reset_channel (ForgeApiCall *call, GError **error)
{
  gboolean ok = forge_store_reset_channel (call->ops.store, call->ids[0], error);

  return changed_channel (call, ok, call->ids[0], error);
}

static JsonNode *
promote_stream (ForgeApiCall *call, GError **error)
{
  gint64 stream;
  gint64 id = forge_api_int (call, "stream", &stream, error)
                  ? forge_store_promote_stream (call->ops.store, stream, error)
                  : 0;

  return changed_channel (call, id > 0, id, error);
}

static JsonNode *
set_matches (ForgeApiCall *call, GError **error)
{
  g_autoptr (GArray) streams = forge_api_ids (call, "streams", error);
  g_autoptr (GArray) choices = g_array_new (FALSE, FALSE, sizeof (ForgeMatchChoice));
  gboolean primary = FALSE;

  if (!streams || !forge_api_flag (call, "primary", &primary, error))
    return NULL;
  for (guint i = 0; i < streams->len; i++) {
    ForgeMatchChoice choice = { call->ids[0],
                                g_array_index (streams, gint64, i),
                                primary && i == 0 };
    g_array_append_val (choices, choice);
  }
  return changed_channel (call,
                          forge_ops_decide_matches (&call->ops, choices, TRUE, error),
                          call->ids[0],
                          error);
}

static JsonNode *
unset_match (ForgeApiCall *call, GError **error)
{
  g_autoptr (GArray) choices = g_array_new (FALSE, FALSE, sizeof (ForgeMatchChoice));
  ForgeMatchChoice choice = { call->ids[0], call->ids[1], FALSE };

  g_array_append_val (choices, choice);
  return changed_channel (call,
                          forge_ops_decide_matches (&call->ops, choices, FALSE, error),
                          call->ids[0],
                          error);
}

static JsonNode *
withdraw_match (ForgeApiCall *call, GError **error)
{
  gboolean ok =
      forge_store_begin (call->ops.store, error) &&
      end_change (call,
                  forge_ops_withdraw_match (&call->ops, call->ids[0], call->ids[1], error),
                  error);

  return changed_channel (call, ok, call->ids[0], error);
}

/* Above what the matcher thought. */
static void
add_own_reason (JsonArray *reasons, gboolean manual)
{
  if (!manual || (json_array_get_length (reasons) > 0 &&
                  g_strcmp0 (json_array_get_string_element (reasons, 0), CHOSEN) == 0))
    return;
  json_array_add_string_element (reasons, CHOSEN);
}

static void
explain_one (gint64 stream_id,
             const char *stream_name,
             double confidence,
             const char *reasons,
             gboolean manual,
             gboolean rejected,
             gpointer user_data)
{
  JsonObject *object = json_object_new ();
  JsonNode *parsed = reasons ? json_from_string (reasons, NULL) : NULL;

  json_object_set_int_member (object, "stream_id", stream_id);
  json_object_set_string_member (object, "stream", stream_name);
  json_object_set_double_member (object, "confidence", confidence);
  JsonArray *array = parsed && JSON_NODE_HOLDS_ARRAY (parsed)
                         ? json_array_ref (json_node_get_array (parsed))
                         : json_array_new ();
  add_own_reason (array, manual);
  json_object_set_array_member (object, "reasons", array);
  g_clear_pointer (&parsed, json_node_unref);
  if (manual)
    json_object_set_boolean_member (object, "manual", TRUE);
  if (rejected)
    json_object_set_boolean_member (object, "rejected", TRUE);
  json_array_add_object_element (user_data, object);
}

static JsonNode *
explain_channel (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeChannel) channel = forge_store_get_channel (call->ops.store, call->ids[0], error);
  g_autoptr (JsonArray) streams = json_array_new ();

  if (!channel ||
      !forge_store_each_match (call->ops.store, channel->id, explain_one, streams, error))
    return NULL;
  JsonObject *object = json_object_new ();
  json_object_set_string_member (object, "channel", channel->name);
  json_object_set_int_member (object, "channel_id", channel->id);
  json_object_set_array_member (object, "streams", g_steal_pointer (&streams));
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, object);
  return node;
}

static JsonNode *
list_lineup (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (call->ops.store, FORGE_CHANNELS_ENABLED, NULL, error);

  return channels ? channels_node (call, channels) : NULL;
}

static void
add_finding (JsonArray *findings, const char *id, const char *severity, char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "severity", severity);
  json_object_set_string_member (object, "text", text);
  json_array_add_object_element (findings, object);
  g_free (text);
}

static void
check_channel (JsonArray *findings, const ForgeChannel *channel, GHashTable *numbers)
{
  if (!g_hash_table_add (numbers, GINT_TO_POINTER (channel->number)))
    add_finding (findings,
                 "duplicate-number",
                 "error",
                 g_strdup_printf ("Number %d is given twice, the second time to “%s”",
                                  channel->number,
                                  channel->name));
  if (channel->candidates->len == 0)
    add_finding (findings,
                 "no-stream",
                 "warning",
                 g_strdup_printf ("“%s” has no stream", channel->name));
  if (!channel->has_guide)
    add_finding (findings,
                 "no-guide",
                 "info",
                 g_strdup_printf ("“%s” has no guide, only placeholders", channel->name));
}

static JsonNode *
check_lineup (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) channels =
      forge_store_list_channels (call->ops.store, FORGE_CHANNELS_ENABLED, NULL, error);
  g_autoptr (GHashTable) numbers = g_hash_table_new (g_direct_hash, g_direct_equal);

  if (!channels)
    return NULL;
  JsonArray *findings = json_array_new ();
  if (channels->len > PLEX_MAX_CHANNELS)
    add_finding (
        findings,
        "plex-limit",
        "warning",
        g_strdup_printf ("%u channels are on; Plex takes %d", channels->len, PLEX_MAX_CHANNELS));
  for (guint i = 0; i < channels->len; i++)
    check_channel (findings, g_ptr_array_index (channels, i), numbers);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, findings);
  return node;
}

const ForgeApiRoute forge_api_channel_routes[] = {
  { "GET", "/v1/channels", FALSE, list_channels },
  { "POST", "/v1/channels/enable", FALSE, enable_channels },
  { "POST", "/v1/channels/disable", FALSE, enable_channels },
  { "POST", "/v1/channels/promote", FALSE, promote_stream },
  { "GET", "/v1/channels/{id}", FALSE, show_channel },
  { "POST", "/v1/channels/{id}/move", FALSE, move_channel },
  { "POST", "/v1/channels/{id}/number", FALSE, number_channel },
  { "POST", "/v1/channels/{id}/rename", FALSE, rename_channel },
  { "POST", "/v1/channels/{id}/group", FALSE, group_channel },
  { "POST", "/v1/channels/{id}/logo", FALSE, picture_channel },
  { "POST", "/v1/channels/{id}/reset", FALSE, reset_channel },
  { "POST", "/v1/channels/{id}/streams", FALSE, set_matches },
  { "DELETE", "/v1/channels/{id}/streams/{id}", FALSE, unset_match },
  { "DELETE", "/v1/channels/{id}/streams/{id}/choice", FALSE, withdraw_match },
  { "GET", "/v1/channels/{id}/explain", FALSE, explain_channel },
  { "GET", "/v1/lineup", FALSE, list_lineup },
  { "GET", "/v1/lineup/check", FALSE, check_lineup },
  { 0 },
};
