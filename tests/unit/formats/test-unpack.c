/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-unpack.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

typedef struct {
  const char *name;
  const char *data;
  gsize length;
} File;

static la_ssize_t
on_packed (struct archive *archive, void *user_data, const void *data, size_t length)
{
  g_byte_array_append (user_data, data, (guint)length);
  return (la_ssize_t)length;
}

static void
add_file (struct archive *archive, const File *file)
{
  struct archive_entry *entry = archive_entry_new ();

  archive_entry_set_pathname (entry, file->name);
  archive_entry_set_size (entry, (la_int64_t)file->length);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_perm (entry, 0644);
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  g_assert_cmpint (archive_write_data (archive, file->data, file->length), ==, file->length);
  archive_entry_free (entry);
}

/* `format` "raw", "zip" or "ustar"; `filter` NULL or a name of libarchive's. */
static GByteArray *
pack_files (const char *format, const char *filter, const File *files, guint n_files)
{
  GByteArray *packed = g_byte_array_new ();
  struct archive *archive = archive_write_new ();

  g_assert_cmpint (archive_write_set_format_by_name (archive, format), ==, ARCHIVE_OK);
  if (filter)
    g_assert_cmpint (archive_write_add_filter_by_name (archive, filter), ==, ARCHIVE_OK);
  archive_write_set_bytes_in_last_block (archive, 1);
  g_assert_cmpint (archive_write_open (archive, packed, NULL, on_packed, NULL), ==, ARCHIVE_OK);
  for (guint i = 0; i < n_files; i++)
    add_file (archive, &files[i]);
  g_assert_cmpint (archive_write_close (archive), ==, ARCHIVE_OK);
  archive_write_free (archive);
  return packed;
}

static GByteArray *
pack (const char *format, const char *filter, const char *data, gsize length)
{
  File file = { "guide.xml", data, length };

  return pack_files (format, filter, &file, 1);
}

/* What comes out, and how it ends. Returns: (transfer full). */
static GByteArray *
unpack_with (GInputStream *source, const ForgeUnpackLimits *limits, gsize piece, GError **error)
{
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (source, limits);
  g_autofree guint8 *buffer = g_malloc (piece);
  GByteArray *out = g_byte_array_new ();
  gssize n;

  while ((n = forge_unpack_read (unpack, buffer, piece, NULL, error)) > 0)
    g_byte_array_append (out, buffer, (guint)n);
  return out;
}

static GByteArray *
unpack_bytes (const void *data, gsize length, GError **error)
{
  g_autoptr (GInputStream) source =
      g_memory_input_stream_new_from_data (data, (gssize)length, NULL);

  return unpack_with (source, NULL, 4096, error);
}

static void
assert_unpacks_to (const void *data, gsize length, const void *expected, gsize expected_length)
{
  static const gsize pieces[] = { 1, 100, 65536 };

  for (guint i = 0; i < G_N_ELEMENTS (pieces); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GInputStream) source =
        g_memory_input_stream_new_from_data (data, (gssize)length, NULL);
    g_autoptr (GByteArray) out = unpack_with (source, NULL, pieces[i], &error);
    g_assert_no_error (error);
    g_assert_cmpmem (out->data, out->len, expected, expected_length);
  }
}

static char *
sample (gsize length)
{
  GString *text = g_string_new ("<tv>");

  for (guint32 x = 1; text->len < length; x = x * 1664525u + 1013904223u)
    g_string_append_printf (text, "<p>%u</p>", x);
  return g_string_free (text, FALSE);
}

