/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <stdlib.h>

/* The ring grows until it always holds a join point for who comes, but at most this much … */
#define ONE_JOIN_SPAN_MS 12000
/* … and, when a viewer falls behind, two of them or this much. */
#define TWO_JOINS_SPAN_MS 4000
/* A viewer that waited this long for a random access point takes any unit. */
#define JOIN_PATIENCE_MS 2500
/* How far back from the newest byte such a unit is looked for. */
#define ANY_UNIT_SEARCH_BYTES (64u * 1024u / FORGE_TS_PACKET_BYTES * FORGE_TS_PACKET_BYTES)
/* A source whose media is this far ahead of the clock is no live stream: it may be held back. */
#define AHEAD_MAX_MS 1000
/* The last bytes of a source that tell where its media ends. */
#define TIMELINE_BYTES (4u * 1024u * 1024u)

ForgeFeed *
forge_feed_new (ForgeFeedId id, const ForgeFeedOptions *options)
{
  ForgeFeed *feed = calloc (1, sizeof *feed);

  if (!feed)
    return NULL;
  feed->id = id;
  feed->options = *options;
  feed->source.watch = FORGE_WATCH_SOURCE;
  forge_ts_scan_reset (&feed->scan);
  return feed;
}

void
forge_feed_free (ForgeFeed *feed)
{
  forge_ring_close (&feed->ring);
  free (feed);
}

void
forge_feed_attach (ForgeFeed *feed, ForgeWorker *worker)
{
  ForgeFeed **bucket = &worker->buckets[feed->id % FORGE_RELAY_FEED_BUCKETS];

  feed->worker = worker;
  feed->marks[0].at_ms = feed->marks[1].at_ms = worker->now_ms;
  feed->next_in_bucket = *bucket;
  *bucket = feed;
  feed->next = worker->feeds;
  if (feed->next)
    feed->next->previous = feed;
  worker->feeds = feed;
}

static void
detach_feed (ForgeFeed *feed)
{
  ForgeWorker *worker = feed->worker;
  ForgeFeed **at = &worker->buckets[feed->id % FORGE_RELAY_FEED_BUCKETS];

  while (*at != feed)
    at = &(*at)->next_in_bucket;
  *at = feed->next_in_bucket;
  if (worker->tick_cursor == feed)
    worker->tick_cursor = feed->next;
  if (feed->previous)
    feed->previous->next = feed->next;
  else
    worker->feeds = feed->next;
  if (feed->next)
    feed->next->previous = feed->previous;
}

/* Answers that are still on their way are not lost with the feed, but its last event is. */
static void
announce_closing (ForgeFeed *feed)
{
  for (ForgeViewer *v = feed->worker->closing; v; v = v->next)
    if (v->feed_id == feed->id)
      forge_viewer_announce (v, v->gone, 0);
}

void
forge_feed_close (ForgeFeed *feed)
{
  ForgeWorker *worker = feed->worker;
  ForgeRelayEvent event = { .type = FORGE_RELAY_FEED_CLOSED, .feed = feed->id };

  forge_source_close (feed);
  while (feed->viewers)
    forge_viewer_close (feed->viewers, FORGE_VIEWER_GONE_DROPPED, 0);
  announce_closing (feed);
  detach_feed (feed);
  forge_stats_remove (worker, feed->slot);
  forge_ring_close (&feed->ring);
  /* This round of events may still name its source. */
  feed->next = worker->dead_feeds;
  worker->dead_feeds = feed;
  if (!forge_worker_defer_feed_closed (worker, feed->id))
    forge_worker_emit (worker, &event);
}

void
forge_feed_serve_viewers (ForgeFeed *feed)
{
  for (ForgeViewer *v = feed->viewers, *next; v; v = next) {
    next = v->next;
    forge_viewer_serve (v);
  }
}

void
forge_feed_keep_house (ForgeFeed *feed)
{
  ForgeSource *source = &feed->source;
  int64_t now_ms = feed->worker->now_ms;
  ForgeSourceLost lost;

  forge_feed_count_rate (feed);
  if (source->is_paused)
    source->last_byte_ms = now_ms; /* we are the silent one */
  if (source->state != FORGE_SOURCE_NONE && forge_health_has_failed (feed, &lost))
    forge_source_lose (feed, lost, 0);
  for (ForgeViewer *v = feed->viewers, *next; v; v = next) {
    next = v->next;
    forge_viewer_keep_house (v);
  }
}

/* ── room ─────────────────────────────────────────────────────────────────────────────────── */

