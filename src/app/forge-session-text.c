/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-session-text.h"

#include <glib/gi18n.h>

#include <string.h>

#define KBPS_PER_MBPS 1000.0

/* What a user agent contains, and what people call it; the first that fits. */
static const struct {
  const char *mark, *name;
} players[] = {
  { "plex", "Plex" },           { "jellyfin", "Jellyfin" }, { "emby", "Emby" },
  { "channels", "Channels" },   { "kodi", "Kodi" },         { "vlc", "VLC" },
  { "tvheadend", "Tvheadend" }, { "mpv", "mpv" },           { "lavf", "FFmpeg" },
  { "appletv", "Apple TV" },    { "android", "Android" },   { "curl", "curl" },
};

char *
forge_viewer_name (const ForgeViewerInfo *viewer)
{
  g_autofree char *lower = viewer->user_agent ? g_ascii_strdown (viewer->user_agent, -1) : NULL;

  if (!lower || !*lower)
    return g_strdup (_ ("Player"));
  for (gsize i = 0; i < G_N_ELEMENTS (players); i++)
    if (strstr (lower, players[i].mark))
      return g_strdup (players[i].name);
  return g_strndup (viewer->user_agent, strcspn (viewer->user_agent, "/ ("));
}

char *
forge_session_summary (const ForgeSessionInfo *session)
{
  guint n = session->viewers->len;

  if (n != 1)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s – %u viewer", "%s – %u viewers", n),
                            session->channel,
                            n);
  const ForgeViewerInfo *viewer = g_ptr_array_index (session->viewers, 0);
  g_autofree char *name = forge_viewer_name (viewer);
  return g_strdup_printf ("%s – %s (%s)", session->channel, name, viewer->address);
}

char *
forge_bitrate_text (int kbps)
{
  if (kbps <= 0)
    return g_strdup ("–");
  if (kbps < KBPS_PER_MBPS)
    return g_strdup_printf (_ ("%d kbit/s"), kbps);
  return g_strdup_printf (_ ("%.1f Mbit/s"), kbps / KBPS_PER_MBPS);
}

char *
forge_duration_text (gint64 seconds)
{
  int minutes = (int)(seconds / 60), hours = minutes / 60, days = hours / 24;

  if (minutes == 0)
    return g_strdup_printf (_ ("%d s"), (int)MAX (seconds, 0));
  if (hours == 0)
    return g_strdup_printf (_ ("%d min"), minutes);
  if (days == 0 && minutes % 60 == 0)
    return g_strdup_printf (_ ("%d h"), hours);
  if (days == 0)
    return g_strdup_printf (_ ("%d h %d min"), hours, minutes % 60);
  if (hours % 24 == 0)
    return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%d day", "%d days", (gulong)days), days);
  return g_strdup_printf (_ ("%d d %d h"), days, hours % 24);
}

const char *
forge_health_text (ForgeHealth health)
{
  static const char *const texts[] = {
    N_ ("Starting"),        N_ ("Playing"),         N_ ("Waiting for data"),
    N_ ("Changing source"), N_ ("Showing a still"),
  };

  return _ (texts[health]);
}

guint
forge_live_count_viewers (const ForgeLive *live)
{
  guint n = 0;

  for (guint i = 0; live && i < live->sessions->len; i++) {
    const ForgeSessionInfo *session = g_ptr_array_index (live->sessions, i);
    n += session->viewers->len;
  }
  return n;
}
