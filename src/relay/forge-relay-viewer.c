/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "relay/forge-relay-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/*
 *   state      | leaves on                     | to
 *   -----------+-------------------------------+----------------------------
 *   WAITING    | a join point                  | STREAMING
 *   WAITING    | answer                        | CLOSING
 *   STREAMING  | fell out of the ring          | WAITING or (joined) itself
 *   STREAMING  | duration over                 | CLOSING
 *   any        | client gone, drop, timeout    | DEAD
 *   CLOSING    | client's FIN, 2 s             | DEAD
 */

/* A client of a stream has nothing to say; one that talks on is not one. */
#define STRAY_MAX_BYTES  (64u * 1024u)
#define STRAY_READ_BYTES 4096u
/* How long a finished connection may take to deliver its last bytes and see the client's FIN. */
#define LINGER_MS 2000

static bool
prepare_socket (int fd)
{
  int flags = fcntl (fd, F_GETFL);

  if (flags < 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
      fcntl (fd, F_SETFD, FD_CLOEXEC) < 0)
    return false;
  /* Not TCP (a test's socket pair): nothing to tune. */
  int on = 1;
  setsockopt (fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return true;
}

ForgeViewer *
forge_viewer_new (ForgeViewerId id, ForgeFeedId feed, const ForgeViewerSpec *spec)
{
  /* The head, the end of a packet, and tables twice (a jump before the first were sent). */
  size_t room = spec->head_bytes + FORGE_TS_PACKET_BYTES + 2u * FORGE_TS_PSI_MAX_BYTES;
  ForgeViewer *viewer = calloc (1, sizeof *viewer);
  uint8_t *pending = malloc (room);

  if (!viewer || !pending || !prepare_socket (spec->fd)) {
    free (viewer);
    free (pending);
    return NULL;
  }
  viewer->watch = FORGE_WATCH_VIEWER;
  viewer->id = id;
  viewer->feed_id = feed;
  viewer->fd = spec->fd;
  viewer->duration_ms = spec->duration_ms;
  viewer->pending = pending;
  viewer->pending_room = room;
  viewer->pending_to = viewer->head_left = spec->head_bytes;
  if (spec->head_bytes > 0)
    memcpy (pending, spec->head, spec->head_bytes);
  return viewer;
}

void
forge_viewer_free (ForgeViewer *viewer)
{
  free (viewer->pending);
  free (viewer);
}

static void
link_viewer (ForgeViewer **list, ForgeViewer *viewer)
{
  viewer->previous = NULL;
  viewer->next = *list;
  if (*list)
    (*list)->previous = viewer;
  *list = viewer;
}

static void
unlink_viewer (ForgeViewer **list, ForgeViewer *viewer)
{
  if (viewer->previous)
    viewer->previous->next = viewer->next;
  else
    *list = viewer->next;
  if (viewer->next)
    viewer->next->previous = viewer->previous;
}

void
forge_viewer_announce (ForgeViewer *viewer, ForgeViewerGone gone, int error_number)
{
  if (viewer->is_announced)
    return;
  viewer->is_announced = true;
  ForgeRelayEvent event = {
    .type = FORGE_RELAY_VIEWER_GONE,
    .feed = viewer->feed_id,
    .viewer = viewer->id,
    .gone = gone,
    .error_number = error_number,
    .bytes = viewer->media_bytes,
  };
  forge_worker_emit (viewer->worker, &event);
}

static void
leave_list (ForgeViewer *viewer)
{
  ForgeFeed *feed = viewer->feed;

  if (feed) {
    unlink_viewer (&feed->viewers, viewer);
    feed->n_viewers--;
  } else if (viewer->state == FORGE_VIEWER_CLOSING) {
    unlink_viewer (&viewer->worker->closing, viewer);
  }
  viewer->feed = NULL;
}

/* Reads what the client says and forgets it. Returns 1 while it is there, 0 when it closed, -1 with
 * errno on an error or on too much talk. */
static int
drain_input (ForgeViewer *viewer)
{
  uint8_t stray[STRAY_READ_BYTES];

  for (;;) {
    ssize_t n = recv (viewer->fd, stray, sizeof stray, MSG_DONTWAIT);
    if (n == 0)
      return 0;
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return errno == EAGAIN || errno == EWOULDBLOCK ? 1 : -1;
    viewer->stray_bytes += (size_t)n;
    if (viewer->stray_bytes > STRAY_MAX_BYTES) {
      errno = EMSGSIZE;
      return -1;
    }
  }
}

void
forge_viewer_close (ForgeViewer *viewer, ForgeViewerGone gone, int error_number)
{
  ForgeWorker *worker = viewer->worker;

  if (viewer->state == FORGE_VIEWER_DEAD)
    return;
  /* Unread input would turn our FIN into a reset that overtakes the last bytes. */
  if (error_number == 0)
    drain_input (viewer);
  close (viewer->fd);
  leave_list (viewer);
  viewer->state = FORGE_VIEWER_DEAD;
  link_viewer (&worker->dead, viewer);
  forge_viewer_announce (viewer, gone, error_number);
}

static void
fail_viewer (ForgeViewer *viewer, int error_number)
{
  /* ETIMEDOUT: TCP_USER_TIMEOUT. */
  bool is_timeout = error_number == ETIMEDOUT;

  forge_viewer_close (viewer,
                      is_timeout ? FORGE_VIEWER_GONE_TIMEOUT : FORGE_VIEWER_GONE_CLOSED,
                      error_number);
}

void
forge_viewer_attach (ForgeViewer *viewer, ForgeWorker *worker, ForgeFeed *feed)
{
  /* Edge-triggered for good: EPOLLOUT only speaks up after a full socket drained, so that no cycle
   * needs an epoll_ctl (). */
  struct epoll_event want = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
                              .data.ptr = viewer };

  viewer->worker = worker;
  viewer->waiting_ms = worker->now_ms;
  viewer->progress_ms = worker->now_ms;
  if (feed) {
    unsigned timeout_ms = feed->options.viewer_timeout_ms;
    setsockopt (viewer->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &timeout_ms, sizeof timeout_ms);
    viewer->feed = feed;
    link_viewer (&feed->viewers, viewer);
    feed->n_viewers++;
  }
  if (!feed)
    forge_viewer_close (viewer, FORGE_VIEWER_GONE_DROPPED, 0);
  else if (epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, viewer->fd, &want) < 0)
    forge_viewer_close (viewer, FORGE_VIEWER_GONE_CLOSED, errno);
  else
    forge_viewer_serve (viewer);
}

