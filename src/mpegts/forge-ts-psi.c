/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-psi.h"

#include "mpegts/forge-ts-restamp.h"

#include <string.h>

#define TABLE_ID_PAT         0x00u
#define TABLE_ID_PMT         0x02u
#define TABLE_ID_STUFFING    0xFFu
#define SECTION_HEADER_BYTES 3u
#define SECTION_LONG_BYTES   8u /* up to last_section_number */
#define CRC_BYTES            4u

/* Four bits at a time of polynomial 0x04C11DB7. */
uint32_t
forge_ts_crc32 (const uint8_t *bytes, size_t size)
{
  static const uint32_t table[16] = {
    0x00000000, 0x04C11DB7, 0x09823B6E, 0x0D4326D9, 0x130476DC, 0x17C56B6B, 0x1A864DB2, 0x1E475005,
    0x2608EDB8, 0x22C9F00F, 0x2F8AD6D6, 0x2B4BCB61, 0x350C9B64, 0x31CD86D3, 0x3C8EA00A, 0x384FBDBD,
  };
  uint32_t crc = 0xFFFFFFFFu;

  for (size_t i = 0; i < size; i++) {
    crc = crc << 4 ^ table[crc >> 28 ^ bytes[i] >> 4];
    crc = crc << 4 ^ table[crc >> 28 ^ (bytes[i] & 0x0Fu)];
  }
  return crc;
}

static unsigned
read_12 (const uint8_t *p)
{
  return (p[0] & 0x0Fu) << 8 | p[1];
}

static uint16_t
read_pid (const uint8_t *p)
{
  return (uint16_t)((p[0] & 0x1Fu) << 8 | p[1]);
}

static void
clear_streams (ForgeTsPsi *psi)
{
  psi->pmt.is_known = false;
  psi->pcr_pid = psi->video_pid = psi->audio_pid = FORGE_TS_NO_PID;
  psi->video = FORGE_TS_VIDEO_NONE;
  psi->video_type = 0;
  psi->n_streams = 0;
}

void
forge_ts_psi_reset (ForgeTsPsi *psi)
{
  psi->pat.is_known = false;
  psi->pat.n_seen = psi->pmt.n_seen = 0;
  psi->programme = 0;
  psi->pmt_pid = FORGE_TS_NO_PID;
  psi->bad_sections = 0;
  psi->pat_section.is_open = psi->pmt_section.is_open = false;
  psi->pat_section.filled = psi->pmt_section.filled = 0;
  clear_streams (psi);
}

static ForgeTsVideo
video_of_type (uint8_t stream_type)
{
  switch (stream_type) {
  case 0x01:
  case 0x02:
    return FORGE_TS_VIDEO_MPEG2;
  case 0x1B:
    return FORGE_TS_VIDEO_H264;
  case 0x24:
    return FORGE_TS_VIDEO_HEVC;
  case 0x10: /* MPEG-4 part 2 */
  case 0x21: /* JPEG 2000 */
  case 0x33: /* VVC */
  case 0x42: /* AVS */
  case 0xD1: /* Dirac */
  case 0xD2: /* AVS2 */
  case 0xEA: /* VC-1 */
    return FORGE_TS_VIDEO_OTHER;
  default:
    return FORGE_TS_VIDEO_NONE;
  }
}

/* Private data says in descriptors what it is. */
static uint16_t
coding_of_descriptor (const uint8_t *p)
{
  switch (p[0]) {
  case 0x05: /* registration */
    return p[1] >= 4 && memcmp (p + 2, "AC-3", 4) == 0 ? FORGE_TS_CODING_AC3 : 0;
  case 0x6A:
    return FORGE_TS_CODING_AC3;
  case 0x7A:
    return FORGE_TS_CODING_EAC3;
  case 0x7B:
    return FORGE_TS_CODING_DTS;
  case 0x56: /* teletext */
  case 0x59: /* subtitles */
  case 0x7C: /* AAC */
    return FORGE_TS_CODING_BY_TAG + p[0];
  default:
    return 0;
  }
}

