/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-splice.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts-splice-private.h"
#include "mpegts/forge-ts-trim.h"

#include <string.h>

/* The leading stream waits for another that went on longer, but for this much less: streams of one
 * programme are that far apart where it is cut. */
#define SKEW_MAX_TICKS FORGE_TS_CLOCK_HZ
/* Rounding of time stamps. */
#define TOLERANCE_TICKS 90
/* What is this far before the end is no overlap, but a clock of its own. */
#define OVERLAP_MAX_TICKS (10 * FORGE_TS_CLOCK_HZ)
/* A picture further before the first one is no leading picture, but a jump in the clock. */
#define LEADING_MAX_TICKS (2 * FORGE_TS_CLOCK_HZ)
/* From the old PCR to the first of a source that would set it back. */
#define PCR_STEP_TICKS 90

/* ── the join ─────────────────────────────────────────────────────────────────────────────── */

static void
copy_table (ForgeTsSpliceTable *table, const ForgeTsTable *from)
{
  table->bytes = from->section_bytes;
  memcpy (table->section, from->section, from->section_bytes);
}

static void
copy_output (ForgeTsSplice *splice, const ForgeTsScan *output)
{
  const ForgeTsPsi *psi = &output->psi;

  copy_table (&splice->pat, &psi->pat);
  copy_table (&splice->pmt, &psi->pmt);
  splice->pmt_pid = psi->pmt_pid;
  splice->n_streams = psi->n_streams;
  for (unsigned i = 0; i < psi->n_streams; i++)
    splice->streams[i] =
        (ForgeTsSpliceStream){ .stream = psi->streams[i], .source_pid = FORGE_TS_NO_PID };
  memcpy (splice->counters, output->counters, sizeof splice->counters);
}

static uint64_t
later_of (uint64_t a, uint64_t b)
{
  return forge_ts_ticks_after (a, b) > 0 ? a : b;
}

/* Where the leading stream goes on: at its end, but not long before that of the others. */
static bool
find_end (const ForgeTsTimeline *past, unsigned pid, ForgeTsEnd *end)
{
  const ForgeTsEnd *own = forge_ts_timeline_find (past, pid);

  if (past->n_ends == 0)
    return false;
  *end = own ? *own : past->ends[0];
  for (unsigned i = 0; i < past->n_ends; i++) {
    uint64_t skew = own ? SKEW_MAX_TICKS : 0;
    uint64_t other = (past->ends[i].dts - skew) & FORGE_TS_CLOCK_MASK;
    end->dts = later_of (other, end->dts);
    end->pts = later_of (end->pts, end->dts);
  }
  return true;
}

/* The first time stamps of `pid`; those of its first unit unless that has none. */
static bool
find_stamps (const uint8_t *packets, size_t size, unsigned pid, uint64_t *pts, uint64_t *dts)
{
  for (size_t at = 0; at + FORGE_TS_PACKET_BYTES <= size; at += FORGE_TS_PACKET_BYTES)
    if (forge_ts_pid (packets + at) == pid && forge_ts_read_pts (packets + at, pts, dts))
      return true;
  return false;
}

static const ForgeTsStream *
find_leading (const ForgeTsSplice *splice, unsigned *source_pid)
{
  const ForgeTsPsi *source = splice->source;

  *source_pid = source->video != FORGE_TS_VIDEO_NONE ? source->video_pid : source->audio_pid;
  unsigned slot = *source_pid < sizeof splice->slots ? splice->slots[*source_pid] : 0;
  return slot >= FORGE_TS_SLOT_STREAM ? &splice->streams[slot - FORGE_TS_SLOT_STREAM].stream : NULL;
}