/* Room behind what is pending, or NULL. */
static uint8_t *
reserve_pending (ForgeViewer *viewer, size_t size)
{
  size_t left = viewer->pending_to - viewer->pending_from;

  if (viewer->pending_from > 0) {
    memmove (viewer->pending, viewer->pending + viewer->pending_from, left);
    viewer->tables_at -= viewer->tables_at < viewer->pending_from ? viewer->tables_at
                                                                  : viewer->pending_from;
    viewer->pending_from = 0;
    viewer->pending_to = left;
  }
  return left + size <= viewer->pending_room ? viewer->pending + left : NULL;
}

/* Takes back the tables of an earlier join that were not sent yet: a viewer that jumps again and
 * again must not pile them up. */
static void
withdraw_tables (ForgeViewer *viewer)
{
  if (viewer->has_tables && viewer->pending_from <= viewer->tables_at &&
      viewer->tables_at < viewer->pending_to)
    viewer->pending_to = viewer->tables_at;
  viewer->has_tables = false;
}

static bool
enter_at (ForgeViewer *viewer, const ForgeJoin *join)
{
  uint8_t *out = reserve_pending (viewer, FORGE_TS_PSI_MAX_BYTES);

  if (!out)
    return false;
  viewer->tables_at = viewer->pending_to;
  viewer->has_tables = true;
  viewer->pending_to += forge_joins_write_psi (&viewer->feed->joins, join, out);
  viewer->offset = join->offset;
  viewer->state = FORGE_VIEWER_STREAMING;
  return true;
}

/* Moves the rest of the packet that was sent in part out of the ring. Only possible while nothing
 * else is pending, and needed only then. */
static void
finish_packet (ForgeViewer *viewer)
{
  size_t sent = (size_t)(viewer->offset % FORGE_TS_PACKET_BYTES);

  if (viewer->state != FORGE_VIEWER_STREAMING || sent == 0)
    return;
  uint8_t *out = reserve_pending (viewer, FORGE_TS_PACKET_BYTES);
  if (!out)
    return;
  size_t left = FORGE_TS_PACKET_BYTES - sent;
  memcpy (out, forge_ring_at (&viewer->feed->ring, viewer->offset), left);
  viewer->pending_to += left;
  viewer->offset += left;
}

