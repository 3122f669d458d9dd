/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-devices.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

#define COLUMNS "name, device_id, uuid, port, enabled, filter, groups, channel_limit"

static ForgeDevice *
read_device (ForgeStatement *st)
{
  ForgeDevice *device = forge_device_new ();
  const char *groups = forge_column_text (st, 7);

  device->id = forge_column_int (st, 0);
  device->name = forge_column_dup (st, 1);
  device->device_id = forge_column_dup (st, 2);
  device->uuid = forge_column_dup (st, 3);
  device->port = (guint)forge_column_int (st, 4);
  device->enabled = forge_column_int (st, 5) != 0;
  forge_device_filter_parse (forge_column_text (st, 6), &device->filter);
  device->groups = groups && *groups ? g_strsplit (groups, "\n", -1) : NULL;
  device->limit = (guint)forge_column_int (st, 8);
  return device;
}

GPtrArray *
forge_store_list_devices (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) devices =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_device_unref);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT id, " COLUMNS " FROM device ORDER BY id",
                                error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    g_ptr_array_add (devices, read_device (&st));
  return step == FORGE_STEP_DONE ? g_steal_pointer (&devices) : NULL;
}

static gboolean
check_is_free (ForgeStore *store, const ForgeDevice *device, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (device->id == FORGE_DEVICE_MAIN)
    return TRUE;
  if (!forge_statement_prepare (&st,
                                store,
                                "SELECT name FROM device WHERE id <> ? AND id <> 1"
                                " AND (port = ? OR device_id = ? OR name = ?)",
                                error))
    return FALSE;
  forge_bind_int (&st, device->id);
  forge_bind_int (&st, device->port);
  forge_bind_text (&st, device->device_id);
  forge_bind_text (&st, device->name);
  step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "The device “%s” has this name, port or id already",
                 forge_column_text (&st, 0));
  return step == FORGE_STEP_DONE;
}

static gboolean
check_has_room (ForgeStore *store, GError **error)
{
  gint64 count = 0;

  if (!forge_store_get_int (store, "SELECT count (*) FROM device", 0, &count, error))
    return FALSE;
  if (count < FORGE_MAX_DEVICES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_LIMIT,
               "There are %d devices already, more are not possible",
               FORGE_MAX_DEVICES);
  return FALSE;
}

static void
bind_device (ForgeStatement *st, const ForgeDevice *device, const char *groups)
{
  gboolean is_main = device->id == FORGE_DEVICE_MAIN;

  forge_bind_text (st, is_main ? "" : device->name);
  forge_bind_text (st, is_main ? "" : device->device_id);
  forge_bind_text (st, is_main ? "" : device->uuid);
  forge_bind_int (st, is_main ? 0 : device->port);
  forge_bind_int (st, is_main || device->enabled);
  forge_bind_text (st, forge_device_filter_name (device->filter));
  forge_bind_text (st, groups);
  forge_bind_int (st, device->limit);
}

static char *
join_groups (const ForgeDevice *device)
{
  return device->groups && device->groups[0] ? g_strjoinv ("\n", device->groups) : NULL;
}

gint64
forge_store_add_device (ForgeStore *store, const ForgeDevice *device, GError **error)
{
  g_autofree char *groups = join_groups (device);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_has_room (store, error) || !check_is_free (store, device, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "INSERT INTO device (" COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                error))
    return 0;
  bind_device (&st, device, groups);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

gboolean
forge_store_update_device (ForgeStore *store, const ForgeDevice *device, GError **error)
{
  g_autofree char *groups = join_groups (device);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_is_free (store, device, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "UPDATE device SET name = ?, device_id = ?, uuid = ?, port = ?,"
                                " enabled = ?, filter = ?, groups = ?, channel_limit = ?"
                                " WHERE id = ?",
                                error))
    return FALSE;
  bind_device (&st, device, groups);
  forge_bind_int (&st, device->id);
  if (!forge_statement_run (&st, error))
    return FALSE;
  return sqlite3_changes (store->db) > 0 || forge_store_not_found ("device", device->id, error);
}

gboolean
forge_store_remove_device (ForgeStore *store, gint64 id, GError **error)
{
  int changes = 0;

  if (id == FORGE_DEVICE_MAIN) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "The first device cannot be removed; clients need one");
    return FALSE;
  }
  if (!forge_store_run_id (store, "DELETE FROM device WHERE id = ?", id, &changes, error))
    return FALSE;
  return changes > 0 || forge_store_not_found ("device", id, error);
}

gboolean
forge_store_set_favorite (ForgeStore *store, gint64 channel_id, gboolean favorite, GError **error)
{
  gint64 known = 0;

  if (!forge_store_get_int (store,
                            "SELECT count (*) FROM channel WHERE id = ? AND gone_at IS NULL",
                            channel_id,
                            &known,
                            error))
    return FALSE;
  if (!known)
    return forge_store_not_found ("channel", channel_id, error);
  return forge_store_run_id (store,
                             favorite ? "INSERT OR IGNORE INTO favorite VALUES (?)"
                                      : "DELETE FROM favorite WHERE channel_id = ?",
                             channel_id,
                             NULL,
                             error);
}
