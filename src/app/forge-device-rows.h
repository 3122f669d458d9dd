/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Fills a list of the settings with the tuners that clients see, and one that adds another. */
void forge_device_rows_fill (GtkWidget *list, ForgeAppModel *model);
/* The same with the logins of apps that speak the Xtream API. */
void forge_user_rows_fill (GtkWidget *list, ForgeAppModel *model);

G_END_DECLS
