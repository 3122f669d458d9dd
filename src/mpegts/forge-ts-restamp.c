/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"

#include <string.h>

/* Spec: ISO/IEC 13818-1 §2.4.3.4 (adaptation field), §2.4.3.6 (PES header). */
#define HEADER_BYTES      4u
#define PCR_FLAG          0x10u
#define PCR_OFFSET        6u
#define PCR_FIELD_BYTES   7u /* flags byte + PCR */
#define PES_FLAGS_OFFSET  7u
#define PES_LENGTH_OFFSET 8u
#define PES_STAMP_OFFSET  9u
#define STAMP_BYTES       5u

static bool
has_pcr (const uint8_t *packet)
{
  return forge_ts_has_adaptation (packet) && packet[4] >= PCR_FIELD_BYTES && (packet[5] & PCR_FLAG);
}

static uint64_t
get_pcr_base (const uint8_t *p)
{
  return (uint64_t)p[0] << 25 | (uint64_t)p[1] << 17 | (uint64_t)p[2] << 9 | (uint64_t)p[3] << 1 |
         p[4] >> 7;
}

static void
put_pcr_base (uint8_t *p, uint64_t base)
{
  p[0] = (uint8_t)(base >> 25);
  p[1] = (uint8_t)(base >> 17);
  p[2] = (uint8_t)(base >> 9);
  p[3] = (uint8_t)(base >> 1);
  p[4] = (uint8_t)((base & 1) << 7 | (p[4] & 0x7Fu));
}

/* Four prefix bits, then 3 + 15 + 15 bits, each followed by a marker bit. */
static uint64_t
get_stamp (const uint8_t *p)
{
  return (uint64_t)(p[0] & 0x0Eu) << 29 | (uint64_t)p[1] << 22 | (uint64_t)(p[2] & 0xFEu) << 14 |
         (uint64_t)p[3] << 7 | p[4] >> 1;
}

static void
put_stamp (uint8_t *p, uint64_t stamp)
{
  p[0] = (uint8_t)((p[0] & 0xF1u) | ((stamp >> 29) & 0x0Eu));
  p[1] = (uint8_t)(stamp >> 22);
  p[2] = (uint8_t)((p[2] & 0x01u) | ((stamp >> 14) & 0xFEu));
  p[3] = (uint8_t)(stamp >> 7);
  p[4] = (uint8_t)((p[4] & 0x01u) | ((stamp << 1) & 0xFEu));
}

/* Spec: §2.4.3.7: these stream_ids have no PTS_DTS_flags. */
static bool
stream_has_stamps (uint8_t stream_id)
{
  switch (stream_id) {
  case 0xBC: /* program_stream_map */
  case 0xBE: /* padding_stream */
  case 0xBF: /* private_stream_2 */
  case 0xF0: /* ECM */
  case 0xF1: /* EMM */
  case 0xF2: /* DSMCC */
  case 0xF8: /* H.222.1 type E */
  case 0xFF: /* program_stream_directory */
    return false;
  default:
    return true;
  }
}

/* Offset in the packet of the PTS; 0 = none. `n_stamps` becomes 1 (PTS) or 2 (PTS, DTS). */
static size_t
find_stamps (const uint8_t *packet, unsigned *n_stamps)
{
  size_t at = forge_ts_payload_offset (packet);

  if (!forge_ts_starts_unit (packet) || forge_ts_is_scrambled (packet) ||
      at + PES_STAMP_OFFSET + STAMP_BYTES > FORGE_TS_PACKET_BYTES)
    return 0;
  const uint8_t *pes = packet + at;
  if (pes[0] != 0 || pes[1] != 0 || pes[2] != 1 || !stream_has_stamps (pes[3]))
    return 0;
  unsigned flags = pes[PES_FLAGS_OFFSET] >> 6;
  if (flags < 2)
    return 0;
  *n_stamps = flags == 3 ? 2 : 1;
  bool fits = pes[PES_LENGTH_OFFSET] >= *n_stamps * STAMP_BYTES &&
              at + PES_STAMP_OFFSET + *n_stamps * STAMP_BYTES <= FORGE_TS_PACKET_BYTES;
  return fits ? at + PES_STAMP_OFFSET : 0;
}

void
forge_ts_shift_pcr (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by)
{
  if (!has_pcr (packet))
    return;
  uint8_t *pcr = packet + PCR_OFFSET;
  put_pcr_base (pcr, (get_pcr_base (pcr) + by) & FORGE_TS_CLOCK_MASK);
}

void
forge_ts_shift_stamps (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by)
{
  unsigned n_stamps = 0;
  size_t at = find_stamps (packet, &n_stamps);

  for (unsigned i = 0; at && i < n_stamps; i++) {
    uint8_t *stamp = packet + at + (size_t)i * STAMP_BYTES;
    put_stamp (stamp, (get_stamp (stamp) + by) & FORGE_TS_CLOCK_MASK);
  }
}

void
forge_ts_shift_packet (uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t by)
{
  forge_ts_shift_pcr (packet, by);
  forge_ts_shift_stamps (packet, by);
}

void
forge_ts_make_null (uint8_t packet[FORGE_TS_PACKET_BYTES])
{
  static const uint8_t head[] = { FORGE_TS_SYNC,
                                  FORGE_TS_NULL_PID >> 8,
                                  FORGE_TS_NULL_PID & 0xFFu,
                                  0x10 };

  memcpy (packet, head, sizeof head);
  memset (packet + sizeof head, 0xFF, FORGE_TS_PACKET_BYTES - sizeof head);
}

bool
forge_ts_set_payload (uint8_t packet[FORGE_TS_PACKET_BYTES], const uint8_t *payload, size_t size)
{
  /* With its length byte; one without flags is a byte of stuffing. */
  size_t used = forge_ts_has_adaptation (packet) ? packet[4] + 1u : 0;

  if (used + size > FORGE_TS_PACKET_BYTES - HEADER_BYTES)
    return false;
  size_t field = FORGE_TS_PACKET_BYTES - HEADER_BYTES - size;
  memmove (packet + HEADER_BYTES + field, payload, size);
  packet[3] = (uint8_t)((packet[3] & 0xCFu) | 0x10u | (field > 0 ? 0x20u : 0u));
  if (field > 0)
    packet[4] = (uint8_t)(field - 1);
  if (field > 1 && used == 0) {
    packet[5] = 0;
    used = 2;
  }
  if (field > used && field > 1)
    memset (packet + HEADER_BYTES + used, 0xFF, field - used);
  return true;
}

bool
forge_ts_read_pcr (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pcr_90khz)
{
  if (!has_pcr (packet))
    return false;
  *pcr_90khz = get_pcr_base (packet + PCR_OFFSET);
  return true;
}

bool
forge_ts_read_pts (const uint8_t packet[FORGE_TS_PACKET_BYTES], uint64_t *pts, uint64_t *dts)
{
  unsigned n_stamps = 0;
  size_t at = find_stamps (packet, &n_stamps);

  if (!at)
    return false;
  *pts = get_stamp (packet + at);
  *dts = n_stamps == 2 ? get_stamp (packet + at + STAMP_BYTES) : *pts;
  return true;
}