/* Decoding and showing both go on, neither goes back. */
static void
align_clocks (ForgeTsSplice *splice,
              const ForgeTsTimeline *past,
              const uint8_t *packets,
              size_t size)
{
  unsigned source_pid;
  const ForgeTsStream *leading = find_leading (splice, &source_pid);
  uint64_t pts = 0, dts = 0;
  ForgeTsEnd end = { 0 };

  splice->shift = 0;
  if (!leading || !find_end (past, leading->pid, &end) ||
      !find_stamps (packets, size, source_pid, &pts, &dts))
    return;
  splice->shift =
      later_of ((end.dts - dts) & FORGE_TS_CLOCK_MASK, (end.pts - pts) & FORGE_TS_CLOCK_MASK);
  uint64_t start = (dts + splice->shift - SKEW_MAX_TICKS) & FORGE_TS_CLOCK_MASK;
  for (unsigned i = 0; i < splice->n_streams; i++) {
    ForgeTsSpliceStream *stream = &splice->streams[i];
    const ForgeTsEnd *own = forge_ts_timeline_find (past, stream->stream.pid);
    stream->has_end = stream->stream.coding != FORGE_TS_CODING_PCR_ONLY;
    /* One that is new begins with the leading stream. */
    stream->end = own ? later_of (own->dts, start) : (dts + splice->shift) & FORGE_TS_CLOCK_MASK;
  }
}

void
forge_ts_splice_begin (ForgeTsSplice *splice,
                       const ForgeTsScan *output,
                       const ForgeTsTimeline *past,
                       ForgeTsPsi *source,
                       const uint8_t *packets,
                       size_t size)
{
  splice->is_active = true;
  splice->wants_tables = false;
  splice->tables = 0;
  splice->source = source;
  copy_output (splice, output);
  forge_ts_splice_map (splice);
  align_clocks (splice, past, packets, size);
  splice->has_last_pcr = past->has_pcr;
  splice->last_pcr = past->pcr;
  splice->has_pcr_shift = false;
}

void
forge_ts_splice_begin_counting (ForgeTsSplice *splice, const ForgeTsScan *output)
{
  unsigned pmt_pid = output->psi.pmt_pid & FORGE_TS_NULL_PID;

  if (splice->is_active && splice->source)
    return;
  splice->is_active = true;
  splice->wants_tables = false;
  splice->tables = 0;
  splice->source = NULL;
  copy_output (splice, output);
  memset (splice->slots, FORGE_TS_SLOT_PASS, sizeof splice->slots);
  splice->slots[FORGE_TS_PAT_PID] = FORGE_TS_SLOT_COUNT;
  splice->slots[pmt_pid] = FORGE_TS_SLOT_COUNT;
}

void
forge_ts_splice_end (ForgeTsSplice *splice)
{
  splice->is_active = false;
  splice->wants_tables = false;
  splice->source = NULL;
}

/* ── tables ───────────────────────────────────────────────────────────────────────────────── */

static unsigned
next_counter (const ForgeTsSplice *splice, unsigned pid)
{
  unsigned last = splice->counters[pid];

  return last == FORGE_TS_NO_COUNTER ? 0 : (last + 1u) & 0x0Fu;
}

static size_t
write_table (ForgeTsSplice *splice, const ForgeTsSpliceTable *table, unsigned pid, uint8_t *out)
{
  unsigned first = next_counter (splice, pid);
  size_t bytes = forge_ts_section_write (table->section, table->bytes, pid, first, out);

  splice->counters[pid] = (uint8_t)((first + bytes / FORGE_TS_PACKET_BYTES - 1) & 0x0Fu);
  return bytes;
}

size_t
forge_ts_splice_write_tables (ForgeTsSplice *splice, uint8_t *out, size_t *pat_bytes)
{
  size_t bytes = write_table (splice, &splice->pat, FORGE_TS_PAT_PID, out);

  if (pat_bytes)
    *pat_bytes = bytes;
  splice->wants_tables = false;
  return bytes + write_table (splice, &splice->pmt, splice->pmt_pid, out + bytes);
}

static void
follow_tables (ForgeTsSplice *splice, const uint8_t *packet)
{
  if (!forge_ts_psi_push (splice->source, packet))
    return;
  if (forge_ts_psi_is_complete (splice->source))
    forge_ts_splice_map (splice);
  else /* another programme: its PMT is still to come */
    splice->slots[splice->source->pmt_pid & FORGE_TS_NULL_PID] = FORGE_TS_SLOT_PMT;
}

