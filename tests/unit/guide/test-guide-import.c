/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "fake-http.h"
#include "guide/forge-guide-import.h"

#include <glib/gstdio.h>

#include <string.h>

/* 2026-01-31 20:15:00 UTC */
#define NOW G_GINT64_CONSTANT (1769890500)

#define URL "http://user:geheim@guide.example/xmltv.php?username=u&password=geheim"

static const ForgeGuideImportOptions defaults = {
  .now_s = NOW,
  .days = 7,
  .past_hours = 12,
  .hold_back_percent = 30,
};

typedef struct {
  ForgeStore *store;
  gint64 source_id;
  char *dir;
  ForgeGuideImportResult result;
  GError *error;
  FakeHttp http;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  fixture->dir = g_dir_make_tmp ("forge-guide-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, &fixture->error);
  g_assert_no_error (fixture->error);
  source->name = g_strdup ("A guide");
  source->location = g_strdup ("/guide.xml");
  fixture->source_id = forge_store_add_guide_source (fixture->store, source, &fixture->error);
  g_assert_no_error (fixture->error);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  forge_store_close (fixture->store);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_clear_error (&fixture->error);
  fake_http_clear (&fixture->http);
}

static ForgeGuideSource *
get_source (Fixture *fixture)
{
  return forge_store_get_guide_source (fixture->store, fixture->source_id, NULL);
}

static gboolean
import_from (Fixture *fixture, const char *location, const ForgeGuideImportOptions *options)
{
  g_clear_error (&fixture->error);
  return forge_guide_import (fixture->store,
                             (ForgeHttp *)&fixture->http,
                             fixture->source_id,
                             location,
                             options,
                             &fixture->result,
                             NULL,
                             &fixture->error);
}

static gboolean
import_bytes (Fixture *fixture, const char *data, gsize length, gboolean force)
{
  ForgeGuideImportOptions options = defaults;
  g_autofree char *path = g_build_filename (fixture->dir, "guide", NULL);

  options.force = force;
  g_assert_true (g_file_set_contents (path, data, (gssize)length, NULL));
  return import_from (fixture, path, &options);
}

static gboolean
import_text (Fixture *fixture, const char *text)
{
  return import_bytes (fixture, text, strlen (text), FALSE);
}

/* A guide of one channel with `n` programmes from now on. Returns: (transfer full). */
static char *
guide_of (int n, const char *end)
{
  GString *text = g_string_new ("<tv><channel id='One'><display-name>One</display-name></channel>");

  for (int i = 0; i < n; i++)
    g_string_append_printf (text,
                            "<programme start='20260201%02d%02d00 +0000' stop='20260201%02d%02d30 "
                            "+0000' channel='one'><title>%d</title></programme>\n",
                            i / 60,
                            i % 60,
                            i / 60,
                            i % 60,
                            i);
  g_string_append (text, end);
  return g_string_free (text, FALSE);
}

static gboolean
count_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  *(gint64 *)user_data = row->id;
  return TRUE;
}

static gboolean
count_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  (*(int *)user_data)++;
  return TRUE;
}

/* Programmes that readers of the store see. */
static int
count_visible (Fixture *fixture)
{
  gint64 channel = 0;
  int n = 0;

  g_assert_true (forge_store_each_guide_channel (fixture->store, count_channel, &channel, NULL));
  if (channel)
    g_assert_true (forge_store_each_programme (fixture->store,
                                               channel,
                                               0,
                                               NOW * 2,
                                               count_programme,
                                               &n,
                                               NULL));
  return n;
}

static void
assert_held_back (Fixture *fixture, int visible)
{
  g_autoptr (ForgeGuideSource) source = get_source (fixture);

  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_HELD_BACK);
  g_assert_cmpstr (source->status_text, ==, fixture->error->message);
  g_assert_cmpint (source->programmes, ==, visible);
  g_assert_cmpint (count_visible (fixture), ==, visible);
}

