/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "formats/forge-json-text.h"
#include "library/forge-extraction-keep.h"
#include "library/forge-extractor.h"
#include "library/forge-site-headers.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW_S G_GINT64_CONSTANT (1800000000)

/* ---- how a site wants to be asked ---- */

static char *
headers_of (const char *json, char **user_agent)
{
  g_autoptr (JsonNode) node = forge_json_parse (json, -1, NULL);

  return forge_site_headers_read (json_node_get_object (node),
                                  "https://v.example.org/a",
                                  user_agent);
}

static void
test_headers (void)
{
  g_autofree char *agent = NULL, *none = NULL;
  g_autofree char *lines =
      headers_of ("{\"http_headers\":{\"User-Agent\":\"Mozilla/5.0 (X)\",\"Accept\":\"*/*\","
                  "\"Referer\":\"https://www.example.org/\",\"Range\":\"bytes=0-1\","
                  "\"Host\":\"evil.example\",\"Accept-Encoding\":\"gzip\",\"Connection\":\"close\","
                  "\"X-Bad\":\"a\\r\\nX-Injected: b\",\"Bad Name\":\"c\",\"X\\r\\nY\":\"d\","
                  "\"Sec-Fetch-Mode\":\"navigate\",\"X-Number\":5}}",
                  &agent);

  g_assert_cmpstr (agent, ==, "Mozilla/5.0 (X)");
  g_assert_cmpstr (lines,
                   ==,
                   "Referer: https://www.example.org/\r\n"
                   "Sec-Fetch-Mode: navigate\r\nX-Number: 5\r\n");
  g_assert_null (headers_of ("{}", &none));
  g_assert_null (headers_of ("{\"http_headers\":[1],\"cookies\":{}}", &none));
}

static void
test_headers_are_bounded (void)
{
  g_autoptr (GString) json = g_string_new ("{\"http_headers\":{\"X-0\":\"0\"");
  g_autofree char *long_one = g_strnfill (FORGE_SITE_MAX_HEADER_BYTES + 1, 'x');
  g_autofree char *agent = NULL;

  for (guint i = 1; i < 100; i++)
    g_string_append_printf (json, ",\"X-%u\":\"%.1000s\"", i, long_one);
  g_string_append_printf (json, ",\"User-Agent\":\"%s\"}}", long_one);
  g_autofree char *lines = headers_of (json->str, &agent);
  g_assert_cmpuint (strlen (lines), <=, FORGE_SITE_MAX_HEADERS_BYTES);
  g_assert_null (agent);
  g_string_printf (json, "{\"http_headers\":{\"X-Long\":\"%s\"}}", long_one);
  g_assert_null (headers_of (json->str, &agent));
}

static void
test_cookies (void)
{
  static const struct {
    const char *cookies, *url, *expected;
  } cases[] = {
    { "a=1; Domain=.example.org; Path=/; b=2", "https://v.example.org/x", "a=1; b=2" },
    { "a=1; Domain=example.org", "https://example.org/", "a=1" },
    { "a=1; Domain=.example.org; b=2; Domain=.other.example", "https://v.example.org/", "a=1" },
    { "a=1; Domain=.example.org", "https://notexample.org/", NULL },
    { "a=1; Domain=ample.org", "https://example.org/", NULL },
    { "a=1; Domain=.0.0.1", "https://127.0.0.1/", NULL },
    { "a=1; Secure; b=2", "http://v.example.org/", "b=2" },
    { "a=1; Secure; b=2", "https://v.example.org/", "a=1; b=2" },
    { "a=1; Path=/x; b=2; Path=/x/", "https://v.example.org/x", "a=1" },
    { "a=1; Path=/x", "https://v.example.org/xy", NULL },
    { "a=1; Expires=1799999999; b=2; Expires=1800000001; c=3; Expires=0",
      "https://v.example.org/",
      "b=2; c=3" },
    { "tt=\"x\\075y\\\"z\"; Domain=.example.org; Version=0",
      "https://v.example.org/",
      "tt=x=y\"z" },
    { "a=\"x\\073 Injected=1\"; b=2", "https://v.example.org/", "b=2" },
    { "a=\"x\\015\\012Host: evil\"; b=2", "https://v.example.org/", "b=2" },
    { "; ;=x; a b=1; Secure", "https://v.example.org/", NULL },
    { "", "https://v.example.org/", NULL },
    { "a=1", "no url", NULL },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *got = forge_site_cookies_for (cases[i].cookies, cases[i].url, NOW_S);
    g_test_message ("%s", cases[i].cookies);
    g_assert_cmpstr (got, ==, cases[i].expected);
  }
  g_autofree char *agent = NULL;
  g_autofree char *lines = headers_of ("{\"cookies\":\"s=1; Domain=.example.org\","
                                       "\"http_headers\":{\"Cookie\":\"old=1\"}}",
                                       &agent);
  g_assert_cmpstr (lines, ==, "Cookie: s=1\r\n");
  g_autofree char *old = headers_of ("{\"http_headers\":{\"Cookie\":\"old=1\"}}", &agent);
  g_assert_cmpstr (old, ==, "Cookie: old=1\r\n");
}

