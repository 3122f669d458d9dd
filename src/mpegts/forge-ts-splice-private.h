/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-splice.h"

/* ForgeTsSplice.slots */
typedef enum {
  FORGE_TS_SLOT_DROP,
  FORGE_TS_SLOT_PASS,
  FORGE_TS_SLOT_COUNT, /* only the counter */
  FORGE_TS_SLOT_PAT,
  FORGE_TS_SLOT_PMT,
  FORGE_TS_SLOT_STREAM, /* + index into streams */
} ForgeTsSlot;

#define FORGE_TS_NO_COUNTER 0xFFu
/* A PCR on a PID of its own: in `streams`, but not in the PMT. */
#define FORGE_TS_CODING_PCR_ONLY 0xFFFFu
/* PIDs below carry tables of their own kind (SI). */
#define FORGE_TS_FIRST_STREAM_PID 0x20u

/* forge-ts-splice-map.c: maps what splice->source has now to the output and brings the PMT up to
 * date. */
void forge_ts_splice_map (ForgeTsSplice *splice);
