/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "library/forge-child.h"
#include "library/forge-extractor.h"
#include "library/forge-ladder.h"
#include "library/forge-site.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>

/* ---- which addresses ---- */

#define HOSTS "youtube.com|youtu.be|tiktok.com"

static void
test_allowed_sites (void)
{
  static const char *const good[] = {
    "https://youtube.com/watch?v=1",
    "http://www.youtube.com/x",
    "https://m.YouTube.com:443/",
    "https://youtu.be/abc#t=5",
  };
  static const char *const bad[] = {
    "",
    "youtube.com/watch",
    "https://youtube.com.evil.test/",
    "https://notyoutube.com/",
    "https://evil.test/?u=youtube.com",
    "javascript:alert(1)//youtube.com",
    "data:text/html,youtube.com",
    "file:///etc/passwd",
    "gopher://youtube.com/",
    "https://youtube.com@127.0.0.1/",
    "https://user@youtube.com@127.0.0.1/",
    "https://a:b@youtube.com/",
    "https://youtube.com\\@evil.test/",
    "https://youtube.com /x",
    "https:///youtube.com",
    "--exec=touch /tmp/x",
    "-https://youtube.com/",
    "https://.com/",
    "https://com/",
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++) {
    g_assert_true (forge_site_check (good[i], HOSTS, &error));
    g_assert_no_error (error);
  }
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_test_message ("%s", bad[i]);
    g_assert_false (forge_site_check (bad[i], HOSTS, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
    g_clear_error (&error);
  }
  g_assert_false (forge_site_check ("https://youtube.com/", "", NULL));
  g_autofree char *long_one = g_strnfill (5000, 'a');
  g_autofree char *url = g_strconcat ("https://youtube.com/", long_one, NULL);
  g_assert_false (forge_site_check (url, HOSTS, NULL));
}

static void
assert_canonical (const char *url, const char *expected)
{
  g_autofree char *canonical = forge_site_canonical (url);

  g_assert_cmpstr (canonical, ==, expected);
}

static void
test_canonical_pages (void)
{
  assert_canonical ("https://youtu.be/a?si=xyz#t=1", "https://youtu.be/a");
  assert_canonical ("https://youtube.com/watch?utm_source=x&v=1&feature=share",
                    "https://youtube.com/watch?v=1");
  assert_canonical ("https://tiktok.com/@a/video/1", "https://tiktok.com/@a/video/1");
}

static void
test_ladder (void)
{
  static const struct {
    const char *word;
    ForgeLadderStep step;
  } words[] = {
    { "2160p", FORGE_LADDER_2160P },
    { "4K", FORGE_LADDER_2160P },
    { "UHD", FORGE_LADDER_2160P },
    { "fhd", FORGE_LADDER_1080P },
    { "1080", FORGE_LADDER_1080P },
    { "HD", FORGE_LADDER_720P },
    { "sd", FORGE_LADDER_480P },
    { "360p", FORGE_LADDER_360P },
    { "best", FORGE_LADDER_AUTO },
    /* whole words only: a weakness of a parent was to find "hd" anywhere */
    { "hdtv.example", FORGE_LADDER_AUTO },
    { "shd", FORGE_LADDER_AUTO },
    { "", FORGE_LADDER_AUTO },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    g_assert_cmpint (forge_ladder_parse (words[i].word), ==, words[i].step);
  g_assert_cmpint (forge_ladder_of_height (2160), ==, FORGE_LADDER_2160P);
  g_assert_cmpint (forge_ladder_of_height (1440), ==, FORGE_LADDER_1080P);
  g_assert_cmpint (forge_ladder_of_height (1080), ==, FORGE_LADDER_1080P);
  g_assert_cmpint (forge_ladder_of_height (800), ==, FORGE_LADDER_720P);
  g_assert_cmpint (forge_ladder_of_height (480), ==, FORGE_LADDER_480P);
  g_assert_cmpint (forge_ladder_of_height (144), ==, FORGE_LADDER_360P);
  g_assert_cmpint (forge_ladder_of_height (0), ==, FORGE_LADDER_AUTO);
}

/* ---- what yt-dlp prints ---- */

#define U "\"url\":\"https://r1.example.test/v\""
/* As recorded, cut down: storyboard, sound, pictures, both, DRM, HLS. */
static const char page[] =
    "{\"id\":\"x\",\"title\":\"A \\\"title\\\"\",\"duration\":213.0,"
    "\"thumbnail\":\"https://i.example.test/x.jpg\",\"formats\":["
    "{\"format_id\":\"sb0\",\"ext\":\"mhtml\",\"vcodec\":\"none\",\"acodec\":\"none\"," U "},"
    "{\"format_id\":\"140\",\"ext\":\"m4a\",\"vcodec\":\"none\",\"acodec\":\"mp4a.40.2\","
    "\"tbr\":129.5,\"filesize\":3433514," U "},"
    "{\"format_id\":\"251\",\"ext\":\"webm\",\"vcodec\":\"none\",\"acodec\":\"opus\","
    "\"tbr\":160," U "},"
    "{\"format_id\":\"137\",\"ext\":\"mp4\",\"height\":1080,\"vcodec\":\"avc1\","
    "\"acodec\":\"none\",\"filesize_approx\":50000000," U "},"
    "{\"format_id\":\"313\",\"ext\":\"webm\",\"height\":2160,\"vcodec\":\"vp9\","
    "\"acodec\":\"none\"," U "},"
    "{\"format_id\":\"18\",\"ext\":\"mp4\",\"height\":360,\"vcodec\":\"avc1\","
    "\"acodec\":\"mp4a.40.2\"," U "},"
    "{\"format_id\":\"22\",\"ext\":\"mp4\",\"height\":720,\"vcodec\":\"avc1\","
    "\"acodec\":\"mp4a.40.2\"," U "},"
    "{\"format_id\":\"drm\",\"ext\":\"mp4\",\"height\":720,\"has_drm\":true," U "},"
    "{\"format_id\":\"rtmp\",\"ext\":\"flv\",\"url\":\"rtmp://r1.example.test/v\"},"
    "{\"format_id\":\"95\",\"ext\":\"mp4\",\"height\":720,\"protocol\":\"m3u8_native\","
    "\"vcodec\":\"avc1\",\"acodec\":\"mp4a\",\"tbr\":1," U "},null,7]}";

static char *
formats_of (const ForgeExtraction *extraction)
{
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    g_string_append_printf (out, "%s%s", i ? " " : "", format->id ? format->id : "-");
  }
  return g_string_free (out, FALSE);
}

static const char *
chosen (const ForgeExtraction *extraction, int height, const char *extension)
{
  const ForgeFormatWish wish = { .height = height, .extension = extension };

  return forge_extraction_choose (extraction, &wish)->id;
}

static void
test_reading_a_page (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeExtraction) extraction = forge_extraction_parse (page, -1, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (extraction->title, ==, "A \"title\"");
  g_assert_cmpint (extraction->duration_s, ==, 213);
  g_autofree char *formats = formats_of (extraction);
  g_assert_cmpstr (formats, ==, "22 95 18 313 137 251 140");
  g_assert_cmpstr (chosen (extraction, 0, NULL), ==, "22");
  g_assert_cmpstr (chosen (extraction, 720, "mp4"), ==, "22");
  g_assert_cmpstr (chosen (extraction, 360, "mp4"), ==, "18");
  g_assert_cmpstr (chosen (extraction, 400, "avi"), ==, "18"); /* no avi: as if none was asked */
  const ForgeSiteFormat *mp4 = g_ptr_array_index (extraction->formats, 4);
  g_assert_cmpint (mp4->size, ==, 50000000);
}

/* Of the same family as the picture, in a container for both; a whole file of the same height is
 * preferred; what has sound, or is a playlist, gets none. */
static void
test_pairs (void)
{
  g_autoptr (ForgeExtraction) extraction = forge_extraction_parse (
      "{\"title\":\"t\",\"formats\":["
      "{\"format_id\":\"18\",\"ext\":\"mp4\",\"height\":720,\"vcodec\":\"avc1\",\"acodec\":\"mp4a\"," U
      "},"
      "{\"format_id\":\"137\",\"ext\":\"mp4\",\"height\":1080,\"vcodec\":\"avc1\",\"acodec\":\"none\","
      "\"filesize\":1000,\"tbr\":800,\"url\":\"https://x.example/v.mp4\"},"
      "{\"format_id\":\"136\",\"ext\":\"mp4\",\"height\":720,\"vcodec\":\"avc1\",\"acodec\":\"none\"," U
      "},"
      "{\"format_id\":\"248\",\"ext\":\"webm\",\"height\":1080,\"vcodec\":\"vp9\",\"acodec\":\"none\"," U
      "},"
      "{\"format_id\":\"hls\",\"ext\":\"mp4\",\"height\":1080,\"vcodec\":\"avc1\",\"acodec\":\"none\","
      "\"protocol\":\"m3u8_native\"," U "},"
      "{\"format_id\":\"140\",\"ext\":\"m4a\",\"vcodec\":\"none\",\"acodec\":\"mp4a\",\"filesize\":200,"
      "\"tbr\":100,\"url\":\"https://x.example/a.m4a\"},"
      "{\"format_id\":\"251\",\"ext\":\"webm\",\"vcodec\":\"none\",\"acodec\":\"opus\",\"tbr\":160," U
      "}]}",
      -1,
      NULL);
  guint before = extraction->formats->len;

  forge_extraction_add_pairs (extraction);
  g_assert_cmpuint (extraction->formats->len, ==, before + 3);
  const ForgeSiteFormat *pair = forge_extraction_find (extraction, "137+140");
  g_assert_nonnull (pair);
  g_assert_cmpstr (pair->url, ==, "https://x.example/v.mp4");
  g_assert_cmpstr (pair->audio_url, ==, "https://x.example/a.m4a");
  g_assert_cmpstr (pair->extension, ==, "mp4");
  g_assert_cmpint (pair->size, ==, 1200);
  g_assert_cmpint (pair->bitrate_kbps, ==, 900);
  g_assert_true (pair->has_video && pair->has_audio);
  g_assert_cmpstr (forge_extraction_find (extraction, "248+251")->extension, ==, "webm");
  g_assert_nonnull (forge_extraction_find (extraction, "136+140"));
  g_assert_cmpstr (chosen (extraction, 720, "mp4"), ==, "18");
  g_assert_cmpstr (chosen (extraction, 1080, "mp4"), ==, "137+140");
  g_assert_cmpstr (chosen (extraction, 1080, "webm"), ==, "248+251");
}

static void
test_watermarks (void)
{
  g_autoptr (ForgeExtraction) extraction = forge_extraction_parse (
      "{\"title\":\"t\",\"formats\":["
      "{\"format_id\":\"a\",\"ext\":\"mp4\",\"height\":1080,\"format_note\":\"watermarked\"," U "},"
      "{\"format_id\":\"b\",\"ext\":\"mp4\",\"height\":720," U "}]}",
      -1,
      NULL);
  const ForgeFormatWish without = { 0 }, with = { .watermark = TRUE };

  g_assert_cmpstr (forge_extraction_choose (extraction, &without)->id, ==, "b");
  g_assert_cmpstr (forge_extraction_choose (extraction, &with)->id, ==, "a");
}

static void
test_poor_pages (void)
{
  static const struct {
    const char *json;
    int code;
  } cases[] = {
    { "", FORGE_ERROR_INVALID },
    { "WARNING: x", FORGE_ERROR_INVALID },
    { "[1]", FORGE_ERROR_INVALID },
    { "{\"title\":\"t\"", FORGE_ERROR_INVALID },
    { "{\"title\":\"t\",\"formats\":[]}", FORGE_ERROR_NOT_FOUND },
    { "{\"title\":\"t\",\"formats\":\"x\",\"url\":\"file:///etc/passwd\"}", FORGE_ERROR_NOT_FOUND },
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_assert_null (forge_extraction_parse (cases[i].json, -1, &error));
    g_assert_error (error, FORGE_ERROR, cases[i].code);
    g_clear_error (&error);
  }
  g_autoptr (ForgeExtraction) file =
      forge_extraction_parse ("{\"url\":\"https://a.test/v.mp4\",\"ext\":\"mp4\"}", -1, &error);
  g_assert_no_error (error);
  g_assert_true (file->formats->len == 1 && g_str_equal (file->title, "video"));
  const ForgeSiteFormat *format = g_ptr_array_index (file->formats, 0);
  g_assert_true (format->has_video && format->has_audio);
}

/* ---- runs ---- */

#define NOW_S G_GINT64_CONSTANT (1800000000)

typedef struct {
  char *folder, *program, *log;
  ForgeClock *clock;
  ForgeExtractor *extractor;
} Stub;

/* A program that notes its arguments, one run a line, and does what `script` says. */
static void
stub_write (Stub *stub, const char *script)
{
  g_autofree char *text =
      g_strdup_printf ("#!/bin/sh\nlog='%s'\necho \"$*\" >> \"$log\"\n%s\n", stub->log, script);
  g_autofree char *fresh = g_strconcat (stub->program, ".new", NULL);

  g_assert_true (g_file_set_contents (fresh, text, -1, NULL));
  g_assert_cmpint (g_chmod (fresh, 0700), ==, 0);
  g_assert_cmpint (g_rename (fresh, stub->program), ==, 0);
}

static void
set_up (Stub *stub, gconstpointer unused)
{
  stub->folder = g_dir_make_tmp ("forge-extract-XXXXXX", NULL);
  stub->program = g_build_filename (stub->folder, "yt-dlp", NULL);
  stub->log = g_build_filename (stub->folder, "log", NULL);
  stub->clock = forge_clock_new_fake (NOW_S);
  stub->extractor = forge_extractor_new (stub->program, stub->clock, NULL);
}

static void
tear_down (Stub *stub, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (stub->folder, 0, NULL);
  const char *name;

  forge_extractor_free (stub->extractor);
  forge_clock_unref (stub->clock);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (stub->folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (stub->folder);
  g_free (stub->folder);
  g_free (stub->program);
  g_free (stub->log);
}

static guint
runs (Stub *stub)
{
  g_autofree char *text = NULL;
  guint n = 0;

  if (g_file_get_contents (stub->log, &text, NULL, NULL))
    for (const char *p = text; *p; p++)
      n += *p == '\n';
  return n;
}

static void
test_one_run_per_page (Stub *stub, gconstpointer unused)
{
  g_autofree char *script = g_strdup_printf ("cat <<'END'\n%s\nEND", page);
  g_autofree char *ffmpeg = g_find_program_in_path ("ffmpeg");
  g_autoptr (GError) error = NULL;

  stub_write (stub, script);
  for (guint i = 0; i < 3; i++) {
    g_autoptr (ForgeExtraction) found =
        forge_extractor_get (stub->extractor, "https://youtu.be/a?si=1", NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpint (found->formats->len, ==, ffmpeg ? 9 : 7); /* two pairs */
  }
  g_assert_cmpint (runs (stub), ==, 1);
  g_autofree char *log = NULL;
  g_assert_true (g_file_get_contents (stub->log, &log, NULL, NULL));
  g_assert_true (g_str_has_prefix (log, "--ignore-config "));
  g_assert_true (g_str_has_suffix (log, " -- https://youtu.be/a\n"));
}

static gpointer
get_in_thread (gpointer data)
{
  Stub *stub = data;

  return forge_extractor_get (stub->extractor, "https://youtu.be/b", NULL, NULL);
}

/* Also when it fails: no queue of runs behind one that takes 25 s. */
static void
test_callers_share_a_failure (Stub *stub, gconstpointer unused)
{
  GThread *threads[8];

  stub_write (stub, "sleep 1\necho 'ERROR: timed out' >&2\nexit 1");
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("get", get_in_thread, stub);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_assert_null (g_thread_join (threads[i]));
  g_assert_cmpuint (runs (stub), <=, 2); /* a thread may begin after the first is over */
  g_assert_null (get_in_thread (stub));
  g_assert_cmpuint (runs (stub), <=, 3);
  g_assert_cmpuint (runs (stub), >=, 2); /* it was not kept */
}

static void
test_callers_share_a_run (Stub *stub, gconstpointer unused)
{
  g_autofree char *script = g_strdup_printf ("sleep 0.4\ncat <<'END'\n%s\nEND", page);
  GThread *threads[8];

  stub_write (stub, script);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("get", get_in_thread, stub);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++) {
    g_autoptr (ForgeExtraction) found = g_thread_join (threads[i]);
    g_assert_nonnull (found);
  }
  g_assert_cmpint (runs (stub), ==, 1);
}

static void
test_failures (Stub *stub, gconstpointer unused)
{
  static const struct {
    const char *says;
    int code;
  } cases[] = {
    { "ERROR: Unsupported URL: https://x", FORGE_ERROR_INVALID },
    { "ERROR: [youtube] a: Video unavailable", FORGE_ERROR_NOT_FOUND },
    { "ERROR: [youtube] a: Sign in to confirm you are not a bot", FORGE_ERROR_LIMIT },
    { "ERROR: unable to download webpage: HTTP Error 429", FORGE_ERROR_LIMIT },
    { "ERROR: The read operation timed out", FORGE_ERROR_RETRY },
    { "", FORGE_ERROR_RETRY },
  };
  g_autoptr (GError) error = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *script =
        g_strdup_printf ("echo 'some warning' >&2\necho '%s' >&2\nexit 1", cases[i].says);
    stub_write (stub, script);
    g_assert_null (forge_extractor_get (stub->extractor, "https://youtu.be/c", NULL, &error));
    g_assert_error (error, FORGE_ERROR, cases[i].code);
    g_clear_error (&error);
  }
  g_assert_cmpint (runs (stub), ==, G_N_ELEMENTS (cases)); /* no failure was kept */
}

static void
test_absent_program (void)
{
  g_autoptr (ForgeClock) clock = forge_clock_new_system ();
  g_autoptr (ForgeExtractor) extractor = forge_extractor_new ("no-such-yt-dlp", clock, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_extractor_get (extractor, "https://youtu.be/a", NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "yt-dlp is installed"));
}

/* ---- lists ---- */

typedef struct {
  GString *seen;
  guint enough_after; /* 0 = never */
  gboolean is_gone;
  guint n;
} Entries;

static gboolean
on_entry (const ForgeSiteEntry *entry, gpointer user_data)
{
  Entries *entries = user_data;

  g_string_append_printf (entries->seen, "%u/%u:%s ", entry->index, entry->total, entry->title);
  return ++entries->n != entries->enough_after;
}

static gboolean
on_tick (gpointer user_data)
{
  return !((Entries *)user_data)->is_gone;
}

static const char list_script[] =
    "echo '{\"url\":\"https://youtu.be/1\",\"title\":\"One\",\"n_entries\":3}'\n"
    "echo 'no JSON'\necho '{\"title\":\"no address\"}'\n"
    "echo '{\"webpage_url\":\"https://youtu.be/2\",\"title\":\"Two\",\"n_entries\":3}'\n";

static void
test_lists (Stub *stub, gconstpointer unused)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  Entries entries = { .seen = seen };
  g_autoptr (GError) error = NULL;

  stub_write (stub, list_script);
  g_assert_true (forge_extractor_list (stub->extractor,
                                       "https://youtube.com/playlist?list=1",
                                       4,
                                       on_entry,
                                       on_tick,
                                       &entries,
                                       NULL,
                                       &error));
  g_assert_no_error (error);
  g_assert_cmpstr (seen->str, ==, "4/3:One 5/3:Two ");
  g_autofree char *log = NULL;
  g_assert_true (g_file_get_contents (stub->log, &log, NULL, NULL));
  g_assert_nonnull (strstr (log, "--playlist-start 4 "));
}

