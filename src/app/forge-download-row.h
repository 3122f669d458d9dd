/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeDownloadRow: one download with how far it is, to pause, resume and remove. Role: ui.
 */
#define FORGE_TYPE_DOWNLOAD_ROW (forge_download_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeDownloadRow, forge_download_row, FORGE, DOWNLOAD_ROW, GtkListBoxRow)

/* `download`: as in GET /v1/downloads. Returns: (transfer floating). */
GtkWidget *forge_download_row_new (ForgeAppModel *model, JsonObject *download);
/* The same download a moment later. */
void forge_download_row_update (ForgeDownloadRow *self, JsonObject *download);
gint64 forge_download_row_get_id (ForgeDownloadRow *self);

G_END_DECLS
