/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "model/forge-guide-source.h"

#include <gtk/gtk.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * ForgeSourceRow: an account, a guide or a refresh as a row: what it is, how it is, and what can be
 * done. Signal "wanted" (const char *action): one of those below, or "enable", "disable". Role: ui.
 */
#define FORGE_TYPE_SOURCE_ROW (forge_source_row_get_type ())
G_DECLARE_FINAL_TYPE (ForgeSourceRow, forge_source_row, FORGE, SOURCE_ROW, GtkListBoxRow)

#define FORGE_SOURCE_APPLY   "apply"
#define FORGE_SOURCE_CANCEL  "cancel"
#define FORGE_SOURCE_CHANGES "changes"
#define FORGE_SOURCE_DISABLE "disable"
#define FORGE_SOURCE_ENABLE  "enable"
#define FORGE_SOURCE_KEEP    "keep"
#define FORGE_SOURCE_REFRESH "refresh"
#define FORGE_SOURCE_REMOVE  "remove"
#define FORGE_SOURCE_REPLACE "replace"
#define FORGE_SOURCE_TEST    "test"
#define FORGE_SOURCE_UNDO    "undo"

/* `is_busy`: something is done with it just now, which can be cancelled. Returns: (transfer
 * floating). */
GtkWidget *forge_source_row_new_account (const ForgeAccount *account, gboolean is_busy);
/* `account`: the name of the account whose guide it is, NULL = none. */
GtkWidget *
forge_source_row_new_guide (const ForgeGuideSource *guide, const char *account, gboolean is_busy);
/* `refresh`: as in GET /v1/refreshes. */
GtkWidget *forge_source_row_new_refresh (JsonObject *refresh, gboolean is_busy);

G_END_DECLS
