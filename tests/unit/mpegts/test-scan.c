/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-scan.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

typedef struct {
  ForgeTsScan scan;
  TsBuilder b;
  GArray *joins; /* uint64_t offsets */
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  forge_ts_scan_reset (&f->scan);
  f->joins = g_array_new (FALSE, FALSE, sizeof (uint64_t));
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ts_builder_clear (&f->b);
  g_array_unref (f->joins);
}

/* Scans everything in blocks of `block` packets. */
static void
scan_all (Fixture *f, size_t block)
{
  for (size_t from = 0; from < f->b.size; from += block * 188) {
    size_t size = MIN (block * 188, f->b.size - from), at = 0;
    ForgeTsScanEvent event;
    while ((event = forge_ts_scan_run (&f->scan, f->b.bytes + from, size, from, &at)) !=
           FORGE_TS_SCAN_DONE)
      if (event == FORGE_TS_SCAN_JOIN)
        g_array_append_val (f->joins, f->scan.unit.offset);
    g_assert_cmpuint (at, ==, size);
  }
}

static void
assert_joins (Fixture *f, const size_t *packets, guint n)
{
  g_assert_cmpuint (f->joins->len, ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpuint (g_array_index (f->joins, uint64_t, i), ==, packets[i] * 188);
}

static void
test_random_access_indicator_of_video_only (Fixture *f, gconstpointer data)
{
  ts_gop (&f->b, 0, 2, 5);
  ts_unit (&f->b, TS_AUDIO_PID, true, 0, ts_slice, 4); /* ffmpeg sets it on each audio unit */
  ts_gop (&f->b, 7200, 2, 5);
  scan_all (f, 1000);
  assert_joins (f, (const size_t[]){ 2, 15 }, 2);
  g_assert_cmpuint (f->scan.continuity_errors, ==, 0);
  g_assert_cmpuint (f->scan.packets, ==, f->b.size / 188);
}

/* One unit without the indicator, `nal` at `at` bytes into its payload, over one or two packets. */
static guint
joins_of_unit (uint8_t video_type, const uint8_t *nal, size_t size, size_t at)
{
  Fixture f;
  size_t first = FORGE_TS_PACKET_BYTES - TS_UNIT_PAYLOAD;
  uint8_t payload[400];

  set_up (&f, NULL);
  ts_pat (&f.b, 0, TS_PMT_PID);
  ts_pmt (&f.b, 0, video_type, 0);
  memset (payload, 0xAA, sizeof payload);
  memcpy (payload + at, nal, size);
  ts_unit (&f.b, TS_VIDEO_PID, false, 0, payload, first);
  memcpy (ts_packet (&f.b, TS_VIDEO_PID, false) + 4, payload + first, 184);
  ts_fill (&f.b, TS_VIDEO_PID, 20);
  scan_all (&f, 1);
  guint n = f.joins->len;
  if (n > 0)
    g_assert_cmpuint (g_array_index (f.joins, uint64_t, 0), ==, 2 * 188);
  tear_down (&f, NULL);
  return n;
}

static void
test_nal_units_tell_without_the_indicator (void)
{
  static const struct {
    uint8_t video_type;
    uint8_t bytes[16];
    guint joins;
  } cases[] = {
    { 0x1B, { 0, 0, 1, 0x65 }, 1 },                   /* IDR */
    { 0x1B, { 0, 0, 1, 0x67 }, 1 },                   /* SPS */
    { 0x1B, { 0, 0, 1, 0x41, 0, 0, 1, 0x65 }, 0 },    /* a slice first: too late */
    { 0x1B, { 0, 0, 1, 0x06, 6, 1, 0xC4, 0x80 }, 1 }, /* recovery point */
    { 0x1B, { 0, 0, 1, 0x06, 1, 1, 0, 6, 1, 0xC4, 0x80 }, 1 },
    { 0x1B, { 0, 0, 1, 0x06, 1, 1, 6, 0x80, 0, 0, 1, 1 }, 0 }, /* only picture timing */
    { 0x24, { 0, 0, 1, 0x40, 1 }, 1 },                         /* VPS */
    { 0x24, { 0, 0, 1, 0x2A, 1 }, 1 },                         /* CRA */
    { 0x24, { 0, 0, 1, 0x02, 1, 0, 0, 1, 0x40, 1 }, 0 },       /* trailing picture */
    { 0x02, { 0, 0, 1, 0xB3 }, 1 },                            /* sequence header */
    { 0x02, { 0, 0, 1, 0x00, 0, 0, 1, 0xB3 }, 0 },             /* picture first */
    { 0x33, { 0, 0, 1, 0x65 }, 0 },                            /* not a codec that is read */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    /* At the front, across the packet boundary in each way, in the second packet. */
    for (size_t at = 0; at < 250; at += at < 150 ? 50 : 1)
      /* Recovery points are only read whole. */
      if (cases[i].bytes[3] != 0x06 || at < 140 || at > 165)
        g_assert_cmpuint (joins_of_unit (cases[i].video_type, cases[i].bytes, 16, at),
                          ==,
                          cases[i].joins);
}

static void
test_radio_joins_at_any_audio_unit (Fixture *f, gconstpointer data)
{
  ts_pat (&f->b, 0, TS_PMT_PID);
  ts_pmt (&f->b, 0, 0, 0);
  ts_unit (&f->b, TS_AUDIO_PID, false, 0, ts_slice, 4);
  ts_fill (&f->b, TS_AUDIO_PID, 2);
  ts_unit (&f->b, TS_AUDIO_PID, false, 1920, ts_slice, 4);
  scan_all (f, 3);
  assert_joins (f, (const size_t[]){ 2, 5 }, 2);
}

static void
test_unit_remembers_the_table_counters_before_it (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 3; i++)
    ts_gop (&f->b, i * 3600, 1, 2);
  f->b.counters[0] = 9;
  scan_all (f, 2);
  g_assert_cmpuint (f->joins->len, ==, 3);
  g_assert_cmpuint (f->scan.unit.pat_counter, ==, 2);
  g_assert_cmpuint (f->scan.unit.pmt_counter, ==, 2);
  g_assert_true (f->scan.unit.has_pts);
  g_assert_cmpuint (f->scan.unit.pts, ==, 7200);
}

static void
test_continuity (Fixture *f, gconstpointer data)
{
  ts_gop (&f->b, 0, 1, 40);
  uint8_t copy[FORGE_TS_PACKET_BYTES];
  memcpy (copy, f->b.bytes + f->b.size - 188, sizeof copy);
  ts_append (&f->b, copy, sizeof copy); /* duplicate: allowed */
  ts_fill (&f->b, TS_VIDEO_PID, 1);
  f->b.counters[TS_VIDEO_PID]++;
  ts_fill (&f->b, TS_VIDEO_PID, 2); /* one packet missing */
  f->b.counters[TS_VIDEO_PID] += 5;
  ts_unit (&f->b, TS_VIDEO_PID, true, 0, ts_idr, sizeof ts_idr)[5] |= 0x80; /* announced */
  ts_null (&f->b);
  f->b.counters[FORGE_TS_NULL_PID] += 3;
  ts_null (&f->b);
  ts_packet (&f->b, TS_VIDEO_PID, false)[3] |= 0x80;
  scan_all (f, 7);
  g_assert_cmpuint (f->scan.continuity_errors, ==, 1);
  g_assert_cmpuint (f->scan.null_packets, ==, 2);
  g_assert_cmpuint (f->scan.scrambled_packets, ==, 1);
}

static void
test_new_tables_move_the_leading_pid (Fixture *f, gconstpointer data)
{
  ts_gop (&f->b, 0, 2, 3);
  ts_pmt (&f->b, 1, 0, 0); /* video is gone */
  ts_unit (&f->b, TS_AUDIO_PID, false, 0, ts_slice, 4);
  scan_all (f, 4);
  g_assert_cmpuint (f->scan.leading_pid, ==, TS_AUDIO_PID);
  assert_joins (f, (const size_t[]){ 2, 9 }, 2);
}

#define ADD(name, func) g_test_add ("/mpegts/scan/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("random-access-indicator-of-video-only", test_random_access_indicator_of_video_only);
  g_test_add_func ("/mpegts/scan/nal-units-tell-without-the-indicator",
                   test_nal_units_tell_without_the_indicator);
  ADD ("radio-joins-at-any-audio-unit", test_radio_joins_at_any_audio_unit);
  ADD ("unit-remembers-the-table-counters-before-it",
       test_unit_remembers_the_table_counters_before_it);
  ADD ("continuity", test_continuity);
  ADD ("new-tables-move-the-leading-pid", test_new_tables_move_the_leading_pid);
  return g_test_run ();
}
