/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgePageChannels: the lineup: search, filters, order, numbers, names, matches; everything can be
 * taken back. Role: ui.
 */
#define FORGE_TYPE_PAGE_CHANNELS (forge_page_channels_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageChannels, forge_page_channels, FORGE, PAGE_CHANNELS, GtkBox)

/* Returns: (transfer floating). */
GtkWidget *forge_page_channels_new (ForgeAppModel *model);

G_END_DECLS
