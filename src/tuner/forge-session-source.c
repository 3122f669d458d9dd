/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "base/forge-error.h"
#include "tuner/forge-session-private.h"

#include <string.h>

/*
 * How a session gets its source and replaces it.
 *
 * A *round* tries every stream of the channel once, best first; after it comes a pause that grows.
 * Before the first media byte a round forgets only what may have changed: limit-like refusals.
 * Once viewers watch, it forgets everything, because an ended picture is worse than another try.
 */

/* A live answer with a length below this is a slate, "you are over your limit" and the like.
 * Seen: the clips that panels ship have 165,628 to 586,748 bytes. */
#define SLATE_BYTES (2 * 1024 * 1024)
/* A source that flowed this long was good: its loss starts the rounds afresh. */
#define STABLE_US (10 * G_USEC_PER_SEC)
/* On top of what a dial may take by its own deadlines. */
#define DIAL_GRACE_MS   1000
#define SLOW_FAILURE_US G_USEC_PER_SEC

#define ROUND_PAUSE_MS       250  /* between rounds, doubled after each one */
#define MAX_ROUND_PAUSE_MS   2000 /* while viewers watch */
#define MAX_TUNE_PAUSE_MS    500  /* while a client waits for its first byte */
#define MAX_DOUBLINGS        4
#define MAX_DRAIN_RETRIES    2 /* with the same stream, before another one is asked */
#define DRAIN_RETRY_PAUSE_MS 100

typedef struct {
  ForgeAttemptResult result;
  gboolean may_be_limit; /* panels also answer like this when all connections are counted */
  gboolean was_counted;  /* the provider saw a viewer, which we closed */
  const char *why;       /* for people */
} Failure;

static gboolean
is_tried (const ForgeStream *stream, gpointer user_data)
{
  const ForgeSession *session = user_data;

  return forge_attempts_is_tried (session->attempts, stream);
}

static gint64
hold_left_us (const ForgeSession *session)
{
  gint64 end_us = session->created_us + forge_session_setting_us (session, "tune_hold_ms");

  return MAX (end_us - g_get_monotonic_time (), 0);
}

static gboolean
on_pause_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  forge_session_next_source (session);
  return G_SOURCE_REMOVE;
}

static void
pause_for (ForgeSession *session, gint64 pause_us)
{
  if (!session->has_flowed)
    pause_us = MIN (pause_us, hold_left_us (session));
  forge_session_set_state (session, FORGE_SESSION_PAUSED);
  forge_session_set_timer (session, &session->timer, pause_us, on_pause_over);
}

/* For people: why nothing plays. %s stands for the channel's name. */
static const char *
reason_format (const ForgeSession *session, ForgeTuneError error)
{
  if (session->has_flowed)
    return "“%s” ended: none of its sources came back";
  if (error == FORGE_TUNE_ALL_IN_USE)
    return "All tuners are in use: “%s” could not be played";
  if (error == FORGE_TUNE_IN_USE)
    return "“%s” could not be played: the tuner that was asked for is in use";
  if (forge_attempts_is_empty (session->attempts))
    return "“%s” could not be played: no active account has it";
  return "“%s” could not be played: none of its sources works";
}

static void
give_up (ForgeSession *session, ForgeTuneError error)
{
  ForgeLogLevel level = error == FORGE_TUNE_ALL_IN_USE || error == FORGE_TUNE_IN_USE
                            ? FORGE_LOG_WARNING
                            : FORGE_LOG_ERROR;
  g_autoptr (GString) message = g_string_new (reason_format (session, error));

  g_string_replace (message, "%s", session->channel->name, 1);
  forge_session_say (session, level, NULL, "%s", message->str);
  forge_session_end (session, error);
}

static gboolean
on_hold_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  give_up (session, session->is_number_taken ? FORGE_TUNE_IN_USE : FORGE_TUNE_ALL_IN_USE);
  return G_SOURCE_REMOVE;
}

