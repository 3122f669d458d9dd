/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-settings.h"

G_BEGIN_DECLS

/**
 * How the settings of the table (model/forge-settings) are shown: in which group, under which
 * title, and which need a restart of the tuner. A setting that is not planned for stands in the
 * last group under its own key, so none is ever missing. All texts translated, (transfer none).
 */
#define FORGE_SETTINGS_N_GROUPS 6

const char *forge_settings_plan_group_title (guint group);
guint forge_settings_plan_group (const char *key);
const char *forge_settings_plan_title (const char *key);
/* One sentence; the table's own when there is no better one. */
const char *forge_settings_plan_meaning (const ForgeSettingSpec *spec);
gboolean forge_settings_plan_needs_restart (const char *key);

G_END_DECLS
