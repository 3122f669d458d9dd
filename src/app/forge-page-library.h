/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page “Library”: films and series. Returns: (transfer floating). */
GtkWidget *forge_page_library_new (ForgeAppModel *model);

G_END_DECLS
