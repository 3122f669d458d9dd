/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A dialog that makes a login for an app that speaks the Xtream API (`user` NULL), or changes one,
 * as in GET /v1/users. A password that was made here is shown once. Role: ui. */
void forge_user_dialog_show (ForgeAppModel *model, GtkWindow *parent, JsonObject *user);

G_END_DECLS
