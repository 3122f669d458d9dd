/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

static void
test_stamps_wrap_at_33_bits (void)
{
  TsBuilder b = { 0 };
  uint64_t pcr = 0, pts = 0, dts = 0;
  uint8_t *p = ts_unit (&b, TS_VIDEO_PID, true, FORGE_TS_CLOCK_MASK - 9, ts_idr, sizeof ts_idr);

  g_assert_true (forge_ts_read_pcr (p, &pcr));
  g_assert_true (forge_ts_read_pts (p, &pts, &dts));
  g_assert_cmpuint (pcr, ==, FORGE_TS_CLOCK_MASK - 9);
  g_assert_cmpuint (pts, ==, FORGE_TS_CLOCK_MASK - 9);
  forge_ts_shift_packet (p, 30);
  g_assert_true (forge_ts_read_pcr (p, &pcr));
  g_assert_true (forge_ts_read_pts (p, &pts, &dts));
  g_assert_cmpuint (pcr, ==, 20);
  g_assert_cmpuint (pts, ==, 20);
  g_assert_cmpuint (dts, ==, 20);
  /* Backwards is modulo too. */
  forge_ts_shift_packet (p, FORGE_TS_CLOCK_MASK + 1 - 21);
  g_assert_true (forge_ts_read_pcr (p, &pcr));
  g_assert_cmpuint (pcr, ==, FORGE_TS_CLOCK_MASK);
  ts_builder_clear (&b);
}

static void
test_only_stamps_change (void)
{
  TsBuilder b = { 0 };
  uint8_t *p = ts_unit (&b, TS_VIDEO_PID, true, 0x155555555, ts_idr, sizeof ts_idr);
  uint8_t before[FORGE_TS_PACKET_BYTES];

  memcpy (before, p, sizeof before);
  forge_ts_shift_packet (p, 12345);
  g_assert_cmpint (memcmp (p, before, sizeof before), !=, 0);
  forge_ts_shift_packet (p, FORGE_TS_CLOCK_MASK + 1 - 12345);
  g_assert_cmpmem (p, sizeof before, before, sizeof before);
  ts_builder_clear (&b);
}

static void
test_dts_follows_pts (void)
{
  TsBuilder b = { 0 };
  static const uint8_t dts_and_idr[] = { 0x11, 0, 1, 0, 1, 0, 0, 1, 0x65 };
  uint64_t pts = 0, dts = 0;
  uint8_t *p = ts_unit (&b, TS_VIDEO_PID, true, 1000, dts_and_idr, sizeof dts_and_idr);

  p[12 + 7] = 0xC0; /* PTS and DTS */
  p[12 + 8] = 10;
  forge_ts_shift_packet (p, 500);
  g_assert_true (forge_ts_read_pts (p, &pts, &dts));
  g_assert_cmpuint (pts, ==, 1500);
  g_assert_cmpuint (dts, ==, 500);
  ts_builder_clear (&b);
}

static void
test_packets_without_stamps_stay (void)
{
  TsBuilder b = { 0 };
  uint8_t before[FORGE_TS_PACKET_BYTES];
  uint64_t pts = 0, dts = 0;

  ts_fill (&b, TS_VIDEO_PID, 1);
  ts_null (&b);
  ts_pat (&b, 0, TS_PMT_PID);
  ts_unit (&b, TS_VIDEO_PID, false, 7, ts_slice, sizeof ts_slice);
  b.bytes[3 * 188 + 3] |= 0x80; /* scrambled: the PES header is not to be read */
  b.bytes[3 * 188 + 5] = 0;     /* and no PCR */
  for (size_t at = 0; at < b.size; at += 188) {
    memcpy (before, b.bytes + at, sizeof before);
    forge_ts_shift_packet (b.bytes + at, 99999);
    g_assert_cmpmem (b.bytes + at, 188, before, sizeof before);
    g_assert_false (forge_ts_read_pcr (b.bytes + at, &pts));
    g_assert_false (forge_ts_read_pts (b.bytes + at, &pts, &dts));
  }
  ts_builder_clear (&b);
}

static void
test_stamp_cut_by_the_packet_end_stays (void)
{
  uint8_t p[FORGE_TS_PACKET_BYTES], before[FORGE_TS_PACKET_BYTES];

  for (unsigned adaptation = 160; adaptation <= 183; adaptation++) {
    memset (p, 0, sizeof p);
    p[0] = FORGE_TS_SYNC;
    p[1] = 0x41;
    p[3] = 0x30;
    p[4] = (uint8_t)adaptation;
    static const uint8_t pes[] = { 0, 0, 1, 0xE0, 0, 0, 0x80, 0xC0, 10, 0x31, 0, 1, 0, 1 };
    size_t at = 5 + adaptation;
    memcpy (p + at, pes, MIN (sizeof pes, sizeof p - at));
    memcpy (before, p, sizeof p);
    forge_ts_shift_packet (p, 90000);
    bool fits = at + 19 <= sizeof p;
    g_assert_cmpint (memcmp (p, before, sizeof p) != 0, ==, fits);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mpegts/restamp/stamps-wrap-at-33-bits", test_stamps_wrap_at_33_bits);
  g_test_add_func ("/mpegts/restamp/only-stamps-change", test_only_stamps_change);
  g_test_add_func ("/mpegts/restamp/dts-follows-pts", test_dts_follows_pts);
  g_test_add_func ("/mpegts/restamp/packets-without-stamps-stay", test_packets_without_stamps_stay);
  g_test_add_func ("/mpegts/restamp/stamp-cut-by-the-packet-end-stays",
                   test_stamp_cut_by_the_packet_end_stays);
  return g_test_run ();
}
