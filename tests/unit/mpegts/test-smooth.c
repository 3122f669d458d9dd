/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-smooth.h"
#include "mpegts/forge-ts-timeline.h"
#include "ts-builder.h"

#include <glib.h>

#define FRAME    3600u
#define SOUND    1920u
#define PICTURES 50u
#define CLIP     (PICTURES * FRAME)
#define LAG      9000u /* sound is sent later than the picture it belongs to */

/* Two seconds from `pts` on, with counters that begin anew. `sound_early`: so much sound is cut off
 * at the end. */
static void
add_clip (TsBuilder *b, uint64_t pts, unsigned sound_early)
{
  uint64_t sound = pts, sound_end = pts + CLIP - sound_early;

  memset (b->counters, 0, sizeof b->counters);
  ts_pat (b, 0, TS_PMT_PID);
  ts_pmt (b, 0, 0x1B, 0);
  for (unsigned i = 0; i < PICTURES; i++) {
    uint64_t at = pts + i * FRAME;
    ts_unit (b, TS_VIDEO_PID, i == 0, at & FORGE_TS_CLOCK_MASK, ts_slice, sizeof ts_slice);
    ts_fill (b, TS_VIDEO_PID, 2);
    for (; sound + LAG <= at && sound < sound_end; sound += SOUND)
      ts_sound (b, sound & FORGE_TS_CLOCK_MASK, 1);
  }
  for (; sound < sound_end; sound += SOUND)
    ts_sound (b, sound & FORGE_TS_CLOCK_MASK, 1);
}

typedef struct {
  bool has_last, has_counter;
  uint64_t last;
  unsigned counter, n;
  int64_t largest;
} Track;

static void
check_packet (Track *track, const uint8_t *packet)
{
  uint64_t pts, dts;

  if (track->has_counter)
    g_assert_cmpuint (forge_ts_counter (packet), ==, (track->counter + 1) & 0x0F);
  track->has_counter = true;
  track->counter = forge_ts_counter (packet);
  if (!forge_ts_starts_unit (packet) || !forge_ts_read_pts (packet, &pts, &dts))
    return;
  int64_t step = forge_ts_ticks_after (dts, track->last);
  if (track->has_last)
    g_assert_cmpint (step, >, 0);
  track->largest = track->has_last ? MAX (track->largest, step) : 0;
  track->has_last = true;
  track->last = dts;
  track->n++;
}

/* Runs all of it in blocks of `block` packets and checks that time and counters run on. */
static void
run (ForgeTsSmooth *smooth, TsBuilder *b, size_t block, Track *video, Track *audio)
{
  ForgeTsPsi psi;
  uint64_t pcr, last_pcr = 0;

  forge_ts_psi_reset (&psi);
  for (size_t at = 0; at < b->size && !forge_ts_psi_is_complete (&psi); at += 188)
    forge_ts_psi_push (&psi, b->bytes + at);
  for (size_t at = 0; at < b->size; at += block * 188)
    forge_ts_smooth_run (smooth, &psi, b->bytes + at, MIN (block * 188, b->size - at));
  for (size_t at = 0; at < b->size; at += 188) {
    const uint8_t *packet = b->bytes + at;
    if (forge_ts_pid (packet) == TS_VIDEO_PID)
      check_packet (video, packet);
    if (forge_ts_pid (packet) == TS_AUDIO_PID)
      check_packet (audio, packet);
    if (forge_ts_read_pcr (packet, &pcr)) {
      if (last_pcr)
        g_assert_cmpint (forge_ts_ticks_after (pcr, last_pcr), >, 0);
      last_pcr = pcr;
    }
  }
}

typedef struct {
  uint64_t starts[6];
  unsigned jumps;
} Case;

static const Case cases[] = {
  { { 0, 0, 0, 0, 0, 0 }, 5 },                                        /* a clip, over and over */
  { { 900000000, 5000, 800000000, 100, 8000000000, 7 }, 5 },          /* anywhere */
  { { 1, 1 + CLIP, 1 + 2 * CLIP, 1 + 3 * CLIP, 1 + 4 * CLIP, 0 }, 1 } /* one that goes on */
};

