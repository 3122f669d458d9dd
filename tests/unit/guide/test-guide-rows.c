/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-rows.h"
#include "guide/forge-guide-seen.h"

#include <string.h>

#define NOW  G_GINT64_CONSTANT (1769890500)
#define HOUR (60 * 60)
#define DAY  (24 * HOUR)

typedef struct {
  GString *log;
  guint stop_after; /* rows; 0 = never */
} Sink;

static gboolean
on_channel (guint number, const ForgeGuideChannelRow *row, gpointer user_data)
{
  Sink *sink = user_data;

  g_string_append_printf (sink->log, "%s(%s) ", row->xmltv_id, row->names[0]);
  return TRUE;
}

static gboolean
on_programme (guint channel, const ForgeProgrammeRow *row, gpointer user_data)
{
  Sink *sink = user_data;

  g_string_append_printf (sink->log,
                          "%d:%.*s@%+d+%d ",
                          (int)channel,
                          (int)row->inner_length,
                          row->inner,
                          (int)(row->start - NOW),
                          (int)(row->stop - row->start));
  return sink->stop_after == 0 || --sink->stop_after > 0;
}

static ForgeGuideRows *
rows_new (Sink *sink)
{
  static const ForgeGuideRowsSink functions = { on_channel, on_programme };

  sink->log = g_string_new (NULL);
  return forge_guide_rows_new (NOW - 12 * HOUR, NOW + 7 * DAY, &functions, sink);
}

static void
add (ForgeGuideRows *rows, const char *channel, const char *what, gint64 start, gint64 length)
{
  ForgeXmltvProgramme programme = { .channel = channel,
                                    .start = NOW + start,
                                    .stop = length ? NOW + start + length : 0,
                                    .title = what,
                                    .inner = what,
                                    .inner_length = strlen (what) };

  forge_guide_rows_programme (rows, &programme);
}

static void
add_channel (ForgeGuideRows *rows, const char *id, const char *name)
{
  const char *const names[] = { name, NULL };
  ForgeXmltvChannel channel = { .id = id, .names = names };

  forge_guide_rows_channel (rows, &channel);
}

/* Ends the run and compares what the sink got. */
static void
assert_rows (ForgeGuideRows *rows, Sink *sink, const char *expected, ForgeGuideRowsCounts *counts)
{
  forge_guide_rows_end (rows, counts);
  g_strchomp (sink->log->str);
  g_assert_cmpstr (sink->log->str, ==, expected);
  g_string_free (sink->log, TRUE);
}

static void
test_a_missing_stop_is_the_next_start (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "a", "x", 0, 0);
  add (rows, "b", "other", 60, 60);
  add (rows, "a", "y", HOUR, 0);
  add (rows, "a", "z", 10 * HOUR, HOUR);
  add (rows, "a", "back", 9 * HOUR, 0);
  add (rows, "a", "earlier", 8 * HOUR, 0);
  assert_rows (rows,
               &sink,
               "a(a) b(b) 2:other@+60+60 1:x@+0+3600 1:y@+3600+21600 1:z@+36000+3600 "
               "1:back@+32400+3600 1:earlier@+28800+3600",
               &counts);
  g_assert_cmpuint (counts.programmes, ==, 6);
}

static void
test_impossible_times_are_dropped (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "a", "backwards", HOUR, -60);
  add (rows, "a", "filler", HOUR, 48 * HOUR + 1);
  add (rows, "a", "long", HOUR, 48 * HOUR);
  assert_rows (rows, &sink, "a(a) 1:long@+3600+172800", &counts);
  g_assert_cmpuint (counts.bad_times, ==, 2);
}

/* Facts §3.2: "drop if … > 48 h unless sole". */
static void
test_the_only_programme_may_be_long (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "a", "always", -NOW, NOW + (gint64)36500 * DAY);
  add (rows, "b", "show", 0, HOUR);
  add (rows, "b", "filler", HOUR, 60 * HOUR);
  add (rows, "c", "filler", 0, 60 * HOUR);
  add (rows, "c", "show", HOUR, 0);
  assert_rows (rows,
               &sink,
               "a(a) b(b) 2:show@+0+3600 c(c) 1:always@-43200+648000 3:show@+3600+3600",
               &counts);
  g_assert_cmpuint (counts.bad_times, ==, 2);
  g_assert_cmpint (counts.last_stop, ==, NOW + 7 * DAY);
}

