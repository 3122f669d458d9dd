/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-json-shapes.h"

#include "base/forge-redact.h"
#include "engine/forge-problems.h"

#include <string.h>

#define SECONDS_PER_HOUR 3600

static void
add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

static void
add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_bool (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

/* Two decimals: more would pretend. */
static void
add_share (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, (double)(int)(value * 1000 + 0.5) / 1000);
}

static void
add_time (JsonBuilder *builder, const char *name, gint64 wall_s)
{
  g_autofree char *text = forge_time_to_iso8601 (wall_s);

  add_text (builder, name, text);
}

static void
add_node (JsonBuilder *builder, const char *name, JsonNode *node)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_value (builder, node);
}

static JsonBuilder *
begin_object (void)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  return builder;
}

static JsonNode *
end_object (JsonBuilder *builder)
{
  json_builder_end_object (builder);
  JsonNode *node = json_builder_get_root (builder);
  g_object_unref (builder);
  return node;
}

JsonNode *
forge_json_array (GPtrArray *items, ForgeJsonShape shape, gpointer user_data)
{
  JsonArray *array = json_array_sized_new (items->len);

  for (guint i = 0; i < items->len; i++)
    json_array_add_element (array, shape (g_ptr_array_index (items, i), user_data));
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);
  json_node_take_array (node, array);
  return node;
}

ForgeReply *
forge_json_reply (JsonNode *node)
{
  ForgeReply *reply =
      forge_reply_new_text ("application/json; charset=utf-8", json_to_string (node, FALSE));

  json_node_unref (node);
  return reply;
}

static void
add_mirrors (JsonBuilder *builder, char **mirrors)
{
  json_builder_set_member_name (builder, "mirrors");
  json_builder_begin_array (builder);
  for (char **mirror = mirrors; mirror && *mirror; mirror++)
    json_builder_add_string_value (builder, *mirror);
  json_builder_end_array (builder);
}

JsonNode *
forge_json_account (const ForgeAccount *account)
{
  JsonBuilder *builder = begin_object ();

  add_int (builder, "id", account->id);
  add_text (builder, "name", account->name);
  add_text (builder, "kind", forge_account_kind_name (account->kind));
  add_text (builder, "server", account->server);
  add_text (builder, "status", forge_account_status_name (account->status));
  add_text (builder, "status_text", account->status_text);
  add_bool (builder, "enabled", account->enabled);
  add_time (builder, "expires_at", account->expires_at);
  add_int (builder, "max_connections", forge_account_slots (account));
  add_int (builder, "active_connections", account->active_connections);
  add_int (builder, "streams", account->streams);
  add_int (builder, "movies", account->movies);
  add_int (builder, "series", account->series);
  add_time (builder, "last_refresh", account->last_refresh);
  add_text (builder, "user_agent", account->user_agent);
  add_mirrors (builder, account->mirrors);
  return end_object (builder);
}

static int
hours_until (gint64 stop_s, gint64 now_s)
{
  return stop_s > now_s ? (int)((stop_s - now_s) / SECONDS_PER_HOUR) : 0;
}

/* A guide URL may carry a password in its query: only the host is for show. A path is shown whole.
 */
static void
add_location (JsonBuilder *builder, const char *location)
{
  g_autofree char *safe = location && strstr (location, "://") ? forge_redact_url (location)
                                                               : g_strdup (location);

  add_text (builder, "location", safe);
}

static gint64
shifted_last_stop (const ForgeGuideSource *source)
{
  return source->last_stop ? source->last_stop + source->shift_minutes * 60 : 0;
}

