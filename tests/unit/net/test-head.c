/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-dial-sniff.h"
#include "net/forge-http-head.h"

#include <string.h>

static ForgeHttpHeadResult
parse (const char *text, ForgeHttpHead *head)
{
  const char *why;

  return forge_http_head_parse (text, strlen (text), head, &why);
}

static void
test_good_heads (void)
{
  static const struct {
    const char *text;
    guint status;
    gint64 length;
    gboolean is_chunked;
    const char *location, *encoding;
  } table[] = {
    { "HTTP/1.1 200 OK\r\n\r\n", 200, -1, FALSE, NULL, NULL },
    { "HTTP/1.0 302\nlocation:  http://a/b \n\n", 302, -1, FALSE, "http://a/b", NULL },
    { "ICY 200 OK\r\n\r\n", 200, -1, FALSE, NULL, NULL },
    { "HTTP/1.1 999 x\r\nContent-Length: 12\r\nContent-Length: 12\r\n\r\n",
      999,
      12,
      FALSE,
      NULL,
      NULL },
    { "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", 200, -1, FALSE, NULL, NULL },
    { "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: Chunked\r\n\r\n",
      200,
      -1,
      TRUE,
      NULL,
      NULL },
    { "HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nno colon\r\n\r\n",
      200,
      -1,
      FALSE,
      NULL,
      NULL },
    { "HTTP/1.1 200 OK\r\nCONTENT-ENCODING: gzip\r\n folded: x\r\n\r\n",
      200,
      -1,
      FALSE,
      NULL,
      "gzip" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_auto (ForgeHttpHead) head = { 0 };
    g_assert_cmpint (parse (table[i].text, &head), ==, FORGE_HTTP_HEAD_DONE);
    g_assert_cmpuint (head.status, ==, table[i].status);
    g_assert_cmpuint (head.length, ==, strlen (table[i].text));
    g_assert_cmpint (head.content_length, ==, table[i].length);
    g_assert_cmpint (head.is_chunked, ==, table[i].is_chunked);
    g_assert_cmpstr (head.location, ==, table[i].location);
    g_assert_cmpstr (head.content_encoding, ==, table[i].encoding);
  }
}

static void
test_bad_heads (void)
{
  static const char *const table[] = {
    "GET / HTTP/1.1\r\n\r\n",
    "<html>",
    "HTTP/2 200\r\n\r\n",
    "HTTP/1.1 099 x\r\n\r\n",
    "HTTP/1.1 2000 x\r\n\r\n",
    "HTTP/1.1 20 x\r\n\r\n",
    "HTTP/1.1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.1 302 x\r\nLocation: a\tb\r\n\r\n",
    "HTTP/1.1 302 x\r\nLocation: a\rb\r\n\r\n",
  };
  static const char nul[] = "HTTP/1.1 200 OK\r\nX: \0\r\n\r\n";

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    g_auto (ForgeHttpHead) head = { 0 };
    g_test_message ("%s", table[i]);
    g_assert_cmpint (parse (table[i], &head), ==, FORGE_HTTP_HEAD_BAD);
  }
  g_auto (ForgeHttpHead) head = { 0 };
  const char *why;
  g_assert_cmpint (forge_http_head_parse (nul, sizeof nul - 1, &head, &why),
                   ==,
                   FORGE_HTTP_HEAD_BAD);
}

