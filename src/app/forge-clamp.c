/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-clamp.h"

#define DEFAULT_MAX_PX 760

struct _ForgeClamp {
  GtkBin parent;
  int max_width;
};

G_DEFINE_FINAL_TYPE (ForgeClamp, forge_clamp, GTK_TYPE_BIN)

enum { PROP_0, PROP_MAX_WIDTH, N_PROPS };

static void
forge_clamp_size_allocate (GtkWidget *widget, GtkAllocation *allocation)
{
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (widget));
  GtkAllocation inner = *allocation;
  int least;

  gtk_widget_set_allocation (widget, allocation);
  if (!child || !gtk_widget_get_visible (child))
    return;
  gtk_widget_get_preferred_width (child, &least, NULL);
  inner.width = MIN (allocation->width, MAX (FORGE_CLAMP (widget)->max_width, least));
  inner.x += (allocation->width - inner.width) / 2;
  gtk_widget_size_allocate (child, &inner);
}

/* What a height is asked for is the width that the child will get. */
static void
forge_clamp_get_preferred_height_for_width (GtkWidget *widget, int width, int *least, int *natural)
{
  GtkWidget *child = gtk_bin_get_child (GTK_BIN (widget));

  *least = *natural = 0;
  if (child && gtk_widget_get_visible (child))
    gtk_widget_get_preferred_height_for_width (child,
                                               MIN (width, FORGE_CLAMP (widget)->max_width),
                                               least,
                                               natural);
}

static GtkSizeRequestMode
forge_clamp_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
forge_clamp_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  FORGE_CLAMP (object)->max_width = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (object));
}

static void
forge_clamp_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_value_set_int (value, FORGE_CLAMP (object)->max_width);
}

static void
forge_clamp_class_init (ForgeClampClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->set_property = forge_clamp_set_property;
  G_OBJECT_CLASS (klass)->get_property = forge_clamp_get_property;
  widget_class->size_allocate = forge_clamp_size_allocate;
  widget_class->get_preferred_height_for_width = forge_clamp_get_preferred_height_for_width;
  widget_class->get_request_mode = forge_clamp_get_request_mode;
  g_object_class_install_property (G_OBJECT_CLASS (klass),
                                   PROP_MAX_WIDTH,
                                   g_param_spec_int ("max-width",
                                                     NULL,
                                                     NULL,
                                                     1,
                                                     G_MAXINT,
                                                     DEFAULT_MAX_PX,
                                                     G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS));
}

static void
forge_clamp_init (ForgeClamp *self)
{
  self->max_width = DEFAULT_MAX_PX;
}
