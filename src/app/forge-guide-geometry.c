/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-guide-geometry.h"

#include <math.h>

double
forge_guide_geometry_length (const ForgeGuideGeometry *geometry)
{
  return (double)(geometry->to - geometry->from) / geometry->pixel_s;
}

double
forge_guide_geometry_depth (const ForgeGuideGeometry *geometry)
{
  return (double)geometry->rows * geometry->row_height;
}

int
forge_guide_geometry_page_width (const ForgeGuideGeometry *geometry)
{
  return MAX (geometry->width - geometry->names_width, 0);
}

int
forge_guide_geometry_page_height (const ForgeGuideGeometry *geometry)
{
  return MAX (geometry->height - geometry->ruler_height, 0);
}

guint
forge_guide_geometry_visible_rows (const ForgeGuideGeometry *geometry, guint *first)
{
  double bottom = geometry->down + forge_guide_geometry_page_height (geometry);

  *first = (guint)(geometry->down / geometry->row_height);
  guint end = (guint)MIN (ceil (bottom / geometry->row_height), (double)geometry->rows);
  return end > *first ? end - *first : 0;
}

void
forge_guide_geometry_visible_times (const ForgeGuideGeometry *geometry, gint64 *from, gint64 *to)
{
  double page = forge_guide_geometry_page_width (geometry);

  *from = geometry->from + (gint64)floor (geometry->along * geometry->pixel_s);
  *to = MIN (geometry->from + (gint64)ceil ((geometry->along + page) * geometry->pixel_s),
             geometry->to);
}

/* From pixels behind the start of the widget to x and back: its own inverse. */
static double
mirror (const ForgeGuideGeometry *geometry, double offset)
{
  return geometry->is_rtl ? geometry->width - offset : offset;
}

static double
offset_of (const ForgeGuideGeometry *geometry, gint64 time)
{
  return geometry->names_width + (double)(time - geometry->from) / geometry->pixel_s -
         geometry->along;
}

int
forge_guide_geometry_x (const ForgeGuideGeometry *geometry, gint64 time)
{
  int offset = (int)lround (offset_of (geometry, time));

  return geometry->is_rtl ? geometry->width - offset : offset;
}

int
forge_guide_geometry_y (const ForgeGuideGeometry *geometry, guint row)
{
  return (int)lround (geometry->ruler_height + (double)row * geometry->row_height - geometry->down);
}

gboolean
forge_guide_geometry_cell (const ForgeGuideGeometry *geometry,
                           guint row,
                           gint64 start,
                           gint64 stop,
                           ForgeGuideBox *box)
{
  double from = MAX (offset_of (geometry, start), (double)geometry->names_width);
  double to = MIN (offset_of (geometry, stop), (double)geometry->width);
  int y = forge_guide_geometry_y (geometry, row);

  if (to <= from || y + geometry->row_height <= geometry->ruler_height || y >= geometry->height)
    return FALSE;
  /* Rounded before it is mirrored, so that both directions show the same. */
  int left = (int)lround (from);
  int right = (int)lround (to);
  int x = geometry->is_rtl ? geometry->width - right : left;
  *box = (ForgeGuideBox){ x, y, right - left, geometry->row_height };
  return box->width > 0;
}

ForgeGuideBox
forge_guide_geometry_name (const ForgeGuideGeometry *geometry, guint row)
{
  int x = geometry->is_rtl ? geometry->width - geometry->names_width : 0;

  return (ForgeGuideBox){ x,
                          forge_guide_geometry_y (geometry, row),
                          geometry->names_width,
                          geometry->row_height };
}

ForgeGuidePlace
forge_guide_geometry_at (const ForgeGuideGeometry *geometry, double x, double y)
{
  double offset = mirror (geometry, x);
  double row = floor ((y - geometry->ruler_height + geometry->down) / geometry->row_height);
  ForgeGuidePlace place = { FORGE_GUIDE_NOTHING, 0, 0 };

  if (x < 0 || y < 0 || x >= geometry->width || y >= geometry->height)
    return place;
  place.time = geometry->from + (gint64)floor ((offset - geometry->names_width + geometry->along) *
                                               geometry->pixel_s);
  if (y < geometry->ruler_height) {
    place.kind = FORGE_GUIDE_RULER;
  } else if (row < geometry->rows) {
    place.row = (guint)row;
    place.kind = offset < geometry->names_width ? FORGE_GUIDE_NAME : FORGE_GUIDE_TIME;
  }
  return place;
}

/* The nearest scroll to `now` that shows `from` … `to`, `from` if both do not fit. */
static double
reveal (double now, double from, double to, double page)
{
  if (to - from >= page || from < now)
    return from;
  return to > now + page ? to - page : now;
}

void
forge_guide_geometry_reveal (const ForgeGuideGeometry *geometry,
                             guint row,
                             gint64 start,
                             gint64 stop,
                             double *along,
                             double *down)
{
  double from = (double)(MAX (start, geometry->from) - geometry->from) / geometry->pixel_s;
  double to = (double)(MIN (stop, geometry->to) - geometry->from) / geometry->pixel_s;
  double top = (double)row * geometry->row_height;

  *along = reveal (geometry->along, from, to, forge_guide_geometry_page_width (geometry));
  *down = reveal (geometry->down,
                  top,
                  top + geometry->row_height,
                  forge_guide_geometry_page_height (geometry));
}

double
forge_guide_geometry_along_for (const ForgeGuideGeometry *geometry, gint64 time)
{
  double page = forge_guide_geometry_page_width (geometry);
  double wanted = (double)(time - geometry->from) / geometry->pixel_s - page / 10;

  return CLAMP (wanted, 0, MAX (forge_guide_geometry_length (geometry) - page, 0));
}

int
forge_guide_geometry_step (const ForgeGuideGeometry *geometry, int pixels)
{
  static const int steps[] = { 900, 1800, 3600, 7200, 10800, 21600, 43200 };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (steps[i] / geometry->pixel_s >= pixels)
      return steps[i];
  return 86400;
}

gint64
forge_guide_day_start (gint64 time, int day)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);
  g_autoptr (GDateTime) there = moment ? g_date_time_add_days (moment, day) : NULL;

  if (!there)
    return time;
  g_autoptr (GDateTime) midnight = g_date_time_new_local (g_date_time_get_year (there),
                                                          g_date_time_get_month (there),
                                                          g_date_time_get_day_of_month (there),
                                                          0,
                                                          0,
                                                          0);
  return midnight ? g_date_time_to_unix (midnight) : time;
}
