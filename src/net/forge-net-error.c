/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-net-error.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"

#include <string.h>

#define QUOTE_CHARACTERS 60

static ForgeError
code_of (const GError *cause)
{
  if (g_error_matches (cause, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE) ||
      g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_INVALID_DATA))
    return FORGE_ERROR_INVALID;
  return FORGE_ERROR_RETRY;
}

void
forge_net_set_cause (GError **error, const char *host, GError *cause)
{
  if (g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED) || cause->domain == FORGE_ERROR) {
    g_propagate_error (error, cause);
    return;
  }
  g_autofree char *text = forge_redact_text (cause->message);
  g_set_error (error, FORGE_ERROR, code_of (cause), "%s: %s", host, text);
  g_error_free (cause);
}

char *
forge_net_header_value (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p; p++)
    if ((guchar)*p >= ' ' && *p != 0x7F)
      g_string_append_c (out, *p);
  return g_strstrip (g_string_free (out, FALSE));
}

gboolean
forge_net_check_proxy (const char *proxy, GError **error)
{
  if (!proxy)
    return TRUE;
  g_autoptr (GUri) uri = g_uri_parse (proxy, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";
  if ((g_str_equal (scheme, "http") || g_str_equal (scheme, "socks5")) && g_uri_get_host (uri) &&
      *g_uri_get_host (uri))
    return TRUE;
  g_autofree char *safe = forge_redact_url (proxy);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_UNSUPPORTED,
               "the proxy %s is neither http://host:port nor socks5://host:port",
               safe);
  return FALSE;
}

char *
forge_net_quote (const void *data, gsize length)
{
  g_autofree char *text = g_utf8_make_valid (data, (gssize)MIN (length, 4096));
  g_autofree char *redacted = forge_redact_text (text);
  GString *out = g_string_new (NULL);
  guint n = 0;

  for (const char *p = redacted; *p && n < QUOTE_CHARACTERS; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    gboolean is_blank = g_unichar_isspace (c);
    if (is_blank ? (n == 0 || g_str_has_suffix (out->str, " ")) : !g_unichar_isprint (c))
      continue;
    g_string_append_unichar (out, is_blank ? ' ' : c);
    n++;
  }
  return g_string_free (out, FALSE);
}
