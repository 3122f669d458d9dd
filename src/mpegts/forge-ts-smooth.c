/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-smooth.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts-timeline.h"

#include <string.h>

/* DTS never goes back; some multiplexers leave it out where pictures are reordered. */
#define BACK_MAX_TICKS (FORGE_TS_CLOCK_HZ * 3 / 10)
/* What is lost on the way leaves gaps, too, and stills are far apart. Players give up at 10 s. */
#define GAP_MAX_TICKS (5 * FORGE_TS_CLOCK_HZ)
/* Steps between units beyond these are no duration of one. */
#define STEP_MIN_TICKS     (FORGE_TS_CLOCK_HZ / 200)
#define STEP_MAX_TICKS     FORGE_TS_CLOCK_HZ
#define STEP_DEFAULT_TICKS (FORGE_TS_CLOCK_HZ / 25)
#define DISCONTINUITY      0x80u

static void
map_streams (ForgeTsSmooth *smooth, const ForgeTsPsi *psi)
{
  ForgeTsSmoothStream before[FORGE_TS_MAX_STREAMS];
  unsigned n_before = smooth->n_streams;

  memcpy (before, smooth->streams, sizeof before);
  memset (smooth->slots, 0, sizeof smooth->slots);
  smooth->n_streams = psi->n_streams;
  for (unsigned i = 0; i < psi->n_streams; i++) {
    const ForgeTsStream *stream = &psi->streams[i];
    smooth->streams[i] = (ForgeTsSmoothStream){ .pid = stream->pid,
                                                .generation = smooth->generation,
                                                .shift = smooth->shift };
    for (unsigned k = 0; k < n_before; k++)
      if (before[k].pid == stream->pid)
        smooth->streams[i] = before[k];
    smooth->streams[i].is_timed = stream->is_video || stream->is_audio;
    smooth->slots[stream->pid & FORGE_TS_NULL_PID] = (uint8_t)(i + 1);
  }
}

static bool
is_mapped (const ForgeTsSmooth *smooth, const ForgeTsPsi *psi)
{
  if (smooth->n_streams != psi->n_streams)
    return false;
  for (unsigned i = 0; i < psi->n_streams; i++)
    if (smooth->streams[i].pid != psi->streams[i].pid)
      return false;
  return true;
}

void
forge_ts_smooth_reset (ForgeTsSmooth *smooth)
{
  *smooth = (ForgeTsSmooth){ 0 };
}

/* From the last output of the stream to `at`, if `shift` is added. */
static int64_t
step_to (const ForgeTsSmoothStream *stream, uint64_t at, uint64_t shift)
{
  return forge_ts_ticks_after ((at + shift) & FORGE_TS_CLOCK_MASK, stream->last);
}

static bool
goes_on (int64_t step)
{
  return step > 0 && step <= GAP_MAX_TICKS;
}

/* The stream jumps: the shift of those that did before it, or one of its own for all. */
static void
jump (ForgeTsSmooth *smooth, ForgeTsSmoothStream *stream, uint64_t at)
{
  bool is_first = stream->generation == smooth->generation;
  uint64_t step = stream->step ? stream->step : STEP_DEFAULT_TICKS;

  smooth->generation += is_first;
  stream->generation = smooth->generation;
  if (is_first || !goes_on (step_to (stream, at, smooth->shift)))
    smooth->shift = (stream->last + step - at) & FORGE_TS_CLOCK_MASK;
  stream->shift = smooth->shift;
}

/* Notes that `at` is next on the stream; true if that is a jump. */
static bool
follow (ForgeTsSmooth *smooth, ForgeTsSmoothStream *stream, uint64_t at)
{
  bool is_jump = false;

  if (!stream->has_last) {
    stream->generation = smooth->generation;
    stream->shift = smooth->shift;
  } else {
    /* Another stream raised the shift of the jump that this one made, too. */
    if (stream->generation == smooth->generation && stream->shift != smooth->shift &&
        goes_on (step_to (stream, at, smooth->shift)))
      stream->shift = smooth->shift;
    int64_t step = step_to (stream, at, stream->shift);
    is_jump = step < -BACK_MAX_TICKS || step > GAP_MAX_TICKS;
    if (is_jump)
      jump (smooth, stream, at);
    else if (step >= STEP_MIN_TICKS && step <= STEP_MAX_TICKS)
      stream->step = (uint64_t)step;
  }
  stream->has_last = true;
  stream->last = (at + stream->shift) & FORGE_TS_CLOCK_MASK;
  return is_jump;
}

static void
count (ForgeTsSmoothStream *stream, uint8_t *packet, bool is_jump)
{
  if (is_jump && stream->has_counter)
    stream->delta = (uint8_t)((stream->counter + 1u - forge_ts_counter (packet)) & 0x0Fu);
  if (stream->delta != 0)
    forge_ts_set_counter (packet, forge_ts_counter (packet) + stream->delta);
  stream->counter = (uint8_t)forge_ts_counter (packet);
  stream->has_counter = true;
}

static void
take_unit (ForgeTsSmooth *smooth, ForgeTsSmoothStream *stream, uint8_t *packet)
{
  uint64_t pts, dts;
  bool is_jump = false;

  if (forge_ts_starts_unit (packet) && forge_ts_read_pts (packet, &pts, &dts)) {
    if (stream->is_timed)
      is_jump = follow (smooth, stream, dts);
    else
      stream->shift = smooth->shift;
    if (stream->shift != 0)
      forge_ts_shift_stamps (packet, stream->shift);
  }
  count (stream, packet, is_jump);
  if (is_jump && forge_ts_has_adaptation (packet))
    packet[5] &= (uint8_t)~DISCONTINUITY;
}

static void
take_pcr (ForgeTsSmooth *smooth, uint8_t *packet)
{
  uint64_t pcr;

  if (!forge_ts_read_pcr (packet, &pcr))
    return;
  follow (smooth, &smooth->pcr, pcr);
  if (smooth->pcr.shift != 0)
    forge_ts_shift_pcr (packet, smooth->pcr.shift);
}

void
forge_ts_smooth_run (ForgeTsSmooth *smooth, const ForgeTsPsi *psi, uint8_t *packets, size_t size)
{
  if (!is_mapped (smooth, psi))
    map_streams (smooth, psi);
  for (size_t at = 0; at + FORGE_TS_PACKET_BYTES <= size; at += FORGE_TS_PACKET_BYTES) {
    uint8_t *packet = packets + at;
    unsigned pid = forge_ts_pid (packet), slot = smooth->slots[pid];
    if (slot > 0 && !forge_ts_is_scrambled (packet))
      take_unit (smooth, &smooth->streams[slot - 1], packet);
    if (pid == psi->pcr_pid && forge_ts_has_adaptation (packet))
      take_pcr (smooth, packet);
  }
}

uint64_t
forge_ts_smooth_undo (const ForgeTsSmooth *smooth, unsigned pid, uint64_t pts)
{
  unsigned slot = pid < sizeof smooth->slots ? smooth->slots[pid] : 0;

  return slot > 0 ? (pts - smooth->streams[slot - 1].shift) & FORGE_TS_CLOCK_MASK : pts;
}
