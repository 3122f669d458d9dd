/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-site-headers.h"

#include "formats/forge-json-items.h"

#include <string.h>

#define MAX_NAME_BYTES 64

/* ---- lines ---- */

/* Those that we set, and those that are of one connection. */
static gboolean
is_ours (const char *name)
{
  static const char *const ours[] = {
    "accept",
    "accept-encoding",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "expect",
    "host",
    "keep-alive",
    "if-range",
    "if-none-match",
    "if-match",
    "range",
    "te",
    "if-modified-since",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "proxy-authorization",
    "proxy-connection",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (ours); i++)
    if (g_ascii_strcasecmp (name, ours[i]) == 0)
      return TRUE;
  return FALSE;
}

/* RFC 9110 §5.6.2 */
static gboolean
is_token (const char *name)
{
  gsize length = strlen (name);

  if (length == 0 || length > MAX_NAME_BYTES)
    return FALSE;
  for (const char *p = name; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("!#$%&'*+-.^_`|~", *p))
      return FALSE;
  return TRUE;
}

static gboolean
is_value (const char *value)
{
  if (strlen (value) > FORGE_SITE_MAX_HEADER_BYTES)
    return FALSE;
  for (const char *p = value; *p; p++)
    if (((guchar)*p < ' ' && *p != '\t') || *p == 0x7F)
      return FALSE;
  return TRUE;
}

static void
append_line (GString *out, const char *name, const char *value)
{
  if (is_value (value) && out->len + strlen (name) + strlen (value) < FORGE_SITE_MAX_HEADERS_BYTES)
    g_string_append_printf (out, "%s: %s\r\n", name, value);
}

static void
append_headers (GString *out, JsonObject *headers, char **user_agent)
{
  g_autoptr (GList) names = json_object_get_members (headers);
  guint n = 0;

  for (GList *at = names; at && n < FORGE_SITE_MAX_HEADERS; at = at->next) {
    const char *name = at->data;
    char *value = forge_json_text (headers, name);
    if (value && g_ascii_strcasecmp (name, "user-agent") == 0 && is_value (value) && !*user_agent) {
      *user_agent = value;
      continue;
    }
    if (value && is_token (name) && !is_ours (name)) {
      append_line (out, name, value);
      n++;
    }
    g_free (value);
  }
}

/* ---- cookies (RFC 6265) ---- */

typedef struct {
  char *name, *value, *domain, *path;
  gboolean is_secure, is_expired;
} Cookie;

static void
cookie_clear (Cookie *cookie)
{
  g_free (cookie->name);
  g_free (cookie->value);
  g_free (cookie->domain);
  g_free (cookie->path);
  *cookie = (Cookie){ 0 };
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Cookie, cookie_clear)

/* §5.1.3 */
static gboolean
domain_fits (const char *domain, const char *host)
{
  gsize n = strlen (host);

  domain += *domain == '.';
  gsize m = strlen (domain);
  if (m == 0 || m > n || g_ascii_strcasecmp (host + n - m, domain) != 0)
    return FALSE;
  return m == n || (host[n - m - 1] == '.' && !g_hostname_is_ip_address (host));
}

/* §5.1.4 */
static gboolean
path_fits (const char *cookie_path, const char *path)
{
  gsize n = strlen (cookie_path);

  return strncmp (path, cookie_path, n) == 0 &&
         (n == 0 || cookie_path[n - 1] == '/' || path[n] == '\0' || path[n] == '/');
}

static gboolean
cookie_fits (const Cookie *cookie, GUri *uri)
{
  const char *path = *g_uri_get_path (uri) ? g_uri_get_path (uri) : "/";

  return cookie->name && !cookie->is_expired &&
         (!cookie->is_secure || g_str_equal (g_uri_get_scheme (uri), "https")) &&
         (!cookie->domain || domain_fits (cookie->domain, g_uri_get_host (uri))) &&
         (!cookie->path || path_fits (cookie->path, path));
}

/* yt-dlp writes what is no plain word as Python's cookie module does: in quotes, with \" and
 * \073. */
