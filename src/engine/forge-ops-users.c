/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-users.h"

#include "base/forge-error.h"
#include "store/forge-password.h"
#include "store/forge-store-users.h"

#include <string.h>

#define MAX_NAME_BYTES 64
/* They stand in addresses, as one part of a path. */
#define NAME_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@+"

static gboolean
check_name (const char *name, GError **error)
{
  gsize length = strlen (name);

  if (length > 0 && length <= MAX_NAME_BYTES && strspn (name, NAME_CHARACTERS) == length &&
      strcmp (name, ".") != 0 && strcmp (name, "..") != 0)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%.80s” is no user name: 1 to %d letters, digits and . _ - @ +",
               name,
               MAX_NAME_BYTES);
  return FALSE;
}

/* Never says what it was. */
static gboolean
check_password (const char *password, GError **error)
{
  gsize length = strlen (password);
  gboolean is_plain = TRUE;

  for (const char *at = password; *at; at++)
    is_plain &= (guchar)*at > 0x20 && (guchar)*at < 0x7f && *at != '/';
  if (is_plain && length >= FORGE_MIN_PASSWORD_BYTES && length <= FORGE_MAX_PASSWORD_BYTES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The password must have %d to %d characters of ASCII, without blanks and slashes",
               FORGE_MIN_PASSWORD_BYTES,
               FORGE_MAX_PASSWORD_BYTES);
  return FALSE;
}

static gboolean
check_connections (gint64 max_connections, GError **error)
{
  if (max_connections >= 0 && max_connections <= FORGE_MAX_APP_CONNECTIONS)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "max_connections: %" G_GINT64_FORMAT " is not in 0 to %d (0 = no limit)",
               max_connections,
               FORGE_MAX_APP_CONNECTIONS);
  return FALSE;
}

gboolean
forge_ops_check_user (const char *name, gint64 max_connections, GError **error)
{
  return check_name (name, error) && check_connections (max_connections, error);
}

/* All but the password. */
static gboolean
apply_wish (ForgeAppUser *user, const ForgeUserWish *wish, GError **error)
{
  if (wish->max_connections != FORGE_USER_AS_IT_IS) {
    if (!check_connections (wish->max_connections, error))
      return FALSE;
    user->max_connections = (int)wish->max_connections;
  }
  if (wish->has_library != FORGE_USER_AS_IT_IS)
    user->has_library = wish->has_library != 0;
  if (wish->device)
    user->device = wish->device;
  return TRUE;
}

static gboolean
set_password (ForgeAppUser *user, const char *password, GError **error)
{
  if (!check_password (password, error))
    return FALSE;
  g_free (user->secret);
  user->secret = forge_password_hash (password, error);
  return user->secret != NULL;
}

gint64
forge_ops_add_user (ForgeOps *ops,
                    const char *name,
                    const ForgeUserWish *wish,
                    char **made,
                    GError **error)
{
  g_autoptr (ForgeAppUser) user = forge_app_user_new ();
  g_autoptr (ForgeSecret) own = wish->password ? NULL : forge_password_make (error);
  const char *chosen = wish->password ? wish->password : own;

  *made = NULL;
  if (!chosen || !check_name (name, error) || !set_password (user, chosen, error))
    return 0;
  user->name = g_strdup (name);
  user->device = FORGE_DEVICE_MAIN;
  user->created_at = forge_clock_wall_s (ops->engine->clock);
  gint64 id = apply_wish (user, wish, error) ? forge_store_add_user (ops->store, user, error) : 0;
  if (!id || !forge_engine_publish (ops->engine, ops->store, error))
    return 0;
  *made = g_steal_pointer (&own);
  return id;
}

static const ForgeAppUser *
find_user (const ForgeSnapshot *snapshot, gint64 id)
{
  for (guint i = 0; i < snapshot->users->len; i++) {
    const ForgeAppUser *user = g_ptr_array_index (snapshot->users, i);
    if (user->id == id)
      return user;
  }
  return NULL;
}

static ForgeAppUser *
copy_user (const ForgeAppUser *user)
{
  ForgeAppUser *copy = forge_app_user_new ();

  copy->id = user->id;
  copy->name = g_strdup (user->name);
  copy->secret = g_strdup (user->secret);
  copy->device = user->device;
  copy->created_at = user->created_at;
  copy->max_connections = user->max_connections;
  copy->has_library = user->has_library;
  return copy;
}

gboolean
forge_ops_update_user (ForgeOps *ops, gint64 id, const ForgeUserWish *wish, GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  const ForgeAppUser *known = find_user (snapshot, id);

  if (!known) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "There is no user %" G_GINT64_FORMAT,
                 id);
    return FALSE;
  }
  g_autoptr (ForgeAppUser) user = copy_user (known);
  return apply_wish (user, wish, error) &&
         (!wish->password || set_password (user, wish->password, error)) &&
         forge_store_update_user (ops->store, user, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

gboolean
forge_ops_remove_user (ForgeOps *ops, gint64 id, GError **error)
{
  return forge_store_remove_user (ops->store, id, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}
