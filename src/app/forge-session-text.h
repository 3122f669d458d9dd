/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-watch.h"
#include "model/forge-session-info.h"

G_BEGIN_DECLS

/* Sessions and problems in words, for window, tray and notifications. All (transfer full) unless
 * noted. Thread: any. */

/* "BBC One – Plex (192.168.1.5)", "BBC One – 3 viewers". */
char *forge_session_summary (const ForgeSessionInfo *session) G_GNUC_WARN_UNUSED_RESULT;
/* "Plex", "Jellyfin", "VLC" … from the user agent, else the user agent's first word, else "Player".
 */
char *forge_viewer_name (const ForgeViewerInfo *viewer) G_GNUC_WARN_UNUSED_RESULT;
/* "7.9 Mbit/s", "640 kbit/s", "–" for 0. */
char *forge_bitrate_text (int kbps) G_GNUC_WARN_UNUSED_RESULT;
/* "45 s", "12 min", "3 h 20 min", "2 d 4 h". */
char *forge_duration_text (gint64 seconds) G_GNUC_WARN_UNUSED_RESULT;
/* Translated: "Playing", "Starting" … (transfer none) */
const char *forge_health_text (ForgeHealth health);
/* Viewers over all sessions. */
guint forge_live_count_viewers (const ForgeLive *live);

G_END_DECLS
