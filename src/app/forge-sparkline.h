/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeSparkline: the last two minutes of a number, one sample a second, drawn small; the scale is
 * the largest of them.
 */
#define FORGE_TYPE_SPARKLINE (forge_sparkline_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSparkline, forge_sparkline, FORGE, SPARKLINE, GtkDrawingArea)

void forge_sparkline_add (ForgeSparkline *self, int value);

G_END_DECLS
