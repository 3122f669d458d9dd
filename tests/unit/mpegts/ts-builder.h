/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-psi.h"
#include "mpegts/forge-ts-restamp.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* Makes transport streams for tests and benchmarks: valid tables, counters and time stamps around
 * elementary streams that only consist of the headers that matter. */
#define TS_PMT_PID   0x1000u
#define TS_VIDEO_PID 0x100u
#define TS_AUDIO_PID 0x101u

typedef struct {
  uint8_t *bytes;
  size_t size, room;
  uint8_t counters[8192];
} TsBuilder;

static inline void
ts_builder_clear (TsBuilder *b)
{
  free (b->bytes);
  *b = (TsBuilder){ 0 };
}

static inline uint8_t *
ts_append (TsBuilder *b, const uint8_t *bytes, size_t size)
{
  while (b->size + size > b->room) {
    b->room = b->room ? b->room * 2 : 65536;
    b->bytes = realloc (b->bytes, b->room);
    assert (b->bytes);
  }
  uint8_t *at = b->bytes + b->size;
  if (bytes)
    memcpy (at, bytes, size);
  b->size += size;
  return at;
}

/* An empty packet of `pid`: header only, payload 0xFF; the counter goes on if it has a payload. */
static inline uint8_t *
ts_packet (TsBuilder *b, unsigned pid, bool starts_unit)
{
  uint8_t *p = ts_append (b, NULL, FORGE_TS_PACKET_BYTES);

  memset (p, 0xFF, FORGE_TS_PACKET_BYTES);
  p[0] = FORGE_TS_SYNC;
  p[1] = (uint8_t)((starts_unit ? 0x40u : 0u) | pid >> 8);
  p[2] = (uint8_t)pid;
  p[3] = (uint8_t)(0x10u | (b->counters[pid]++ & 0x0Fu));
  return p;
}

static inline void
ts_null (TsBuilder *b)
{
  ts_packet (b, FORGE_TS_NULL_PID, false);
}

/* Fills in length and CRC of `section` (its last four bytes) and cuts it into packets. */
static inline void
ts_section (TsBuilder *b, unsigned pid, uint8_t *section, size_t size)
{
  section[1] = (uint8_t)(0xB0u | (size - 3) >> 8);
  section[2] = (uint8_t)(size - 3);
  uint32_t crc = forge_ts_crc32 (section, size - 4);
  for (unsigned i = 0; i < 4; i++)
    section[size - 4 + i] = (uint8_t)(crc >> (24 - 8 * i));
  for (size_t at = 0; at < size;) {
    uint8_t *p = ts_packet (b, pid, at == 0);
    size_t head = at == 0 ? 5 : 4;
    size_t take = size - at < FORGE_TS_PACKET_BYTES - head ? size - at
                                                           : FORGE_TS_PACKET_BYTES - head;
    if (at == 0)
      p[4] = 0;
    memcpy (p + head, section + at, take);
    at += take;
  }
}

static inline void
ts_pat (TsBuilder *b, unsigned version, unsigned pmt_pid)
{
  uint8_t s[16] = { 0x00,
                    0,
                    0,
                    0,
                    1,
                    (uint8_t)(0xC1u | version << 1),
                    0,
                    0,
                    0,
                    1,
                    (uint8_t)(0xE0u | pmt_pid >> 8),
                    (uint8_t)pmt_pid };
  ts_section (b, FORGE_TS_PAT_PID, s, sizeof s);
}

/* `video_type` 0 = radio. `padding` bytes of descriptors make the section long. */
static inline void
ts_pmt (TsBuilder *b, unsigned version, uint8_t video_type, size_t padding)
{
  uint8_t s[FORGE_TS_SECTION_MAX_BYTES] = { 0x02,
                                            0,
                                            0,
                                            0,
                                            1,
                                            (uint8_t)(0xC1u | version << 1),
                                            0,
                                            0,
                                            0xE0 | TS_VIDEO_PID >> 8,
                                            TS_VIDEO_PID & 0xFF };
  size_t at = 12 + padding;

  s[10] = (uint8_t)(0xF0u | padding >> 8);
  s[11] = (uint8_t)padding;
  if (video_type) {
    const uint8_t video[] = { video_type, 0xE0 | TS_VIDEO_PID >> 8, TS_VIDEO_PID & 0xFF, 0xF0, 0 };
    memcpy (s + at, video, sizeof video);
    at += sizeof video;
  }
  const uint8_t audio[] = { 0x0F, 0xE0 | TS_AUDIO_PID >> 8, TS_AUDIO_PID & 0xFF, 0xF0, 0 };
  memcpy (s + at, audio, sizeof audio);
  ts_section (b, TS_PMT_PID, s, at + sizeof audio + 4);
}

/* Where the PES payload begins in a packet made by ts_unit (). */
#define TS_UNIT_PAYLOAD (4u + 8u + 14u)

