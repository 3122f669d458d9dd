/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-scan.h"

#include "mpegts/forge-ts-restamp.h"

#include <string.h>

#define NO_COUNTER         0xFFu
#define START_CODE         0x000001u
#define PES_HEADER_BYTES   9u
#define SEI_RECOVERY_POINT 6u
#define PES_LENGTH_AT      4u
#define PES_PREFIX_BYTES   6u /* before what the length counts */

/* ForgeTsScan.roles */
#define ROLE_NONE   0u
#define ROLE_TABLE  1u
#define ROLE_STREAM 2u /* + index into `open` */

typedef enum { UNIT_UNDECIDED, UNIT_JOIN, UNIT_PLAIN } UnitVerdict;

void
forge_ts_scan_rewind (ForgeTsScan *scan)
{
  memset (scan->counters, NO_COUNTER, sizeof scan->counters);
  scan->has_unit = false;
  scan->search_packets = 0;
  forge_ts_scan_release (scan);
}

static void
clear_totals (ForgeTsScan *scan)
{
  scan->packets = scan->null_packets = scan->scrambled_packets = 0;
  scan->continuity_errors = scan->transport_errors = scan->units = 0;
}

/* Which PIDs must be looked at. */
static void
assign_roles (ForgeTsScan *scan)
{
  const ForgeTsPsi *psi = &scan->psi;

  forge_ts_scan_release (scan);
  scan->n_open = 0;
  memset (scan->roles, ROLE_NONE, sizeof scan->roles);
  if (scan->leading_pid != FORGE_TS_NO_PID)
    scan->roles[scan->leading_pid] = (uint8_t)(ROLE_STREAM + scan->n_open++);
  for (unsigned i = 0; i < psi->n_streams && scan->n_open < FORGE_TS_SCAN_MAX_OPEN; i++) {
    const ForgeTsStream *stream = &psi->streams[i];
    if ((stream->is_video || stream->is_audio) && scan->roles[stream->pid] == ROLE_NONE)
      scan->roles[stream->pid] = (uint8_t)(ROLE_STREAM + scan->n_open++);
  }
  scan->roles[FORGE_TS_NULL_PID] = ROLE_NONE;
  scan->roles[FORGE_TS_PAT_PID] = ROLE_TABLE;
  if (psi->pmt_pid != FORGE_TS_NO_PID)
    scan->roles[psi->pmt_pid] = ROLE_TABLE;
}

void
forge_ts_scan_reset (ForgeTsScan *scan)
{
  forge_ts_psi_reset (&scan->psi);
  scan->leading_pid = FORGE_TS_NO_PID;
  clear_totals (scan);
  assign_roles (scan);
  forge_ts_scan_rewind (scan);
}

/* Called where the counter does not follow. Allowed: the first packet of a PID, an announced
 * discontinuity, one exact duplicate, null packets. */
static void
judge_counter (ForgeTsScan *scan, const uint8_t *packet, unsigned pid, unsigned last)
{
  bool is_announced = forge_ts_has_adaptation (packet) && (packet[5] & 0x80);
  bool is_duplicate = forge_ts_has_payload (packet) && forge_ts_counter (packet) == last;

  if (last != NO_COUNTER && pid != FORGE_TS_NULL_PID && !is_announced && !is_duplicate)
    scan->continuity_errors++;
}

/* Spec: ITU-T H.264 §7.3.2.3. The messages are walked as far as they lie in this packet. */
static bool
sei_has_recovery_point (const uint8_t *p, const uint8_t *end)
{
  while (p < end && *p != 0x80) {
    unsigned type = 0, size = 0;

    while (p < end && *p == 0xFF)
      type += *p++;
    type += p < end ? *p++ : 0;
    while (p < end && *p == 0xFF)
      size += *p++;
    size += p < end ? *p++ : 0;
    if (type == SEI_RECOVERY_POINT)
      return true;
    if (size >= (size_t)(end - p))
      return false;
    p += size;
  }
  return false;
}

/* Spec: ITU-T H.264 table 7-1. `p` is at the NAL unit header. */
static UnitVerdict
judge_h264 (const uint8_t *p, const uint8_t *end)
{
  switch (*p & 0x1Fu) {
  case 5: /* IDR slice */
  case 7: /* SPS */
    return UNIT_JOIN;
  case 6:
    return sei_has_recovery_point (p + 1, end) ? UNIT_JOIN : UNIT_UNDECIDED;
  case 1:
  case 2: /* slices of any other picture */
    return UNIT_PLAIN;
  default:
    return UNIT_UNDECIDED;
  }
}

/* Spec: ITU-T H.265 table 7-1. */
static UnitVerdict
judge_hevc (const uint8_t *p)
{
  unsigned type = *p >> 1 & 0x3Fu;

  if ((type >= 16 && type <= 21) || type == 32 || type == 33)
    return UNIT_JOIN;
  return type < 16 ? UNIT_PLAIN : UNIT_UNDECIDED;
}

