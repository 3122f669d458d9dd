/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeAppWindow: the sidebar, one page per entry, and the line for notices. Pages are made from
 * one table; each is a widget that got the model.
 */
#define FORGE_TYPE_APP_WINDOW (forge_app_window_get_type ())
G_DECLARE_FINAL_TYPE (ForgeAppWindow, forge_app_window, FORGE, APP_WINDOW, GtkApplicationWindow)

ForgeAppWindow *forge_app_window_new (GtkApplication *application, ForgeAppModel *model);

/* "overview", "channels", … Unknown names do nothing. */
void forge_app_window_show_page (ForgeAppWindow *self, const char *name);

G_END_DECLS