static void
test_every_packing_is_undone (void)
{
  static const char *const filters[] = { "gzip", "xz", "bzip2", "zstd", "lzma" };
  g_autofree char *text = sample (300000);
  gsize length = strlen (text);

  assert_unpacks_to (text, length, text, length);
  assert_unpacks_to ("", 0, "", 0);
  assert_unpacks_to ("\x1F", 1, "\x1F", 1);
  for (guint i = 0; i < G_N_ELEMENTS (filters); i++) {
    g_autoptr (GByteArray) packed = pack ("raw", filters[i], text, length);
    g_test_message ("%s", filters[i]);
    g_assert_cmpuint (packed->len, <, length);
    assert_unpacks_to (packed->data, packed->len, text, length);
  }
  g_autoptr (GByteArray) zip = pack ("zip", NULL, text, length);
  g_autoptr (GByteArray) tar = pack ("ustar", NULL, text, length);
  g_autoptr (GByteArray) tar_xz = pack ("ustar", "xz", text, length);
  assert_unpacks_to (zip->data, zip->len, text, length);
  assert_unpacks_to (tar->data, tar->len, text, length);
  assert_unpacks_to (tar_xz->data, tar_xz->len, text, length);
}

static void
test_layers_are_undone_up_to_three (void)
{
  g_autoptr (GByteArray) once = pack ("raw", "gzip", "<tv/>", 5);
  g_autoptr (GByteArray) twice = pack ("raw", "gzip", (char *)once->data, once->len);
  g_autoptr (GByteArray) thrice = pack ("zip", NULL, (char *)twice->data, twice->len);
  g_autoptr (GByteArray) four = pack ("raw", "xz", (char *)thrice->data, thrice->len);
  g_autoptr (GError) error = NULL;

  assert_unpacks_to (twice->data, twice->len, "<tv/>", 5);
  assert_unpacks_to (thrice->data, thrice->len, "<tv/>", 5);
  g_autoptr (GByteArray) out = unpack_bytes (four->data, four->len, &error);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpuint (out->len, ==, 0);
}

static void
test_gzip_members_follow_each_other (void)
{
  g_autoptr (GByteArray) all = pack ("raw", "gzip", "<tv>", 4);
  g_autoptr (GByteArray) more = pack ("raw", "gzip", "</tv>", 5);

  g_byte_array_append (all, more->data, more->len);
  assert_unpacks_to (all->data, all->len, "<tv></tv>", 9);
  g_byte_array_append (all, (const guint8 *)"\0\0\0padding", 10);
  assert_unpacks_to (all->data, all->len, "<tv></tv>", 9);
}

static void
test_the_guide_is_found_in_an_archive (void)
{
  const File files[] = { { "README.txt", "hello", 5 },
                         { "empty.xml", "", 0 },
                         { "logo.png", "\x89PNG", 4 },
                         { "epg/guide.XMLTV", "plain words", 11 },
                         { "other.xml", "<tv/>", 5 } };
  g_autoptr (GByteArray) zip = pack_files ("zip", NULL, files, G_N_ELEMENTS (files));
  g_autoptr (GByteArray) tar = pack_files ("ustar", "gzip", files, G_N_ELEMENTS (files));
  g_autoptr (GByteArray) unnamed =
      pack_files ("zip", NULL, (File[]){ { "a", "words", 5 }, { "b", "\n <tv/>", 7 } }, 2);
  g_autoptr (GByteArray) none = pack_files ("zip", NULL, files, 1);
  g_autoptr (GError) error = NULL;

  assert_unpacks_to (zip->data, zip->len, "plain words", 11);
  assert_unpacks_to (tar->data, tar->len, "plain words", 11);
  assert_unpacks_to (unnamed->data, unnamed->len, "\n <tv/>", 7);
  g_autoptr (GByteArray) out = unpack_bytes (none->data, none->len, &error);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "zip"));
  g_assert_cmpuint (out->len, ==, 0);
}

static void
test_truncated_gives_what_it_had (void)
{
  static const char *const filters[] = { "gzip", "xz", "bzip2", "zstd" };
  g_autofree char *text = sample (3000000);
  gsize length = strlen (text);

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++) {
    g_autoptr (GByteArray) packed = pack ("raw", filters[i], text, length);
    g_autoptr (GError) error = NULL;
    g_autoptr (GByteArray) out = unpack_bytes (packed->data, packed->len - 20, &error);
    g_test_message ("%s: %u", filters[i], out->len);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_cmpuint (out->len, >, 0);
    g_assert_cmpmem (out->data, out->len, text, out->len);
  }
}

