/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-health.h"

#include <string.h>

#define NOW    1800000000
#define MIN_S  60
#define HOUR_S 3600

typedef struct {
  int from_min, to_min; /* from now */
  const char *title;
} Programme;

/* Ends with a NULL title. */
static ForgeGuideHealth *
look_at (const Programme *programmes)
{
  ForgeGuideHealth *health = forge_guide_health_new (NOW);

  for (; programmes->title; programmes++)
    forge_guide_health_add (health,
                            NOW + programmes->from_min * MIN_S,
                            NOW + programmes->to_min * MIN_S,
                            programmes->title);
  forge_guide_health_finish (health);
  return health;
}

static void
test_a_full_guide_is_fine (void)
{
  static const Programme full[] = { { -90, -30, "Over" },  { -30, 60, "Now" },
                                    { 60, 800, "Next" },   { 830, 1500, "Later" },
                                    { 1500, 2880, "End" }, { 0 } };
  g_autoptr (ForgeGuideHealth) health = look_at (full);

  g_assert_cmpstr (forge_guide_health_state (health), ==, "ok");
  g_assert_cmpint (health->programmes, ==, 4);
  g_assert_cmpint (health->hours_left, ==, 48);
  g_assert_cmpint (health->gaps, ==, 0);
  g_assert_cmpint (health->overlaps, ==, 0);
}

static void
test_gaps_of_the_next_day_count (void)
{
  static const Programme holes[] = { { 45, 100, "First" },     /* 45 min until it */
                                     { 130, 200, "Second" },   /* 30 min: normal */
                                     { 260, 1300, "Third" },   /* 60 min */
                                     { 1420, 1500, "Fourth" }, /* 120 min */
                                     { 2000, 3000, "Far" },    /* beyond 24 h */
                                     { 0 } };
  g_autoptr (ForgeGuideHealth) health = look_at (holes);

  g_assert_cmpint (health->gaps, ==, 3);
  g_assert_cmpint (health->gap_minutes, ==, 45 + 60 + 120);
  g_assert_cmpstr (forge_guide_health_state (health), ==, "gaps");
}

static void
test_a_gap_over_the_edge_counts_to_the_edge (void)
{
  static const Programme edge[] = { { 0, 1400, "Long" }, { 2000, 3000, "Far" }, { 0 } };
  g_autoptr (ForgeGuideHealth) health = look_at (edge);

  g_assert_cmpint (health->gaps, ==, 1);
  g_assert_cmpint (health->gap_minutes, ==, 40);
}

static void
test_overlaps_and_duplicates_are_told_apart (void)
{
  static const Programme mess[] = { { -10, 60, "Film" },
                                    { 0, 60, "Film" },   /* the same once more */
                                    { 30, 90, "Other" }, /* another one */
                                    { 90, 1600, "End" },
                                    { 0 } };
  g_autoptr (ForgeGuideHealth) health = look_at (mess);

  g_assert_cmpint (health->overlaps, ==, 2);
  g_assert_cmpint (health->duplicates, ==, 1);
  g_assert_cmpint (health->gaps, ==, 0);
  g_assert_cmpstr (forge_guide_health_state (health), ==, "overlaps");
}

static void
test_short_and_missing_guides (void)
{
  static const Programme little[] = { { 0, 120, "Now" }, { 0 } }, nothing[] = { { 0 } },
                         past[] = { { -120, -60, "Over" }, { 0 } };
  g_autoptr (ForgeGuideHealth) shortly = look_at (little);
  g_autoptr (ForgeGuideHealth) none = look_at (nothing);
  g_autoptr (ForgeGuideHealth) over = look_at (past);

  g_assert_cmpstr (forge_guide_health_state (shortly), ==, "short");
  g_assert_cmpint (shortly->hours_left, ==, 2);
  g_assert_cmpstr (forge_guide_health_state (none), ==, "none");
  g_assert_cmpstr (forge_guide_health_state (over), ==, "none");
  g_assert_cmpint (over->hours_left, ==, 0);
}

static void
test_rounding_is_no_overlap (void)
{
  static const Programme rounded[] = { { 0, 60, "A" }, { 60, 1600, "B" }, { 0 } };
  g_autoptr (ForgeGuideHealth) health = look_at (rounded);

  forge_guide_health_add (health, NOW + 1600 * MIN_S - 59, NOW + 30 * HOUR_S, "C");
  g_assert_cmpint (health->overlaps, ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/health/a-full-guide-is-fine", test_a_full_guide_is_fine);
  g_test_add_func ("/guide/health/gaps-of-the-next-day-count", test_gaps_of_the_next_day_count);
  g_test_add_func ("/guide/health/a-gap-over-the-edge-counts-to-the-edge",
                   test_a_gap_over_the_edge_counts_to_the_edge);
  g_test_add_func ("/guide/health/overlaps-and-duplicates-are-told-apart",
                   test_overlaps_and_duplicates_are_told_apart);
  g_test_add_func ("/guide/health/short-and-missing-guides", test_short_and_missing_guides);
  g_test_add_func ("/guide/health/rounding-is-no-overlap", test_rounding_is_no_overlap);
  return g_test_run ();
}
