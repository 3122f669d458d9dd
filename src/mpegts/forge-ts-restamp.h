/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

/* Adds `by` (90 kHz ticks, modulo 2^33) to the PCR, PTS and DTS of one packet, in place. Whatever
 * carries none is left alone. PTS/DTS are only looked for where a PES packet starts. */
void forge_ts_shift_packet (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by);

/* Sets the continuity counter, in place. */
static inline void
forge_ts_set_counter (uint8_t packet[FORGE_TS_PACKET_BYTES], unsigned counter)
{
  packet[3] = (uint8_t)((packet[3] & 0xF0u) | (counter & 0x0Fu));
}

/* The packet's PCR base (90 kHz), PES PTS or DTS. False if it carries none. */
bool forge_ts_read_pcr (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pcr_90khz);
bool forge_ts_read_pts (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pts, uint64_t *dts);