/* ---- what is kept ---- */

#define PAGE                                                                                   \
  "{\"title\":\"A \\\"title\\\"\",\"duration\":213,\"thumbnail\":\"https://i.example/x.jpg\"," \
  "\"formats\":[{\"format_id\":\"22\",\"ext\":\"mp4\",\"height\":720,\"vcodec\":\"avc1\","     \
  "\"acodec\":\"mp4a\",\"tbr\":900,\"filesize\":1000,"                                         \
  "\"url\":\"https://v.example.org/SECRET-TOKEN?expire=%s\","                                  \
  "\"cookies\":\"sid=SECRET-COOKIE; Domain=.example.org\","                                    \
  "\"http_headers\":{\"User-Agent\":\"UA\",\"Referer\":\"https://example.org/\"}},"            \
  "{\"format_id\":\"18\",\"ext\":\"mp4\",\"height\":360,\"vcodec\":\"avc1\","                  \
  "\"acodec\":\"mp4a\",\"url\":\"https://v.example.org/18\"}]}"

static void
test_kept_and_read_again (void)
{
  g_autofree char *json = g_strdup_printf (PAGE, "1800003600");
  g_autoptr (ForgeExtraction) page = forge_extraction_parse (json, -1, NULL);
  g_autofree char *text = forge_extraction_format (page);
  g_autoptr (ForgeExtraction) again = forge_extraction_unformat (text);
  const ForgeSiteFormat *one = g_ptr_array_index (page->formats, 0);
  const ForgeSiteFormat *two = g_ptr_array_index (again->formats, 0);

  g_assert_cmpstr (again->title, ==, page->title);
  g_assert_cmpstr (again->thumbnail, ==, page->thumbnail);
  g_assert_cmpint (again->duration_s, ==, 213);
  g_assert_cmpuint (again->formats->len, ==, 2);
  g_assert_cmpstr (two->id, ==, "22");
  g_assert_cmpstr (two->url, ==, one->url);
  g_assert_cmpstr (two->headers, ==, one->headers);
  g_assert_cmpstr (two->user_agent, ==, "UA");
  g_assert_cmpstr (two->codec, ==, "avc1");
  g_assert_true (two->has_video && two->has_audio && !two->is_hls && two->size == 1000);
  g_assert_cmpint (forge_extraction_end_s (again), ==, 1800003600);
  g_assert_null (forge_extraction_unformat ("{}"));
  g_assert_null (forge_extraction_unformat ("{\"title\":\"t\",\"formats\":[]}"));
  g_assert_null (forge_extraction_unformat ("no"));
}

/* ---- the shelf ---- */

typedef struct {
  char *folder, *program, *log, *base;
  ForgeClock *clock;
  ForgeSecrets *secrets;
  ForgeStorePool *stores;
  ForgePageShelf *shelf;
  ForgeExtractor *extractor;
} World;

/* As after a start of the program. */
static void
start (World *world)
{
  world->stores = forge_store_pool_new (world->base, 2);
  world->shelf = forge_page_shelf_new (world->stores, world->secrets);
  world->extractor = forge_extractor_new (world->program, world->clock, world->shelf);
}

