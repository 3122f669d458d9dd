/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-site.h"

#include "base/forge-error.h"

#include <string.h>

#define MAX_URL_BYTES 4096

static gboolean
is_host_of (const char *host, const char *site)
{
  gsize length = strlen (host), tail = strlen (site);

  return tail > 0 && length >= tail && g_ascii_strcasecmp (host + length - tail, site) == 0 &&
         (length == tail || host[length - tail - 1] == '.');
}

static gboolean
is_listed (const char *host, const char *hosts)
{
  g_auto (GStrv) sites = g_strsplit_set (hosts, "| ,", -1);

  for (guint i = 0; sites[i]; i++)
    if (is_host_of (host, sites[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_clean (const char *url)
{
  for (const char *p = url; *p; p++)
    if (*p == '\\' || (guchar)*p <= ' ' || *p == 0x7f)
      return FALSE;
  return TRUE;
}

gboolean
forge_site_check (const char *url, const char *hosts, GError **error)
{
  g_autoptr (GUri) uri = strlen (url) <= MAX_URL_BYTES && is_clean (url)
                             ? g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL)
                             : NULL;
  const char *host = uri ? g_uri_get_host (uri) : NULL;
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";

  if (host && !g_uri_get_userinfo (uri) &&
      (strcmp (scheme, "https") == 0 || strcmp (scheme, "http") == 0) && is_listed (host, hosts))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "url: only pages of %s can be downloaded",
               hosts);
  return FALSE;
}

static gboolean
tells_only_who (const char *pair)
{
  static const char *const names[] = { "si=", "feature=", "pp=", "fbclid=", "gclid=" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_str_has_prefix (pair, names[i]))
      return TRUE;
  return g_str_has_prefix (pair, "utm_");
}

char *
forge_site_canonical (const char *url)
{
  g_autofree char *whole = g_strndup (url, strcspn (url, "#"));
  const char *question = strchr (whole, '?');

  if (!question)
    return g_steal_pointer (&whole);
  g_autoptr (GString) out = g_string_new_len (whole, question - whole);
  g_auto (GStrv) pairs = g_strsplit (question + 1, "&", -1);
  char separator = '?';
  for (guint i = 0; pairs[i]; i++) {
    if (!*pairs[i] || tells_only_who (pairs[i]))
      continue;
    g_string_append_printf (out, "%c%s", separator, pairs[i]);
    separator = '&';
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
