/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-splice-private.h"

#include <string.h>

/* Layout of a PMT section. Spec: ISO/IEC 13818-1 §2.4.4.8. */
#define CRC_BYTES        4u
#define LENGTH_AT        1u
#define SECTION_HEADER   3u
#define VERSION_AT       5u
#define PCR_PID_AT       8u
#define INFO_LENGTH_AT   10u
#define FIRST_ENTRY_AT   12u
#define ENTRY_BYTES      5u
#define ENTRY_PID_AT     1u
#define FREE_PID_FIRST   0x100u
#define CLOSENESS_LEVELS 3u

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
write_pid (uint8_t *p, unsigned pid)
{
  p[0] = (uint8_t)(0xE0u | pid >> 8);
  p[1] = (uint8_t)pid;
}

/* ── the PMT's section ────────────────────────────────────────────────────────────────────── */

/* Where the entry of `pid` is, or where one can be appended. */
static size_t
find_entry (const ForgeTsSpliceTable *pmt, unsigned pid, size_t *entry_bytes)
{
  size_t end = pmt->bytes - CRC_BYTES;
  size_t at = FIRST_ENTRY_AT + read_12 (pmt->section + INFO_LENGTH_AT);

  *entry_bytes = 0;
  while (at + ENTRY_BYTES <= end) {
    size_t bytes = ENTRY_BYTES + read_12 (pmt->section + at + 3);
    if (at + bytes > end)
      break;
    if (read_pid (pmt->section + at + ENTRY_PID_AT) == pid) {
      *entry_bytes = bytes;
      break;
    }
    at += bytes;
  }
  return at < end ? at : end;
}

/* Replaces or appends the entry of `pid`; false if the section would be too long. */
static bool
put_entry (ForgeTsSpliceTable *pmt, unsigned pid, const uint8_t *entry, size_t entry_bytes)
{
  size_t old_bytes = 0, at = find_entry (pmt, pid, &old_bytes);
  size_t bytes = pmt->bytes - old_bytes + entry_bytes;

  if (bytes > FORGE_TS_SECTION_MAX_BYTES)
    return false;
  memmove (pmt->section + at + entry_bytes,
           pmt->section + at + old_bytes,
           pmt->bytes - at - old_bytes);
  memcpy (pmt->section + at, entry, entry_bytes);
  write_pid (pmt->section + at + ENTRY_PID_AT, pid);
  pmt->bytes = bytes;
  return true;
}

/* A new version of what was changed. */
static void
seal_section (ForgeTsSpliceTable *pmt)
{
  uint8_t *s = pmt->section;
  size_t length = pmt->bytes - SECTION_HEADER;
  unsigned version = ((s[VERSION_AT] >> 1) + 1u) & 0x1Fu;

  s[LENGTH_AT] = (uint8_t)((s[LENGTH_AT] & 0xF0u) | length >> 8);
  s[LENGTH_AT + 1] = (uint8_t)length;
  s[VERSION_AT] = (uint8_t)(0xC1u | version << 1);
  uint32_t crc = forge_ts_crc32 (s, pmt->bytes - CRC_BYTES);
  for (unsigned i = 0; i < CRC_BYTES; i++)
    s[pmt->bytes - CRC_BYTES + i] = (uint8_t)(crc >> (24 - 8 * i));
}

/* ── roles ────────────────────────────────────────────────────────────────────────────────── */

static bool
is_same_class (const ForgeTsStream *a, const ForgeTsStream *b)
{
  return a->is_video == b->is_video && a->is_audio == b->is_audio;
}

/* What the picture and the first sound are coded in may change; anything else is another stream. */
static bool
may_take_over (const ForgeTsSplice *splice, const ForgeTsStream *in, const ForgeTsSpliceStream *out)
{
  if (!in->is_video && in->pid != splice->source->audio_pid)
    return false;
  for (unsigned i = 0; i < splice->n_streams; i++) {
    const ForgeTsSpliceStream *other = &splice->streams[i];
    if (is_same_class (&other->stream, in) &&
        (other == out || other->source_pid != FORGE_TS_NO_PID))
      return other == out;
  }
  return false;
}

static bool
is_close (const ForgeTsSplice *splice,
          const ForgeTsStream *in,
          const ForgeTsSpliceStream *out,
          unsigned level)
{
  if (out->source_pid != FORGE_TS_NO_PID || !is_same_class (in, &out->stream))
    return false;
  if (level < 2 && in->coding != out->stream.coding)
    return false;
  return level == 0   ? in->language == out->stream.language
         : level == 1 ? true
                      : (in->is_video || in->is_audio) && may_take_over (splice, in, out);
}

static bool
is_pid_used (const ForgeTsSplice *splice, unsigned pid)
{
  bool is_used = pid < FORGE_TS_FIRST_STREAM_PID || pid >= FORGE_TS_NULL_PID ||
                 pid == splice->pmt_pid;

  for (unsigned i = 0; i < splice->n_streams && !is_used; i++)
    is_used = splice->streams[i].stream.pid == pid;
  return is_used;
}

/* Its own number if that is free. There are always more PIDs than streams. */
static uint16_t
choose_pid (const ForgeTsSplice *splice, uint16_t wanted)
{
  uint16_t pid = wanted;

  if (is_pid_used (splice, pid))
    for (pid = FREE_PID_FIRST; is_pid_used (splice, pid);)
      pid++;
  return pid;
}

