/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

/**
 * ForgeTsPsi: the PAT and the PMT of one programme (the PAT's first). Sections are put together
 * over packets and count only with a good CRC-32/MPEG-2, the right table id, current_next = 1 and
 * section number 0. The packets that carried them are kept, for those who join later.
 * Spec: ISO/IEC 13818-1 §2.4.4.
 */
#define FORGE_TS_PAT_PID           0u
#define FORGE_TS_NO_PID            0xFFFFu
#define FORGE_TS_SECTION_MAX_BYTES 1024u
/* 1024 bytes of section, a pointer field, 184 bytes of payload; one to spare for short payloads. */
#define FORGE_TS_TABLE_MAX_PACKETS 8u
#define FORGE_TS_PSI_MAX_BYTES     (2u * FORGE_TS_TABLE_MAX_PACKETS * FORGE_TS_PACKET_BYTES)
#define FORGE_TS_MAX_STREAMS       32u

typedef enum {
  FORGE_TS_VIDEO_NONE,
  FORGE_TS_VIDEO_MPEG2, /* and MPEG-1 */
  FORGE_TS_VIDEO_H264,
  FORGE_TS_VIDEO_HEVC,
  FORGE_TS_VIDEO_OTHER, /* only the random access indicator tells */
} ForgeTsVideo;

/* What a stream is coded in: its stream_type, or what the descriptors of private data (0x06) say.
 */
enum {
  FORGE_TS_CODING_MPEG1_AUDIO = 0x03,
  FORGE_TS_CODING_MPEG2_AUDIO = 0x04,
  FORGE_TS_CODING_PRIVATE = 0x06,
  FORGE_TS_CODING_ADTS = 0x0F,
  FORGE_TS_CODING_AC3 = 0x81,
  FORGE_TS_CODING_DTS = 0x82,
  FORGE_TS_CODING_EAC3 = 0x87,
  FORGE_TS_CODING_BY_TAG = 0x0600, /* + descriptor tag: teletext, subtitles, AAC */
};

typedef struct {
  uint16_t pid;
  uint16_t coding; /* FORGE_TS_CODING_* */
  uint8_t stream_type;
  bool is_video;
  bool is_audio;
  uint32_t language; /* ISO 639-2, three letters; 0 = not told */
  uint16_t entry_at; /* of its entry in the PMT's section */
  uint16_t entry_bytes;
} ForgeTsStream;

/* A section under construction and the packets it came in. */
typedef struct {
  uint8_t bytes[FORGE_TS_SECTION_MAX_BYTES];
  size_t filled;
  bool is_open;
  uint8_t counter;
  unsigned n_packets;
  uint8_t packets[FORGE_TS_TABLE_MAX_PACKETS * FORGE_TS_PACKET_BYTES];
} ForgeTsSection;

typedef struct {
  bool is_known;
  uint8_t version;
  uint32_t crc;
  unsigned n_seen; /* good sections since the reset, equal ones too */
  unsigned n_packets;
  uint8_t packets[FORGE_TS_TABLE_MAX_PACKETS * FORGE_TS_PACKET_BYTES];
  size_t section_bytes;
  uint8_t section[FORGE_TS_SECTION_MAX_BYTES];
} ForgeTsTable;

typedef struct {
  ForgeTsTable pat, pmt;
  uint16_t programme;
  uint16_t pmt_pid, pcr_pid;
  uint16_t video_pid, audio_pid; /* the first of each; FORGE_TS_NO_PID = none */
  uint8_t video_type;            /* stream_type of video_pid */
  ForgeTsVideo video;
  ForgeTsStream streams[FORGE_TS_MAX_STREAMS];
  unsigned n_streams;
  unsigned bad_sections; /* wrong CRC or broken layout */
  ForgeTsSection pat_section, pmt_section;
} ForgeTsPsi;

void forge_ts_psi_reset (ForgeTsPsi *psi);

/* Takes a packet of PID 0 or of psi->pmt_pid. True when it made the PAT or the PMT known or
 * different. */
bool forge_ts_psi_push (ForgeTsPsi *psi, const uint8_t packet[FORGE_TS_PACKET_BYTES]);

static inline bool
forge_ts_psi_is_complete (const ForgeTsPsi *psi)
{
  return psi->pat.is_known && psi->pmt.is_known;
}

/* Writes the PAT's and the PMT's packets, with continuity counters that end in `pat_counter` and
 * `pmt_counter`. Returns the bytes written (at most FORGE_TS_PSI_MAX_BYTES); 0 while one is
 * missing. */
size_t forge_ts_psi_write (const ForgeTsPsi *psi,
                           unsigned pat_counter,
                           unsigned pmt_counter,
                           uint8_t *out);

/* Cuts `section` into packets of `pid` with continuity counters that begin at `first_counter`.
 * Returns the bytes written, at most FORGE_TS_TABLE_MAX_PACKETS packets. */
size_t forge_ts_section_write (const uint8_t *section,
                               size_t size,
                               unsigned pid,
                               unsigned first_counter,
                               uint8_t *out);

/* CRC-32/MPEG-2: 0 over a section that includes its CRC. */
uint32_t forge_ts_crc32 (const uint8_t *bytes, size_t size);
