/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-accounts-private.h"
#include "engine/forge-ops-checks.h"
#include "engine/forge-ops-m3u.h"
#include "net/forge-url.h"
#include "store/forge-store-accounts.h"

#include <string.h>

/* What may be set of an account, by its key. */

static gboolean
set_max_connections (ForgeAccount *account, const char *value, GError **error)
{
  gint64 number = 0;

  if (*value && !g_ascii_string_to_signed (value, 10, G_MININT, G_MAXINT, &number, NULL)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "max_connections: “%s” is not a whole number",
                 value);
    return FALSE;
  }
  account->user_max_connections = (int)number;
  return forge_check_connections (number, error);
}

static gboolean
set_server (ForgeAccount *account, const char *value, GError **error)
{
  char *server = forge_url_normalise_server (value, NULL, NULL, error);

  if (!server)
    return FALSE;
  g_free (account->server);
  account->server = server;
  return TRUE;
}

static gboolean
set_mirrors (ForgeAccount *account, const char *value, GError **error)
{
  g_auto (GStrv) typed = *value ? g_strsplit (value, ",", -1) : NULL;

  return forge_ops_normalise_mirrors ((const char *const *)typed, &account->mirrors, error);
}

static gboolean
set_name (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_name (value, error))
    return FALSE;
  g_free (account->name);
  account->name = g_strdup (value);
  return TRUE;
}

static gboolean
set_username (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_username (value, error))
    return FALSE;
  g_free (account->username);
  account->username = g_strdup (value);
  return TRUE;
}

static gboolean
set_user_agent (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_user_agent (value, error))
    return FALSE;
  g_free (account->user_agent);
  account->user_agent = g_strdup (*value ? value : NULL);
  return TRUE;
}

static gboolean
set_proxy (ForgeAccount *account, const char *value, GError **error)
{
  if (!forge_check_proxy (value, error))
    return FALSE;
  g_free (account->proxy);
  account->proxy = g_strdup (*value ? value : NULL);
  return TRUE;
}

/* What a list does not have. */
static gboolean
check_key_fits (const ForgeAccount *account, const char *key, GError **error)
{
  static const char *const of_panels[] = { "server", "username", "mirrors", NULL };

  if (account->kind != FORGE_ACCOUNT_M3U || !g_strv_contains (of_panels, key))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is a list and has no %s; its address is set with m3u=URL-or-FILE",
               account->name,
               key);
  return FALSE;
}

static gboolean
set_value (ForgeAccount *account, const char *key, const char *value, GError **error)
{
  static const struct {
    const char *key;
    gboolean (*set) (ForgeAccount *account, const char *value, GError **error);
  } setters[] = {
    { "name", set_name },
    { "server", set_server },
    { "username", set_username },
    { "user_agent", set_user_agent },
    { "proxy", set_proxy },
    { "mirrors", set_mirrors },
    { "max_connections", set_max_connections },
  };

  if (!check_key_fits (account, key, error))
    return FALSE;
  for (gsize i = 0; i < G_N_ELEMENTS (setters); i++)
    if (strcmp (setters[i].key, key) == 0)
      return setters[i].set (account, value, error);
  g_set_error (
      error,
      FORGE_ERROR,
      FORGE_ERROR_INVALID,
      "“%s” is none of name, server, username, user_agent, proxy, mirrors, max_connections",
      key);
  return FALSE;
}

static gboolean
check_password (const char *password, GError **error)
{
  if (*password && strlen (password) <= FORGE_MAX_LOGIN_BYTES)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The password must have 1 to %d bytes",
               FORGE_MAX_LOGIN_BYTES);
  return FALSE;
}

/* The secret of an account: of a panel's its password, of a list its location. NULL = not given. */
static const char *
wanted_secret (const ForgeAccount *account, GHashTable *values)
{
  const char *location = g_hash_table_lookup (values, "m3u");

  return account->kind == FORGE_ACCOUNT_M3U && location ? location
                                                        : g_hash_table_lookup (values, "password");
}

static gboolean
set_secret (ForgeOps *ops, ForgeAccount *account, const char *secret, GError **error)
{
  if (account->kind == FORGE_ACCOUNT_M3U)
    forge_ops_show_m3u (account, secret);
  else if (!check_password (secret, error))
    return FALSE;
  return forge_ops_keep_password (ops, account->id, secret, error);
}

static gboolean
is_secret (const ForgeAccount *account, const char *key)
{
  return strcmp (key, "password") == 0 ||
         (account->kind == FORGE_ACCOUNT_M3U && strcmp (key, "m3u") == 0);
}

/* The secret last: it cannot be taken back. */
static gboolean
set_values (ForgeOps *ops, ForgeAccount *account, gconstpointer data, GError **error)
{
  GHashTable *values = (GHashTable *)data;
  const char *secret = wanted_secret (account, values);
  GHashTableIter iter;
  gpointer key, value;

  g_hash_table_iter_init (&iter, values);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!is_secret (account, key) && !set_value (account, key, value, error))
      return FALSE;
  return forge_ops_hide_proxy (ops, account, account->id, error) &&
         (!secret || set_secret (ops, account, secret, error));
}

/* A list's new location is read before it takes the place of the old one. */
static gboolean
check_new_location (ForgeOps *ops, gint64 id, GHashTable *values, GError **error)
{
  g_autoptr (ForgeAccount) account = forge_store_get_account (ops->store, id, error);

  if (!account)
    return FALSE;
  const char *location = wanted_secret (account, values);
  return account->kind != FORGE_ACCOUNT_M3U || !location ||
         forge_ops_check_m3u (ops, account, location, error);
}

gboolean
forge_ops_set_account (ForgeOps *ops, gint64 id, GHashTable *values, GError **error)
{
  return check_new_location (ops, id, values, error) &&
         forge_ops_change_account (ops, id, set_values, values, error);
}
