/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "tuner/forge-session-private.h"

/*
 * What is made of a source that fails or ends. Whose fault it was decides what is tried next:
 *
 *   what was seen                                     | taken for         | reaction
 *   --------------------------------------------------+-------------------+--------------------------
 *   refused like a limit, just after a close of ours  | slow release      | the same stream again
 *   clean end just after another stream of ours began | the panel's limit | no fight: other
 * account, (forge-slots)                                   |                   | or wait for a slot
 *   clean end of the first play within 15 s or 2 MiB, | the panel's clip  | limit or expiry of the
 *     or the same beginning as another channel        |                   | account; next stream
 *   anything else                                     | the stream's own  | remembered; next stream
 */

/* A source that flowed this long was good: its loss starts the rounds afresh. */
#define STABLE_US       (10 * G_USEC_PER_SEC)
#define SLOW_FAILURE_US G_USEC_PER_SEC

/* Seen: the clips that panels send instead of a channel last up to ten seconds. */
#define CLIP_US    (15 * G_USEC_PER_SEC)
#define CLIP_BYTES (2u * 1024u * 1024u)

#define MAX_DRAIN_RETRIES    2 /* with the same stream, before another one is asked */
#define DRAIN_RETRY_PAUSE_MS 100
#define CLIP_RETRY_PAUSE_MS  500

/* A sample of 64 KiB is complete after a second or so; radio takes longer. */
#define SAMPLE_EVERY_MS 1000

static void
report_failure (ForgeSession *session, const char *why)
{
  forge_session_say (session,
                     FORGE_LOG_WARNING,
                     why,
                     "“%s”: source “%s” of %s failed: %s",
                     session->channel->name,
                     session->stream->name,
                     forge_slot_account (session->slot)->name,
                     why);
}

/* TRUE if the refusal is explained by our own last close and the same stream is asked again. */
static gboolean
retry_after_drain (ForgeSession *session, guint pause_ms)
{
  if (session->drain_retries >= MAX_DRAIN_RETRIES)
    return FALSE;
  forge_session_pause_for (session,
                           (gint64)(pause_ms << session->drain_retries) * G_TIME_SPAN_MILLISECOND);
  session->drain_retries++;
  return TRUE;
}

/* Reported once per stream until one is stable again: a dead channel must not fill the log. */
static void
note_attempt (ForgeSession *session, ForgeAttemptResult result, const char *why)
{
  if (forge_attempts_note (session->attempts, session->stream, result))
    report_failure (session, why);
}

static void
note_failure (ForgeSession *session, ForgeAttemptResult result, const char *why, gint64 took_us)
{
  forge_stream_memory_note_failure (session->host->memory,
                                    session->stream->id,
                                    took_us < SLOW_FAILURE_US ? FORGE_FAILURE_QUICK
                                                              : FORGE_FAILURE_SLOW,
                                    g_get_monotonic_time ());
  note_attempt (session, result, why);
}

void
forge_session_fail (ForgeSession *session, const ForgeSessionFailure *failure)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_drain =
      failure->may_be_limit &&
      forge_slots_note_refused (session->host->slots, session->slot, session->stream->id, now_us);

  forge_session_clear_timer (&session->timer);
  /* Too uncertain to keep a viewer waiting while there is something else to show. */
  gboolean may_pass = failure->may_pass &&
                      forge_slots_is_tight (session->host->slots, session->slot, now_us) &&
                      !forge_session_has_backup (session);
  forge_slots_note_closed (session->host->slots, session->slot, failure->was_counted, now_us);
  if ((is_drain && retry_after_drain (session, DRAIN_RETRY_PAUSE_MS)) ||
      (may_pass && retry_after_drain (session, CLIP_RETRY_PAUSE_MS)))
    return;

  if (is_drain)
    note_attempt (session, FORGE_ATTEMPT_DRAIN, failure->why);
  else if (failure->is_innocent)
    note_attempt (session, failure->result, failure->why);
  else
    note_failure (session, failure->result, failure->why, now_us - session->attempt_us);
  forge_session_next_source (session);
}

/* ── clips ────────────────────────────────────────────────────────────────────────────────── */

ForgeSessionFailure
forge_session_clip_failure (const ForgeSession *session, const char *why)
{
  gboolean has_expired = forge_session_is_expired (forge_slot_account (session->slot));

  return (ForgeSessionFailure){ .result = has_expired ? FORGE_ATTEMPT_AUTH : FORGE_ATTEMPT_CLIP,
                                .may_be_limit = !has_expired,
                                .is_innocent = TRUE,
                                .why = has_expired ? "the account has expired" : why };
}

