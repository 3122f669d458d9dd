/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "base/forge-error.h"
#include "tuner/forge-session-private.h"

/*
 * How a session gets its source and the next one.
 *
 * A *round* tries every stream of the channel once, best first; after it comes a pause that grows.
 * Before the first media byte a round forgets only what may have changed: limit-like refusals.
 * Once viewers watch, it forgets everything, because an ended picture is worse than another try.
 */

/* A live answer with a length below this is a panel's clip, "you are over your limit" and the like.
 * Seen: the clips that panels ship have 165,628 to 586,748 bytes. */
#define CLIP_BYTES (2 * 1024 * 1024)
/* On top of what a dial may take by its own deadlines. */
#define DIAL_GRACE_MS 1000
/* Several shapes of a catch-up address are tried in one dial. */
#define CATCHUP_DIAL_MS 30000

/* While viewers watch, for a slot. */
#define MAX_WAIT_MS 2000

static gboolean
is_tried (const ForgeStream *stream, gpointer user_data)
{
  const ForgeSession *session = user_data;

  return forge_attempts_is_tried (session->attempts, stream) ||
         (session->start_s > 0 && !forge_session_can_catch_up (session, stream));
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

void
forge_session_pause_for (ForgeSession *session, gint64 pause_us)
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
  if (session->has_flowed && (session->state == FORGE_SESSION_WAITING ||
                              forge_attempts_is_all_limited (session->attempts)))
    return "“%s” ended: no tuner came free for it";
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

static gint64
patience_left_us (const ForgeSession *session)
{
  gint64 end_us = session->last_data_us + session->host->give_up_us;

  return MAX (end_us - g_get_monotonic_time (), 0);
}

static gboolean
on_hold_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  give_up (session, session->is_number_taken ? FORGE_TUNE_IN_USE : FORGE_TUNE_ALL_IN_USE);
  return G_SOURCE_REMOVE;
}

/* One that lost its slot looks by itself, too: other accounts may work again. */
static gboolean
on_wait_over (gpointer user_data)
{
  ForgeSession *session = user_data;

  forge_session_clear_timer (&session->timer);
  if (patience_left_us (session) == 0) {
    give_up (session, FORGE_TUNE_ALL_IN_USE);
    return G_SOURCE_REMOVE;
  }
  forge_attempts_next_round (session->attempts, TRUE);
  forge_session_next_source (session);
  return G_SOURCE_REMOVE;
}

static void
wait_for_slot (ForgeSession *session)
{
  gint64 again_us = MIN (patience_left_us (session), MAX_WAIT_MS * G_TIME_SPAN_MILLISECOND);

  forge_session_set_state (session, FORGE_SESSION_WAITING);
  if (session->has_flowed)
    forge_session_set_timer (session, &session->timer, again_us, on_wait_over);
  else
    forge_session_set_timer (session, &session->timer, hold_left_us (session), on_hold_over);
}

static ForgeTuneError
error_of_round (const ForgeSession *session, gboolean is_limited)
{
  if (is_limited)
    return FORGE_TUNE_ALL_IN_USE;
  return forge_attempts_has_no_video (session->attempts) ? FORGE_TUNE_NO_VIDEO : FORGE_TUNE_FAILED;
}

/* How long ago the last attempt of the round that is over began; 0 = there was none. */
static gint64
since_attempt_us (const ForgeSession *session, gint64 now_us)
{
  return session->attempt_us > session->round_us ? now_us - session->attempt_us : 0;
}

/* `any_full`: a stream was left out because its account has no free slot. */
static void
end_round (ForgeSession *session, gboolean any_full)
{
  gboolean is_limited = any_full || forge_attempts_is_limited (session->attempts), is_over;
  gint64 now_us = g_get_monotonic_time ();

  if (session->has_flowed)
    is_over = patience_left_us (session) == 0;
  else
    is_over = !is_limited || hold_left_us (session) == 0;
  if (is_over) {
    give_up (session, error_of_round (session, is_limited));
    return;
  }
  forge_session_pause_for (session,
                           forge_attempts_pause_us (session->attempts,
                                                    session->has_flowed,
                                                    since_attempt_us (session, now_us)));
  session->round_us = now_us;
  session->is_short_of_room = any_full;
  if (any_full)
    session->host->changed (session->host->changed_data);
  forge_attempts_next_round (session->attempts, session->has_flowed);
}

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
take_sample (ForgeSession *session, ForgeDial *dial)
{
  g_clear_pointer (&session->sample, forge_clip_sample_unref);
  session->is_clip = FALSE;
  if (session->start_s == 0)
    session->sample = forge_clip_sample_wrap (&dial->bytes, dial->leftover, dial->leftover_bytes);
}

static void
start_source (ForgeSession *session, ForgeDial *dial)
{
  ForgeSessionHost *host = session->host;
  ForgeSourceSpec spec = { .tag = ++host->last_source_tag,
                           .is_chunked = dial->is_chunked,
                           .leftover = dial->leftover,
                           .leftover_bytes = dial->leftover_bytes };

  take_sample (session, dial);
  spec.bytes = dial->bytes;
  forge_slots_note_opened (host->slots,
                           session->slot,
                           session->stream->id,
                           g_get_monotonic_time ());
  if (dial->is_playlist)
    forge_slots_note_polled (host->slots, session->slot);
  session->source_tag = spec.tag;
  session->is_source_open = TRUE;
  dial->bytes.fd = -1; /* the relay's from here on */
  forge_session_forget_slate (session);
  forge_session_set_state (session, FORGE_SESSION_STARTING);
  forge_session_set_timer (session,
                           &session->timer,
                           forge_session_setting_us (session, "stall_ms") +
                               session->host->start_grace_us,
                           on_start_over);
  forge_relay_set_source (host->relay, session->feed, &spec);
}

