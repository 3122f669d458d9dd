/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-tuner-pages-private.h"

/* Spec: facts hdhomerun.md §3.6. A tuner is a session here; they fill the tuners oldest first. */

static const ForgeSessionInfo *
session_at (GPtrArray *sessions, guint index)
{
  return index < sessions->len ? g_ptr_array_index (sessions, index) : NULL;
}

static guint
count_rows (ForgeTunerPages *pages, GPtrArray *sessions)
{
  return MAX ((guint)forge_pages_tuner_count (pages), sessions->len);
}

static void
add_number (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

static void
add_text (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, value ? value : "");
}

static void
add_busy (JsonBuilder *builder, const ForgeSessionInfo *session)
{
  g_autofree char *number = g_strdup_printf ("%d", session->channel_number);
  gint64 strength = session->health == FORGE_HEALTH_HEALTHY ? 100 : 50;

  add_text (builder, "VctNumber", number);
  add_text (builder, "VctName", session->channel);
  add_number (builder, "Frequency", 0);
  add_number (builder, "SignalStrengthPercent", strength);
  add_number (builder, "SignalQualityPercent", strength);
  add_number (builder, "SymbolQualityPercent", strength);
  if (session->viewers->len) {
    const ForgeViewerInfo *viewer = g_ptr_array_index (session->viewers, 0);
    add_text (builder, "TargetIP", viewer->address);
  }
  add_number (builder, "NetworkRate", (gint64)session->bitrate_kbps * 1000);
}

static ForgeReply *
on_status (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (pages->tuner);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < count_rows (pages, sessions); i++) {
    g_autofree char *name = g_strdup_printf ("tuner%u", i);
    json_builder_begin_object (builder);
    add_text (builder, "Resource", name);
    if (session_at (sessions, i))
      add_busy (builder, session_at (sessions, i));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
  return forge_pages_json (builder);
}

static void
append_tuners (GString *html, ForgeTunerPages *pages)
{
  g_autoptr (GPtrArray) sessions = forge_tuner_list_sessions (pages->tuner);

  g_string_append (html, "<table>\n");
  for (guint i = 0; i < count_rows (pages, sessions); i++) {
    const ForgeSessionInfo *session = session_at (sessions, i);
    g_string_append_printf (html, "<tr><td>Tuner %u Channel</td><td>", i);
    if (session) {
      g_string_append_printf (html, "%d ", session->channel_number);
      forge_pages_append_text (html, session->channel);
      g_string_append_printf (html,
                              ", %u watching, %s",
                              session->viewers->len,
                              forge_health_name (session->health));
    } else {
      g_string_append (html, "not in use");
    }
    g_string_append (html, "</td></tr>\n");
  }
  g_string_append (html, "</table>\n");
}

static GString *
begin_page (const char *title)
{
  GString *html = g_string_new (
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\">"
      "<meta name=\"color-scheme\" content=\"light dark\">"
      "<style>body{font-family:sans-serif;max-width:50em;margin:2em auto;padding:0 1em}"
      "td,dt,dd{padding:.2em .8em .2em 0}code{user-select:all}</style><title>");

  forge_pages_append_text (html, title);
  g_string_append (html, "</title></head><body>\n<h1>");
  forge_pages_append_text (html, title);
  g_string_append (html, "</h1>\n");
  return html;
}

static ForgeReply *
end_page (GString *html)
{
  ForgeReply *reply;

  g_string_append (html, "</body></html>\n");
  reply = forge_pages_document (FORGE_TYPE_HTML, g_string_free (html, FALSE));
  forge_reply_add_header (reply,
                          "Content-Security-Policy",
                          "default-src 'none'; style-src 'unsafe-inline'");
  forge_reply_add_header (reply, "X-Content-Type-Options", "nosniff");
  return reply;
}

static ForgeReply *
on_tuners_html (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  GString *html = begin_page ("Tuners");

  append_tuners (html, user_data);
  return end_page (html);
}

static ForgeReply *
on_health (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_pages_document (FORGE_TYPE_JSON, g_strdup ("{\"status\":\"ok\"}"));
}

static ForgeReply *
on_ready (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  ForgeReply *reply;

  forge_pages_snapshot (user_data, request->local_port, &now);
  if (now.lineup)
    return forge_pages_document (FORGE_TYPE_JSON, g_strdup ("{\"status\":\"ready\"}"));
  reply = forge_reply_new_status (503);
  forge_reply_add_header (reply, "Retry-After", "1");
  return reply;
}

void
forge_pages_add_status (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/status.json", FORGE_RUN_CONTROL, on_status, pages);
  forge_router_add (router, "GET", "/tuners.html", FORGE_RUN_CONTROL, on_tuners_html, pages);
  forge_router_add (router, "GET", "/health", FORGE_RUN_CONTROL, on_health, pages);
  forge_router_add (router, "GET", "/ready", FORGE_RUN_CONTROL, on_ready, pages);
}
