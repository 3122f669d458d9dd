/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-url.h"

#include "base/forge-error.h"

#include <gio/gio.h>

#include <string.h>

#define MAX_TYPED_BYTES      4096
#define MAX_HOST_BYTES       253 /* RFC 1035 §2.3.4 */
#define MAX_CREDENTIAL_BYTES 512
#define HTTP_PORT            80
#define HTTPS_PORT           443

typedef struct {
  gboolean is_https, has_scheme;
  char *host; /* ASCII, lower case; brackets around an IPv6 literal */
  guint port; /* 0 = none typed */
  char *path; /* "" or "/sub", percent-encoded, no trailing slash */
  char *username, *password;
} Parts;

static void
parts_clear (Parts *parts)
{
  g_free (parts->host);
  g_free (parts->path);
  g_free (parts->username);
  g_free (parts->password);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Parts, parts_clear)

G_GNUC_PRINTF (2, 3)
static gboolean
fail (GError **error, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, text);
  return FALSE;
}

/* Blanks, and the invisible marks and quotes that come along when an address is copied from a
 * chat or a mail. */
static gboolean
is_paste_noise (gunichar c)
{
  return g_unichar_isspace (c) || c == 0xFEFF || (c >= 0x200B && c <= 0x200F) || c == '"' ||
         c == '\'' || c == '<' || c == '>';
}

static char *
trim (const char *typed)
{
  const char *end = typed + strlen (typed);

  while (*typed && is_paste_noise (g_utf8_get_char (typed)))
    typed = g_utf8_next_char (typed);
  while (end > typed && is_paste_noise (g_utf8_get_char (g_utf8_prev_char (end))))
    end = g_utf8_prev_char (end);
  return g_strndup (typed, (gsize)(end - typed));
}

static gboolean
check_text (const char *text, GError **error)
{
  if (!*text)
    return fail (error, "the server address is empty");
  for (const char *p = text; *p; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);
    if (g_unichar_isspace (c))
      return fail (error, "the server address has a space in the middle");
    if (g_unichar_iscntrl (c))
      return fail (error, "the server address holds a control character (U+%04X)", c);
  }
  return TRUE;
}

/* Seen: "http://http://host" after a paste into a field that held "http://" already. */
static gboolean
take_scheme (const char **text, Parts *parts, GError **error)
{
  for (;;) {
    gsize length = strspn (*text,
                           "abcdefghijklmnopqrstuvwxyz"
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.");

    if (!g_str_has_prefix (*text + length, "://"))
      break;
    g_autofree char *scheme = g_ascii_strdown (*text, (gssize)length);
    if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
      return fail (error, "\"%s://\" is not supported, only http:// and https://", scheme);
    parts->is_https = g_str_equal (scheme, "https");
    parts->has_scheme = TRUE;
    *text += length + strlen ("://");
  }
  if (!parts->has_scheme && g_str_has_prefix (*text, "//"))
    *text += strlen ("//");
  return TRUE;
}

/* Percent-decoded, '+' read as the form coding has it, trimmed. NULL if nothing is left. */
static char *
decode_credential (const char *text, gsize length, gboolean is_form)
{
  g_autofree char *raw = g_strndup (text, length);

  if (is_form)
    g_strdelimit (raw, "+", ' ');
  g_autofree char *decoded = g_uri_unescape_string (raw, NULL);
  const char *value = decoded ? decoded : raw;
  if (!g_utf8_validate (value, -1, NULL) || strlen (value) > MAX_CREDENTIAL_BYTES)
    return NULL;
  g_autofree char *stripped = g_strstrip (g_strdup (value));
  return *stripped ? g_steal_pointer (&stripped) : NULL;
}

static void
set_credential (char **slot, char *value)
{
  if (value) {
    g_free (*slot);
    *slot = value;
  }
}

/* "user:pass@" before the host. A password may hold '@' itself: the last one counts. */
static void
take_user_info (const char **authority, gsize *length, Parts *parts)
{
  const char *at = g_strrstr_len (*authority, (gssize)*length, "@");

  if (!at)
    return;
  gsize info = (gsize)(at - *authority);
  const char *colon = memchr (*authority, ':', info);
  if (colon) {
    gsize name = (gsize)(colon - *authority);
    set_credential (&parts->username, decode_credential (*authority, name, FALSE));
    set_credential (&parts->password, decode_credential (colon + 1, info - name - 1, FALSE));
  }
  *length -= info + 1;
  *authority = at + 1;
}

static gboolean
take_port (const char *text, Parts *parts, GError **error)
{
  guint64 port;

  if (!*text)
    return TRUE;
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT16, &port, NULL))
    return fail (error, "the port \"%.20s\" is not a number from 1 to 65535", text);
  parts->port = (guint)port;
  return TRUE;
}

