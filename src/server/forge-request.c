/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-request-private.h"

#include <string.h>

#define MAX_ID_BYTES 64

ForgeRequestData *
forge_request_new (void)
{
  return g_new0 (ForgeRequestData, 1);
}

void
forge_request_free (ForgeRequestData *request)
{
  ForgeRequest *handler = &request->handler;

  g_free ((char *)handler->method);
  g_free ((char *)handler->path);
  g_free ((char *)handler->base_url);
  g_free ((char *)handler->peer);
  g_free ((char *)handler->user_agent);
  g_free ((char *)handler->last_event_id);
  g_free ((char *)handler->request_id);
  g_clear_pointer (&handler->query, g_hash_table_unref);
  g_clear_pointer (&handler->body, g_bytes_unref);
  g_free ((char *)handler->content_type);
  g_free ((char *)handler->range);
  g_free ((char *)handler->if_range);
  g_free ((char *)handler->if_none_match);
  g_free (request->origin);
  g_free (request);
}

const char *
forge_request_query (const ForgeRequest *request, const char *name)
{
  return g_hash_table_lookup (request->query, name);
}

/* Strict: every "%" must begin an escape, none may be NUL, the result must be UTF-8. */
static char *
decode (const char *encoded, gboolean plus_is_blank)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (const char *at = encoded; *at; at++) {
    if (*at == '%') {
      int high = g_ascii_xdigit_value (at[1]);
      int low = high < 0 ? -1 : g_ascii_xdigit_value (at[2]);
      if (low < 0 || high * 16 + low == 0)
        return NULL;
      g_string_append_c (text, (char)(high * 16 + low));
      at += 2;
    } else {
      g_string_append_c (text, plus_is_blank && *at == '+' ? ' ' : *at);
    }
  }
  return g_utf8_validate (text->str, (gssize)text->len, NULL) ? g_strdup (text->str) : NULL;
}

static void
collapse_slashes (char *path)
{
  char *to = path;

  for (const char *from = path; *from; from++)
    if (*from != '/' || from[1] != '/')
      *to++ = *from;
  *to = '\0';
}

static gboolean
has_dot_segment (const char *path)
{
  g_auto (GStrv) segments = g_strsplit (path, "/", -1);

  for (char **segment = segments; *segment; segment++)
    if (strcmp (*segment, ".") == 0 || strcmp (*segment, "..") == 0)
      return TRUE;
  return FALSE;
}

char *
forge_request_decode_path (const char *encoded)
{
  g_autofree char *path = decode (encoded, FALSE);

  if (!path || path[0] != '/' || has_dot_segment (path))
    return NULL;
  collapse_slashes (path);
  return g_steal_pointer (&path);
}

static gboolean
add_pair (GHashTable *query, char *pair)
{
  char *equals = strchr (pair, '=');
  char *name, *value;

  if (equals)
    *equals = '\0';
  name = decode (pair, TRUE);
  value = decode (equals ? equals + 1 : "", TRUE);
  if (!name || !value) {
    g_free (name);
    g_free (value);
    return FALSE;
  }
  g_hash_table_replace (query, name, value);
  return TRUE;
}

GHashTable *
forge_request_decode_query (const char *encoded)
{
  g_autoptr (GHashTable) query = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_auto (GStrv) pairs = g_strsplit (encoded ? encoded : "", "&", -1);

  for (char **pair = pairs; *pair; pair++)
    if (**pair && !add_pair (query, *pair))
      return NULL;
  return g_steal_pointer (&query);
}

static gboolean
is_harmless_id (const char *id)
{
  gsize length = strspn (id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

  return length >= 1 && length <= MAX_ID_BYTES && id[length] == '\0';
}

gboolean
forge_path_speaks_json (const char *path)
{
  return g_str_has_prefix (path, "/api/") || g_str_has_prefix (path, "/strm/") ||
         g_str_has_prefix (path, "/v1/");
}

char *
forge_request_make_id (const char *offered)
{
  if (offered && is_harmless_id (offered))
    return g_strdup (offered);
  return g_strdup_printf ("%08x%08x", g_random_int (), g_random_int ());
}
