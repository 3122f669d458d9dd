/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "net/forge-net-poll.h"
#include "server/media/forge-media-private.h"

#include <string.h>
#include <unistd.h>

/**
 * ForgeMediaBody: one answer on its way. On the control thread, but for `run_opener`, which works
 * on what does not change meanwhile.
 *
 *   state   | on                            | to
 *   --------+-------------------------------+----------------------------------------------
 *   FLOWING | the source is lost            | OPENING (a job; the lease goes with it)
 *   FLOWING | live TV, or the same client's | WAITING (source closed, lease given back)
 *           | next request, needs its slot  |
 *   WAITING | a slot is free (tick)         | OPENING
 *   OPENING | opened                        | FLOWING
 *   OPENING | only busy                     | WAITING
 *   OPENING | failed MAX_FAILURES times, or | broken off
 *           | there is another file by now  |
 *   any     | DONE or ENDED                 | gone, once no job works on it
 */
typedef enum {
  BODY_FLOWING,
  BODY_WAITING,
  BODY_OPENING,
} BodyState;

struct _ForgeMediaBody {
  ForgeMediaService *service;
  ForgeMediaWish wish;
  ForgeMediaOpened opened; /* until it flows, and what a job found */
  gint64 first, length;    /* of the answer within the file; length -1 = unknown */
  gint64 file_length;
  ForgeMediaVersion version; /* of the file that was begun */
  ForgePumpId id;
  BodyState state;
  ForgeMediaLease *lease;
  gint64 received;     /* as last told */
  gint64 opened_at;    /* `received` when the source was opened */
  guint failures;      /* since the last progress */
  gboolean is_over;    /* DONE or ENDED came */
  gboolean is_parking; /* the source is being closed for somebody else */
  gint64 waiting_since_us;
  gboolean is_open; /* what the job found */
  gboolean is_busy;
  gboolean is_hopeless;         /* asking again would find the same */
  ForgeMediaProgress *progress; /* NULL = nobody asks */
  ForgeMediaProgressState end;
  ForgeMediaMerge *merge; /* that it belongs to; NULL = none */
  gboolean is_input;      /* of it */
  GBytes *head;           /* what goes before it there; NULL = nothing */
};

#define MAX_FAILURES     5
#define TICK_MS          250
#define MAX_WAIT_US      (30 * 60 * G_USEC_PER_SEC)
#define BACKOFF_FIRST_US G_USEC_PER_SEC

/* ---- places ---- */

gboolean
forge_media_reserve (ForgeMediaService *service, const char *client)
{
  g_mutex_lock (&service->lock);
  guint of_client = GPOINTER_TO_UINT (g_hash_table_lookup (service->clients, client));
  gboolean may = service->bodies < FORGE_MEDIA_MAX_BODIES &&
                 of_client < FORGE_MEDIA_MAX_BODIES_PER_CLIENT;
  if (may) {
    service->bodies++;
    g_hash_table_insert (service->clients, g_strdup (client), GUINT_TO_POINTER (of_client + 1));
  }
  g_mutex_unlock (&service->lock);
  return may;
}

void
forge_media_release (ForgeMediaService *service, const char *client)
{
  g_mutex_lock (&service->lock);
  guint of_client = GPOINTER_TO_UINT (g_hash_table_lookup (service->clients, client));
  service->bodies--;
  if (of_client > 1)
    g_hash_table_insert (service->clients, g_strdup (client), GUINT_TO_POINTER (of_client - 1));
  else
    g_hash_table_remove (service->clients, client);
  g_mutex_unlock (&service->lock);
}

/* ---- life ---- */

ForgeMediaBody *
forge_media_body_new (ForgeMediaService *service,
                      ForgeMediaWish *wish,
                      ForgeMediaOpened *opened,
                      gint64 first,
                      gint64 length)
{
  ForgeMediaBody *body = g_new0 (ForgeMediaBody, 1);

  body->service = service;
  body->wish = *wish;
  *wish = (ForgeMediaWish){ 0 };
  body->opened = *opened;
  *opened = (ForgeMediaOpened){ .fetch.dial.bytes.fd = -1 };
  body->first = first;
  body->length = length;
  body->file_length = body->opened.length;
  body->version = forge_media_version_of (&body->opened);
  body->end = FORGE_MEDIA_PROGRESS_STOPPED;
  body->progress = forge_media_progress_begin (service->progress,
                                               body->wish.client,
                                               body->wish.progress_name,
                                               first,
                                               body->file_length);
  return body;
}

