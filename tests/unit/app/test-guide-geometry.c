/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-guide-geometry.h"

#define BEGIN 1700000000

/* 600×330: names 100 wide, ruler 30 high, rows of 50; a pixel is 10 s. */
static ForgeGuideGeometry
make (gboolean is_rtl)
{
  return (ForgeGuideGeometry){
    .from = BEGIN,
    .to = BEGIN + 100000,
    .pixel_s = 10,
    .row_height = 50,
    .ruler_height = 30,
    .names_width = 100,
    .width = 600,
    .height = 330,
    .rows = 20,
    .is_rtl = is_rtl,
  };
}

static void
assert_box (const ForgeGuideBox *box, int x, int y, int width, int height)
{
  g_assert_cmpint (box->x, ==, x);
  g_assert_cmpint (box->y, ==, y);
  g_assert_cmpint (box->width, ==, width);
  g_assert_cmpint (box->height, ==, height);
}

static void
test_sizes (void)
{
  ForgeGuideGeometry geometry = make (FALSE);
  guint first;
  gint64 from, to;

  g_assert_cmpfloat (forge_guide_geometry_length (&geometry), ==, 10000);
  g_assert_cmpfloat (forge_guide_geometry_depth (&geometry), ==, 1000);
  g_assert_cmpint (forge_guide_geometry_page_width (&geometry), ==, 500);
  g_assert_cmpuint (forge_guide_geometry_visible_rows (&geometry, &first), ==, 6);
  geometry.down = 75;
  g_assert_cmpuint (forge_guide_geometry_visible_rows (&geometry, &first), ==, 7);
  g_assert_cmpuint (first, ==, 1);
  geometry.down = 700;
  g_assert_cmpuint (forge_guide_geometry_visible_rows (&geometry, &first), ==, 6);
  geometry.rows = 0;
  geometry.down = 0;
  g_assert_cmpuint (forge_guide_geometry_visible_rows (&geometry, &first), ==, 0);
  geometry.along = 9800;
  forge_guide_geometry_visible_times (&geometry, &from, &to);
  g_assert_cmpint (from, ==, BEGIN + 98000);
  g_assert_cmpint (to, ==, BEGIN + 100000);
}

static void
test_cells_are_cut_at_the_edges (void)
{
  ForgeGuideGeometry geometry = make (FALSE);
  ForgeGuideBox box;

  g_assert_true (forge_guide_geometry_cell (&geometry, 1, BEGIN + 1000, BEGIN + 2000, &box));
  assert_box (&box, 200, 80, 100, 50);
  g_assert_true (forge_guide_geometry_cell (&geometry, 0, BEGIN - 500, BEGIN + 100, &box));
  assert_box (&box, 100, 30, 10, 50);
  g_assert_true (forge_guide_geometry_cell (&geometry, 0, BEGIN + 4900, BEGIN + 9000, &box));
  assert_box (&box, 590, 30, 10, 50);
  g_assert_false (forge_guide_geometry_cell (&geometry, 0, BEGIN + 5000, BEGIN + 9000, &box));
  g_assert_false (forge_guide_geometry_cell (&geometry, 6, BEGIN, BEGIN + 100, &box));
  geometry.down = 50;
  g_assert_false (forge_guide_geometry_cell (&geometry, 0, BEGIN, BEGIN + 100, &box));
}

static void
test_right_to_left_is_the_mirror_image (void)
{
  ForgeGuideGeometry ltr = make (FALSE);
  ForgeGuideGeometry rtl = make (TRUE);
  ForgeGuideBox one, two;

  for (int i = 0; i < 200; i++) {
    gint64 start = BEGIN + g_test_rand_int_range (-1000, 6000);
    gint64 stop = start + g_test_rand_int_range (60, 3000);
    ltr.along = rtl.along = g_test_rand_int_range (0, 300);
    gboolean is_seen = forge_guide_geometry_cell (&ltr, 2, start, stop, &one);
    g_assert_cmpint (is_seen, ==, forge_guide_geometry_cell (&rtl, 2, start, stop, &two));
    if (is_seen)
      assert_box (&two, 600 - one.x - one.width, one.y, one.width, one.height);
  }
  g_assert_cmpint (forge_guide_geometry_name (&rtl, 0).x, ==, 500);
}

