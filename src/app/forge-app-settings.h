/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Fills a list box with what the window itself can be told: start with the desktop, what closing
 * means, backup and restore. Role: ui. */
void forge_app_settings_fill (GtkWidget *list, ForgeAppModel *model);

G_END_DECLS
