/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-channel-table.h"
#include "model/forge-programme-table.h"
#include "model/forge-search-fold.h"

static gboolean
finds (const char *text, const char *typed)
{
  g_autofree char *folded = forge_search_fold (text);
  g_auto (GStrv) words = forge_search_words (typed);

  return forge_search_matches (folded, (const char *const *)words);
}

static void
test_search_ignores_case_and_accents (void)
{
  g_assert_true (finds ("Télé Zürich HD", "tele ZURICH"));
  g_assert_true (finds ("ＴＶ５", "tv5"));
  g_assert_true (finds ("Первый канал", "ПЕРВЫЙ"));
  g_assert_true (finds ("anything", "  "));
  g_assert_false (finds ("Télé Zürich HD", "tele genf"));
  g_assert_true (finds ("bad \xff byte", "byte"));
  g_assert_true (finds (NULL, ""));
}

static ForgeChannelTable *
make_table (void)
{
  ForgeChannelTable *table = forge_channel_table_new ();
  const ForgeChannelLine lines[] = {
    { .id = 7, .number = 1, .name = "Erste", .group = "DE", .enabled = TRUE },
    { .id = 3, .number = 2, .name = "Zweite", .group = "DE" },
    { .id = 5000000000, .number = 30, .name = "Télé" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    forge_channel_table_append (table,
                                &lines[i],
                                i == 0 ? "ARD\x1f"
                                         "Das Erste"
                                       : NULL);
  return table;
}

static void
test_lines_are_found_by_id (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ();

  g_assert_cmpuint (forge_channel_table_length (table), ==, 3);
  g_assert_cmpint (forge_channel_table_find (table, 7), ==, 0);
  g_assert_cmpint (forge_channel_table_find (table, 5000000000), ==, 2);
  g_assert_cmpint (forge_channel_table_find (table, 8), ==, -1);
  g_assert_cmpstr (forge_channel_table_line (table, 2)->name, ==, "Télé");
  g_assert_null (forge_channel_table_line (table, 2)->group);
}

static void
test_strings_are_kept_once (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ();

  g_assert_true (forge_channel_table_line (table, 0)->group ==
                 forge_channel_table_line (table, 1)->group);
}

static void
test_lines_are_searched_by_all_they_are_called (void)
{
  g_autoptr (ForgeChannelTable) table = make_table ();
  const char *const other[] = { "ard", NULL };
  const char *const number_and_group[] = { "2", "de", NULL };

  g_assert_true (forge_search_matches (forge_channel_table_line (table, 0)->folded, other));
  g_assert_false (forge_search_matches (forge_channel_table_line (table, 1)->folded, other));
  g_assert_true (
      forge_search_matches (forge_channel_table_line (table, 1)->folded, number_and_group));
}

static void
test_streams_decide_the_match (void)
{
  static const struct {
    int streams;
    double unsure;
    gboolean manual;
    ForgeMatchState want;
  } cases[] = {
    { 0, 1, FALSE, FORGE_MATCH_NONE },      { 2, 0.95, FALSE, FORGE_MATCH_SURE },
    { 2, 0.70, FALSE, FORGE_MATCH_REVIEW }, { 2, 0.70, TRUE, FORGE_MATCH_REVIEW },
    { 1, 1, TRUE, FORGE_MATCH_MANUAL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ForgeChannelTable) table = make_table ();
    forge_channel_table_set_streams (table,
                                     3,
                                     cases[i].streams,
                                     FORGE_QUALITY_HD,
                                     0.95,
                                     cases[i].unsure,
                                     cases[i].manual);
    g_assert_cmpint (forge_channel_table_line (table, 1)->match, ==, cases[i].want);
    g_assert_cmpint (forge_channel_table_line (table, 0)->match, ==, FORGE_MATCH_NONE);
  }
}

static void
test_what_shows_makes_lines_differ (void)
{
  g_autoptr (ForgeChannelTable) one = make_table ();
  g_autoptr (ForgeChannelTable) two = make_table ();

  g_assert_true (forge_channel_line_equal (forge_channel_table_line (one, 1),
                                           forge_channel_table_line (two, 1)));
  forge_channel_table_set_streams (two, 3, 1, FORGE_QUALITY_SD, 0.9, 0.9, FALSE);
  g_assert_false (forge_channel_line_equal (forge_channel_table_line (one, 1),
                                            forge_channel_table_line (two, 1)));
}

static void
test_programmes_go_by_channel (void)
{
  g_autoptr (ForgeProgrammeTable) table = forge_programme_table_new (100, 200);
  gboolean is_known;
  guint count;

  forge_programme_table_begin_channel (table, 4);
  forge_programme_table_append (table, &(ForgeProgrammeCell){ 90, 120, "News", FALSE });
  forge_programme_table_append (table, &(ForgeProgrammeCell){ 120, 210, "Film", FALSE });
  forge_programme_table_begin_channel (table, 9);
  const ForgeProgrammeCell *cells = forge_programme_table_cells (table, 4, &count, &is_known);
  g_assert_cmpuint (count, ==, 2);
  g_assert_cmpstr (cells[1].title, ==, "Film");
  g_assert_null (forge_programme_table_cells (table, 9, &count, &is_known));
  g_assert_true (is_known);
  g_assert_null (forge_programme_table_cells (table, 10, &count, &is_known));
  g_assert_false (is_known);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/search-fold/ignores-case-and-accents",
                   test_search_ignores_case_and_accents);
  g_test_add_func ("/model/channel-table/found-by-id", test_lines_are_found_by_id);
  g_test_add_func ("/model/channel-table/strings-are-kept-once", test_strings_are_kept_once);
  g_test_add_func ("/model/channel-table/searched-by-all-names",
                   test_lines_are_searched_by_all_they_are_called);
  g_test_add_func ("/model/channel-table/streams-decide-the-match", test_streams_decide_the_match);
  g_test_add_func ("/model/channel-table/what-shows-differs", test_what_shows_makes_lines_differ);
  g_test_add_func ("/model/programme-table/by-channel", test_programmes_go_by_channel);
  return g_test_run ();
}
