/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "formats/forge-mp4-front.h"

#include <string.h>

static void
append_32 (GByteArray *out, guint32 value)
{
  value = GUINT32_TO_BE (value);
  g_byte_array_append (out, (const guint8 *)&value, sizeof value);
}

/* (transfer full) */
static GByteArray *
box (const char *type, const void *inside, gsize length)
{
  GByteArray *out = g_byte_array_new ();

  append_32 (out, (guint32)length + 8);
  g_byte_array_append (out, (const guint8 *)type, 4);
  g_byte_array_append (out, inside, (guint)length);
  return out;
}

static GByteArray *
wrap (const char *type, GByteArray *inside)
{
  GByteArray *out = box (type, inside->data, inside->len);

  g_byte_array_unref (inside);
  return out;
}

static GByteArray *
index_of (const char *table, const guint32 *words, gsize n)
{
  GByteArray *inside = g_byte_array_new ();

  append_32 (inside, 0);
  for (gsize i = 0; i < n; i++)
    append_32 (inside, words[i]);
  return wrap ("moov",
               wrap ("trak", wrap ("mdia", wrap ("minf", wrap ("stbl", wrap (table, inside))))));
}

static GBytes *
take (GByteArray *tail, GError **error)
{
  g_autoptr (GBytes) bytes = g_byte_array_free_to_bytes (tail);

  return forge_mp4_take_index (bytes, error);
}

static void
test_offsets_move (void)
{
  const guint32 short_words[] = { 2, 40, 1000 }, long_words[] = { 1, 1, 5 };
  GByteArray *tail = box ("free", "abc", 3);
  g_autoptr (GByteArray) index = index_of ("stco", short_words, 3);
  g_autoptr (GError) error = NULL;
  gsize length;

  g_byte_array_append (tail, index->data, index->len);
  g_autoptr (GBytes) moved = take (tail, &error);
  g_assert_no_error (error);
  const guint8 *data = g_bytes_get_data (moved, &length);
  g_assert_cmpuint (length, ==, index->len);
  const guint32 expected[] = { GUINT32_TO_BE (40 + (guint32)length),
                               GUINT32_TO_BE (1000 + (guint32)length) };
  g_assert_cmpmem (data + length - 8, 8, expected, 8);
  g_assert_cmpmem (data, length - 8, index->data, length - 8);

  g_autoptr (GBytes) wide = take (index_of ("co64", long_words, 3), &error);
  g_assert_no_error (error);
  data = g_bytes_get_data (wide, &length);
  const guint32 sum[] = { GUINT32_TO_BE (1), GUINT32_TO_BE (5 + (guint32)length) };
  g_assert_cmpmem (data + length - 8, 8, sum, 8);
}

static void
assert_refused (GByteArray *tail, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (take (tail, &error));
  g_assert_error (error, FORGE_ERROR, code);
}

static void
test_broken_ones (void)
{
  const guint32 too_many[] = { 3, 40, 1000 }, too_far[] = { 1, G_MAXUINT32 - 10 };
  GByteArray *deep = g_byte_array_new ();

  assert_refused (g_byte_array_new (), FORGE_ERROR_INVALID);
  assert_refused (box ("mdat", "abc", 3), FORGE_ERROR_INVALID);
  assert_refused (index_of ("stco", too_many, 3), FORGE_ERROR_INVALID);
  assert_refused (index_of ("stco", too_many, 0), FORGE_ERROR_INVALID);
  assert_refused (index_of ("co64", too_many, 3), FORGE_ERROR_INVALID);
  assert_refused (index_of ("stco", too_far, 2), FORGE_ERROR_UNSUPPORTED);
  assert_refused (wrap ("moov", box ("cmov", "abc", 3)), FORGE_ERROR_UNSUPPORTED);
  for (guint i = 0; i < 1000; i++)
    deep = wrap ("stbl", deep);
  assert_refused (wrap ("moov", deep), FORGE_ERROR_INVALID);
  /* what a hostile length may say */
  for (guint32 size = 0; size < 8; size++) {
    GByteArray *tail = g_byte_array_new ();
    append_32 (tail, size);
    g_byte_array_append (tail, (const guint8 *)"moov\xff\xff\xff\xff\xff\xff\xff\xff", 12);
    assert_refused (tail, FORGE_ERROR_INVALID);
  }
}

static void
test_where_the_index_is (void)
{
  static const struct {
    const char *boxes;
    gint64 media_end; /* 0 = not behind */
  } cases[] = {
    { "ftyp mdat moov", 24 + 24 },
    { "ftyp wide mdat moov", 24 + 24 + 24 },
    { "ftyp moov mdat", 0 },
    { "ftyp moof mdat", 0 },
    { "ftyp free", 0 },
    { "mdat moov", 0 },
    { "ftyp mdat", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GByteArray) file = g_byte_array_new ();
    g_auto (GStrv) types = g_strsplit (cases[i].boxes, " ", -1);
    ForgeMp4Layout layout;
    for (char **type = types; *type; type++) {
      g_autoptr (GByteArray) one = box (*type, "0123456789abcdef", 16);
      g_byte_array_append (file, one->data, one->len);
    }
    g_test_message ("%s", cases[i].boxes);
    g_assert_true (forge_mp4_has_index_behind (file->data, file->len, file->len, &layout) ==
                   (cases[i].media_end != 0));
    if (cases[i].media_end == 0)
      continue;
    g_assert_cmpint (layout.front_end, ==, 24);
    g_assert_cmpint (layout.media_end, ==, cases[i].media_end);
    /* the head of the media is enough, its end need not be there; the file's length must be known
     */
    g_assert_true (
        forge_mp4_has_index_behind (file->data, (gsize)layout.media_end - 16, 99, &layout));
    g_assert_false (forge_mp4_has_index_behind (file->data, file->len, -1, &layout));
  }
}

/* Every prefix of random bytes with true types in them ends, and within its bounds. */
static void
test_noise (void)
{
  static const char *const types[] = { "ftyp", "mdat", "moov", "stbl",
                                       "stco", "co64", "trak", "free" };
  ForgeMp4Layout layout;

  for (guint n = 0; n < 20000; n++) {
    GByteArray *noise = g_byte_array_new ();
    for (int i = g_test_rand_int_range (0, 12); i > 0; i--) {
      append_32 (noise,
                 (guint32)(g_test_rand_bit () ? g_test_rand_int_range (0, 90)
                                              : g_test_rand_int ()));
      g_byte_array_append (noise, (const guint8 *)types[g_test_rand_int_range (0, 8)], 4);
    }
    forge_mp4_has_index_behind (noise->data, noise->len, G_MAXINT64, &layout);
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) index = take (noise, &error);
    g_assert_true ((index == NULL) == (error != NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/mp4-front/offsets-move", test_offsets_move);
  g_test_add_func ("/formats/mp4-front/broken-ones", test_broken_ones);
  g_test_add_func ("/formats/mp4-front/where-the-index-is", test_where_the_index_is);
  g_test_add_func ("/formats/mp4-front/noise", test_noise);
  return g_test_run ();
}
