/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page “Guide”: what is on, as a grid. Returns: (transfer floating). */
GtkWidget *forge_page_guide_new (ForgeAppModel *model);

G_END_DECLS
