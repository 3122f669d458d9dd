/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-tuner-pages-private.h"

#include <string.h>

/* Spec: facts hdhomerun.md §3.3 to §3.5. The URLs hold the number and not the position, so that a
 * reorder changes none. */

static guint
channel_count (const ForgePagesSnapshot *now)
{
  return now->lineup ? forge_lineup_size (now->lineup) : 0;
}

static gboolean
is_hd (const ForgeChannel *channel)
{
  return forge_channel_best_quality (channel) >= FORGE_QUALITY_HD;
}

static void
add_json_channel (JsonBuilder *builder, const ForgeChannel *channel, const char *base_url)
{
  g_autofree char *number = g_strdup_printf ("%d", channel->number);
  g_autofree char *url = g_strdup_printf ("%s/auto/v%d", base_url, channel->number);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "GuideNumber");
  json_builder_add_string_value (builder, number);
  json_builder_set_member_name (builder, "GuideName");
  json_builder_add_string_value (builder, channel->name);
  json_builder_set_member_name (builder, "URL");
  json_builder_add_string_value (builder, url);
  if (is_hd (channel)) {
    json_builder_set_member_name (builder, "HD");
    json_builder_add_int_value (builder, 1);
  }
  if (channel->favorite) {
    json_builder_set_member_name (builder, "Favorite");
    json_builder_add_int_value (builder, 1);
  }
  json_builder_end_object (builder);
}

static ForgeReply *
on_lineup_json (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  forge_pages_snapshot (user_data, request->local_port, &now);
  json_builder_begin_array (builder);
  for (guint i = 0; i < channel_count (&now); i++)
    add_json_channel (builder, forge_lineup_channel (now.lineup, i), request->base_url);
  json_builder_end_array (builder);
  return forge_pages_json (builder);
}

static void
append_xml_channel (GString *xml, const ForgeChannel *channel, const char *base_url)
{
  g_string_append_printf (xml,
                          "<Program><GuideNumber>%d</GuideNumber><GuideName>",
                          channel->number);
  forge_pages_append_text (xml, channel->name);
  g_string_append (xml, "</GuideName>");
  if (is_hd (channel))
    g_string_append (xml, "<HD>1</HD>");
  if (channel->favorite)
    g_string_append (xml, "<Favorite>1</Favorite>");
  g_string_append (xml, "<URL>");
  forge_pages_append_text (xml, base_url);
  g_string_append_printf (xml, "/auto/v%d</URL></Program>\n", channel->number);
}

static ForgeReply *
on_lineup_xml (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  GString *xml =
      g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<Lineup>\n");

  forge_pages_snapshot (user_data, request->local_port, &now);
  for (guint i = 0; i < channel_count (&now); i++)
    append_xml_channel (xml, forge_lineup_channel (now.lineup, i), request->base_url);
  g_string_append (xml, "</Lineup>\n");
  return forge_pages_document (FORGE_TYPE_XML, g_string_free (xml, FALSE));
}

static void
append_html_channel (GString *html, const ForgeChannel *channel)
{
  g_string_append_printf (html,
                          "<tr><td>%d</td><td><a href=\"/auto/v%d\">",
                          channel->number,
                          channel->number);
  forge_pages_append_text (html, channel->name);
  g_string_append (html, "</a></td></tr>\n");
}

static ForgeReply *
on_lineup_html (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  g_auto (ForgePagesSnapshot) now = { 0 };
  GString *html = g_string_new ("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
                                "<title>Lineup</title></head><body><h1>Lineup</h1>\n<table>\n"
                                "<tr><th>Number</th><th>Channel</th></tr>\n");

  forge_pages_snapshot (user_data, request->local_port, &now);
  for (guint i = 0; i < channel_count (&now); i++)
    append_html_channel (html, forge_lineup_channel (now.lineup, i));
  g_string_append (html, "</table>\n</body></html>\n");
  return forge_pages_document (FORGE_TYPE_HTML, g_string_free (html, FALSE));
}

/* Text for M3U attributes and titles: the format has no escape. */
static void
append_m3u_text (GString *m3u, const char *text)
{
  for (const char *at = text; at && *at; at++) {
    if (*at == '"')
      g_string_append_c (m3u, '\'');
    else if ((guchar)*at >= 0x20 && *at != 0x7f)
      g_string_append_c (m3u, *at);
  }
}

static void
append_m3u_attribute (GString *m3u, const char *name, const char *text)
{
  if (!text || !*text)
    return;
  g_string_append_printf (m3u, " %s=\"", name);
  append_m3u_text (m3u, text);
  g_string_append_c (m3u, '"');
}

/* What has been is at the channel's own address, in the words of Kodi's IPTV Simple. */
static void
append_m3u_catchup (GString *m3u, const ForgeChannel *channel, const char *base_url)
{
  int days = forge_pages_archive_days (channel);

  if (days > 0)
    g_string_append_printf (m3u,
                            " catchup=\"default\" catchup-days=\"%d\" catchup-source=\"%s/stream/"
                            "%" G_GINT64_FORMAT "?start={utc}&duration={duration}\"",
                            days,
                            base_url,
                            channel->id);
}

