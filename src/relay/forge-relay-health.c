/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-relay-private.h"

/*
 * Online but useless: a source may go on sending without anybody having anything of it. Ten times
 * a second the totals of the scan are looked at; nothing is done per packet. Every source begins
 * with a clean slate: what an other one did says nothing about it.
 */

#define MARK_EVERY_MS 1000

/* PAT and PMT. A source that used to repeat them and stopped, or never sent any, is lost after … */
#define NO_TABLES_MS 5000
/* … one that never repeated them (segments of HLS begin with theirs) is trusted for … */
#define RARE_TABLES_MS 30000
/* It used to repeat them if now the gap is so many times the longest before. */
#define TABLES_GAP_FACTOR 4u
#define TABLES_SEEN_MIN   8u

/* No picture. A service of stills is trusted for so many times its longest gap. */
#define NO_VIDEO_MS         5000
#define NO_VIDEO_GAP_FACTOR 4

#define SCRAMBLED_SECONDS 3u

/* Average over so long, after a grace of 10 s that includes the burst at the start. */
#define SLOW_WINDOW_S        15u
#define SLOW_GRACE_MS        10000
#define SLOW_LEARNED_PERCENT 25u
#define SLOW_FLOOR_KBPS      300u
/* Media that moves on slower than this is late, whatever its bit rate. */
#define SLOW_PACE_PERCENT 75
#define PACE_JUMP_MS      60000

#define DAMAGED_WINDOW_S    10u
#define DAMAGED_PERCENT     5u
#define DAMAGED_PACKETS_MIN 1000u

/* The same picture with the same time stamp, so long after the last time, for so many times. What
 * is shorter than a slate ever is, is a test signal. */
#define LOOP_MIN_MS       2000
#define LOOP_MAX_MS       30000
#define LOOP_REPEATS      2u
#define LOOP_HASHED_BYTES 4096u
#define PES_HEADER_BYTES  9u

#define BITS_PER_PACKET (FORGE_TS_PACKET_BYTES * 8u)

const char *
forge_source_lost_text (ForgeSourceLost lost)
{
  switch (lost) {
  case FORGE_SOURCE_LOST_EOF:
    return "the provider closed the connection";
  case FORGE_SOURCE_LOST_ERROR:
    return "the connection broke";
  case FORGE_SOURCE_LOST_STALL:
    return "no data came";
  case FORGE_SOURCE_LOST_NOT_TS:
    return "what it sends is no transport stream";
  case FORGE_SOURCE_LOST_FRAMING:
    return "its transfer coding is broken";
  case FORGE_SOURCE_LOST_NO_TABLES:
    return "its programme tables stopped";
  case FORGE_SOURCE_LOST_NO_VIDEO:
    return "the picture stopped while the rest went on";
  case FORGE_SOURCE_LOST_SCRAMBLED:
    return "the picture is scrambled";
  case FORGE_SOURCE_LOST_SLOW:
    return "its data rate collapsed";
  case FORGE_SOURCE_LOST_DAMAGED:
    return "too much of it is damaged";
  case FORGE_SOURCE_LOST_LOOPING:
    return "it repeats a short clip";
  default:
    return "it failed";
  }
}

/* ── figures ──────────────────────────────────────────────────────────────────────────────── */

static const ForgeTsScan *
scan_of (const ForgeFeed *feed)
{
  return feed->source.state == FORGE_SOURCE_STARTING ? &feed->intake : &feed->scan;
}

static ForgeHealthMark
read_figures (const ForgeFeed *feed)
{
  const ForgeTsScan *scan = scan_of (feed);
  const ForgeTsPsi *psi = &scan->psi;

  return (ForgeHealthMark){
    .at_ms = feed->worker->now_ms,
    .packets = scan->packets - scan->null_packets,
    .scrambled = scan->scrambled_packets,
    .errors = scan->continuity_errors + scan->transport_errors,
    .units = scan->units,
    .tables = (uint64_t)psi->pat.n_seen + psi->pmt.n_seen,
    .has_pts = scan->has_unit && scan->unit.has_pts,
    .pts = scan->unit.pts,
  };
}

