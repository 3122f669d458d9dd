/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-pipe.h"

#include <string.h>

typedef struct {
  ForgeGuidePipe *pipe;
  guint programmes;  /* to put */
  guint put;         /* that the pipe took */
  gsize inner_bytes; /* of each */
} Source;

static void
put_channel (ForgeGuidePipe *pipe)
{
  static const char *const names[] = { "One", "Eins", NULL };
  const ForgeGuideChannelRow row = { .xmltv_id = "one.example", .names = names, .extra = "<url/>" };

  g_assert_true (forge_guide_pipe_sink.channel (1, &row, pipe));
}

static gpointer
fill (gpointer user_data)
{
  Source *source = user_data;
  g_autofree char *inner = g_strnfill (source->inner_bytes, 'x');
  gboolean goes_on = TRUE;

  put_channel (source->pipe);
  for (guint i = 0; i < source->programmes && goes_on; i++) {
    const ForgeProgrammeRow row = { .start = i,
                                    .stop = i + 1,
                                    .title = "News",
                                    .attributes = i % 2 ? " new=\"1\"" : NULL,
                                    .inner = inner,
                                    .inner_length = source->inner_bytes };
    goes_on = forge_guide_pipe_sink.programme (1, &row, source->pipe);
    source->put += goes_on;
  }
  forge_guide_pipe_close (source->pipe);
  return NULL;
}

typedef struct {
  guint channels, programmes, stop_after; /* 0 = never */
} Taker;

static gboolean
take_channel (guint number, const ForgeGuideChannelRow *row, gpointer user_data)
{
  Taker *taker = user_data;

  taker->channels++;
  g_assert_cmpuint (number, ==, 1);
  g_assert_cmpstr (row->xmltv_id, ==, "one.example");
  g_assert_cmpstr (row->names[0], ==, "One");
  g_assert_cmpstr (row->names[1], ==, "Eins");
  g_assert_null (row->names[2]);
  g_assert_null (row->icon);
  g_assert_cmpstr (row->extra, ==, "<url/>");
  return TRUE;
}

static gboolean
take_programme (guint channel, const ForgeProgrammeRow *row, gpointer user_data)
{
  Taker *taker = user_data;

  g_assert_cmpuint (channel, ==, 1);
  g_assert_cmpint (row->start, ==, taker->programmes);
  g_assert_cmpint (row->stop, ==, taker->programmes + 1);
  g_assert_cmpstr (row->title, ==, "News");
  g_assert_cmpstr (row->attributes, ==, taker->programmes % 2 ? " new=\"1\"" : NULL);
  g_assert_cmpuint (strspn (row->inner, "x"), ==, row->inner_length);
  taker->programmes++;
  return taker->stop_after == 0 || taker->programmes < taker->stop_after;
}

static const ForgeGuideRowsSink taker_sink = { take_channel, take_programme };

/* TRUE if everything was taken. */
static gboolean
run (Source *source, Taker *taker)
{
  g_autoptr (ForgeGuidePipe) pipe = forge_guide_pipe_new ();

  source->pipe = pipe;
  GThread *thread = g_thread_new ("fill", fill, source);
  gboolean is_whole = forge_guide_pipe_drain (pipe, &taker_sink, taker);
  g_thread_join (thread);
  return is_whole;
}

static void
test_rows_come_out_as_they_went_in (void)
{
  /* 20 MB, so that the reader has to wait for the storing more than once. */
  Source source = { .programmes = 20000, .inner_bytes = 1000 };
  Taker taker = { 0 };

  g_assert_true (run (&source, &taker));
  g_assert_cmpuint (taker.channels, ==, 1);
  g_assert_cmpuint (taker.programmes, ==, 20000);
}

static void
test_a_row_may_be_larger_than_a_batch (void)
{
  Source source = { .programmes = 3, .inner_bytes = 900000 };
  Taker taker = { 0 };

  g_assert_true (run (&source, &taker));
  g_assert_cmpuint (taker.programmes, ==, 3);
}

static void
test_nothing_at_all_ends_too (void)
{
  Source source = { 0 };
  Taker taker = { 0 };

  g_assert_true (run (&source, &taker));
  g_assert_cmpuint (taker.programmes, ==, 0);
}

/* A full disk: the thread that reads must neither wait for ever nor read to the end. */
static void
test_the_reader_is_told_that_storing_stopped (void)
{
  Source source = { .programmes = 1000000, .inner_bytes = 1000 };
  Taker taker = { .stop_after = 10 };

  g_assert_false (run (&source, &taker));
  g_assert_cmpuint (taker.programmes, ==, 10);
  g_assert_cmpuint (source.put, <, 20000);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/pipe/rows-come-out-as-they-went-in", test_rows_come_out_as_they_went_in);
  g_test_add_func ("/guide/pipe/a-row-may-be-larger-than-a-batch",
                   test_a_row_may_be_larger_than_a_batch);
  g_test_add_func ("/guide/pipe/nothing-at-all-ends-too", test_nothing_at_all_ends_too);
  g_test_add_func ("/guide/pipe/the-reader-is-told-that-storing-stopped",
                   test_the_reader_is_told_that_storing_stopped);
  return g_test_run ();
}
