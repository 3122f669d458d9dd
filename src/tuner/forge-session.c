/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "tuner/forge-session-private.h"

#include <string.h>
#include <unistd.h>

/*
 * ForgeSession: life and viewers. The states, and what each one holds:
 *
 *   state    | holds        | leaves on
 *   ---------+--------------+---------------------------------------------------------------------
 *   WAITING  | –            | slot → DIALLING; hold over → ENDING (805, 804)
 *   PAUSED   | slot         | timer → DIALLING, or round over → PAUSED, ENDING (806, 807)
 *   DIALLING | slot, dial   | open → STARTING; failed → DIALLING (next), PAUSED, ENDING
 *   STARTING | slot, source | media → FLOWING; lost or too late → DIALLING (next), PAUSED, ENDING
 *   FLOWING  | slot, source | lost → DIALLING (next: failing over), PAUSED
 *   ENDING   | what is left | dial back, source closed → slot free; feed closed → gone
 *
 * Every state but ENDING ends at once when the last viewer leaves, except that DIALLING, STARTING
 * and FLOWING linger for linger_ms: players open a channel two or three times in a row to probe
 * it. A session that failed over once (has_flowed) is patient; before that, its client waits for a
 * first byte and must get an answer.
 */

/* For viewers to take their error answer before the feed is closed under them. */
#define ANSWER_US (2 * G_USEC_PER_SEC)
/* Media that stands still for longer is shown as stalled, before the relay gives up on it. */
#define STALLED_MS  1000
#define MAX_VIEWERS 256 /* listed per session */

static void
viewer_free (gpointer data)
{
  ForgeSessionViewer *viewer = data;

  g_free (viewer->address);
  g_free (viewer->user_agent);
  g_free (viewer->request_id);
  g_free (viewer);
}

ForgeSession *
forge_session_new (ForgeSessionHost *host,
                   gint64 id,
                   ForgeChannel *channel,
                   int number,
                   gboolean names_tuner)
{
  ForgeFeedOptions options = {
    .stall_ms = (unsigned)forge_settings_int (host->settings, "stall_ms"),
    .viewer_timeout_ms = (unsigned)forge_settings_int (host->settings, "viewer_timeout_ms"),
  };
  ForgeFeedId feed = forge_relay_open_feed (host->relay, &options);

  if (feed == 0)
    return NULL;
  ForgeSession *session = g_new0 (ForgeSession, 1);
  session->host = host;
  session->id = id;
  session->channel = forge_channel_ref (channel);
  session->number = number;
  session->names_tuner = names_tuner;
  session->created_us = g_get_monotonic_time ();
  session->feed = feed;
  session->viewers = g_ptr_array_new_with_free_func (viewer_free);
  session->attempts = g_array_new (FALSE, TRUE, sizeof (ForgeAttempt));
  return session;
}

void
forge_session_free (ForgeSession *session)
{
  g_warn_if_fail (forge_session_is_gone (session));
  forge_session_clear_timer (&session->timer);
  forge_session_clear_timer (&session->linger);
  forge_slots_release (session->host->slots, &session->slot, g_get_monotonic_time ());
  g_clear_pointer (&session->stream, forge_stream_unref);
  g_clear_pointer (&session->playing, forge_stream_unref);
  g_array_unref (session->attempts);
  g_ptr_array_unref (session->viewers);
  forge_channel_unref (session->channel);
  g_free (session);
}

void
forge_session_clear_timer (GSource **timer)
{
  GSource *source = g_steal_pointer (timer);

  if (!source)
    return;
  g_source_destroy (source);
  g_source_unref (source);
}

void
forge_session_set_timer (ForgeSession *session, GSource **timer, gint64 after_us, GSourceFunc func)
{
  /* Rounded up: firing early would find that it is not time yet, and spin. */
  gint64 after_ms = (MAX (after_us, 0) + G_TIME_SPAN_MILLISECOND - 1) / G_TIME_SPAN_MILLISECOND;

  forge_session_clear_timer (timer);
  *timer = g_timeout_source_new ((guint)after_ms);
  g_source_set_callback (*timer, func, session, NULL);
  g_source_attach (*timer, session->host->context);
}

gint64
forge_session_setting_us (const ForgeSession *session, const char *key_ms)
{
  return forge_settings_int (session->host->settings, key_ms) * G_TIME_SPAN_MILLISECOND;
}

void
forge_session_say (const ForgeSession *session,
                   ForgeLogLevel level,
                   const char *details,
                   const char *format,
                   ...)
{
  va_list args;

  if (!session->host->event)
    return;
  va_start (args, format);
  g_autofree char *message = g_strdup_vprintf (format, args);
  va_end (args);
  session->host->event (level, FORGE_EVENT_STREAM, message, details, session->host->event_data);
}

void
forge_session_set_state (ForgeSession *session, ForgeSessionState state)
{
  forge_session_clear_timer (&session->timer);
  session->state = state;
}

static void
tell_host (ForgeSession *session)
{
  session->host->changed (session->host->changed_data);
}

static void
close_feed (ForgeSession *session)
{
  if (session->is_feed_closing)
    return;
  session->is_feed_closing = TRUE;
  forge_relay_close_feed (session->host->relay, session->feed);
}

void
forge_session_settle (ForgeSession *session)
{
  if (session->viewers->len == 0)
    close_feed (session);
  if (!session->job && !session->is_source_open)
    forge_slots_release (session->host->slots, &session->slot, g_get_monotonic_time ());
  tell_host (session);
}

