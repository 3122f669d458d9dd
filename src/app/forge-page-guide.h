/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgePageGuide: what runs when on the channels that are on: the grid, days, search, and the
 * details of one programme. Role: ui.
 */
#define FORGE_TYPE_PAGE_GUIDE (forge_page_guide_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageGuide, forge_page_guide, FORGE, PAGE_GUIDE, GtkBox)

/* Returns: (transfer floating). */
GtkWidget *forge_page_guide_new (ForgeAppModel *model);

G_END_DECLS