ForgeMediaBody *
forge_media_body_new_merged (ForgeMediaService *service,
                             ForgeMediaWish *wish,
                             ForgeMediaOpened *opened,
                             ForgeMediaMerge *merge)
{
  ForgeMediaBody *body = forge_media_body_new (service, wish, opened, 0, -1);

  body->merge = forge_media_merge_ref (merge);
  return body;
}

ForgeMediaBody *
forge_media_body_new_input (ForgeMediaService *service,
                            ForgeMediaWish *wish,
                            ForgeMediaOpened *opened,
                            ForgeMediaInput *input,
                            ForgeMediaMerge *merge)
{
  ForgeMediaBody *body = forge_media_body_new (service, wish, opened, input->first, input->length);

  body->head = g_steal_pointer (&input->head);
  body->merge = forge_media_merge_ref (merge);
  body->is_input = TRUE;
  return body;
}

static void
leave_merge (ForgeMediaBody *body)
{
  if (!body->is_input)
    forge_media_merge_abandon (body->merge);
  g_clear_pointer (&body->merge, forge_media_merge_unref);
}

void
forge_media_body_discard (gpointer data)
{
  ForgeMediaBody *body = data;

  forge_media_opened_clear (&body->opened);
  forge_media_lease_give (g_steal_pointer (&body->lease), TRUE);
  if (!body->is_input)
    forge_media_release (body->service, body->wish.client);
  if (body->merge)
    leave_merge (body);
  forge_media_progress_end (body->progress, body->end);
  g_clear_pointer (&body->head, g_bytes_unref);
  forge_media_version_clear (&body->version);
  forge_media_wish_clear (&body->wish);
  g_free (body);
}

const char *
forge_media_body_key (const ForgeMediaBody *body)
{
  return body->wish.key;
}

static void
remove_body (ForgeMediaBody *body)
{
  g_ptr_array_remove (body->service->running, body);
  forge_media_body_discard (body);
}

/* Hands the opened source to the pump, which reads from `at` of the file on. */
static void
fill_source (ForgeMediaBody *body, gint64 at, ForgePumpSource *source)
{
  ForgeDial *dial = &body->opened.fetch.dial;

  *source = (ForgePumpSource){ .bytes = dial->bytes,
                               .is_chunked = dial->is_chunked,
                               .leftover = dial->leftover,
                               .leftover_bytes = dial->leftover_bytes,
                               .skip = (guint64)(at - body->opened.first) };
  dial->bytes = (ForgeByteSource){ .fd = -1 };
  body->lease = g_steal_pointer (&body->opened.lease);
}

/* FALSE: it is gone. */
static gboolean
start_pumping (ForgeMediaBody *body, ForgePumpSpec *spec)
{
  if (!body->service->pump || forge_media_wish_is_ended (&body->wish)) {
    close (spec->client_fd);
    forge_media_body_discard (body);
    return FALSE;
  }
  fill_source (body, body->first, &spec->source);
  g_ptr_array_add (body->service->running, body);
  body->state = BODY_FLOWING;
  body->id = forge_pump_start (body->service->pump, spec);
  forge_fetch_clear (&body->opened.fetch);
  if (body->id == 0) {
    remove_body (body);
    return FALSE;
  }
  forge_media_lease_set_body (body->lease, body);
  return TRUE;
}

void
forge_media_body_take (int fd,
                       const char *head,
                       gsize head_bytes,
                       gboolean send_chunked,
                       gpointer user_data)
{
  ForgeMediaBody *body = user_data;
  ForgePumpSpec spec = { .client_fd = fd,
                         .head = head,
                         .head_bytes = head_bytes,
                         .length = body->length,
                         .send_chunked = send_chunked,
                         .body_data = body,
                         .sent = forge_media_progress_counter (body->progress) };

  if (start_pumping (body, &spec) && body->merge)
    forge_media_merge_start (body->merge);
}

void
forge_media_body_feed (ForgeMediaBody *body, int fd)
{
  g_autoptr (ForgeMediaMerge) merge = forge_media_merge_ref (body->merge);
  ForgePumpSpec spec = { .client_fd = fd, .head = "", .length = body->length, .body_data = body };

  if (body->head)
    spec.head = g_bytes_get_data (body->head, &spec.head_bytes);
  if (!start_pumping (body, &spec))
    forge_media_merge_kill (merge);
}

/* ---- giving way ---- */

/* Closes the source; the lease follows when the pump says that it is closed. */
static void
park (ForgeMediaBody *body)
{
  if (body->state != BODY_FLOWING || body->is_parking || !body->lease || !body->service->pump)
    return;
  body->is_parking = TRUE;
  forge_pump_drop_source (body->service->pump, body->id);
}