static void
append_m3u_channel (GString *m3u,
                    const ForgeChannel *channel,
                    const ForgePagesPlaylist *playlist,
                    const char *url)
{
  const char *base_url = playlist->base_url;
  g_autofree char *number = g_strdup_printf ("%d", channel->number);
  g_autofree char *logo =
      channel->logo ? g_strdup_printf ("%s/logo/%" G_GINT64_FORMAT, base_url, channel->id) : NULL;

  g_string_append (m3u, "#EXTINF:-1");
  append_m3u_attribute (m3u, "channel-id", channel->guide_id);
  append_m3u_attribute (m3u, "channel-number", number);
  append_m3u_attribute (m3u, "tvg-id", channel->guide_id);
  append_m3u_attribute (m3u, "tvg-chno", number);
  append_m3u_attribute (m3u, "tvg-name", channel->name);
  append_m3u_attribute (m3u, "tvg-logo", logo);
  append_m3u_attribute (m3u, "group-title", channel->group);
  append_m3u_attribute (m3u, "audio-track", channel->audio_track);
  if (!playlist->username)
    append_m3u_catchup (m3u, channel, base_url);
  g_string_append_c (m3u, ',');
  append_m3u_text (m3u, channel->name);
  g_string_append_printf (m3u, "\n%s\n", url);
}

static char *
channel_url (const ForgePagesPlaylist *playlist, const ForgeChannel *channel)
{
  if (playlist->username)
    return g_strdup_printf ("%s/live/%s/%s/%" G_GINT64_FORMAT ".ts",
                            playlist->base_url,
                            playlist->username,
                            playlist->password,
                            channel->id);
  if (playlist->by_number)
    return g_strdup_printf ("%s/auto/v%d", playlist->base_url, channel->number);
  return g_strdup_printf ("%s/stream/%" G_GINT64_FORMAT, playlist->base_url, channel->id);
}

static void
append_m3u_head (GString *m3u, const ForgePagesPlaylist *playlist)
{
  g_autofree char *guide = playlist->username
                               ? g_strdup_printf ("/xmltv.php?username=%s&password=%s",
                                                  playlist->username,
                                                  playlist->password)
                               : g_strdup ("/epg.xml");

  g_string_append (m3u, "#EXTM3U");
  if (!playlist->is_plain)
    g_string_append_printf (m3u,
                            " url-tvg=\"%s%s\" x-tvg-url=\"%s%s\"",
                            playlist->base_url,
                            guide,
                            playlist->base_url,
                            guide);
  g_string_append_c (m3u, '\n');
}

char *
forge_pages_playlist_text (const ForgePagesPlaylist *playlist)
{
  GString *m3u = g_string_new (NULL);

  append_m3u_head (m3u, playlist);
  for (guint i = 0; playlist->lineup && i < forge_lineup_size (playlist->lineup); i++) {
    const ForgeChannel *channel = forge_lineup_channel (playlist->lineup, i);
    g_autofree char *url = channel_url (playlist, channel);
    if (!playlist->is_plain) {
      append_m3u_channel (m3u, channel, playlist, url);
      continue;
    }
    g_string_append (m3u, "#EXTINF:-1,");
    append_m3u_text (m3u, channel->name);
    g_string_append_printf (m3u, "\n%s\n", url);
  }
  return g_string_free (m3u, FALSE);
}

static ForgeReply *
build_m3u (ForgeTunerPages *pages, const ForgeRequest *request, gboolean by_number)
{
  g_auto (ForgePagesSnapshot) now = { 0 };

  forge_pages_snapshot (pages, request->local_port, &now);
  const ForgePagesPlaylist playlist = { .lineup = now.lineup,
                                        .base_url = request->base_url,
                                        .by_number = by_number };
  return forge_pages_document (FORGE_TYPE_M3U, forge_pages_playlist_text (&playlist));
}

static ForgeReply *
on_lineup_m3u (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return build_m3u (user_data, request, TRUE);
}

static ForgeReply *
on_playlist (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return build_m3u (user_data, request, FALSE);
}

/* There is nothing to scan, but Plex waits for the end of one. */
static ForgeReply *
on_lineup_status (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_pages_document (FORGE_TYPE_JSON,
                               g_strdup (
                                   "{\"ScanInProgress\":0,\"ScanPossible\":1,\"Source\":\"Cable\","
                                   "\"SourceList\":[\"Cable\"]}"));
}

/* "+5" favourite, "-5" not, "x5" hidden; the "+" of a form may have become a blank. What is in the
 * lineup is the user's decision, so a known channel is acknowledged and stays as it is. */
static gboolean
is_known_favorite (ForgeTunerPages *pages, const ForgeRequest *request)
{
  const char *wish = forge_request_query (request, "favorite");
  g_auto (ForgePagesSnapshot) now = { 0 };
  guint64 number;

  if (!wish || !*wish || !strchr ("+ -x", *wish) ||
      !g_ascii_string_to_unsigned (wish + 1, 10, 1, G_MAXINT, &number, NULL))
    return FALSE;
  forge_pages_snapshot (pages, request->local_port, &now);
  return now.lineup && forge_lineup_find_number (now.lineup, (int)number);
}

static ForgeReply *
on_lineup_post (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  const char *scan = forge_request_query (request, "scan");
  gboolean is_known = (scan && (strcmp (scan, "start") == 0 || strcmp (scan, "abort") == 0)) ||
                      is_known_favorite (user_data, request);

  return forge_reply_new_status (is_known ? 200 : 400);
}

void
forge_pages_add_lineup (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/lineup.json", FORGE_RUN_JOB, on_lineup_json, pages);
  forge_router_add (router, "GET", "/lineup.xml", FORGE_RUN_JOB, on_lineup_xml, pages);
  forge_router_add (router, "GET", "/lineup.html", FORGE_RUN_JOB, on_lineup_html, pages);
  forge_router_add (router, "GET", "/lineup.m3u", FORGE_RUN_JOB, on_lineup_m3u, pages);
  forge_router_add (router, "GET", "/playlist.m3u", FORGE_RUN_JOB, on_playlist, pages);
  forge_router_add (router,
                    "GET",
                    "/lineup_status.json",
                    FORGE_RUN_CONTROL,
                    on_lineup_status,
                    pages);
  forge_router_add (router, "GET|POST", "/lineup.post", FORGE_RUN_CONTROL, on_lineup_post, pages);
}