static void
wait_for_slot (ForgeSession *session)
{
  forge_session_set_state (session, FORGE_SESSION_WAITING);
  forge_session_set_timer (session, &session->timer, hold_left_us (session), on_hold_over);
}

/* A source that was fine is reopened at once when nothing else works: some panels just end a
 * connection now and then. */
static gint64
round_pause_us (const ForgeSession *session)
{
  guint round = forge_attempts_round (session->attempts);

  if (session->has_flowed && round == 0)
    return 0;
  gint64 pause_ms = ROUND_PAUSE_MS << MIN (session->has_flowed ? round - 1 : round, MAX_DOUBLINGS);
  gint64 max_ms = session->has_flowed ? MAX_ROUND_PAUSE_MS : MAX_TUNE_PAUSE_MS;
  return MIN (pause_ms, max_ms) * G_TIME_SPAN_MILLISECOND;
}

static ForgeTuneError
error_of_round (const ForgeSession *session, gboolean is_limited)
{
  if (is_limited)
    return FORGE_TUNE_ALL_IN_USE;
  return forge_attempts_has_no_video (session->attempts) ? FORGE_TUNE_NO_VIDEO : FORGE_TUNE_FAILED;
}

/* `any_full`: a stream was left out because its account has no free slot. */
static void
end_round (ForgeSession *session, gboolean any_full)
{
  gboolean is_limited = any_full || forge_attempts_is_limited (session->attempts), is_over;

  if (session->has_flowed)
    is_over = g_get_monotonic_time () - session->last_data_us >= session->host->give_up_us;
  else
    is_over = !is_limited || hold_left_us (session) == 0;
  if (is_over) {
    give_up (session, error_of_round (session, is_limited));
    return;
  }
  pause_for (session, round_pause_us (session));
  forge_attempts_next_round (session->attempts, session->has_flowed);
}

static void fail_attempt (ForgeSession *session, const Failure *failure);

static gboolean
on_start_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  /* SOURCE_CLOSED tells when its connection is free. */
  forge_relay_drop_source (session->host->relay, session->feed);
  return G_SOURCE_REMOVE;
}

static void
start_source (ForgeSession *session, ForgeDial *dial)
{
  ForgeSessionHost *host = session->host;
  ForgeSourceSpec spec = { .bytes = dial->bytes,
                           .tag = ++host->last_source_tag,
                           .is_chunked = dial->is_chunked,
                           .leftover = dial->leftover,
                           .leftover_bytes = dial->leftover_bytes };

  forge_slots_note_opened (host->slots,
                           session->slot,
                           session->stream->id,
                           g_get_monotonic_time ());
  session->source_tag = spec.tag;
  session->is_source_open = TRUE;
  dial->bytes.fd = -1; /* the relay's from here on */
  forge_session_set_state (session, FORGE_SESSION_STARTING);
  forge_session_set_timer (session,
                           &session->timer,
                           forge_session_setting_us (session, "stall_ms") +
                               session->host->start_grace_us,
                           on_start_over);
  forge_relay_set_source (host->relay, session->feed, &spec);
}

static gboolean
is_slate (const ForgeDial *dial)
{
  return dial->content_length >= 0 && dial->content_length < SLATE_BYTES;
}

static Failure
failure_of_dial (const ForgeDialOutcome *outcome)
{
  const GError *error = outcome->error;
  gboolean has_answered = outcome->dial.http_status / 100 == 2;

  if (outcome->is_open && outcome->dial.kind == FORGE_DIAL_HLS)
    return (Failure){ .was_counted = TRUE,
                      .why = "this stream is HLS, which this version cannot tune" };
  if (outcome->is_open)
    return (Failure){ .result = FORGE_ATTEMPT_NO_VIDEO,
                      .may_be_limit = TRUE,
                      .was_counted = TRUE,
                      .why = "the provider sent a short clip instead of the channel" };
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT))
    return (Failure){ .result = FORGE_ATTEMPT_LIMIT, .may_be_limit = TRUE, .why = error->message };
  if (outcome->timed_out || g_error_matches (error, FORGE_ERROR, FORGE_ERROR_RETRY))
    return (Failure){ .result = has_answered ? FORGE_ATTEMPT_NO_VIDEO : FORGE_ATTEMPT_HARD,
                      .was_counted = has_answered,
                      .why = outcome->timed_out ? "no answer in time" : error->message };
  return (Failure){ .result = g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH)
                                  ? FORGE_ATTEMPT_AUTH
                                  : FORGE_ATTEMPT_HARD,
                    .why = error ? error->message : "unknown reason" };
}