static void
test_a_file_is_imported (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (3, "</tv>");

  g_assert_true (import_text (fixture, guide));
  g_autoptr (ForgeGuideSource) source = get_source (fixture);
  g_assert_cmpuint (fixture->result.programmes, ==, 3);
  g_assert_cmpuint (fixture->result.channels, ==, 1);
  g_assert_cmpstr (fixture->result.warning, ==, "");
  g_assert_cmpint (source->programmes, ==, 3);
  g_assert_cmpint (source->channels, ==, 1);
  g_assert_cmpint (source->last_refresh, ==, NOW);
  g_assert_cmpint (source->first_start, ==, G_GINT64_CONSTANT (1769904000));
  g_assert_cmpint (source->last_stop, ==, source->first_start + 150);
  g_assert_null (source->status_text);
  g_assert_cmpuint (strlen (source->content_hash), ==, 64);
  g_assert_cmpint (count_visible (fixture), ==, 3);
}

static void
test_the_same_content_changes_nothing (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (3, "</tv>");

  g_assert_true (import_text (fixture, guide));
  g_autoptr (ForgeGuideSource) before = get_source (fixture);
  g_assert_true (import_text (fixture, guide));
  g_autoptr (ForgeGuideSource) after = get_source (fixture);
  g_assert_true (fixture->result.unchanged);
  g_assert_cmpint (after->generation, ==, before->generation);
  g_assert_true (import_bytes (fixture, guide, strlen (guide), TRUE));
  g_autoptr (ForgeGuideSource) forced = get_source (fixture);
  g_assert_false (fixture->result.unchanged);
  g_assert_cmpint (forced->generation, !=, before->generation);
}

static void
test_a_guide_that_reaches_beyond_the_window_is_read_again (Fixture *fixture, gconstpointer data)
{
  const char *guide = "<tv><programme start='20260201' stop='2026020101' channel='a'/>"
                      "<programme start='20260210' stop='2026021001' channel='a'/></tv>";
  ForgeGuideImportOptions later = defaults;

  later.now_s += 7 * 24 * 60 * 60;
  later.past_hours = 7 * 24;
  fixture->http = (FakeHttp){ .body = guide, .length = strlen (guide), .etag = "\"v1\"" };
  g_assert_true (import_from (fixture, URL, &defaults));
  g_assert_cmpuint (fixture->result.out_of_range, ==, 1);
  g_assert_true (import_from (fixture, URL, &later));
  g_assert_null (fixture->http.seen_etag);
  g_assert_false (fixture->result.unchanged);
  g_assert_cmpuint (fixture->result.programmes, ==, 2);
  g_assert_true (import_from (fixture, URL, &later));
  g_assert_cmpstr (fixture->http.seen_etag, ==, "\"v1\"");
  g_assert_true (fixture->result.unchanged);
}

static void
test_more_rows_than_a_transaction_holds (Fixture *fixture, gconstpointer data)
{
  GString *text = g_string_new ("<tv>");

  for (int i = 0; i < 12000; i++)
    g_string_append_printf (text,
                            "<programme start='2026020%d%02d%02d%02d' stop='20260202' "
                            "channel='c'/>",
                            1 + i / 86400,
                            i / 3600 % 24,
                            i / 60 % 60,
                            i % 60);
  g_string_append (text, "</tv>");
  g_autofree char *guide = g_string_free (text, FALSE);
  g_assert_true (import_text (fixture, guide));
  g_assert_cmpint (count_visible (fixture), ==, 12000);
}

static void
test_what_would_ruin_the_guide_is_held_back (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (100, "</tv>");
  g_autofree char *most = guide_of (70, "</tv>");
  g_autofree char *less = guide_of (69, "</tv>");
  g_autofree char *cut = guide_of (99, "<programme start=");
  g_autofree char *cut_but_fuller = guide_of (101, "<programme start=");
  const char *old = "<tv><programme start='2020' stop='20200101010000' channel='one'/></tv>";

  g_assert_true (import_text (fixture, guide));
  g_assert_false (import_text (fixture, "<tv/>"));
  assert_held_back (fixture, 100);
  g_assert_false (import_text (fixture, old));
  assert_held_back (fixture, 100);
  g_assert_false (import_text (fixture, less));
  assert_held_back (fixture, 100);
  g_assert_false (import_text (fixture, cut));
  assert_held_back (fixture, 100);
  g_assert_true (import_text (fixture, cut_but_fuller));
  g_assert_nonnull (strstr (fixture->result.warning, "ends early"));
  g_assert_cmpint (count_visible (fixture), ==, 101);
  g_assert_false (import_text (fixture, most));
  assert_held_back (fixture, 101);
  g_assert_true (import_bytes (fixture, less, strlen (less), TRUE));
  g_assert_cmpint (count_visible (fixture), ==, 69);
}

