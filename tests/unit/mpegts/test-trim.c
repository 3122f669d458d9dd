/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts-trim.h"
#include "ts-builder.h"

#include <glib.h>

#define N_FRAMES 8u

static const ForgeTsStream aac = { .pid = TS_AUDIO_PID, .coding = FORGE_TS_CODING_ADTS };

/* The payload of the PID, PES header first. */
static GByteArray *
collect (const TsBuilder *ts)
{
  GByteArray *payload = g_byte_array_new ();

  for (size_t at = 0; at < ts->size; at += 188) {
    const uint8_t *p = ts->bytes + at;
    size_t from = forge_ts_payload_offset (p);
    if (forge_ts_pid (p) == TS_AUDIO_PID)
      g_byte_array_append (payload, p + from, (guint)(188 - from));
  }
  return payload;
}

static void
test_frames_go_header_stays (void)
{
  for (unsigned drop = 1; drop < N_FRAMES; drop++) {
    TsBuilder ts = { 0 };
    uint64_t pts = 0, dts = 0;
    ts_sound (&ts, 90000, N_FRAMES);
    g_autoptr (GByteArray) before = collect (&ts);
    g_assert_cmpint (forge_ts_trim_unit (ts.bytes, ts.size, &aac, drop * 1920 - 700),
                     ==,
                     FORGE_TS_TRIM_DONE);
    g_autoptr (GByteArray) after = collect (&ts);
    size_t gone = drop * TS_ADTS_BYTES;
    g_assert_cmpuint (after->len, ==, before->len - gone);
    g_assert_cmpmem (after->data + 14,
                     after->len - 14,
                     before->data + 14 + gone,
                     before->len - 14 - gone);
    g_assert_cmpuint ((unsigned)after->data[4] << 8 | after->data[5], ==, after->len - 6);
    /* One start, and counters that follow each other from there on. */
    unsigned starts = 0, last = 0;
    for (size_t at = 0; at < ts.size; at += 188) {
      const uint8_t *p = ts.bytes + at;
      if (forge_ts_pid (p) != TS_AUDIO_PID)
        continue;
      if (forge_ts_starts_unit (p)) {
        starts++;
        g_assert_true (forge_ts_read_pts (p, &pts, &dts));
      } else {
        g_assert_cmpuint (forge_ts_counter (p), ==, (last + 1) & 15);
      }
      last = forge_ts_counter (p);
    }
    g_assert_cmpuint (starts, ==, 1);
    g_assert_cmpuint (pts, ==, 90000 + drop * 1920);
    ts_builder_clear (&ts);
  }
}

static void
test_waits_for_the_cut (void)
{
  TsBuilder ts = { 0 };

  ts_sound (&ts, 90000, N_FRAMES);
  g_autofree uint8_t *before = g_memdup2 (ts.bytes, ts.size);
  g_assert_cmpint (forge_ts_trim_unit (ts.bytes, 3 * 188, &aac, 4 * 1920), ==, FORGE_TS_TRIM_WAIT);
  g_assert_cmpmem (ts.bytes, ts.size, before, ts.size);
  ts_builder_clear (&ts);
}

static void
test_what_cannot_be_cut (void)
{
  ForgeTsStream latm = { .pid = TS_AUDIO_PID, .coding = 0x11 };
  TsBuilder ts = { 0 };

  ts_sound (&ts, 90000, N_FRAMES);
  size_t one = ts.size;
  ts_sound (&ts, 90000 + N_FRAMES * 1920, N_FRAMES);
  g_assert_cmpint (forge_ts_trim_unit (ts.bytes, ts.size, &latm, 1920), ==, FORGE_TS_TRIM_CANNOT);
  /* All of it. */
  g_assert_cmpint (forge_ts_trim_unit (ts.bytes, ts.size, &aac, N_FRAMES * 1920 + 1),
                   ==,
                   FORGE_TS_TRIM_CANNOT);
  /* No frame. */
  memset (ts.bytes + 4 + 14, 0, 7);
  g_assert_cmpint (forge_ts_trim_unit (ts.bytes, one, &aac, 1920), ==, FORGE_TS_TRIM_CANNOT);
  ts_builder_clear (&ts);
}

static void
test_payload_is_replaced_around_the_clock (void)
{
  TsBuilder ts = { 0 };
  uint8_t payload[184];
  uint64_t pcr = 0;

  for (size_t i = 0; i < sizeof payload; i++)
    payload[i] = (uint8_t)i;
  for (size_t size = 0; size <= 184; size++) {
    ts.size = 0;
    uint8_t *p = ts_packet (&ts, 0x100, false);
    g_assert_true (forge_ts_set_payload (p, payload, size));
    g_assert_cmpuint (188 - forge_ts_payload_offset (p), ==, size);
    g_assert_cmpmem (p + 188 - size, size, payload, size);
    g_assert_false (forge_ts_is_random_access (p));

    ts.size = 0;
    p = ts_unit (&ts, 0x100, true, 777, payload, 10);
    bool fits = size <= 184 - 8;
    g_assert_true (forge_ts_set_payload (p, payload, size) == fits);
    g_assert_true (forge_ts_read_pcr (p, &pcr) && pcr == 777);
    g_assert_true (forge_ts_is_random_access (p));
  }
  ts_builder_clear (&ts);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mpegts/trim/frames-go-header-stays", test_frames_go_header_stays);
  g_test_add_func ("/mpegts/trim/waits-for-the-cut", test_waits_for_the_cut);
  g_test_add_func ("/mpegts/trim/what-cannot-be-cut", test_what_cannot_be_cut);
  g_test_add_func ("/mpegts/trim/payload-is-replaced-around-the-clock",
                   test_payload_is_replaced_around_the_clock);
  return g_test_run ();
}