static void
on_dialled (ForgeDialOutcome *outcome, gpointer user_data)
{
  ForgeSession *session = user_data;

  session->job = NULL;
  if (session->state == FORGE_SESSION_ENDING) {
    forge_session_settle (session);
    return;
  }
  if (outcome->is_open && outcome->dial.kind == FORGE_DIAL_TS && !is_slate (&outcome->dial)) {
    start_source (session, &outcome->dial);
    return;
  }

  Failure failure = failure_of_dial (outcome);
  /* Close before anything else is dialled. */
  forge_dial_clear (&outcome->dial);
  outcome->dial = (ForgeDial){ .bytes = { .fd = -1 } };
  fail_attempt (session, &failure);
}

static void
dial (ForgeSession *session)
{
  guint limit_ms = (guint)((forge_session_setting_us (session, "connect_timeout_ms") +
                            forge_session_setting_us (session, "stall_ms")) /
                           G_TIME_SPAN_MILLISECOND) +
                   DIAL_GRACE_MS;

  if (session->first_stream_id == 0)
    session->first_stream_id = session->stream->id;
  session->attempt_us = g_get_monotonic_time ();
  forge_session_set_state (session, FORGE_SESSION_DIALLING);
  session->job = forge_dial_pool_start (session->host->dials,
                                        forge_slot_account (session->slot),
                                        session->stream,
                                        limit_ms,
                                        on_dialled,
                                        session);
}

/* Makes the slot that we hold one of `account_id`: the other one is taken first, so that a session
 * never ends up without. */
static gboolean
hold_slot_of (ForgeSession *session, gint64 account_id)
{
  ForgeSlots *slots = session->host->slots;

  if (forge_session_account_id (session) == account_id)
    return TRUE;

  ForgeSlot *wanted = forge_slots_acquire (slots, account_id);
  if (!wanted)
    return FALSE;
  if (session->slot) {
    forge_slots_release (slots, &session->slot, g_get_monotonic_time ());
    session->host->changed (session->host->changed_data);
  }
  session->slot = wanted;
  return TRUE;
}

static void
use_stream (ForgeSession *session, ForgeStream *stream)
{
  if (!hold_slot_of (session, stream->account_id)) {
    end_round (session, TRUE);
    return;
  }
  g_clear_pointer (&session->stream, forge_stream_unref);
  session->stream = forge_stream_ref (stream);

  gint64 delay_us =
      forge_slots_dial_delay_us (session->host->slots, session->slot, g_get_monotonic_time ());
  /* At the end of the hold time it is tried anyway, once. */
  if (delay_us > 0 && (session->has_flowed || hold_left_us (session) > 0))
    pause_for (session, delay_us);
  else
    dial (session);
}

void
forge_session_next_source (ForgeSession *session)
{
  guint n_full;

  if (session->viewers->len == 0) {
    forge_session_end (session, FORGE_TUNE_FAILED);
    return;
  }
  ForgeSourceQuery query = { .channel = session->channel,
                             .slots = session->host->slots,
                             .memory = session->host->memory,
                             .is_tried = is_tried,
                             .tried_data = session,
                             .held_account_id = forge_session_account_id (session),
                             .demote_at = session->has_flowed ? FORGE_DEMOTE_FAILOVER
                                                              : FORGE_DEMOTE_NEW_TUNE,
                             .now_us = g_get_monotonic_time () };
  g_autoptr (GPtrArray) order = forge_source_order (&query, &n_full);

  if (order->len > 0)
    use_stream (session, g_ptr_array_index (order, 0));
  else if (!session->slot && n_full > 0)
    wait_for_slot (session);
  else
    end_round (session, n_full > 0);
}