/* The oldest and newest ring offsets that streaming viewers still need; false = there are none. */
static bool
find_needed (const ForgeFeed *feed, uint64_t *oldest, uint64_t *newest)
{
  *oldest = *newest = feed->head;
  bool is_first = true;
  for (const ForgeViewer *v = feed->viewers; v; v = v->next) {
    if (v->state != FORGE_VIEWER_STREAMING)
      continue;
    if (is_first || v->offset < *oldest)
      *oldest = v->offset;
    if (is_first || v->offset > *newest)
      *newest = v->offset;
    is_first = false;
  }
  return !is_first;
}

/* Writing up to stream offset `end` overwrites what is before this. */
static uint64_t
floor_of (const ForgeFeed *feed, uint64_t end)
{
  return end > feed->ring.capacity ? end - feed->ring.capacity : 0;
}

static int64_t
span_ms (const ForgeFeed *feed)
{
  unsigned kbps = forge_feed_rate_kbps (feed);

  return kbps ? (int64_t)(feed->ring.capacity * 8 / kbps) : INT64_MAX;
}

/* Before `want` bytes are written behind `used_to`. `oldest`: what a viewer still needs. */
static void
grow_if_useful (ForgeFeed *feed, uint64_t used_to, size_t want, uint64_t oldest)
{
  /* By the usual read, not by the largest: a burst is no reason to keep more for good. The last
   * join point is one. */
  uint64_t floor = floor_of (feed, used_to + FORGE_READ_MIN_BYTES);
  bool keeps_join = forge_joins_count_from (&feed->joins, floor_of (feed, used_to + want)) > 0;

  if (floor_of (feed, used_to + want) == 0 || feed->ring.capacity >= FORGE_RING_MAX_BYTES)
    return;
  bool is_useful = keeps_join
                       ? oldest < floor && forge_joins_count_from (&feed->joins, floor) < 2 &&
                             span_ms (feed) < TWO_JOINS_SPAN_MS
                       : span_ms (feed) < ONE_JOIN_SPAN_MS;
  if (!is_useful)
    return;
  uint64_t to = feed->staged + feed->rest;
  /* Without memory for more, laggards jump sooner. */
  (void)forge_ring_grow (&feed->ring, feed->ring.capacity * 2, floor_of (feed, to), to);
}

static bool
is_ahead (const ForgeFeed *feed)
{
  const ForgePace *pace = &feed->pace;

  return pace->is_set && pace->media_ms - (feed->worker->now_ms - pace->base_ms) > AHEAD_MAX_MS;
}

static void
jump_laggards (ForgeFeed *feed, uint64_t floor)
{
  for (ForgeViewer *v = feed->viewers, *next; v; v = next) {
    next = v->next;
    if (v->state == FORGE_VIEWER_STREAMING && v->offset < floor)
      forge_viewer_jump (v);
  }
}

size_t
forge_feed_make_room (ForgeFeed *feed, size_t want)
{
  /* Tables may yet be put in front of what is staged. */
  uint64_t used_to = feed->staged + feed->rest + FORGE_TS_PSI_MAX_BYTES, oldest, newest;

  bool has_viewers = find_needed (feed, &oldest, &newest);
  grow_if_useful (feed, used_to, want, oldest);
  uint64_t room = feed->ring.capacity - (used_to - oldest);
  if (used_to - oldest < feed->ring.capacity && room >= FORGE_READ_MIN_BYTES && room < want)
    want = (size_t)room;
  uint64_t floor = floor_of (feed, used_to + want);
  if (has_viewers && oldest < floor) {
    /* Nobody has room, and the source can wait: let its TCP connection fill up. */
    if (newest < floor && is_ahead (feed))
      return 0;
    forge_joins_trim (&feed->joins, floor);
    jump_laggards (feed, floor);
  }
  forge_joins_trim (&feed->joins, floor);
  return want;
}

/* ── bytes ────────────────────────────────────────────────────────────────────────────────── */

/* Those who waited for this source start at its very first join point: what a panel sends in a
 * burst fills their buffers. */
static void
begin_flow (ForgeFeed *feed)
{
  ForgeRelayEvent event = {
    .type = FORGE_RELAY_SOURCE_FLOWING,
    .feed = feed->id,
    .source_tag = feed->source.tag,
    .video_type = feed->intake.psi.video_type,
  };

  for (ForgeViewer *v = feed->viewers; v; v = v->next)
    forge_viewer_enter (v);
  forge_worker_emit (feed->worker, &event);
}

