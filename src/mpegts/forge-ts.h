/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* MPEG transport stream packets. Spec: ISO/IEC 13818-1 §2.4.3. C11 and POSIX only. */
#define FORGE_TS_PACKET_BYTES 188u
#define FORGE_TS_SYNC         0x47u
#define FORGE_TS_NULL_PID     0x1FFFu
#define FORGE_TS_CLOCK_HZ     90000
/* PTS and PCR base are 33 bits wide and wrap every 26.5 hours. */
#define FORGE_TS_CLOCK_MASK ((UINT64_C (1) << 33) - 1)

static inline unsigned
forge_ts_pid (const uint8_t *packet)
{
  return (packet[1] & 0x1Fu) << 8 | packet[2];
}

static inline bool
forge_ts_starts_unit (const uint8_t *packet)
{
  return packet[1] & 0x40;
}

static inline bool
forge_ts_has_payload (const uint8_t *packet)
{
  return packet[3] & 0x10;
}

static inline bool
forge_ts_has_adaptation (const uint8_t *packet)
{
  return (packet[3] & 0x20) && packet[4] > 0;
}

static inline bool
forge_ts_is_random_access (const uint8_t *packet)
{
  return forge_ts_has_adaptation (packet) && (packet[5] & 0x40);
}

static inline bool
forge_ts_is_scrambled (const uint8_t *packet)
{
  return packet[3] & 0xC0;
}

static inline unsigned
forge_ts_counter (const uint8_t *packet)
{
  return packet[3] & 0x0Fu;
}

/* Where the payload begins (4…188); 188 = no payload. */
static inline size_t
forge_ts_payload_offset (const uint8_t *packet)
{
  if (!forge_ts_has_payload (packet))
    return FORGE_TS_PACKET_BYTES;
  size_t offset = packet[3] & 0x20 ? 5u + packet[4] : 4u;
  return offset < FORGE_TS_PACKET_BYTES ? offset : FORGE_TS_PACKET_BYTES;
}
