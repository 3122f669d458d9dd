/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-guide.h"

#include <string.h>

#define DAY_S             86400
#define DAYS_LEFT         30
#define SHORT_GUIDE_LIMIT 4
#define SHORT_GUIDE_HOURS 24
#define SHORT_GUIDE_MAX   100

typedef struct {
  guint max, active;
  const char *status;
} Standing;

static Standing
standing_of (ForgeFakeProvider *provider)
{
  ForgeFakeFaults state;
  ForgeFakeAllowance allowance;

  pthread_mutex_lock (&provider->lock);
  forge_fake_script_take (provider->script,
                          FORGE_FAKE_TARGET_ACCOUNT,
                          0,
                          FORGE_FAKE_ALL_VERBS,
                          &state);
  forge_fake_allowance_locked (provider, &allowance);
  Standing standing = { allowance.max, forge_fake_slots_used (provider->slots), "Active" };
  pthread_mutex_unlock (&provider->lock);

  if (forge_fake_has (&state, FORGE_FAKE_STRANGERS))
    standing.active += (guint)state.values[FORGE_FAKE_STRANGERS];
  if (forge_fake_has (&state, FORGE_FAKE_EXPIRED))
    standing.status = "Expired";
  if (forge_fake_has (&state, FORGE_FAKE_BANNED))
    standing.status = "Banned";
  return standing;
}

/* The members whose types differ from panel to panel. */
static void
append_account (GString *out, const Standing *standing, gint64 now_s, gboolean has_odd_types)
{
  gboolean is_expired = strcmp (standing->status, "Expired") == 0;

  g_string_append_printf (out,
                          has_odd_types
                              ? "\"auth\":\"1\",\"status\":\"%s\",\"exp_date\":%" G_GINT64_FORMAT
                                ",\"is_trial\":0,\"active_cons\":\"%u\",\"max_connections\":%u"
                              : "\"auth\":1,\"status\":\"%s\",\"exp_date\":\"%" G_GINT64_FORMAT
                                "\",\"is_trial\":\"0\",\"active_cons\":%u,"
                                "\"max_connections\":\"%u\"",
                          standing->status,
                          now_s + (is_expired ? -1 : DAYS_LEFT) * DAY_S,
                          standing->active,
                          standing->max);
}

static char *
login_json (ForgeFakeProvider *provider, gboolean has_odd_types)
{
  Standing standing = standing_of (provider);
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_s);
  g_autofree char *time_now = g_date_time_format (now, "%Y-%m-%d %H:%M:%S");
  g_autoptr (GString) out = g_string_new ("{\"user_info\":{\"username\":");

  forge_fake_append_json (out, provider->username);
  g_string_append (out, ",\"password\":");
  forge_fake_append_json (out, provider->password);
  g_string_append (out, ",\"message\":\"\",");
  append_account (out, &standing, now_s, has_odd_types);
  g_string_append_printf (
      out,
      ",\"created_at\":\"1700000000\",\"allowed_output_formats\":"
      "[\"m3u8\",\"ts\"]},\"server_info\":{\"url\":\"127.0.0.1\",\"port\":"
      "\"%s\",\"https_port\":\"\",\"server_protocol\":\"http\","
      "\"rtmp_port\":\"\",\"timezone\":\"UTC\",\"timestamp_now\":%" G_GINT64_FORMAT
      ",\"time_now\":\"%s\"}}",
      strrchr (provider->url, ':') + 1,
      now_s,
      time_now);
  return g_string_free (g_steal_pointer (&out), FALSE);
}

gboolean
forge_fake_login_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeFaults faults;
  ForgeFakeBody body;

  if (!forge_fake_document_faults (connection, request, FORGE_FAKE_TARGET_LOGIN, &faults))
    return !connection->must_close;

  g_autofree char *json =
      login_json (connection->provider, forge_fake_has (&faults, FORGE_FAKE_STRINGS));
  if (forge_fake_has (&faults, FORGE_FAKE_EMPTY))
    json[0] = '\0';
  if (forge_fake_has (&faults, FORGE_FAKE_TRUNCATED))
    json[strlen (json) / 2] = '\0';
  forge_fake_body_begin (&body, connection, request, &faults, "application/json", NULL);
  g_string_append (body.text, json);
  return forge_fake_body_end (&body);
}

typedef struct {
  GString *out;
  const ForgeFakeChannel *channel;
  guint left, written;
} ShortGuide;

static void
append_base64 (GString *out, const char *name, const char *text)
{
  g_autofree char *encoded = g_base64_encode ((const guchar *)text, strlen (text));

  g_string_append_printf (out, ",\"%s\":\"%s\"", name, encoded);
}

static void
on_short_programme (const ForgeFakeProgramme *programme, gpointer user_data)
{
  ShortGuide *guide = user_data;

  if (guide->left == 0)
    return;
  guide->left--;
  g_string_append_printf (guide->out,
                          "%s{\"id\":\"%u\",\"epg_id\":\"1\",\"lang\":\"%s\",\"start_timestamp\":"
                          "\"%" G_GINT64_FORMAT "\",\"stop_timestamp\":\"%" G_GINT64_FORMAT
                          "\",\"channel_id\":\"%s\"",
                          guide->written > 0 ? "," : "",
                          guide->written + 1,
                          guide->channel->language,
                          programme->start_s,
                          programme->stop_s,
                          guide->channel->guide_id);
  guide->written++;
  append_base64 (guide->out, "title", programme->title);
  append_base64 (guide->out, "description", programme->description);
  g_string_append_c (guide->out, '}');
}

static char *
short_guide_json (const ForgeFakeProvider *provider, guint stream_id, guint limit)
{
  const ForgeFakeChannel *channel = forge_fake_catalogue_channel (provider->catalogue, stream_id);
  g_autoptr (GString) out = g_string_new ("{\"epg_listings\":[");
  ShortGuide guide = { out, channel, limit, 0 };
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  if (channel)
    forge_fake_guide_each (channel,
                           now_s,
                           now_s + SHORT_GUIDE_HOURS * 3600,
                           on_short_programme,
                           &guide);
  g_string_append (out, "]}");
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static guint
query_number (const ForgeFakeRequest *request, const char *key)
{
  return (guint)MIN (g_ascii_strtoull (forge_fake_request_query (request, key), NULL, 10),
                     G_MAXINT32);
}

static char *
document_for (const ForgeFakeProvider *provider,
              const ForgeFakeRequest *request,
              const char *action)
{
  if (strcmp (action, "get_short_epg") == 0) {
    guint limit = query_number (request, "limit");
    return short_guide_json (provider,
                             query_number (request, "stream_id"),
                             limit > 0 ? limit : SHORT_GUIDE_LIMIT);
  }
  if (strcmp (action, "get_simple_data_table") == 0)
    return short_guide_json (provider, query_number (request, "stream_id"), SHORT_GUIDE_MAX);
  return forge_fake_library_json (
      provider,
      action,
      query_number (request, strcmp (action, "get_series_info") == 0 ? "series_id" : "vod_id"));
}

gboolean
forge_fake_api_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  const char *action = forge_fake_request_query (request, "action");

  if (*action == '\0' || strcmp (action, "get_account_info") == 0)
    return forge_fake_login_reply (connection, request);
  if (strcmp (action, "get_live_streams") == 0)
    return forge_fake_list_reply (connection, request);

  g_autofree char *json = document_for (connection->provider, request, action);
  return forge_fake_reply (connection, request, 200, "application/json", NULL, json);
}
