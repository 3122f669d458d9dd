/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgePageLibrary: films and series of all accounts, with search and details, and the downloads.
 * Role: ui.
 */
#define FORGE_TYPE_PAGE_LIBRARY (forge_page_library_get_type ())
G_DECLARE_FINAL_TYPE (ForgePageLibrary, forge_page_library, FORGE, PAGE_LIBRARY, GtkBox)

/* Returns: (transfer floating). */
GtkWidget *forge_page_library_new (ForgeAppModel *model);

G_END_DECLS
