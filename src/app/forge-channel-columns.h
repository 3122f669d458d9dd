/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-channel-index.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The columns of a view on a ForgeChannelModel. `on_toggled` is a handler of
 * GtkCellRendererToggle's "toggled"; `on_sort` of GtkTreeViewColumn's "clicked". Both get
 * `user_data`. Role: ui. */
void forge_channel_columns_add (GtkTreeView *view,
                                GCallback on_toggled,
                                GCallback on_sort,
                                gpointer user_data);
/* What a click on this column sorts by. */
ForgeChannelSort forge_channel_column_sort (GtkTreeViewColumn *column);
/* Shows which column sorts. */
void
forge_channel_columns_show_sort (GtkTreeView *view, ForgeChannelSort sort, gboolean is_descending);

G_END_DECLS
