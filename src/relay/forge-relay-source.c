/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 * epoll watches a source while it starts and after it fell silent, so that a first byte is never
 * late. One that flows is read at the tick: at 8 Mbit/s a segment arrives every 1.4 ms, and a
 * wake-up for each would cost more than moving the bytes. Only its end wakes us.
 */

#define WATCH_EVENTS (EPOLLIN | EPOLLRDHUP)
/* Edge-triggered: one that is held back may be over long before it is read to its end. */
#define REST_EVENTS (EPOLLRDHUP | EPOLLET)
#define END_EVENTS  (EPOLLRDHUP | EPOLLHUP | EPOLLERR)

/* A resting source that gives nothing for so many ticks goes back to epoll. */
#define SILENT_TICKS_MAX 10u

typedef enum { READ_DRAINED, READ_FULL, READ_END, READ_ERROR } ReadStatus;

void
forge_byte_source_close (ForgeByteSource *bytes)
{
  if (bytes->ops)
    bytes->ops->close (bytes->context);
  else if (bytes->fd >= 0)
    close (bytes->fd);
  *bytes = (ForgeByteSource){ .fd = -1 };
}

static void
set_hot (ForgeFeed *feed, bool is_hot)
{
  if (feed->source.is_hot == is_hot)
    return;
  feed->source.is_hot = is_hot;
  feed->worker->n_hot += is_hot ? 1u : -1u;
}

static bool
want_events (ForgeFeed *feed, uint32_t events)
{
  ForgeSource *source = &feed->source;
  struct epoll_event want = { .events = events, .data.ptr = source };
  int how = source->is_in_epoll ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;

  if (source->bytes.fd < 0 || epoll_ctl (feed->worker->epoll_fd, how, source->bytes.fd, &want) < 0)
    return false;
  source->is_in_epoll = true;
  return true;
}

static void
watch_source (ForgeFeed *feed)
{
  ForgeSource *source = &feed->source;

  /* One that epoll cannot watch is read at each tick. */
  if (source->is_watched || !want_events (feed, WATCH_EVENTS))
    return;
  source->is_watched = true;
  feed->worker->n_resting--;
}

static void
rest_source (ForgeFeed *feed)
{
  ForgeSource *source = &feed->source;

  source->silent_ticks = 0;
  if (!source->is_watched)
    return;
  want_events (feed, REST_EVENTS);
  source->is_watched = false;
  if (feed->worker->n_resting++ == 0)
    feed->worker->tick_ms = feed->worker->now_ms + FORGE_RELAY_TICK_MS;
}

/* Ends it and fills in whose end `event` tells. Its connection is still open. */
static ForgeByteSource
end_source (ForgeFeed *feed, ForgeRelayEvent *event)
{
  ForgeSource *source = &feed->source;

  if (source->state == FORGE_SOURCE_FLOWING)
    forge_feed_end_flow (feed);
  rest_source (feed);
  set_hot (feed, false);
  feed->worker->n_resting--;
  if (source->is_in_epoll)
    epoll_ctl (feed->worker->epoll_fd, EPOLL_CTL_DEL, source->bytes.fd, NULL);
  source->is_in_epoll = false;
  ForgeByteSource bytes = source->bytes;
  source->bytes = (ForgeByteSource){ .fd = -1 };
  source->state = FORGE_SOURCE_NONE;
  source->is_paused = false;
  /* Viewers keep what was published; what was not is worth nothing. */
  feed->staged = feed->scanned = feed->head;
  feed->rest = 0;
  event->feed = feed->id;
  event->source_tag = source->tag;
  event->bytes = source->bytes_read;
  return bytes;
}

void
forge_source_close (ForgeFeed *feed)
{
  ForgeRelayEvent event = { .type = FORGE_RELAY_SOURCE_CLOSED };

  if (feed->source.state == FORGE_SOURCE_NONE)
    return;
  ForgeByteSource bytes = end_source (feed, &event);
  forge_worker_part (feed->worker, &bytes, &event, feed->options.hang_up_ms);
}

void
forge_source_lose (ForgeFeed *feed, ForgeSourceLost lost, int error_number)
{
  ForgeRelayEvent event = { .type = FORGE_RELAY_SOURCE_LOST,
                            .lost = lost,
                            .error_number = error_number };

  if (feed->source.state == FORGE_SOURCE_NONE)
    return;
  ForgeByteSource bytes = end_source (feed, &event);
  forge_byte_source_close (&bytes);
  forge_worker_emit (feed->worker, &event);
  /* The end of what was held back. */
  forge_feed_serve_viewers (feed);
}

static ssize_t
read_once (ForgeSource *source, uint8_t *out, size_t size)
{
  ssize_t n;

  do
    n = source->bytes.ops ? source->bytes.ops->read (source->bytes.context, out, size)
                          : recv (source->bytes.fd, out, size, MSG_DONTWAIT);
  while (n < 0 && errno == EINTR);
  return n;
}

/* A plain socket that gave less than asked is empty, unless its end is there. TLS gives a record at
 * a time and says when it is. */
