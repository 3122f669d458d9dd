/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-timeline.h"

#include "mpegts/forge-ts-audio.h"
#include "mpegts/forge-ts-restamp.h"

/* Units of each stream that are looked at. */
#define UNITS_KEPT 16u
/* Steps between units beyond these are no duration of one. */
#define STEP_MIN_TICKS (FORGE_TS_CLOCK_HZ / 200)
#define STEP_MAX_TICKS FORGE_TS_CLOCK_HZ
/* What a unit lasts if there was only one. */
#define STEP_DEFAULT_TICKS (FORGE_TS_CLOCK_HZ / 25)
/* A picture is not shown later than this after its DTS; more is a jump in the clock. */
#define REORDER_MAX_TICKS (2 * FORGE_TS_CLOCK_HZ)
#define PES_HEADER_BYTES  9u

/* The last units of one stream. */
typedef struct {
  uint64_t dts[UNITS_KEPT], pts[UNITS_KEPT];
  unsigned n;  /* seen, of which the last UNITS_KEPT are kept */
  size_t last; /* where the newest begins */
} Track;

static void
add_unit (Track *track, const uint8_t *packet, size_t at)
{
  uint64_t pts, dts;

  if (!forge_ts_read_pts (packet, &pts, &dts))
    return;
  track->dts[track->n % UNITS_KEPT] = dts;
  track->pts[track->n % UNITS_KEPT] = pts;
  track->n++;
  track->last = at;
}

/* The smallest (pictures) or largest (sound, in packs of changing size) step between units. */
static uint64_t
learn_step (const Track *track, bool is_smallest)
{
  unsigned n = track->n < UNITS_KEPT ? track->n : UNITS_KEPT;
  int64_t step = 0;

  for (unsigned i = 1; i < n; i++) {
    uint64_t later = track->dts[(track->n - i) % UNITS_KEPT];
    int64_t by = forge_ts_ticks_after (later, track->dts[(track->n - i - 1) % UNITS_KEPT]);
    bool is_better = step == 0 || (is_smallest ? by < step : by > step);
    if (by >= STEP_MIN_TICKS && by <= STEP_MAX_TICKS && is_better)
      step = by;
  }
  return step ? (uint64_t)step : STEP_DEFAULT_TICKS;
}

/* Pictures may leave in another order than they are shown. */
static ForgeTsEnd
end_of_video (const Track *track)
{
  unsigned n = track->n < UNITS_KEPT ? track->n : UNITS_KEPT;
  uint64_t dts = track->dts[(track->n - 1) % UNITS_KEPT], pts = dts;
  uint64_t step = learn_step (track, true);

  for (unsigned i = 0; i < n; i++)
    if (forge_ts_ticks_after (track->pts[i], pts) > 0 &&
        forge_ts_ticks_after (track->pts[i], dts) <= REORDER_MAX_TICKS)
      pts = track->pts[i];
  return (ForgeTsEnd){ .dts = (dts + step) & FORGE_TS_CLOCK_MASK,
                       .pts = (pts + step) & FORGE_TS_CLOCK_MASK };
}

/* The sound of the unit that begins at packets[0]; false if its frames cannot be told apart. */
static bool
measure_sound (const ForgeTsStream *stream, const uint8_t *packets, size_t size, uint64_t *ticks)
{
  ForgeTsAudio audio;

  if (!forge_ts_audio_begin (&audio, stream->coding))
    return false;
  for (size_t at = 0; at < size; at += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = packets + at;
    size_t from = forge_ts_payload_offset (packet);
    if (forge_ts_pid (packet) != stream->pid || from == FORGE_TS_PACKET_BYTES)
      continue;
    if (at == 0 && from + PES_HEADER_BYTES <= FORGE_TS_PACKET_BYTES)
      from += PES_HEADER_BYTES + packet[from + PES_HEADER_BYTES - 1];
    if (from < FORGE_TS_PACKET_BYTES)
      forge_ts_audio_walk (&audio, packet + from, FORGE_TS_PACKET_BYTES - from, UINT64_MAX);
  }
  *ticks = forge_ts_audio_ticks (&audio);
  return forge_ts_audio_is_whole (&audio);
}

static ForgeTsEnd
end_of_sound (const Track *track, const ForgeTsStream *stream, const uint8_t *packets, size_t size)
{
  uint64_t ticks = 0, last = track->pts[(track->n - 1) % UNITS_KEPT];

  if (!measure_sound (stream, packets + track->last, size - track->last, &ticks))
    ticks = learn_step (track, false);
  uint64_t end = (last + ticks) & FORGE_TS_CLOCK_MASK;
  return (ForgeTsEnd){ .dts = end, .pts = end };
}

/* Subtitles and data: after the last of them. */
static ForgeTsEnd
end_of_data (const Track *track)
{
  uint64_t end = (track->pts[(track->n - 1) % UNITS_KEPT] + 1) & FORGE_TS_CLOCK_MASK;

  return (ForgeTsEnd){ .dts = end, .pts = end };
}

static int
find_stream (const ForgeTsPsi *psi, unsigned pid)
{
  for (unsigned i = 0; i < psi->n_streams; i++)
    if (psi->streams[i].pid == pid)
      return (int)i;
  return -1;
}

void
forge_ts_timeline_learn (ForgeTsTimeline *timeline,
                         const ForgeTsPsi *psi,
                         const uint8_t *packets,
                         size_t size)
{
  Track tracks[FORGE_TS_MAX_STREAMS];

  *timeline = (ForgeTsTimeline){ 0 };
  for (unsigned i = 0; i < psi->n_streams; i++)
    tracks[i].n = 0;
  for (size_t at = 0; at + FORGE_TS_PACKET_BYTES <= size; at += FORGE_TS_PACKET_BYTES) {
    const uint8_t *packet = packets + at;
    if (forge_ts_pid (packet) == psi->pcr_pid && forge_ts_read_pcr (packet, &timeline->pcr))
      timeline->has_pcr = true;
    int i = forge_ts_starts_unit (packet) ? find_stream (psi, forge_ts_pid (packet)) : -1;
    if (i >= 0)
      add_unit (&tracks[i], packet, at);
  }
  for (unsigned i = 0; i < psi->n_streams; i++) {
    const ForgeTsStream *stream = &psi->streams[i];
    if (tracks[i].n == 0)
      continue;
    ForgeTsEnd end = stream->is_video   ? end_of_video (&tracks[i])
                     : stream->is_audio ? end_of_sound (&tracks[i], stream, packets, size)
                                        : end_of_data (&tracks[i]);
    end.pid = stream->pid;
    timeline->ends[timeline->n_ends++] = end;
  }
}

const ForgeTsEnd *
forge_ts_timeline_find (const ForgeTsTimeline *timeline, unsigned pid)
{
  for (unsigned i = 0; i < timeline->n_ends; i++)
    if (timeline->ends[i].pid == pid)
      return &timeline->ends[i];
  return NULL;
}