void
forge_media_body_yield (ForgeMediaBody *body)
{
  g_debug ("Request %s gives its connection to live TV", body->wish.request_id);
  park (body);
}

/* A player that seeks asks anew, and only then leaves the old connection. */
gboolean
forge_media_body_give_way (ForgeMediaService *service, const ForgeMediaWish *wish)
{
  for (guint i = 0; i < service->running->len; i++) {
    ForgeMediaBody *body = g_ptr_array_index (service->running, i);
    if (g_str_equal (body->wish.client, wish->client) && g_str_equal (body->wish.key, wish->key) &&
        body->state == BODY_FLOWING && body->lease) {
      park (body);
      return TRUE;
    }
  }
  return FALSE;
}

guint64
forge_media_body_seat (const ForgeMediaBody *body)
{
  return body->wish.seat.id;
}

void
forge_media_body_end (ForgeMediaBody *body)
{
  if (body->service->pump)
    forge_pump_end (body->service->pump, body->id);
}

/* ---- opening again ---- */

static void
break_off (ForgeMediaBody *body)
{
  g_message ("Request %s: the file could not be sent to its end", body->wish.request_id);
  body->end = FORGE_MEDIA_PROGRESS_FAILED;
  if (body->merge)
    forge_media_merge_kill (body->merge);
  if (body->service->pump)
    forge_pump_end (body->service->pump, body->id);
}

void
forge_media_bodies_cut (ForgeMediaService *service)
{
  for (guint i = 0; i < service->running->len; i++) {
    ForgeMediaBody *body = g_ptr_array_index (service->running, i);
    if (body->merge)
      forge_media_merge_kill (body->merge);
  }
}

static void
start_opening (ForgeMediaBody *body)
{
  body->state = BODY_OPENING;
  body->opened_at = body->received;
  g_thread_pool_push (body->service->openers, body, NULL);
}

static gboolean
on_tick (gpointer user_data)
{
  ForgeMediaService *service = user_data;
  gboolean has_waiting = FALSE;

  for (guint i = 0; i < service->running->len; i++) {
    ForgeMediaBody *body = g_ptr_array_index (service->running, i);
    gint64 wait_us;
    if (body->state != BODY_WAITING || body->is_over)
      continue;
    has_waiting = TRUE;
    if (g_get_monotonic_time () - body->waiting_since_us > MAX_WAIT_US) {
      break_off (body);
      continue;
    }
    /* Whether there is room is asked of the account that it had; the job looks at all of them. */
    ForgeMediaLease *lease =
        forge_media_lease_try (service, body->opened.account_id, body->wish.is_watched, &wait_us);
    if (!lease)
      continue;
    body->lease = lease;
    start_opening (body);
  }
  if (has_waiting)
    return G_SOURCE_CONTINUE;
  g_clear_pointer (&service->tick, g_source_unref);
  return G_SOURCE_REMOVE;
}

static void
wait_for_slot (ForgeMediaBody *body)
{
  ForgeMediaService *service = body->service;

  body->state = BODY_WAITING;
  body->waiting_since_us = g_get_monotonic_time ();
  if (service->tick || !service->pump)
    return;
  service->tick = g_timeout_source_new (TICK_MS);
  g_source_set_callback (service->tick, on_tick, service, NULL);
  g_source_attach (service->tick, service->config.context);
}

static gboolean
on_opened (gpointer user_data)
{
  ForgeMediaBody *body = user_data;
  ForgePumpSource source;

  if (body->is_over) {
    remove_body (body);
    return G_SOURCE_REMOVE;
  }
  if (!body->service->pump) { /* its ENDED is on the way */
    body->state = BODY_FLOWING;
    return G_SOURCE_REMOVE;
  }
  if (body->is_open) {
    fill_source (body, body->first + body->received, &source);
    body->state = BODY_FLOWING;
    forge_pump_resume (body->service->pump, body->id, &source);
    forge_fetch_clear (&body->opened.fetch);
    forge_media_lease_set_body (body->lease, body);
  } else if (body->is_busy) {
    wait_for_slot (body);
  } else if (body->is_hopeless || ++body->failures >= MAX_FAILURES) {
    body->state = BODY_FLOWING;
    break_off (body);
  } else {
    start_opening (body);
  }
  return G_SOURCE_REMOVE;
}