/* The output's table in place of the source's. One of several packets cannot be put here. */
static void
replace_table (ForgeTsSplice *splice, uint8_t *packet, ForgeTsSlot slot)
{
  uint8_t packets[FORGE_TS_TABLE_MAX_PACKETS * FORGE_TS_PACKET_BYTES];
  bool is_start = forge_ts_starts_unit (packet), is_pat = slot == FORGE_TS_SLOT_PAT;

  follow_tables (splice, packet);
  splice->tables += is_start;
  const ForgeTsSpliceTable *table = is_pat ? &splice->pat : &splice->pmt;
  if (is_start && table->bytes < FORGE_TS_PACKET_BYTES - 5u) {
    write_table (splice, table, is_pat ? FORGE_TS_PAT_PID : splice->pmt_pid, packets);
    memcpy (packet, packets, FORGE_TS_PACKET_BYTES);
    return;
  }
  splice->wants_tables |= is_start;
  forge_ts_make_null (packet);
}

/* ── streams ──────────────────────────────────────────────────────────────────────────────── */

static void
start_stream (ForgeTsSplice *splice, ForgeTsSpliceStream *stream, const uint8_t *packet)
{
  unsigned last = splice->counters[stream->stream.pid], counter = forge_ts_counter (packet);

  stream->is_started = true;
  stream->delta = 0;
  if (last != FORGE_TS_NO_COUNTER)
    stream->delta = (uint8_t)((last + forge_ts_has_payload (packet) - counter) & 0x0Fu);
}

/* Pictures that refer to some before the first one, and are shown before it. */
static bool
is_leading_picture (ForgeTsSpliceStream *stream, uint64_t pts)
{
  if (!stream->is_started)
    stream->first_pts = pts;
  if (!stream->is_started || stream->is_after_first)
    return false;
  int64_t after = forge_ts_ticks_after (pts, stream->first_pts);
  stream->is_after_first = after > 0 || after < -LEADING_MAX_TICKS;
  return after < 0 && !stream->is_after_first;
}

typedef enum { UNIT_TAKE, UNIT_DROP, UNIT_WAIT } UnitFate;

static UnitFate
trim_unit (ForgeTsSplice *splice,
           const ForgeTsSpliceStream *stream,
           uint8_t *packets,
           size_t size,
           uint64_t ticks)
{
  ForgeTsStream in = stream->stream;

  in.pid = stream->source_pid;
  switch (forge_ts_trim_unit (packets, size, &in, ticks)) {
  case FORGE_TS_TRIM_DONE:
    /* If its start moved on, this packet is a null packet by now. */
    return forge_ts_pid (packets) == in.pid ? UNIT_TAKE : UNIT_DROP;
  case FORGE_TS_TRIM_WAIT:
    return size < FORGE_TS_SPLICE_WAIT_BYTES ? UNIT_WAIT : UNIT_DROP;
  case FORGE_TS_TRIM_CANNOT:
  default:
    return UNIT_DROP;
  }
}

/* What becomes of the unit that begins at packets[0]. */
static UnitFate
judge_unit (ForgeTsSplice *splice, ForgeTsSpliceStream *stream, uint8_t *packets, size_t size)
{
  uint64_t pts, dts;

  if (!forge_ts_read_pts (packets, &pts, &dts)) {
    stream->is_after_first |= !stream->is_started;
    return UNIT_TAKE;
  }
  if (stream->stream.is_video && is_leading_picture (stream, pts))
    return UNIT_DROP;
  if (!stream->has_end || stream->is_started)
    return UNIT_TAKE;
  uint64_t out_dts = (dts + splice->shift) & FORGE_TS_CLOCK_MASK;
  int64_t overlap = forge_ts_ticks_after (stream->end, out_dts);
  if (overlap <= TOLERANCE_TICKS || overlap > OVERLAP_MAX_TICKS)
    return UNIT_TAKE;
  if (!stream->stream.is_audio)
    return UNIT_DROP;
  return trim_unit (splice, stream, packets, size, (uint64_t)overlap - TOLERANCE_TICKS);
}

