/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Small things that several pages make. Role: ui. */

/* A label at the start that shortens long names in the middle; the tooltip has all of it.
 * Returns: (transfer floating). */
GtkWidget *forge_name_label (const char *text);
/* Small, dim, over several lines. Returns: (transfer floating). */
GtkWidget *forge_caption_label (const char *text);
/* A flat button with a picture; `label` is its tooltip, `name` what a screen reader says (NULL =
 * the label). Returns: (transfer floating). */
GtkWidget *forge_icon_button (const char *icon, const char *label, const char *name);
G_END_DECLS
