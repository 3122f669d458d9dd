/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-session-private.h"

#include <string.h>

/* What others may know of a session: the tuner, admission, and people. */

/* Media that stands still for longer is shown as stalled, before the relay gives up on it. */
#define STALLED_MS  1000
#define MAX_VIEWERS 256 /* listed per session */

gint64
forge_session_id (const ForgeSession *session)
{
  return session->id;
}

gint64
forge_session_channel_id (const ForgeSession *session)
{
  return session->channel->id;
}

ForgeFeedId
forge_session_feed (const ForgeSession *session)
{
  return session->feed;
}

int
forge_session_number (const ForgeSession *session)
{
  return session->number;
}

gboolean
forge_session_names_tuner (const ForgeSession *session)
{
  return session->names_tuner;
}

gint64
forge_session_created_us (const ForgeSession *session)
{
  return session->created_us;
}

gboolean
forge_session_is_waiting (const ForgeSession *session)
{
  return session->state == FORGE_SESSION_WAITING;
}

gboolean
forge_session_wants_room (const ForgeSession *session)
{
  return session->state == FORGE_SESSION_WAITING || session->is_short_of_room;
}

gboolean
forge_session_is_open (const ForgeSession *session)
{
  return session->start_s == 0 && session->state != FORGE_SESSION_ENDING;
}

gboolean
forge_session_may_take_over (const ForgeSession *session)
{
  return !session->has_flowed;
}

gboolean
forge_session_is_ending (const ForgeSession *session)
{
  return session->state == FORGE_SESSION_ENDING;
}

gboolean
forge_session_is_gone (const ForgeSession *session)
{
  return session->state == FORGE_SESSION_ENDING && session->is_feed_closed && !session->job;
}

gboolean
forge_session_is_idle (const ForgeSession *session)
{
  return session->state != FORGE_SESSION_ENDING && session->viewers->len == 0;
}

gint64
forge_session_account_id (const ForgeSession *session)
{
  return session->slot ? forge_slot_account (session->slot)->id : 0;
}

gboolean
forge_session_can_use (const ForgeSession *session, gint64 account_id)
{
  const GPtrArray *candidates = session->channel->candidates;

  for (guint i = 0; i < candidates->len; i++) {
    const ForgeStream *stream = forge_channel_candidate (session->channel, i)->stream;
    if (stream->available && stream->account_id == account_id)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_shared_client (const char *user_agent, const char *shared_clients)
{
  g_autofree char *agent = g_utf8_strdown (user_agent, -1);
  g_autofree char *folded = g_utf8_strdown (shared_clients, -1);
  g_auto (GStrv) words = g_strsplit (folded, "|", -1);

  for (guint i = 0; words[i]; i++)
    if (*g_strstrip (words[i]) && strstr (agent, words[i]))
      return TRUE;
  return FALSE;
}

/* All viewers of `session` are the client of `viewer`. */
static gboolean
is_watched_only_by (const ForgeSession *session, const ForgeSessionViewer *viewer)
{
  for (guint i = 0; i < session->viewers->len; i++) {
    const ForgeSessionViewer *other = g_ptr_array_index (session->viewers, i);
    if (g_strcmp0 (other->address, viewer->address) != 0 ||
        g_strcmp0 (other->user_agent, viewer->user_agent) != 0)
      return FALSE;
  }
  return session->viewers->len > 0;
}

gboolean
forge_session_is_same_client (const ForgeSession *wanting,
                              const ForgeSession *old,
                              const char *shared_clients)
{
  for (guint i = 0; i < wanting->viewers->len; i++) {
    const ForgeSessionViewer *viewer = g_ptr_array_index (wanting->viewers, i);
    /* Who does not say what it is could be anything behind that address. */
    if (viewer->user_agent && is_watched_only_by (old, viewer) &&
        !is_shared_client (viewer->user_agent, shared_clients))
      return TRUE;
  }
  return FALSE;
}

static ForgeHealth
health (const ForgeSession *session, const ForgeFeedStats *stats)
{
  if (!session->has_flowed)
    return FORGE_HEALTH_STARTING;
  if (session->slate_tag != 0)
    return FORGE_HEALTH_SLATE;
  if (session->state == FORGE_SESSION_FINISHING)
    return FORGE_HEALTH_HEALTHY;
  if (session->state != FORGE_SESSION_FLOWING && session->state != FORGE_SESSION_ENDING)
    return FORGE_HEALTH_FAILING_OVER;
  return stats->silent_ms > STALLED_MS ? FORGE_HEALTH_STALLED : FORGE_HEALTH_HEALTHY;
}

static const ForgeViewerStats *
find_stats (const ForgeViewerStats *stats, unsigned n, ForgeViewerId id)
{
  for (unsigned i = 0; i < n; i++)
    if (stats[i].viewer == id)
      return &stats[i];
  return NULL;
}

static void
describe_viewers (const ForgeSession *session,
                  ForgeSessionInfo *info,
                  const ForgeViewerStats *stats,
                  unsigned n_stats)
{
  for (guint i = 0; i < session->viewers->len; i++) {
    const ForgeSessionViewer *viewer = g_ptr_array_index (session->viewers, i);
    const ForgeViewerStats *figures = find_stats (stats, n_stats, viewer->id);
    ForgeViewerInfo *shown = forge_session_info_add_viewer (info);

    shown->address = g_strdup (viewer->address);
    shown->user_agent = g_strdup (viewer->user_agent);
    shown->since_s = (g_get_monotonic_time () - viewer->since_us) / G_USEC_PER_SEC;
    shown->bytes = figures ? figures->bytes : 0;
    if (figures && info->bitrate_kbps > 0) /* bits over kbit/s are milliseconds */
      shown->behind_ms = (gint64)(figures->behind_bytes * 8 / (guint64)info->bitrate_kbps);
  }
}

ForgeSessionInfo *
forge_session_describe (const ForgeSession *session)
{
  ForgeFeedStats stats = { .silent_ms = -1 };
  ForgeViewerStats viewers[MAX_VIEWERS];
  unsigned n_viewers = 0;

  if (!session->slot && (session->state == FORGE_SESSION_ENDING || !session->has_flowed))
    return NULL;
  if (!forge_relay_feed_stats (session->host->relay,
                               session->feed,
                               &stats,
                               viewers,
                               MAX_VIEWERS,
                               &n_viewers))
    n_viewers = 0;

  ForgeSessionInfo *info = forge_session_info_new ();
  info->id = session->id;
  info->channel_id = session->channel->id;
  info->channel_number = session->channel->number;
  info->channel = g_strdup (session->channel->name);
  info->account_id = forge_session_account_id (session);
  info->account = session->slot ? g_strdup (forge_slot_account (session->slot)->name) : NULL;
  info->stream = session->playing ? g_strdup (session->playing->name) : NULL;
  info->quality = session->playing ? session->playing->quality : FORGE_QUALITY_UNKNOWN;
  info->health = health (session, &stats);
  info->bitrate_kbps = (int)stats.bitrate_kbps;
  info->n_history = forge_rate_history_read (&session->history, info->history_kbps);
  info->uptime_s = (g_get_monotonic_time () - session->created_us) / G_USEC_PER_SEC;
  info->failovers = session->failovers;
  info->bytes = stats.source_bytes;
  describe_viewers (session, info, viewers, n_viewers);
  return info;
}