static ReadStatus
read_up_to (ForgeSource *source, uint8_t *out, size_t size, size_t *got)
{
  *got = 0;
  while (*got < size) {
    size_t want = size - *got;
    ssize_t n = read_once (source, out + *got, want);
    if (n == 0)
      return READ_END;
    if (n < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK ? READ_DRAINED : READ_ERROR;
    *got += (size_t)n;
    if (!source->bytes.ops && (size_t)n < want && !source->is_over)
      return READ_DRAINED;
  }
  return READ_FULL;
}

static void
count_read (ForgeFeed *feed, size_t bytes)
{
  ForgeSource *source = &feed->source;

  if (bytes == 0)
    return;
  source->last_byte_ms = feed->worker->now_ms;
  if (source->bytes_read == 0)
    source->first_byte_ms = feed->worker->now_ms;
  source->bytes_read += bytes;
  feed->source_bytes += bytes;
}

/* Big reads for a source that fills them; small ones leave laggards more of the ring. */
static void
adapt_read_size (ForgeSource *source, size_t got, size_t wanted)
{
  if (got == wanted && source->read_bytes < FORGE_READ_MAX_BYTES)
    source->read_bytes *= 2;
  else if (got < source->read_bytes / 4 && source->read_bytes > FORGE_READ_MIN_BYTES)
    source->read_bytes /= 2;
}

static ReadStatus
read_block (ForgeFeed *feed, size_t *got)
{
  ForgeSource *source = &feed->source;
  size_t want = forge_feed_make_room (feed, source->read_bytes);

  *got = 0;
  source->is_paused = want == 0;
  if (want == 0)
    return READ_DRAINED;
  uint8_t *out = forge_ring_at (&feed->ring, feed->staged + feed->rest);
  ReadStatus status = read_up_to (source, out, want, got);
  int error_number = errno;
  adapt_read_size (source, *got, want);
  count_read (feed, *got);
  if (*got > 0) {
    bool is_open = forge_feed_take_bytes (feed, *got);
    forge_feed_serve_viewers (feed);
    if (!is_open)
      return READ_END;
  }
  if (status == READ_END)
    forge_source_lose (feed, FORGE_SOURCE_LOST_EOF, 0);
  else if (status == READ_ERROR)
    forge_source_lose (feed, FORGE_SOURCE_LOST_ERROR, error_number);
  return status;
}

void
forge_source_read (ForgeFeed *feed)
{
  ForgeSource *source = &feed->source;
  ReadStatus status = READ_FULL;

  for (size_t total = 0, got; status == READ_FULL && total < FORGE_READ_BUDGET_BYTES; total += got)
    status = read_block (feed, &got);
  if (source->state == FORGE_SOURCE_NONE)
    return;
  set_hot (feed, status == READ_FULL);
  if (source->state == FORGE_SOURCE_FLOWING)
    rest_source (feed);
}

void
forge_source_on_event (ForgeFeed *feed, uint32_t events)
{
  if (feed->source.state == FORGE_SOURCE_NONE)
    return;
  feed->source.is_over |= (events & END_EVENTS) != 0;
  forge_source_read (feed);
}

void
forge_source_tick (ForgeFeed *feed)
{
  ForgeSource *source = &feed->source;

  if (source->state == FORGE_SOURCE_NONE || source->is_watched)
    return;
  uint64_t before = source->bytes_read;
  unsigned silent_ticks = source->silent_ticks;
  forge_source_read (feed);
  if (source->state == FORGE_SOURCE_NONE || source->is_paused || source->bytes_read > before)
    return;
  source->silent_ticks = silent_ticks + 1;
  if (source->silent_ticks >= SILENT_TICKS_MAX)
    watch_source (feed);
}

/* Body bytes that came with the response head. */
static void
take_leftover (ForgeFeed *feed, const uint8_t *bytes, size_t size)
{
  while (size > 0 && feed->source.state != FORGE_SOURCE_NONE) {
    size_t take = size < FORGE_READ_MIN_BYTES ? size : FORGE_READ_MIN_BYTES;
    /* Nothing to pause: these are already here. */
    if (forge_feed_make_room (feed, take) < take)
      take = size < FORGE_TS_PACKET_BYTES ? size : FORGE_TS_PACKET_BYTES;
    memcpy (forge_ring_at (&feed->ring, feed->staged + feed->rest), bytes, take);
    count_read (feed, take);
    forge_feed_take_bytes (feed, take);
    bytes += take;
    size -= take;
  }
  forge_feed_serve_viewers (feed);
}

void
forge_source_open (ForgeFeed *feed, const ForgeSourceSpec *spec)
{
  ForgeWorker *worker = feed->worker;

  forge_source_close (feed);
  feed->source = (ForgeSource){
    .watch = FORGE_WATCH_SOURCE,
    .state = FORGE_SOURCE_STARTING,
    .bytes = spec->bytes,
    .tag = spec->tag,
    .is_chunked = spec->is_chunked,
    .read_bytes = FORGE_READ_MIN_BYTES,
    .last_byte_ms = worker->now_ms,
  };
  if (worker->n_resting++ == 0)
    worker->tick_ms = worker->now_ms + FORGE_RELAY_TICK_MS;
  forge_feed_begin_start (feed);
  forge_health_begin (feed);
  if (!feed->ring.memory && !forge_ring_open (&feed->ring, FORGE_RING_MIN_BYTES)) {
    forge_source_lose (feed, FORGE_SOURCE_LOST_ERROR, errno);
    return;
  }
  take_leftover (feed, spec->leftover, spec->leftover_bytes);
  if (feed->source.state == FORGE_SOURCE_NONE)
    return;
  watch_source (feed);
  /* TLS may hold bytes that the descriptor will not announce. */
  forge_source_read (feed);
}
