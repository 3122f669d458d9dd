/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"
#include "app/forge-lineup-editor.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeChannelDetails: one channel: its name and number to change, its streams with the reasons of
 * the matching, and what can be done with each. Role: ui.
 */
#define FORGE_TYPE_CHANNEL_DETAILS (forge_channel_details_get_type ())
G_DECLARE_FINAL_TYPE (ForgeChannelDetails, forge_channel_details, FORGE, CHANNEL_DETAILS, GtkBin)

/* Returns: (transfer floating). */
GtkWidget *forge_channel_details_new (ForgeAppModel *model, ForgeLineupEditor *editor);

/* Shows the channel `id` of `table`, or the same one anew. */
void forge_channel_details_show (ForgeChannelDetails *self, ForgeChannelTable *table, gint64 id);

G_END_DECLS
