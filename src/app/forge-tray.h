/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeTray: the icon and its menu while somebody shows tray icons. Everything in the menu is an
 * action of the application: "show", "copy-plex-address", "copy-playlist-address",
 * "copy-guide-address", "pause-tuner", "quit". Role: ui.
 */
#define FORGE_TYPE_TRAY (forge_tray_get_type ())
G_DECLARE_FINAL_TYPE (ForgeTray, forge_tray, FORGE, TRAY, GObject)

ForgeTray *forge_tray_new (GtkApplication *application, ForgeAppModel *model)
    G_GNUC_WARN_UNUSED_RESULT;
/* Somebody shows the icon now. */
gboolean forge_tray_is_shown (ForgeTray *self);

G_END_DECLS
