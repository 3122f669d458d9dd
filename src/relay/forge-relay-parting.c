/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>

/*
 * Hanging up. A provider counts a connection until it has seen our FIN and done with it: a round
 * trip at least. Whoever dials again on an account with one connection before that is refused. So a
 * source that is no longer wanted is parted from: our FIN goes out, what is still on its way is
 * thrown away, and only the provider's own FIN, or the end of our patience, ends the connection
 * and tells SOURCE_CLOSED.
 */

#define DISCARD_BYTES (1024u * 1024u) /* of one before others have their turn */

struct ForgeParting {
  ForgeWatch watch;
  ForgeParting *next;
  ForgeByteSource bytes;
  int64_t deadline_ms;
  ForgeRelayEvent closed;
  bool ends_feed; /* its feed is gone: FEED_CLOSED is told after */
};

/* Only a provider's connection: pipes and pairs of the program itself are simply closed. */
static bool
is_of_network (int fd)
{
  int domain = AF_UNSPEC;
  socklen_t size = sizeof domain;

  return fd >= 0 && getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
         (domain == AF_INET || domain == AF_INET6);
}

static ForgeParting *
begin (ForgeWorker *worker, int fd)
{
  if (worker->is_stopping || !is_of_network (fd) || shutdown (fd, SHUT_WR) < 0)
    return NULL;
  ForgeParting *parting = calloc (1, sizeof *parting);
  if (!parting)
    return NULL;
  parting->watch = FORGE_WATCH_PARTING;
  struct epoll_event want = { .events = EPOLLIN | EPOLLRDHUP, .data.ptr = parting };
  if (epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, fd, &want) < 0) {
    free (parting);
    return NULL;
  }
  return parting;
}

void
forge_worker_part (ForgeWorker *worker,
                   ForgeByteSource *bytes,
                   const ForgeRelayEvent *closed,
                   unsigned patience_ms)
{
  ForgeParting *parting = patience_ms > 0 ? begin (worker, bytes->fd) : NULL;

  if (!parting) {
    forge_byte_source_close (bytes);
    forge_worker_emit (worker, closed);
    return;
  }
  parting->bytes = *bytes;
  parting->closed = *closed;
  parting->deadline_ms = worker->now_ms + patience_ms;
  parting->next = worker->partings;
  worker->partings = parting;
  *bytes = (ForgeByteSource){ .fd = -1 };
}

bool
forge_worker_defer_feed_closed (ForgeWorker *worker, ForgeFeedId feed)
{
  for (ForgeParting *p = worker->partings; p; p = p->next)
    if (p->closed.feed == feed) {
      p->ends_feed = true;
      return true;
    }
  return false;
}

static void
unlink_parting (ForgeWorker *worker, const ForgeParting *parting)
{
  ForgeParting **at = &worker->partings;

  while (*at != parting)
    at = &(*at)->next;
  *at = parting->next;
}

static void
finish (ForgeWorker *worker, ForgeParting *parting)
{
  ForgeRelayEvent feed_closed = { .type = FORGE_RELAY_FEED_CLOSED, .feed = parting->closed.feed };
  /* Several of one feed: the last one tells. */
  unlink_parting (worker, parting);
  bool is_last = parting->ends_feed &&
                 !forge_worker_defer_feed_closed (worker, parting->closed.feed);

  forge_byte_source_close (&parting->bytes);
  forge_worker_emit (worker, &parting->closed);
  if (is_last)
    forge_worker_emit (worker, &feed_closed);
  /* This round of events may still name it. */
  parting->next = worker->dead_partings;
  worker->dead_partings = parting;
}

void
forge_parting_on_event (ForgeWorker *worker, ForgeParting *parting)
{
  if (parting->bytes.fd < 0)
    return;
  /* tcp(7): MSG_TRUNC throws the bytes away without a copy. Under TLS they mean nothing to us. */
  ssize_t n = recv (parting->bytes.fd, NULL, DISCARD_BYTES, MSG_DONTWAIT | MSG_TRUNC);
  if (n == 0 || (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR))
    finish (worker, parting);
}

void
forge_worker_mind_partings (ForgeWorker *worker)
{
  for (ForgeParting *p = worker->partings, *next; p; p = next) {
    next = p->next;
    if (worker->is_stopping || worker->now_ms >= p->deadline_ms)
      finish (worker, p);
  }
}

void
forge_worker_bury_partings (ForgeWorker *worker)
{
  while (worker->dead_partings) {
    ForgeParting *parting = worker->dead_partings;
    worker->dead_partings = parting->next;
    free (parting);
  }
}
