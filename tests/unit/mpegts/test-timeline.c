/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-scan.h"
#include "mpegts/forge-ts-timeline.h"
#include "ts-builder.h"

#include <glib.h>

static ForgeTsScan scan;

static void
learn (TsBuilder *ts, ForgeTsTimeline *timeline)
{
  size_t at = 0;

  forge_ts_scan_reset (&scan);
  while (forge_ts_scan_run (&scan, ts->bytes, ts->size, 0, &at) != FORGE_TS_SCAN_DONE)
    continue;
  forge_ts_timeline_learn (timeline, &scan.psi, ts->bytes, ts->size);
}

static void
test_pictures_end_a_frame_after_the_last (void)
{
  TsBuilder ts = { 0 };
  ForgeTsTimeline timeline;

  ts_gop (&ts, FORGE_TS_CLOCK_MASK - 3 * 3600, 6, 3); /* over the wrap */
  learn (&ts, &timeline);
  const ForgeTsEnd *end = forge_ts_timeline_find (&timeline, TS_VIDEO_PID);
  g_assert_nonnull (end);
  g_assert_cmpuint (end->dts, ==, 3 * 3600 - 1);
  g_assert_cmpuint (end->pts, ==, 3 * 3600 - 1);
  g_assert_true (timeline.has_pcr);
  g_assert_cmpuint (timeline.pcr, ==, 2 * 3600 - 1);
  g_assert_null (forge_ts_timeline_find (&timeline, TS_AUDIO_PID));
  ts_builder_clear (&ts);
}

static void
test_reordered_pictures_end_after_the_last_shown (void)
{
  static const unsigned shown[] = { 0, 3, 1, 2, 6 };
  TsBuilder ts = { 0 };
  ForgeTsTimeline timeline;

  ts_pat (&ts, 0, TS_PMT_PID);
  ts_pmt (&ts, 0, 0x1B, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (shown); i++)
    ts_unit_dts (&ts, TS_VIDEO_PID, 90000 + shown[i] * 3600u, 90000 - 3600 + i * 3600u);
  learn (&ts, &timeline);
  const ForgeTsEnd *end = forge_ts_timeline_find (&timeline, TS_VIDEO_PID);
  g_assert_cmpuint (end->dts, ==, 90000 + 4 * 3600);
  g_assert_cmpuint (end->pts, ==, 90000 + 7 * 3600);
  ts_builder_clear (&ts);
}

static void
test_sound_ends_with_its_frames (void)
{
  TsBuilder ts = { 0 };
  ForgeTsTimeline timeline;

  ts_pat (&ts, 0, TS_PMT_PID);
  ts_pmt (&ts, 0, 0, 0);
  ts_sound (&ts, 1000, 5);
  learn (&ts, &timeline);
  g_assert_cmpuint (forge_ts_timeline_find (&timeline, TS_AUDIO_PID)->dts, ==, 1000 + 5 * 1920);
  /* Frames that cannot be told apart: the longest step between units. */
  for (size_t i = 0; i < ts.size; i++)
    if (ts.bytes[i] == 0xFF && ts.bytes[i + 1] == 0xF1)
      ts.bytes[i] = 0;
  learn (&ts, &timeline);
  g_assert_cmpuint (forge_ts_timeline_find (&timeline, TS_AUDIO_PID)->dts, ==, 1000 + 3600);
  ts_builder_clear (&ts);
}

static void
test_differences_are_signed_over_the_wrap (void)
{
  g_assert_cmpint (forge_ts_ticks_after (5, FORGE_TS_CLOCK_MASK - 4), ==, 10);
  g_assert_cmpint (forge_ts_ticks_after (FORGE_TS_CLOCK_MASK - 4, 5), ==, -10);
  g_assert_cmpint (forge_ts_ticks_after (7, 7), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mpegts/timeline/pictures-end-a-frame-after-the-last",
                   test_pictures_end_a_frame_after_the_last);
  g_test_add_func ("/mpegts/timeline/reordered-pictures-end-after-the-last-shown",
                   test_reordered_pictures_end_after_the_last_shown);
  g_test_add_func ("/mpegts/timeline/sound-ends-with-its-frames", test_sound_ends_with_its_frames);
  g_test_add_func ("/mpegts/timeline/differences-are-signed-over-the-wrap",
                   test_differences_are_signed_over_the_wrap);
  return g_test_run ();
}
