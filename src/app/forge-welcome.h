/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * The first-run assistant: sign in, choose groups, say where the media server is, copy the address.
 * Each step can be gone through with Enter; whatever fails says why and what to try. Emits
 * "finished" on the widget when it is done or left. Returns: (transfer floating).
 */
#define FORGE_TYPE_WELCOME (forge_welcome_get_type ())
G_DECLARE_FINAL_TYPE (ForgeWelcome, forge_welcome, FORGE, WELCOME, GtkBin)

GtkWidget *forge_welcome_new (ForgeAppModel *model);
/* From the first step again. */
void forge_welcome_restart (ForgeWelcome *self);

G_END_DECLS
