/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define FEEDS_PER_TICK_STEP 16u

static int64_t
read_clock_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
forge_worker_emit (ForgeWorker *worker, const ForgeRelayEvent *event)
{
  const ForgeRelayConfig *config = &worker->relay->config;

  if (config->event)
    config->event (event, config->user_data);
}

ForgeFeed *
forge_worker_find_feed (ForgeWorker *worker, ForgeFeedId id)
{
  ForgeFeed *feed = worker->buckets[id % FORGE_RELAY_FEED_BUCKETS];

  while (feed && feed->id != id)
    feed = feed->next_in_bucket;
  return feed;
}

void
forge_worker_post (ForgeWorker *worker, ForgeCommand *command)
{
  pthread_mutex_lock (&worker->queue_lock);
  bool was_empty = !worker->first_command;
  if (was_empty)
    worker->first_command = command;
  else
    worker->last_command->next = command;
  worker->last_command = command;
  pthread_mutex_unlock (&worker->queue_lock);
  if (was_empty)
    eventfd_write (worker->event_fd, 1);
}

static ForgeCommand *
take_commands (ForgeWorker *worker)
{
  eventfd_t ignored;

  eventfd_read (worker->event_fd, &ignored);
  pthread_mutex_lock (&worker->queue_lock);
  ForgeCommand *first = worker->first_command;
  worker->first_command = worker->last_command = NULL;
  pthread_mutex_unlock (&worker->queue_lock);
  return first;
}

static void
run_commands (ForgeWorker *worker)
{
  for (ForgeCommand *command = take_commands (worker), *next; command; command = next) {
    next = command->next;
    forge_worker_run_command (worker, command);
    free (command);
  }
}

static void
dispatch (ForgeWorker *worker, const struct epoll_event *event)
{
  switch (*(ForgeWatch *)event->data.ptr) {
  case FORGE_WATCH_QUEUE:
    run_commands (worker);
    break;
  case FORGE_WATCH_SOURCE:
    /* The source is the first member of its feed. */
    forge_source_on_event (event->data.ptr, event->events);
    break;
  case FORGE_WATCH_VIEWER:
    forge_viewer_on_event (event->data.ptr, event->events);
    break;
  case FORGE_WATCH_PARTING:
    forge_parting_on_event (worker, event->data.ptr);
    break;
  default:
    break;
  }
}

/* Goes on with the round of reads. A round of hundreds of feeds takes milliseconds: it stops now
 * and then to look for first bytes and new viewers, which must not wait. */
static void
continue_tick (ForgeWorker *worker)
{
  for (unsigned n = 0; worker->tick_cursor && n < FEEDS_PER_TICK_STEP; n++) {
    ForgeFeed *feed = worker->tick_cursor;
    worker->tick_cursor = feed->next;
    forge_source_tick (feed);
  }
}

static void
begin_tick (ForgeWorker *worker)
{
  worker->tick_ms = worker->now_ms + FORGE_RELAY_TICK_MS;
  worker->tick_cursor = worker->feeds;
}

static void
read_hot_sources (ForgeWorker *worker)
{
  for (ForgeFeed *feed = worker->feeds; feed; feed = feed->next)
    if (feed->source.is_hot)
      forge_source_read (feed);
}

static void
keep_house (ForgeWorker *worker)
{
  worker->housekeeping_ms = worker->now_ms + FORGE_RELAY_HOUSEKEEPING_MS;
  for (ForgeFeed *feed = worker->feeds; feed; feed = feed->next)
    forge_feed_keep_house (feed);
  forge_worker_mind_partings (worker);
  for (ForgeViewer *v = worker->closing, *next; v; v = next) {
    next = v->next;
    forge_viewer_keep_house (v);
  }
  if (worker->now_ms >= worker->stats_ms) {
    worker->stats_ms = worker->now_ms + FORGE_RELAY_STATS_MS;
    forge_stats_publish (worker);
  }
}