void
forge_session_look_for_slot (ForgeSession *session, gboolean is_number_taken)
{
  session->is_number_taken = is_number_taken;
  if (is_number_taken)
    wait_for_slot (session);
  else
    forge_session_next_source (session);
}

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
retry_after_drain (ForgeSession *session, gboolean is_drain)
{
  if (!is_drain || session->drain_retries >= MAX_DRAIN_RETRIES)
    return FALSE;
  pause_for (session,
             (gint64)(DRAIN_RETRY_PAUSE_MS << session->drain_retries) * G_TIME_SPAN_MILLISECOND);
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

/* The running attempt ended before its first media byte; its connection is closed. */
static void
fail_attempt (ForgeSession *session, const Failure *failure)
{
  gint64 now_us = g_get_monotonic_time ();
  gboolean is_drain =
      failure->may_be_limit &&
      forge_slots_note_refused (session->host->slots, session->slot, session->stream->id, now_us);

  forge_session_clear_timer (&session->timer);
  forge_slots_note_closed (session->host->slots, session->slot, failure->was_counted, now_us);
  if (retry_after_drain (session, is_drain))
    return;

  if (is_drain)
    note_attempt (session, FORGE_ATTEMPT_DRAIN, failure->why);
  else
    note_failure (session, failure->result, failure->why, now_us - session->attempt_us);
  forge_session_next_source (session);
}

static void
on_flowing (ForgeSession *session)
{
  gboolean is_first = !session->has_flowed && session->stream->id == session->first_stream_id;

  forge_session_clear_timer (&session->timer);
  forge_session_set_state (session, FORGE_SESSION_FLOWING);
  session->has_flowed = TRUE;
  session->flowing_us = session->last_data_us = g_get_monotonic_time ();
  session->drain_retries = 0;
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
  case FORGE_SOURCE_LOST_NOT_TS:
  case FORGE_SOURCE_LOST_FRAMING:
  default:
    return g_strdup (forge_source_lost_text (event->lost));
  }
}

/* Media flowed and does no more; the connection is closed. */
static void
lose_source (ForgeSession *session, const char *why, gboolean we_closed, gint64 silent_us)
{
  gint64 now_us = g_get_monotonic_time ();

  forge_slots_note_closed (session->host->slots, session->slot, we_closed, now_us);
  session->last_data_us = now_us - silent_us;
  /* One that keeps dying young goes on with the round it is in, so that pauses grow. */
  if (session->last_data_us - session->flowing_us >= STABLE_US)
    forge_attempts_restart (session->attempts);
  note_failure (session, FORGE_ATTEMPT_HARD, why, silent_us);
  forge_session_next_source (session);
}

static void
on_lost (ForgeSession *session, const ForgeRelayEvent *event)
{
  gboolean we_closed = event->lost != FORGE_SOURCE_LOST_EOF &&
                       event->lost != FORGE_SOURCE_LOST_ERROR;
  gboolean is_stall = event->lost == FORGE_SOURCE_LOST_STALL;
  g_autofree char *why = describe_loss (session, event);

  if (session->state == FORGE_SESSION_FLOWING)
    lose_source (session,
                 why,
                 we_closed,
                 is_stall ? forge_session_setting_us (session, "stall_ms") : 0);
  else
    fail_attempt (
        session,
        &(Failure){ .result = FORGE_ATTEMPT_NO_VIDEO, .was_counted = we_closed, .why = why });
}

/* Closed because we said so while not ending: only a source that never got going. */
static void
on_dropped (ForgeSession *session)
{
  fail_attempt (session,
                &(Failure){ .result = FORGE_ATTEMPT_NO_VIDEO,
                            .was_counted = TRUE,
                            .why = "no picture came in time" });
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
    on_flowing (session);
  else if (event->type == FORGE_RELAY_SOURCE_LOST)
    on_lost (session, event);
  else if (event->type == FORGE_RELAY_SOURCE_CLOSED)
    on_dropped (session);
}