static void
shift_pcr (ForgeTsSplice *splice, uint8_t *packet)
{
  uint64_t pcr;

  if (!forge_ts_read_pcr (packet, &pcr))
    return;
  if (!splice->has_pcr_shift) {
    splice->has_pcr_shift = true;
    splice->pcr_shift = splice->shift;
    uint64_t least = splice->last_pcr + PCR_STEP_TICKS;
    if (splice->has_last_pcr && forge_ts_ticks_after (least, pcr + splice->shift) > 0)
      splice->pcr_shift = (least - pcr) & FORGE_TS_CLOCK_MASK;
  }
  forge_ts_shift_pcr (packet, splice->pcr_shift);
}

static void
rewrite_packet (ForgeTsSplice *splice, const ForgeTsSpliceStream *stream, uint8_t *packet)
{
  unsigned pid = stream->stream.pid, counter = forge_ts_counter (packet) + stream->delta;

  forge_ts_set_pid (packet, pid);
  forge_ts_set_counter (packet, counter);
  splice->counters[pid] = counter & 0x0Fu;
  if (forge_ts_has_adaptation (packet))
    shift_pcr (splice, packet);
  if (forge_ts_starts_unit (packet))
    forge_ts_shift_stamps (packet, splice->shift);
}

/* False if the unit that begins here must wait. */
static bool
take_stream (ForgeTsSplice *splice, ForgeTsSpliceStream *stream, uint8_t *packets, size_t size)
{
  bool is_pcr_only = stream->stream.coding == FORGE_TS_CODING_PCR_ONLY;

  if (forge_ts_starts_unit (packets) && !is_pcr_only) {
    UnitFate fate = judge_unit (splice, stream, packets, size);
    if (fate == UNIT_WAIT)
      return false;
    stream->is_dropping = fate == UNIT_DROP;
  }
  bool can_start = forge_ts_starts_unit (packets) || is_pcr_only;
  if (stream->is_dropping || (!stream->is_started && !can_start)) {
    if (stream->is_started && forge_ts_has_payload (packets))
      stream->delta = (stream->delta - 1u) & 0x0Fu;
    forge_ts_make_null (packets);
    return true;
  }
  if (!stream->is_started)
    start_stream (splice, stream, packets);
  rewrite_packet (splice, stream, packets);
  return true;
}

static void
count_packet (ForgeTsSplice *splice, uint8_t *packet, unsigned pid)
{
  if (!forge_ts_has_payload (packet))
    return;
  splice->counters[pid] = (uint8_t)next_counter (splice, pid);
  forge_ts_set_counter (packet, splice->counters[pid]);
}

/* False if it must wait. */
static bool
take_packet (ForgeTsSplice *splice, uint8_t *packets, size_t size)
{
  unsigned pid = forge_ts_pid (packets), slot = splice->slots[pid];

  switch (slot) {
  case FORGE_TS_SLOT_PASS:
    return true;
  case FORGE_TS_SLOT_COUNT:
    count_packet (splice, packets, pid);
    return true;
  case FORGE_TS_SLOT_DROP:
    forge_ts_make_null (packets);
    return true;
  case FORGE_TS_SLOT_PAT:
  case FORGE_TS_SLOT_PMT:
    replace_table (splice, packets, slot);
    return true;
  default:
    return take_stream (splice, &splice->streams[slot - FORGE_TS_SLOT_STREAM], packets, size);
  }
}

size_t
forge_ts_splice_run (ForgeTsSplice *splice, uint8_t *packets, size_t size)
{
  size_t at = 0;

  while (at + FORGE_TS_PACKET_BYTES <= size && take_packet (splice, packets + at, size - at))
    at += FORGE_TS_PACKET_BYTES;
  return at;
}