/* Spec: ITU-T H.262 table 6-1: sequence header, picture. */
static UnitVerdict
judge_mpeg2 (const uint8_t *p)
{
  if (*p == 0xB3)
    return UNIT_JOIN;
  return *p == 0x00 ? UNIT_PLAIN : UNIT_UNDECIDED;
}

static UnitVerdict
judge_start_code (ForgeTsVideo video, const uint8_t *p, const uint8_t *end)
{
  switch (video) {
  case FORGE_TS_VIDEO_H264:
    return judge_h264 (p, end);
  case FORGE_TS_VIDEO_HEVC:
    return judge_hevc (p);
  case FORGE_TS_VIDEO_MPEG2:
    return judge_mpeg2 (p);
  case FORGE_TS_VIDEO_NONE:
  case FORGE_TS_VIDEO_OTHER:
  default:
    return UNIT_PLAIN;
  }
}

/* Walks the start codes of one packet's payload; those cut by the packet's end are completed by
 * the window. */
static UnitVerdict
search_payload (ForgeTsScan *scan, const uint8_t *p, const uint8_t *end)
{
  for (; p < end; p++) {
    if ((scan->search_window & 0x00FFFFFFu) == START_CODE) {
      UnitVerdict verdict = judge_start_code (scan->psi.video, p, end);
      if (verdict != UNIT_UNDECIDED)
        return verdict;
    }
    scan->search_window = scan->search_window << 8 | *p;
  }
  return UNIT_UNDECIDED;
}

static bool
search_packet (ForgeTsScan *scan, const uint8_t *packet)
{
  size_t at = forge_ts_payload_offset (packet);

  if (at == FORGE_TS_PACKET_BYTES)
    return false;
  scan->search_packets--;
  if (forge_ts_is_scrambled (packet)) {
    scan->search_packets = 0;
    return false;
  }
  if (forge_ts_starts_unit (packet) && at + PES_HEADER_BYTES <= FORGE_TS_PACKET_BYTES)
    at += PES_HEADER_BYTES + packet[at + PES_HEADER_BYTES - 1];
  if (at >= FORGE_TS_PACKET_BYTES)
    return false;
  UnitVerdict verdict = search_payload (scan, packet + at, packet + FORGE_TS_PACKET_BYTES);
  if (verdict != UNIT_UNDECIDED)
    scan->search_packets = 0;
  return verdict == UNIT_JOIN;
}

static void
start_unit (ForgeTsScan *scan, const uint8_t *packet, uint64_t offset)
{
  const ForgeTsPsi *psi = &scan->psi;
  uint64_t dts = 0;

  scan->has_unit = true;
  scan->units++;
  scan->unit.offset = offset;
  scan->unit.pat_counter = scan->counters[FORGE_TS_PAT_PID];
  scan->unit.pmt_counter = scan->counters[psi->pmt_pid & 0x1FFFu];
  scan->unit.has_pts = forge_ts_read_pts (packet, &scan->unit.pts, &dts);
  scan->search_window = 0xFFFFFFFFu;
  scan->search_packets = FORGE_TS_SCAN_UNIT_PACKETS;
}

/* A packet of the leading PID: is the unit it belongs to a join point? Told once per unit. */
static bool
judge_leading (ForgeTsScan *scan, const uint8_t *packet, uint64_t offset)
{
  if (forge_ts_starts_unit (packet)) {
    start_unit (scan, packet, offset);
    if (scan->psi.video == FORGE_TS_VIDEO_NONE || forge_ts_is_random_access (packet)) {
      scan->search_packets = 0;
      return true;
    }
  }
  return scan->search_packets > 0 && search_packet (scan, packet);
}

static void
follow_psi (ForgeTsScan *scan)
{
  const ForgeTsPsi *psi = &scan->psi;
  uint16_t leading = psi->video != FORGE_TS_VIDEO_NONE ? psi->video_pid : psi->audio_pid;

  if (!forge_ts_psi_is_complete (psi))
    leading = FORGE_TS_NO_PID;
  if (leading != scan->leading_pid) {
    scan->leading_pid = leading;
    scan->has_unit = false;
    scan->search_packets = 0;
  }
  assign_roles (scan);
}

void
forge_ts_scan_adopt (ForgeTsScan *scan, const ForgeTsPsi *psi)
{
  clear_totals (scan);
  scan->psi = *psi;
  scan->leading_pid = FORGE_TS_NO_PID;
  follow_psi (scan);
  forge_ts_scan_rewind (scan);
}

static void
open_unit (ForgeTsOpenUnit *unit, const uint8_t *packet, uint64_t offset)
{
  size_t at = forge_ts_payload_offset (packet);
  const uint8_t *pes = packet + at;

  unit->is_open = false;
  if (forge_ts_is_scrambled (packet) || at + PES_PREFIX_BYTES > FORGE_TS_PACKET_BYTES ||
      pes[0] != 0 || pes[1] != 0 || pes[2] != 1)
    return;
  uint32_t bytes = (uint32_t)pes[PES_LENGTH_AT] << 8 | pes[PES_LENGTH_AT + 1];
  uint32_t here = (uint32_t)(FORGE_TS_PACKET_BYTES - at);
  unit->is_open = bytes == 0 || bytes + PES_PREFIX_BYTES > here;
  unit->left = bytes == 0 ? 0 : bytes + PES_PREFIX_BYTES - here;
  unit->offset = offset;
}

