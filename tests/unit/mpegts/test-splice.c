/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-splice.h"
#include "ts-builder.h"

#include <glib.h>

#define FRAME 3600u

/* A programme on any PIDs: what a source sends. */
typedef struct {
  unsigned pmt_pid, video_pid, audio_pid; /* 0 = none */
  uint8_t video_type, audio_type;
  unsigned padding; /* of descriptors in the PMT */
} Layout;

static const Layout layout_a = { 0x1000, 0x100, 0x101, 0x1B, 0x0F, 0 };
static const Layout layout_b = { 0x1100, 0x1000, 0x64, 0x1B, 0x0F, 0 };

/* The output after source A, and what a splice needs of it. */
typedef struct {
  TsBuilder a, b;
  ForgeTsScan out, in;
  ForgeTsTimeline past;
  ForgeTsSplice splice;
} Fixture;

static void
put_entry (uint8_t *s, size_t *at, uint8_t type, unsigned pid)
{
  const uint8_t entry[5] = { type, (uint8_t)(0xE0u | pid >> 8), (uint8_t)pid, 0xF0, 0 };

  memcpy (s + *at, entry, sizeof entry);
  *at += sizeof entry;
}

static void
put_tables (TsBuilder *b, const Layout *l, unsigned version)
{
  unsigned pcr = l->video_pid ? l->video_pid : l->audio_pid;
  uint8_t s[FORGE_TS_SECTION_MAX_BYTES] = { 0x02, 0, 0, 0, 1, (uint8_t)(0xC1u | version << 1) };
  size_t at = 12 + l->padding;

  ts_pat (b, 0, l->pmt_pid);
  s[8] = (uint8_t)(0xE0u | pcr >> 8);
  s[9] = (uint8_t)pcr;
  s[10] = (uint8_t)(0xF0u | l->padding >> 8);
  s[11] = (uint8_t)l->padding;
  if (l->video_pid)
    put_entry (s, &at, l->video_type, l->video_pid);
  if (l->audio_pid)
    put_entry (s, &at, l->audio_type, l->audio_pid);
  ts_section (b, l->pmt_pid, s, at + 4);
}

/* Pictures of three packets, each followed by two frames of sound. */
static void
put_media (TsBuilder *b, const Layout *l, uint64_t pts, unsigned n_pictures)
{
  for (unsigned i = 0; i < n_pictures; i++) {
    if (l->video_pid) {
      ts_unit (b, l->video_pid, i == 0, pts + i * FRAME, ts_slice, sizeof ts_slice);
      ts_fill (b, l->video_pid, 2);
    }
    if (l->audio_pid)
      ts_sound_on (b, l->audio_pid, pts + i * 3840u, 2);
  }
}

static void
scan_all (ForgeTsScan *scan, const uint8_t *bytes, size_t size)
{
  size_t at = 0;

  while (forge_ts_scan_run (scan, bytes, size, 0, &at) != FORGE_TS_SCAN_DONE)
    continue;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  const uint64_t *start = data;

  memset (f, 0, sizeof *f);
  put_tables (&f->a, &layout_a, 0);
  put_media (&f->a, &layout_a, start ? *start : 90000, 10);
  forge_ts_scan_reset (&f->out);
  scan_all (&f->out, f->a.bytes, f->a.size);
  forge_ts_timeline_learn (&f->past, &f->out.psi, f->a.bytes, f->a.size);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  ts_builder_clear (&f->a);
  ts_builder_clear (&f->b);
}

/* Splices source B on, in blocks of `block` packets, as a relay does; its tables come first. */
static GByteArray *
splice_on (Fixture *f, size_t block)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];
  GByteArray *got = g_byte_array_new ();
  g_autofree uint8_t *bytes = g_memdup2 (f->b.bytes, f->b.size);
  size_t head = 0, done = 0;

  forge_ts_scan_reset (&f->in);
  for (size_t at = 0; at < f->b.size && !forge_ts_psi_is_complete (&f->in.psi);)
    forge_ts_scan_run (&f->in, bytes, f->b.size, 0, &at);
  g_assert_true (forge_ts_psi_is_complete (&f->in.psi));
  while (!forge_ts_starts_unit (bytes + head) || forge_ts_pid (bytes + head) != f->in.leading_pid)
    head += 188;
  forge_ts_splice_begin (&f->splice, &f->out, &f->past, &f->in.psi, bytes + head, f->b.size - head);
  size_t n_tables = forge_ts_splice_write_tables (&f->splice, tables, NULL);
  g_byte_array_append (got, tables, (guint)n_tables);
  for (size_t end = block * 188; done < f->b.size; end += block * 188) {
    size_t to = MIN (end, f->b.size);
    size_t ran = forge_ts_splice_run (&f->splice, bytes + done, to - done);
    done += ran;
    if (to == f->b.size && ran == 0)
      break;
  }
  g_byte_array_append (got, bytes, (guint)done);
  return got;
}