static void
test_truncated_gzip_loses_nothing (void)
{
  g_autoptr (GByteArray) packed = pack ("raw", "gzip", "<tv><channel id='a'/>", 21);
  g_autoptr (GError) error = NULL;
  /* Without the checksum and length at its end. */
  g_autoptr (GByteArray) out = unpack_bytes (packed->data, packed->len - 8, &error);

  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpmem (out->data, out->len, "<tv><channel id='a'/>", 21);
}

static void
test_damage_is_invalid (void)
{
  static const char *const filters[] = { "gzip", "xz", "bzip2", "zstd" };
  g_autofree char *text = sample (200000);

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++) {
    g_autoptr (GByteArray) packed = pack ("raw", filters[i], text, strlen (text));
    g_autoptr (GError) error = NULL;
    for (guint at = packed->len / 2; at < packed->len / 2 + 64; at++)
      packed->data[at] ^= 0x5A;
    g_autoptr (GByteArray) out = unpack_bytes (packed->data, packed->len, &error);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_assert_cmpuint (out->len, <=, strlen (text));
  }
}

static void
test_bombs_are_too_large (void)
{
  gsize length = 64 * 1024 * 1024;
  g_autofree char *zeros = g_malloc0 (length);
  g_autoptr (GByteArray) gzip = pack ("raw", "gzip", zeros, length);
  g_autoptr (GByteArray) twice = pack ("raw", "xz", (char *)gzip->data, gzip->len);
  GByteArray *const bombs[] = { gzip, twice };

  for (guint i = 0; i < G_N_ELEMENTS (bombs); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GByteArray) out = unpack_bytes (bombs[i]->data, bombs[i]->len, &error);
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
    g_assert_cmpuint (out->len, <, length);
  }
}

static void
test_the_size_limit_holds_for_plain_data_too (void)
{
  const ForgeUnpackLimits limits = { .max_out_bytes = 1000 };
  g_autofree char *text = sample (5000);
  g_autoptr (GInputStream) source = g_memory_input_stream_new_from_data (text, 5000, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GByteArray) out = unpack_with (source, &limits, 100, &error);

  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
  g_assert_cmpuint (out->len, <=, 1000);
}

static void
test_cancelling_is_reported_as_such (void)
{
  g_autoptr (GByteArray) packed = pack ("raw", "xz", "<tv/>", 5);
  g_autoptr (GInputStream) source =
      g_memory_input_stream_new_from_data (packed->data, packed->len, NULL);
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (source, NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  char buffer[16];

  g_cancellable_cancel (cancellable);
  g_assert_cmpint (forge_unpack_read (unpack, buffer, sizeof buffer, cancellable, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/unpack/every-packing-is-undone", test_every_packing_is_undone);
  g_test_add_func ("/formats/unpack/layers-are-undone-up-to-three",
                   test_layers_are_undone_up_to_three);
  g_test_add_func ("/formats/unpack/gzip-members-follow-each-other",
                   test_gzip_members_follow_each_other);
  g_test_add_func ("/formats/unpack/the-guide-is-found-in-an-archive",
                   test_the_guide_is_found_in_an_archive);
  g_test_add_func ("/formats/unpack/truncated-gives-what-it-had", test_truncated_gives_what_it_had);
  g_test_add_func ("/formats/unpack/truncated-gzip-loses-nothing",
                   test_truncated_gzip_loses_nothing);
  g_test_add_func ("/formats/unpack/damage-is-invalid", test_damage_is_invalid);
  g_test_add_func ("/formats/unpack/bombs-are-too-large", test_bombs_are_too_large);
  g_test_add_func ("/formats/unpack/the-size-limit-holds-for-plain-data-too",
                   test_the_size_limit_holds_for_plain_data_too);
  g_test_add_func ("/formats/unpack/cancelling-is-reported-as-such",
                   test_cancelling_is_reported_as_such);
  return g_test_run ();
}
