/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-guide-paint.h"

#include "app/forge-cell-badge.h"

#include <glib/gi18n.h>

#define PAD         8
#define GAP         1.5
#define RADIUS      5
#define MARK_PIXELS 110
#define MIN_TEXT_PX 24 /* narrower cells stay empty: a letter or two says nothing */

typedef struct {
  GtkWidget *widget;
  cairo_t *cr;
  GtkStyleContext *style;
  PangoLayout *title, *small;
  const ForgeGuidePicture *picture;
  const ForgeGuideGeometry *geometry;
} Paint;

char *
forge_guide_clock (gint64 time)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);
  /* Translators: the time of day, as in date(1); "%l:%M %p" where people say 8:15 PM. */
  return moment ? g_date_time_format (moment, _ ("%H:%M")) : g_strdup ("");
}

char *
forge_guide_time_span (gint64 start, gint64 stop)
{
  g_autofree char *from = forge_guide_clock (start);
  g_autofree char *to = forge_guide_clock (stop);

  return g_strdup_printf ("%s – %s", from, to);
}

static const ForgeProgrammeCell *
cells_of (const ForgeGuidePicture *picture, guint row, guint *count, gboolean *is_known)
{
  const ForgeChannelLine *line = row < picture->lines->len ? g_ptr_array_index (picture->lines, row)
                                                           : NULL;

  *count = 0;
  *is_known = line == NULL;
  if (!picture->programmes || !line)
    return NULL;
  return forge_programme_table_cells (picture->programmes, line->id, count, is_known);
}

const ForgeProgrammeCell *
forge_guide_picture_cell (const ForgeGuidePicture *picture, guint row, gint64 time)
{
  gboolean is_known;
  guint count;
  const ForgeProgrammeCell *cells = cells_of (picture, row, &count, &is_known);

  for (guint i = 0; i < count; i++)
    if (cells[i].start <= time && time < cells[i].stop)
      return &cells[i];
  return NULL;
}

static void
set_color (Paint *p, const char *name, double alpha)
{
  forge_set_theme_color (p->cr, p->style, name, alpha);
}

/* One line of text in a box, from its start. */
static void
draw_text (Paint *p, PangoLayout *layout, const char *text, int x, int y, int width)
{
  pango_layout_set_text (layout, text, -1);
  pango_layout_set_width (layout, width * PANGO_SCALE);
  cairo_move_to (p->cr, x, y);
  pango_cairo_show_layout (p->cr, layout);
}

static int
line_height (PangoLayout *layout)
{
  int height;

  pango_layout_set_text (layout, "X", 1);
  pango_layout_get_pixel_size (layout, NULL, &height);
  return height;
}

static void
fill_cell (Paint *p, const ForgeGuideBox *box, gboolean is_on, gboolean is_cursor)
{
  forge_rounded_path (p->cr,
                      box->x + GAP,
                      box->y + GAP,
                      MAX (box->width - 2 * GAP, 1),
                      box->height - 2 * GAP,
                      RADIUS);
  if (is_cursor)
    set_color (p, "theme_selected_bg_color", 1);
  else if (is_on)
    set_color (p, "theme_selected_bg_color", 0.18);
  else
    set_color (p, "theme_fg_color", 0.06);
  cairo_fill (p->cr);
}

static void
write_cell (Paint *p,
            const ForgeGuideBox *box,
            const char *title,
            const char *below,
            gboolean is_cursor)
{
  const char *color = is_cursor ? "theme_selected_fg_color" : "theme_fg_color";
  int width = box->width - 2 * PAD;
  int title_height = line_height (p->title);
  int small_height = below ? line_height (p->small) : 0;
  int y = box->y + (box->height - title_height - small_height) / 2;

  if (width < MIN_TEXT_PX)
    return;
  set_color (p, color, 1);
  draw_text (p, p->title, title, box->x + PAD, y, width);
  if (below) {
    set_color (p, color, 0.7);
    draw_text (p, p->small, below, box->x + PAD, y + title_height, width);
  }
}

/* The line of now lies between them: it never crosses a word. */
typedef enum { CELLS, TEXTS } Layer;