JsonNode *
forge_json_guide_source (const ForgeGuideSource *source, gint64 now_s)
{
  JsonBuilder *builder = begin_object ();

  add_int (builder, "id", source->id);
  add_text (builder, "name", source->name);
  add_location (builder, source->location);
  json_builder_set_member_name (builder, "account_id");
  if (source->account_id)
    json_builder_add_int_value (builder, source->account_id);
  else
    json_builder_add_null_value (builder);
  add_text (builder, "zone", source->zone);
  add_int (builder, "shift_minutes", source->shift_minutes);
  json_builder_set_member_name (builder, "suggested_shift_minutes");
  if (source->suggested_shift_minutes != source->shift_minutes)
    json_builder_add_int_value (builder, source->suggested_shift_minutes);
  else
    json_builder_add_null_value (builder);
  add_int (builder, "priority", source->priority);
  add_bool (builder, "enabled", source->enabled);
  add_int (builder, "channels", source->channels);
  add_int (builder, "programmes", source->programmes);
  add_int (builder, "skipped", source->skipped);
  add_int (builder, "hours_left", hours_until (shifted_last_stop (source), now_s));
  add_text (builder, "status_text", source->status_text);
  add_time (builder, "last_refresh", source->last_refresh);
  return end_object (builder);
}

static const char *
account_name (GPtrArray *accounts, gint64 id)
{
  for (guint i = 0; accounts && i < accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (accounts, i);
    if (account->id == id)
      return account->name;
  }
  return NULL;
}

static void
add_candidate (JsonBuilder *builder, const ForgeCandidate *candidate, GPtrArray *accounts)
{
  json_builder_begin_object (builder);
  add_int (builder, "id", candidate->stream->id);
  add_text (builder, "name", candidate->stream->name);
  add_text (builder, "quality", forge_quality_name (candidate->stream->quality));
  add_text (builder, "account", account_name (accounts, candidate->stream->account_id));
  add_share (builder, "confidence", candidate->confidence);
  add_bool (builder, "primary", candidate->primary);
  add_bool (builder, "manual", candidate->manual);
  add_bool (builder, "available", candidate->stream->available);
  json_builder_end_object (builder);
}

JsonNode *
forge_json_channel (const ForgeChannel *channel, GPtrArray *accounts)
{
  JsonBuilder *builder = begin_object ();

  add_int (builder, "id", channel->id);
  add_int (builder, "number", channel->number);
  add_text (builder, "name", channel->name);
  add_text (builder, "guide_id", channel->guide_id);
  add_bool (builder, "enabled", channel->enabled);
  add_text (builder, "group", channel->group);
  add_text (builder, "logo", channel->logo);
  add_bool (builder, "has_guide", channel->has_guide);
  add_bool (builder, "favorite", channel->favorite);
  json_builder_set_member_name (builder, "streams");
  json_builder_begin_array (builder);
  for (guint i = 0; i < channel->candidates->len; i++)
    add_candidate (builder, forge_channel_candidate (channel, i), accounts);
  json_builder_end_array (builder);
  return end_object (builder);
}

static void
add_viewer (JsonBuilder *builder, const ForgeViewerInfo *viewer)
{
  json_builder_begin_object (builder);
  add_text (builder, "address", viewer->address);
  add_text (builder, "user_agent", viewer->user_agent);
  add_int (builder, "since_s", viewer->since_s);
  add_int (builder, "behind_ms", viewer->behind_ms);
  add_int (builder, "bytes", (gint64)viewer->bytes);
  json_builder_end_object (builder);
}

JsonNode *
forge_json_session (const ForgeSessionInfo *info)
{
  JsonBuilder *builder = begin_object ();

  add_int (builder, "id", info->id);
  add_int (builder, "channel_id", info->channel_id);
  add_int (builder, "number", info->channel_number);
  add_text (builder, "channel", info->channel);
  add_text (builder, "account", info->account);
  add_text (builder, "stream", info->stream);
  add_text (builder, "quality", forge_quality_name (info->quality));
  add_text (builder, "health", forge_health_name (info->health));
  add_int (builder, "bitrate_kbps", info->bitrate_kbps);
  add_int (builder, "uptime_s", info->uptime_s);
  add_int (builder, "failovers", info->failovers);
  add_int (builder, "bytes", (gint64)info->bytes);
  json_builder_set_member_name (builder, "bitrate_history_kbps");
  json_builder_begin_array (builder);
  for (guint i = 0; i < info->n_history; i++)
    json_builder_add_int_value (builder, info->history_kbps[i]);
  json_builder_end_array (builder);
  json_builder_set_member_name (builder, "clients");
  json_builder_begin_array (builder);
  for (guint i = 0; i < info->viewers->len; i++)
    add_viewer (builder, g_ptr_array_index (info->viewers, i));
  json_builder_end_array (builder);
  return end_object (builder);
}