static gboolean
is_clip (const ForgeSession *session, const ForgeDial *dial)
{
  return session->start_s == 0 && dial->content_length >= 0 && dial->content_length < CLIP_BYTES;
}

/* Opened, but not to be played. */
static ForgeSessionFailure
failure_of_open_dial (const ForgeSession *session, const ForgeDial *dial)
{
  if (dial->kind == FORGE_DIAL_HLS)
    return (ForgeSessionFailure){ .was_counted = TRUE,
                                  .why = "this stream is HLS, which this version cannot tune" };
  ForgeSessionFailure failure =
      forge_session_clip_failure (session, "the provider sent a short clip instead of the channel");
  failure.was_counted = TRUE;
  return failure;
}

static ForgeSessionFailure
failure_of_dial (const ForgeSession *session, const ForgeDialOutcome *outcome)
{
  const GError *error = outcome->error;
  gboolean has_answered = outcome->dial.http_status / 100 == 2;

  if (outcome->is_open)
    return failure_of_open_dial (session, &outcome->dial);
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT))
    return (ForgeSessionFailure){ .result = FORGE_ATTEMPT_LIMIT,
                                  .may_be_limit = TRUE,
                                  .why = error->message };
  if (outcome->timed_out || g_error_matches (error, FORGE_ERROR, FORGE_ERROR_RETRY))
    return (
        ForgeSessionFailure){ .result = has_answered ? FORGE_ATTEMPT_NO_VIDEO : FORGE_ATTEMPT_HARD,
                              .was_counted = has_answered,
                              .why = outcome->timed_out ? "no answer in time" : error->message };
  return (ForgeSessionFailure){ .result = g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH)
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
  if (outcome->is_open && outcome->dial.kind == FORGE_DIAL_TS &&
      !is_clip (session, &outcome->dial)) {
    start_source (session, &outcome->dial);
    return;
  }

  ForgeSessionFailure failure = failure_of_dial (session, outcome);
  /* Close before anything else is dialled. */
  forge_dial_clear (&outcome->dial);
  outcome->dial = (ForgeDial){ .bytes = { .fd = -1 } };
  forge_session_fail (session, &failure);
}

static guint
dial_limit_ms (const ForgeSession *session)
{
  gint64 own_us = forge_session_setting_us (session, "connect_timeout_ms") +
                  forge_session_setting_us (session, "stall_ms");

  if (session->start_s > 0)
    return CATCHUP_DIAL_MS;
  return (guint)(own_us / G_TIME_SPAN_MILLISECOND) + DIAL_GRACE_MS;
}

static void
dial (ForgeSession *session)
{
  const ForgeDialOrder order = { .account = forge_slot_account (session->slot),
                                 .stream = session->stream,
                                 .start_s = session->start_s,
                                 .duration_s = session->duration_s,
                                 .limit_ms = dial_limit_ms (session) };

  if (session->first_stream_id == 0)
    session->first_stream_id = session->stream->id;
  session->attempt_us = g_get_monotonic_time ();
  forge_session_set_state (session, FORGE_SESSION_DIALLING);
  forge_slots_note_dialled (session->host->slots, session->slot, session->attempt_us);
  session->job = forge_dial_pool_start (session->host->dials, &order, on_dialled, session);
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
    forge_session_pause_for (session, delay_us);
  else
    dial (session);
}

/* What may be tried in this round, best first. Returns: (transfer full). */
static GPtrArray *
find_order (ForgeSession *session, guint *n_full)
{
  ForgeStreamMemory *memory = session->host->memory;
  guint8 video_type = session->playing ? forge_stream_memory_video (memory, session->playing->id)
                                       : 0;
  const ForgeSourceQuery query = { .channel = session->channel,
                                   .slots = session->host->slots,
                                   .memory = memory,
                                   .is_tried = is_tried,
                                   .tried_data = session,
                                   .held_account_id = forge_session_account_id (session),
                                   .demote_at = session->has_flowed ? FORGE_DEMOTE_FAILOVER
                                                                    : FORGE_DEMOTE_NEW_TUNE,
                                   .video_type = video_type,
                                   .now_us = g_get_monotonic_time () };

  return forge_source_order (&query, n_full);
}

gboolean
forge_session_has_backup (ForgeSession *session)
{
  guint n_full;
  g_autoptr (GPtrArray) order = find_order (session, &n_full);

  for (guint i = 0; i < order->len; i++)
    if (((ForgeStream *)g_ptr_array_index (order, i))->id != session->stream->id)
      return TRUE;
  return FALSE;
}

void
forge_session_next_source (ForgeSession *session)
{
  guint n_full;

  if (session->viewers->len == 0) {
    forge_session_end (session, FORGE_TUNE_FAILED);
    return;
  }
  g_autoptr (GPtrArray) order = find_order (session, &n_full);

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
