/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeMediaDetails: a film or a series: what it is, a button that downloads it, or its episodes
 * with one each. Role: ui.
 */
#define FORGE_TYPE_MEDIA_DETAILS (forge_media_details_get_type ())
G_DECLARE_FINAL_TYPE (ForgeMediaDetails, forge_media_details, FORGE, MEDIA_DETAILS, GtkBin)

/* Returns: (transfer floating). */
GtkWidget *forge_media_details_new (ForgeAppModel *model);

/* `media`: as /v1/library lists it; the rest is asked for. */
void forge_media_details_show (ForgeMediaDetails *self, JsonObject *media);

/* "1999 · FHD · Drama · 7.5". Returns: (transfer full). */
char *forge_media_summary (JsonObject *media) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
