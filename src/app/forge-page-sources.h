/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgePageSources: accounts and guides: add, test, refresh, turn off, replace, remove; what the
 * last refreshes changed, to apply or take back. Role: ui.
 */
#define FORGE_TYPE_PAGE_SOURCES (forge_page_sources_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageSources, forge_page_sources, FORGE, PAGE_SOURCES, GtkBin)

/* Returns: (transfer floating). */
GtkWidget *forge_page_sources_new (ForgeAppModel *model);

G_END_DECLS
