/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"

/**
 * ForgeTsTimeline: where the media of a stream ends, learned from its last packets: what a splice
 * must know to go on from there. Done once, at the end of a source; nothing is counted before.
 */
typedef struct {
  uint16_t pid;
  uint64_t dts; /* the next unit's DTS and */
  uint64_t pts; /* its PTS are not before these */
} ForgeTsEnd;

typedef struct {
  ForgeTsEnd ends[FORGE_TS_MAX_STREAMS];
  unsigned n_ends;
  bool has_pcr;
  uint64_t pcr; /* base of the last one */
} ForgeTsTimeline;

/* How far `a` is after `b` on the 33-bit clock; negative = before. */
static inline int64_t
forge_ts_ticks_after (uint64_t a, uint64_t b)
{
  int64_t by = (int64_t)((a - b) & FORGE_TS_CLOCK_MASK);

  return by > (int64_t)(FORGE_TS_CLOCK_MASK / 2) ? by - (int64_t)FORGE_TS_CLOCK_MASK - 1 : by;
}

/* `packets` end with the last of the stream: whole units of the streams that `psi` lists. */
void forge_ts_timeline_learn (ForgeTsTimeline *timeline,
                              const ForgeTsPsi *psi,
                              const uint8_t *packets,
                              size_t size);

/* NULL = nothing known of this PID. */
const ForgeTsEnd *forge_ts_timeline_find (const ForgeTsTimeline *timeline, unsigned pid);
