/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-byte-range.h"
#include "formats/forge-disposition.h"

#include <string.h>

#define LENGTH 1000

static void
test_cases (void)
{
  static const struct {
    const char *header;
    gint64 first, last; /* -1 = ignored, -2 = unsatisfiable */
  } cases[] = {
    { "bytes=0-99", 0, 99 },
    { "bytes=0-0", 0, 0 },
    { "BYTES=0-0", 0, 0 },
    { "bytes=999-", 999, 999 },
    { "bytes=1000-", -2, -2 },
    { "bytes=1000-1001", -2, -2 },
    { "bytes=5-5000", 5, 999 },
    { "bytes=0-99999999999999999999999", 0, 999 },
    { "bytes=99999999999999999999999-", -2, -2 },
    { "bytes=-500", 500, 999 },
    { "bytes=-5000", 0, 999 },
    { "bytes=-0", -2, -2 },
    { "bytes= 1-2 ", 1, 2 },
    { "bytes=2-1", -1, -1 },
    { "bytes=", -1, -1 },
    { "bytes=-", -1, -1 },
    { "bytes=a-b", -1, -1 },
    { "bytes=1-b", -1, -1 },
    { "bytes=1", -1, -1 },
    { "bytes=1-2,4-5", -1, -1 },
    { "bytes 0-1", -1, -1 },
    { "lines=1-2", -1, -1 },
    { "bytes=--1", -1, -1 },
    { "bytes=+1-2", -1, -1 },
    { "bytes=0x1-2", -1, -1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    ForgeByteRange range;
    gint64 first = -1, last = -1;
    if (forge_byte_range_parse (cases[i].header, &range) &&
        !forge_byte_range_place (&range, LENGTH, &first, &last))
      first = last = -2;
    if (first != cases[i].first || last != cases[i].last)
      g_error ("%s: %" G_GINT64_FORMAT "-%" G_GINT64_FORMAT, cases[i].header, first, last);
  }
  ForgeByteRange range;
  g_assert_false (forge_byte_range_parse (NULL, &range));
}

/* Whatever is asked of whatever length: what is placed lies within it and means what was asked. */
static void
test_property (void)
{
  for (guint i = 0; i < 200000; i++) {
    gint64 length = g_test_rand_int_range (0, 40), a = g_test_rand_int_range (0, 45);
    gint64 b = g_test_rand_int_range (0, 45), first, last;
    guint form = (guint)g_test_rand_int_range (0, 3);
    g_autofree char *header = form == 0   ? g_strdup_printf ("bytes=%d-%d", (int)a, (int)b)
                              : form == 1 ? g_strdup_printf ("bytes=%d-", (int)a)
                                          : g_strdup_printf ("bytes=-%d", (int)a);
    ForgeByteRange range;
    gboolean is_range = forge_byte_range_parse (header, &range);
    g_assert_true (is_range == (form != 0 || a <= b));
    if (!is_range)
      continue;
    if (!forge_byte_range_place (&range, length, &first, &last)) {
      g_assert_true (length == 0 || (form == 2 ? a == 0 : a >= length));
      continue;
    }
    g_assert_true (0 <= first && first <= last && last < length);
    g_assert_true (first == (form == 2 ? MAX (length - a, 0) : a));
    g_assert_true (last == (form == 0 ? MIN (b, length - 1) : length - 1));
  }
}

static void
test_content_range (void)
{
  gint64 first, last, total;

  g_assert_true (forge_content_range_parse ("bytes 0-99/1234", &first, &last, &total));
  g_assert_true (first == 0 && last == 99 && total == 1234);
  g_assert_true (forge_content_range_parse ("bytes 5-9/*", &first, &last, &total));
  g_assert_true (first == 5 && last == 9 && total == -1);
  g_assert_true (forge_content_range_parse ("bytes */77", &first, &last, &total));
  g_assert_true (first == -1 && last == -1 && total == 77);
  static const char *const bad[] = { "bytes 9-5/100", "bytes 0-100/100", "bytes */*", "bytes 0-/1",
                                     "bytes 0-1/2x",  "lines 0-1/2",     "bytes",     "",
                                     "bytes 0-1/ten" };
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    if (forge_content_range_parse (bad[i], &first, &last, &total))
      g_error ("%s passes", bad[i]);
  g_assert_false (forge_content_range_parse (NULL, &first, &last, &total));
}

static void
test_if_range (void)
{
  const char *date = "Sat, 01 Jan 2028 00:00:00 GMT";

  g_assert_true (forge_if_range_matches (NULL, "\"a\"", NULL));
  g_assert_true (forge_if_range_matches ("\"a\"", "\"a\"", NULL));
  g_assert_false (forge_if_range_matches ("\"b\"", "\"a\"", date));
  g_assert_false (forge_if_range_matches ("W/\"a\"", "W/\"a\"", date));
  g_assert_false (forge_if_range_matches ("W/\"a\"", "\"a\"", date));
  g_assert_true (forge_if_range_matches (date, "\"a\"", date));
  g_assert_false (forge_if_range_matches (date, "\"a\"", NULL));
  g_assert_true (forge_if_none_match ("\"x\", W/\"a\"", "\"a\""));
  g_assert_true (forge_if_none_match ("*", "\"a\""));
  g_assert_false (forge_if_none_match ("\"b\"", "\"a\""));
  g_assert_false (forge_if_none_match (NULL, "\"a\""));
}

static void
test_names (void)
{
  static const struct {
    const char *title, *extension, *name;
  } cases[] = {
    { "Tést: \"Film\" / 1", "mp4", "Tést_ _Film_ _ 1.mp4" },
    { "../../etc/passwd", "mkv", "_.._etc_passwd.mkv" },
    { "", "mp4", "video.mp4" },
    { NULL, NULL, "video" },
    { "...", "MP4", "video.mp4" },
    { "con", "mp4", "_con.mp4" },
    { "Com7.x", "ts", "_Com7.x.ts" },
    { "Comb", "ts", "Comb.ts" },
    { "a\r\nSet-Cookie: x", "m/p\"4", "a  Set-Cookie_ x.mp4" },
    { "evil\xe2\x80\xaegpj", "exe", "evilgpj.exe" },
    { "映画", "mkv", "映画.mkv" },
    { "dots. ", "mp4", "dots.mp4" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *name = forge_file_name (cases[i].title, cases[i].extension);
    g_assert_cmpstr (name, ==, cases[i].name);
  }
  g_autofree char *long_title = g_strnfill (500, 'x');
  memcpy (long_title + 185, "ééé", 6);
  g_autofree char *name = forge_file_name (long_title, "mp4");
  g_assert_cmpuint (strlen (name), <=, FORGE_FILE_NAME_MAX_BYTES);
  g_assert_true (g_utf8_validate (name, -1, NULL));
}

static void
test_disposition (void)
{
  g_autofree char *plain = forge_content_disposition (FALSE, "film.mp4");
  g_autofree char *coded = forge_content_disposition (TRUE, "Tést_ 100% (1) 'x'.mp4");
  g_autofree char *hostile = forge_content_disposition (TRUE, "a\"b\\c\n/映.mp4");

  g_assert_cmpstr (plain, ==, "inline; filename=\"film.mp4\"; filename*=UTF-8''film.mp4");
  g_assert_cmpstr (coded,
                   ==,
                   "attachment; filename=\"Test_ 100_ (1) 'x'.mp4\"; "
                   "filename*=UTF-8''T%C3%A9st_%20100%25%20%281%29%20%27x%27.mp4");
  g_assert_null (strpbrk (hostile, "\r\n\\/"));
  g_assert_cmpint (strchr (strchr (hostile, '"') + 1, '"')[1], ==, ';');
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/byte-range/cases", test_cases);
  g_test_add_func ("/formats/byte-range/any-range-of-any-length", test_property);
  g_test_add_func ("/formats/byte-range/content-range", test_content_range);
  g_test_add_func ("/formats/byte-range/conditions", test_if_range);
  g_test_add_func ("/formats/disposition/names", test_names);
  g_test_add_func ("/formats/disposition/header", test_disposition);
  return g_test_run ();
}