#define DESCRIPTOR_LANGUAGE     0x0Au
#define DESCRIPTOR_LANGUAGE_MIN 4u

static void
read_descriptors (ForgeTsStream *stream, const uint8_t *p, size_t size)
{
  bool is_private = stream->stream_type == FORGE_TS_CODING_PRIVATE;

  while (size >= 2 && p[1] + 2u <= size) {
    uint16_t coding = is_private ? coding_of_descriptor (p) : 0;
    if (coding && stream->coding == FORGE_TS_CODING_PRIVATE)
      stream->coding = coding;
    if (p[0] == DESCRIPTOR_LANGUAGE && p[1] >= DESCRIPTOR_LANGUAGE_MIN && !stream->language)
      stream->language = (uint32_t)p[2] << 16 | (uint32_t)p[3] << 8 | p[4];
    size -= p[1] + 2u;
    p += p[1] + 2u;
  }
}

static bool
is_audio_coding (uint16_t coding)
{
  switch (coding) {
  case FORGE_TS_CODING_MPEG1_AUDIO:
  case FORGE_TS_CODING_MPEG2_AUDIO:
  case FORGE_TS_CODING_ADTS:
  case 0x11: /* AAC LATM */
  case FORGE_TS_CODING_AC3:
  case FORGE_TS_CODING_DTS:
  case FORGE_TS_CODING_EAC3:
  case FORGE_TS_CODING_BY_TAG + 0x7C:
    return true;
  default:
    return false;
  }
}

static void
add_stream (ForgeTsPsi *psi, const uint8_t *section, size_t at, size_t info_bytes)
{
  const uint8_t *p = section + at;
  ForgeTsVideo video = video_of_type (p[0]);
  ForgeTsStream stream = {
    .pid = read_pid (p + 1),
    .coding = p[0],
    .stream_type = p[0],
    .is_video = video != FORGE_TS_VIDEO_NONE,
    .entry_at = (uint16_t)at,
    .entry_bytes = (uint16_t)(5 + info_bytes),
  };

  read_descriptors (&stream, p + 5, info_bytes);
  stream.is_audio = is_audio_coding (stream.coding);
  if (psi->n_streams < FORGE_TS_MAX_STREAMS)
    psi->streams[psi->n_streams++] = stream;
  if (stream.is_video && psi->video_pid == FORGE_TS_NO_PID) {
    psi->video_pid = stream.pid;
    psi->video_type = stream.stream_type;
    psi->video = video;
  }
  if (stream.is_audio && psi->audio_pid == FORGE_TS_NO_PID)
    psi->audio_pid = stream.pid;
}

static bool
parse_pmt (ForgeTsPsi *psi, const uint8_t *section, size_t size)
{
  if (size < 12u + CRC_BYTES)
    return false;
  size_t at = 12u + read_12 (section + 10), end = size - CRC_BYTES;
  if (at > end)
    return false;
  clear_streams (psi);
  psi->pcr_pid = read_pid (section + 8);
  while (at + 5 <= end) {
    size_t info_bytes = read_12 (section + at + 3);
    if (at + 5 + info_bytes > end)
      break;
    add_stream (psi, section, at, info_bytes);
    at += 5 + info_bytes;
  }
  return true;
}

static bool
parse_pat (ForgeTsPsi *psi, const uint8_t *section, size_t size)
{
  size_t end = size - CRC_BYTES;

  for (size_t at = SECTION_LONG_BYTES; at + 4 <= end; at += 4) {
    unsigned programme = (unsigned)section[at] << 8 | section[at + 1];
    uint16_t pid = read_pid (section + at + 2);
    /* Programme 0 is the network PID. */
    if (programme == 0 || pid == FORGE_TS_PAT_PID || pid == FORGE_TS_NULL_PID)
      continue;
    if (pid != psi->pmt_pid || programme != psi->programme) {
      clear_streams (psi);
      psi->pmt_section.is_open = false;
    }
    psi->programme = (uint16_t)programme;
    psi->pmt_pid = pid;
    return true;
  }
  return false;
}