/* Not once it is dead, also while nobody has buried it, and not if another process has its number
 * by now. */
static gboolean
is_running (const char *place)
{
  g_autofree char *path = g_build_filename (place, "cmdline", NULL);
  g_autofree char *command = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &command, &length, NULL) || !command)
    return FALSE;
  /* Both commands of the subshell: its own, and the one that it runs. */
  return memmem (command, length, "forge-extract", 13) || memmem (command, length, "sleep", 5);
}

/* Whoever waited is gone: the whole group ends, helpers of helpers too. */
static void
test_abandoned_list (Stub *stub, gconstpointer unused)
{
  g_autofree char *script =
      g_strdup_printf ("%s(trap '' TERM INT HUP; sleep 300) &\necho $! > '%s/pid'\nwait",
                       list_script,
                       stub->folder);
  g_autoptr (GString) seen = g_string_new (NULL);
  Entries entries = { .seen = seen, .is_gone = TRUE };
  g_autoptr (GError) error = NULL;
  g_autofree char *path = g_build_filename (stub->folder, "pid", NULL);
  g_autofree char *pid = NULL;

  stub_write (stub, script);
  /* The first look comes only after some output, but it comes without more of it. */
  g_assert_false (forge_extractor_list (stub->extractor,
                                        "https://youtube.com/playlist?list=1",
                                        1,
                                        on_entry,
                                        on_tick,
                                        &entries,
                                        NULL,
                                        &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  if (g_file_get_contents (path, &pid, NULL, NULL)) {
    g_autofree char *place = g_strdup_printf ("/proc/%s", g_strstrip (pid));
    for (guint i = 0; i < 3000 && is_running (place); i++)
      g_usleep (10 * 1000);
    g_assert_false (is_running (place));
  }
}

/* ---- the child as such ---- */

static gboolean
ignore_line (const char *line, gsize length, gpointer user_data, GError **error)
{
  return TRUE;
}

static void
assert_child_fails (const char *script, const ForgeChildLimits *bounds, GQuark domain, int code)
{
  const char *const argv[] = { "/bin/sh", "-c", script, NULL };
  ForgeChildLimits limits = *bounds;
  g_auto (ForgeChildResult) result = { 0 };
  g_autoptr (GError) error = NULL;

  limits.argv = argv;
  g_assert_false (forge_child_run (&limits, ignore_line, NULL, NULL, &result, NULL, &error));
  g_assert_error (error, domain, code);
}

static void
test_bounds (void)
{
  const ForgeChildLimits bounds = { .max_line_bytes = 1000, .max_bytes = 100000, .total_s = 60 };
  const ForgeChildLimits hasty = { .max_line_bytes = 1000, .max_bytes = 100000, .total_s = 1 };
  const ForgeChildLimits quiet = { .max_line_bytes = 1000, .max_bytes = 100000, .quiet_s = 1 };

  assert_child_fails ("yes", &bounds, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
  assert_child_fails ("tr '\\0' x < /dev/zero", &bounds, FORGE_ERROR, FORGE_ERROR_TOO_LARGE);
  assert_child_fails ("sleep 300", &quiet, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);
  assert_child_fails ("while :; do echo; sleep 0.1; done",
                      &hasty,
                      G_IO_ERROR,
                      G_IO_ERROR_TIMED_OUT);
}

static void
test_status_and_complaints (void)
{
  const char *const argv[] = { "/bin/sh",
                               "-c",
                               "yes x | head -c 100000 >&2; echo end >&2; exit 7",
                               NULL };
  const ForgeChildLimits limits = { .argv = argv, .max_line_bytes = 10, .max_bytes = 10 };
  g_auto (ForgeChildResult) result = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_child_run (&limits, ignore_line, NULL, NULL, &result, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (result.exit_status, ==, 7);
  g_assert_cmpint (strlen (result.complaints), <=, FORGE_CHILD_COMPLAINT_BYTES);
  g_assert_true (g_str_has_suffix (result.complaints, "x\nend\n"));
}

/* It sees no secret of ours and no terminal. */
static void
test_surroundings (void)
{
  const char *const argv[] = { "/bin/sh",
                               "-c",
                               "test -z \"$DBUS_SESSION_BUS_ADDRESS$FORGE_TEST_SECRET\" && "
                               "! read line && test \"$HOME\" = /nonexistent",
                               NULL };
  const ForgeChildLimits limits = { .argv = argv, .max_line_bytes = 10, .max_bytes = 10 };
  g_auto (ForgeChildResult) result = { 0 };

  g_setenv ("FORGE_TEST_SECRET", "1", TRUE);
  g_assert_true (forge_child_run (&limits, ignore_line, NULL, NULL, &result, NULL, NULL));
  g_assert_cmpint (result.exit_status, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/extract/allowed-sites", test_allowed_sites);
  g_test_add_func ("/library/extract/canonical-pages", test_canonical_pages);
  g_test_add_func ("/library/extract/ladder", test_ladder);
  g_test_add_func ("/library/extract/reading-a-page", test_reading_a_page);
  g_test_add_func ("/library/extract/pairs", test_pairs);
  g_test_add_func ("/library/extract/watermarks", test_watermarks);
  g_test_add_func ("/library/extract/poor-pages", test_poor_pages);
  g_test_add_func ("/library/extract/absent-program", test_absent_program);
  g_test_add_func ("/library/extract/child-bounds", test_bounds);
  g_test_add_func ("/library/extract/child-status", test_status_and_complaints);
  g_test_add_func ("/library/extract/child-surroundings", test_surroundings);
#define ADD(path, func) g_test_add ("/library/extract/" path, Stub, NULL, set_up, func, tear_down)
  ADD ("one-run-per-page", test_one_run_per_page);
  ADD ("callers-share-a-run", test_callers_share_a_run);
  ADD ("callers-share-a-failure", test_callers_share_a_failure);
  ADD ("failures-are-told-apart-and-not-kept", test_failures);
  ADD ("lists", test_lists);
  ADD ("abandoned-list-ends-at-once", test_abandoned_list);
  return g_test_run ();
}