void
forge_viewer_jump (ForgeViewer *viewer)
{
  const ForgeJoin *join = forge_joins_newest (&viewer->feed->joins);

  if (viewer->offset % FORGE_TS_PACKET_BYTES == 0)
    withdraw_tables (viewer);
  finish_packet (viewer);
  viewer->state = FORGE_VIEWER_WAITING;
  viewer->waiting_ms = viewer->worker->now_ms;
  if (join && join->offset > viewer->offset)
    enter_at (viewer, join);
}

static void
start_clock (ForgeViewer *viewer)
{
  viewer->started_ms = viewer->worker->now_ms;
  ForgeRelayEvent event = {
    .type = FORGE_RELAY_VIEWER_STARTED,
    .feed = viewer->feed_id,
    .viewer = viewer->id,
  };
  forge_worker_emit (viewer->worker, &event);
}

static void
count_sent (ForgeViewer *viewer, size_t bytes)
{
  size_t of_head = bytes < viewer->head_left ? bytes : viewer->head_left;

  viewer->head_left -= of_head;
  viewer->sent_bytes += bytes;
  viewer->progress_ms = viewer->worker->now_ms;
  if (bytes > of_head && viewer->state == FORGE_VIEWER_STREAMING) {
    if (viewer->media_bytes == 0)
      start_clock (viewer);
    viewer->media_bytes += bytes - of_head;
  }
}

/* False when the socket is full or the viewer is gone. */
static bool
send_bytes (ForgeViewer *viewer, const uint8_t *bytes, size_t size, int flags, size_t *sent)
{
  ssize_t n;

  do
    n = send (viewer->fd, bytes, size, MSG_NOSIGNAL | flags);
  while (n < 0 && errno == EINTR);
  *sent = n > 0 ? (size_t)n : 0;
  if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
    fail_viewer (viewer, errno);
    return false;
  }
  if (*sent > 0)
    count_sent (viewer, *sent);
  viewer->is_blocked = *sent < size;
  return !viewer->is_blocked;
}

static bool
send_pending (ForgeViewer *viewer, bool has_more)
{
  size_t left = viewer->pending_to - viewer->pending_from, sent = 0;

  if (left == 0)
    return true;
  bool is_done = send_bytes (viewer,
                             viewer->pending + viewer->pending_from,
                             left,
                             has_more ? MSG_MORE : 0,
                             &sent);
  viewer->pending_from += sent;
  return is_done;
}

static void
serve_streaming (ForgeViewer *viewer)
{
  const ForgeFeed *feed = viewer->feed;
  bool has_more = feed->head > viewer->offset;
  size_t sent = 0;

  if (!send_pending (viewer, has_more) || !has_more)
    return;
  send_bytes (viewer,
              forge_ring_at (&feed->ring, viewer->offset),
              (size_t)(feed->head - viewer->offset),
              0,
              &sent);
  viewer->offset += sent;
}

static bool
is_over (const ForgeViewer *viewer)
{
  return viewer->duration_ms > 0 && viewer->media_bytes > 0 &&
         viewer->worker->now_ms - viewer->started_ms >= viewer->duration_ms;
}

void
forge_viewer_enter (ForgeViewer *viewer)
{
  const ForgeJoin *join = forge_joins_newest (&viewer->feed->joins);

  if (viewer->state == FORGE_VIEWER_WAITING && join && join->offset >= viewer->offset)
    enter_at (viewer, join);
}

/* The HTTP head waits for media, the end of a packet does not. */
static void
serve_waiting (ForgeViewer *viewer)
{
  const ForgeJoin *join = forge_feed_find_join (viewer->feed, viewer->waiting_ms);
  /* Never back to what it already got. */
  bool can_enter = join && join->offset >= viewer->offset;

  if ((!can_enter || !enter_at (viewer, join)) && viewer->media_bytes > 0 && !viewer->is_blocked)
    send_pending (viewer, false);
}

void
forge_viewer_serve (ForgeViewer *viewer)
{
  if (viewer->state == FORGE_VIEWER_WAITING)
    serve_waiting (viewer);
  if (viewer->state != FORGE_VIEWER_STREAMING)
    return;
  if (is_over (viewer))
    forge_viewer_finish (viewer, FORGE_VIEWER_GONE_DURATION, NULL, 0);
  else if (!viewer->is_blocked)
    serve_streaming (viewer);
}

