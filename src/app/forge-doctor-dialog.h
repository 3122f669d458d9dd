/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A window that takes the steps of a client (Plex, Jellyfin, …) and shows what came of each, with
 * what helps. Begins at once, with any client; nothing waits for it. Role: ui. */
void forge_doctor_dialog_show (ForgeAppModel *model, GtkWindow *parent);

G_END_DECLS
