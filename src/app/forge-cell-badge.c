/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-cell-badge.h"

#include <math.h>

#define PAD_X      8
#define PAD_Y      2
#define TINT_ALPHA 0.22

struct _ForgeCellBadge {
  GtkCellRendererText parent;
  char *tint;
};

G_DEFINE_FINAL_TYPE (ForgeCellBadge, forge_cell_badge, GTK_TYPE_CELL_RENDERER_TEXT)

enum { PROP_0, PROP_TINT, N_PROPS };
static GParamSpec *props[N_PROPS];

void
forge_rounded_path (cairo_t *cr, double x, double y, double width, double height, double radius)
{
  double r = MIN (radius, MIN (width, height) / 2);

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - r, y + r, r, -G_PI_2, 0);
  cairo_arc (cr, x + width - r, y + height - r, r, 0, G_PI_2);
  cairo_arc (cr, x + r, y + height - r, r, G_PI_2, G_PI);
  cairo_arc (cr, x + r, y + r, r, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

void
forge_set_theme_color (cairo_t *cr, GtkStyleContext *style, const char *name, double alpha)
{
  GdkRGBA color;

  if (!name || !gtk_style_context_lookup_color (style, name, &color))
    gtk_style_context_get_color (style, gtk_style_context_get_state (style), &color);
  color.alpha *= alpha;
  gdk_cairo_set_source_rgba (cr, &color);
}

static void
draw_field (ForgeCellBadge *self, cairo_t *cr, GtkWidget *widget, const GdkRectangle *area)
{
  int width, height;

  gtk_cell_renderer_get_preferred_width (GTK_CELL_RENDERER (self), widget, NULL, &width);
  gtk_cell_renderer_get_preferred_height (GTK_CELL_RENDERER (self), widget, NULL, &height);
  width = MIN (width, area->width);
  height = MIN (height - 2 * PAD_Y + 4, area->height - 2);
  int x = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL ? area->x + area->width - width
                                                                : area->x;
  int y = area->y + (area->height - height) / 2;
  forge_rounded_path (cr, x, y, width, height, height / 2.0);
  forge_set_theme_color (cr, gtk_widget_get_style_context (widget), self->tint, TINT_ALPHA);
  cairo_fill (cr);
}

static void
forge_cell_badge_render (GtkCellRenderer *cell,
                         cairo_t *cr,
                         GtkWidget *widget,
                         const GdkRectangle *background_area,
                         const GdkRectangle *cell_area,
                         GtkCellRendererState flags)
{
  ForgeCellBadge *self = FORGE_CELL_BADGE (cell);

  if (!self->tint || *self->tint)
    draw_field (self, cr, widget, cell_area);
  GTK_CELL_RENDERER_CLASS (forge_cell_badge_parent_class)
      ->render (cell, cr, widget, background_area, cell_area, flags);
}

static void
forge_cell_badge_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  ForgeCellBadge *self = FORGE_CELL_BADGE (object);

  g_free (self->tint);
  self->tint = g_value_dup_string (value);
}

static void
forge_cell_badge_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_string (value, FORGE_CELL_BADGE (object)->tint);
}

static void
forge_cell_badge_finalize (GObject *object)
{
  g_free (FORGE_CELL_BADGE (object)->tint);
  G_OBJECT_CLASS (forge_cell_badge_parent_class)->finalize (object);
}

static void
forge_cell_badge_class_init (ForgeCellBadgeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = forge_cell_badge_set_property;
  object_class->get_property = forge_cell_badge_get_property;
  object_class->finalize = forge_cell_badge_finalize;
  GTK_CELL_RENDERER_CLASS (klass)->render = forge_cell_badge_render;
  props[PROP_TINT] =
      g_param_spec_string ("tint", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
forge_cell_badge_init (ForgeCellBadge *self)
{
  g_object_set (self, "xpad", PAD_X, "ypad", PAD_Y, "scale", 0.9, NULL);
}
