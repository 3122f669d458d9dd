/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "tuner/forge-session-private.h"

#include <string.h>

/*
 * ForgeSession: life and viewers. The states, and what each one holds:
 *
 *   state    | holds        | leaves on
 *   ---------+--------------+---------------------------------------------------------------------
 *   WAITING  | –            | slot → DIALLING; hold over → ENDING (805, 804)
 *   PAUSED   | slot         | timer → DIALLING, or round over → PAUSED, ENDING (806, 807)
 *   DIALLING | slot, dial   | open → STARTING; failed → DIALLING (next), PAUSED, ENDING
 *   STARTING | slot, source | media → FLOWING; lost or too late → DIALLING (next), PAUSED, ENDING
 *   FLOWING  | slot, source | lost → DIALLING (next: failing over), PAUSED, WAITING; catch-up:
 *            |              | → FINISHING
 *   FINISHING| slot         | viewers have taken the rest → ENDING
 *   ENDING   | what is left | dial back, source closed → slot free; feed closed → gone
 *
 * Every state but ENDING ends at once when the last viewer leaves, except that DIALLING, STARTING
 * and FLOWING linger for linger_ms: players open a channel two or three times in a row to probe
 * it. A session that has flowed is patient: for a minute its viewers are shown a slate while it
 * goes on trying. Before that, its client waits for a first byte and must get an answer.
 */

/* With the relay's look every 100 ms a viewer never waits 300 ms for a byte. */
#define KEEP_ALIVE_MS 150
/* A round trip to a far provider; some do not mind a half-closed connection. */
#define HANG_UP_MS 250
/* For viewers to take their error answer before the feed is closed under them. */
#define ANSWER_US (2 * G_USEC_PER_SEC)

static void
viewer_free (gpointer data)
{
  ForgeSessionViewer *viewer = data;

  forge_seat_leave (&viewer->seat);
  g_free (viewer->address);
  g_free (viewer->user_agent);
  g_free (viewer->request_id);
  g_free (viewer);
}

static gboolean
on_second (gpointer user_data)
{
  ForgeSession *session = user_data;
  ForgeFeedStats stats;
  unsigned n_viewers;

  if (forge_relay_feed_stats (session->host->relay, session->feed, &stats, NULL, 0, &n_viewers))
    forge_rate_history_add (&session->history, stats.source_bytes, g_get_monotonic_time ());
  return G_SOURCE_CONTINUE;
}

ForgeSession *
forge_session_new (ForgeSessionHost *host, ForgeChannel *channel, const ForgeSessionOptions *wanted)
{
  ForgeFeedOptions options = {
    .stall_ms = (unsigned)forge_settings_int (host->settings, "stall_ms"),
    .viewer_timeout_ms = (unsigned)forge_settings_int (host->settings, "viewer_timeout_ms"),
    .keep_alive_ms = KEEP_ALIVE_MS,
    .hang_up_ms = HANG_UP_MS,
  };
  ForgeFeedId feed = forge_relay_open_feed (host->relay, &options);

  if (feed == 0)
    return NULL;
  ForgeSession *session = g_new0 (ForgeSession, 1);
  session->host = host;
  session->id = wanted->id;
  session->channel = forge_channel_ref (channel);
  session->number = wanted->number;
  session->names_tuner = wanted->names_tuner;
  session->start_s = wanted->start_s;
  session->duration_s = wanted->duration_s;
  session->created_us = g_get_monotonic_time ();
  session->feed = feed;
  session->viewers = g_ptr_array_new_with_free_func (viewer_free);
  session->attempts = forge_attempts_new ();
  forge_rate_history_add (&session->history, 0, session->created_us);
  forge_session_set_timer (session, &session->rate_timer, G_USEC_PER_SEC, on_second);
  return session;
}

void
forge_session_free (ForgeSession *session)
{
  g_warn_if_fail (forge_session_is_gone (session));
  forge_session_clear_timer (&session->timer);
  forge_session_clear_timer (&session->linger);
  forge_session_clear_timer (&session->slate_timer);
  forge_session_clear_timer (&session->sample_timer);
  forge_session_clear_timer (&session->rate_timer);
  forge_slots_release (session->host->slots, &session->slot, g_get_monotonic_time ());
  g_clear_pointer (&session->sample, forge_clip_sample_unref);
  g_clear_pointer (&session->stream, forge_stream_unref);
  g_clear_pointer (&session->playing, forge_stream_unref);
  forge_attempts_free (session->attempts);
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
  forge_session_clear_timer (&session->sample_timer);
  session->state = state;
  session->is_short_of_room = FALSE;
  forge_session_mind_slate (session);
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
  if (session->is_source_open || session->slate_tag != 0)
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
                         session->state == FORGE_SESSION_PAUSED ||
                         session->state == FORGE_SESSION_FINISHING || session->start_s > 0;

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
  viewer->seat = request->seat;

  g_autofree char *head = forge_tune_reply_ok (viewer->request_id, session->number);
  ForgeViewerSpec spec = { .fd = request->fd,
                           .head = head,
                           .head_bytes = strlen (head),
                           .duration_ms = MIN (request->duration_s, G_MAXUINT32 / 1000) * 1000 };
  viewer->id = forge_relay_add_viewer (session->host->relay, session->feed, &spec);
  g_ptr_array_add (session->viewers, viewer);
  forge_session_clear_timer (&session->linger);
}

/* It is gone when the relay says so. */
void
forge_session_end_seat (ForgeSession *session, guint64 seat)
{
  for (guint i = 0; i < session->viewers->len; i++) {
    const ForgeSessionViewer *viewer = g_ptr_array_index (session->viewers, i);
    if (viewer->seat.id == seat)
      forge_relay_drop_viewer (session->host->relay, session->feed, viewer->id);
  }
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
    if (session->slate_tag != 0 && event->source_tag == session->slate_tag)
      forge_session_on_slate (session, event);
    else
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