static uint64_t
grow (uint64_t total, uint64_t now, uint64_t before)
{
  return total + (now > before ? now - before : 0);
}

/* Adds what came since the last look. When the source begins to flow, another scan counts. */
static void
update_totals (ForgeFeed *feed)
{
  ForgeHealth *health = &feed->health;
  bool is_starting = feed->source.state == FORGE_SOURCE_STARTING;
  ForgeHealthMark raw = read_figures (feed), *base = &health->base, *now = &health->now;

  if (!health->is_begun || is_starting != health->is_starting)
    *base = raw;
  health->is_begun = true;
  health->is_starting = is_starting;
  now->at_ms = raw.at_ms;
  now->has_pts = raw.has_pts;
  now->pts = raw.pts;
  now->packets = grow (now->packets, raw.packets, base->packets);
  now->scrambled = grow (now->scrambled, raw.scrambled, base->scrambled);
  now->errors = grow (now->errors, raw.errors, base->errors);
  now->units = grow (now->units, raw.units, base->units);
  now->tables = grow (now->tables, raw.tables, base->tables);
  *base = raw;
}

void
forge_health_begin (ForgeFeed *feed)
{
  int64_t now_ms = feed->worker->now_ms;

  feed->health = (ForgeHealth){
    .begun_ms = now_ms,
    .payload_ms = now_ms,
    .tables_ms = now_ms,
    .unit_ms = now_ms,
  };
  update_totals (feed);
}

/* The mark of about `seconds` ago; NULL = the source is younger. */
static const ForgeHealthMark *
find_mark (const ForgeHealth *health, unsigned seconds)
{
  if (health->n_marks <= seconds)
    return NULL;
  return &health->marks[(health->n_marks - 1 - seconds) % FORGE_HEALTH_MARKS];
}

/* ── judgement ────────────────────────────────────────────────────────────────────────────── */

static bool
has_no_tables (ForgeFeed *feed, uint64_t seen_before)
{
  ForgeHealth *health = &feed->health;
  const ForgeHealthMark *now = &health->now;
  uint64_t tables = now->tables + feed->splice.tables;
  uint64_t gap = now->packets - health->tables_packets;

  if (tables != seen_before) {
    if (gap > health->longest_tables_gap)
      health->longest_tables_gap = gap;
    health->tables_ms = now->at_ms;
    health->tables_packets = now->packets;
    return false;
  }
  bool is_regular = tables >= TABLES_SEEN_MIN &&
                    gap > health->longest_tables_gap * TABLES_GAP_FACTOR;
  int64_t patience_ms = tables == 0 || is_regular ? NO_TABLES_MS : RARE_TABLES_MS;
  return gap > 0 && now->at_ms - health->tables_ms >= patience_ms;
}

static bool
has_no_video (ForgeFeed *feed, uint64_t units_before)
{
  ForgeHealth *health = &feed->health;
  const ForgeHealthMark *now = &health->now;
  int64_t gap_ms = now->at_ms - health->unit_ms;

  if (now->units != units_before) {
    if (gap_ms > health->longest_unit_gap_ms)
      health->longest_unit_gap_ms = gap_ms;
    health->unit_ms = now->at_ms;
    return false;
  }
  int64_t patience_ms = health->longest_unit_gap_ms * NO_VIDEO_GAP_FACTOR;
  if (patience_ms < NO_VIDEO_MS)
    patience_ms = NO_VIDEO_MS;
  return scan_of (feed)->psi.video != FORGE_TS_VIDEO_NONE && gap_ms >= patience_ms;
}

static bool
is_scrambled (ForgeHealth *health)
{
  const ForgeHealthMark *before = find_mark (health, 1), *now = &health->now;

  if (!before)
    return false;
  uint64_t packets = now->packets - before->packets;
  bool is_bad = packets > 0 && (now->scrambled - before->scrambled) * 2 > packets;
  health->scrambled_seconds = is_bad ? health->scrambled_seconds + 1 : 0;
  return health->scrambled_seconds >= SCRAMBLED_SECONDS;
}

