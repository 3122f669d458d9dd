/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <string.h>

/*
 * The way of every packet from the source's bytes to the viewers: rewritten in place if the source
 * follows another, scanned, held back until its unit is whole, published.
 */

/* Two join points further apart than this are a jump in the clock, not media. */
#define PACE_JUMP_MS 60000
/* A unit that takes longer than this to arrive, or is larger, or fills so much of the ring, is not
 * held back any more. Key pictures of a constant bit rate take some 200 ms, seldom 500. A pause in
 * which nothing comes counts little: what comes after it may end in the middle of a unit, and the
 * source with it. */
#define HOLD_MAX_MS     600
#define HOLD_PAUSE_MS   40
#define HOLD_WALL_MS    2000
#define HOLD_MAX_BYTES  (2048u * 1024u)
#define HOLD_RING_SHARE 4u
/* Tables are repeated by us when the source does not for so long … */
#define TABLES_MAX_MS 500
/* … or so long after some of the source could not be passed on. */
#define TABLES_MIN_MS 100

/* ── tables ───────────────────────────────────────────────────────────────────────────────── */

static bool
are_tables_due (const ForgeFeed *feed)
{
  const ForgeTsPsi *psi = &feed->scan.psi;
  int64_t after_ms = feed->splice.wants_tables ? TABLES_MIN_MS : TABLES_MAX_MS;

  if (feed->worker->now_ms - feed->tables_ms < after_ms || feed->staged == feed->scanned)
    return false;
  /* Not into a table, and not where a unit was begun whose join point is still to be found. */
  return forge_ts_psi_is_complete (psi) && !psi->pat_section.is_open && !psi->pmt_section.is_open &&
         feed->scan.search_packets == 0 &&
         (!feed->splice.is_active || feed->spliced == feed->scanned);
}

static void
put_tables (ForgeFeed *feed)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];
  uint8_t *at = forge_ring_at (&feed->ring, feed->scanned);
  unsigned pmt_pid = feed->scan.psi.pmt_pid;

  forge_ts_splice_begin_counting (&feed->splice, &feed->scan);
  size_t bytes = forge_ts_splice_write_tables (&feed->splice, tables, NULL);
  memmove (at + bytes, at, (size_t)(feed->staged - feed->scanned) + feed->rest);
  memcpy (at, tables, bytes);
  feed->scan.counters[FORGE_TS_PAT_PID] = feed->splice.counters[FORGE_TS_PAT_PID];
  feed->scan.counters[pmt_pid] = feed->splice.counters[pmt_pid];
  feed->staged += bytes;
  feed->scanned += bytes;
  feed->spliced = feed->scanned;
  feed->tables_ms = feed->worker->now_ms;
}

static void
follow_tables (ForgeFeed *feed)
{
  unsigned seen = feed->scan.psi.pmt.n_seen;

  if (seen != feed->tables_seen)
    feed->tables_ms = feed->worker->now_ms;
  feed->tables_seen = seen;
}

/* ── scan ─────────────────────────────────────────────────────────────────────────────────── */

/* `pts` is that of a join point which just arrived. A jump in the clock (a loop) says nothing
 * about the pace: the lead stays what it was. */
static void
set_pace (ForgeFeed *feed, uint64_t pts)
{
  ForgePace *pace = &feed->pace;
  int64_t now_ms = feed->worker->now_ms, due_ms = pace->base_ms + pace->media_ms;
  uint64_t ticks = (pts - pace->base_pts) & FORGE_TS_CLOCK_MASK;
  int64_t media_ms = (int64_t)(ticks * 1000 / FORGE_TS_CLOCK_HZ);

  if (!pace->is_set)
    *pace = (ForgePace){ .is_set = true, .base_pts = pts, .base_ms = now_ms };
  else if (media_ms < pace->media_ms || media_ms > pace->media_ms + PACE_JUMP_MS)
    *pace = (ForgePace){ .is_set = true,
                         .base_pts = pts,
                         .base_ms = due_ms > now_ms ? due_ms : now_ms };
  else
    pace->media_ms = media_ms;
}

static void
note_join (ForgeFeed *feed)
{
  const ForgeTsUnit *unit = &feed->scan.unit;

  forge_joins_add (&feed->joins,
                   &(ForgeJoin){ unit->offset, unit->pat_counter, unit->pmt_counter });
  if (unit->has_pts)
    set_pace (feed, unit->pts);
  forge_health_note_join (feed);
}

static void
scan_to (ForgeFeed *feed, uint64_t end)
{
  uint8_t *packets = forge_ring_at (&feed->ring, feed->scanned);
  size_t size = (size_t)(end - feed->scanned), at = 0;
  ForgeTsScanEvent event;

  forge_ts_smooth_run (&feed->smooth, &feed->scan.psi, packets, size);
  while ((event = forge_ts_scan_run (&feed->scan, packets, size, feed->scanned, &at)) !=
         FORGE_TS_SCAN_DONE)
    if (event == FORGE_TS_SCAN_PSI)
      forge_joins_set_psi (&feed->joins, &feed->scan.psi);
    else
      note_join (feed);
  feed->scanned = end;
}

/* ── publication ──────────────────────────────────────────────────────────────────────────── */

/* So long was something held back while the source sent. */
static void
count_hold (ForgeFeed *feed)
{
  int64_t since_ms = feed->worker->now_ms - feed->published_ms;

  feed->held_ms += since_ms < HOLD_PAUSE_MS ? since_ms : HOLD_PAUSE_MS;
  feed->published_ms = feed->worker->now_ms;
}

/* Up to the oldest unit that is not whole. */
static void
settle (ForgeFeed *feed)
{
  int64_t now_ms = feed->worker->now_ms;
  uint64_t settled = forge_ts_scan_settled (&feed->scan, feed->scanned);
  uint64_t held = feed->scanned - settled;
  count_hold (feed);
  bool is_late = settled <= feed->head &&
                 (feed->held_ms > HOLD_MAX_MS || now_ms - feed->settled_ms > HOLD_WALL_MS);
  bool is_large = held > HOLD_MAX_BYTES || held > feed->ring.capacity / HOLD_RING_SHARE;

  if (feed->is_first_block || is_large) {
    forge_ts_scan_release (&feed->scan);
    settled = feed->scanned;
  } else if (is_late) {
    /* Only what was waited for: a unit that just began has its own time. */
    forge_ts_scan_release_to (&feed->scan, feed->head);
    settled = forge_ts_scan_settled (&feed->scan, feed->scanned);
  }
  feed->is_first_block = false;
  if (settled > feed->head) {
    feed->head = settled;
    feed->settled_ms = now_ms;
    feed->held_ms = 0;
  }
}

void
forge_feed_publish (ForgeFeed *feed)
{
  uint64_t end = feed->staged;

  if (are_tables_due (feed)) {
    put_tables (feed);
    end = feed->staged;
  }
  if (feed->splice.is_active) {
    feed->spliced += forge_ts_splice_run (&feed->splice,
                                          forge_ring_at (&feed->ring, feed->spliced),
                                          (size_t)(feed->staged - feed->spliced));
    end = feed->spliced;
  }
  scan_to (feed, end);
  follow_tables (feed);
  settle (feed);
}
