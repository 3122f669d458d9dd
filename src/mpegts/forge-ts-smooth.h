/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"

/**
 * ForgeTsSmooth: jumps of the clock within one source (a clip that begins again, an HLS
 * discontinuity, a panel that restarts its encoder) made to run on, in place. Nothing is changed
 * before the first of them.
 *
 *   streams of one programme jump at about the same place, but each at a packet of its own:
 *   the first one     → begins a new *generation*: a shift with which it goes on by one unit
 *   each of the others → takes that shift if time goes forward with it, else raises it for all
 *   PCR               → likewise
 *   anything without a clock of its own (subtitles, data) → the newest shift
 *
 * Counters run on where a stream jumps.
 */
typedef struct {
  uint16_t pid;
  bool is_timed; /* sound or picture: its steps tell jumps */
  bool has_last, has_counter;
  unsigned generation;
  uint64_t last, step, shift; /* of the output; what a unit lasts; added to this stream */
  uint8_t counter, delta;     /* of the output, the last; added */
} ForgeTsSmoothStream;

/* All zero is the start. */
typedef struct {
  unsigned generation; /* jumps so far */
  uint64_t shift;      /* of the newest */
  ForgeTsSmoothStream streams[FORGE_TS_MAX_STREAMS], pcr;
  unsigned n_streams;
  uint8_t slots[8192]; /* by PID: 1 + index of the stream */
} ForgeTsSmooth;

/* Another source begins: its clocks go on where those of the last one ended. */
void forge_ts_smooth_reset (ForgeTsSmooth *smooth);

/* Whole packets of the programme that `psi` describes. */
void
forge_ts_smooth_run (ForgeTsSmooth *smooth, const ForgeTsPsi *psi, uint8_t *packets, size_t size);

/* A PTS of `pid`, as the source had it. */
uint64_t forge_ts_smooth_undo (const ForgeTsSmooth *smooth, unsigned pid, uint64_t pts);
