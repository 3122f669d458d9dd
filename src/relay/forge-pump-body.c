/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-pump-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Buffers that one body may move before the others have their turn. */
#define ROUNDS 8
/* How long a finished connection may take to see the client's end. */
#define CLOSING_MS 2000
/* What a client may say while it is answered. */
#define STRAY_BYTES 4096u

#define DATA_START FORGE_PUMP_FRAME_BYTES

static bool
prepare_client (int fd)
{
  int flags = fcntl (fd, F_GETFL), on = 1;

  if (flags < 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0)
    return false;
  /* Not TCP (a test's socket pair): nothing to tune. */
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  setsockopt (fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  return true;
}

/* Takes over the leftover too. */
static void
take_source (ForgePumpBody *body, const ForgePumpSource *source)
{
  body->source = source->bytes;
  body->is_chunked = source->is_chunked;
  body->chunked = (ForgeChunked){ 0 };
  body->skip = source->skip;
  body->leftover = (uint8_t *)source->leftover;
  body->leftover_bytes = source->leftover_bytes;
  body->state = FORGE_PUMP_FLOWING;
}

ForgePumpBody *
forge_pump_body_new (const ForgePumpSpec *spec)
{
  ForgePumpBody *body = calloc (1, sizeof *body);
  size_t room = FORGE_PUMP_BUFFER_BYTES + 2 * FORGE_PUMP_FRAME_BYTES;

  if (!body)
    return NULL;
  ForgePumpSource source = spec->source;
  body->head = malloc (spec->head_bytes + 1);
  body->buffer = malloc (room);
  source.leftover = source.leftover_bytes > 0 ? malloc (source.leftover_bytes) : NULL;
  if (!body->head || !body->buffer || (source.leftover_bytes > 0 && !source.leftover) ||
      !prepare_client (spec->client_fd)) {
    free (body->head);
    free (body->buffer);
    free ((void *)source.leftover);
    free (body);
    return NULL;
  }
  if (source.leftover)
    memcpy ((void *)source.leftover, spec->source.leftover, source.leftover_bytes);
  memcpy (body->head, spec->head, spec->head_bytes);
  body->head_to = spec->head_bytes;
  body->client_fd = spec->client_fd;
  body->client_watch = (ForgePumpWatch){ body, false };
  body->source_watch = (ForgePumpWatch){ body, true };
  body->left = spec->length;
  body->told = spec->sent;
  body->send_chunked = spec->send_chunked;
  body->data = spec->body_data;
  body->from = body->to = DATA_START;
  take_source (body, &source);
  return body;
}

void
forge_pump_body_free (ForgePumpBody *body)
{
  forge_pump_source_close (&body->source);
  if (body->client_fd >= 0)
    close (body->client_fd);
  free (body->leftover);
  free (body->head);
  free (body->buffer);
  free (body);
}

static void
emit (ForgePumpBody *body, ForgePumpEventKind kind, int error)
{
  const ForgePumpConfig *config = &body->worker->pump->config;
  const ForgePumpEvent event = { .kind = kind,
                                 .id = body->id,
                                 .body_data = body->data,
                                 .received = body->received,
                                 .sent = body->sent,
                                 .error = error };

  config->event (&event, config->user_data);
}

/* ---- what epoll is to tell ---- */

static void
watch (ForgePumpBody *body, bool is_source, uint32_t events)
{
  uint32_t *known = is_source ? &body->source_events : &body->client_events;
  struct epoll_event event = { .events = events,
                               .data.ptr = is_source ? &body->source_watch : &body->client_watch };
  int fd = is_source ? body->source.fd : body->client_fd;

  if (*known == events || fd < 0)
    return;
  if (epoll_ctl (body->worker->epoll_fd, EPOLL_CTL_MOD, fd, &event) == 0 ||
      (errno == ENOENT && epoll_ctl (body->worker->epoll_fd, EPOLL_CTL_ADD, fd, &event) == 0))
    *known = events;
}

static void
close_source (ForgePumpBody *body)
{
  if (body->source.fd >= 0 && body->source_events)
    epoll_ctl (body->worker->epoll_fd, EPOLL_CTL_DEL, body->source.fd, NULL);
  body->source_events = 0;
  forge_pump_source_close (&body->source);
  free (body->leftover);
  body->leftover = NULL;
  body->leftover_bytes = 0;
}

/* `is_whole`: the client got everything. */
static void
die (ForgePumpBody *body, bool is_whole)
{
  const struct linger at_once = { .l_onoff = 1 };

  if (body->state == FORGE_PUMP_DEAD)
    return;
  bool was_done = body->state == FORGE_PUMP_CLOSING;
  body->state = FORGE_PUMP_DEAD;
  close_source (body);
  if (!is_whole && !was_done)
    setsockopt (body->client_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close (body->client_fd);
  body->client_fd = -1;
  if (!was_done)
    emit (body, FORGE_PUMP_ENDED, 0);
}

/* ---- receiving ---- */

static void
lose_source (ForgePumpBody *body, int error)
{
  close_source (body);
  body->state = FORGE_PUMP_BARE;
  emit (body, FORGE_PUMP_SOURCE_LOST, error);
}

static void
finish_source (ForgePumpBody *body)
{
  close_source (body);
  body->state = FORGE_PUMP_FLUSHING;
  if (body->send_chunked) {
    memcpy (body->buffer + body->to, "0\r\n\r\n", 5);
    body->to += 5;
  }
  emit (body, FORGE_PUMP_SOURCE_CLOSED, 0);
}

/* Puts chunk coding around the data at [from, to). */
static void
frame (ForgePumpBody *body)
{
  char text[FORGE_PUMP_FRAME_BYTES];
  int n = snprintf (text, sizeof text, "%zx\r\n", body->to - body->from);

  body->from -= (size_t)n;
  memcpy (body->buffer + body->from, text, (size_t)n);
  memcpy (body->buffer + body->to, "\r\n", 2);
  body->to += 2;
}

/* `size` raw bytes lie at DATA_START: decodes them, cuts what is not wanted. */
static void
accept_bytes (ForgePumpBody *body, size_t size)
{
  uint8_t *data = body->buffer + DATA_START;

  if (body->is_chunked)
    size = forge_chunked_run (&body->chunked, data, size);
  size_t skipped = body->skip < size ? (size_t)body->skip : size;
  body->skip -= skipped;
  size -= skipped;
  if (body->left >= 0 && (uint64_t)body->left < size)
    size = (size_t)body->left;
  body->from = DATA_START + skipped;
  body->to = body->from + size;
  body->received += size;
  if (body->left >= 0)
    body->left -= (int64_t)size;
  if (size > 0 && body->send_chunked)
    frame (body);
}

/* After bytes were accepted, or at the end of the connection (`is_end`). */
static void
judge_source (ForgePumpBody *body, bool is_end, int error)
{
  bool is_coded_end = body->is_chunked && body->chunked.state == FORGE_CHUNKED_DONE;
  bool is_natural_end = body->is_chunked ? is_coded_end : is_end && error == 0;

  if (body->left == 0 || (body->left < 0 && is_natural_end))
    finish_source (body);
  else if (is_end || is_coded_end ||
           (body->is_chunked && body->chunked.state == FORGE_CHUNKED_BROKEN))
    lose_source (body, error);
}

/* What was read with the head comes first. */
static ssize_t
read_leftover (ForgePumpBody *body, uint8_t *room)
{
  size_t n = body->leftover_bytes < FORGE_PUMP_BUFFER_BYTES ? body->leftover_bytes
                                                            : FORGE_PUMP_BUFFER_BYTES;

  memcpy (room, body->leftover, n);
  body->leftover_bytes -= n;
  memmove (body->leftover, body->leftover + n, body->leftover_bytes);
  if (body->leftover_bytes == 0) {
    free (body->leftover);
    body->leftover = NULL;
  }
  return (ssize_t)n;
}

static ssize_t
read_source (ForgePumpBody *body)
{
  ForgeByteSource *source = &body->source;
  uint8_t *room = body->buffer + DATA_START;

  if (body->leftover)
    return read_leftover (body, room);
  return source->ops ? source->ops->read (source->context, room, FORGE_PUMP_BUFFER_BYTES)
                     : recv (source->fd, room, FORGE_PUMP_BUFFER_BYTES, 0);
}

/* Returns false if there is nothing to read just now. */
static bool
receive (ForgePumpBody *body)
{
  ssize_t n = read_source (body);

  body->from = body->to = DATA_START;
  if (n < 0 && errno == EINTR)
    return true;
  if (n < 0 && errno == EAGAIN)
    return false;
  body->source_ms = body->worker->now_ms;
  if (n > 0)
    accept_bytes (body, (size_t)n);
  judge_source (body, n <= 0, n < 0 ? errno : 0);
  return true;
}

/* ---- sending ---- */

/* Returns false if the client takes no more just now, or is gone. */
static bool
send_some (ForgePumpBody *body)
{
  bool is_head = body->head != NULL;
  const uint8_t *data = is_head ? body->head + body->head_from : body->buffer + body->from;
  size_t size = is_head ? body->head_to - body->head_from : body->to - body->from;
  /* the head leaves with the first data */
  int more = is_head && body->to > body->from ? MSG_MORE : 0;
  ssize_t n = size > 0 ? send (body->client_fd, data, size, MSG_NOSIGNAL | more) : 0;

  if (n < 0) {
    if (errno != EAGAIN && errno != EINTR)
      die (body, false);
    return errno == EINTR;
  }
  body->client_ms = body->worker->now_ms;
  body->sent += (uint64_t)n;
  /* One writer; whoever reads it wants a figure for a person. */
  if (!is_head && body->told)
    atomic_fetch_add_explicit (body->told, (uint64_t)n, memory_order_relaxed);
  size_t *from = is_head ? &body->head_from : &body->from;
  *from += (size_t)n;
  if (is_head && body->head_from == body->head_to) {
    free (body->head);
    body->head = NULL;
  }
  return true;
}

static bool
has_output (const ForgePumpBody *body)
{
  return body->head || body->to > body->from;
}

static void
finish_client (ForgePumpBody *body)
{
  body->state = FORGE_PUMP_CLOSING;
  body->client_ms = body->worker->now_ms;
  shutdown (body->client_fd, SHUT_WR);
  watch (body, false, EPOLLIN | EPOLLRDHUP);
  emit (body, FORGE_PUMP_DONE, 0);
}

/* ---- one turn ---- */

/* Moves what can be moved, then asks epoll for what it waits for: never for more than that. */
static void
run (ForgePumpBody *body)
{
  bool is_client_full = false, is_source_dry = false;

  for (int i = 0; i < 2 * ROUNDS && !is_client_full && !is_source_dry; i++) {
    if (body->state == FORGE_PUMP_DEAD || body->state == FORGE_PUMP_CLOSING)
      return;
    if (has_output (body))
      is_client_full = !send_some (body);
    else if (body->state == FORGE_PUMP_FLOWING)
      is_source_dry = !receive (body);
    else
      break;
  }
  if (body->state == FORGE_PUMP_DEAD)
    return;
  if (body->state == FORGE_PUMP_FLUSHING && !has_output (body)) {
    finish_client (body);
    return;
  }
  /* Level-triggered: a turn that ended for fairness goes on at the next event. */
  bool wants_out = has_output (body);
  watch (body, false, (wants_out ? EPOLLOUT : 0) | EPOLLRDHUP);
  if (body->source.fd >= 0)
    watch (body, true, wants_out ? EPOLLET : EPOLLIN);
  if (!wants_out && body->source.fd >= 0 && !is_source_dry && body->source.ops)
    watch (body, false, EPOLLOUT | EPOLLRDHUP); /* decoded bytes announce themselves to nobody */
}

void
forge_pump_body_begin (ForgePumpBody *body)
{
  body->source_ms = body->client_ms = body->worker->now_ms;
  if (body->left == 0)
    finish_source (body);
  run (body);
}

void
forge_pump_body_resume (ForgePumpBody *body, const ForgePumpSource *source)
{
  if (body->state != FORGE_PUMP_BARE) {
    ForgeByteSource unwanted = source->bytes;
    forge_pump_source_close (&unwanted);
    free ((void *)source->leftover);
    return;
  }
  take_source (body, source);
  body->source_ms = body->worker->now_ms;
  run (body);
}

void
forge_pump_body_drop (ForgePumpBody *body)
{
  if (body->state == FORGE_PUMP_FLOWING) {
    close_source (body);
    body->state = FORGE_PUMP_BARE;
    emit (body, FORGE_PUMP_SOURCE_CLOSED, 0);
  }
}

void
forge_pump_body_end (ForgePumpBody *body)
{
  die (body, false);
}

/* ---- events ---- */

/* A client that is answered has nothing to say; its end is what matters. */
static void
hear_client (ForgePumpBody *body, uint32_t events)
{
  char stray[STRAY_BYTES];

  if (events & (EPOLLERR | EPOLLHUP | EPOLLRDHUP)) {
    die (body, false);
    return;
  }
  if ((events & EPOLLIN) && recv (body->client_fd, stray, sizeof stray, 0) == 0)
    die (body, false);
}

void
forge_pump_body_on_event (ForgePumpBody *body, bool is_source, uint32_t events)
{
  if (!is_source)
    hear_client (body, events);
  if (body->state != FORGE_PUMP_DEAD && body->state != FORGE_PUMP_CLOSING)
    run (body);
}

void
forge_pump_body_tick (ForgePumpBody *body)
{
  const ForgePumpConfig *config = &body->worker->pump->config;
  int64_t now_ms = body->worker->now_ms;

  if (body->state == FORGE_PUMP_CLOSING && now_ms - body->client_ms > CLOSING_MS)
    die (body, true);
  else if (has_output (body) && now_ms - body->client_ms > config->client_idle_ms)
    die (body, false);
  else if (has_output (body))
    body->source_ms = now_ms; /* it is not asked for anything */
  else if (body->state == FORGE_PUMP_FLOWING && now_ms - body->source_ms > config->source_idle_ms)
    lose_source (body, ETIMEDOUT);
}