/* The PTS of the n-th unit on a PID. */
static bool
find_unit (const GByteArray *got, unsigned pid, unsigned n, uint64_t *pts)
{
  uint64_t dts;

  for (guint at = 0; at < got->len; at += 188)
    if (forge_ts_pid (got->data + at) == pid && forge_ts_starts_unit (got->data + at) && n-- == 0)
      return forge_ts_read_pts (got->data + at, pts, &dts);
  return false;
}

static unsigned
count_packets (const GByteArray *got, unsigned pid)
{
  unsigned n = 0;

  for (guint at = 0; at < got->len; at += 188)
    n += forge_ts_pid (got->data + at) == pid;
  return n;
}

/* What the output's scan says after it: nothing is wrong with it. */
static void
assert_continuous (Fixture *f, const GByteArray *got)
{
  uint64_t before = f->out.continuity_errors;

  scan_all (&f->out, got->data, got->len);
  g_assert_cmpuint (f->out.continuity_errors, ==, before);
  g_assert_cmpuint (f->out.psi.bad_sections, ==, 0);
}

static void
test_goes_on_where_the_last_ended (Fixture *f, gconstpointer data)
{
  const uint64_t *start = data;
  uint64_t end = (start ? *start : 90000) + 10 * FRAME, pts = 0, pcr = 0, last = f->past.pcr;

  put_tables (&f->b, &layout_b, 7);
  put_media (&f->b, &layout_b, 5000000, 5);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_true (find_unit (got, 0x100, 0, &pts));
  g_assert_cmpuint (pts, ==, end & FORGE_TS_CLOCK_MASK);
  g_assert_cmpuint (count_packets (got, 0x1000),
                    ==,
                    2); /* ours and theirs: the PMT, nothing else */
  g_assert_cmpuint (count_packets (got, 0x1100), ==, 0);
  g_assert_cmpuint (count_packets (got, 0x64), ==, 0);
  g_assert_cmpuint (f->out.psi.pmt.version, ==, 0);
  for (guint at = 0; at < got->len; at += 188)
    if (forge_ts_read_pcr (got->data + at, &pcr)) {
      g_assert_cmpint (forge_ts_ticks_after (pcr, last), >, 0);
      last = pcr;
    }
  /* Sound of A ends at 10 × 3840 after its start, that of B would begin 2400 before: two frames
   * less. */
  g_assert_true (find_unit (got, 0x101, 0, &pts));
  g_assert_cmpint (forge_ts_ticks_after (pts, end + 2400), >=, -90);
  g_assert_cmpint (forge_ts_ticks_after (pts, end + 2400), <, 1920);
}

static void
test_cuts_do_not_matter (Fixture *f, gconstpointer data)
{
  static ForgeTsSplice zero;

  put_tables (&f->b, &layout_b, 7);
  put_media (&f->b, &layout_b, 5000000, 5);
  g_autoptr (GByteArray) want = splice_on (f, 1000);
  for (size_t block = 1; block < 40; block++) {
    f->splice = zero;
    g_autoptr (GByteArray) got = splice_on (f, block);
    g_assert_cmpmem (got->data, got->len, want->data, want->len);
  }
}