static bool
is_damaged (const ForgeHealth *health)
{
  const ForgeHealthMark *before = find_mark (health, DAMAGED_WINDOW_S), *now = &health->now;

  if (!before)
    return false;
  uint64_t packets = now->packets - before->packets;
  return packets >= DAMAGED_PACKETS_MIN &&
         (now->errors - before->errors) * 100 > packets * DAMAGED_PERCENT;
}

static uint64_t
average_kbps (uint64_t packets, int64_t ms)
{
  return ms > 0 ? packets * BITS_PER_PACKET / (uint64_t)ms : 0;
}

/* Media moved on much less than the clock did. */
static bool
is_late (const ForgeHealthMark *before, const ForgeHealthMark *now)
{
  int64_t media_ms = forge_ts_ticks_after (now->pts, before->pts) * 1000 / FORGE_TS_CLOCK_HZ;

  return before->has_pts && now->has_pts && media_ms >= 0 && media_ms < PACE_JUMP_MS &&
         media_ms * 100 < (now->at_ms - before->at_ms) * SLOW_PACE_PERCENT;
}

/* A thin stream that always was one and plays in time is as it should be. */
static bool
is_slow (const ForgeFeed *feed)
{
  const ForgeHealth *health = &feed->health;
  const ForgeHealthMark *before = find_mark (health, SLOW_WINDOW_S), *now = &health->now;

  if (!before || before->at_ms - health->begun_ms < SLOW_GRACE_MS ||
      scan_of (feed)->psi.video == FORGE_TS_VIDEO_NONE)
    return false;
  uint64_t kbps = average_kbps (now->packets - before->packets, now->at_ms - before->at_ms);
  uint64_t learned = average_kbps (before->packets, before->at_ms - health->begun_ms);
  if (kbps * 100 < learned * SLOW_LEARNED_PERCENT)
    return true;
  return kbps < SLOW_FLOOR_KBPS && (learned >= SLOW_FLOOR_KBPS || is_late (before, now));
}

/* ── loops ────────────────────────────────────────────────────────────────────────────────── */

void
forge_health_note_join (ForgeFeed *feed)
{
  ForgeHealth *health = &feed->health;

  if (health->has_pending_join || !feed->scan.unit.has_pts)
    return;
  health->has_pending_join = true;
  health->pending_join = feed->scan.unit;
  /* As the source has it: a clip that begins again does so with the same time stamps. */
  health->pending_join.pts =
      forge_ts_smooth_undo (&feed->smooth, feed->scan.leading_pid, feed->scan.unit.pts);
}

/* FNV-1a over the beginning of the unit at `at`: what the encoder made, not how it was packed. */
static uint64_t
hash_unit (const ForgeFeed *feed, uint64_t at)
{
  uint64_t hash = UINT64_C (0xcbf29ce484222325);
  size_t hashed = 0;

  for (uint64_t i = at; i < feed->scanned && hashed < LOOP_HASHED_BYTES;
       i += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = forge_ring_at (&feed->ring, i);
    size_t from = forge_ts_payload_offset (packet);
    if (forge_ts_pid (packet) != feed->scan.leading_pid)
      continue;
    if (forge_ts_starts_unit (packet) && i > at)
      break;
    if (i == at && from + PES_HEADER_BYTES <= FORGE_TS_PACKET_BYTES)
      from += PES_HEADER_BYTES + packet[from + PES_HEADER_BYTES - 1];
    for (; from < FORGE_TS_PACKET_BYTES; from++, hashed++)
      hash = (hash ^ packet[from]) * UINT64_C (0x100000001b3);
  }
  return hash;
}

