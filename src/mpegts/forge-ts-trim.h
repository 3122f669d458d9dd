/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"

typedef enum {
  FORGE_TS_TRIM_DONE,
  FORGE_TS_TRIM_WAIT,   /* not enough of the unit is there */
  FORGE_TS_TRIM_CANNOT, /* no frames known, or it is over before that */
} ForgeTsTrim;

/* Takes the frames of the first `ticks` (90 kHz) off the audio unit that begins at packets[0], in
 * place: its PES header moves on to the first frame that stays, with PTS and length put right;
 * packets that are not needed any more become null packets. A cut within a frame goes to its end.
 */
ForgeTsTrim
forge_ts_trim_unit (uint8_t *packets, size_t size, const ForgeTsStream *stream, uint64_t ticks);