static void
test_other_coding_gets_another_pid (Fixture *f, gconstpointer data)
{
  static const Layout ac3 = { 0x1100, 0x200, 0x101, 0x24, 0x81, 0 };
  static const Layout back = { 0x1200, 0x300, 0x301, 0x1B, 0x0F, 0 };
  uint64_t pts;

  put_tables (&f->b, &ac3, 3);
  put_media (&f->b, &ac3, 0, 5);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_cmpuint (f->out.psi.pmt.version, ==, 1);
  g_assert_cmpuint (f->out.psi.n_streams, ==, 2);
  g_assert_cmpuint (f->out.psi.video_type, ==, 0x24);
  g_assert_cmpuint (f->out.psi.video_pid, ==, 0x200);
  g_assert_cmpuint (f->out.psi.pcr_pid, ==, 0x200);
  g_assert_cmpuint (f->out.psi.audio_pid, !=, 0x101);
  g_assert_cmpuint (count_packets (got, 0x100) + count_packets (got, 0x101), ==, 0);
  g_assert_true (find_unit (got, 0x200, 0, &pts));

  /* And back to the PIDs that had these codings. */
  forge_ts_timeline_learn (&f->past, &f->out.psi, got->data, got->len);
  f->b.size = 0;
  put_tables (&f->b, &back, 3);
  put_media (&f->b, &back, 0, 5);
  g_autoptr (GByteArray) again = splice_on (f, 1000);
  assert_continuous (f, again);
  g_assert_cmpuint (f->out.psi.pmt.version, ==, 2);
  g_assert_cmpuint (f->out.psi.video_pid, ==, 0x100);
  g_assert_cmpuint (f->out.psi.audio_pid, ==, 0x101);
}

static void
test_radio_keeps_the_picture_in_the_tables (Fixture *f, gconstpointer data)
{
  static const Layout radio = { 0x1100, 0, 0x44, 0, 0x0F, 0 };
  uint64_t pts;

  put_tables (&f->b, &radio, 3);
  put_media (&f->b, &radio, 0, 5);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_cmpuint (f->out.psi.video_pid, ==, 0x100);
  g_assert_cmpuint (f->out.psi.pcr_pid, ==, 0x101);
  g_assert_true (find_unit (got, 0x101, 0, &pts));
  g_assert_cmpuint (pts, ==, 90000 + 10 * 3840);
}

static void
test_leading_pictures_are_left_out (Fixture *f, gconstpointer data)
{
  static const unsigned shown[] = { 2, 0, 1, 5, 3, 4 };
  uint64_t pts;

  put_tables (&f->b, &layout_b, 0);
  for (unsigned i = 0; i < G_N_ELEMENTS (shown); i++)
    ts_unit_dts (&f->b, layout_b.video_pid, 70000 + shown[i] * FRAME, 70000 + i * FRAME - FRAME);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_cmpuint (count_packets (got, 0x100), ==, 4);
  g_assert_true (find_unit (got, 0x100, 0, &pts));
  uint64_t first = pts;
  g_assert_true (find_unit (got, 0x100, 1, &pts));
  g_assert_cmpuint (pts, ==, first + 3 * FRAME);
}

static void
test_other_pids (Fixture *f, gconstpointer data)
{
  ts_packet (&f->a, 0x11, true);
  scan_all (&f->out, f->a.bytes + f->a.size - 188, 188);
  f->b.counters[0x11] = 9;
  put_tables (&f->b, &layout_b, 0);
  put_media (&f->b, &layout_b, 0, 2);
  ts_packet (&f->b, 0x11, true);
  ts_packet (&f->b, 0x777, true); /* another programme */
  ts_null (&f->b);
  put_media (&f->b, &layout_b, 2 * FRAME, 2);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_cmpuint (count_packets (got, 0x11), ==, 1);
  g_assert_cmpuint (count_packets (got, 0x777), ==, 0);
}

static void
test_damage_stays_visible (Fixture *f, gconstpointer data)
{
  put_tables (&f->b, &layout_b, 0);
  put_media (&f->b, &layout_b, 0, 2);
  f->b.counters[layout_b.video_pid] += 3; /* lost packets */
  put_media (&f->b, &layout_b, 2 * FRAME, 2);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  scan_all (&f->out, got->data, got->len);
  g_assert_cmpuint (f->out.continuity_errors, ==, 1);
}

static void
test_source_that_moves_its_streams (Fixture *f, gconstpointer data)
{
  static const Layout moved = { 0x1100, 0x222, 0x223, 0x1B, 0x0F, 0 };
  uint64_t pts;

  put_tables (&f->b, &layout_b, 0);
  put_media (&f->b, &layout_b, 0, 2);
  put_tables (&f->b, &moved, 1);
  put_media (&f->b, &moved, 2 * FRAME, 2);
  g_autoptr (GByteArray) got = splice_on (f, 3);
  assert_continuous (f, got);
  g_assert_cmpuint (f->out.psi.pmt.version, ==, 0);
  g_assert_true (find_unit (got, 0x100, 1, &pts));
  g_assert_cmpuint (count_packets (got, 0x222), ==, 0);
}

