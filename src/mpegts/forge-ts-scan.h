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

/* Streams whose units are followed: the picture and sounds. */
#define FORGE_TS_SCAN_MAX_OPEN 16u

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

/* The newest unit of one stream. It is over when the next begins, or as soon as its stated length
 * is there. */
typedef struct {
  bool is_open;
  uint32_t left; /* bytes until it is over; 0 = not stated */
  uint64_t offset;
} ForgeTsOpenUnit;

typedef struct {
  ForgeTsPsi psi;
  uint16_t leading_pid; /* video, else audio; FORGE_TS_NO_PID until the PMT is known */
  ForgeTsUnit unit;     /* the newest */
  bool has_unit;
  unsigned search_packets; /* left to search for a NAL unit; 0 = decided */
  uint32_t search_window;  /* last four payload bytes */
  uint64_t packets, null_packets, scrambled_packets;
  uint64_t continuity_errors, transport_errors;
  uint64_t units; /* begun on the leading PID */
  ForgeTsOpenUnit open[FORGE_TS_SCAN_MAX_OPEN];
  unsigned n_open;
  uint8_t roles[8192];    /* by PID: nothing special, table, a stream of `open` */
  uint8_t counters[8192]; /* last continuity counter by PID; 0xFF = none yet */
} ForgeTsScan;

void forge_ts_scan_reset (ForgeTsScan *scan);

/* Forgets counters and open units, keeps tables and totals: for going over packets again. */
void forge_ts_scan_rewind (ForgeTsScan *scan);

/* Like a reset, but with tables that are known already. */
void forge_ts_scan_adopt (ForgeTsScan *scan, const ForgeTsPsi *psi);

/* Looks at `packets` from byte `*at` on until there is something to say; `*at` moves behind what
 * was looked at. `offset` is the stream offset of packets[0]. */
ForgeTsScanEvent forge_ts_scan_run (ForgeTsScan *scan,
                                    const uint8_t *packets,
                                    size_t size,
                                    uint64_t offset,
                                    size_t *at);

/* What is before this offset holds only whole units; `end` is where the scan is. */
uint64_t forge_ts_scan_settled (const ForgeTsScan *scan, uint64_t end);

/* The units at hand are not waited for any more. */
void forge_ts_scan_release (ForgeTsScan *scan);

/* Nor are those that began up to `offset`. */
void forge_ts_scan_release_to (ForgeTsScan *scan, uint64_t offset);

/* Takes the incomplete units out of what was scanned, in place: `packets` begin at `offset`, and no
 * open unit began before. Counters are set back accordingly. Returns the bytes that stay. */
size_t forge_ts_scan_cut (ForgeTsScan *scan, uint8_t *packets, size_t size, uint64_t offset);
