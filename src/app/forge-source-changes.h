/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Opens a dialog with what the refresh `path` ("/v1/refreshes/7") changed or would change, line by
 * line; returns at once. Role: ui. */
void forge_source_changes_show (ForgeAppModel *model, GtkWindow *parent, const char *path);

G_END_DECLS
