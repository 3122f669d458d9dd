/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <stdlib.h>

#define RATE_WINDOW_MS 2000
/* A younger mark says more about bursts than about the rate. */
#define RATE_MIN_MS 250
#define MAX_KBPS    4000000u

void
forge_feed_count_rate (ForgeFeed *feed)
{
  int64_t now_ms = feed->worker->now_ms;

  if (now_ms - feed->marks[1].at_ms < RATE_WINDOW_MS)
    return;
  feed->marks[0] = feed->marks[1];
  feed->marks[1] = (ForgeRateMark){ now_ms, feed->source_bytes };
}

unsigned
forge_feed_rate_kbps (const ForgeFeed *feed)
{
  int64_t span_ms = feed->worker->now_ms - feed->marks[0].at_ms;

  if (span_ms < RATE_MIN_MS)
    span_ms = RATE_MIN_MS;
  uint64_t kbps = (feed->source_bytes - feed->marks[0].bytes) * 8 / (uint64_t)span_ms;
  return kbps < MAX_KBPS ? (unsigned)kbps : MAX_KBPS;
}

ForgeStatsSlot *
forge_stats_add (ForgeWorker *worker, ForgeFeedId feed)
{
  ForgeStatsSlot *slot = calloc (1, sizeof *slot);

  if (!slot)
    return NULL;
  slot->feed = feed;
  slot->stats.silent_ms = -1;
  pthread_mutex_lock (&worker->stats_lock);
  slot->next = worker->slots;
  worker->slots = slot;
  pthread_mutex_unlock (&worker->stats_lock);
  return slot;
}

void
forge_stats_remove (ForgeWorker *worker, ForgeStatsSlot *slot)
{
  pthread_mutex_lock (&worker->stats_lock);
  for (ForgeStatsSlot **at = &worker->slots; *at; at = &(*at)->next)
    if (*at == slot) {
      *at = slot->next;
      break;
    }
  pthread_mutex_unlock (&worker->stats_lock);
  free (slot->viewers);
  free (slot);
}

static bool
reserve_viewers (ForgeStatsSlot *slot, unsigned n)
{
  if (n <= slot->room)
    return true;
  ForgeViewerStats *viewers = realloc (slot->viewers, 2u * n * sizeof *viewers);
  if (!viewers)
    return false;
  slot->viewers = viewers;
  slot->room = 2 * n;
  return true;
}

static void
publish_viewers (const ForgeFeed *feed, ForgeStatsSlot *slot)
{
  slot->n_viewers = 0;
  if (!reserve_viewers (slot, feed->n_viewers))
    return;
  for (const ForgeViewer *v = feed->viewers; v; v = v->next) {
    bool has_more = v->state == FORGE_VIEWER_STREAMING && v->offset < feed->head;
    slot->viewers[slot->n_viewers++] = (ForgeViewerStats){
      .viewer = v->id,
      .bytes = v->media_bytes,
      .behind_bytes = has_more ? feed->head - v->offset : 0,
    };
  }
}

static void
publish_feed (const ForgeFeed *feed)
{
  const ForgeSource *source = &feed->source;
  bool has_source = source->state != FORGE_SOURCE_NONE;

  feed->slot->stats = (ForgeFeedStats){
    .source_bytes = feed->source_bytes,
    .continuity_errors = feed->past_continuity_errors + feed->scan.continuity_errors,
    .bitrate_kbps = forge_feed_rate_kbps (feed),
    .ring_bytes = (unsigned)feed->ring.capacity,
    .silent_ms = has_source ? feed->worker->now_ms - source->last_byte_ms : -1,
    .is_flowing = source->state == FORGE_SOURCE_FLOWING,
    .viewers = feed->n_viewers,
  };
  publish_viewers (feed, feed->slot);
}

void
forge_stats_publish (ForgeWorker *worker)
{
  pthread_mutex_lock (&worker->stats_lock);
  for (ForgeFeed *feed = worker->feeds; feed; feed = feed->next)
    publish_feed (feed);
  pthread_mutex_unlock (&worker->stats_lock);
}
