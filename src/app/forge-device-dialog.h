/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A dialog that makes a virtual tuner (`device` NULL) or changes one, as in GET /v1/devices: its
 * name, which channels it shows, with a counter against Plex's limit, and its port. Role: ui. */
void forge_device_dialog_show (ForgeAppModel *model, GtkWindow *parent, JsonObject *device);

G_END_DECLS
