/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-align.h"
#include "tests/unit/mpegts/ts-builder.h"

#include <glib.h>

/* Runs `input` through the aligner in two cuts; returns what comes out. */
static GByteArray *
run_cut (const uint8_t *input, size_t size, size_t cut, ForgeTsAlign *align)
{
  GByteArray *out = g_byte_array_new ();
  g_autofree uint8_t *work = g_malloc (size + 1);
  size_t rest = 0, parts[2] = { cut, size - cut };

  forge_ts_align_reset (align);
  for (size_t i = 0, at = 0; i < 2; at += parts[i++]) {
    memcpy (work + rest, input + at, parts[i]);
    size_t whole = forge_ts_align_run (align, work, rest + parts[i], &rest);
    g_assert_cmpuint (whole % FORGE_TS_PACKET_BYTES, ==, 0);
    g_assert_cmpuint (rest, <=, FORGE_TS_ALIGN_REST_MAX);
    g_byte_array_append (out, work, (guint)whole);
    memmove (work, work + whole, rest);
  }
  return out;
}

static void
assert_every_cut_gives (const uint8_t *input, size_t size, const uint8_t *want, size_t want_size)
{
  for (size_t cut = 0; cut <= size; cut++) {
    ForgeTsAlign align;
    g_autoptr (GByteArray) out = run_cut (input, size, cut, &align);
    g_assert_cmpmem (out->data, out->len, want, want_size);
  }
}

static void
make_clip (TsBuilder *b)
{
  ts_gop (b, 0, 2, 4);
}

static void
test_every_cut_gives_the_same_packets (void)
{
  TsBuilder b = { 0 };
  make_clip (&b);
  assert_every_cut_gives (b.bytes, b.size, b.bytes, b.size);
  ts_builder_clear (&b);
}

static void
test_preamble_is_dropped (void)
{
  static const char preamble[] = "<br />\n<b>Warning</b>: G in /home/GG.php on line 7<br />\n";
  TsBuilder b = { 0 };
  make_clip (&b);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_byte_array_append (input, (const guint8 *)preamble, sizeof preamble);
  g_byte_array_append (input, b.bytes, (guint)b.size);
  assert_every_cut_gives (input->data, input->len, b.bytes, b.size);
  ts_builder_clear (&b);
}

static void
test_wide_spacing_is_stripped (void)
{
  static const unsigned spacings[] = { 192, 204 };

  for (gsize i = 0; i < G_N_ELEMENTS (spacings); i++) {
    TsBuilder b = { 0 };
    make_clip (&b);
    g_autoptr (GByteArray) input = g_byte_array_new ();
    const guint8 extra[16] = { 1, 2, 3 };
    unsigned n_extra = spacings[i] - 188;
    for (size_t at = 0; at < b.size; at += 188) {
      if (spacings[i] == 192) /* M2TS: a time stamp in front */
        g_byte_array_append (input, extra, n_extra);
      g_byte_array_append (input, b.bytes + at, 188);
      if (spacings[i] == 204) /* Reed-Solomon behind */
        g_byte_array_append (input, extra, n_extra);
    }
    assert_every_cut_gives (input->data, input->len, b.bytes, b.size);
    ts_builder_clear (&b);
  }
}

static void
test_lost_bytes_cost_one_packet (void)
{
  TsBuilder b = { 0 };
  make_clip (&b);
  g_autoptr (GByteArray) input = g_byte_array_new ();
  g_autoptr (GByteArray) want = g_byte_array_new ();
  size_t hole = 3 * 188 + 50;
  g_byte_array_append (input, b.bytes, (guint)hole);
  g_byte_array_append (input, b.bytes + hole + 77, (guint)(b.size - hole - 77));
  /* The packet with the hole still has its length, made up with bytes of the next, which is lost.
   */
  g_byte_array_append (want, b.bytes, (guint)hole);
  g_byte_array_append (want, b.bytes + hole + 77, 188 - 50);
  g_byte_array_append (want, b.bytes + 5 * 188, (guint)(b.size - 5 * 188));
  assert_every_cut_gives (input->data, input->len, want->data, want->len);

  ForgeTsAlign align;
  g_autoptr (GByteArray) out = run_cut (input->data, input->len, 100, &align);
  g_assert_cmpuint (out->len, ==, want->len);
  g_assert_cmpuint (align.losses, ==, 1);
  ts_builder_clear (&b);
}

static void
test_garbage_is_given_up (void)
{
  size_t size = FORGE_TS_ALIGN_GIVE_UP_BYTES + 4096, rest = 0;
  g_autofree uint8_t *page = g_malloc (size);
  ForgeTsAlign align = { 0 };

  memset (page, 'G', 64); /* 'G' is the sync byte */
  memset (page + 64, 'x', size - 64);
  g_assert_cmpuint (forge_ts_align_run (&align, page, 4096, &rest), ==, 0);
  g_assert_false (forge_ts_align_has_failed (&align));
  g_assert_cmpuint (forge_ts_align_run (&align, page, size, &rest), ==, 0);
  g_assert_true (forge_ts_align_has_failed (&align));
  g_assert_cmpuint (rest, <=, FORGE_TS_ALIGN_REST_MAX);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mpegts/align/every-cut-gives-the-same-packets",
                   test_every_cut_gives_the_same_packets);
  g_test_add_func ("/mpegts/align/preamble-is-dropped", test_preamble_is_dropped);
  g_test_add_func ("/mpegts/align/wide-spacing-is-stripped", test_wide_spacing_is_stripped);
  g_test_add_func ("/mpegts/align/lost-bytes-cost-one-packet", test_lost_bytes_cost_one_packet);
  g_test_add_func ("/mpegts/align/garbage-is-given-up", test_garbage_is_given_up);
  return g_test_run ();
}