static void
draw_programme (Paint *p, guint row, const ForgeProgrammeCell *cell, Layer layer)
{
  const ForgeGuidePicture *picture = p->picture;
  gboolean is_on = cell->start <= picture->now && picture->now < cell->stop;
  gboolean is_cursor = picture->has_cursor && picture->cursor_row == row &&
                       cell->start <= picture->cursor_time && picture->cursor_time < cell->stop;
  ForgeGuideBox box;

  if (!forge_guide_geometry_cell (p->geometry, row, cell->start, cell->stop, &box))
    return;
  if (layer == CELLS) {
    fill_cell (p, &box, is_on, is_cursor);
    return;
  }
  g_autofree char *span = forge_guide_time_span (cell->start, cell->stop);
  write_cell (p, &box, cell->title, span, is_cursor);
}

/* Time of which the guide says nothing, in one box. */
static void
draw_no_guide (Paint *p, guint row, gint64 from, gint64 to, Layer layer)
{
  const ForgeGuidePicture *picture = p->picture;
  gboolean is_cursor = picture->has_cursor && picture->cursor_row == row &&
                       from <= picture->cursor_time && picture->cursor_time < to;
  ForgeGuideBox box;

  if (!forge_guide_geometry_cell (p->geometry, row, from, to, &box))
    return;
  if (layer == CELLS)
    fill_cell (p, &box, FALSE, is_cursor);
  else
    write_cell (p, &box, _ ("No programme information"), NULL, is_cursor);
}

/* Returns how many cells stand for one box of silence, from the first on. */
static guint
silent_run (const ForgeProgrammeCell *cells, guint count)
{
  guint run = 0;

  while (run < count && cells[run].is_placeholder)
    run++;
  return run;
}

static void
draw_row (Paint *p, guint row, Layer layer)
{
  gboolean is_known;
  guint count;
  const ForgeProgrammeCell *cells = cells_of (p->picture, row, &count, &is_known);

  for (guint i = 0; i < count;) {
    guint run = silent_run (cells + i, count - i);
    if (run > 0)
      draw_no_guide (p, row, cells[i].start, cells[i + run - 1].stop, layer);
    else
      draw_programme (p, row, &cells[i], layer);
    i += MAX (run, 1);
  }
  if (is_known && count == 0)
    draw_no_guide (p, row, p->geometry->from, p->geometry->to, layer);
}

static void
draw_name (Paint *p, guint row)
{
  const ForgeChannelLine *line = g_ptr_array_index (p->picture->lines, row);
  ForgeGuideBox box = forge_guide_geometry_name (p->geometry, row);
  g_autofree char *number = g_strdup_printf ("%d", line->number);

  write_cell (p, &box, line->name, number, FALSE);
}

/* FALSE if now is not to be seen. */
static gboolean
find_now (Paint *p, int *x)
{
  gint64 from, to;

  forge_guide_geometry_visible_times (p->geometry, &from, &to);
  *x = forge_guide_geometry_x (p->geometry, p->picture->now);
  return p->picture->now >= from && p->picture->now < to;
}

static void
draw_now_line (Paint *p)
{
  int x;

  if (!find_now (p, &x))
    return;
  set_color (p, "error_color", 0.6);
  cairo_rectangle (p->cr, x - 1, p->geometry->ruler_height, 2, p->geometry->height);
  cairo_fill (p->cr);
}

static void
draw_grid (Paint *p)
{
  const ForgeGuideGeometry *geometry = p->geometry;
  guint first;
  guint count = forge_guide_geometry_visible_rows (geometry, &first);

  cairo_save (p->cr);
  cairo_rectangle (p->cr,
                   geometry->is_rtl ? 0 : geometry->names_width,
                   geometry->ruler_height,
                   forge_guide_geometry_page_width (geometry),
                   forge_guide_geometry_page_height (geometry));
  cairo_clip (p->cr);
  for (guint i = 0; i < count; i++)
    draw_row (p, first + i, CELLS);
  draw_now_line (p);
  for (guint i = 0; i < count; i++)
    draw_row (p, first + i, TEXTS);
  cairo_restore (p->cr);
}

static void
draw_names (Paint *p)
{
  const ForgeGuideGeometry *geometry = p->geometry;
  guint first;
  guint count = forge_guide_geometry_visible_rows (geometry, &first);

  cairo_save (p->cr);
  cairo_rectangle (p->cr,
                   geometry->is_rtl ? geometry->width - geometry->names_width : 0,
                   geometry->ruler_height,
                   geometry->names_width,
                   forge_guide_geometry_page_height (geometry));
  cairo_clip (p->cr);
  set_color (p, "theme_bg_color", 1);
  cairo_paint (p->cr);
  for (guint i = 0; i < count; i++)
    draw_name (p, first + i);
  cairo_restore (p->cr);
}