static JsonNode *
session_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_session (item);
}

JsonNode *
forge_json_sessions (GPtrArray *sessions)
{
  return forge_json_array (sessions, session_shape, NULL);
}

JsonNode *
forge_json_event (const ForgeEvent *event)
{
  JsonBuilder *builder = begin_object ();

  add_int (builder, "id", event->id);
  add_time (builder, "time", event->time);
  add_text (builder, "level", forge_log_level_name (event->level));
  add_text (builder, "category", forge_event_category_name (event->category));
  add_text (builder, "message", event->message);
  add_text (builder, "details", event->details);
  add_bool (builder, "read", event->read);
  return end_object (builder);
}

static JsonNode *
account_shape (gconstpointer item, gpointer user_data)
{
  return forge_json_account (item);
}

static JsonNode *
problem_shape (gconstpointer item, gpointer user_data)
{
  const ForgeProblem *problem = item;
  JsonBuilder *builder = begin_object ();

  add_text (builder, "id", problem->id);
  add_text (builder, "severity", problem->severity);
  add_text (builder, "text", problem->text);
  add_text (builder, "fix", problem->fix);
  return end_object (builder);
}

static void
add_counts (JsonBuilder *builder, const ForgeSnapshot *snapshot, ForgeTuner *tuner, gint64 now_s)
{
  int total, used;

  forge_tuner_count (tuner, &total, &used);
  json_builder_set_member_name (builder, "tuners");
  json_builder_begin_object (builder);
  add_int (builder, "total", total);
  add_int (builder, "used", used);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "channels");
  json_builder_begin_object (builder);
  add_int (builder, "total", snapshot->channels_total);
  add_int (builder, "enabled", snapshot->channels_enabled);
  add_int (builder, "matched", snapshot->channels_matched);
  add_int (builder, "unmatched", snapshot->channels_total - snapshot->channels_matched);
  json_builder_end_object (builder);

  json_builder_set_member_name (builder, "guide");
  json_builder_begin_object (builder);
  add_int (builder, "sources", snapshot->guide.sources);
  add_int (builder, "channels", snapshot->guide.channels);
  add_int (builder, "programmes", snapshot->guide.programmes);
  add_int (builder, "hours_left", hours_until (snapshot->guide.last_stop, now_s));
  json_builder_end_object (builder);
}

JsonNode *
forge_json_status (ForgeEngine *engine)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  g_autofree char *lan_url = forge_http_server_lan_url (engine->server);
  gint64 now_s = forge_clock_wall_s (engine->clock);
  g_autoptr (GPtrArray) problems = forge_engine_find_problems (engine, snapshot);
  JsonBuilder *builder = begin_object ();

  add_text (builder, "version", FORGE_VERSION);
  add_bool (builder, "ready", g_atomic_int_get (&engine->is_ready));
  add_bool (builder, "paused", engine->is_paused);
  add_text (builder, "base_url", engine->url);
  add_text (builder, "lan_url", lan_url);
  add_int (builder,
           "uptime_s",
           (forge_clock_monotonic_us (engine->clock) - engine->started_us) / G_USEC_PER_SEC);
  add_text (builder, "secrets", forge_secrets_backend (engine->secrets));
  add_counts (builder, snapshot, engine->tuner, now_s);
  add_node (builder, "accounts", forge_json_array (snapshot->accounts, account_shape, NULL));
  add_node (builder, "problems", forge_json_array (problems, problem_shape, NULL));
  return end_object (builder);
}
