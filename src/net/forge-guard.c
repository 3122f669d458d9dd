/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-guard.h"

#include "base/forge-error.h"
#include "net/forge-address-class.h"

#include <string.h>

#define URI_FLAGS (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE | G_URI_FLAGS_PARSE_RELAXED)

struct _ForgeGuard {
  gatomicrefcount ref_count;
  GPtrArray *allowed; /* lower case, no trailing dot; NULL = any host */
  GPtrArray *trusted;
  gboolean allows_private, allows_loopback; /* as some trusted host is such a literal */
};

/* Names are compared in lower case and without the root's dot. (transfer full) */
static char *
fold_host (const char *host)
{
  char *lower = g_ascii_strdown (host, -1);
  gsize length = strlen (lower);

  if (length > 1 && lower[length - 1] == '.')
    lower[length - 1] = '\0';
  return lower;
}

/* "http://Host:80/x", "Host:80" or "Host" → "host". (transfer full) */
static char *
host_of (const char *typed)
{
  g_autofree char *with_scheme = strstr (typed, "://") ? g_strdup (typed)
                                                       : g_strconcat ("http://", typed, NULL);
  g_autoptr (GUri) uri = g_uri_parse (with_scheme, URI_FLAGS, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  return fold_host (host && *host ? host : typed);
}

static void
learn_class (ForgeGuard *guard, const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);
  ForgeAddressClass class = address ? forge_address_classify (address) : FORGE_ADDRESS_PUBLIC;

  if (g_str_equal (host, "localhost"))
    class = FORGE_ADDRESS_LOOPBACK;
  guard->allows_private |= class == FORGE_ADDRESS_PRIVATE;
  guard->allows_loopback |= class == FORGE_ADDRESS_LOOPBACK;
}

ForgeGuard *
forge_guard_new (const char *const *allowed, const char *const *trusted)
{
  ForgeGuard *guard = g_new0 (ForgeGuard, 1);

  g_atomic_ref_count_init (&guard->ref_count);
  guard->allowed = allowed ? g_ptr_array_new_with_free_func (g_free) : NULL;
  guard->trusted = g_ptr_array_new_with_free_func (g_free);
  for (; allowed && *allowed; allowed++)
    g_ptr_array_add (guard->allowed, fold_host (*allowed));
  for (; trusted && *trusted; trusted++) {
    char *host = host_of (*trusted);
    learn_class (guard, host);
    g_ptr_array_add (guard->trusted, host);
  }
  return guard;
}

ForgeGuard *
forge_guard_new_sites (const char *list)
{
  g_auto (GStrv) words = g_strsplit_set (list, ", ", -1);
  const char *const none[] = { NULL };
  ForgeGuard *guard = forge_guard_new (none, NULL);

  for (char **word = words; *word; word++)
    if (**word)
      g_ptr_array_add (guard->allowed, fold_host (*word));
  return guard;
}

ForgeGuard *
forge_guard_ref (ForgeGuard *guard)
{
  g_atomic_ref_count_inc (&guard->ref_count);
  return guard;
}

void
forge_guard_unref (ForgeGuard *guard)
{
  if (!g_atomic_ref_count_dec (&guard->ref_count))
    return;
  g_clear_pointer (&guard->allowed, g_ptr_array_unref);
  g_ptr_array_unref (guard->trusted);
  g_free (guard);
}

/* ---- hosts ---- */

static gboolean
is_trusted (const ForgeGuard *guard, const char *folded)
{
  return g_ptr_array_find_with_equal_func (guard->trusted, folded, g_str_equal, NULL);
}

/* "youtube.com" covers itself and "x.youtube.com", not "notyoutube.com". */
static gboolean
is_within (const char *host, const char *domain)
{
  gsize host_bytes = strlen (host), domain_bytes = strlen (domain);

  if (host_bytes < domain_bytes || domain_bytes == 0)
    return FALSE;
  return g_str_equal (host + host_bytes - domain_bytes, domain) &&
         (host_bytes == domain_bytes || host[host_bytes - domain_bytes - 1] == '.');
}

static gboolean
is_listed (const ForgeGuard *guard, const char *folded)
{
  for (guint i = 0; i < guard->allowed->len; i++)
    if (is_within (folded, g_ptr_array_index (guard->allowed, i)))
      return TRUE;
  return FALSE;
}

gboolean
forge_guard_knows_host (const ForgeGuard *guard, const char *host)
{
  g_autofree char *folded = fold_host (host);

  return is_trusted (guard, folded) || (guard->allowed && is_listed (guard, folded));
}

G_GNUC_PRINTF (2, 3)
static gboolean
refuse (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, text);
  return FALSE;
}

/* A host that is no name: only the usual spellings, and only what may be connected to. */
static gboolean
check_literal (const ForgeGuard *guard, const char *folded, GError **error)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (folded);

  if (address)
    return forge_guard_check_address (guard, folded, address, error);
  if (forge_address_is_numeric_name (folded) || strpbrk (folded, ":%"))
    return refuse (error, "%.100s is an unusual way to write an address", folded);
  if (is_within (folded, "localhost") && !guard->allows_loopback)
    return refuse (error, "%.100s is this machine", folded);
  return TRUE;
}

gboolean
forge_guard_check_uri (const ForgeGuard *guard, GUri *uri, GError **error)
{
  const char *scheme = g_uri_get_scheme (uri), *host = g_uri_get_host (uri);

  if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    return refuse (error, "%.20s:// cannot be opened, only http:// and https://", scheme);
  if (!host || !*host)
    return refuse (error, "The address names no host");
  g_autofree char *folded = fold_host (host);
  if (is_trusted (guard, folded))
    return TRUE;
  if (g_uri_get_userinfo (uri))
    return refuse (error, "%.100s: an address with a user name in it is refused", folded);
  if (guard->allowed && !is_listed (guard, folded))
    return refuse (error, "%.100s is not on the list of allowed sites", folded);
  return check_literal (guard, folded, error);
}

gboolean
forge_guard_check_url (const ForgeGuard *guard, const char *url, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, URI_FLAGS, NULL);

  if (!uri)
    return refuse (error, "The address is not a URL");
  return forge_guard_check_uri (guard, uri, error);
}

gboolean
forge_guard_check_address (const ForgeGuard *guard,
                           const char *host,
                           GInetAddress *address,
                           GError **error)
{
  g_autofree char *folded = fold_host (host);
  ForgeAddressClass class = forge_address_classify (address);

  if (class == FORGE_ADDRESS_PUBLIC || is_trusted (guard, folded) ||
      (class == FORGE_ADDRESS_PRIVATE && guard->allows_private) ||
      (class == FORGE_ADDRESS_LOOPBACK && guard->allows_loopback))
    return TRUE;
  return refuse (error,
                 "%.100s leads to a %s address, which is refused",
                 folded,
                 forge_address_class_name (class));
}
