/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeCellBadge: a text in a rounded, tinted field. Property "tint": the name of a colour of the
 * theme ("success_color", "warning_color", …), NULL = grey; "" = no field.
 */
#define FORGE_TYPE_CELL_BADGE (forge_cell_badge_get_type ())
G_DECLARE_FINAL_TYPE (ForgeCellBadge, forge_cell_badge, FORGE, CELL_BADGE, GtkCellRendererText)

/* A rounded box as the current path. `radius` in pixels. */
void
forge_rounded_path (cairo_t *cr, double x, double y, double width, double height, double radius);
/* The theme's colour with `alpha`; its text colour if it knows no such name. */
void forge_set_theme_color (cairo_t *cr, GtkStyleContext *style, const char *name, double alpha);

G_END_DECLS
