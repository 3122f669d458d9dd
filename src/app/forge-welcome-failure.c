/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-welcome-failure.h"

#include "base/forge-error.h"

#include <glib/gi18n.h>

#include <string.h>

/* How the engine begins to tell of a login that is right but of no use. */
#define ACCOUNT_IS "The provider says that this account is "

static gboolean
is_secure (const char *server)
{
  return g_ascii_strncasecmp (server, "https://", strlen ("https://")) == 0;
}

const char *
forge_welcome_failure_title (const GError *error, const char *server)
{
  if (g_str_has_prefix (error->message, ACCOUNT_IS))
    return _ (
        "The login is right, but the provider serves this account no more. Ask the provider.");
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_AUTH))
    return _ ("The provider does not accept this user name and password.");
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT))
    return _ ("The account is in use elsewhere. End the other player and try again.");
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_STORAGE))
    return _ ("The password could not be kept safe. Unlock the keyring and try again.");
  if (is_secure (server))
    return _ (
        "There is no secure connection to this address. Many providers have none: try http:// instead.");
  if (g_error_matches (error, FORGE_ERROR, FORGE_ERROR_RETRY))
    return _ ("The provider cannot be reached. Check the address and your internet connection.");
  return _ (
      "This does not work. Check the address: it begins with http:// and often ends with a number.");
}