static void
keep_table (ForgeTsTable *table, const ForgeTsSection *section, size_t size, uint32_t crc)
{
  table->is_known = true;
  table->n_seen++;
  table->section_bytes = size;
  memcpy (table->section, section->bytes, size);
  table->crc = crc;
  table->version = section->bytes[5] >> 1 & 0x1Fu;
  table->n_packets = section->n_packets;
  memcpy (table->packets, section->packets, section->n_packets * FORGE_TS_PACKET_BYTES);
}

static bool
is_wanted (const ForgeTsPsi *psi, const ForgeTsSection *section, size_t size)
{
  const uint8_t *s = section->bytes;
  bool is_pat = section == &psi->pat_section;

  if (s[0] != (is_pat ? TABLE_ID_PAT : TABLE_ID_PMT) || !(s[1] & 0x80) ||
      size < SECTION_LONG_BYTES + CRC_BYTES)
    return false;
  bool is_current = s[5] & 0x01, is_first = s[6] == 0;
  bool is_ours = is_pat || ((unsigned)s[3] << 8 | s[4]) == psi->programme;
  return is_current && is_first && is_ours;
}

/* True if a table became known or different. */
static bool
finish_section (ForgeTsPsi *psi, ForgeTsSection *section, size_t size)
{
  const uint8_t *s = section->bytes;
  bool is_pat = section == &psi->pat_section;
  ForgeTsTable *table = is_pat ? &psi->pat : &psi->pmt;

  if (!is_wanted (psi, section, size))
    return false;
  if (forge_ts_crc32 (s, size) != 0) {
    psi->bad_sections++;
    return false;
  }
  uint32_t crc = (uint32_t)s[size - 4] << 24 | (uint32_t)s[size - 3] << 16 |
                 (uint32_t)s[size - 2] << 8 | s[size - 1];
  bool is_new = !table->is_known || table->crc != crc;
  if (is_new && !(is_pat ? parse_pat (psi, s, size) : parse_pmt (psi, s, size))) {
    psi->bad_sections++;
    return false;
  }
  keep_table (table, section, size, crc);
  return is_new;
}

static size_t
section_size (const ForgeTsSection *section)
{
  return section->filled < SECTION_HEADER_BYTES
             ? SECTION_HEADER_BYTES
             : SECTION_HEADER_BYTES + read_12 (section->bytes + 1);
}

/* Appends until the section is whole; returns the bytes consumed. */
static size_t
fill_section (ForgeTsPsi *psi,
              ForgeTsSection *section,
              const uint8_t *bytes,
              size_t size,
              bool *is_changed)
{
  size_t used = 0;

  while (section->is_open && used < size) {
    size_t whole = section_size (section);
    if (whole > FORGE_TS_SECTION_MAX_BYTES) {
      section->is_open = false;
      psi->bad_sections++;
      break;
    }
    size_t take = whole - section->filled < size - used ? whole - section->filled : size - used;
    memcpy (section->bytes + section->filled, bytes + used, take);
    section->filled += take;
    used += take;
    if (section->filled >= SECTION_HEADER_BYTES && section->filled == section_size (section)) {
      section->is_open = false;
      *is_changed |= finish_section (psi, section, section->filled);
    }
  }
  return used;
}

static bool
keep_packet (ForgeTsSection *section, const uint8_t *packet)
{
  if (section->n_packets == FORGE_TS_TABLE_MAX_PACKETS)
    return false;
  memcpy (section->packets + (size_t)section->n_packets * FORGE_TS_PACKET_BYTES,
          packet,
          FORGE_TS_PACKET_BYTES);
  section->n_packets++;
  return true;
}