static gboolean
on_answer_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  close_feed (session);
  return G_SOURCE_REMOVE;
}

static void
answer_viewers (ForgeSession *session, ForgeTuneError error)
{
  for (guint i = 0; i < session->viewers->len; i++) {
    const ForgeSessionViewer *viewer = g_ptr_array_index (session->viewers, i);
    g_autofree char *reply = forge_tune_reply_error (viewer->request_id, error);
    forge_relay_answer (session->host->relay, session->feed, viewer->id, reply, strlen (reply));
  }
}

void
forge_session_end (ForgeSession *session, ForgeTuneError error)
{
  if (session->state == FORGE_SESSION_ENDING)
    return;
  forge_session_set_state (session, FORGE_SESSION_ENDING);
  forge_session_clear_timer (&session->linger);
  if (session->job)
    forge_dial_job_cancel (session->job);
  if (session->is_source_open)
    forge_relay_drop_source (session->host->relay, session->feed);
  answer_viewers (session, error);
  if (session->viewers->len > 0)
    forge_session_set_timer (session, &session->timer, ANSWER_US, on_answer_over);
  forge_session_settle (session);
}

void
forge_session_shut (ForgeSession *session)
{
  forge_session_end (session, FORGE_TUNE_FAILED);
  close_feed (session);
}

void
forge_session_make_way (ForgeSession *session, const ForgeSession *waiting)
{
  if (session->state != FORGE_SESSION_ENDING && session->viewers->len > 0)
    forge_session_say (session,
                       FORGE_LOG_INFO,
                       NULL,
                       "“%s” ended: its player went on to “%s”",
                       session->channel->name,
                       waiting->channel->name);
  forge_session_end (session, FORGE_TUNE_ALL_IN_USE);
}

static gboolean
on_linger_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->linger);
  forge_session_end (session, FORGE_TUNE_FAILED);
  return G_SOURCE_REMOVE;
}

static void
on_last_viewer_left (ForgeSession *session)
{
  gint64 linger_us = forge_session_setting_us (session, "linger_ms");
  gboolean has_nothing = session->state == FORGE_SESSION_WAITING ||
                         session->state == FORGE_SESSION_PAUSED;

  if (linger_us == 0 || has_nothing) {
    forge_session_end (session, FORGE_TUNE_FAILED);
    return;
  }
  forge_session_set_timer (session, &session->linger, linger_us, on_linger_over);
  tell_host (session); /* its slot may be wanted */
}

void
forge_session_add_viewer (ForgeSession *session, const ForgeTuneRequest *request)
{
  ForgeSessionViewer *viewer = g_new0 (ForgeSessionViewer, 1);

  viewer->address = g_strdup (request->address);
  viewer->user_agent = g_strdup (request->user_agent);
  viewer->request_id = g_strdup (request->request_id ? request->request_id : "-");
  viewer->since_us = g_get_monotonic_time ();

  g_autofree char *head = forge_tune_reply_ok (viewer->request_id, session->number);
  ForgeViewerSpec spec = { .fd = request->fd,
                           .head = head,
                           .head_bytes = strlen (head),
                           .duration_ms = MIN (request->duration_s, G_MAXUINT32 / 1000) * 1000 };
  viewer->id = forge_relay_add_viewer (session->host->relay, session->feed, &spec);
  g_ptr_array_add (session->viewers, viewer);
  forge_session_clear_timer (&session->linger);
}

static void
on_viewer_gone (ForgeSession *session, ForgeViewerId id)
{
  for (guint i = 0; i < session->viewers->len; i++)
    if (((ForgeSessionViewer *)g_ptr_array_index (session->viewers, i))->id == id) {
      g_ptr_array_remove_index (session->viewers, i);
      if (session->viewers->len > 0)
        return;
      if (session->state == FORGE_SESSION_ENDING)
        forge_session_settle (session);
      else
        on_last_viewer_left (session);
      return;
    }
}

static void
on_feed_closed (ForgeSession *session)
{
  /* The relay closes a feed by itself only when it runs out of something. */
  session->is_feed_closing = session->is_feed_closed = TRUE;
  session->is_source_open = FALSE;
  g_ptr_array_set_size (session->viewers, 0);
  forge_session_end (session, FORGE_TUNE_FAILED);
  forge_session_settle (session);
}

void
forge_session_on_relay (ForgeSession *session, const ForgeRelayEvent *event)
{
  switch (event->type) {
  case FORGE_RELAY_SOURCE_FLOWING:
  case FORGE_RELAY_SOURCE_LOST:
  case FORGE_RELAY_SOURCE_CLOSED:
    forge_session_on_source (session, event);
    break;
  case FORGE_RELAY_VIEWER_GONE:
    on_viewer_gone (session, event->viewer);
    break;
  case FORGE_RELAY_FEED_CLOSED:
    on_feed_closed (session);
    break;
  case FORGE_RELAY_VIEWER_STARTED:
  default:
    break;
  }
}

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
  if (session->state != FORGE_SESSION_FLOWING)
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

  if (session->state == FORGE_SESSION_ENDING || (!session->slot && !session->has_flowed))
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
  info->uptime_s = (g_get_monotonic_time () - session->created_us) / G_USEC_PER_SEC;
  info->failovers = session->failovers;
  info->bytes = stats.source_bytes;
  describe_viewers (session, info, viewers, n_viewers);
  return info;
}