static gboolean
take_ipv6 (const char *text, gsize length, Parts *parts, GError **error)
{
  g_autofree char *literal = g_strndup (text, length);
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (literal);

  if (!address || g_inet_address_get_family (address) != G_SOCKET_FAMILY_IPV6)
    return fail (error, "\"%.60s\" is not an IPv6 address", literal);
  g_autofree char *canonical = g_inet_address_to_string (address);
  parts->host = g_strdup_printf ("[%s]", canonical);
  return TRUE;
}

static gboolean
check_host (const char *host, GError **error)
{
  if (!*host)
    return fail (error, "the server address has no host name");
  if (strlen (host) > MAX_HOST_BYTES)
    return fail (error, "the host name is longer than %d bytes", MAX_HOST_BYTES);
  if (*host == '.' || strstr (host, ".."))
    return fail (error, "the host name \"%.60s\" has an empty part", host);
  for (const char *p = host; *p; p++)
    if (!g_ascii_isalnum (*p) && !strchr ("-._", *p))
      return fail (error, "the host name \"%.60s\" holds \"%c\"", host, *p);
  return TRUE;
}

static gboolean
take_name (const char *text, gsize length, Parts *parts, GError **error)
{
  g_autofree char *typed = g_strndup (text, length);
  g_autofree char *lower = NULL;

  if (g_str_has_suffix (typed, ".")) /* "host." is the same host, but no vhost knows it */
    typed[strlen (typed) - 1] = '\0';
  if (g_hostname_is_non_ascii (typed)) {
    lower = g_hostname_to_ascii (typed);
    if (!lower)
      return fail (error, "the host name \"%.60s\" is not a valid international name", typed);
  } else {
    lower = g_ascii_strdown (typed, -1);
  }
  if (!check_host (lower, error))
    return FALSE;
  parts->host = g_steal_pointer (&lower);
  return TRUE;
}

static gboolean
take_bracketed (const char *authority, gsize length, Parts *parts, GError **error)
{
  const char *end = memchr (authority, ']', length);

  if (!end)
    return fail (error, "the IPv6 address has no closing bracket");
  gsize rest = length - (gsize)(end + 1 - authority);
  g_autofree char *after = g_strndup (end + 1, rest);
  if (*after && *after != ':')
    return fail (error, "\"%.20s\" after the IPv6 address is no port", after);
  return take_ipv6 (authority + 1, (gsize)(end - authority - 1), parts, error) &&
         take_port (*after ? after + 1 : after, parts, error);
}

static gboolean
take_authority (const char *authority, gsize length, Parts *parts, GError **error)
{
  take_user_info (&authority, &length, parts);
  if (length > 0 && *authority == '[')
    return take_bracketed (authority, length, parts, error);

  const char *colon = memchr (authority, ':', length);
  if (!colon)
    return take_name (authority, length, parts, error);

  gsize name = (gsize)(colon - authority);
  if (memchr (colon + 1, ':', length - name - 1)) /* an IPv6 literal without its brackets */
    return take_ipv6 (authority, length, parts, error);
  g_autofree char *port = g_strndup (colon + 1, length - name - 1);
  return take_name (authority, name, parts, error) && take_port (port, parts, error);
}

static void
drop_trailing_slashes (GString *path)
{
  while (path->len > 0 && path->str[path->len - 1] == '/')
    g_string_truncate (path, path->len - 1);
}

/* "/player_api.php", "/get.php", "/xmltv.php" … */
static void
drop_script (GString *path)
{
  const char *slash = strrchr (path->str, '/');

  if (slash && path->len >= 4 && g_ascii_strcasecmp (path->str + path->len - 4, ".php") == 0)
    g_string_truncate (path, (gsize)(slash - path->str));
}

/* "…/live/USER/PASS/123.ts": somebody pasted a channel. The path must not keep the password. */
static void
drop_play_path (GString *path, Parts *parts)
{
  g_auto (GStrv) segments = g_strsplit (path->str, "/", -1);
  guint n = g_strv_length (segments);

  if (n < 5)
    return;
  char **tail = segments + n - 4;
  if (!g_str_equal (tail[0], "live") && !g_str_equal (tail[0], "movie") &&
      !g_str_equal (tail[0], "series"))
    return;
  if (!g_ascii_isdigit (*tail[3]) || !*tail[1] || !*tail[2])
    return;
  set_credential (&parts->username, decode_credential (tail[1], strlen (tail[1]), FALSE));
  set_credential (&parts->password, decode_credential (tail[2], strlen (tail[2]), FALSE));
  gsize tail_bytes = 4;
  for (guint i = 0; i < 4; i++)
    tail_bytes += strlen (tail[i]);
  g_string_truncate (path, path->len - tail_bytes);
}

