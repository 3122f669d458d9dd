/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-redact.h"

#include <string.h>

/* Length of the URL at the start of `text`: up to a blank, quote, bracket or the end. */
static gsize
url_length (const char *text)
{
  return strcspn (text, " \t\r\n\"'<>`{}|\\");
}

/* The last '@' before the path ends the user info; a password may hold '@' itself. */
static const char *
skip_user_info (const char *authority, gsize length)
{
  const char *at = NULL;

  for (gsize i = 0; i < length; i++)
    if (authority[i] == '@')
      at = authority + i;
  return at ? at + 1 : authority;
}

char *
forge_redact_url (const char *url)
{
  if (!url)
    return g_strdup ("(none)");

  const char *authority = strstr (url, "://");
  if (!authority || authority == url)
    return g_strdup ("(not a URL)");
  authority += 3;

  gsize length = strcspn (authority, "/?#");
  const char *host = skip_user_info (authority, length);
  return g_strdup_printf ("%.*s%.*s",
                          (int)(authority - url),
                          url,
                          (int)(length - (gsize)(host - authority)),
                          host);
}

static gboolean
starts_url (const char *text)
{
  return g_str_has_prefix (text, "http://") || g_str_has_prefix (text, "https://");
}

/* The length of a "username=", "password=" … key at `text`, or 0. */
static gsize
secret_key_length (const char *text)
{
  static const char *const keys[] = {
    "username=", "password=", "user=", "pass=", "token=", "sig="
  };

  for (gsize i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_ascii_strncasecmp (text, keys[i], strlen (keys[i])) == 0)
      return strlen (keys[i]);
  return 0;
}

char *
forge_redact_text (const char *text)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text ? text : ""; *p;) {
    gsize key_length;

    if (starts_url (p)) {
      g_autofree char *url = g_strndup (p, url_length (p));
      g_autofree char *safe = forge_redact_url (url);
      g_string_append (out, safe);
      p += strlen (url);
    } else if ((key_length = secret_key_length (p)) > 0) {
      g_string_append_len (out, p, (gssize)key_length);
      g_string_append (out, "***");
      p += key_length;
      p += strcspn (p, "& \t\r\n\"'");
    } else {
      g_string_append_c (out, *p++);
    }
  }
  return g_string_free (out, FALSE);
}
