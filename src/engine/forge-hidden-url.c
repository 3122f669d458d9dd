/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-hidden-url.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"

#include <string.h>

#define MASK "***"

/* One of these in the name of a query parameter: "username", "api_key", "X-Auth-Token" … */
static const char *const telling[] = {
  "user", "login",  "mail", "pass", "pwd",  "token", "key",
  "auth", "secret", "sig",  "hash", "code", "mac",   "session"
};

static gboolean
is_telling (const char *parameter)
{
  g_autofree char *name = g_strndup (parameter, strcspn (parameter, "="));
  g_autofree char *plain = g_uri_unescape_string (name, NULL);
  g_autofree char *lower = g_ascii_strdown (plain ? plain : name, -1);

  for (gsize i = 0; i < G_N_ELEMENTS (telling); i++)
    if (strstr (lower, telling[i]))
      return TRUE;
  return FALSE;
}

static gboolean
query_has_login (const char *query)
{
  g_auto (GStrv) parameters = g_strsplit_set (query, "&;?", -1);

  for (char **parameter = parameters; *parameter; parameter++)
    if (is_telling (*parameter))
      return TRUE;
  return FALSE;
}

/* Where the authority of a URL begins; NULL for a path. */
static const char *
find_authority (const char *url)
{
  const char *separator = url && *url != '/' ? strstr (url, "://") : NULL;

  return separator ? separator + 3 : NULL;
}

static gboolean
has_user_info (const char *authority)
{
  return memchr (authority, '@', strcspn (authority, "/?#")) != NULL;
}

gboolean
forge_hidden_url_has_login (const char *url)
{
  const char *authority = find_authority (url);

  if (!authority || forge_hidden_url_is_shown_form (url))
    return FALSE;
  const char *query = strpbrk (authority, "?;");
  return has_user_info (authority) || (query && query_has_login (query + 1));
}

gboolean
forge_hidden_url_is_shown_form (const char *text)
{
  const char *authority = find_authority (text);

  return authority && (g_str_has_prefix (authority, MASK "@") || g_str_has_suffix (text, "/" MASK));
}

char *
forge_hidden_url_show (const char *url)
{
  const char *authority = find_authority (url);
  g_autofree char *bare = forge_redact_url (url);

  if (!authority)
    return g_strdup (url);
  if (!has_user_info (authority))
    return g_strconcat (bare, "/" MASK, NULL);
  g_autofree char *scheme = g_strndup (url, (gsize)(authority - url));
  return g_strconcat (scheme, MASK "@", bare + strlen (scheme), NULL);
}

gboolean
forge_hidden_url_keep (ForgeSecrets *secrets,
                       const char *name,
                       const char *url,
                       GCancellable *cancellable,
                       GError **error)
{
  g_autoptr (GError) ignored = NULL;

  if (forge_hidden_url_has_login (url))
    return forge_secrets_store (secrets, name, url, cancellable, error);
  /* What stays in a locked keyring is found by nobody: the stored form no longer points there. */
  if (!forge_secrets_forget (secrets, name, cancellable, &ignored))
    g_debug ("%s stays in the keyring: %s", name, ignored->message);
  return TRUE;
}

char *
forge_hidden_url_reveal (ForgeSecrets *secrets,
                         const char *name,
                         const char *text,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GError) failure = NULL;

  if (!forge_hidden_url_is_shown_form (text))
    return g_strdup (text);
  char *url = forge_secrets_lookup (secrets, name, cancellable, &failure);
  if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "The login of the address %s is not here: remove it and add it again",
                 text);
  else if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  return url;
}

char *
forge_hidden_url_name_of_guide (gint64 guide_id)
{
  return g_strdup_printf ("guide/%" G_GINT64_FORMAT, guide_id);
}

char *
forge_hidden_url_name_of_proxy (gint64 account_id)
{
  return g_strdup_printf ("account/%" G_GINT64_FORMAT "/proxy", account_id);
}
