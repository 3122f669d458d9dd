/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-shift.h"
#include "store/forge-store-guide.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW 1800000000

static void
append (GArray *entries, gint64 start, const char *title)
{
  ForgeGuideShiftEntry entry = { start, forge_guide_shift_title (title) };

  g_array_append_val (entries, entry);
}

/* `n` half hours with titles of their own, `off_s` late. */
static GArray *
evening (guint n, gint64 off_s)
{
  GArray *entries = g_array_new (FALSE, FALSE, sizeof (ForgeGuideShiftEntry));

  for (guint i = 0; i < n; i++) {
    g_autofree char *title = g_strdup_printf ("Film %u", i);
    append (entries, NOW + i * 1800 + off_s, title);
  }
  return entries;
}

static int
hours_between (GArray *reference, GArray *other)
{
  ForgeGuideShift shift = { 0 };

  forge_guide_shift_add (&shift, reference, other);
  return forge_guide_shift_hours (&shift);
}

static void
test_whole_hours_are_found (void)
{
  static const int cases[] = { 0, 1, -1, 2, -7, 12, -12 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GArray) reference = evening (20, 0);
    g_autoptr (GArray) other = evening (20, -cases[i] * 3600 + 60);
    g_assert_cmpint (hours_between (reference, other), ==, cases[i]);
  }
}

static void
test_no_whole_hour_is_no_shift (void)
{
  static const gint64 cases[] = { 1800, -900, 600, 13 * 3600, -30 * 3600 };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GArray) reference = evening (20, 0);
    g_autoptr (GArray) other = evening (20, cases[i]);
    g_assert_cmpint (hours_between (reference, other), ==, 0);
  }
}

static void
test_repeated_titles_do_not_count (void)
{
  g_autoptr (GArray) reference = g_array_new (FALSE, FALSE, sizeof (ForgeGuideShiftEntry));
  g_autoptr (GArray) other = g_array_new (FALSE, FALSE, sizeof (ForgeGuideShiftEntry));

  for (int i = 0; i < 24; i++) {
    append (reference, NOW + i * 3600, "News");
    append (other, NOW + (i + 1) * 3600, "News");
  }
  g_assert_cmpint (hours_between (reference, other), ==, 0);
}

static void
test_little_evidence_is_none (void)
{
  g_autoptr (GArray) few = evening (4, 0);
  g_autoptr (GArray) few_late = evening (4, 3600);
  g_autoptr (GArray) many = evening (20, 0);
  g_autoptr (GArray) mixed = evening (10, 3600);
  ForgeGuideShift nothing = { 0 };

  g_assert_cmpint (hours_between (few, few_late), ==, 0);
  /* half an hour late, half right */
  for (int i = 10; i < 20; i++) {
    g_autofree char *title = g_strdup_printf ("Film %d", i);
    append (mixed, NOW + i * 1800, title);
  }
  g_assert_cmpint (hours_between (many, mixed), ==, 0);
  g_assert_cmpint (forge_guide_shift_hours (&nothing), ==, 0);
}

static void
test_titles_compare_without_case_and_blanks (void)
{
  g_assert_cmpuint (forge_guide_shift_title ("Das  Große Finale "),
                    ==,
                    forge_guide_shift_title ("das große finale"));
  g_assert_cmpuint (forge_guide_shift_title ("\xff"), ==, forge_guide_shift_title ("\xff"));
  g_assert_cmpuint (forge_guide_shift_title ("a"), !=, forge_guide_shift_title ("b"));
}

/* A guide with one channel of `n` half hours, `off_s` late. */
static gint64
add_guide (ForgeStore *store, const char *name, const char *xmltv_id, gint64 off_s)
{
  const char *const names[] = { "One", NULL };
  const ForgeGuideChannelRow channel = { .xmltv_id = xmltv_id, .names = names };
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  g_autoptr (GError) error = NULL;

  source->name = g_strdup (name);
  source->location = g_strdup ("/guide.xml");
  source->id = forge_store_add_guide_source (store, source, &error);
  gint64 generation = forge_store_begin_guide (store, source->id, &error);
  gint64 row = forge_store_add_guide_channel (store, source->id, generation, &channel, &error);
  for (int i = 1; i < 40; i++) {
    g_autofree char *title = g_strdup_printf ("Film %d", i);
    const ForgeProgrammeRow programme = { .start = NOW + i * 1800 + off_s,
                                          .stop = NOW + (i + 1) * 1800 + off_s,
                                          .title = title,
                                          .inner = "" };
    g_assert_true (forge_store_add_programme (store, row, generation, &programme, &error));
  }
  g_assert_true (forge_store_activate_guide (store, source, generation, &error));
  g_assert_no_error (error);
  return source->id;
}

static int
suggested (ForgeStore *store, gint64 id)
{
  g_autoptr (ForgeGuideSource) source = forge_store_get_guide_source (store, id, NULL);

  return source->suggested_shift_minutes;
}

static void
test_sources_are_compared_and_corrected (void)
{
  g_autofree char *folder = g_dir_make_tmp ("forge-shift-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (folder, "test.db", NULL);
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_open (path, NULL, &error);

  gint64 right = add_guide (store, "Right", "one.uk", 0);
  gint64 late = add_guide (store, "Late", "ONE.uk", 2 * 3600);
  gint64 by_name = add_guide (store, "By name", "channel-1", -3600);
  g_assert_true (forge_guide_shift_find (store, NOW, &error));
  g_assert_cmpint (suggested (store, right), ==, 0);
  g_assert_cmpint (suggested (store, late), ==, -120);
  g_assert_cmpint (suggested (store, by_name), ==, 60);

  g_autoptr (ForgeGuideSource) stored = forge_store_get_guide_source (store, late, &error);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_copy (stored);
  source->shift_minutes = -120;
  g_assert_true (forge_store_update_guide_source (store, source, &error));
  g_assert_true (forge_guide_shift_find (store, NOW, &error));
  g_assert_cmpint (suggested (store, late), ==, -120); /* as it is */
  forge_store_close (store);
  g_unlink (path);
  g_rmdir (folder);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/shift/whole-hours-are-found", test_whole_hours_are_found);
  g_test_add_func ("/guide/shift/no-whole-hour-is-no-shift", test_no_whole_hour_is_no_shift);
  g_test_add_func ("/guide/shift/repeated-titles-do-not-count", test_repeated_titles_do_not_count);
  g_test_add_func ("/guide/shift/little-evidence-is-none", test_little_evidence_is_none);
  g_test_add_func ("/guide/shift/titles-compare-without-case-and-blanks",
                   test_titles_compare_without_case_and_blanks);
  g_test_add_func ("/guide/shift/sources-are-compared-and-corrected",
                   test_sources_are_compared_and_corrected);
  return g_test_run ();
}
