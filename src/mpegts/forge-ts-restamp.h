/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

/* Adds `by` (90 kHz ticks, modulo 2^33) to the PCR, PTS and DTS of one packet, in place. Whatever
 * carries none is left alone. PTS/DTS are only looked for where a PES packet starts. */
void forge_ts_shift_packet (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by);

/* One of the two: the PCR, or PTS and DTS. */
void forge_ts_shift_pcr (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by);
void forge_ts_shift_stamps (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by);

/* Sets the continuity counter, in place. */
static inline void
forge_ts_set_counter (uint8_t packet[FORGE_TS_PACKET_BYTES], unsigned counter)
{
  packet[3] = (uint8_t)((packet[3] & 0xF0u) | (counter & 0x0Fu));
}

static inline void
forge_ts_set_pid (uint8_t packet[FORGE_TS_PACKET_BYTES], unsigned pid)
{
  packet[1] = (uint8_t)((packet[1] & 0xE0u) | pid >> 8);
  packet[2] = (uint8_t)pid;
}

/* Makes a null packet of it. */
void forge_ts_make_null (uint8_t packet[FORGE_TS_PACKET_BYTES]);

/* Replaces the payload; what the adaptation field says is kept, and stuffing fills it up. False if
 * there is no room. `payload` may lie in the packet. */
bool
forge_ts_set_payload (uint8_t packet[FORGE_TS_PACKET_BYTES], const uint8_t *payload, size_t size);

/* The packet's PCR base (90 kHz), PES PTS or DTS. False if it carries none. */
bool forge_ts_read_pcr (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pcr_90khz);
bool forge_ts_read_pts (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pts, uint64_t *dts);
