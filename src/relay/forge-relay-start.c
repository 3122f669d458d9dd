/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

#include <string.h>

/*
 * The start of a source: what it sends is staged behind what viewers already got, until a join
 * point turns up in it. Then what is before that point is dropped, PAT and PMT are put in front,
 * and all is published at once.
 */

/* Patience for a random access point; then any unit start must do. */
#define JOIN_PATIENCE_MS 2500
/* Staged bytes that are kept for a PAT that comes after the random access point. */
#define STAGED_MAX_BYTES (256u * 1024u)
#define FIRST_STREAM_PID 0x20u

void
forge_feed_begin_start (ForgeFeed *feed)
{
  feed->staged = feed->head;
  feed->scanned = feed->head;
  feed->rest = 0;
  feed->has_rescanned = false;
  feed->past_continuity_errors += feed->scan.continuity_errors;
  forge_ts_scan_reset (&feed->scan);
  feed->pace.is_set = false;
}

bool
forge_feed_find_any_unit (const ForgeFeed *feed, uint64_t from, uint64_t to, uint64_t *at)
{
  for (*at = from; *at < to; *at += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = forge_ring_at (&feed->ring, *at);
    unsigned pid = forge_ts_pid (packet);
    if (forge_ts_starts_unit (packet) && pid >= FIRST_STREAM_PID && pid != FORGE_TS_NULL_PID)
      return true;
  }
  return false;
}

/* The counter that a table put in front of stream offset `at` must have: the one before the next in
 * the stream, or else that of the last. */
static unsigned
counter_before (const ForgeFeed *feed, uint64_t at, unsigned pid)
{
  unsigned counter = 0;

  for (uint64_t i = feed->head; i < feed->staged; i += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = forge_ring_at (&feed->ring, i);
    if (forge_ts_pid (packet) != pid)
      continue;
    counter = forge_ts_counter (packet);
    if (i >= at)
      return counter - 1;
  }
  return counter;
}

/* Drops what is staged before `at`. */
static void
drop_staged (ForgeFeed *feed, uint64_t at)
{
  uint64_t by = at - feed->head;
  uint8_t *base = forge_ring_at (&feed->ring, feed->head);

  memmove (base, base + by, (size_t)(feed->staged - at) + feed->rest);
  feed->staged -= by;
  feed->scanned -= by;
  feed->scan.unit.offset -= by;
}

/* The flow begins at `at`, after the tables. */
static void
commit_start (ForgeFeed *feed, uint64_t at)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];
  unsigned pat_counter = counter_before (feed, at, FORGE_TS_PAT_PID);
  unsigned pmt_counter = counter_before (feed, at, feed->scan.psi.pmt_pid);
  size_t bytes = forge_ts_psi_write (&feed->scan.psi, pat_counter, pmt_counter, tables);
  size_t kept = (size_t)(feed->staged - at) + feed->rest;
  uint8_t *base = forge_ring_at (&feed->ring, feed->head);

  memmove (base + bytes, base + (at - feed->head), kept);
  memcpy (base, tables, bytes);
  feed->staged = feed->head + bytes + kept - feed->rest;
  forge_joins_set_psi (&feed->joins, &feed->scan.psi);
  forge_joins_add (&feed->joins,
                   &(ForgeJoin){ .offset = feed->head + bytes,
                                 .pat_counter = (uint8_t)pat_counter & 0x0Fu,
                                 .pmt_counter = (uint8_t)pmt_counter & 0x0Fu });
  forge_ts_scan_rewind (&feed->scan);
  feed->scan.continuity_errors = 0;
  feed->source.state = FORGE_SOURCE_FLOWING;
}

/* Any unit of what is staged, if patience is over. */
static bool
find_late_start (ForgeFeed *feed, uint64_t *at)
{
  if (feed->worker->now_ms - feed->source.first_byte_ms < JOIN_PATIENCE_MS)
    return false;
  if (feed->scan.has_unit) {
    *at = feed->scan.unit.offset;
    return true;
  }
  return forge_feed_find_any_unit (feed, feed->head, feed->staged, at);
}

/* Keeps the unit that may still turn out to be a join point; without tables, the newer half. */
static void
bound_staged (ForgeFeed *feed)
{
  uint64_t bytes = feed->staged - feed->head;

  if (bytes <= STAGED_MAX_BYTES)
    return;
  uint64_t half = feed->head + bytes / 2 / FORGE_TS_PACKET_BYTES * FORGE_TS_PACKET_BYTES;
  uint64_t keep_from = feed->staged;
  if (!forge_ts_psi_is_complete (&feed->scan.psi))
    keep_from = half;
  else if (feed->scan.has_unit && feed->scan.unit.offset >= half)
    keep_from = feed->scan.unit.offset;
  if (keep_from > feed->scan.unit.offset)
    feed->scan.has_unit = false;
  drop_staged (feed, keep_from);
}

/* A random access point may have come before the tables that make it known: once they are, what is
 * staged is searched again. */
static void
rescan_if_due (ForgeFeed *feed)
{
  if (feed->has_rescanned || !forge_ts_psi_is_complete (&feed->scan.psi))
    return;
  feed->has_rescanned = true;
  forge_ts_scan_rewind (&feed->scan);
  feed->scanned = feed->head;
}

bool
forge_feed_try_start (ForgeFeed *feed)
{
  uint64_t late = 0;

  for (;;) {
    size_t at = 0;
    ForgeTsScanEvent event = forge_ts_scan_run (&feed->scan,
                                                forge_ring_at (&feed->ring, feed->scanned),
                                                (size_t)(feed->staged - feed->scanned),
                                                feed->scanned,
                                                &at);
    feed->scanned += at;
    if (event == FORGE_TS_SCAN_DONE)
      break;
    if (event == FORGE_TS_SCAN_JOIN) {
      commit_start (feed, feed->scan.unit.offset);
      return true;
    }
    rescan_if_due (feed);
  }
  if (find_late_start (feed, &late)) {
    commit_start (feed, late);
    return true;
  }
  bound_staged (feed);
  return false;
}
