/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-scan.h"
#include "mpegts/forge-ts-timeline.h"

/**
 * ForgeTsSplice: makes the packets of one source go on where those of another ended, in place, so
 * that a decoder sees one programme: PIDs mapped by role to those of the output, the output's PAT
 * and PMT, continuity counters that run on, PCR, PTS and DTS that go on by one unit.
 *
 *   packet of the source               | becomes
 *   -----------------------------------+---------------------------------------------------------
 *   PAT, PMT                           | the output's; its version changes only with its streams
 *   stream, before its first unit start| null packet
 *   audio from before the output's end | null packet, or its frames from there on (trim)
 *   picture shown before the first one | null packet (leading pictures of an open GOP)
 *   stream                             | PID, counter and clocks of the output
 *   0x01 … 0x1F (SI)                   | counters run on
 *   any other PID                      | null packet
 *
 * Streams are matched by coding and language, then by coding; the picture always has the same PID,
 * and so has the first sound. A stream that the output did not have gets a free PID. Damage stays
 * visible: a counter that jumps in the source jumps in the output.
 */

/* A unit of audio that must be trimmed is waited for until this much is there. */
#define FORGE_TS_SPLICE_WAIT_BYTES (64u * 1024u / FORGE_TS_PACKET_BYTES * FORGE_TS_PACKET_BYTES)

typedef struct {
  size_t bytes;
  uint8_t section[FORGE_TS_SECTION_MAX_BYTES];
} ForgeTsSpliceTable;

typedef struct {
  ForgeTsStream stream; /* as the output has it */
  uint16_t source_pid;  /* FORGE_TS_NO_PID = this source has none */
  bool is_started;      /* its first unit was let through */
  bool is_dropping;     /* the unit at hand is not */
  bool is_after_first;  /* no picture before the first one comes any more */
  uint8_t delta;        /* added to its counters */
  uint64_t first_pts;
  bool has_end;
  uint64_t end; /* units before it are the output's past */
} ForgeTsSpliceStream;

typedef struct {
  bool is_active;    /* forge_ts_splice_run () has something to do */
  bool wants_tables; /* a table of the source was dropped: the output's should be put in soon */
  unsigned tables;   /* of the source that were replaced or dropped */
  ForgeTsPsi *source;
  ForgeTsSpliceTable pat, pmt;
  uint16_t pmt_pid;
  ForgeTsSpliceStream streams[FORGE_TS_MAX_STREAMS];
  unsigned n_streams;
  uint64_t shift, pcr_shift;
  bool has_pcr_shift, has_last_pcr;
  uint64_t last_pcr;      /* of the output before */
  uint8_t slots[8192];    /* what to do, by PID of the source */
  uint8_t counters[8192]; /* the last, by PID of the output */
} ForgeTsSplice;

/* `output` has scanned the output so far, `past` is where it ends. `source` has complete tables and
 * goes on to be fed by forge_ts_splice_run (). `packets` begin with the first of the unit of the
 * leading stream that is to follow. */
void forge_ts_splice_begin (ForgeTsSplice *splice,
                            const ForgeTsScan *output,
                            const ForgeTsTimeline *past,
                            ForgeTsPsi *source,
                            const uint8_t *packets,
                            size_t size);

/* Only renumbers PAT and PMT: for a source that goes through untouched except for tables that are
 * put in between. To be called before each insertion. */
void forge_ts_splice_begin_counting (ForgeTsSplice *splice, const ForgeTsScan *output);

void forge_ts_splice_end (ForgeTsSplice *splice);

/* Rewrites whole packets; returns the bytes that are done. What is left waits for more. */
size_t forge_ts_splice_run (ForgeTsSplice *splice, uint8_t *packets, size_t size);

/* Writes the output's PAT and PMT with the counters that follow; returns the bytes, at most
 * FORGE_TS_PSI_MAX_BYTES. `pat_bytes` may be NULL. */
size_t forge_ts_splice_write_tables (ForgeTsSplice *splice, uint8_t *out, size_t *pat_bytes);