static void
test_only_the_window_is_kept (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "past", "x", -13 * HOUR, HOUR);
  add (rows, "future", "x", 7 * DAY, HOUR);
  add (rows, "a", "first", -13 * HOUR, HOUR + 1);
  add (rows, "a", "last", 7 * DAY - 1, HOUR);
  add (rows, "a", "1970", -NOW, HOUR);
  assert_rows (rows, &sink, "a(a) 1:first@-46800+3601 1:last@+604799+3600", &counts);
  g_assert_cmpuint (counts.out_of_range, ==, 3);
  g_assert_cmpint (counts.first_start, ==, NOW - 13 * HOUR);
  g_assert_cmpint (counts.last_stop, ==, NOW + 7 * DAY - 1 + HOUR);
}

static void
test_channel_ids_compare_without_case (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add_channel (rows, "BBC.uk", "BBC");
  add (rows, "bbc.UK", "x", 0, HOUR);
  add (rows, "\xC3\x84rte", "y", 0, HOUR);
  add (rows, "\xC3\xA4rte", "z", 0, 2 * HOUR);
  add_channel (rows, "bbc.uk", "again");
  assert_rows (rows,
               &sink,
               "BBC.uk(BBC) 1:x@+0+3600 \xC3\x84rte(\xC3\x84rte) 2:y@+0+3600 2:z@+0+7200 "
               "bbc.uk(again)",
               &counts);
  g_assert_cmpuint (counts.channels, ==, 2);
}

static void
test_duplicates_are_dropped (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "a", "x", 0, HOUR);
  add (rows, "a", "same", 0, HOUR);
  add (rows, "A", "same", 0, HOUR);
  add (rows, "b", "y", 0, HOUR);
  assert_rows (rows, &sink, "a(a) 1:x@+0+3600 b(b) 2:y@+0+3600", &counts);
  g_assert_cmpuint (counts.duplicates, ==, 2);
}

static void
test_nothing_more_comes_after_the_sink_stopped (void)
{
  Sink sink = { .stop_after = 1 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);

  add (rows, "a", "x", 0, HOUR);
  add (rows, "a", "y", HOUR, HOUR);
  add (rows, "b", "z", 0, 0);
  assert_rows (rows, &sink, "a(a) 1:x@+0+3600", &counts);
}

static void
test_waiting_memory_is_bounded (void)
{
  Sink sink = { 0 };
  ForgeGuideRowsCounts counts;
  g_autoptr (ForgeGuideRows) rows = rows_new (&sink);
  g_autofree char *large = g_strnfill (1024 * 1024, 'x');

  for (int i = 0; i < 40; i++) {
    char id[8];
    g_snprintf (id, sizeof id, "c%d", i);
    add (rows, id, large, 0, 0);
  }
  /* Only 16 MiB wait; what is more came out at once. */
  g_assert_cmpuint (sink.log->len, >, 20 * 1024 * 1024);
  forge_guide_rows_end (rows, &counts);
  g_assert_cmpuint (counts.programmes, ==, 40);
  g_string_free (sink.log, TRUE);
}

static void
test_seen_remembers_many (void)
{
  g_autoptr (ForgeGuideSeen) seen = forge_guide_seen_new ();

  for (int pass = 0; pass < 2; pass++)
    for (int i = 0; i < 300000; i++)
      g_assert_cmpint (forge_guide_seen_add (seen,
                                             i % 1000,
                                             NOW + i / 1000 * 1800,
                                             NOW + i / 1000 * 1800 + 1800),
                       ==,
                       pass == 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/rows/a-missing-stop-is-the-next-start",
                   test_a_missing_stop_is_the_next_start);
  g_test_add_func ("/guide/rows/impossible-times-are-dropped", test_impossible_times_are_dropped);
  g_test_add_func ("/guide/rows/the-only-programme-may-be-long",
                   test_the_only_programme_may_be_long);
  g_test_add_func ("/guide/rows/only-the-window-is-kept", test_only_the_window_is_kept);
  g_test_add_func ("/guide/rows/channel-ids-compare-without-case",
                   test_channel_ids_compare_without_case);
  g_test_add_func ("/guide/rows/duplicates-are-dropped", test_duplicates_are_dropped);
  g_test_add_func ("/guide/rows/nothing-more-comes-after-the-sink-stopped",
                   test_nothing_more_comes_after_the_sink_stopped);
  g_test_add_func ("/guide/rows/waiting-memory-is-bounded", test_waiting_memory_is_bounded);
  g_test_add_func ("/guide/rows/seen-remembers-many", test_seen_remembers_many);
  return g_test_run ();
}