static void
take_path (const char *text, gsize length, Parts *parts)
{
  g_autoptr (GString) path = g_string_new_len (text, (gssize)length);

  drop_trailing_slashes (path);
  drop_script (path);
  drop_trailing_slashes (path);
  drop_play_path (path, parts);
  drop_trailing_slashes (path);
  parts->path =
      g_uri_escape_string (path->str, G_URI_RESERVED_CHARS_ALLOWED_IN_PATH_ELEMENT "/%", FALSE);
}

static void
take_query_value (const char *pair, Parts *parts)
{
  static const struct {
    const char *key;
    gboolean is_password;
  } keys[] = { { "username=", FALSE }, { "password=", TRUE } };

  if (g_str_has_prefix (pair, "amp;")) /* copied out of HTML source */
    pair += strlen ("amp;");
  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++) {
    gsize length = strlen (keys[i].key);
    if (g_ascii_strncasecmp (pair, keys[i].key, length) == 0)
      set_credential (keys[i].is_password ? &parts->password : &parts->username,
                      decode_credential (pair + length, strlen (pair + length), TRUE));
  }
}

static void
take_query (const char *text, Parts *parts)
{
  if (*text != '?')
    return;
  g_autofree char *query = g_strndup (text + 1, strcspn (text + 1, "#"));
  g_auto (GStrv) pairs = g_strsplit (query, "&", -1);
  for (char **pair = pairs; *pair; pair++)
    take_query_value (*pair, parts);
}

static gboolean
take_apart (const char *text, Parts *parts, GError **error)
{
  if (!take_scheme (&text, parts, error))
    return FALSE;
  gsize authority = strcspn (text, "/?#\\");
  if (!take_authority (text, authority, parts, error))
    return FALSE;
  text += authority;
  gsize path = strcspn (text, "?#");
  take_path (text, path, parts);
  take_query (text + path, parts);
  return TRUE;
}

static char *
put_together (const Parts *parts)
{
  /* Nobody serves plain HTTP on 443: without a scheme that port says which one was meant. */
  gboolean is_https = parts->is_https || (!parts->has_scheme && parts->port == HTTPS_PORT);
  const char *scheme = is_https ? "https" : "http";
  guint usual = is_https ? HTTPS_PORT : HTTP_PORT;

  if (parts->port == 0 || parts->port == usual)
    return g_strdup_printf ("%s://%s%s", scheme, parts->host, parts->path);
  return g_strdup_printf ("%s://%s:%u%s", scheme, parts->host, parts->port, parts->path);
}

char *
forge_url_normalise_server (const char *typed, char **username, char **password, GError **error)
{
  g_auto (Parts) parts = { 0 };

  if (username)
    *username = NULL;
  if (password)
    *password = NULL;
  if (!typed || strlen (typed) > MAX_TYPED_BYTES || !g_utf8_validate (typed, -1, NULL)) {
    fail (error, "the server address is no text of at most %d bytes", MAX_TYPED_BYTES);
    return NULL;
  }
  g_autofree char *text = trim (typed);
  if (!check_text (text, error) || !take_apart (text, &parts, error))
    return NULL;
  if (username)
    *username = g_steal_pointer (&parts.username);
  if (password)
    *password = g_steal_pointer (&parts.password);
  return put_together (&parts);
}

char *
forge_url_escape (const char *text)
{
  g_return_val_if_fail (text, NULL);
  return g_uri_escape_string (text, NULL, FALSE);
}

/* By hand: a play URL need not be a valid one for its host to be named. */
char *
forge_url_host (const char *url)
{
  const char *start = url ? strstr (url, "://") : NULL;

  if (!start)
    return g_strdup ("?");
  start += strlen ("://");
  gsize length = strcspn (start, "/?#\\");
  const char *at = g_strrstr_len (start, (gssize)length, "@");
  if (at) {
    length -= (gsize)(at + 1 - start);
    start = at + 1;
  }
  const char *bracket = *start == '[' ? memchr (start, ']', length) : NULL;
  const char *colon = memchr (start, ':', length);
  if (bracket)
    length = (gsize)(bracket + 1 - start);
  else if (colon)
    length = (gsize)(colon - start);
  return length > 0 ? g_strndup (start, length) : g_strdup ("?");
}
