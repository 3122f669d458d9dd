/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One import: all of it in one transaction, so that a bad entry or a crash leaves what was. */
typedef struct {
  ForgeOps *ops;
  JsonObject *root;
  gboolean dry_run; /* ends with a rollback */
  guint accounts, guides, devices, users, channels, skipped_settings;
} ForgeImport;

/* The members of an entry; absent and null leave what is in `*value`. Error: INVALID. */
gboolean
forge_import_text (JsonObject *object, const char *name, const char **value, GError **error);
gboolean forge_import_int (JsonObject *object, const char *name, gint64 *value, GError **error);
gboolean forge_import_flag (JsonObject *object, const char *name, gboolean *value, GError **error);
/* FALSE with “name” is no `wanted`. */
gboolean forge_import_wrong_type (const char *name, const char *wanted, GError **error);

/* Virtual tuners without their identity: two of them at home would fight. Of the main one, what
 * is no setting. Returns: (transfer full). */
JsonArray *forge_export_devices (const ForgeSnapshot *snapshot);
gboolean forge_import_device (ForgeImport *import, JsonObject *object, GError **error);
/* Users of our Xtream API without their secrets. An imported one opens nothing until it is given
 * a password; one of that name stays as it is. Returns: (transfer full). */
JsonArray *forge_export_users (const ForgeSnapshot *snapshot);
gboolean forge_import_user (ForgeImport *import, JsonObject *object, GError **error);

G_END_DECLS
