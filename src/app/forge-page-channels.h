/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The page “Channels”: the lineup: order, numbers, matches. Returns: (transfer floating). */
GtkWidget *forge_page_channels_new (ForgeAppModel *model);

G_END_DECLS
