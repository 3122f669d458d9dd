/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeGuideGeometry: where things are in the guide's grid. Time runs along x (to the left in
 * right-to-left languages), channels along y; a ruler on top and the names at the start stay in
 * view. Pure arithmetic; widget coordinates in pixels, times in UTC seconds.
 */
typedef struct {
  gint64 from, to;    /* of the whole time line */
  double pixel_s;     /* seconds that one pixel stands for */
  int row_height;     /* of a channel */
  int ruler_height;   /* on top */
  int names_width;    /* at the start of a row */
  int width, height;  /* of the widget */
  guint rows;         /* channels */
  double along, down; /* how far it is scrolled from the start and from the top */
  gboolean is_rtl;
} ForgeGuideGeometry;

typedef struct {
  int x, y, width, height;
} ForgeGuideBox;

typedef enum {
  FORGE_GUIDE_NOTHING,
  FORGE_GUIDE_RULER,
  FORGE_GUIDE_NAME,
  FORGE_GUIDE_TIME, /* in a row, at a time */
} ForgeGuidePlaceKind;

typedef struct {
  ForgeGuidePlaceKind kind;
  guint row;
  gint64 time;
} ForgeGuidePlace;

/* Of all of it, without ruler and names. */
double forge_guide_geometry_length (const ForgeGuideGeometry *geometry);
double forge_guide_geometry_depth (const ForgeGuideGeometry *geometry);
/* What is left for the grid itself. */
int forge_guide_geometry_page_width (const ForgeGuideGeometry *geometry);
int forge_guide_geometry_page_height (const ForgeGuideGeometry *geometry);

/* Rows that can be seen, from `*first` on; 0 = none. */
guint forge_guide_geometry_visible_rows (const ForgeGuideGeometry *geometry, guint *first);
void
forge_guide_geometry_visible_times (const ForgeGuideGeometry *geometry, gint64 *from, gint64 *to);

int forge_guide_geometry_x (const ForgeGuideGeometry *geometry, gint64 time);
int forge_guide_geometry_y (const ForgeGuideGeometry *geometry, guint row);
/* The part of a programme that can be seen; FALSE if none of it can. */
gboolean forge_guide_geometry_cell (const ForgeGuideGeometry *geometry,
                                    guint row,
                                    gint64 start,
                                    gint64 stop,
                                    ForgeGuideBox *box);
ForgeGuideBox forge_guide_geometry_name (const ForgeGuideGeometry *geometry, guint row);
ForgeGuidePlace forge_guide_geometry_at (const ForgeGuideGeometry *geometry, double x, double y);

/* The smallest scroll that shows as much as possible of a programme, its beginning first. */
void forge_guide_geometry_reveal (const ForgeGuideGeometry *geometry,
                                  guint row,
                                  gint64 start,
                                  gint64 stop,
                                  double *along,
                                  double *down);
/* How far to scroll so that `time` stands a tenth of the page behind the start. */
double forge_guide_geometry_along_for (const ForgeGuideGeometry *geometry, gint64 time);

/* Seconds between two marks of the ruler that are at least `pixels` apart: 15, 30 minutes or whole
 * hours. */
int forge_guide_geometry_step (const ForgeGuideGeometry *geometry, int pixels);

/* Midnight at the beginning of the `day`-th local day after that of `time`; right across a change
 * of the clocks. */
gint64 forge_guide_day_start (gint64 time, int day);

G_END_DECLS