static void
stop (World *world)
{
  forge_extractor_free (world->extractor);
  forge_page_shelf_free (world->shelf);
  forge_store_pool_free (world->stores);
}

/* A page whose addresses end at `end`, with the number of the run in its title. */
static void
write_program (World *world, const char *end, gboolean works)
{
  g_autofree char *json = g_strdup_printf (PAGE, end);
  g_autofree char *text = g_strdup_printf ("#!/bin/sh\necho x >> '%s'\n%s\ncat <<'END'\n%s\nEND\n",
                                           world->log,
                                           works ? "" : "echo 'ERROR: timed out' >&2; exit 1",
                                           json);
  g_autofree char *fresh = g_strconcat (world->program, ".new", NULL);

  g_assert_true (g_file_set_contents (fresh, text, -1, NULL));
  g_assert_cmpint (g_chmod (fresh, 0700), ==, 0);
  g_assert_cmpint (g_rename (fresh, world->program), ==, 0);
}

static void
set_up (World *world, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  world->folder = g_dir_make_tmp ("forge-pages-XXXXXX", NULL);
  world->program = g_build_filename (world->folder, "yt-dlp", NULL);
  world->log = g_build_filename (world->folder, "log", NULL);
  world->base = g_build_filename (world->folder, "base.db", NULL);
  world->clock = forge_clock_new_fake (NOW_S);
  world->secrets = forge_secrets_new_memory ();
  g_autoptr (ForgeStore) store G_GNUC_UNUSED = forge_store_open (world->base, NULL, &error);
  g_assert_no_error (error);
  write_program (world, "1900000000", TRUE);
  start (world);
}

static void
tear_down (World *world, gconstpointer unused)
{
  g_autoptr (GDir) dir = g_dir_open (world->folder, 0, NULL);
  const char *name;

  stop (world);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (world->folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (world->folder);
  forge_secrets_free (world->secrets);
  forge_clock_unref (world->clock);
  g_free (world->folder);
  g_free (world->program);
  g_free (world->log);
  g_free (world->base);
}

static guint
runs (World *world)
{
  g_autofree char *text = NULL;

  return g_file_get_contents (world->log, &text, NULL, NULL) ? (guint)strlen (text) / 2 : 0;
}

static void
get (World *world, gboolean works)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeExtraction) found =
      forge_extractor_get (world->extractor, "https://youtu.be/a", NULL, &error);

  g_assert_true ((found != NULL) == works && (error == NULL) == works);
}

static void
restart (World *world)
{
  stop (world);
  start (world);
}

static void
advance_s (World *world, gint64 seconds)
{
  forge_clock_advance_us (world->clock, seconds * G_USEC_PER_SEC);
}

/* The read in the background. */
static void
await_runs (World *world, guint n)
{
  for (guint i = 0; i < 3000 && runs (world) < n; i++)
    g_usleep (10 * 1000);
  g_assert_cmpuint (runs (world), ==, n);
}

static void
test_over_a_restart (World *world, gconstpointer unused)
{
  get (world, TRUE);
  restart (world);
  advance_s (world, FORGE_EXTRACTOR_FRESH_S - 1);
  get (world, TRUE);
  g_autoptr (ForgeExtraction) known =
      forge_extractor_recall (world->extractor, "https://youtu.be/a?si=1");
  const ForgeSiteFormat *format = forge_extraction_find (known, "22");
  g_assert_nonnull (strstr (format->headers, "Cookie: sid=SECRET-COOKIE\r\n"));
  g_assert_cmpuint (runs (world), ==, 1);
}

static gboolean
is_known (World *world, const char *word)
{
  g_autoptr (ForgeExtraction) known =
      forge_extractor_recall (world->extractor, "https://youtu.be/a");
  const ForgeSiteFormat *format = known ? forge_extraction_find (known, "22") : NULL;

  return format && strstr (format->url, word);
}