static void
test_every_prefix_asks_for_more (void)
{
  static const char text[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n";
  const char *why;

  for (gsize n = 0; n < strlen (text); n++) {
    g_auto (ForgeHttpHead) head = { 0 };
    g_autofree char *part = g_memdup2 (text, n + 1); /* exact, so that a sanitiser sees overruns */
    g_assert_cmpint (forge_http_head_parse (part, n, &head, &why), ==, FORGE_HTTP_HEAD_MORE);
  }
}

static void
assert_peek (const char *coded, gboolean is_good, const char *plain, gboolean is_end)
{
  g_autoptr (GByteArray) out = g_byte_array_new ();
  gboolean end;

  g_test_message ("%s", coded);
  g_assert_cmpint (forge_http_peek_chunked ((const guint8 *)coded, strlen (coded), out, &end),
                   ==,
                   is_good);
  if (!is_good)
    return;
  g_assert_cmpmem (out->data, out->len, plain, strlen (plain));
  g_assert_cmpint (end, ==, is_end);
}

static void
test_chunks (void)
{
  assert_peek ("", TRUE, "", FALSE);
  assert_peek ("5", TRUE, "", FALSE);
  assert_peek ("5\r\nab", TRUE, "ab", FALSE);
  assert_peek ("2;a=b\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", TRUE, "abcde", TRUE);
  assert_peek ("2\nab\n0\n\n", TRUE, "ab", TRUE);
  assert_peek ("2\r\nab\r", TRUE, "ab", FALSE);
  assert_peek ("zz\r\n", FALSE, NULL, FALSE);
  assert_peek ("2\r\nabXX", FALSE, NULL, FALSE);
  assert_peek ("-1\r\n", FALSE, NULL, FALSE);
  assert_peek ("fffffffffffffffffff\r\n", FALSE, NULL, FALSE);
  assert_peek ("\r\n", FALSE, NULL, FALSE);
}

static GByteArray *
packets (gsize lead, gsize stride, guint n)
{
  GByteArray *out = g_byte_array_new ();

  g_byte_array_set_size (out, (guint)(lead + n * stride));
  memset (out->data, 0x10, out->len);
  for (guint i = 0; i < n; i++) {
    out->data[lead + i * stride] = 0x47;
    out->data[lead + i * stride + 1] = 0x01;
  }
  return out;
}

static void
assert_sniff (GByteArray *data, ForgeSniff want)
{
  g_assert_cmpint (forge_sniff (data->data, data->len), ==, want);
  g_byte_array_unref (data);
}

static void
test_packets_are_found (void)
{
  assert_sniff (packets (0, 188, 3), FORGE_SNIFF_TS);
  assert_sniff (packets (0, 192, 7), FORGE_SNIFF_TS);
  assert_sniff (packets (0, 204, 7), FORGE_SNIFF_TS);
  assert_sniff (packets (100, 188, 3), FORGE_SNIFF_TS);
  assert_sniff (packets (60000, 188, 5), FORGE_SNIFF_TS);
  assert_sniff (packets (60000, 188, 3), FORGE_SNIFF_BINARY);
  assert_sniff (packets (0, 188, 2), FORGE_SNIFF_BINARY);
  assert_sniff (packets (0, 190, 9), FORGE_SNIFF_BINARY);
}

static void
test_text_is_text (void)
{
  static const struct {
    const char *text;
    ForgeSniff want;
  } table[] = { { "", FORGE_SNIFF_TEXT },
                { "<html>", FORGE_SNIFF_TEXT },
                { "#EXT", FORGE_SNIFF_TEXT },
                { "#EXTM3U", FORGE_SNIFF_HLS },
                { "\xEF\xBB\xBF\r\n #EXTM3U\n", FORGE_SNIFF_HLS },
                { "G\x01", FORGE_SNIFF_BINARY } };
  GByteArray *page = g_byte_array_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    g_assert_cmpint (forge_sniff ((const guint8 *)table[i].text, strlen (table[i].text)),
                     ==,
                     table[i].want);
  /* A page of the letter G has sync bytes everywhere and is no stream. */
  g_byte_array_set_size (page, 5000);
  memset (page->data, 'G', page->len);
  assert_sniff (page, FORGE_SNIFF_TEXT);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/head/good-heads", test_good_heads);
  g_test_add_func ("/net/head/bad-heads", test_bad_heads);
  g_test_add_func ("/net/head/every-prefix-asks-for-more", test_every_prefix_asks_for_more);
  g_test_add_func ("/net/head/chunks", test_chunks);
  g_test_add_func ("/net/sniff/packets-are-found", test_packets_are_found);
  g_test_add_func ("/net/sniff/text-is-text", test_text_is_text);
  return g_test_run ();
}
