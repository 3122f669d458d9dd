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

/* The output has tables that a new source can be mapped to. */
static bool
can_splice (const ForgeFeed *feed)
{
  return feed->has_flowed && forge_ts_psi_is_complete (&feed->scan.psi);
}

void
forge_feed_begin_start (ForgeFeed *feed)
{
  feed->staged = feed->head;
  feed->scanned = feed->head;
  feed->rest = 0;
  feed->has_rescanned = false;
  forge_ts_scan_reset (&feed->intake);
  forge_ts_splice_end (&feed->splice);
  feed->pace.is_set = false;
  if (can_splice (feed))
    return;
  feed->past_continuity_errors += feed->scan.continuity_errors;
  forge_ts_scan_reset (&feed->scan);
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
  feed->intake.unit.offset -= by;
}

/* Makes what is staged from `at` on follow `n_tables` bytes of tables and the first `n_kept` bytes
 * of what is staged now. */
static void
stage_after (ForgeFeed *feed, uint64_t at, const uint8_t *tables, size_t n_tables, size_t n_kept)
{
  uint8_t *base = forge_ring_at (&feed->ring, feed->head);
  size_t bytes = (size_t)(feed->staged - at) + feed->rest;

  memmove (base + n_tables + n_kept, base + (at - feed->head), bytes);
  memmove (base + n_tables, base, n_kept);
  memcpy (base, tables, n_tables);
  feed->staged = feed->head + n_tables + n_kept + bytes - feed->rest;
  feed->scanned = feed->head;
}

/* The first source goes through as it is. */
static void
begin_plain (ForgeFeed *feed, uint64_t at)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];
  const ForgeTsPsi *psi = &feed->intake.psi;
  unsigned pat_counter = counter_before (feed, at, FORGE_TS_PAT_PID);
  unsigned pmt_counter = counter_before (feed, at, psi->pmt_pid);
  size_t bytes = forge_ts_psi_write (psi, pat_counter, pmt_counter, tables);

  stage_after (feed, at, tables, bytes, 0);
  forge_joins_set_psi (&feed->joins, psi);
  forge_joins_add (&feed->joins,
                   &(ForgeJoin){ .offset = feed->head + bytes,
                                 .pat_counter = (uint8_t)pat_counter & 0x0Fu,
                                 .pmt_counter = (uint8_t)pmt_counter & 0x0Fu });
  forge_ts_scan_adopt (&feed->scan, psi);
  feed->is_first_block = true;
}

static bool
is_sound (const ForgeTsScan *scan, unsigned pid)
{
  for (unsigned i = 0; i < scan->psi.n_streams; i++)
    if (scan->psi.streams[i].pid == pid)
      return scan->psi.streams[i].is_audio && pid != scan->leading_pid;
  return false;
}

/* Sound is sent later than the picture it belongs to: some of it, from before `at`, goes on where
 * that of the last source ended. Moves it to the front of what is staged. */
static size_t
gather_sound (ForgeFeed *feed, uint64_t at)
{
  uint8_t *base = forge_ring_at (&feed->ring, feed->head);
  size_t bytes = (size_t)(at - feed->head), kept = 0;

  for (size_t i = 0; i < bytes; i += FORGE_TS_PACKET_BYTES) {
    if (!is_sound (&feed->intake, forge_ts_pid (base + i)))
      continue;
    memmove (base + kept, base + i, FORGE_TS_PACKET_BYTES);
    kept += FORGE_TS_PACKET_BYTES;
  }
  return kept;
}

/* Any other goes on where the last one ended. */
static void
begin_spliced (ForgeFeed *feed, uint64_t at)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];
  ForgeTsSplice *splice = &feed->splice;
  size_t pat_bytes = 0, n_kept = gather_sound (feed, at);

  forge_ts_splice_begin (splice,
                         &feed->scan,
                         &feed->timeline,
                         &feed->intake.psi,
                         forge_ring_at (&feed->ring, at),
                         (size_t)(feed->staged - at));
  size_t bytes = forge_ts_splice_write_tables (splice, tables, &pat_bytes);
  stage_after (feed, at, tables, bytes, n_kept);
  forge_joins_set_tables (&feed->joins, tables, pat_bytes, bytes);
  forge_joins_add (&feed->joins,
                   &(ForgeJoin){ .offset = feed->head + bytes + n_kept,
                                 .pat_counter = splice->counters[FORGE_TS_PAT_PID],
                                 .pmt_counter = splice->counters[splice->pmt_pid] });
  feed->spliced = feed->head + bytes;
}

/* The flow begins at `at`, after the tables. */
static void
commit_start (ForgeFeed *feed, uint64_t at)
{
  if (can_splice (feed))
    begin_spliced (feed, at);
  else
    begin_plain (feed, at);
  forge_ts_smooth_reset (&feed->smooth);
  feed->source.state = FORGE_SOURCE_FLOWING;
  feed->has_flowed = true;
  feed->tables_ms = feed->settled_ms = feed->published_ms = feed->worker->now_ms;
  feed->held_ms = 0;
}

/* Nobody can watch it: not worth a start. */
static bool
is_scrambled (const ForgeTsScan *scan)
{
  return scan->scrambled_packets > (scan->packets - scan->null_packets) / 2;
}

/* Any unit of what is staged, if patience is over. */
static bool
find_late_start (ForgeFeed *feed, uint64_t *at)
{
  const ForgeTsScan *intake = &feed->intake;

  if (feed->worker->now_ms - feed->source.first_byte_ms < JOIN_PATIENCE_MS ||
      is_scrambled (intake) || (can_splice (feed) && !forge_ts_psi_is_complete (&intake->psi)))
    return false;
  if (intake->has_unit) {
    *at = intake->unit.offset;
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
  if (!forge_ts_psi_is_complete (&feed->intake.psi))
    keep_from = half;
  else if (feed->intake.has_unit && feed->intake.unit.offset >= half)
    keep_from = feed->intake.unit.offset;
  if (keep_from > feed->intake.unit.offset)
    feed->intake.has_unit = false;
  drop_staged (feed, keep_from);
}

/* A random access point may have come before the tables that make it known: once they are, what is
 * staged is searched again. */
static void
rescan_if_due (ForgeFeed *feed)
{
  if (feed->has_rescanned || !forge_ts_psi_is_complete (&feed->intake.psi))
    return;
  feed->has_rescanned = true;
  forge_ts_scan_rewind (&feed->intake);
  feed->scanned = feed->head;
}

bool
forge_feed_try_start (ForgeFeed *feed)
{
  uint64_t late = 0;

  for (;;) {
    size_t at = 0;
    ForgeTsScanEvent event = forge_ts_scan_run (&feed->intake,
                                                forge_ring_at (&feed->ring, feed->scanned),
                                                (size_t)(feed->staged - feed->scanned),
                                                feed->scanned,
                                                &at);
    feed->scanned += at;
    if (event == FORGE_TS_SCAN_DONE)
      break;
    if (event == FORGE_TS_SCAN_JOIN) {
      commit_start (feed, feed->intake.unit.offset);
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