static void
test_what_is_drawn_is_what_is_hit (void)
{
  for (int rtl = 0; rtl < 2; rtl++) {
    ForgeGuideGeometry geometry = make (rtl);
    ForgeGuideBox box;
    geometry.along = 123;
    geometry.down = 37;
    g_assert_true (forge_guide_geometry_cell (&geometry, 3, BEGIN + 3000, BEGIN + 4200, &box));
    ForgeGuidePlace place = forge_guide_geometry_at (&geometry, box.x + 2, box.y + 2);
    g_assert_cmpint (place.kind, ==, FORGE_GUIDE_TIME);
    g_assert_cmpuint (place.row, ==, 3);
    g_assert_cmpint (place.time, >=, BEGIN + 3000);
    g_assert_cmpint (place.time, <, BEGIN + 4200);
    ForgeGuideBox name = forge_guide_geometry_name (&geometry, 2);
    place = forge_guide_geometry_at (&geometry, name.x + 5, name.y + 5);
    g_assert_cmpint (place.kind, ==, FORGE_GUIDE_NAME);
    g_assert_cmpuint (place.row, ==, 2);
  }
}

static void
test_outside_is_nothing (void)
{
  ForgeGuideGeometry geometry = make (FALSE);

  g_assert_cmpint (forge_guide_geometry_at (&geometry, 300, 10).kind, ==, FORGE_GUIDE_RULER);
  g_assert_cmpint (forge_guide_geometry_at (&geometry, -1, 10).kind, ==, FORGE_GUIDE_NOTHING);
  g_assert_cmpint (forge_guide_geometry_at (&geometry, 10, 330).kind, ==, FORGE_GUIDE_NOTHING);
  geometry.rows = 1;
  g_assert_cmpint (forge_guide_geometry_at (&geometry, 300, 90).kind, ==, FORGE_GUIDE_NOTHING);
}

static void
test_reveals_with_the_smallest_scroll (void)
{
  ForgeGuideGeometry geometry = make (FALSE);
  double along, down;

  forge_guide_geometry_reveal (&geometry, 0, BEGIN + 100, BEGIN + 200, &along, &down);
  g_assert_cmpfloat (along, ==, 0);
  g_assert_cmpfloat (down, ==, 0);
  forge_guide_geometry_reveal (&geometry, 7, BEGIN + 5000, BEGIN + 6000, &along, &down);
  g_assert_cmpfloat (along, ==, 100);
  g_assert_cmpfloat (down, ==, 100);
  forge_guide_geometry_reveal (&geometry, 0, BEGIN + 5000, BEGIN + 50000, &along, &down);
  g_assert_cmpfloat (along, ==, 500);
  g_assert_cmpfloat (forge_guide_geometry_along_for (&geometry, BEGIN + 5000), ==, 450);
  g_assert_cmpfloat (forge_guide_geometry_along_for (&geometry, BEGIN), ==, 0);
  g_assert_cmpfloat (forge_guide_geometry_along_for (&geometry, BEGIN + 100000), ==, 9500);
}

static void
test_marks_keep_their_distance (void)
{
  ForgeGuideGeometry geometry = make (FALSE);

  g_assert_cmpint (forge_guide_geometry_step (&geometry, 90), ==, 900);
  g_assert_cmpint (forge_guide_geometry_step (&geometry, 100), ==, 1800);
  geometry.pixel_s = 100000;
  g_assert_cmpint (forge_guide_geometry_step (&geometry, 100), ==, 86400);
}

/* 2026-03-29: Berlin's clocks go forward, the day has 23 hours. */
static void
test_days_begin_at_midnight_also_when_clocks_change (void)
{
  g_setenv ("TZ", "Europe/Berlin", TRUE);
  gint64 saturday_noon = 1774695600; /* 2026-03-28 12:00 +0100 */

  g_assert_cmpint (forge_guide_day_start (saturday_noon, 0), ==, saturday_noon - 12 * 3600);
  gint64 sunday = forge_guide_day_start (saturday_noon, 1);
  g_assert_cmpint (sunday, ==, saturday_noon + 12 * 3600);
  g_assert_cmpint (forge_guide_day_start (saturday_noon, 2), ==, sunday + 23 * 3600);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/guide-geometry/sizes", test_sizes);
  g_test_add_func ("/app/guide-geometry/cells-are-cut-at-the-edges",
                   test_cells_are_cut_at_the_edges);
  g_test_add_func ("/app/guide-geometry/right-to-left-is-the-mirror-image",
                   test_right_to_left_is_the_mirror_image);
  g_test_add_func ("/app/guide-geometry/what-is-drawn-is-what-is-hit",
                   test_what_is_drawn_is_what_is_hit);
  g_test_add_func ("/app/guide-geometry/outside-is-nothing", test_outside_is_nothing);
  g_test_add_func ("/app/guide-geometry/reveals-with-the-smallest-scroll",
                   test_reveals_with_the_smallest_scroll);
  g_test_add_func ("/app/guide-geometry/marks-keep-their-distance", test_marks_keep_their_distance);
  g_test_add_func ("/app/guide-geometry/days-begin-at-midnight",
                   test_days_begin_at_midnight_also_when_clocks_change);
  return g_test_run ();
}