static void
follow_unit (ForgeTsOpenUnit *unit, const uint8_t *packet, uint64_t offset)
{
  if (forge_ts_starts_unit (packet)) {
    open_unit (unit, packet, offset);
  } else if (unit->is_open && unit->left > 0) {
    uint32_t here = (uint32_t)(FORGE_TS_PACKET_BYTES - forge_ts_payload_offset (packet));
    unit->is_open = unit->left > here;
    unit->left -= unit->is_open ? here : unit->left;
  }
}

/* Errors of transport and scrambling, told by the header. */
static void
count_flags (ForgeTsScan *scan, const uint8_t *packet)
{
  scan->transport_errors += packet[1] >> 7;
  scan->scrambled_packets += forge_ts_is_scrambled (packet);
}

ForgeTsScanEvent
forge_ts_scan_run (ForgeTsScan *scan,
                   const uint8_t *packets,
                   size_t size,
                   uint64_t offset,
                   size_t *at)
{
  while (*at + FORGE_TS_PACKET_BYTES <= size) {
    const uint8_t *packet = packets + *at;
    uint64_t here = offset + *at;
    unsigned pid = forge_ts_pid (packet), last = scan->counters[pid], role = scan->roles[pid];
    unsigned counter = forge_ts_counter (packet);

    *at += FORGE_TS_PACKET_BYTES;
    scan->packets++;
    if (pid == FORGE_TS_NULL_PID) {
      scan->null_packets++;
      continue;
    }
    if (packet[1] & 0x80 || forge_ts_is_scrambled (packet))
      count_flags (scan, packet);
    if (counter != ((last + forge_ts_has_payload (packet)) & 0x0Fu))
      judge_counter (scan, packet, pid, last);
    if (role >= ROLE_STREAM) {
      follow_unit (&scan->open[role - ROLE_STREAM], packet, here);
      /* Before the counter is noted: a unit remembers the table counters before itself. */
      if (pid == scan->leading_pid && judge_leading (scan, packet, here)) {
        scan->counters[pid] = (uint8_t)counter;
        return FORGE_TS_SCAN_JOIN;
      }
    }
    scan->counters[pid] = (uint8_t)counter;
    if (role == ROLE_TABLE && forge_ts_psi_push (&scan->psi, packet)) {
      follow_psi (scan);
      return FORGE_TS_SCAN_PSI;
    }
  }
  return FORGE_TS_SCAN_DONE;
}

void
forge_ts_scan_release (ForgeTsScan *scan)
{
  for (unsigned i = 0; i < FORGE_TS_SCAN_MAX_OPEN; i++)
    scan->open[i].is_open = false;
}

void
forge_ts_scan_release_to (ForgeTsScan *scan, uint64_t offset)
{
  for (unsigned i = 0; i < FORGE_TS_SCAN_MAX_OPEN; i++)
    if (scan->open[i].offset <= offset)
      scan->open[i].is_open = false;
}

uint64_t
forge_ts_scan_settled (const ForgeTsScan *scan, uint64_t end)
{
  for (unsigned i = 0; i < scan->n_open; i++)
    if (scan->open[i].is_open && scan->open[i].offset < end)
      end = scan->open[i].offset;
  return end;
}

/* Is it part of a unit that is not over? */
static bool
is_incomplete (const ForgeTsScan *scan, const uint8_t *packet, uint64_t offset)
{
  unsigned role = scan->roles[forge_ts_pid (packet)];

  if (role < ROLE_STREAM)
    return false;
  const ForgeTsOpenUnit *unit = &scan->open[role - ROLE_STREAM];
  return unit->is_open && offset >= unit->offset;
}

size_t
forge_ts_scan_cut (ForgeTsScan *scan, uint8_t *packets, size_t size, uint64_t offset)
{
  size_t kept = 0;

  for (size_t at = 0; at + FORGE_TS_PACKET_BYTES <= size; at += FORGE_TS_PACKET_BYTES) {
    uint8_t *packet = packets + at;
    if (is_incomplete (scan, packet, offset + at)) {
      /* Its first packet: what comes next on this PID has its counter. */
      if (forge_ts_starts_unit (packet))
        scan->counters[forge_ts_pid (packet)] = (forge_ts_counter (packet) - 1u) & 0x0Fu;
      continue;
    }
    memmove (packets + kept, packet, FORGE_TS_PACKET_BYTES);
    kept += FORGE_TS_PACKET_BYTES;
  }
  forge_ts_scan_release (scan);
  scan->has_unit = false;
  scan->search_packets = 0;
  return kept;
}
