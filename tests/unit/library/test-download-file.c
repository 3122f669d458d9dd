/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-disposition.h"
#include "library/forge-download-file.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define FILM_BYTES 200000

typedef struct {
  char *folder, *path, *part_path;
  char film[FILM_BYTES];
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = g_dir_make_tmp ("forge-download-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "films", "film.mp4", NULL);
  fixture->part_path = g_strconcat (fixture->path, ".part", NULL);
  for (gsize i = 0; i < FILM_BYTES; i++)
    fixture->film[i] = (char)(i * 31 + i / 251);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *films = g_build_filename (fixture->folder, "films", NULL);

  g_unlink (fixture->path);
  g_unlink (fixture->part_path);
  g_rmdir (films);
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
  g_free (fixture->part_path);
}

static ForgeDownloadFile *
open_file (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;
  ForgeDownloadFile *file = forge_download_file_open (fixture->path, FALSE, &error);

  g_assert_no_error (error);
  return file;
}

/* One body from where the file wants it, `length` bytes of it in pieces of `piece`. */
static void
receive (Fixture *fixture, ForgeDownloadFile *file, gsize length, gsize piece)
{
  gsize at = (gsize)forge_download_file_resume_at (file);
  gsize end = MIN (at + length, FILM_BYTES);
  g_autoptr (GError) error = NULL;

  forge_download_file_begin (file, (gint64)at, FILM_BYTES, &error);
  g_assert_no_error (error);
  for (; at < end; at += piece) {
    forge_download_file_write (file, fixture->film + at, MIN (piece, end - at), &error);
    g_assert_no_error (error);
  }
}

static void
assert_film_is_there (Fixture *fixture)
{
  g_autofree char *there = NULL;
  gsize length = 0;

  g_assert_true (g_file_get_contents (fixture->path, &there, &length, NULL));
  g_assert_cmpmem (there, length, fixture->film, FILM_BYTES);
  g_assert_false (g_file_test (fixture->part_path, G_FILE_TEST_EXISTS));
}

static void
test_whole_file_gets_its_name (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;

  receive (fixture, file, FILM_BYTES, 7001);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  forge_download_file_finish (file, &error);
  g_assert_no_error (error);
  assert_film_is_there (fixture);
}

static void
test_resumes_from_an_overlap (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  for (int part = 0; part < 5; part++) {
    g_autoptr (ForgeDownloadFile) file = open_file (fixture);
    gint64 before = forge_download_file_size (file);
    g_assert_cmpint (forge_download_file_resume_at (file),
                     ==,
                     MAX (0, before - FORGE_DOWNLOAD_OVERLAP_BYTES));
    receive (fixture, file, 100000, 4096);
    if (forge_download_file_finish (file, &error))
      break;
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
    g_clear_error (&error);
  }
  assert_film_is_there (fixture);
}

static void
test_ignored_range_compares_from_the_start (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;

  receive (fixture, file, 150000, 10000);
  g_assert_true (forge_download_file_begin (file, 0, FILM_BYTES, &error));
  forge_download_file_write (file, fixture->film, FILM_BYTES, &error);
  g_assert_no_error (error);
  forge_download_file_finish (file, &error);
  g_assert_no_error (error);
  assert_film_is_there (fixture);
}

static void
test_another_file_is_noticed_and_not_mixed_in (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;
  char other[1000];

  receive (fixture, file, 150000, 10000);
  memset (other, 'x', sizeof other);
  g_assert_true (
      forge_download_file_begin (file, forge_download_file_resume_at (file), FILM_BYTES, &error));
  g_assert_false (forge_download_file_write (file, other, sizeof other, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_cmpint (forge_download_file_size (file), ==, 150000);
  g_assert_true (forge_download_file_reset (file, NULL));
  receive (fixture, file, FILM_BYTES, 10000);
  g_assert_true (forge_download_file_finish (file, NULL));
  assert_film_is_there (fixture);
}

static void
test_holes_and_shrunk_files_are_refused (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;

  receive (fixture, file, 1000, 1000);
  g_assert_false (forge_download_file_begin (file, 1001, FILM_BYTES, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (forge_download_file_begin (file, 0, 999, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_full_disk_is_told_before_it_is_full (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;

  g_assert_false (forge_download_file_begin (file, 0, G_MAXINT64 / 2, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
}

/* As a disk that is full shows itself in the middle: what is there stays and goes on later. */
static void
test_write_fails_in_the_middle (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;
  struct rlimit before, small;

  signal (SIGXFSZ, SIG_IGN);
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  small = before;
  small.rlim_cur = 120000;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &small), ==, 0);
  g_assert_true (forge_download_file_begin (file, 0, FILM_BYTES, &error));
  g_assert_false (forge_download_file_write (file, fixture->film, FILM_BYTES, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "film.mp4.part"));
  g_assert_cmpint (forge_download_file_size (file), ==, 120000);
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  receive (fixture, file, FILM_BYTES, 10000);
  g_assert_true (forge_download_file_finish (file, NULL));
  assert_film_is_there (fixture);
}

/* A disk that was taken out is not written anew below its mount point. */
static void
test_folder_that_vanished (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_download_file_open (fixture->path, TRUE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "is its disk connected?"));
  g_autofree char *films = g_path_get_dirname (fixture->path);
  g_assert_false (g_file_test (films, G_FILE_TEST_EXISTS));
}

/* (root may write anywhere: a file stands where the folder should be) */
static void
test_folder_that_cannot_be (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *films = g_path_get_dirname (fixture->path);
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (films, "", 0, NULL));
  g_assert_null (forge_download_file_open (fixture->path, FALSE, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "“films”"));
  g_unlink (films);
}

static void
test_never_overwrites (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeDownloadFile) file = open_file (fixture);
  g_autoptr (GError) error = NULL;
  g_autofree char *there = NULL;

  receive (fixture, file, FILM_BYTES, 50000);
  g_assert_true (g_file_set_contents (fixture->path, "mine", -1, NULL));
  g_assert_false (forge_download_file_finish (file, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_true (g_file_get_contents (fixture->path, &there, NULL, NULL));
  g_assert_cmpstr (there, ==, "mine");
  g_assert_true (g_file_test (fixture->part_path, G_FILE_TEST_EXISTS));
}

static void
test_does_not_follow_links (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *films = g_path_get_dirname (fixture->path);
  g_autoptr (ForgeDownloadFile) file = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir (films, 0755);
  g_assert_cmpint (symlink ("/dev/null", fixture->part_path), ==, 0);
  file = forge_download_file_open (fixture->path, FALSE, &error);
  g_assert_null (file);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
}

static void
test_names_are_safe_and_new (Fixture *fixture, gconstpointer unused)
{
  static const char *const names[][2] = {
    { "A: B/C?", "A_ B_C_.mp4" },
    { "..", "video.mp4" },
    { "", "video.mp4" },
    { ".hidden", "hidden.mp4" },
    { "Ends. ", "Ends.mp4" },
    { "a\nb\x7f", "a b.mp4" },
    { "Amélie", "Amélie.mp4" },
    { "\xff\xfe", "��.mp4" },
    { "../../etc/passwd", "_.._etc_passwd.mp4" },
    { "con", "_con.mp4" },
    { "LPT1", "_LPT1.mp4" },
    { "Aux.2", "_Aux.2.mp4" },
    { "COM10", "COM10.mp4" },
    { "a\u202e4pm", "a4pm.mp4" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *path = forge_download_file_name (fixture->folder, names[i][0], "mp4", NULL);
    g_autofree char *name = g_path_get_basename (path);
    g_assert_cmpstr (name, ==, names[i][1]);
  }
  g_autofree char *first = forge_download_file_name (fixture->folder, "Film", NULL, NULL);
  g_assert_true (g_file_set_contents (first, "", 0, NULL));
  g_autofree char *second = forge_download_file_name (fixture->folder, "Film", NULL, NULL);
  g_assert_true (g_str_has_suffix (second, "/Film (2)"));
  g_autoptr (GHashTable) taken = g_hash_table_new (g_str_hash, g_str_equal);
  g_hash_table_add (taken, second);
  g_autofree char *third = forge_download_file_name (fixture->folder, "Film", NULL, taken);
  g_assert_true (g_str_has_suffix (third, "/Film (3)"));
  g_unlink (first);
  g_autofree char *longest = g_strnfill (5000, 'x');
  g_autofree char *cut = forge_download_file_name (fixture->folder, longest, "mp4", NULL);
  g_autofree char *cut_name = g_path_get_basename (cut);
  g_assert_cmpuint (strlen (cut_name), <=, FORGE_FILE_NAME_MAX_BYTES);
  g_assert_true (g_file_set_contents (cut, "", 0, NULL));
  g_autofree char *next = forge_download_file_name (fixture->folder, longest, "mp4", NULL);
  g_assert_true (g_str_has_suffix (next, "x (2).mp4"));
  g_unlink (cut);
}

static void
add (const char *path, void (*test) (Fixture *, gconstpointer))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/library/download-file/whole-file-gets-its-name", test_whole_file_gets_its_name);
  add ("/library/download-file/resumes-from-an-overlap", test_resumes_from_an_overlap);
  add ("/library/download-file/ignored-range-compares-from-the-start",
       test_ignored_range_compares_from_the_start);
  add ("/library/download-file/another-file-is-noticed-and-not-mixed-in",
       test_another_file_is_noticed_and_not_mixed_in);
  add ("/library/download-file/holes-and-shrunk-files-are-refused",
       test_holes_and_shrunk_files_are_refused);
  add ("/library/download-file/full-disk-is-told-before-it-is-full",
       test_full_disk_is_told_before_it_is_full);
  add ("/library/download-file/write-fails-in-the-middle", test_write_fails_in_the_middle);
  add ("/library/download-file/folder-that-vanished", test_folder_that_vanished);
  add ("/library/download-file/folder-that-cannot-be", test_folder_that_cannot_be);
  add ("/library/download-file/never-overwrites", test_never_overwrites);
  add ("/library/download-file/does-not-follow-links", test_does_not_follow_links);
  add ("/library/download-file/names-are-safe-and-new", test_names_are_safe_and_new);
  return g_test_run ();
}
