/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"
#include "mpegts/forge-ts.h"

/**
 * ForgeTsScan: watches a stream of aligned packets for what a relay must know: the tables, the
 * places where a decoder can start, and damage. Most packets only get their counter compared.
 *
 * A *join point* is the first packet of a video access unit that can be decoded without what came
 * before: random_access_indicator set, or (many encoders never set it) a NAL unit that says so
 * within the unit's first packets. A service without video has one at every unit of its audio.
 */

/* Packets of a unit that are searched for a NAL unit which decides. */
#define FORGE_TS_SCAN_UNIT_PACKETS 6u

typedef enum {
  FORGE_TS_SCAN_DONE, /* the block is used up */
  FORGE_TS_SCAN_PSI,  /* the PAT or the PMT became known or different */
  FORGE_TS_SCAN_JOIN, /* scan->unit is a join point */
} ForgeTsScanEvent;

/* A start of a unit on the leading PID, and the table counters before it. */
typedef struct {
  uint64_t offset; /* stream offset of its first packet */
  uint8_t pat_counter, pmt_counter;
  bool has_pts;
  uint64_t pts;
} ForgeTsUnit;

typedef struct {
  ForgeTsPsi psi;
  uint16_t leading_pid; /* video, else audio; FORGE_TS_NO_PID until the PMT is known */
  ForgeTsUnit unit;     /* the newest */
  bool has_unit;
  unsigned search_packets; /* left to search for a NAL unit; 0 = decided */
  uint32_t search_window;  /* last four payload bytes */
  uint64_t packets, null_packets, scrambled_packets;
  uint64_t continuity_errors;
  uint8_t counters[8192]; /* last continuity counter by PID; 0xFF = none yet */
} ForgeTsScan;

void forge_ts_scan_reset (ForgeTsScan *scan);

/* Forgets counters and the open unit, keeps tables and totals: for going over packets again. */
void forge_ts_scan_rewind (ForgeTsScan *scan);

/* Looks at `packets` from byte `*at` on until there is something to say; `*at` moves behind what
 * was looked at. `offset` is the stream offset of packets[0]. */
ForgeTsScanEvent forge_ts_scan_run (ForgeTsScan *scan,
                                    const uint8_t *packets,
                                    size_t size,
                                    uint64_t offset,
                                    size_t *at);
