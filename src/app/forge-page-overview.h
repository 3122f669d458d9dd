/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page “Overview”: addresses, tuner use, problems. Returns: (transfer floating). */
GtkWidget *forge_page_overview_new (ForgeAppModel *model);

G_END_DECLS
