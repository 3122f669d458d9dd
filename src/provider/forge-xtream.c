/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-xtream.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <string.h>

#define MAX_NAME_BYTES   512
#define MAX_EPG_BYTES    256
#define MAX_ARCHIVE_DAYS 365

/* ---- one stream ---- */

/* Seen: "0", "null", "undefined" and "(no tvg-id)" for no id. */
static char *
read_epg_id (JsonObject *object)
{
  static const char *const none[] = { "0", "null", "undefined", "(no tvg-id)" };
  char *id = forge_xtream_clean (forge_json_text (object, "epg_channel_id"), MAX_EPG_BYTES);

  for (gsize i = 0; id && i < G_N_ELEMENTS (none); i++)
    if (g_ascii_strcasecmp (id, none[i]) == 0)
      g_clear_pointer (&id, g_free);
  return id;
}

/* An archive of unknown length counts as one day. */
static int
read_archive_days (JsonObject *object)
{
  if (!forge_json_bool (object, "tv_archive", FALSE))
    return 0;
  return (int)CLAMP (forge_json_int (object, "tv_archive_duration", 1), 1, MAX_ARCHIVE_DAYS);
}

ForgeStream *
forge_xtream_parse_stream (JsonObject *object, GHashTable *categories)
{
  gint64 remote_id = forge_json_int (object, "stream_id", 0);
  g_autofree char *name = forge_xtream_clean (forge_json_text (object, "name"), MAX_NAME_BYTES);

  if (remote_id <= 0 || !name)
    return NULL;
  ForgeStream *stream = forge_stream_new ();
  stream->remote_id = remote_id;
  stream->quality = forge_quality_from_name (name);
  stream->name = g_steal_pointer (&name);
  stream->epg_id = read_epg_id (object);
  stream->icon = forge_xtream_read_picture (object, "stream_icon");
  stream->group = forge_xtream_read_group (object, categories);
  stream->archive_days = read_archive_days (object);
  stream->available = TRUE;
  return stream;
}

/* ---- the list ---- */

GHashTable *
forge_xtream_live_categories (ForgeHttp *http,
                              const ForgeXtreamLogin *login,
                              GCancellable *cancellable,
                              GError **error)
{
  return forge_xtream_categories (http,
                                  login,
                                  "get_live_categories",
                                  "live categories",
                                  cancellable,
                                  error);
}

typedef struct {
  GHashTable *categories;
  ForgeXtreamStreamFunc each;
  gpointer user_data;
} StreamList;

static ForgeXtreamRow
take_stream (JsonObject *row, guint position, gpointer user_data, GError **error)
{
  StreamList *list = user_data;
  g_autoptr (ForgeStream) stream = forge_xtream_parse_stream (row, list->categories);

  if (!stream)
    return FORGE_XTREAM_ROW_UNUSABLE;
  stream->position = (int)position;
  return list->each (stream, list->user_data, error) ? FORGE_XTREAM_ROW_TAKEN
                                                     : FORGE_XTREAM_ROW_STOP;
}

gboolean
forge_xtream_live_streams (ForgeHttp *http,
                           const ForgeXtreamLogin *login,
                           GHashTable *categories,
                           ForgeXtreamStreamFunc each,
                           gpointer user_data,
                           ForgeJsonCounts *counts,
                           GCancellable *cancellable,
                           GError **error)
{
  StreamList list = { categories, each, user_data };

  return forge_xtream_list (http,
                            login,
                            "get_live_streams",
                            "live streams",
                            take_stream,
                            &list,
                            counts,
                            cancellable,
                            error);
}

/* ---- addresses ---- */

static char *
live_url (const ForgeXtreamLogin *login, gint64 remote_id, const char *extension)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/live/%s/%s/%" G_GINT64_FORMAT "%s",
                          login->server,
                          username,
                          password,
                          remote_id,
                          extension);
}

char *
forge_xtream_live_url (const ForgeXtreamLogin *login, gint64 remote_id)
{
  return live_url (login, remote_id, ".ts");
}

char *
forge_xtream_live_playlist_url (const ForgeXtreamLogin *login, gint64 remote_id)
{
  return live_url (login, remote_id, ".m3u8");
}

char *
forge_xtream_guide_url (const ForgeXtreamLogin *login)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/xmltv.php?username=%s&password=%s",
                          login->server,
                          username,
                          password);
}

/* Seen: "Europe/Berlin"; nonsense and nothing are taken for UTC. */
static char *
format_panel_time (gint64 start_s, const char *panel_zone, const char *format)
{
  g_autoptr (GTimeZone) known = panel_zone ? g_time_zone_new_identifier (panel_zone) : NULL;
  g_autoptr (GTimeZone) zone = known ? g_steal_pointer (&known) : g_time_zone_new_utc ();
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (start_s);
  g_autoptr (GDateTime) local = utc ? g_date_time_to_timezone (utc, zone) : NULL;

  return local ? g_date_time_format (local, format) : NULL;
}

char *
forge_xtream_catchup_url (const ForgeXtreamLogin *login,
                          gint64 remote_id,
                          gint64 start_s,
                          guint minutes,
                          const char *panel_zone,
                          guint shape)
{
  static const char *const formats[FORGE_XTREAM_CATCHUP_SHAPES] = { "%Y-%m-%d:%H-%M",
                                                                    "%Y-%m-%d_%H-%M",
                                                                    "%Y-%m-%d:%H:%M:%S",
                                                                    "%Y-%m-%d:%H-%M" };
  if (shape >= FORGE_XTREAM_CATCHUP_SHAPES)
    return NULL;
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);
  g_autofree char *start = format_panel_time (start_s, panel_zone, formats[shape]);

  if (!start)
    return NULL;
  if (shape < FORGE_XTREAM_CATCHUP_SHAPES - 1)
    return g_strdup_printf ("%s/timeshift/%s/%s/%u/%s/%" G_GINT64_FORMAT ".ts",
                            login->server,
                            username,
                            password,
                            minutes,
                            start,
                            remote_id);
  return g_strdup_printf (
      "%s/streaming/timeshift.php?username=%s&password=%s&stream=%" G_GINT64_FORMAT
      "&start=%s&duration=%u",
      login->server,
      username,
      password,
      remote_id,
      start,
      minutes);
}
