/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"
#include "model/forge-settings.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * ForgeSettingRow: title, sentence and the control that fits the type. A change is sent at once;
 * what the engine refuses is said and taken back. Signal "stored" (const char *key).
 */
#define FORGE_TYPE_SETTING_ROW (forge_setting_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSettingRow, forge_setting_row, FORGE, SETTING_ROW, GtkListBoxRow)

GtkWidget *forge_setting_row_new (ForgeAppModel *model, const ForgeSettingSpec *spec);
/* A row of the window's own, with any control; `key` only for search. */
GtkWidget *
forge_setting_row_new_custom (const char *title, const char *meaning, GtkWidget *control);

const char *forge_setting_row_get_key (ForgeSettingRow *self);
/* Shows the value of `settings`, unless the user is typing. */
void forge_setting_row_show (ForgeSettingRow *self, const ForgeSettings *settings);
/* `wanted`: casefolded; "" matches all. */
gboolean forge_setting_row_matches (ForgeSettingRow *self, const char *wanted);
/* Scrolls to it and gives it the focus. */
void forge_setting_row_point_at (ForgeSettingRow *self);

G_END_DECLS
