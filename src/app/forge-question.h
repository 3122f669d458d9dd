/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef void (*ForgeAnswerFunc) (gboolean is_yes, gpointer user_data);

/* Asks and returns at once; `func` is called with the answer (closing the dialog is no). `parent`
 * may be NULL. `is_destructive` paints the yes button red. Returns: (transfer none) the dialog,
 * modal to its parent. */
GtkWidget *forge_question_ask (GtkWindow *parent,
                               const char *title,
                               const char *text,
                               const char *no_label,
                               const char *yes_label,
                               gboolean is_destructive,
                               ForgeAnswerFunc func,
                               gpointer user_data);

G_END_DECLS