static void
test_long_tables_are_asked_for (Fixture *f, gconstpointer data)
{
  static const Layout padded = { 0x1000, 0x100, 0x101, 0x1B, 0x0F, 300 };
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];

  ts_builder_clear (&f->a);
  put_tables (&f->a, &padded, 0);
  put_media (&f->a, &padded, 0, 3);
  forge_ts_scan_reset (&f->out);
  scan_all (&f->out, f->a.bytes, f->a.size);
  put_tables (&f->b, &layout_b, 0);
  put_media (&f->b, &layout_b, 0, 3);
  g_autoptr (GByteArray) got = splice_on (f, 1000);
  assert_continuous (f, got);
  g_assert_true (f->splice.wants_tables);
  g_assert_cmpuint (forge_ts_splice_write_tables (&f->splice, tables, NULL), ==, 3 * 188);
  g_assert_false (f->splice.wants_tables);
}

static void
test_tables_in_between_only_renumber_tables (Fixture *f, gconstpointer data)
{
  uint8_t tables[FORGE_TS_PSI_MAX_BYTES];

  forge_ts_splice_begin_counting (&f->splice, &f->out);
  size_t bytes = forge_ts_splice_write_tables (&f->splice, tables, NULL);
  scan_all (&f->out, tables, bytes);
  size_t from = f->a.size;
  put_tables (&f->a, &layout_a, 0);
  put_media (&f->a, &layout_a, 0, 3);
  g_autofree uint8_t *raw = g_memdup2 (f->a.bytes + from, f->a.size - from);
  forge_ts_splice_run (&f->splice, f->a.bytes + from, f->a.size - from);
  scan_all (&f->out, f->a.bytes + from, f->a.size - from);
  g_assert_cmpuint (f->out.continuity_errors, ==, 0);
  g_assert_cmpmem (f->a.bytes + from + 2 * 188,
                   f->a.size - from - 2 * 188,
                   raw + 2 * 188,
                   f->a.size - from - 2 * 188);
}

/* Whatever comes: whole packets of the output's PIDs. */
static void
test_noise_stays_inside (Fixture *f, gconstpointer data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);

  put_tables (&f->b, &layout_b, 0);
  put_media (&f->b, &layout_b, 0, 20);
  size_t clean = f->b.size;
  for (int round = 0; round < 300; round++) {
    TsBuilder whole = f->b;
    f->b.bytes = g_memdup2 (whole.bytes, whole.size);
    f->b.room = 0;
    for (size_t at = 4 * 188; at < clean; at += 188)
      for (int i = g_rand_int_range (rand, 0, 3); i > 0; i--)
        f->b.bytes[at + (size_t)g_rand_int_range (rand, 1, 188)] = (uint8_t)g_rand_int (rand);
    g_autoptr (GByteArray) got = splice_on (f, 1 + (size_t)round % 50);
    g_assert_cmpuint (got->len % 188, ==, 0);
    for (guint at = 0; at < got->len; at += 188)
      g_assert_cmpuint (got->data[at], ==, FORGE_TS_SYNC);
    g_free (f->b.bytes);
    f->b = whole;
  }
}

static const uint64_t before_wrap = FORGE_TS_CLOCK_MASK - 5 * FRAME;

#define ADD(name, options, func) \
  g_test_add ("/mpegts/splice/" name, Fixture, options, set_up, func, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("goes-on-where-the-last-ended", NULL, test_goes_on_where_the_last_ended);
  ADD ("goes-on-over-the-wrap", &before_wrap, test_goes_on_where_the_last_ended);
  ADD ("cuts-do-not-matter", NULL, test_cuts_do_not_matter);
  ADD ("other-coding-gets-another-pid", NULL, test_other_coding_gets_another_pid);
  ADD ("radio-keeps-the-picture-in-the-tables", NULL, test_radio_keeps_the_picture_in_the_tables);
  ADD ("leading-pictures-are-left-out", NULL, test_leading_pictures_are_left_out);
  ADD ("other-pids", NULL, test_other_pids);
  ADD ("damage-stays-visible", NULL, test_damage_stays_visible);
  ADD ("source-that-moves-its-streams", NULL, test_source_that_moves_its_streams);
  ADD ("long-tables-are-asked-for", NULL, test_long_tables_are_asked_for);
  ADD ("tables-in-between-only-renumber-tables", NULL, test_tables_in_between_only_renumber_tables);
  ADD ("noise-stays-inside", NULL, test_noise_stays_inside);
  return g_test_run ();
}