static void
test_time_runs_on (gconstpointer data)
{
  const Case *test = data;

  for (size_t block = 1; block < 200; block += 61) {
    TsBuilder b = { 0 };
    Track video = { 0 }, audio = { 0 };
    g_autofree ForgeTsSmooth *smooth = g_new0 (ForgeTsSmooth, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS (test->starts); i++) {
      unsigned counters_go_on = i > 0 && test->starts[i] == test->starts[i - 1] + CLIP;
      uint8_t counters[sizeof b.counters];
      size_t before = b.size;
      memcpy (counters, b.counters, sizeof counters);
      add_clip (&b, test->starts[i], 0);
      if (!counters_go_on)
        continue;
      for (size_t at = before; at < b.size; at += 188) {
        uint8_t *p = b.bytes + at;
        forge_ts_set_counter (p, forge_ts_counter (p) + counters[forge_ts_pid (p)]);
      }
      for (unsigned pid = 0; pid < sizeof counters; pid++)
        b.counters[pid] = (uint8_t)(b.counters[pid] + counters[pid]);
    }
    run (smooth, &b, block, &video, &audio);
    g_assert_cmpuint (smooth->generation, ==, test->jumps);
    g_assert_cmpuint (video.n, ==, PICTURES * G_N_ELEMENTS (test->starts));
    g_assert_cmpint (video.largest, <=, FRAME + SOUND);
    g_assert_cmpint (audio.largest, <=, 2 * FRAME);
    g_assert_cmpint (ABS (forge_ts_ticks_after (video.last, audio.last)), <, 2 * FRAME);
    ts_builder_clear (&b);
  }
}

/* Sound that was cut off before the end comes back in step with the picture. */
static void
test_sound_stays_in_step (void)
{
  TsBuilder b = { 0 };
  Track video = { 0 }, audio = { 0 };
  g_autofree ForgeTsSmooth *smooth = g_new0 (ForgeTsSmooth, 1);

  for (unsigned i = 0; i < 5; i++)
    add_clip (&b, 7, 45000);
  add_clip (&b, 7, 0);
  run (smooth, &b, 50, &video, &audio);
  g_assert_cmpint (audio.largest, >, 40000);
  g_assert_cmpint (audio.largest, <, 50000);
  g_assert_cmpint (ABS (forge_ts_ticks_after (video.last, audio.last)), <, 2 * FRAME);
  ts_builder_clear (&b);
}

static void
test_nothing_is_touched_without_a_jump (void)
{
  TsBuilder b = { 0 };
  Track video = { 0 }, audio = { 0 };
  g_autofree ForgeTsSmooth *smooth = g_new0 (ForgeTsSmooth, 1);

  add_clip (&b, FORGE_TS_CLOCK_MASK - CLIP / 2, 0); /* over the wrap of the clock */
  g_autofree uint8_t *before = g_memdup2 (b.bytes, b.size);
  run (smooth, &b, 100, &video, &audio);
  g_assert_cmpmem (before, b.size, b.bytes, b.size);
  g_assert_cmpuint (smooth->generation, ==, 0);
  ts_builder_clear (&b);
}

static void
test_a_loss_is_no_jump (void)
{
  TsBuilder b = { 0 };
  g_autofree ForgeTsSmooth *smooth = g_new0 (ForgeTsSmooth, 1);
  ForgeTsPsi psi;

  add_clip (&b, 0, 0);
  add_clip (&b, CLIP + 2 * FORGE_TS_CLOCK_HZ, 0); /* two seconds are missing */
  forge_ts_psi_reset (&psi);
  for (size_t at = 0; at < b.size; at += 188)
    forge_ts_psi_push (&psi, b.bytes + at);
  g_autofree uint8_t *before = g_memdup2 (b.bytes, b.size);
  forge_ts_smooth_run (smooth, &psi, b.bytes, b.size);
  g_assert_cmpmem (before, b.size, b.bytes, b.size);
  ts_builder_clear (&b);
}

static void
test_the_sources_own_stamps_are_known (void)
{
  TsBuilder b = { 0 };
  Track video = { 0 }, audio = { 0 };
  g_autofree ForgeTsSmooth *smooth = g_new0 (ForgeTsSmooth, 1);

  add_clip (&b, 5000, 0);
  add_clip (&b, 5000, 0);
  run (smooth, &b, 100, &video, &audio);
  g_assert_cmpuint (video.last, >=, 5000 + CLIP);
  g_assert_cmpuint (forge_ts_smooth_undo (smooth, TS_VIDEO_PID, video.last),
                    ==,
                    5000 + CLIP - FRAME);
  g_assert_cmpuint (forge_ts_smooth_undo (smooth, 77, 1234), ==, 1234);
  ts_builder_clear (&b);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strdup_printf ("/mpegts/smooth/time-runs-on/%u", i);
    g_test_add_data_func (path, &cases[i], test_time_runs_on);
  }
#define ADD(path, func) g_test_add_func ("/mpegts/smooth/" path, func)
  ADD ("sound-stays-in-step", test_sound_stays_in_step);
  ADD ("nothing-is-touched-without-a-jump", test_nothing_is_touched_without_a_jump);
  ADD ("a-loss-is-no-jump", test_a_loss_is_no_jump);
  ADD ("the-sources-own-stamps-are-known", test_the_sources_own_stamps_are_known);
#undef ADD
  return g_test_run ();
}
