/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Makes `list` show the model's problems, each with what is wrong, what to do and a button that
 * does it or leads there. Nothing is touched when they are the same as before. Role: ui. */
void forge_problem_rows_update (GtkListBox *list, ForgeAppModel *model);

G_END_DECLS
