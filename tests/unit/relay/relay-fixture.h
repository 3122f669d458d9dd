/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/forge-relay.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* A relay with one feed; sources and viewers are socket pairs whose other ends the test holds. */
#define WAIT_MS 10000

/* Of pthread parts, which ThreadSanitizer understands; a GAsyncQueue is opaque to it. */
typedef struct {
  pthread_mutex_t lock;
  pthread_cond_t more;
  GQueue queue;
} EventQueue;

typedef struct {
  ForgeRelay *relay;
  ForgeFeedId feed;
  EventQueue events;
  TsBuilder ts;
  unsigned fds_before;
} Fixture;

static inline unsigned
count_fds (void)
{
  DIR *dir = opendir ("/proc/self/fd");
  unsigned n = 0;

  while (readdir (dir))
    n++;
  closedir (dir);
  return n;
}

static inline void
on_event (const ForgeRelayEvent *event, void *user_data)
{
  EventQueue *events = user_data;

  pthread_mutex_lock (&events->lock);
  g_queue_push_tail (&events->queue, g_memdup2 (event, sizeof *event));
  pthread_cond_signal (&events->more);
  pthread_mutex_unlock (&events->lock);
}

static inline void
set_up (Fixture *f, gconstpointer data)
{
  const ForgeFeedOptions *options = data;
  const ForgeFeedOptions patient = { .stall_ms = 60000,
                                     .viewer_timeout_ms = 60000,
                                     .hang_up_ms = 60000 };

  memset (f, 0, sizeof *f);
  f->fds_before = count_fds ();
  pthread_mutex_init (&f->events.lock, NULL);
  pthread_cond_init (&f->events.more, NULL);
  g_queue_init (&f->events.queue);
  f->relay = forge_relay_new (
      &(ForgeRelayConfig){ .workers = 2, .event = on_event, .user_data = &f->events });
  g_assert_nonnull (f->relay);
  f->feed = forge_relay_open_feed (f->relay, options ? options : &patient);
  g_assert_cmpuint (f->feed, !=, 0);
}

static inline void
tear_down (Fixture *f, gconstpointer data)
{
  forge_relay_free (f->relay);
  g_queue_clear_full (&f->events.queue, g_free);
  pthread_cond_destroy (&f->events.more);
  pthread_mutex_destroy (&f->events.lock);
  ts_builder_clear (&f->ts);
  g_assert_cmpuint (count_fds (), ==, f->fds_before);
}

/* NULL after WAIT_MS. */
static inline ForgeRelayEvent *
pop_event (EventQueue *events)
{
  struct timespec until;
  int error_number = 0;

  clock_gettime (CLOCK_REALTIME, &until);
  until.tv_sec += WAIT_MS / 1000;
  pthread_mutex_lock (&events->lock);
  while (g_queue_is_empty (&events->queue) && error_number == 0)
    error_number = pthread_cond_timedwait (&events->more, &events->lock, &until);
  ForgeRelayEvent *event = g_queue_pop_head (&events->queue);
  pthread_mutex_unlock (&events->lock);
  return event;
}

/* The next event of `type`; others before it are dropped. */
static inline ForgeRelayEvent
await_event (Fixture *f, ForgeRelayEventType type)
{
  for (;;) {
    g_autofree ForgeRelayEvent *event = pop_event (&f->events);
    g_assert_nonnull (event);
    if (event->type == type)
      return *event;
  }
}

/* Waits until all that sources of `source_bytes` bytes gave is sent to all viewers: closing the
 * feed cuts off who is still reading. */
static inline void
await_all_served (Fixture *f, uint64_t source_bytes)
{
  ForgeViewerStats viewers[4];
  ForgeFeedStats stats;
  uint64_t behind;
  unsigned n = 0;

  do {
    g_usleep (1000);
    behind = 0;
    g_assert_true (
        forge_relay_feed_stats (f->relay, f->feed, &stats, viewers, G_N_ELEMENTS (viewers), &n));
    for (unsigned i = 0; i < n; i++)
      behind += viewers[i].behind_bytes;
  } while (stats.silent_ms >= 0 || stats.source_bytes < source_bytes || n == 0 || behind > 0);
}

static inline void
make_pair (int pair[2])
{
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  g_assert_cmpint (fcntl (pair[1], F_SETFL, O_NONBLOCK), ==, 0);
}

static inline int
add_source_full (Fixture *f, uint64_t tag, bool is_chunked, const void *leftover, size_t n)
{
  int pair[2];

  make_pair (pair);
  forge_relay_set_source (f->relay,
                          f->feed,
                          &(ForgeSourceSpec){ .bytes = { .fd = pair[1] },
                                              .tag = tag,
                                              .is_chunked = is_chunked,
                                              .leftover = leftover,
                                              .leftover_bytes = n });
  return pair[0];
}

static inline int
add_source (Fixture *f, uint64_t tag)
{
  return add_source_full (f, tag, false, NULL, 0);
}

static inline int
add_viewer (Fixture *f, const char *head, uint32_t duration_ms, ForgeViewerId *id)
{
  int pair[2];

  make_pair (pair);
  ForgeViewerId viewer =
      forge_relay_add_viewer (f->relay,
                              f->feed,
                              &(ForgeViewerSpec){ .fd = pair[1],
                                                  .head = head,
                                                  .head_bytes = head ? strlen (head) : 0,
                                                  .duration_ms = duration_ms });
  g_assert_cmpuint (viewer, !=, 0);
  if (id)
    *id = viewer;
  return pair[0];
}

static inline void
write_all (int fd, const void *bytes, size_t size)
{
  const uint8_t *at = bytes;

  while (size > 0) {
    struct pollfd wait = { .fd = fd, .events = POLLOUT };
    g_assert_cmpint (poll (&wait, 1, WAIT_MS), ==, 1);
    ssize_t n = send (fd, at, size, MSG_NOSIGNAL);
    g_assert_cmpint (n, >, 0);
    at += n;
    size -= (size_t)n;
  }
}

/* Exactly `size` bytes. */
static inline void
read_all (int fd, void *bytes, size_t size)
{
  uint8_t *at = bytes;

  while (size > 0) {
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    g_assert_cmpint (poll (&wait, 1, WAIT_MS), ==, 1);
    ssize_t n = recv (fd, at, size, 0);
    g_assert_cmpint (n, >, 0);
    at += n;
    size -= (size_t)n;
  }
}

/* Whatever comes until the end of file. */
static inline GByteArray *
read_to_end (int fd)
{
  GByteArray *all = g_byte_array_new ();
  uint8_t block[65536];

  for (;;) {
    struct pollfd wait = { .fd = fd, .events = POLLIN };
    g_assert_cmpint (poll (&wait, 1, WAIT_MS), ==, 1);
    ssize_t n = recv (fd, block, sizeof block, 0);
    if (n <= 0)
      return all;
    g_byte_array_append (all, block, (guint)n);
  }
}

static inline void
assert_stream (int fd, const void *want, size_t size)
{
  g_autofree uint8_t *got = g_malloc (size);

  read_all (fd, got, size);
  g_assert_cmpmem (got, size, want, size);
}

static inline bool
is_silent (int fd, int ms)
{
  struct pollfd wait = { .fd = fd, .events = POLLIN };
  return poll (&wait, 1, ms) == 0;
}
