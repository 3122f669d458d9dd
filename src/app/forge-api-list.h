/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row for one object of an answer. Returns: (transfer floating). */
typedef GtkWidget *(*ForgeApiRowFunc) (ForgeAppModel *model, JsonObject *object);

/* Keeps `list` as the rows of what GET `path` answers, an array: read again whenever the engine has
 * another snapshot, while somebody looks. The rows that `list` has already stay, at its end. Role:
 * ui. */
void forge_api_list_bind (GtkListBox *list,
                          ForgeAppModel *model,
                          const char *path,
                          ForgeApiRowFunc make_row);

G_END_DECLS