static void
start_sections (ForgeTsPsi *psi,
                ForgeTsSection *section,
                const uint8_t *packet,
                size_t at,
                bool *is_changed)
{
  while (at < FORGE_TS_PACKET_BYTES && packet[at] != TABLE_ID_STUFFING) {
    section->is_open = true;
    section->filled = 0;
    section->n_packets = 0;
    keep_packet (section, packet);
    at += fill_section (psi, section, packet + at, FORGE_TS_PACKET_BYTES - at, is_changed);
    /* A broken section leaves no trustworthy start for the next one. */
    if (section->filled == 0 || (!section->is_open && section->filled < section_size (section)))
      break;
  }
}

/* Goes on with an open section; false if this packet does not follow the last. */
static bool
is_continued (ForgeTsSection *section, const uint8_t *packet)
{
  if (section->is_open && forge_ts_counter (packet) != ((section->counter + 1u) & 0x0Fu))
    section->is_open = false;
  return section->is_open && keep_packet (section, packet);
}

bool
forge_ts_psi_push (ForgeTsPsi *psi, const uint8_t packet[FORGE_TS_PACKET_BYTES])
{
  ForgeTsSection *section = forge_ts_pid (packet) == FORGE_TS_PAT_PID ? &psi->pat_section
                                                                      : &psi->pmt_section;
  size_t at = forge_ts_payload_offset (packet);
  bool is_changed = false, has_error = packet[1] & 0x80;

  if (at >= FORGE_TS_PACKET_BYTES || has_error || forge_ts_is_scrambled (packet))
    return false;
  if (section->is_open && forge_ts_counter (packet) == section->counter)
    return false; /* the one duplicate that the standard allows */
  size_t rest = FORGE_TS_PACKET_BYTES - at;
  if (forge_ts_starts_unit (packet)) {
    rest = packet[at++];
    if (at + rest > FORGE_TS_PACKET_BYTES)
      return false;
  }
  if (is_continued (section, packet))
    fill_section (psi, section, packet + at, rest, &is_changed);
  else
    section->is_open = false;
  if (forge_ts_starts_unit (packet))
    start_sections (psi, section, packet, at + rest, &is_changed);
  section->counter = (uint8_t)forge_ts_counter (packet);
  return is_changed;
}

static size_t
write_table (const ForgeTsTable *table, unsigned last_counter, uint8_t *out)
{
  size_t bytes = (size_t)table->n_packets * FORGE_TS_PACKET_BYTES;

  memcpy (out, table->packets, bytes);
  for (unsigned i = 0; i < table->n_packets; i++)
    forge_ts_set_counter (out + (size_t)i * FORGE_TS_PACKET_BYTES,
                          last_counter + 1 + i - table->n_packets);
  return bytes;
}

size_t
forge_ts_psi_write (const ForgeTsPsi *psi, unsigned pat_counter, unsigned pmt_counter, uint8_t *out)
{
  if (!forge_ts_psi_is_complete (psi))
    return 0;
  size_t bytes = write_table (&psi->pat, pat_counter, out);
  return bytes + write_table (&psi->pmt, pmt_counter, out + bytes);
}

size_t
forge_ts_section_write (const uint8_t *section,
                        size_t size,
                        unsigned pid,
                        unsigned first_counter,
                        uint8_t *out)
{
  uint8_t *packet = out;

  for (size_t at = 0; at < size; packet += FORGE_TS_PACKET_BYTES) {
    bool is_first = at == 0;
    size_t head = is_first ? 5 : 4, room = FORGE_TS_PACKET_BYTES - head;
    size_t take = size - at < room ? size - at : room;

    memset (packet, TABLE_ID_STUFFING, FORGE_TS_PACKET_BYTES);
    packet[0] = FORGE_TS_SYNC;
    packet[1] = (uint8_t)((is_first ? 0x40u : 0u) | pid >> 8);
    packet[2] = (uint8_t)pid;
    packet[3] = (uint8_t)(0x10u | (first_counter++ & 0x0Fu));
    if (is_first)
      packet[4] = 0; /* pointer_field */
    memcpy (packet + head, section + at, take);
    at += take;
  }
  return (size_t)(packet - out);
}