static void
test_a_loss_within_the_limit_is_taken (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (100, "</tv>");
  g_autofree char *most = guide_of (70, "</tv>");

  g_assert_true (import_text (fixture, guide));
  g_assert_true (import_text (fixture, most));
  g_assert_cmpint (count_visible (fixture), ==, 70);
}

/* The guide says "+0000" and means the clock of a zone. */
static void
test_a_guide_of_a_zone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (ForgeGuideSource) before = get_source (fixture);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (before);

  source->zone = g_strdup ("Europe/Berlin");
  g_assert_true (forge_store_update_guide_source (fixture->store, source, NULL));
  g_autofree char *guide = guide_of (1, "</tv>");
  g_assert_true (import_text (fixture, guide));
  g_autoptr (ForgeGuideSource) berlin = get_source (fixture);
  g_assert_cmpstr (berlin->zone, ==, "Europe/Berlin");
  /* 1 February 2026, midnight in Berlin */
  g_assert_cmpint (berlin->first_start, ==, NOW + 4 * 3600 - 15 * 60 - 3600);

  g_autoptr (ForgeGuideSource) other = forge_guide_source_copy (berlin);
  g_free (other->zone);
  other->zone = g_strdup ("Europe/Atlantis");
  g_assert_true (forge_store_update_guide_source (fixture->store, other, NULL));
  g_autofree char *more = guide_of (2, "</tv>");
  g_assert_false (import_text (fixture, more));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (fixture->error->message, "Europe/Atlantis"));
}

static void
test_a_first_guide_may_be_truncated (Fixture *fixture, gconstpointer data)
{
  g_autofree char *cut = guide_of (5, "<programme");

  g_assert_true (import_text (fixture, cut));
  g_autoptr (ForgeGuideSource) source = get_source (fixture);
  g_assert_nonnull (strstr (fixture->result.warning, "ends early"));
  g_assert_cmpstr (source->status_text, ==, fixture->result.warning);
  /* It must be fetched again although it may be the same. */
  g_assert_null (source->content_hash);
  g_assert_cmpint (source->programmes, ==, 5);
}

static void
test_what_is_no_guide_is_invalid (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (3, "</tv>");

  g_assert_true (import_text (fixture, guide));
  g_assert_false (import_text (fixture, "<!DOCTYPE html><html>Login at http://h/p/geheim"));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (fixture->error->message, "<!DOCTYPE html>"));
  g_assert_null (strstr (fixture->error->message, "geheim"));
  g_assert_false (import_bytes (fixture, "", 0, TRUE));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_false (import_bytes (fixture, "\x1F\x8B\x08garbage that is no gzip", 26, TRUE));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (fixture->error->message, "gzip"));
  g_assert_cmpint (count_visible (fixture), ==, 3);
}