static char *
unquote (const char *value)
{
  gsize n = strlen (value);

  if (n < 2 || value[0] != '"' || value[n - 1] != '"')
    return g_strdup (value);
  g_autofree char *inner = g_strndup (value + 1, n - 2);
  return g_strcompress (inner);
}

static void
finish_cookie (GString *out, Cookie *cookie, GUri *uri)
{
  if (cookie_fits (cookie, uri) && is_token (cookie->name) && is_value (cookie->value) &&
      !strpbrk (cookie->value, ";\t") &&
      out->len + strlen (cookie->name) + strlen (cookie->value) + 3 <= FORGE_SITE_MAX_HEADER_BYTES)
    g_string_append_printf (out, "%s%s=%s", out->len ? "; " : "", cookie->name, cookie->value);
  cookie_clear (cookie);
}

/* TRUE: it belongs to the cookie before it. */
static gboolean
take_attribute (Cookie *cookie, const char *name, const char *value, gint64 now_s)
{
  gint64 end_s;

  if (!cookie->name)
    return FALSE;
  if (g_ascii_strcasecmp (name, "domain") == 0) {
    g_free (cookie->domain);
    cookie->domain = g_strdup (value);
  } else if (g_ascii_strcasecmp (name, "path") == 0) {
    g_free (cookie->path);
    cookie->path = g_strdup (value);
  } else if (g_ascii_strcasecmp (name, "secure") == 0) {
    cookie->is_secure = TRUE;
  } else if (g_ascii_strcasecmp (name, "expires") == 0) {
    cookie->is_expired = g_ascii_string_to_signed (value, 10, 0, G_MAXINT64, &end_s, NULL) &&
                         end_s > 0 && end_s <= now_s;
  } else {
    static const char *const others[] = { "httponly", "max-age", "samesite", "version", "comment" };
    for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
      if (g_ascii_strcasecmp (name, others[i]) == 0)
        return TRUE;
    return FALSE;
  }
  return TRUE;
}

char *
forge_site_cookies_for (const char *cookies, const char *url, gint64 now_s)
{
  g_autoptr (GUri) uri =
      g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE, NULL);
  g_auto (GStrv) parts = g_strsplit (cookies, ";", -1);
  g_autoptr (GString) out = g_string_new (NULL);
  g_auto (Cookie) cookie = { 0 };

  if (!uri || !g_uri_get_host (uri))
    return NULL;
  for (char **part = parts; *part; part++) {
    const char *text = g_strstrip (*part), *equals = strchr (text, '=');
    g_autofree char *name = equals ? g_strndup (text, (gsize)(equals - text)) : g_strdup (text);
    const char *value = equals ? equals + 1 : "";
    if (take_attribute (&cookie, g_strchomp (name), value, now_s) || !equals)
      continue;
    finish_cookie (out, &cookie, uri);
    cookie.name = g_steal_pointer (&name);
    cookie.value = unquote (value);
  }
  finish_cookie (out, &cookie, uri);
  return out->len ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}

/* ---- both ---- */

static char *
read_cookies (JsonObject *format, JsonObject *headers, const char *url)
{
  g_autofree char *cookies = forge_json_text (format, "cookies");

  if (cookies)
    return forge_site_cookies_for (cookies, url, g_get_real_time () / G_USEC_PER_SEC);
  /* Before 2023.07 they stood among the headers, for this address already. */
  return headers ? forge_json_text (headers, "Cookie") : NULL;
}

char *
forge_site_headers_read (JsonObject *format, const char *url, char **user_agent)
{
  JsonObject *headers = forge_json_object (format, "http_headers");
  g_autofree char *cookies = read_cookies (format, headers, url);
  g_autoptr (GString) out = g_string_new (NULL);

  *user_agent = NULL;
  if (cookies)
    append_line (out, "Cookie", cookies);
  if (headers)
    append_headers (out, headers, user_agent);
  return out->len ? g_string_free (g_steal_pointer (&out), FALSE) : NULL;
}
