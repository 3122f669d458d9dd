/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

static void
open_feed (ForgeWorker *worker, ForgeCommand *command)
{
  forge_feed_attach (command->new_feed, worker);
}

static void
set_source (ForgeWorker *worker, ForgeFeed *feed, ForgeCommand *command)
{
  ForgeSourceSpec *spec = &command->source;

  if (feed) {
    spec->leftover = command->bytes;
    spec->leftover_bytes = command->n_bytes;
    forge_source_open (feed, spec);
    return;
  }
  /* The provider connection is free again: someone counts them. */
  forge_byte_source_close (&spec->bytes);
  ForgeRelayEvent event = {
    .type = FORGE_RELAY_SOURCE_CLOSED,
    .feed = command->feed,
    .source_tag = spec->tag,
  };
  forge_worker_emit (worker, &event);
}

static ForgeViewer *
find_viewer (ForgeFeed *feed, ForgeViewerId id)
{
  ForgeViewer *viewer = feed->viewers;

  while (viewer && viewer->id != id)
    viewer = viewer->next;
  return viewer;
}

static void
drop_viewer (ForgeFeed *feed, ForgeViewerId id)
{
  ForgeViewer *viewer = find_viewer (feed, id);

  if (viewer)
    forge_viewer_close (viewer, FORGE_VIEWER_GONE_DROPPED, 0);
}

static void
answer_viewers (ForgeFeed *feed, const ForgeCommand *command)
{
  for (ForgeViewer *v = feed->viewers, *next; v; v = next) {
    next = v->next;
    if (command->viewer != 0 && command->viewer != v->id)
      continue;
    if (v->sent_bytes == 0)
      forge_viewer_finish (v, FORGE_VIEWER_GONE_ANSWERED, command->bytes, command->n_bytes);
    else
      forge_viewer_finish (v, FORGE_VIEWER_GONE_DROPPED, NULL, 0);
  }
}

static void
stop_worker (ForgeWorker *worker)
{
  worker->is_stopping = true;
  while (worker->feeds)
    forge_feed_close (worker->feeds);
  while (worker->closing)
    forge_viewer_close (worker->closing, worker->closing->gone, 0);
  forge_worker_mind_partings (worker);
}

static void
run_on_feed (ForgeFeed *feed, ForgeCommand *command)
{
  switch (command->type) {
  case FORGE_COMMAND_CLOSE:
    forge_feed_close (feed);
    break;
  case FORGE_COMMAND_DROP_SOURCE:
    forge_source_close (feed);
    break;
  case FORGE_COMMAND_DROP_VIEWER:
    drop_viewer (feed, command->viewer);
    break;
  case FORGE_COMMAND_ANSWER:
    answer_viewers (feed, command);
    break;
  case FORGE_COMMAND_OPEN:
  case FORGE_COMMAND_SET_SOURCE:
  case FORGE_COMMAND_ADD_VIEWER:
  case FORGE_COMMAND_STOP:
  default:
    break;
  }
}

void
forge_worker_run_command (ForgeWorker *worker, ForgeCommand *command)
{
  ForgeFeed *feed = forge_worker_find_feed (worker, command->feed);

  switch (command->type) {
  case FORGE_COMMAND_OPEN:
    open_feed (worker, command);
    break;
  case FORGE_COMMAND_SET_SOURCE:
    set_source (worker, feed, command);
    break;
  case FORGE_COMMAND_ADD_VIEWER:
    forge_viewer_attach (command->new_viewer, worker, feed);
    break;
  case FORGE_COMMAND_STOP:
    stop_worker (worker);
    break;
  case FORGE_COMMAND_CLOSE:
  case FORGE_COMMAND_DROP_SOURCE:
  case FORGE_COMMAND_DROP_VIEWER:
  case FORGE_COMMAND_ANSWER:
  default:
    if (feed)
      run_on_feed (feed, command);
    break;
  }
}
