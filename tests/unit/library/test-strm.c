/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "library/forge-strm.h"

#include <glib/gstdio.h>

#include <string.h>
#include <utime.h>

#define LINK "http://127.0.0.1:5004/strm/stream?id=1&kind=movie&sig=1.x"

static ForgeMedia *
film (gint64 id, const char *title, int year, gint64 tmdb_id)
{
  ForgeMedia *media = forge_media_new (FORGE_MEDIA_MOVIE);

  media->id = id;
  media->title = g_strdup (title);
  media->year = year;
  media->tmdb_id = tmdb_id;
  return media;
}

typedef struct {
  char *folder;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->folder = g_dir_make_tmp ("forge-strm-XXXXXX", NULL);
}

static void
remove_all (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir && (name = g_dir_read_name (dir))) {
    g_autofree char *below = g_build_filename (path, name, NULL);
    remove_all (below);
  }
  g_remove (path);
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  remove_all (fixture->folder);
  g_free (fixture->folder);
}

/* Exports the films "id:title" with the link; "written/unchanged/removed". */
static char *
export_films (Fixture *fixture, const char *const *titles)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeStrm) strm = forge_strm_new (fixture->folder, &error);
  ForgeStrmCounts counts;

  g_assert_no_error (error);
  for (guint i = 0; titles[i]; i++) {
    g_autoptr (ForgeMedia) media = film (i + 1, titles[i], 2001, 0);
    g_assert_true (forge_strm_add (strm, media, NULL, LINK, &error));
  }
  g_assert_true (forge_strm_finish (strm, TRUE, TRUE, &counts, &error));
  g_assert_no_error (error);
  return g_strdup_printf ("%u/%u/%u", counts.written, counts.unchanged, counts.removed);
}

static void
assert_export (Fixture *fixture, const char *expected, const char *const *titles)
{
  g_autofree char *counts = export_films (fixture, titles);

  g_assert_cmpstr (counts, ==, expected);
}
#define EXPORT(expected, ...) \
  assert_export (fixture, expected, (const char *const[]){ __VA_ARGS__, NULL })

static gboolean
exists (Fixture *fixture, const char *relative)
{
  g_autofree char *path = g_build_filename (fixture->folder, relative, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* As if it had been written then. */
static void
set_mtime (const char *path, time_t mtime)
{
  const struct utimbuf times = { mtime, mtime };

  g_assert_cmpint (g_utime (path, (struct utimbuf *)&times), ==, 0);
}

static time_t
get_mtime (const char *path)
{
  GStatBuf status;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  return status.st_mtime;
}

/* A media server reads again what has a new time. */
static void
test_incremental (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *kept =
      g_build_filename (fixture->folder, "Movies", "A (2001)", "A (2001).strm", NULL);

  EXPORT ("2/0/0", "A", "B");
  set_mtime (kept, 1000000000);
  EXPORT ("0/2/0", "A", "B");
  g_assert_cmpint (get_mtime (kept), ==, 1000000000);
  EXPORT ("1/1/1", "A", "C");
  g_assert_false (exists (fixture, "Movies/B (2001)"));
  g_assert_true (exists (fixture, "Movies/C (2001)/C (2001).strm"));
  g_assert_cmpint (get_mtime (kept), ==, 1000000000);
}

static void
test_only_ours (Fixture *fixture, gconstpointer unused)
{
  g_autofree char *path =
      g_build_filename (fixture->folder, "Movies", "B (2001)", "B (2001).strm", NULL);
  g_autofree char *poster = g_build_filename (fixture->folder, "Movies", "A (2001)", "p.jpg", NULL);

  EXPORT ("2/0/0", "A", "B");
  g_assert_true (g_file_set_contents (path, "http://other.test/\n", -1, NULL));
  g_assert_true (g_file_set_contents (poster, "x", -1, NULL));
  EXPORT ("1/0/1", "C");
  g_assert_true (exists (fixture, "Movies/B (2001)/B (2001).strm")); /* the user's now */
  g_assert_true (exists (fixture, "Movies/A (2001)/p.jpg"));
  g_assert_false (exists (fixture, "Movies/A (2001)/A (2001).strm"));
}

/* Shares are read by Windows too: SMB hides or mangles what it does not allow. */
static void
test_names_for_windows (void)
{
  static const struct {
    const char *title, *path;
  } cases[] = {
    { "CON", "Movies/_CON/_CON.strm" },
    { "What? \"Yes\" <No> | a*b", "Movies/What_ _Yes_ _No_ _ a_b/What_ _Yes_ _No_ _ a_b.strm" },
    { "Ends with dots...", "Movies/Ends with dots/Ends with dots.strm" },
    { " \t ", "Movies/video/video.strm" },
    { "a\\b", "Movies/a_b/a_b.strm" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ForgeMedia) movie = film (1, cases[i].title, 0, 0);
    g_autofree char *path = forge_strm_path (movie, NULL);
    g_assert_cmpstr (path, ==, cases[i].path);
  }
}

static void
test_names (void)
{
  g_autoptr (ForgeMedia) movie = film (1, "Face/Off: ../../x", 1997, 754);
  g_autoptr (ForgeMedia) series = forge_media_new (FORGE_MEDIA_SERIES);
  g_autoptr (ForgeMedia) episode = forge_media_new (FORGE_MEDIA_EPISODE);
  g_autofree char *path = forge_strm_path (movie, NULL);
  guint slashes = 0;

  for (const char *p = path; *p; p++)
    slashes += *p == '/';
  g_assert_cmpint (slashes, ==, 2);
  g_assert_null (strstr (path, "/.."));
  g_assert_nonnull (strstr (path, "[tmdbid-754]"));
  series->title = g_strdup ("Show");
  series->tmdb_id = 5;
  episode->season = 2;
  episode->number = 3;
  g_autofree char *place = forge_strm_path (episode, series);
  g_assert_cmpstr (place, ==, "Shows/Show [tmdbid-5]/Season 02/Show S02E03.strm");
}

static void
test_one_at_a_time (Fixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeStrm) first G_GNUC_UNUSED = forge_strm_new (fixture->folder, &error);

  g_assert_no_error (error);
  g_assert_null (forge_strm_new (fixture->folder, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT);
  g_clear_error (&error);
  g_assert_null (forge_strm_new ("relative", &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/strm/names", test_names);
  g_test_add_func ("/library/strm/names-for-windows", test_names_for_windows);
#define ADD(path, func) g_test_add ("/library/strm/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("incremental", test_incremental);
  ADD ("touches-only-ours", test_only_ours);
  ADD ("one-at-a-time", test_one_at_a_time);
  return g_test_run ();
}
