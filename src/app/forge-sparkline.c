/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-sparkline.h"

#include <glib/gi18n.h>

#define N_SAMPLES    120
#define WIDTH_PX     132
#define HEIGHT_PX    36
#define LINE_PX      1.5
#define FILL_OPACITY 0.18

struct _ForgeSparkline {
  GtkDrawingArea parent;
  int samples[N_SAMPLES]; /* a ring */
  guint next, count;
};

G_DEFINE_FINAL_TYPE (ForgeSparkline, forge_sparkline, GTK_TYPE_DRAWING_AREA)

/* The `index`-th oldest. */
static int
sample (const ForgeSparkline *self, guint index)
{
  return self->samples[(self->next + N_SAMPLES - self->count + index) % N_SAMPLES];
}

static int
largest (const ForgeSparkline *self)
{
  int top = 1;

  for (guint i = 0; i < self->count; i++)
    top = MAX (top, sample (self, i));
  return top;
}

/* Time runs as the language is read. */
static void
trace (const ForgeSparkline *self, cairo_t *cr, double width, double height)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET ((gpointer)self)) == GTK_TEXT_DIR_RTL;
  double step = width / (N_SAMPLES - 1), top = largest (self), usable = height - 2 * LINE_PX;

  for (guint i = 0; i < self->count; i++) {
    double x = width - (self->count - 1 - i) * step;
    cairo_line_to (cr, is_rtl ? width - x : x, height - LINE_PX - usable * sample (self, i) / top);
  }
}

static gboolean
forge_sparkline_draw (GtkWidget *widget, cairo_t *cr)
{
  const ForgeSparkline *self = FORGE_SPARKLINE (widget);
  GtkStyleContext *style = gtk_widget_get_style_context (widget);
  double width = gtk_widget_get_allocated_width (widget),
         height = gtk_widget_get_allocated_height (widget);
  GdkRGBA color;

  if (self->count < 2)
    return FALSE;
  gtk_style_context_get_color (style, gtk_style_context_get_state (style), &color);
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_set_line_width (cr, LINE_PX);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  trace (self, cr, width, height);
  cairo_stroke_preserve (cr);
  gboolean is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  double first_x = width - (self->count - 1) * width / (N_SAMPLES - 1);
  cairo_line_to (cr, is_rtl ? 0 : width, height);
  cairo_line_to (cr, is_rtl ? width - first_x : first_x, height);
  color.alpha *= FILL_OPACITY;
  gdk_cairo_set_source_rgba (cr, &color);
  cairo_fill (cr);
  return FALSE;
}

void
forge_sparkline_add (ForgeSparkline *self, int value)
{
  self->samples[self->next] = MAX (value, 0);
  self->next = (self->next + 1) % N_SAMPLES;
  self->count = MIN (self->count + 1, N_SAMPLES);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
forge_sparkline_class_init (ForgeSparklineClass *klass)
{
  GTK_WIDGET_CLASS (klass)->draw = forge_sparkline_draw;
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), ATK_ROLE_IMAGE);
}

static void
forge_sparkline_init (ForgeSparkline *self)
{
  gtk_widget_set_size_request (GTK_WIDGET (self), WIDTH_PX, HEIGHT_PX);
  gtk_style_context_add_class (gtk_widget_get_style_context (GTK_WIDGET (self)), "forge-sparkline");
  atk_object_set_name (gtk_widget_get_accessible (GTK_WIDGET (self)),
                       _ ("Bitrate of the last two minutes"));
}