/* Counts how often this join point was there before. */
static unsigned
count_repeats (ForgeHealth *health, uint64_t pts, uint64_t hash, int64_t now_ms)
{
  unsigned n = health->n_joins < FORGE_HEALTH_JOINS ? health->n_joins : FORGE_HEALTH_JOINS;

  for (unsigned i = 0; i < n; i++) {
    ForgeHealthJoin *join = &health->joins[i];
    int64_t period_ms = now_ms - join->at_ms;
    if (join->pts != pts || join->hash != hash)
      continue;
    bool is_loop = period_ms >= LOOP_MIN_MS && period_ms <= LOOP_MAX_MS;
    join->repeats = is_loop ? join->repeats + 1 : 0;
    join->at_ms = now_ms;
    return join->repeats;
  }
  health->joins[health->n_joins++ % FORGE_HEALTH_JOINS] =
      (ForgeHealthJoin){ .pts = pts, .hash = hash, .at_ms = now_ms };
  return 0;
}

/* A clip that is sent again as it is. One with new time stamps cannot be told from a channel that
 * shows the same picture; a unit is judged once a later one has begun. */
static bool
is_looping (ForgeFeed *feed)
{
  ForgeHealth *health = &feed->health;
  const ForgeTsUnit *unit = &health->pending_join;

  if (!health->has_pending_join || feed->scan.unit.offset <= unit->offset)
    return false;
  health->has_pending_join = false;
  if (feed->scanned - unit->offset > feed->ring.capacity / 2)
    return false;
  uint64_t hash = hash_unit (feed, unit->offset);
  return count_repeats (health, unit->pts, hash, feed->worker->now_ms) >= LOOP_REPEATS;
}

/* ── all ──────────────────────────────────────────────────────────────────────────────────── */

static bool
is_silent (ForgeFeed *feed, uint64_t packets_before)
{
  ForgeHealth *health = &feed->health;

  if (health->now.packets != packets_before || feed->source.is_paused)
    health->payload_ms = health->now.at_ms;
  return health->now.at_ms - health->payload_ms >= (int64_t)feed->options.stall_ms;
}

/* Once a second. */
static bool
judge_averages (ForgeFeed *feed, ForgeSourceLost *lost)
{
  ForgeHealth *health = &feed->health;
  const ForgeHealthMark *newest = find_mark (health, 0);

  if (newest && health->now.at_ms - newest->at_ms < MARK_EVERY_MS)
    return false;
  health->marks[health->n_marks++ % FORGE_HEALTH_MARKS] = health->now;
  *lost = is_scrambled (health) ? FORGE_SOURCE_LOST_SCRAMBLED
          : is_damaged (health) ? FORGE_SOURCE_LOST_DAMAGED
          : is_slow (feed)      ? FORGE_SOURCE_LOST_SLOW
                                : FORGE_SOURCE_LOST_EOF;
  return *lost != FORGE_SOURCE_LOST_EOF;
}

/* We do not read it: it has no chance to do better. */
static void
forgive_pause (ForgeFeed *feed)
{
  ForgeHealth *health = &feed->health;

  health->n_marks = 0;
  health->begun_ms = health->tables_ms = health->unit_ms = feed->worker->now_ms;
  health->now.packets = 0;
  health->tables_packets = 0;
}

bool
forge_health_has_failed (ForgeFeed *feed, ForgeSourceLost *lost)
{
  ForgeHealth *health = &feed->health;
  ForgeHealthMark before = health->now;
  unsigned spliced_before = health->spliced_tables;

  update_totals (feed);
  if (is_silent (feed, before.packets)) {
    *lost = FORGE_SOURCE_LOST_STALL;
    return true;
  }
  if (feed->source.is_paused) {
    forgive_pause (feed);
    return false;
  }
  health->spliced_tables = feed->splice.tables;
  *lost = FORGE_SOURCE_LOST_EOF;
  if (has_no_tables (feed, before.tables + spliced_before))
    *lost = FORGE_SOURCE_LOST_NO_TABLES;
  else if (has_no_video (feed, before.units))
    *lost = FORGE_SOURCE_LOST_NO_VIDEO;
  else if (is_looping (feed))
    *lost = FORGE_SOURCE_LOST_LOOPING;
  return *lost != FORGE_SOURCE_LOST_EOF || judge_averages (feed, lost);
}