static char *
mark_text (gint64 time)
{
  g_autoptr (GDateTime) moment = g_date_time_new_from_unix_local (time);

  if (moment && g_date_time_get_hour (moment) == 0 && g_date_time_get_minute (moment) == 0)
    return g_date_time_format (moment, _ ("%a %e %b"));
  return forge_guide_clock (time);
}

static void
draw_mark (Paint *p, gint64 time)
{
  const ForgeGuideGeometry *geometry = p->geometry;
  g_autofree char *text = mark_text (time);
  int x = forge_guide_geometry_x (geometry, time);
  int width = MARK_PIXELS - PAD;

  set_color (p, "theme_fg_color", 0.75);
  draw_text (p,
             p->small,
             text,
             geometry->is_rtl ? x - width - PAD : x + PAD,
             (geometry->ruler_height - line_height (p->small)) / 2,
             width);
  set_color (p, "theme_fg_color", 0.2);
  cairo_rectangle (p->cr, x, geometry->ruler_height - 7, 1, 7);
  cairo_fill (p->cr);
}

/* Marks stand at round local times also where the zone is off by half an hour. */
static gint64
first_mark (gint64 from, int step)
{
  gint64 midnight = forge_guide_day_start (from, 0);

  return midnight + (from - midnight) / step * step;
}

static void
draw_ruler (Paint *p)
{
  const ForgeGuideGeometry *geometry = p->geometry;
  int step = forge_guide_geometry_step (geometry, MARK_PIXELS);
  gint64 from, to;

  cairo_save (p->cr);
  cairo_rectangle (p->cr, 0, 0, geometry->width, geometry->ruler_height);
  cairo_clip (p->cr);
  set_color (p, "theme_bg_color", 1);
  cairo_paint (p->cr);
  cairo_rectangle (p->cr,
                   geometry->is_rtl ? 0 : geometry->names_width,
                   0,
                   forge_guide_geometry_page_width (geometry),
                   geometry->ruler_height);
  cairo_clip (p->cr);
  forge_guide_geometry_visible_times (geometry, &from, &to);
  for (gint64 mark = first_mark (from, step); mark < to; mark += step)
    draw_mark (p, mark);
  cairo_restore (p->cr);
}

/* Its head, on the ruler. */
static void
draw_now (Paint *p)
{
  int x, y = p->geometry->ruler_height - 5;

  if (!find_now (p, &x))
    return;
  set_color (p, "error_color", 0.9);
  cairo_rectangle (p->cr, x - 1, y, 2, 5);
  cairo_fill (p->cr);
  cairo_arc (p->cr, x, y, 4, 0, 2 * G_PI);
  cairo_fill (p->cr);
}

static void
make_smaller (PangoLayout *layout, GtkStyleContext *style)
{
  PangoFontDescription *font;

  gtk_style_context_get (style, gtk_style_context_get_state (style), "font", &font, NULL);
  pango_font_description_set_size (font, pango_font_description_get_size (font) * 85 / 100);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);
}

void
forge_guide_paint (GtkWidget *widget, cairo_t *cr, const ForgeGuidePicture *picture)
{
  g_autoptr (PangoLayout) title = gtk_widget_create_pango_layout (widget, NULL);
  g_autoptr (PangoLayout) small = gtk_widget_create_pango_layout (widget, NULL);
  Paint p = { .widget = widget,
              .cr = cr,
              .style = gtk_widget_get_style_context (widget),
              .title = title,
              .small = small,
              .picture = picture,
              .geometry = &picture->geometry };

  /* The desktop's direction decides where a line begins, not its first letter. */
  pango_layout_set_auto_dir (title, FALSE);
  pango_layout_set_auto_dir (small, FALSE);
  pango_layout_set_ellipsize (title, PANGO_ELLIPSIZE_END);
  pango_layout_set_ellipsize (small, PANGO_ELLIPSIZE_END);
  make_smaller (small, p.style);
  set_color (&p, "theme_base_color", 1);
  cairo_paint (cr);
  draw_grid (&p);
  draw_names (&p);
  draw_ruler (&p);
  draw_now (&p);
}