static ForgeTsSpliceStream *
append_stream (ForgeTsSplice *splice, const ForgeTsStream *in, uint16_t pid)
{
  if (splice->n_streams == FORGE_TS_MAX_STREAMS)
    return NULL;
  ForgeTsSpliceStream *out = &splice->streams[splice->n_streams++];
  *out = (ForgeTsSpliceStream){ .stream = *in, .source_pid = FORGE_TS_NO_PID };
  out->stream.pid = pid;
  return out;
}

/* One that came from another PID begins anew. */
static void
connect_stream (ForgeTsSplice *splice, ForgeTsSpliceStream *out, uint16_t source_pid, bool is_same)
{
  out->source_pid = source_pid;
  if (!is_same)
    out->is_started = out->is_dropping = out->is_after_first = false;
  splice->slots[source_pid] = (uint8_t)(FORGE_TS_SLOT_STREAM + (out - splice->streams));
}

/* Makes the PMT say what the stream is now. */
static bool
describe_stream (ForgeTsSplice *splice, ForgeTsSpliceStream *out, const ForgeTsStream *in)
{
  const uint8_t *entry = splice->source->pmt.section + in->entry_at;

  if (!put_entry (&splice->pmt, out->stream.pid, entry, in->entry_bytes))
    return false;
  out->stream.coding = in->coding;
  out->stream.stream_type = in->stream_type;
  out->stream.language = in->language;
  return true;
}

/* Streams of the source that the output has, closest first; `before` = source PIDs until now. */
static bool
match_streams (ForgeTsSplice *splice, const uint16_t *before)
{
  const ForgeTsPsi *source = splice->source;
  bool is_changed = false;

  for (unsigned level = 0; level < CLOSENESS_LEVELS; level++)
    for (unsigned i = 0; i < source->n_streams; i++) {
      const ForgeTsStream *in = &source->streams[i];
      for (unsigned k = 0; k < splice->n_streams; k++) {
        ForgeTsSpliceStream *out = &splice->streams[k];
        if (splice->slots[in->pid] != FORGE_TS_SLOT_DROP || !is_close (splice, in, out, level))
          continue;
        connect_stream (splice, out, in->pid, before[k] == in->pid);
        if (in->coding != out->stream.coding && describe_stream (splice, out, in))
          is_changed = true;
      }
    }
  return is_changed;
}

static bool
add_streams (ForgeTsSplice *splice)
{
  const ForgeTsPsi *source = splice->source;
  bool is_changed = false;

  for (unsigned i = 0; i < source->n_streams; i++) {
    const ForgeTsStream *in = &source->streams[i];
    if (splice->slots[in->pid] != FORGE_TS_SLOT_DROP)
      continue;
    ForgeTsSpliceStream *out = append_stream (splice, in, choose_pid (splice, in->pid));
    if (!out)
      break;
    if (!describe_stream (splice, out, in)) {
      splice->n_streams--;
      continue;
    }
    connect_stream (splice, out, in->pid, false);
    is_changed = true;
  }
  return is_changed;
}

/* The PID that carries the output's PCR while this source plays. */
static unsigned
map_pcr (ForgeTsSplice *splice)
{
  static const ForgeTsStream pcr_only = { .coding = FORGE_TS_CODING_PCR_ONLY };
  uint16_t pid = splice->source->pcr_pid, old = read_pid (splice->pmt.section + PCR_PID_AT);

  if (pid == FORGE_TS_NULL_PID || pid >= sizeof splice->slots)
    return old;
  unsigned slot = splice->slots[pid];
  if (slot >= FORGE_TS_SLOT_STREAM)
    return splice->streams[slot - FORGE_TS_SLOT_STREAM].stream.pid;
  if (slot != FORGE_TS_SLOT_DROP)
    return old;
  ForgeTsSpliceStream *out = append_stream (splice, &pcr_only, choose_pid (splice, old));
  if (!out)
    return old;
  connect_stream (splice, out, pid, false);
  return out->stream.pid;
}

static void
clear_map (ForgeTsSplice *splice)
{
  memset (splice->slots, FORGE_TS_SLOT_DROP, sizeof splice->slots);
  memset (splice->slots, FORGE_TS_SLOT_COUNT, FORGE_TS_FIRST_STREAM_PID);
  splice->slots[FORGE_TS_NULL_PID] = FORGE_TS_SLOT_PASS;
  splice->slots[FORGE_TS_PAT_PID] = FORGE_TS_SLOT_PAT;
  splice->slots[splice->source->pmt_pid & FORGE_TS_NULL_PID] = FORGE_TS_SLOT_PMT;
}

void
forge_ts_splice_map (ForgeTsSplice *splice)
{
  uint16_t before[FORGE_TS_MAX_STREAMS];

  clear_map (splice);
  for (unsigned i = 0; i < splice->n_streams; i++) {
    before[i] = splice->streams[i].source_pid;
    splice->streams[i].source_pid = FORGE_TS_NO_PID;
  }
  bool is_changed = match_streams (splice, before);
  is_changed |= add_streams (splice);
  unsigned pcr_pid = map_pcr (splice);
  if (pcr_pid != read_pid (splice->pmt.section + PCR_PID_AT)) {
    write_pid (splice->pmt.section + PCR_PID_AT, pcr_pid);
    is_changed = true;
  }
  if (is_changed)
    seal_section (&splice->pmt);
}