/* 1, 2, 4 s between attempts in vain. FALSE: cancelled. */
static gboolean
back_off (ForgeMediaBody *body, GCancellable *cancellable)
{
  if (body->failures == 0)
    return !g_cancellable_is_cancelled (cancellable);
  return forge_net_pause (BACKOFF_FIRST_US << MIN (body->failures - 1, 2), cancellable);
}

/* Another file by now, no file at all, or one that is shorter. What is not there may come back:
 * some panels say so for a moment. */
static gboolean
is_hopeless (const GError *error)
{
  return g_error_matches (error, FORGE_ERROR, FORGE_ERROR_INVALID) ||
         g_error_matches (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED) ||
         g_error_matches (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
}

void
forge_media_body_run_opener (gpointer data, gpointer user_data)
{
  ForgeMediaBody *body = data;
  ForgeMediaService *service = user_data;
  GCancellable *stop = body->wish.stop ? body->wish.stop : service->stopping;
  gint64 account_id = body->opened.account_id;
  g_autoptr (GError) error = NULL;
  ForgeMediaPlace place = { .first = body->first + body->received,
                            .last = body->length >= 0 ? body->first + body->length - 1 : -1,
                            .length = body->file_length,
                            .version = &body->version,
                            .lease = g_steal_pointer (&body->lease) };

  forge_role_enter (FORGE_ROLE_JOB);
  body->is_open = back_off (body, stop) &&
                  forge_media_open (service, &body->wish, &place, &body->opened, stop, &error);
  forge_media_lease_give (g_steal_pointer (&place.lease), FALSE);
  if (!body->is_open)
    body->opened.account_id = account_id;
  body->is_busy = g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
  body->is_hopeless = is_hopeless (error);
  if (error)
    g_message ("Request %s: %s", body->wish.request_id, error->message);
  g_main_context_invoke_full (service->config.context, G_PRIORITY_DEFAULT, on_opened, body, NULL);
}

/* ---- events of the pump ---- */

typedef struct {
  ForgeMediaService *service;
  ForgePumpEvent event;
} Message;

static void
note_progress (ForgeMediaBody *body, gint64 received)
{
  if (received > body->received)
    body->failures = 0;
  body->received = received;
}

/* What is not opened again: an answer whose length nobody knows cannot be continued for sure. */
static void
on_source_lost (ForgeMediaBody *body, int error)
{
  g_debug ("Request %s lost its source after %" G_GINT64_FORMAT " bytes: %s",
           body->wish.request_id,
           body->received,
           error ? g_strerror (error) : "it ended");
  forge_media_lease_set_body (body->lease, NULL);
  if (body->file_length < 0) {
    break_off (body);
    return;
  }
  if (body->received == body->opened_at)
    body->failures++;
  forge_media_lease_note_lost (body->lease);
  start_opening (body);
}

static void
on_source_closed (ForgeMediaBody *body)
{
  gboolean was_parking = body->is_parking;

  body->is_parking = FALSE;
  forge_media_lease_set_body (body->lease, NULL);
  forge_media_lease_give (g_steal_pointer (&body->lease), TRUE);
  if (!was_parking || (body->length >= 0 && body->received >= body->length))
    return;
  if (body->file_length < 0)
    break_off (body);
  else
    wait_for_slot (body);
}

static void
on_over (ForgeMediaBody *body)
{
  body->is_over = TRUE;
  if (body->lease)
    forge_media_lease_set_body (body->lease, NULL);
  if (body->state != BODY_OPENING)
    remove_body (body);
}

static gboolean
on_message (gpointer user_data)
{
  Message *message = user_data;
  const ForgePumpEvent *event = &message->event;
  ForgeMediaBody *body = event->body_data;

  note_progress (body, (gint64)event->received);
  switch (event->kind) {
  case FORGE_PUMP_SOURCE_LOST:
    if (body->is_parking)
      on_source_closed (body);
    else
      on_source_lost (body, event->error);
    break;
  case FORGE_PUMP_SOURCE_CLOSED:
    if (body->lease)
      on_source_closed (body);
    break;
  case FORGE_PUMP_DONE:
    body->end = FORGE_MEDIA_PROGRESS_DONE;
    on_over (body);
    break;
  case FORGE_PUMP_ENDED:
  default:
    on_over (body);
  }
  return G_SOURCE_REMOVE;
}

/* Thread: relay. */
void
forge_media_body_on_event (const ForgePumpEvent *event, void *user_data)
{
  ForgeMediaService *service = user_data;
  Message *message = g_new (Message, 1);
  g_autoptr (GSource) source = g_idle_source_new ();

  *message = (Message){ service, *event };
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, on_message, message, g_free);
  g_source_attach (source, service->config.context);
}