/* The first packet of an access unit: PCR, PTS; `payload` follows the PES header. */
static inline uint8_t *
ts_unit (TsBuilder *b,
         unsigned pid,
         bool is_random_access,
         uint64_t pts,
         const uint8_t *payload,
         size_t payload_size)
{
  uint8_t *p = ts_packet (b, pid, true);
  const uint8_t pes[14] = {
    0, 0, 1, pid == TS_AUDIO_PID ? 0xC0 : 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1
  };

  p[3] |= 0x20;
  p[4] = 7;
  p[5] = (uint8_t)(0x10u | (is_random_access ? 0x40u : 0u));
  memset (p + 6, 0, 6);
  memcpy (p + 12, pes, sizeof pes);
  memcpy (p + TS_UNIT_PAYLOAD, payload, payload_size);
  forge_ts_shift_packet (p, pts);
  return p;
}

/* One packet with a picture that has a DTS of its own and no PCR. */
static inline uint8_t *
ts_unit_dts (TsBuilder *b, unsigned pid, uint64_t pts, uint64_t dts)
{
  static const uint8_t pes[19] = { 0, 0, 1, 0xE0, 0,    0, 0x80, 0xC0, 10, 0x31,
                                   0, 1, 0, 1,    0x11, 0, 1,    0,    1 };
  static const uint8_t pts_only[14] = { 0, 0, 1, 0xE0, 0, 0, 0x80, 0x80, 5, 0x21, 0, 1, 0, 1 };
  uint8_t scratch[FORGE_TS_PACKET_BYTES] = { FORGE_TS_SYNC, 0x40, 0, 0x10 };
  uint8_t *p = ts_packet (b, pid, true);

  memcpy (p + 4, pes, sizeof pes);
  forge_ts_shift_stamps (p, pts); /* both */
  memcpy (scratch + 4, pts_only, sizeof pts_only);
  forge_ts_shift_stamps (scratch, dts);
  memcpy (p + 4 + 14, scratch + 4 + 9, 5);
  p[4 + 14] = (uint8_t)(0x10u | (p[4 + 14] & 0x0Fu));
  return p;
}

#define TS_ADTS_BYTES 256u /* of one frame, 1920 ticks */

/* A unit of sound with a stated length: `n_frames` of AAC at 48 kHz. */
static inline void
ts_sound_on (TsBuilder *b, unsigned pid, uint64_t pts, unsigned n_frames)
{
  static const uint8_t adts[7] = { 0xFF, 0xF1, 0x4C, 0x80, TS_ADTS_BYTES >> 3, 0x1F, 0xFC };
  size_t size = 14 + n_frames * TS_ADTS_BYTES;
  uint8_t *pes = calloc (1, size);
  const uint8_t head[14] = {
    0, 0, 1, 0xC0, (uint8_t)((size - 6) >> 8), (uint8_t)(size - 6), 0x80, 0x80, 5, 0x21, 0, 1, 0, 1
  };

  assert (pes);
  memcpy (pes, head, sizeof head);
  for (unsigned i = 0; i < n_frames; i++)
    memcpy (pes + 14 + i * TS_ADTS_BYTES, adts, sizeof adts);
  for (size_t at = 0; at < size;) {
    uint8_t *p = ts_packet (b, pid, at == 0);
    size_t take = size - at < 184 ? size - at : 184;
    bool is_set = forge_ts_set_payload (p, pes + at, take);
    assert (is_set);
    (void)is_set;
    if (at == 0)
      forge_ts_shift_stamps (p, pts);
    at += take;
  }
  free (pes);
}

static inline void
ts_sound (TsBuilder *b, uint64_t pts, unsigned n_frames)
{
  ts_sound_on (b, TS_AUDIO_PID, pts, n_frames);
}

static inline void
ts_fill (TsBuilder *b, unsigned pid, size_t n_packets)
{
  for (size_t i = 0; i < n_packets; i++)
    ts_packet (b, pid, false);
}

static const uint8_t ts_idr[] = {
  0, 0, 0, 1, 0x09, 0x10, 0, 0, 0, 1, 0x67, 0, 0, 0, 1, 0x65, 0x88
};
static const uint8_t ts_slice[] = { 0, 0, 0, 1, 0x09, 0x30, 0, 0, 0, 1, 0x41, 0x9A };

/* A group of pictures: PAT, PMT, one random access unit and `n_pictures` - 1 others, each
 * `packets_each` long. */
static inline void
ts_gop (TsBuilder *b, uint64_t pts, unsigned n_pictures, size_t packets_each)
{
  ts_pat (b, 0, TS_PMT_PID);
  ts_pmt (b, 0, 0x1B, 0);
  for (unsigned i = 0; i < n_pictures; i++) {
    const uint8_t *nal = i == 0 ? ts_idr : ts_slice;
    size_t size = i == 0 ? sizeof ts_idr : sizeof ts_slice;
    ts_unit (b, TS_VIDEO_PID, i == 0, pts + i * 3600u, nal, size);
    ts_fill (b, TS_VIDEO_PID, packets_each - 1);
  }
}
