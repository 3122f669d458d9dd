/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay.h"

#include "relay/forge-relay-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned
choose_workers (unsigned wanted)
{
  long cores = sysconf (_SC_NPROCESSORS_ONLN);

  if (wanted == 0)
    wanted = cores > 0 ? (unsigned)cores : 1;
  return wanted < FORGE_RELAY_MAX_WORKERS ? wanted : FORGE_RELAY_MAX_WORKERS;
}

ForgeRelay *
forge_relay_new (const ForgeRelayConfig *config)
{
  ForgeRelay *relay = calloc (1, sizeof *relay);

  if (!relay)
    return NULL;
  relay->config = *config;
  atomic_init (&relay->last_id, 0);
  unsigned wanted = choose_workers (config->workers);
  while (relay->n_workers < wanted) {
    if (!forge_worker_start (&relay->workers[relay->n_workers], relay, relay->n_workers)) {
      int saved = errno;
      forge_relay_free (relay);
      errno = saved;
      return NULL;
    }
    relay->n_workers++;
  }
  return relay;
}

void
forge_relay_free (ForgeRelay *relay)
{
  if (!relay)
    return;
  for (unsigned i = 0; i < relay->n_workers; i++)
    forge_worker_stop (&relay->workers[i]);
  free (relay);
}

static uint64_t
next_id (ForgeRelay *relay)
{
  /* Relaxed: only that no two are equal matters. */
  return atomic_fetch_add_explicit (&relay->last_id, 1, memory_order_relaxed) + 1;
}

static ForgeWorker *
owner_of (ForgeRelay *relay, ForgeFeedId feed)
{
  return &relay->workers[feed % relay->n_workers];
}

static ForgeCommand *
new_command (ForgeCommandType type, ForgeFeedId feed, const void *bytes, size_t size)
{
  ForgeCommand *command = calloc (1, sizeof *command + size);

  if (!command)
    return NULL;
  command->type = type;
  command->feed = feed;
  command->n_bytes = size;
  if (size > 0)
    memcpy (command->bytes, bytes, size);
  return command;
}

/* For commands that only name things. Without memory they are lost, like the rest of the program.
 */
static void
post_simple (ForgeRelay *relay, ForgeCommandType type, ForgeFeedId feed, ForgeViewerId viewer)
{
  ForgeCommand *command = new_command (type, feed, NULL, 0);

  if (!command)
    return;
  command->viewer = viewer;
  forge_worker_post (owner_of (relay, feed), command);
}

ForgeFeedId
forge_relay_open_feed (ForgeRelay *relay, const ForgeFeedOptions *options)
{
  ForgeFeedId id = next_id (relay);
  ForgeWorker *worker = owner_of (relay, id);
  ForgeCommand *command = new_command (FORGE_COMMAND_OPEN, id, NULL, 0);
  ForgeFeed *feed = forge_feed_new (id, options);

  if (feed)
    feed->slot = forge_stats_add (worker, id);
  if (!command || !feed || !feed->slot) {
    if (feed && feed->slot)
      forge_stats_remove (worker, feed->slot);
    free (command);
    free (feed);
    return 0;
  }
  command->new_feed = feed;
  forge_worker_post (worker, command);
  return id;
}

void
forge_relay_close_feed (ForgeRelay *relay, ForgeFeedId feed)
{
  post_simple (relay, FORGE_COMMAND_CLOSE, feed, 0);
}

void
forge_relay_set_source (ForgeRelay *relay, ForgeFeedId feed, const ForgeSourceSpec *spec)
{
  ForgeCommand *command =
      new_command (FORGE_COMMAND_SET_SOURCE, feed, spec->leftover, spec->leftover_bytes);

  if (!command) {
    ForgeByteSource bytes = spec->bytes;
    forge_byte_source_close (&bytes);
    return;
  }
  command->source = *spec;
  forge_worker_post (owner_of (relay, feed), command);
}

void
forge_relay_drop_source (ForgeRelay *relay, ForgeFeedId feed)
{
  post_simple (relay, FORGE_COMMAND_DROP_SOURCE, feed, 0);
}

ForgeViewerId
forge_relay_add_viewer (ForgeRelay *relay, ForgeFeedId feed, const ForgeViewerSpec *spec)
{
  ForgeViewerId id = next_id (relay);
  ForgeCommand *command = new_command (FORGE_COMMAND_ADD_VIEWER, feed, NULL, 0);
  ForgeViewer *viewer = command ? forge_viewer_new (id, feed, spec) : NULL;

  if (!viewer) {
    free (command);
    close (spec->fd);
    return 0;
  }
  command->new_viewer = viewer;
  forge_worker_post (owner_of (relay, feed), command);
  return id;
}

void
forge_relay_drop_viewer (ForgeRelay *relay, ForgeFeedId feed, ForgeViewerId viewer)
{
  post_simple (relay, FORGE_COMMAND_DROP_VIEWER, feed, viewer);
}

void
forge_relay_answer (ForgeRelay *relay,
                    ForgeFeedId feed,
                    ForgeViewerId viewer,
                    const char *bytes,
                    size_t length)
{
  ForgeCommand *command = new_command (FORGE_COMMAND_ANSWER, feed, bytes, length);

  if (!command)
    return;
  command->viewer = viewer;
  forge_worker_post (owner_of (relay, feed), command);
}

static void
copy_stats (const ForgeStatsSlot *slot,
            ForgeFeedStats *stats,
            ForgeViewerStats *viewers,
            unsigned max_viewers,
            unsigned *n_viewers)
{
  unsigned n = slot->n_viewers < max_viewers ? slot->n_viewers : max_viewers;

  *stats = slot->stats;
  if (n > 0)
    memcpy (viewers, slot->viewers, n * sizeof *viewers);
  if (n_viewers)
    *n_viewers = n;
}

bool
forge_relay_feed_stats (ForgeRelay *relay,
                        ForgeFeedId feed,
                        ForgeFeedStats *stats,
                        ForgeViewerStats *viewers,
                        unsigned max_viewers,
                        unsigned *n_viewers)
{
  ForgeWorker *worker = owner_of (relay, feed);
  bool is_found = false;

  pthread_mutex_lock (&worker->stats_lock);
  for (const ForgeStatsSlot *slot = worker->slots; slot && !is_found; slot = slot->next)
    if (slot->feed == feed) {
      copy_stats (slot, stats, viewers, max_viewers, n_viewers);
      is_found = true;
    }
  pthread_mutex_unlock (&worker->stats_lock);
  return is_found;
}
