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
/* From set_source to the first media byte, on top of stall_ms: the relay waits 2.5 s for a random
 * access point before it takes any start. */
#define START_GRACE_MS 3000
/* On top of what a dial may take by its own deadlines. */
#define DIAL_GRACE_MS   500
#define SLOW_FAILURE_US G_USEC_PER_SEC

#define ROUND_PAUSE_MS       250  /* after the first round, doubled after each further one */
#define MAX_ROUND_PAUSE_MS   2000 /* while viewers watch */
#define MAX_TUNE_PAUSE_MS    500  /* while a client waits for its first byte */
#define MAX_PAUSE_DOUBLINGS  4
#define MAX_DRAIN_RETRIES    2 /* with the same stream, before another one is asked */
#define DRAIN_RETRY_PAUSE_MS 100
/* Streams of one account refused before the account, not the stream, is taken for full; every
 * PROBE_ROUND-th round asks all of them nevertheless. */
#define DRAIN_EVIDENCE 2
#define PROBE_ROUND    3

typedef struct {
  ForgeAttemptResult result;
  gboolean may_be_limit; /* panels also answer like this when all connections are counted */
  gboolean is_auth;
  gboolean was_counted; /* the provider saw a viewer, which we closed */
  const char *why;      /* for people */
} Failure;

static ForgeAttempt *
find_attempt (const ForgeSession *session, gint64 stream_id)
{
  for (guint i = 0; i < session->attempts->len; i++) {
    ForgeAttempt *attempt = &g_array_index (session->attempts, ForgeAttempt, i);
    if (attempt->stream_id == stream_id)
      return attempt;
  }
  return NULL;
}

static ForgeAttempt *
find_or_add_attempt (ForgeSession *session, const ForgeStream *stream)
{
  ForgeAttempt *attempt = find_attempt (session, stream->id);

  if (attempt)
    return attempt;
  ForgeAttempt fresh = { .stream_id = stream->id, .account_id = stream->account_id };
  g_array_append_val (session->attempts, fresh);
  return &g_array_index (session->attempts, ForgeAttempt, session->attempts->len - 1);
}

/* The account refused enough of us in this round: asking for its other streams only adds to it. */
static gboolean
is_account_exhausted (const ForgeSession *session, gint64 account_id)
{
  guint evidence = 0;
  gboolean is_refused_now = FALSE;

  for (guint i = 0; i < session->attempts->len; i++) {
    const ForgeAttempt *attempt = &g_array_index (session->attempts, ForgeAttempt, i);
    if (attempt->account_id != account_id)
      continue;
    if (attempt->is_tried && attempt->was_auth)
      return TRUE;
    evidence += attempt->was_drain;
    is_refused_now |= attempt->is_tried && attempt->was_drain;
  }
  return evidence >= DRAIN_EVIDENCE && is_refused_now &&
         session->round % PROBE_ROUND != PROBE_ROUND - 1;
}

static gboolean
is_tried (const ForgeStream *stream, gpointer user_data)
{
  const ForgeSession *session = user_data;
  const ForgeAttempt *attempt = find_attempt (session, stream->id);

  return (attempt && attempt->is_tried) || is_account_exhausted (session, stream->account_id);
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
  if (session->attempts->len == 0)
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

static ForgeTuneError
error_of_attempts (const ForgeSession *session, gboolean is_limited)
{
  if (is_limited)
    return FORGE_TUNE_ALL_IN_USE;
  for (guint i = 0; i < session->attempts->len; i++)
    if (g_array_index (session->attempts, ForgeAttempt, i).result == FORGE_ATTEMPT_NO_VIDEO)
      return FORGE_TUNE_NO_VIDEO;
  return FORGE_TUNE_FAILED;
}

static gboolean
is_limited (const ForgeSession *session)
{
  for (guint i = 0; i < session->attempts->len; i++) {
    const ForgeAttempt *attempt = &g_array_index (session->attempts, ForgeAttempt, i);
    if (attempt->is_tried && attempt->result == FORGE_ATTEMPT_LIMIT)
      return TRUE;
  }
  return FALSE;
}

static void
begin_round (ForgeSession *session)
{
  for (guint i = 0; i < session->attempts->len; i++) {
    ForgeAttempt *attempt = &g_array_index (session->attempts, ForgeAttempt, i);
    if (session->has_flowed || attempt->result == FORGE_ATTEMPT_LIMIT)
      attempt->is_tried = FALSE;
  }
  session->round++;
}

static gint64
round_pause_us (const ForgeSession *session)
{
  gint64 pause_ms = ROUND_PAUSE_MS << MIN (session->round, MAX_PAUSE_DOUBLINGS);
  gint64 max_ms = session->has_flowed ? MAX_ROUND_PAUSE_MS : MAX_TUNE_PAUSE_MS;

  return MIN (pause_ms, max_ms) * G_TIME_SPAN_MILLISECOND;
}

/* `any_full`: a stream was left out because its account has no free slot. */
static void
end_round (ForgeSession *session, gboolean any_full)
{
  gboolean is_passing = any_full || is_limited (session), is_over;

  if (session->has_flowed)
    is_over = g_get_monotonic_time () - session->last_data_us >= session->host->give_up_us;
  else
    is_over = !is_passing || hold_left_us (session) == 0;
  if (is_over) {
    give_up (session, error_of_attempts (session, is_passing));
    return;
  }

  gint64 pause_us = round_pause_us (session);
  begin_round (session);
  pause_for (session, pause_us);
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
                               START_GRACE_MS * G_TIME_SPAN_MILLISECOND,
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
  gboolean has_answered = outcome->dial.http_status == 200;

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
  return (Failure){ .is_auth = g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH),
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

/* Once per stream until something flows again: a dead channel must not fill the log. */
static void
report_failure (ForgeSession *session, ForgeAttempt *attempt, const char *why)
{
  if (attempt->is_reported)
    return;
  attempt->is_reported = TRUE;
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

static void
note_failure (ForgeSession *session, gint64 took_us)
{
  forge_stream_memory_note_failure (session->host->memory,
                                    session->stream->id,
                                    took_us < SLOW_FAILURE_US ? FORGE_FAILURE_QUICK
                                                              : FORGE_FAILURE_SLOW,
                                    g_get_monotonic_time ());
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

  ForgeAttempt *attempt = find_or_add_attempt (session, session->stream);
  attempt->is_tried = TRUE;
  attempt->result = is_drain ? FORGE_ATTEMPT_LIMIT : failure->result;
  attempt->was_drain = is_drain;
  attempt->was_auth = failure->is_auth;
  if (!is_drain) {
    note_failure (session, now_us - session->attempt_us);
    report_failure (session, attempt, failure->why);
  }
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
    return g_strdup ("what it sends is no transport stream");
  case FORGE_SOURCE_LOST_FRAMING:
  default:
    return g_strdup ("its transfer coding is broken");
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
  if (session->last_data_us - session->flowing_us >= STABLE_US) {
    g_array_set_size (session->attempts, 0);
    session->round = 0;
  }

  ForgeAttempt *attempt = find_or_add_attempt (session, session->stream);
  attempt->is_tried = TRUE;
  attempt->result = FORGE_ATTEMPT_HARD;
  note_failure (session, silent_us);
  report_failure (session, attempt, why);
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