static gboolean
looks_like_clip (const ForgeSession *session, const ForgeRelayEvent *event)
{
  return event->lost == FORGE_SOURCE_LOST_EOF && !session->has_played_well &&
         (event->bytes < CLIP_BYTES || g_get_monotonic_time () - session->flowing_us < CLIP_US);
}

static gboolean
on_sample_due (gpointer user_data)
{
  ForgeSession *session = user_data;
  gint64 now_us = g_get_monotonic_time ();
  guint64 hash = forge_clip_sample_hash (session->sample);

  if (hash == 0 && now_us - session->flowing_us < CLIP_US)
    return G_SOURCE_CONTINUE;
  forge_session_clear_timer (&session->sample_timer);
  if (hash != 0 && forge_clips_note (session->host->clips,
                                     hash,
                                     session->channel->id,
                                     session->stream->id,
                                     now_us)) {
    session->is_clip = TRUE;
    forge_relay_drop_source (session->host->relay, session->feed);
  }
  return G_SOURCE_REMOVE;
}

/* ── flow and loss ────────────────────────────────────────────────────────────────────────── */

static void
on_flowing (ForgeSession *session, guint8 video_type)
{
  gboolean is_first = !session->has_flowed && session->stream->id == session->first_stream_id;
  gint64 now_us = g_get_monotonic_time ();

  if (!session->has_flowed)
    session->last_data_us = now_us;
  session->has_flowed = TRUE;
  session->flowing_us = now_us;
  forge_session_set_state (session, FORGE_SESSION_FLOWING);
  if (session->sample)
    forge_session_set_timer (session,
                             &session->sample_timer,
                             SAMPLE_EVERY_MS * G_TIME_SPAN_MILLISECOND,
                             on_sample_due);
  forge_stream_memory_note_video (session->host->memory, session->stream->id, video_type);
  g_clear_pointer (&session->playing, forge_stream_unref);
  session->playing = forge_stream_ref (session->stream);
  if (is_first)
    return;
  session->failovers++;
  forge_session_say (session,
                     FORGE_LOG_INFO,
                     NULL,
                     "“%s” plays from “%s” of %s now",
                     session->channel->name,
                     session->stream->name,
                     forge_slot_account (session->slot)->name);
}

static char *
describe_loss (const ForgeSession *session, const ForgeRelayEvent *event)
{
  switch (event->lost) {
  case FORGE_SOURCE_LOST_EOF:
    return g_strdup ("the provider closed the connection");
  case FORGE_SOURCE_LOST_ERROR:
    return g_strdup_printf ("the connection broke (%s)", g_strerror (event->error_number));
  case FORGE_SOURCE_LOST_STALL:
    return g_strdup_printf ("no data for %.1f s",
                            (double)forge_session_setting_us (session, "stall_ms") /
                                G_USEC_PER_SEC);
  default:
    return g_strdup (forge_source_lost_text (event->lost));
  }
}

/* What flowed until `data_us` was the channel's own. */
static void
note_played (ForgeSession *session, gint64 data_us)
{
  gint64 flowed_us = data_us - session->flowing_us;

  session->last_data_us = data_us;
  if (flowed_us >= CLIP_US)
    session->has_played_well = TRUE;
  /* One that keeps dying young goes on with the round it is in, so that pauses grow. */
  if (flowed_us < STABLE_US)
    return;
  forge_attempts_restart (session->attempts);
  session->drain_retries = 0;
}

/* Media flowed and does no more; the connection is closed. */
static void
lose_source (ForgeSession *session, const char *why, gboolean we_closed, gint64 silent_us)
{
  gint64 now_us = g_get_monotonic_time ();

  forge_slots_note_closed (session->host->slots, session->slot, we_closed, now_us);
  note_played (session, now_us - silent_us);
  note_failure (session, FORGE_ATTEMPT_HARD, why, silent_us);
  forge_session_next_source (session);
}

static void
report_limit (ForgeSession *session)
{
  const ForgeAccount *account = forge_slot_account (session->slot);
  int limit =
      forge_slots_learned_limit (session->host->slots, account->id, g_get_monotonic_time ());

  forge_session_say (session,
                     FORGE_LOG_WARNING,
                     "The provider ended an older stream each time when another one began. This is "
                     "tried again in half an hour.",
                     "%s plays only %d stream%s at once: “%s” had to end",
                     account->name,
                     limit,
                     limit == 1 ? "" : "s",
                     session->channel->name);
}

