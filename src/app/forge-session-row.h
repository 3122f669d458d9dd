/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"
#include "model/forge-session-info.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeSessionRow: one channel that plays: who watches, from which source, how well; and a way to
 * end it.
 */
#define FORGE_TYPE_SESSION_ROW (forge_session_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSessionRow, forge_session_row, FORGE, SESSION_ROW, GtkListBoxRow)

GtkWidget *forge_session_row_new (ForgeAppModel *model, gint64 id);
gint64 forge_session_row_get_id (ForgeSessionRow *self);
void forge_session_row_update (ForgeSessionRow *self, const ForgeSessionInfo *session);

/* A list box of such rows that follows the model: rows stay while their session does, so graphs go
 * on.
 */
void forge_session_rows_update (GtkListBox *list, ForgeAppModel *model);

G_END_DECLS