/* The end of what is in the ring, as far back as it is surely not overwritten by what came after
 * the head: packets up to `end` and, behind them, what a read had too much. */
static void
learn_timeline (ForgeFeed *feed, uint64_t end)
{
  uint64_t after = end - feed->head + FORGE_READ_MAX_BYTES;
  uint64_t bytes = feed->ring.capacity > after ? feed->ring.capacity - after : 0;

  if (bytes > TIMELINE_BYTES)
    bytes = TIMELINE_BYTES;
  if (bytes > feed->head)
    bytes = feed->head;
  bytes = bytes / FORGE_TS_PACKET_BYTES * FORGE_TS_PACKET_BYTES;
  forge_ts_timeline_learn (&feed->timeline,
                           &feed->scan.psi,
                           forge_ring_at (&feed->ring, feed->head - bytes),
                           (size_t)bytes);
}

void
forge_feed_end_flow (ForgeFeed *feed)
{
  uint8_t *held = forge_ring_at (&feed->ring, feed->head);
  size_t size = (size_t)(feed->scanned - feed->head);
  uint64_t end = feed->staged + feed->rest;

  /* Their join point may be among what goes. */
  forge_joins_cut (&feed->joins, feed->head);
  for (ForgeViewer *v = feed->viewers; v; v = v->next)
    if (v->offset > feed->head)
      v->offset = feed->head;
  feed->head += forge_ts_scan_cut (&feed->scan, held, size, feed->head);
  learn_timeline (feed, end);
}

/* Takes the chunked coding off; returns the body bytes. */
static size_t
decode_body (ForgeFeed *feed, size_t size)
{
  ForgeSource *source = &feed->source;

  if (!source->is_chunked)
    return size;
  uint8_t *coded = forge_ring_at (&feed->ring, feed->staged + feed->rest);
  return forge_chunked_run (&source->chunked, coded, size);
}

bool
forge_feed_take_bytes (ForgeFeed *feed, size_t size)
{
  ForgeSource *source = &feed->source;
  size_t body = decode_body (feed, size);
  uint8_t *data = forge_ring_at (&feed->ring, feed->staged);

  feed->staged += forge_ts_align_run (&source->align, data, feed->rest + body, &feed->rest);
  if (source->state == FORGE_SOURCE_STARTING && forge_feed_try_start (feed))
    begin_flow (feed);
  if (source->state == FORGE_SOURCE_FLOWING)
    forge_feed_publish (feed);
  if (forge_ts_align_has_failed (&source->align))
    forge_source_lose (feed, FORGE_SOURCE_LOST_NOT_TS, 0);
  else if (source->chunked.state == FORGE_CHUNKED_BROKEN)
    forge_source_lose (feed, FORGE_SOURCE_LOST_FRAMING, 0);
  else if (source->chunked.state == FORGE_CHUNKED_DONE)
    forge_source_lose (feed, FORGE_SOURCE_LOST_EOF, 0);
  return source->state != FORGE_SOURCE_NONE;
}

/* Makes a join point of the newest unit, random access or not. */
static void
add_any_join (ForgeFeed *feed)
{
  const ForgeTsScan *scan = &feed->scan;
  uint64_t end = feed->head, at = scan->unit.offset;
  uint64_t from = end > ANY_UNIT_SEARCH_BYTES ? end - ANY_UNIT_SEARCH_BYTES : 0;

  if (from < floor_of (feed, end))
    from = floor_of (feed, end);
  bool is_known = scan->has_unit && at >= from && at <= end;
  if (!is_known && !forge_feed_find_any_unit (feed, from, end, &at))
    return;
  /* Without a unit of the leading PID the newest counters are the best guess. */
  uint8_t pat_counter = scan->counters[FORGE_TS_PAT_PID];
  uint8_t pmt_counter = scan->counters[scan->psi.pmt_pid & 0x1FFFu];
  forge_joins_add (&feed->joins,
                   &(ForgeJoin){ at,
                                 is_known ? scan->unit.pat_counter : pat_counter,
                                 is_known ? scan->unit.pmt_counter : pmt_counter });
}

const ForgeJoin *
forge_feed_find_join (ForgeFeed *feed, int64_t waiting_ms)
{
  const ForgeJoin *join = forge_joins_newest (&feed->joins);

  if (!join && feed->source.state == FORGE_SOURCE_FLOWING &&
      feed->worker->now_ms - waiting_ms >= JOIN_PATIENCE_MS) {
    add_any_join (feed);
    join = forge_joins_newest (&feed->joins);
  }
  return join;
}