/* Old, it is used while it is read anew; that too is written down. */
static void
test_stale_is_used_and_renewed (World *world, gconstpointer unused)
{
  get (world, TRUE);
  advance_s (world, FORGE_EXTRACTOR_FRESH_S + FORGE_EXTRACTOR_STALE_S - 1);
  restart (world);
  write_program (world, "1900000001", TRUE);
  get (world, TRUE);
  for (guint i = 0; i < 3000 && !is_known (world, "expire=1900000001"); i++)
    g_usleep (10 * 1000);
  restart (world);
  g_assert_true (is_known (world, "expire=1900000001"));
  advance_s (world, FORGE_EXTRACTOR_FRESH_S - 1);
  get (world, TRUE);
  g_assert_cmpuint (runs (world), ==, 2);
}

static void
test_stale_serves_while_the_site_fails (World *world, gconstpointer unused)
{
  get (world, TRUE);
  write_program (world, "1900000000", FALSE);
  advance_s (world, FORGE_EXTRACTOR_FRESH_S + 1);
  get (world, TRUE);
  await_runs (world, 2);
  restart (world);
  get (world, TRUE);
  await_runs (world, 3);
  restart (world);
  advance_s (world, FORGE_EXTRACTOR_STALE_S);
  get (world, FALSE); /* too old by now, and nothing of the failures was kept */
  get (world, FALSE);
  g_assert_cmpuint (runs (world), ==, 5);
}

static void
test_addresses_end_sooner (World *world, gconstpointer unused)
{
  write_program (world, "1800000600", TRUE); /* in ten minutes */
  get (world, TRUE);
  advance_s (world, 300);
  get (world, TRUE);
  g_assert_cmpuint (runs (world), ==, 1);
  advance_s (world, 200); /* 100 s before the end */
  get (world, TRUE);
  restart (world);
  get (world, TRUE);
  g_assert_cmpuint (runs (world), ==, 3);
}

static void
test_forgotten_on_the_shelf_too (World *world, gconstpointer unused)
{
  get (world, TRUE);
  forge_extractor_forget (world->extractor, "https://youtu.be/a");
  restart (world);
  g_assert_null (forge_extractor_recall (world->extractor, "https://youtu.be/a"));
  get (world, TRUE);
  g_assert_cmpuint (runs (world), ==, 2);
}

/* Neither the database nor its log shows what was kept, and another key opens nothing. */
static void
test_sealed (World *world, gconstpointer unused)
{
  static const char *const words[] = { "SECRET-TOKEN", "SECRET-COOKIE", "youtu.be" };
  static const char *const ends[] = { "", "-wal" };

  get (world, TRUE);
  for (gsize i = 0; i < G_N_ELEMENTS (ends); i++) {
    g_autofree char *path = g_strconcat (world->base, ends[i], NULL);
    g_autofree char *bytes = NULL;
    gsize length;
    if (!g_file_get_contents (path, &bytes, &length, NULL))
      continue;
    for (gsize k = 0; k < G_N_ELEMENTS (words); k++)
      g_assert_null (memmem (bytes, length, words[k], strlen (words[k])));
  }
  stop (world);
  forge_secrets_free (world->secrets);
  world->secrets = forge_secrets_new_memory ();
  start (world);
  get (world, TRUE);
  g_assert_cmpuint (runs (world), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/library/pages/headers", test_headers);
  g_test_add_func ("/library/pages/headers-are-bounded", test_headers_are_bounded);
  g_test_add_func ("/library/pages/cookies", test_cookies);
  g_test_add_func ("/library/pages/kept-and-read-again", test_kept_and_read_again);
#define ADD(path, func) g_test_add ("/library/pages/" path, World, NULL, set_up, func, tear_down)
  ADD ("over-a-restart", test_over_a_restart);
  ADD ("stale-is-used-and-renewed", test_stale_is_used_and_renewed);
  ADD ("stale-serves-while-the-site-fails", test_stale_serves_while_the_site_fails);
  ADD ("addresses-end-sooner", test_addresses_end_sooner);
  ADD ("forgotten-on-the-shelf-too", test_forgotten_on_the_shelf_too);
  ADD ("sealed", test_sealed);
  return g_test_run ();
}
