/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Destroys all children. */
void forge_ui_clear (GtkContainer *container);
/* What a screen reader calls the widget. */
void forge_ui_set_name (GtkWidget *widget, const char *name);
/* A label that wraps, aligned with the text's direction, with a style class (NULL = none). */
GtkWidget *forge_ui_label (const char *text, const char *class_name);
/* A row of a list that is only a place for controls: no click, no focus; Tab goes from control to
 * control. GTK's own "can-focus" is not enough: such a row swallows the key and the list is never
 * entered. */
void forge_ui_row_is_no_control (GtkListBoxRow *row);

G_END_DECLS
