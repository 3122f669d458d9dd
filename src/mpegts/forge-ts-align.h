/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

/**
 * ForgeTsAlign: finds packet sync in a byte stream and compacts it to whole 188-byte packets, in
 * place. Packets that lie 192 (M2TS) or 204 (Reed-Solomon) bytes apart lose the extra bytes. What
 * is before the first packet (a PHP warning, HTML) is dropped, so is what is between a loss of sync
 * and the next. The result does not depend on how the input is cut.
 */

/* Bytes without sync that make a stream "not MPEG-TS". */
#define FORGE_TS_ALIGN_GIVE_UP_BYTES (64u * 1024u)
/* The most that stays unconsumed: two packets of the widest spacing and the byte after. */
#define FORGE_TS_ALIGN_REST_MAX (2u * 204u + 1u)

typedef struct {
  unsigned spacing; /* 188, 192 or 204; 0 = searching */
  unsigned gap;     /* bytes to drop before the next packet */
  size_t skipped;   /* dropped since sync was lost or never found */
  unsigned losses;  /* times sync was lost */
} ForgeTsAlign;

/* All zero is the start too. */
void forge_ts_align_reset (ForgeTsAlign *align);

/* `data` holds the rest of the last call followed by new bytes. Afterwards it begins with the whole
 * packets (their bytes are returned), followed by `*rest` bytes that wait for more. */
size_t forge_ts_align_run (ForgeTsAlign *align, uint8_t *data, size_t size, size_t *rest);

static inline bool
forge_ts_align_has_failed (const ForgeTsAlign *align)
{
  return align->skipped >= FORGE_TS_ALIGN_GIVE_UP_BYTES;
}
