/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page “Sessions”: who watches what, and how well. Returns: (transfer floating). */
GtkWidget *forge_page_sessions_new (ForgeAppModel *model);

G_END_DECLS
