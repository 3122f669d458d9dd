/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-pump-private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_EVENTS  64
#define TICK_MS     500
#define MAX_WORKERS 16u

static int64_t
read_clock_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
forge_pump_source_close (ForgeByteSource *source)
{
  if (source->fd >= 0 && source->ops)
    source->ops->close (source->context);
  else if (source->fd >= 0)
    close (source->fd);
  *source = (ForgeByteSource){ .fd = -1 };
}

/* ---- commands ---- */

static ForgePumpWorker *
worker_of (ForgePump *pump, ForgePumpId id)
{
  return &pump->workers[id % pump->config.workers];
}

static void
post (ForgePumpWorker *worker, ForgePumpCommand *command)
{
  pthread_mutex_lock (&worker->lock);
  bool was_empty = !worker->first;
  if (was_empty)
    worker->first = command;
  else
    worker->last->next = command;
  worker->last = command;
  pthread_mutex_unlock (&worker->lock);
  if (was_empty)
    eventfd_write (worker->event_fd, 1);
}

static ForgePumpCommand *
take_commands (ForgePumpWorker *worker)
{
  eventfd_t ignored;

  eventfd_read (worker->event_fd, &ignored);
  pthread_mutex_lock (&worker->lock);
  ForgePumpCommand *first = worker->first;
  worker->first = worker->last = NULL;
  pthread_mutex_unlock (&worker->lock);
  return first;
}

/* Returns false if there is no memory. */
static bool
send_command (ForgePump *pump, const ForgePumpCommand *command)
{
  ForgePumpCommand *copy = malloc (sizeof *copy);

  if (!copy)
    return false;
  *copy = *command;
  copy->next = NULL;
  post (worker_of (pump, copy->id), copy);
  return true;
}

/* ---- on the worker ---- */

static ForgePumpBody *
find (ForgePumpWorker *worker, ForgePumpId id)
{
  ForgePumpBody *body = worker->bodies;

  while (body && body->id != id)
    body = body->next;
  return body && body->state != FORGE_PUMP_DEAD ? body : NULL;
}

static void
add_body (ForgePumpWorker *worker, ForgePumpBody *body)
{
  body->worker = worker;
  body->next = worker->bodies;
  if (body->next)
    body->next->previous = body;
  worker->bodies = body;
  forge_pump_body_begin (body);
}

/* Returns false to stop. */
static bool
run_command (ForgePumpWorker *worker, ForgePumpCommand *command)
{
  ForgePumpBody *body = find (worker, command->id);

  switch (command->kind) {
  case FORGE_PUMP_ADD:
    add_body (worker, command->body);
    break;
  case FORGE_PUMP_RESUME:
    if (body) {
      forge_pump_body_resume (body, &command->source);
    } else {
      forge_pump_source_close (&command->source.bytes);
      free ((void *)command->source.leftover);
    }
    break;
  case FORGE_PUMP_DROP:
    if (body)
      forge_pump_body_drop (body);
    break;
  case FORGE_PUMP_END:
    if (body)
      forge_pump_body_end (body);
    break;
  case FORGE_PUMP_STOP:
  default:
    return false;
  }
  return true;
}

static bool
run_commands (ForgePumpWorker *worker)
{
  bool goes_on = true;

  for (ForgePumpCommand *command = take_commands (worker); command;) {
    ForgePumpCommand *next = command->next;
    goes_on = run_command (worker, command) && goes_on;
    free (command);
    command = next;
  }
  return goes_on;
}

static void
sweep_dead (ForgePumpWorker *worker)
{
  for (ForgePumpBody *body = worker->bodies; body;) {
    ForgePumpBody *next = body->next;
    if (body->state == FORGE_PUMP_DEAD) {
      if (body->previous)
        body->previous->next = next;
      else
        worker->bodies = next;
      if (next)
        next->previous = body->previous;
      forge_pump_body_free (body);
    }
    body = next;
  }
}

static void
tick (ForgePumpWorker *worker)
{
  for (ForgePumpBody *body = worker->bodies; body; body = body->next)
    forge_pump_body_tick (body);
}

static bool
run_round (ForgePumpWorker *worker, int64_t *next_tick_ms)
{
  struct epoll_event events[MAX_EVENTS];
  int timeout = worker->bodies ? TICK_MS : -1;
  int n = epoll_wait (worker->epoll_fd, events, MAX_EVENTS, timeout);
  bool goes_on = true, has_commands = false;

  worker->now_ms = read_clock_ms ();
  for (int i = 0; i < n; i++) {
    ForgePumpWatch *watch = events[i].data.ptr;
    if (!watch)
      has_commands = true;
    else if (watch->body->state != FORGE_PUMP_DEAD)
      forge_pump_body_on_event (watch->body, watch->is_source, events[i].events);
  }
  if (has_commands)
    goes_on = run_commands (worker);
  if (worker->now_ms >= *next_tick_ms) {
    tick (worker);
    *next_tick_ms = worker->now_ms + TICK_MS;
  }
  sweep_dead (worker);
  return goes_on;
}

