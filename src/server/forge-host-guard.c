/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-host-guard.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

/* Suffixes that home routers hand out; none is delegated in public DNS (RFC 6762, RFC 8375). */
static const char *const home_suffixes[] = {
  ".local", ".lan", ".home", ".home.arpa", ".internal", ".localdomain",
};

static gboolean
is_own_name (const char *host)
{
  char name[HOST_NAME_MAX + 1] = "";
  gsize length;

  if (g_ascii_strcasecmp (host, "localhost") == 0)
    return TRUE;
  if (gethostname (name, sizeof name - 1) != 0 || !name[0])
    return FALSE;
  if (g_ascii_strcasecmp (host, name) == 0)
    return TRUE;
  length = strcspn (name, ".");
  if (g_ascii_strncasecmp (host, name, length) != 0)
    return FALSE;
  if (!host[length])
    return TRUE;
  for (guint i = 0; i < G_N_ELEMENTS (home_suffixes); i++)
    if (g_ascii_strcasecmp (host + length, home_suffixes[i]) == 0)
      return TRUE;
  return FALSE;
}

gboolean
forge_host_guard_allows (ForgeLocalAddresses *addresses, GInetAddress *local, const char *host)
{
  g_autofree char *trimmed = g_strdup (host);
  g_autoptr (GInetAddress) address = NULL;
  gsize length = strlen (trimmed);

  if (length && trimmed[length - 1] == '.')
    trimmed[length - 1] = '\0';
  address = g_inet_address_new_from_string (trimmed);
  if (!address)
    return is_own_name (trimmed);
  if (g_inet_address_get_is_any (address))
    return FALSE;
  return (local && g_inet_address_equal (address, local)) ||
         forge_local_addresses_is_own (addresses, address);
}
