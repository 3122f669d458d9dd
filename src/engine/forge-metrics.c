/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-metrics.h"

#include "engine/forge-json-shapes.h"
#include "engine/forge-web.h"

static ForgeReply *
refuse_unless_loopback (const ForgeRequest *request)
{
  return request->is_loopback ? NULL : forge_reply_new_status (404);
}

/* HELP and TYPE lines, then the sample. `labels` with braces, or "". */
static void
append_metric (GString *out, const char *name, const char *type, const char *help, double value)
{
  char number[G_ASCII_DTOSTR_BUF_SIZE];

  g_string_append_printf (out,
                          "# HELP streamforge_%s %s\n# TYPE streamforge_%s %s\nstreamforge_%s %s\n",
                          name,
                          help,
                          name,
                          type,
                          name,
                          g_ascii_formatd (number, sizeof number, "%.12g", value));
}

static void
append_session_metrics (GString *out, GPtrArray *sessions)
{
  guint viewers = 0;
  guint64 bytes = 0;
  int failovers = 0;

  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSessionInfo *info = g_ptr_array_index (sessions, i);
    viewers += info->viewers->len;
    bytes += info->bytes;
    failovers += info->failovers;
  }
  append_metric (out, "sessions", "gauge", "Tuner sessions now.", sessions->len);
  append_metric (out, "viewers", "gauge", "Viewers now.", viewers);
  append_metric (out,
                 "session_source_bytes",
                 "gauge",
                 "Bytes read by the sessions of now.",
                 (double)bytes);
  append_metric (out, "session_failovers", "gauge", "Failovers of the sessions of now.", failovers);
}

static void
append_tuner_metrics (GString *out, ForgeTuner *tuner)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (tuner);
  ForgeMediaYields yields;
  int total, used;

  forge_tuner_count (tuner, &total, &used);
  forge_tuner_media_yields (tuner, &yields);
  append_metric (out, "tuners_total", "gauge", "Slots over all usable accounts.", total);
  append_metric (out, "tuners_used", "gauge", "Slots held now.", used);
  append_metric (out,
                 "media_yields_total",
                 "counter",
                 "Times live TV took the connection of a film or a download.",
                 yields.yields);
  append_metric (out,
                 "media_yield_slowest_seconds",
                 "gauge",
                 "The longest that one of them took to let it go.",
                 (double)yields.slowest_us / G_USEC_PER_SEC);
  append_session_metrics (out, sessions);
}

static void
append_http_metrics (GString *out, ForgeHttpServer *server)
{
  ForgeHttpServerStats stats;

  forge_http_server_stats (server, &stats);
  append_metric (out,
                 "http_requests_total",
                 "counter",
                 "HTTP requests answered.",
                 (double)stats.requests);
  append_metric (out,
                 "http_refused_hosts_total",
                 "counter",
                 "Requests refused for their Host.",
                 (double)stats.refused_hosts);
  append_metric (out,
                 "http_refused_peers_total",
                 "counter",
                 "Connections refused for their address.",
                 (double)stats.refused_peers);
  append_metric (out, "http_connections", "gauge", "HTTP connections open now.", stats.connections);
}

static void
append_media_metrics (GString *out, ForgeMediaService *media)
{
  ForgeResolverStats stats;

  forge_media_service_stats (media, &stats);
  append_metric (out,
                 "media_bodies",
                 "gauge",
                 "Films being sent now.",
                 forge_media_service_bodies (media));
  append_metric (out,
                 "resolver_hits_total",
                 "counter",
                 "Titles that were known.",
                 (double)stats.hits);
  append_metric (out,
                 "resolver_stale_hits_total",
                 "counter",
                 "Titles that were known and are read anew.",
                 (double)stats.stale_hits);
  append_metric (out,
                 "resolver_misses_total",
                 "counter",
                 "Titles that had to be read.",
                 (double)stats.misses);
  append_metric (out,
                 "resolver_refreshes_total",
                 "counter",
                 "Titles and pages looked up again because their source failed.",
                 (double)stats.refreshes);
}

static ForgeReply *
handle_metrics (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeEngine *engine = user_data;
  ForgeReply *refusal = refuse_unless_loopback (request);

  if (refusal)
    return refusal;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  gint64 uptime_us = forge_clock_monotonic_us (engine->clock) - engine->started_us;
  GString *out = g_string_new (NULL);
  append_metric (out,
                 "uptime_seconds",
                 "gauge",
                 "Seconds since the start.",
                 (double)uptime_us / G_USEC_PER_SEC);
  append_tuner_metrics (out, engine->tuner);
  append_metric (out,
                 "channels_enabled",
                 "gauge",
                 "Channels in the lineup.",
                 snapshot->channels_enabled);
  append_metric (out,
                 "guide_programmes",
                 "gauge",
                 "Programmes stored.",
                 snapshot->guide.programmes);
  append_http_metrics (out, engine->server);
  append_media_metrics (out, engine->media);
  forge_web_append_metrics (engine->web, out);
  return forge_reply_new_text ("text/plain; version=0.0.4; charset=utf-8",
                               g_string_free (out, FALSE));
}

static ForgeReply *
handle_status (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeReply *refusal = refuse_unless_loopback (request);

  return refusal ? refusal : forge_json_reply (forge_json_status (user_data));
}

static ForgeReply *
handle_sessions (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeEngine *engine = user_data;
  ForgeReply *refusal = refuse_unless_loopback (request);

  if (refusal)
    return refusal;
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (engine->tuner);
  return forge_json_reply (forge_json_sessions (sessions));
}

void
forge_metrics_register (ForgeEngine *engine, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/metrics", FORGE_RUN_CONTROL, handle_metrics, engine);
  forge_router_add (router, "GET", "/api/status", FORGE_RUN_CONTROL, handle_status, engine);
  forge_router_add (router, "GET", "/api/sessions", FORGE_RUN_CONTROL, handle_sessions, engine);
}
