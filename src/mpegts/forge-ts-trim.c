/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-trim.h"

#include "mpegts/forge-ts-audio.h"
#include "mpegts/forge-ts-restamp.h"

#include <string.h>

#define PES_HEADER_BYTES     9u
#define PES_HEADER_MAX_BYTES (PES_HEADER_BYTES + 255u)
#define PES_LENGTH_AT        4u

/* Where the unit is cut. */
typedef struct {
  size_t pes_at, pes_bytes; /* its header, in the first packet */
  size_t cut_packet;        /* holds the first frame that stays */
  size_t cut_at;            /* there */
  size_t before;            /* the packet of the unit before that one */
  size_t dropped_bytes;     /* of its payload */
  uint64_t ticks;           /* their sound */
} Cut;

static bool
find_header (const uint8_t *packet, Cut *cut)
{
  size_t at = forge_ts_payload_offset (packet);

  if (at + PES_HEADER_BYTES > FORGE_TS_PACKET_BYTES)
    return false;
  cut->pes_at = at;
  cut->pes_bytes = PES_HEADER_BYTES + packet[at + PES_HEADER_BYTES - 1];
  return at + cut->pes_bytes <= FORGE_TS_PACKET_BYTES;
}

static ForgeTsTrim
find_cut (const uint8_t *packets,
          size_t size,
          const ForgeTsStream *stream,
          uint64_t ticks,
          Cut *cut)
{
  ForgeTsAudio audio;

  if (!forge_ts_audio_begin (&audio, stream->coding) || !find_header (packets, cut))
    return FORGE_TS_TRIM_CANNOT;
  for (size_t at = 0; at + FORGE_TS_PACKET_BYTES <= size; at += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = packets + at;
    size_t from = at == 0 ? cut->pes_at + cut->pes_bytes : forge_ts_payload_offset (packet);
    if (forge_ts_pid (packet) != stream->pid || !forge_ts_has_payload (packet))
      continue;
    if (at > 0 && forge_ts_starts_unit (packet))
      return FORGE_TS_TRIM_CANNOT;
    size_t walked = audio.walked;
    if (forge_ts_audio_walk (&audio, packet + from, FORGE_TS_PACKET_BYTES - from, ticks)) {
      cut->cut_packet = at;
      cut->cut_at = from + (audio.boundary - walked);
      cut->dropped_bytes = audio.boundary;
      cut->ticks = forge_ts_audio_ticks (&audio);
      return FORGE_TS_TRIM_DONE;
    }
    if (audio.is_broken)
      return FORGE_TS_TRIM_CANNOT;
    cut->before = at;
  }
  return FORGE_TS_TRIM_WAIT;
}

/* The header of what stays. False if the unit has no more than what is cut off. */
static bool
shorten_header (uint8_t *packet, const Cut *cut)
{
  uint8_t *pes = packet + cut->pes_at;
  size_t length = (size_t)pes[PES_LENGTH_AT] << 8 | pes[PES_LENGTH_AT + 1];
  size_t header = cut->pes_bytes - PES_LENGTH_AT - 2;

  if (length != 0 && length <= header + cut->dropped_bytes)
    return false;
  if (length != 0) {
    length -= cut->dropped_bytes;
    pes[PES_LENGTH_AT] = (uint8_t)(length >> 8);
    pes[PES_LENGTH_AT + 1] = (uint8_t)length;
  }
  forge_ts_shift_stamps (packet, cut->ticks);
  return true;
}

/* The header and the frame that follows are in one packet. */
static bool
cut_first_packet (uint8_t *packet, const Cut *cut)
{
  uint8_t payload[FORGE_TS_PACKET_BYTES];
  size_t rest = FORGE_TS_PACKET_BYTES - cut->cut_at;

  memcpy (payload, packet + cut->pes_at, cut->pes_bytes);
  memcpy (payload + cut->pes_bytes, packet + cut->cut_at, rest);
  return forge_ts_set_payload (packet, payload, cut->pes_bytes + rest);
}

/* The packet before the cut gets the header, so that no counter is missing in between. */
static bool
cut_later_packet (uint8_t *packets, const ForgeTsStream *stream, const Cut *cut)
{
  uint8_t *last = packets + cut->cut_packet, *before = packets + cut->before;

  if (!forge_ts_set_payload (before, packets + cut->pes_at, cut->pes_bytes))
    return false;
  before[1] |= 0x40; /* payload_unit_start_indicator */
  for (size_t at = 0; at < cut->before; at += FORGE_TS_PACKET_BYTES)
    if (forge_ts_pid (packets + at) == stream->pid)
      forge_ts_make_null (packets + at);
  return forge_ts_set_payload (last, last + cut->cut_at, FORGE_TS_PACKET_BYTES - cut->cut_at);
}

/* A cut at the very end of a packet is one at the start of the next. */
static ForgeTsTrim
move_to_next_packet (const uint8_t *packets, size_t size, const ForgeTsStream *stream, Cut *cut)
{
  for (size_t at = cut->cut_packet + FORGE_TS_PACKET_BYTES; at + FORGE_TS_PACKET_BYTES <= size;
       at += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = packets + at;
    if (forge_ts_pid (packet) != stream->pid || !forge_ts_has_payload (packet))
      continue;
    if (forge_ts_starts_unit (packet))
      return FORGE_TS_TRIM_CANNOT;
    cut->before = cut->cut_packet;
    cut->cut_packet = at;
    cut->cut_at = forge_ts_payload_offset (packet);
    return FORGE_TS_TRIM_DONE;
  }
  return FORGE_TS_TRIM_WAIT;
}

ForgeTsTrim
forge_ts_trim_unit (uint8_t *packets, size_t size, const ForgeTsStream *stream, uint64_t ticks)
{
  Cut cut = { 0 };
  ForgeTsTrim found = find_cut (packets, size, stream, ticks, &cut);

  if (found == FORGE_TS_TRIM_DONE && cut.cut_at == FORGE_TS_PACKET_BYTES)
    found = move_to_next_packet (packets, size, stream, &cut);
  if (found != FORGE_TS_TRIM_DONE)
    return found;
  if (!shorten_header (packets, &cut))
    return FORGE_TS_TRIM_CANNOT;
  bool is_cut = cut.cut_packet == 0 ? cut_first_packet (packets, &cut)
                                    : cut_later_packet (packets, stream, &cut);
  return is_cut ? FORGE_TS_TRIM_DONE : FORGE_TS_TRIM_CANNOT;
}
