/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-psi.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

typedef struct {
  ForgeTsPsi psi;
  TsBuilder b;
  unsigned changes;
} Fixture;

static void
set_up (Fixture *f, gconstpointer data)
{
  memset (f, 0, sizeof *f);
  forge_ts_psi_reset (&f->psi);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ts_builder_clear (&f->b);
}

/* Pushes what was built and starts over. */
static void
push_all (Fixture *f)
{
  for (size_t at = 0; at < f->b.size; at += FORGE_TS_PACKET_BYTES) {
    unsigned pid = forge_ts_pid (f->b.bytes + at);
    if (pid == FORGE_TS_PAT_PID || pid == f->psi.pmt_pid)
      f->changes += forge_ts_psi_push (&f->psi, f->b.bytes + at);
  }
  f->b.size = 0;
}

static void
test_tables_are_read (Fixture *f, gconstpointer data)
{
  ts_pat (&f->b, 3, TS_PMT_PID);
  ts_pmt (&f->b, 5, 0x24, 0);
  push_all (f);
  g_assert_cmpuint (f->changes, ==, 2);
  g_assert_true (forge_ts_psi_is_complete (&f->psi));
  g_assert_cmpuint (f->psi.pmt_pid, ==, TS_PMT_PID);
  g_assert_cmpuint (f->psi.pcr_pid, ==, TS_VIDEO_PID);
  g_assert_cmpuint (f->psi.video_pid, ==, TS_VIDEO_PID);
  g_assert_cmpuint (f->psi.video_type, ==, 0x24);
  g_assert_cmpint (f->psi.video, ==, FORGE_TS_VIDEO_HEVC);
  g_assert_cmpuint (f->psi.audio_pid, ==, TS_AUDIO_PID);
  g_assert_cmpuint (f->psi.n_streams, ==, 2);
  g_assert_cmpuint (f->psi.pmt.version, ==, 5);
}

static void
test_repetition_is_no_change (Fixture *f, gconstpointer data)
{
  for (unsigned i = 0; i < 20; i++) {
    ts_pat (&f->b, 0, TS_PMT_PID);
    ts_pmt (&f->b, 0, 0x1B, 0);
  }
  push_all (f);
  g_assert_cmpuint (f->changes, ==, 2);
  ts_pmt (&f->b, 1, 0x02, 0);
  push_all (f);
  g_assert_cmpuint (f->changes, ==, 3);
  g_assert_cmpint (f->psi.video, ==, FORGE_TS_VIDEO_MPEG2);
}

static void
test_wrong_crc_is_ignored (Fixture *f, gconstpointer data)
{
  ts_pat (&f->b, 0, TS_PMT_PID);
  push_all (f);
  ts_pmt (&f->b, 0, 0x1B, 0);
  f->b.bytes[20] ^= 0x01;
  push_all (f);
  g_assert_false (forge_ts_psi_is_complete (&f->psi));
  g_assert_cmpuint (f->psi.bad_sections, ==, 1);
}

static void
test_long_section_needs_all_its_packets (Fixture *f, gconstpointer data)
{
  ts_pat (&f->b, 0, TS_PMT_PID);
  push_all (f);
  ts_pmt (&f->b, 0, 0x1B, 700); /* four packets */
  g_assert_cmpuint (f->b.size, ==, 4 * FORGE_TS_PACKET_BYTES);
  memmove (f->b.bytes + 188, f->b.bytes + 2 * 188, 2 * 188);
  f->b.size -= 188;
  push_all (f);
  g_assert_false (forge_ts_psi_is_complete (&f->psi));

  ts_pmt (&f->b, 0, 0x1B, 700);
  push_all (f);
  g_assert_true (forge_ts_psi_is_complete (&f->psi));
  g_assert_cmpuint (f->psi.pmt.n_packets, ==, 4);
}

static void
test_duplicate_packet_inside_a_section_is_harmless (Fixture *f, gconstpointer data)
{
  uint8_t twice[FORGE_TS_PACKET_BYTES];

  ts_pat (&f->b, 0, TS_PMT_PID);
  push_all (f);
  ts_pmt (&f->b, 0, 0x1B, 300);
  memcpy (twice, f->b.bytes, sizeof twice);
  f->changes += forge_ts_psi_push (&f->psi, twice);
  push_all (f);
  g_assert_true (forge_ts_psi_is_complete (&f->psi));
}

static void
test_next_version_does_not_count_yet (Fixture *f, gconstpointer data)
{
  ts_pat (&f->b, 0, TS_PMT_PID);
  f->b.bytes[5 + 5] &= 0xFE; /* current_next_indicator = 0, CRC made good again */
  uint32_t crc = forge_ts_crc32 (f->b.bytes + 5, 12);
  for (unsigned i = 0; i < 4; i++)
    f->b.bytes[5 + 12 + i] = (uint8_t)(crc >> (24 - 8 * i));
  push_all (f);
  g_assert_false (f->psi.pat.is_known);
  g_assert_cmpuint (f->psi.bad_sections, ==, 0);
}

static void
test_written_tables_end_in_the_wanted_counters (Fixture *f, gconstpointer data)
{
  uint8_t out[FORGE_TS_PSI_MAX_BYTES];

  g_assert_cmpuint (forge_ts_psi_write (&f->psi, 0, 0, out), ==, 0);
  ts_pat (&f->b, 0, TS_PMT_PID);
  ts_pmt (&f->b, 0, 0x1B, 200); /* two packets */
  push_all (f);
  g_assert_cmpuint (forge_ts_psi_write (&f->psi, 15, 0, out), ==, 3 * 188);
  g_assert_cmpuint (forge_ts_counter (out), ==, 15);
  g_assert_cmpuint (forge_ts_counter (out + 188), ==, 15);
  g_assert_cmpuint (forge_ts_counter (out + 2 * 188), ==, 0);
}

static void
test_hostile_packets_are_survived (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  uint8_t packet[FORGE_TS_PACKET_BYTES];

  for (unsigned i = 0; i < 20000; i++) {
    for (gsize k = 0; k < sizeof packet; k++)
      packet[k] = (uint8_t)g_rand_int_range (rand, 0, i % 3 ? 256 : 8);
    packet[0] = FORGE_TS_SYNC;
    packet[1] = (uint8_t)(i % 5 ? 0x40 : 0);
    packet[2] = 0;
    packet[3] = (uint8_t)(0x10 | (i & 0x0F));
    forge_ts_psi_push (&f->psi, packet);
  }
  g_assert_cmpuint (f->psi.bad_sections, >, 0);
  g_assert_false (forge_ts_psi_is_complete (&f->psi));
}

#define ADD(name, func) g_test_add ("/mpegts/psi/" name, Fixture, NULL, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("tables-are-read", test_tables_are_read);
  ADD ("repetition-is-no-change", test_repetition_is_no_change);
  ADD ("wrong-crc-is-ignored", test_wrong_crc_is_ignored);
  ADD ("long-section-needs-all-its-packets", test_long_section_needs_all_its_packets);
  ADD ("duplicate-inside-a-section-is-harmless",
       test_duplicate_packet_inside_a_section_is_harmless);
  ADD ("next-version-does-not-count-yet", test_next_version_does_not_count_yet);
  ADD ("written-tables-end-in-the-wanted-counters", test_written_tables_end_in_the_wanted_counters);
  ADD ("hostile-packets-are-survived", test_hostile_packets_are_survived);
  return g_test_run ();
}
