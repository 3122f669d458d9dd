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

gint64
forge_ops_add_user (ForgeOps *ops,
                    const char *name,
                    const char *password,
                    gint64 device,
                    char **made,
                    GError **error)
{
  g_autoptr (ForgeAppUser) user = forge_app_user_new ();
  g_autoptr (ForgeSecret) own = password ? NULL : forge_password_make (error);
  const char *chosen = password ? password : own;

  *made = NULL;
  if (!chosen || !check_name (name, error) || !check_password (chosen, error))
    return 0;
  user->name = g_strdup (name);
  user->secret = forge_password_hash (chosen, error);
  user->device = device;
  user->created_at = forge_clock_wall_s (ops->engine->clock);
  gint64 id = user->secret ? forge_store_add_user (ops->store, user, error) : 0;
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

gboolean
forge_ops_update_user (ForgeOps *ops,
                       gint64 id,
                       const char *password,
                       gint64 device,
                       GError **error)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (ops->engine);
  const ForgeAppUser *user = find_user (snapshot, id);
  g_autofree char *secret = NULL;

  if (password) {
    if (!check_password (password, error))
      return FALSE;
    secret = forge_password_hash (password, error);
    if (!secret)
      return FALSE;
  }
  return forge_store_update_user (ops->store,
                                  id,
                                  secret,
                                  device ? device
                                  : user ? user->device
                                         : FORGE_DEVICE_MAIN,
                                  error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}

gboolean
forge_ops_remove_user (ForgeOps *ops, gint64 id, GError **error)
{
  return forge_store_remove_user (ops->store, id, error) &&
         forge_engine_publish (ops->engine, ops->store, error);
}