/* The panel ended it, because another one of ours began: opening it again at once would end that
 * one, and so on. The first time it may be chance. */
static void
lose_to_rival (ForgeSession *session, ForgeSlotsEnd end)
{
  if (session->state == FORGE_SESSION_FLOWING)
    note_played (session, session->no_source_us);
  if (end == FORGE_END_LEARNED)
    report_limit (session);
  if (end != FORGE_END_SUSPECT) {
    forge_slots_release (session->host->slots, &session->slot, g_get_monotonic_time ());
    session->host->changed (session->host->changed_data);
  }
  forge_session_next_source (session);
}

/* Media flowed. */
static void
lose_flow (ForgeSession *session, const ForgeRelayEvent *event, gboolean we_closed)
{
  gboolean is_stall = event->lost == FORGE_SOURCE_LOST_STALL;
  gint64 silent_us = is_stall ? forge_session_setting_us (session, "stall_ms") : 0;
  g_autofree char *why = describe_loss (session, event);

  if (!looks_like_clip (session, event)) {
    session->no_source_us = g_get_monotonic_time () - silent_us;
    lose_source (session, why, we_closed, silent_us);
    return;
  }
  /* A clip after clips was no source at all. */
  if (!forge_attempts_is_all_limited (session->attempts))
    session->no_source_us = g_get_monotonic_time ();
  ForgeSessionFailure failure =
      forge_session_clip_failure (session, "it ended like a short clip, soon after its start");
  /* A dying stream looks like this, too: nothing to learn about the account from it. */
  failure.may_pass = failure.may_be_limit;
  failure.may_be_limit = FALSE;
  forge_session_fail (session, &failure);
}

/* It ended before its first picture. */
static void
lose_start (ForgeSession *session, const ForgeRelayEvent *event, gboolean we_closed)
{
  g_autofree char *why = describe_loss (session, event);

  forge_session_fail (session,
                      &(ForgeSessionFailure){ .result = FORGE_ATTEMPT_NO_VIDEO,
                                              .was_counted = we_closed,
                                              .why = why });
}

static void
on_lost (ForgeSession *session, const ForgeRelayEvent *event)
{
  ForgeSlots *slots = session->host->slots;
  gboolean we_closed = event->lost != FORGE_SOURCE_LOST_EOF &&
                       event->lost != FORGE_SOURCE_LOST_ERROR;
  gboolean is_flowing = session->state == FORGE_SESSION_FLOWING;
  gint64 now_us = g_get_monotonic_time ();
  ForgeSlotsEnd end = FORGE_END_PLAIN;

  forge_session_clear_timer (&session->timer);
  if (session->start_s == 0 && event->lost == FORGE_SOURCE_LOST_EOF)
    end = forge_slots_note_ended (slots, session->slot, now_us);
  if (end != FORGE_END_PLAIN) {
    session->no_source_us = now_us;
    lose_to_rival (session, end);
  } else if (is_flowing && session->start_s > 0) {
    forge_slots_note_closed (slots, session->slot, we_closed, now_us);
    forge_session_finish (session);
  } else if (is_flowing) {
    lose_flow (session, event, we_closed);
  } else {
    lose_start (session, event, we_closed);
  }
}

/* Closed because we said so while not ending: it never got going, or it was found out. */
static void
on_dropped (ForgeSession *session)
{
  ForgeSessionFailure failure = { .result = FORGE_ATTEMPT_NO_VIDEO,
                                  .why = "no picture came in time" };

  if (session->state == FORGE_SESSION_FLOWING)
    session->no_source_us = g_get_monotonic_time ();
  if (session->is_clip)
    failure = forge_session_clip_failure (session, "it is the same clip as on another channel");
  failure.was_counted = TRUE;
  forge_session_fail (session, &failure);
}

void
forge_session_on_source (ForgeSession *session, const ForgeRelayEvent *event)
{
  if (event->source_tag != session->source_tag || !session->is_source_open)
    return;
  if (event->type != FORGE_RELAY_SOURCE_FLOWING)
    session->is_source_open = FALSE;
  if (session->state == FORGE_SESSION_ENDING)
    forge_session_settle (session);
  else if (event->type == FORGE_RELAY_SOURCE_FLOWING && session->state == FORGE_SESSION_STARTING)
    on_flowing (session, event->video_type);
  else if (event->type == FORGE_RELAY_SOURCE_LOST)
    on_lost (session, event);
  else if (event->type == FORGE_RELAY_SOURCE_CLOSED)
    on_dropped (session);
}
