/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeGuideGrid: programmes of all channels along time, drawn for what can be seen only; their
 * titles are read from the engine as one scrolls. Put it into a GtkScrolledWindow.
 *
 * Keys: arrows go from programme to programme and channel to channel, Page Up and Down by pages,
 * Home to what runs now, Enter or Space choose. The programme under the cursor is the description
 * that screen readers get.
 *
 * Signals: "chosen" (gint64 channel_id, const ForgeProgrammeCell *cell), lent, NULL = the channel
 * itself; "scrolled": another time stands at the start. Role: ui.
 */
#define FORGE_TYPE_GUIDE_GRID (forge_guide_grid_get_type ())
G_DECLARE_FINAL_TYPE (ForgeGuideGrid, forge_guide_grid, FORGE, GUIDE_GRID, GtkDrawingArea)

/* Returns: (transfer floating). */
GtkWidget *forge_guide_grid_new (ForgeAppModel *model);

/* `lines` of const ForgeChannelLine*, lent by `table`. What was read of the guide is forgotten. */
void
forge_guide_grid_set_channels (ForgeGuideGrid *self, ForgeChannelTable *table, GPtrArray *lines);

/* UTC seconds: the time that forge_guide_grid_go_to () would show just so. */
gint64 forge_guide_grid_get_time (ForgeGuideGrid *self);
/* Scrolls along; the cursor goes to what runs then. */
void forge_guide_grid_go_to (ForgeGuideGrid *self, gint64 time);
/* Puts the cursor on a channel at a time and shows it; unknown channels do nothing. */
void forge_guide_grid_reveal (ForgeGuideGrid *self, gint64 channel_id, gint64 time);

G_END_DECLS