static void
bury_dead (ForgeWorker *worker)
{
  while (worker->dead) {
    ForgeViewer *viewer = worker->dead;
    worker->dead = viewer->next;
    forge_viewer_free (viewer);
  }
  while (worker->dead_feeds) {
    ForgeFeed *feed = worker->dead_feeds;
    worker->dead_feeds = feed->next;
    forge_feed_free (feed);
  }
  forge_worker_bury_partings (worker);
}

static int
timeout_ms (const ForgeWorker *worker)
{
  if (worker->n_hot > 0 || worker->tick_cursor)
    return 0;
  if (!worker->feeds && !worker->closing && !worker->partings)
    return -1;
  int64_t due_ms = worker->housekeeping_ms;
  if (worker->n_resting > 0 && worker->tick_ms < due_ms)
    due_ms = worker->tick_ms;
  int64_t left_ms = due_ms - read_clock_ms ();
  return left_ms > 0 ? (int)left_ms : 0;
}

static void
run_round (ForgeWorker *worker)
{
  struct epoll_event events[FORGE_RELAY_EVENTS_PER_WAIT];
  int n = epoll_wait (worker->epoll_fd, events, FORGE_RELAY_EVENTS_PER_WAIT, timeout_ms (worker));

  worker->now_ms = read_clock_ms ();
  for (int i = 0; i < n; i++)
    dispatch (worker, &events[i]);
  if (!worker->tick_cursor && worker->n_resting > 0 && worker->now_ms >= worker->tick_ms)
    begin_tick (worker);
  if (worker->tick_cursor)
    continue_tick (worker);
  else if (worker->n_hot > 0)
    read_hot_sources (worker);
  /* Nobody is called silent in the middle of a round of reads. */
  if (worker->now_ms >= worker->housekeeping_ms && !worker->tick_cursor)
    keep_house (worker);
  bury_dead (worker);
}

static void *
run_worker (void *data)
{
  ForgeWorker *worker = data;

  worker->now_ms = read_clock_ms ();
  while (!worker->is_stopping)
    run_round (worker);
  return NULL;
}

static bool
start_thread (ForgeWorker *worker, unsigned index)
{
  sigset_t all, before;
  char name[16]; /* the kernel's limit */

  /* Signals are for other threads. */
  sigfillset (&all);
  pthread_sigmask (SIG_BLOCK, &all, &before);
  int error_number = pthread_create (&worker->thread, NULL, run_worker, worker);
  pthread_sigmask (SIG_SETMASK, &before, NULL);
  if (error_number != 0) {
    errno = error_number;
    return false;
  }
  snprintf (name, sizeof name, "forge-relay-%u", index);
  pthread_setname_np (worker->thread, name);
  return true;
}

static void
close_descriptors (ForgeWorker *worker)
{
  int saved = errno;

  if (worker->epoll_fd >= 0)
    close (worker->epoll_fd);
  if (worker->event_fd >= 0)
    close (worker->event_fd);
  pthread_mutex_destroy (&worker->queue_lock);
  pthread_mutex_destroy (&worker->stats_lock);
  errno = saved;
}

bool
forge_worker_start (ForgeWorker *worker, ForgeRelay *relay, unsigned index)
{
  struct epoll_event want = { .events = EPOLLIN, .data.ptr = worker };

  worker->watch = FORGE_WATCH_QUEUE;
  worker->relay = relay;
  pthread_mutex_init (&worker->queue_lock, NULL);
  pthread_mutex_init (&worker->stats_lock, NULL);
  worker->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  worker->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  worker->stop_command = calloc (1, sizeof *worker->stop_command);
  if (worker->stop_command)
    worker->stop_command->type = FORGE_COMMAND_STOP;
  if (!worker->stop_command || worker->epoll_fd < 0 || worker->event_fd < 0 ||
      epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, worker->event_fd, &want) < 0 ||
      !start_thread (worker, index)) {
    free (worker->stop_command);
    close_descriptors (worker);
    return false;
  }
  return true;
}

void
forge_worker_stop (ForgeWorker *worker)
{
  forge_worker_post (worker, worker->stop_command);
  pthread_join (worker->thread, NULL);
  bury_dead (worker);
  close_descriptors (worker);
}