static void *
run_worker (void *data)
{
  ForgePumpWorker *worker = data;
  int64_t next_tick_ms = 0;

  while (run_round (worker, &next_tick_ms))
    ;
  for (ForgePumpBody *body = worker->bodies; body; body = body->next)
    if (body->state != FORGE_PUMP_DEAD)
      forge_pump_body_end (body);
  sweep_dead (worker);
  return NULL;
}

/* ---- API ---- */

static bool
start_worker (ForgePump *pump, unsigned i)
{
  ForgePumpWorker *worker = &pump->workers[i];
  struct epoll_event event = { .events = EPOLLIN };
  sigset_t all, old;
  char name[16];

  worker->pump = pump;
  worker->epoll_fd = epoll_create1 (EPOLL_CLOEXEC);
  worker->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  pthread_mutex_init (&worker->lock, NULL);
  if (worker->epoll_fd < 0 || worker->event_fd < 0 ||
      epoll_ctl (worker->epoll_fd, EPOLL_CTL_ADD, worker->event_fd, &event) < 0)
    return false;
  sigfillset (&all); /* signals are for the main thread */
  pthread_sigmask (SIG_SETMASK, &all, &old);
  int code = pthread_create (&worker->thread, NULL, run_worker, worker);
  pthread_sigmask (SIG_SETMASK, &old, NULL);
  if (code != 0) {
    errno = code;
    return false;
  }
  snprintf (name, sizeof name, "forge-pump-%u", i % 100);
  pthread_setname_np (worker->thread, name);
  return true;
}

static void
stop_worker (ForgePumpWorker *worker, bool is_running)
{
  ForgePumpCommand *stop = is_running ? calloc (1, sizeof *stop) : NULL;

  if (stop) {
    stop->kind = FORGE_PUMP_STOP;
    post (worker, stop);
    pthread_join (worker->thread, NULL);
  }
  pthread_mutex_destroy (&worker->lock);
  if (worker->epoll_fd >= 0)
    close (worker->epoll_fd);
  if (worker->event_fd >= 0)
    close (worker->event_fd);
}

static void
pump_free (ForgePump *pump, unsigned running, unsigned begun)
{
  for (unsigned i = 0; i < begun; i++)
    stop_worker (&pump->workers[i], i < running);
  free (pump->workers);
  free (pump);
}

ForgePump *
forge_pump_new (const ForgePumpConfig *config)
{
  ForgePump *pump = calloc (1, sizeof *pump);

  if (!pump)
    return NULL;
  pump->config = *config;
  if (pump->config.workers == 0 || pump->config.workers > MAX_WORKERS)
    pump->config.workers = 1;
  pump->workers = calloc (pump->config.workers, sizeof *pump->workers);
  for (unsigned i = 0; pump->workers && i < pump->config.workers; i++)
    if (!start_worker (pump, i)) {
      int code = errno;
      pump_free (pump, i, i + 1);
      errno = code;
      return NULL;
    }
  if (!pump->workers) {
    free (pump);
    return NULL;
  }
  return pump;
}

void
forge_pump_free (ForgePump *pump)
{
  pump_free (pump, pump->config.workers, pump->config.workers);
}

ForgePumpId
forge_pump_start (ForgePump *pump, const ForgePumpSpec *spec)
{
  ForgePumpBody *body = forge_pump_body_new (spec);
  ForgePumpSource source = spec->source;

  if (!body) {
    close (spec->client_fd);
    forge_pump_source_close (&source.bytes);
    return 0;
  }
  /* relaxed: only the number matters, the queue's lock orders the rest */
  ForgePumpId id = body->id = atomic_fetch_add_explicit (&pump->next_id, 1, memory_order_relaxed) +
                              1;
  const ForgePumpCommand command = { .kind = FORGE_PUMP_ADD, .id = id, .body = body };
  if (send_command (pump, &command))
    return id;
  forge_pump_body_free (body);
  return 0;
}

void
forge_pump_resume (ForgePump *pump, ForgePumpId id, const ForgePumpSource *source)
{
  ForgePumpCommand command = { .kind = FORGE_PUMP_RESUME, .id = id, .source = *source };
  uint8_t *leftover = source->leftover_bytes > 0 ? malloc (source->leftover_bytes) : NULL;

  if (leftover)
    memcpy (leftover, source->leftover, source->leftover_bytes);
  command.source.leftover = leftover;
  if ((source->leftover_bytes == 0 || leftover) && send_command (pump, &command))
    return;
  free (leftover);
  forge_pump_source_close (&command.source.bytes);
  forge_pump_end (pump, id);
}

void
forge_pump_drop_source (ForgePump *pump, ForgePumpId id)
{
  send_command (pump, &(ForgePumpCommand){ .kind = FORGE_PUMP_DROP, .id = id });
}

void
forge_pump_end (ForgePump *pump, ForgePumpId id)
{
  send_command (pump, &(ForgePumpCommand){ .kind = FORGE_PUMP_END, .id = id });
}