/* Goes on with a viewer that left its feed: last bytes, FIN, then wait for the client's. */
static void
serve_closing (ForgeViewer *viewer)
{
  if (viewer->is_blocked || viewer->is_shut || !send_pending (viewer, false))
    return;
  shutdown (viewer->fd, SHUT_WR);
  viewer->is_shut = true;
  forge_viewer_announce (viewer, viewer->gone, 0);
}

void
forge_viewer_finish (ForgeViewer *viewer,
                     ForgeViewerGone gone,
                     const uint8_t *answer,
                     size_t answer_bytes)
{
  ForgeWorker *worker = viewer->worker;

  finish_packet (viewer);
  if (answer) {
    uint8_t *copy = malloc (answer_bytes + 1);
    if (!copy) {
      forge_viewer_close (viewer, gone, ENOMEM);
      return;
    }
    memcpy (copy, answer, answer_bytes);
    free (viewer->pending);
    viewer->pending = copy;
    viewer->pending_from = 0;
    viewer->pending_to = viewer->pending_room = answer_bytes;
  }
  leave_list (viewer);
  viewer->state = FORGE_VIEWER_CLOSING;
  viewer->gone = gone;
  viewer->deadline_ms = worker->now_ms + LINGER_MS;
  link_viewer (&worker->closing, viewer);
  serve_closing (viewer);
}

static bool
has_hung_up (ForgeViewer *viewer, uint32_t events)
{
  int error_number = 0;
  socklen_t size = sizeof error_number;

  if (events & EPOLLERR)
    getsockopt (viewer->fd, SOL_SOCKET, SO_ERROR, &error_number, &size);
  if (error_number != 0) {
    fail_viewer (viewer, error_number);
    return true;
  }
  if (!(events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)))
    return false;
  int input = drain_input (viewer);
  if (input > 0 && !(events & (EPOLLRDHUP | EPOLLHUP)))
    return false;
  if (input < 0)
    fail_viewer (viewer, errno);
  else
    forge_viewer_close (viewer, FORGE_VIEWER_GONE_CLOSED, 0);
  return true;
}

void
forge_viewer_on_event (ForgeViewer *viewer, uint32_t events)
{
  if (viewer->state == FORGE_VIEWER_DEAD || has_hung_up (viewer, events) || !(events & EPOLLOUT) ||
      !viewer->is_blocked)
    return;
  viewer->is_blocked = false;
  if (viewer->state == FORGE_VIEWER_CLOSING) {
    serve_closing (viewer);
    return;
  }
  ForgeFeed *feed = viewer->feed;
  forge_viewer_serve (viewer);
  if (feed->source.is_paused)
    forge_source_read (feed);
}

/* It has all that there is, up to the end of a packet. */
static bool
is_idle (const ForgeViewer *viewer)
{
  return viewer->media_bytes > 0 && !viewer->is_blocked &&
         viewer->pending_from == viewer->pending_to &&
         (viewer->state == FORGE_VIEWER_WAITING || viewer->offset == viewer->feed->head);
}

/* Players and what is between them and us take silence for a dead connection. */
static void
keep_alive (ForgeViewer *viewer)
{
  unsigned after_ms = viewer->feed->options.keep_alive_ms;

  if (after_ms == 0 || !is_idle (viewer) ||
      viewer->worker->now_ms - viewer->progress_ms < (int64_t)after_ms)
    return;
  uint8_t *packet = reserve_pending (viewer, FORGE_TS_PACKET_BYTES);
  if (!packet)
    return;
  forge_ts_make_null (packet);
  viewer->pending_to += FORGE_TS_PACKET_BYTES;
  send_pending (viewer, false);
}

void
forge_viewer_keep_house (ForgeViewer *viewer)
{
  int64_t now_ms = viewer->worker->now_ms;

  if (viewer->state == FORGE_VIEWER_CLOSING) {
    if (now_ms >= viewer->deadline_ms)
      forge_viewer_close (viewer, viewer->gone, 0);
    return;
  }
  if (viewer->is_blocked && now_ms - viewer->progress_ms >= viewer->feed->options.viewer_timeout_ms)
    forge_viewer_close (viewer, FORGE_VIEWER_GONE_TIMEOUT, 0);
  else if (is_over (viewer) || viewer->state == FORGE_VIEWER_WAITING)
    forge_viewer_serve (viewer);
  if (viewer->feed)
    keep_alive (viewer);
}
