/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-users.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

GPtrArray *
forge_store_list_users (ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) users =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_app_user_unref);
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (
          &st,
          store,
          "SELECT id, name, secret, device, created_at, max_connections, has_library FROM app_user"
          " ORDER BY name",
          error))
    return NULL;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    ForgeAppUser *user = forge_app_user_new ();
    user->id = forge_column_int (&st, 0);
    user->name = forge_column_dup (&st, 1);
    user->secret = forge_column_dup (&st, 2);
    user->device = forge_column_int (&st, 3);
    user->created_at = forge_column_int (&st, 4);
    user->max_connections = (int)forge_column_int (&st, 5);
    user->has_library = forge_column_int (&st, 6) != 0;
    g_ptr_array_add (users, user);
  }
  return step == FORGE_STEP_DONE ? g_steal_pointer (&users) : NULL;
}

static gboolean
check_has_room (ForgeStore *store, GError **error)
{
  gint64 count = 0;

  if (!forge_store_get_int (store, "SELECT count (*) FROM app_user", 0, &count, error))
    return FALSE;
  if (count < FORGE_MAX_APP_USERS)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_LIMIT,
               "There are %d users already, more are not possible",
               FORGE_MAX_APP_USERS);
  return FALSE;
}

static gboolean
check_name (ForgeStore *store, const char *name, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, "SELECT 1 FROM app_user WHERE name = ?", error))
    return FALSE;
  forge_bind_text (&st, name);
  step = forge_statement_step (&st, error);
  if (step == FORGE_STEP_ROW)
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "There is a user “%s” already", name);
  return step == FORGE_STEP_DONE;
}

static gboolean
check_device (ForgeStore *store, gint64 device, GError **error)
{
  gint64 count = 0;

  if (!forge_store_get_int (store,
                            "SELECT count (*) FROM device WHERE id = ?",
                            device,
                            &count,
                            error))
    return FALSE;
  if (count)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "There is no device %" G_GINT64_FORMAT,
               device);
  return FALSE;
}

gint64
forge_store_add_user (ForgeStore *store, const ForgeAppUser *user, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_has_room (store, error) || !check_name (store, user->name, error) ||
      !check_device (store, user->device, error) ||
      !forge_statement_prepare (
          &st,
          store,
          "INSERT INTO app_user (name, secret, device, created_at, max_connections, has_library)"
          " VALUES (?, ?, ?, ?, ?, ?)",
          error))
    return 0;
  forge_bind_text (&st, user->name);
  forge_bind_text (&st, user->secret);
  forge_bind_int (&st, user->device);
  forge_bind_int (&st, user->created_at);
  forge_bind_int (&st, user->max_connections);
  forge_bind_int (&st, user->has_library);
  return forge_statement_run (&st, error) ? sqlite3_last_insert_rowid (store->db) : 0;
}

gboolean
forge_store_update_user (ForgeStore *store, const ForgeAppUser *user, GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;

  if (!check_device (store, user->device, error) ||
      !forge_statement_prepare (&st,
                                store,
                                "UPDATE app_user SET secret = ?, device = ?, max_connections = ?,"
                                " has_library = ? WHERE id = ?",
                                error))
    return FALSE;
  forge_bind_text (&st, user->secret);
  forge_bind_int (&st, user->device);
  forge_bind_int (&st, user->max_connections);
  forge_bind_int (&st, user->has_library);
  forge_bind_int (&st, user->id);
  return forge_statement_run (&st, error) &&
         (sqlite3_changes (store->db) > 0 || forge_store_not_found ("user", user->id, error));
}

gboolean
forge_store_remove_user (ForgeStore *store, gint64 id, GError **error)
{
  int changes = 0;

  return forge_store_run_id (store, "DELETE FROM app_user WHERE id = ?", id, &changes, error) &&
         (changes > 0 || forge_store_not_found ("user", id, error));
}