static void
test_only_files_and_web_addresses_are_read (Fixture *fixture, gconstpointer data)
{
  static const char *const others[] = { "ftp://h/p",
                                        "relative.xml",
                                        "",
                                        "data:,x",
                                        "file://host/x" };
  g_autofree char *missing = g_build_filename (fixture->dir, "missing", NULL);
  g_autofree char *uri = g_filename_to_uri (missing, NULL, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++) {
    g_assert_false (import_from (fixture, others[i], &defaults));
    g_assert_nonnull (fixture->error);
    g_assert_cmpint (fixture->error->code,
                     ==,
                     g_str_has_prefix (others[i], "file:") ? FORGE_ERROR_NOT_FOUND
                                                           : FORGE_ERROR_INVALID);
  }
  g_assert_false (import_from (fixture, missing, &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_assert_false (import_from (fixture, uri, &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
  g_assert_false (import_from (fixture, fixture->dir, &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_false (import_from (fixture, "/dev/zero", &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_a_download_is_conditional (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (4, "</tv>");

  fixture->http = (FakeHttp){ .body = guide, .length = strlen (guide), .etag = "\"v1\"" };
  g_assert_true (import_from (fixture, URL, &defaults));
  g_assert_null (fixture->http.seen_etag);
  g_assert_cmpuint (fixture->result.programmes, ==, 4);

  fixture->http.body = NULL;
  g_assert_true (import_from (fixture, URL, &defaults));
  g_assert_cmpstr (fixture->http.seen_etag, ==, "\"v1\"");
  g_assert_true (fixture->result.unchanged);
  g_assert_cmpuint (fixture->http.requests, ==, 2);
  g_assert_cmpint (count_visible (fixture), ==, 4);
}

static void
test_a_broken_download_keeps_the_guide (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (50, "</tv>");

  fixture->http = (FakeHttp){ .body = guide, .length = strlen (guide), .break_after = 2000 };
  g_assert_true (import_from (fixture, URL, &defaults));
  g_assert_nonnull (strstr (fixture->result.warning, "ends early"));
  g_assert_cmpint (count_visible (fixture), >, 5);

  fixture->http.break_after = 0;
  g_assert_true (import_from (fixture, URL, &defaults));
  g_assert_cmpint (count_visible (fixture), ==, 50);

  fixture->http.break_after = 3000;
  g_assert_false (import_from (fixture, URL, &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_RETRY);
  g_assert_cmpint (count_visible (fixture), ==, 50);

  fixture->http.status = 503;
  g_assert_false (import_from (fixture, URL, &defaults));
  g_assert_error (fixture->error, FORGE_ERROR, FORGE_ERROR_RETRY);
  g_autoptr (ForgeGuideSource) source = get_source (fixture);
  g_assert_cmpstr (source->status_text, ==, "guide.example answered 503");
}

static void
test_cancelling_leaves_no_trace (Fixture *fixture, gconstpointer data)
{
  g_autofree char *guide = guide_of (4, "</tv>");
  g_autofree char *path = g_build_filename (fixture->dir, "guide", NULL);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_assert_true (g_file_set_contents (path, guide, -1, NULL));
  g_cancellable_cancel (cancellable);
  g_assert_false (forge_guide_import (fixture->store,
                                      NULL,
                                      fixture->source_id,
                                      path,
                                      &defaults,
                                      &fixture->result,
                                      cancellable,
                                      &fixture->error));
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_autoptr (ForgeGuideSource) source = get_source (fixture);
  g_assert_null (source->status_text);
  g_assert_cmpint (source->generation, ==, 0);
}

static void
test_bad_items_are_counted_in_words (Fixture *fixture, gconstpointer data)
{
  g_assert_true (import_text (fixture,
                              "<tv><programme start='20260201' stop='20260201' channel='a'/>"
                              "<programme start='never' channel='a'/>"
                              "<programme start='20260201' stop='2026020101' channel='a'>"
                              "<title>A & B</title></programme>"
                              "<programme start='20260201' stop='2026020101' channel='A'/></tv>"));
  g_assert_cmpuint (fixture->result.programmes, ==, 1);
  g_assert_cmpuint (fixture->result.skipped, ==, 2);
  g_assert_cmpstr (fixture->result.warning,
                   ==,
                   "1 items could not be read, 1 programmes have impossible times, 1 duplicates "
                   "left out, 1 items repaired (programme at byte 61: no start time)");
}

#define ADD(name, function) \
  g_test_add ("/guide/import/" name, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("a-file-is-imported", test_a_file_is_imported);
  ADD ("the-same-content-changes-nothing", test_the_same_content_changes_nothing);
  ADD ("a-guide-that-reaches-beyond-the-window-is-read-again",
       test_a_guide_that_reaches_beyond_the_window_is_read_again);
  ADD ("more-rows-than-a-transaction-holds", test_more_rows_than_a_transaction_holds);
  ADD ("what-would-ruin-the-guide-is-held-back", test_what_would_ruin_the_guide_is_held_back);
  ADD ("a-loss-within-the-limit-is-taken", test_a_loss_within_the_limit_is_taken);
  ADD ("a-guide-of-a-zone", test_a_guide_of_a_zone);
  ADD ("a-first-guide-may-be-truncated", test_a_first_guide_may_be_truncated);
  ADD ("what-is-no-guide-is-invalid", test_what_is_no_guide_is_invalid);
  ADD ("only-files-and-web-addresses-are-read", test_only_files_and_web_addresses_are_read);
  ADD ("a-download-is-conditional", test_a_download_is_conditional);
  ADD ("a-broken-download-keeps-the-guide", test_a_broken_download_keeps_the_guide);
  ADD ("cancelling-leaves-no-trace", test_cancelling_leaves_no_trace);
  ADD ("bad-items-are-counted-in-words", test_bad_items_are_counted_in_words);
  return g_test_run ();
}
