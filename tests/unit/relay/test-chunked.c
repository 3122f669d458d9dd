/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "relay/forge-chunked.h"

#include <glib.h>

#include <string.h>

static void
assert_every_cut_gives (const char *coded, const char *want, ForgeChunkedState state)
{
  size_t size = strlen (coded);

  for (size_t cut = 0; cut <= size; cut++)
    for (size_t cut2 = cut; cut2 <= size; cut2++) {
      ForgeChunked chunked = { 0 };
      g_autoptr (GString) out = g_string_new (NULL);
      size_t ends[] = { 0, cut, cut2, size };
      for (size_t i = 0; i < 3; i++) {
        g_autofree char *part = g_strndup (coded + ends[i], ends[i + 1] - ends[i]);
        size_t n = forge_chunked_run (&chunked, (uint8_t *)part, ends[i + 1] - ends[i]);
        g_string_append_len (out, part, (gssize)n);
      }
      g_assert_cmpstr (out->str, ==, want);
      g_assert_cmpint (chunked.state, ==, state);
    }
}

static void
test_every_cut_gives_the_same_body (void)
{
  assert_every_cut_gives ("3\r\nabc\r\n10;x=\"1\"\r\n0123456789abcdef\r\n1\nz\n0\r\n\r\nmore",
                          "abc0123456789abcdefz",
                          FORGE_CHUNKED_DONE);
  assert_every_cut_gives ("2 \r\nab\r\n0\r\nX: y\r\nZ: w\r\n\r\n", "ab", FORGE_CHUNKED_DONE);
  assert_every_cut_gives ("5\r\nabc", "abc", FORGE_CHUNKED_DATA);
}

static void
test_broken_coding_is_told (void)
{
  static const struct {
    const char *coded, *want;
  } cases[] = {
    { "<html>", "" }, { "\r\nabc", "" }, { "2\r\nabX", "ab" },           { "2\r\nab\r\r\n", "ab" },
    { "2\rab", "" },  { "-1\r\n", "" },  { "1111111111111111\r\n", "" }, /* 16 digits */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_every_cut_gives (cases[i].coded, cases[i].want, FORGE_CHUNKED_BROKEN);
}

static void
test_endless_lines_are_bounded (void)
{
  static const char *const starts[] = { "5;", "0\r\n" };

  for (gsize i = 0; i < G_N_ELEMENTS (starts); i++) {
    ForgeChunked chunked = { 0 };
    g_autofree char *start = g_strdup (starts[i]);
    char filler[256];
    forge_chunked_run (&chunked, (uint8_t *)start, strlen (start));
    for (unsigned n = 0; n <= FORGE_CHUNKED_LINE_MAX_BYTES / sizeof filler; n++) {
      memset (filler, 'x', sizeof filler);
      g_assert_cmpuint (forge_chunked_run (&chunked, (uint8_t *)filler, sizeof filler), ==, 0);
    }
    g_assert_cmpint (chunked.state, ==, FORGE_CHUNKED_BROKEN);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/relay/chunked/every-cut-gives-the-same-body",
                   test_every_cut_gives_the_same_body);
  g_test_add_func ("/relay/chunked/broken-coding-is-told", test_broken_coding_is_told);
  g_test_add_func ("/relay/chunked/endless-lines-are-bounded", test_endless_lines_are_bounded);
  return g_test_run ();
}
