/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-m3u-url.h"

#include <string.h>

#define MAX_URL_BYTES 4096
#define MAX_SEGMENTS  64
#define MAX_PANEL_ID  G_GINT64_CONSTANT (0x7fffffff)
#define SECRET_TEXT   "\x1f"

void
forge_m3u_url_clear (ForgeM3uUrl *split)
{
  g_clear_pointer (&split->open, g_free);
  g_clear_pointer (&split->secrets, g_ptr_array_unref);
  g_clear_pointer (&split->server, g_free);
  g_clear_pointer (&split->username, g_free);
  g_clear_pointer (&split->password, g_free);
}

static gboolean
is_playable (const char *url)
{
  gsize length = strlen (url);

  if (length > MAX_URL_BYTES || (g_ascii_strncasecmp (url, "http://", 7) != 0 &&
                                 g_ascii_strncasecmp (url, "https://", 8) != 0))
    return FALSE;
  for (gsize i = 0; i < length; i++)
    if (url[i] <= ' ' || url[i] >= 0x7f || url[i] == '"' || url[i] == '\\')
      return FALSE;
  return TRUE;
}

static void
take_secret (ForgeM3uUrl *split, GString *open, const char *text, gsize length)
{
  if (length == 0)
    return;
  g_ptr_array_add (split->secrets, g_strndup (text, length));
  g_string_append_c (open, FORGE_M3U_SECRET_MARK);
}

/* "user:password@" of the authority. */
static void
take_authority (ForgeM3uUrl *split, GString *open, const char *text, gsize length)
{
  const char *at = g_strrstr_len (text, (gssize)length, "@");

  if (at) {
    take_secret (split, open, text, (gsize)(at - text));
    length -= (gsize)(at - text);
    text = at;
  }
  g_string_append_len (open, text, (gssize)length);
}

/* "123", "123.ts", "123.m3u8" */
static gboolean
is_panel_id (const char *segment, gint64 *id)
{
  char *end = NULL;

  if (!g_ascii_isdigit (*segment))
    return FALSE;
  *id = g_ascii_strtoll (segment, &end, 10);
  return *id > 0 && *id <= MAX_PANEL_ID &&
         (*end == '\0' || strcmp (end, ".ts") == 0 || strcmp (end, ".m3u8") == 0);
}

static gboolean
is_video_file (const char *segment)
{
  static const char *const endings[] = { ".mp4", ".mkv", ".avi", ".mov", ".wmv", ".mpg", ".flv" };

  for (gsize i = 0; i < G_N_ELEMENTS (endings); i++)
    if (strlen (segment) > strlen (endings[i]) &&
        g_ascii_strcasecmp (segment + strlen (segment) - strlen (endings[i]), endings[i]) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  for (; *words; words++)
    if (g_ascii_strcasecmp (text, *words) == 0)
      return TRUE;
  return FALSE;
}

/* The index of the user's name when the path ends as an Xtream panel's does, else −1. Such a path
 * begins after the host or after "live". */
static int
find_login (ForgeM3uUrl *split, char **segments, int n)
{
  static const char *const videos[] = { "movie", "series", NULL };
  gint64 id;

  if (n > 0 && is_video_file (segments[n - 1]))
    split->kind = FORGE_M3U_VIDEO;
  if (n < 3 || !*segments[n - 3] || !*segments[n - 2])
    return -1;
  if (n >= 4 && is_one_of (segments[n - 4], videos)) {
    split->kind = FORGE_M3U_VIDEO;
    return n - 3;
  }
  if (!is_panel_id (segments[n - 1], &id) ||
      (n > 3 && g_ascii_strcasecmp (segments[n - 4], "live") != 0))
    return -1;
  split->kind = FORGE_M3U_LIVE;
  split->panel_id = id;
  return n - 3;
}

/* The index of "timeshift" in /timeshift/USER/PASSWORD/…, the archive of an Xtream panel; else −1.
 */
static int
find_archive (char **segments, int n)
{
  for (int i = 0; i + 4 < n; i++)
    if (g_ascii_strcasecmp (segments[i], "timeshift") == 0)
      return i;
  return -1;
}

/* Of the panel, for a login: what stands before "live" or the user's name. */
static void
note_panel (ForgeM3uUrl *split, const char *authority, char **segments, int login)
{
  GString *server = g_string_new (authority);
  int end = login > 0 && g_ascii_strcasecmp (segments[login - 1], "live") == 0 ? login - 1 : login;

  for (int i = 0; i < end; i++)
    g_string_append_printf (server, "/%s", segments[i]);
  split->server = g_string_free (server, FALSE);
  split->username = g_uri_unescape_string (segments[login], NULL);
  split->password = g_uri_unescape_string (segments[login + 1], NULL);
  if (split->username && split->password)
    return;
  split->kind = FORGE_M3U_PLAIN;
}

static void
take_path (ForgeM3uUrl *split, GString *open, const char *authority, const char *text, gsize length)
{
  static const char *const announcing[] = { "play", "auth", "token", NULL };
  g_autofree char *path = g_strndup (text, length);
  g_auto (GStrv) segments = *path == '/' ? g_strsplit (path + 1, "/", MAX_SEGMENTS)
                                         : g_new0 (char *, 1);
  int n = (int)g_strv_length (segments), login = find_login (split, segments, n);
  int archive = find_archive (segments, n);

  if (split->kind == FORGE_M3U_LIVE)
    note_panel (split, authority, segments, login);
  for (int i = 0; i < n; i++) {
    gboolean is_secret = (login >= 0 && (i == login || i == login + 1)) ||
                         (i > 0 && is_one_of (segments[i - 1], announcing)) ||
                         (archive >= 0 && (i == archive + 1 || i == archive + 2));
    g_string_append_c (open, '/');
    if (is_secret)
      take_secret (split, open, segments[i], strlen (segments[i]));
    else
      g_string_append (open, segments[i]);
  }
}

static gboolean
names_a_secret (const char *name, gsize length)
{
  static const char *const words[] = { "pass",   "pwd",  "token", "auth",  "key", "sig",  "sess",
                                       "secret", "hash", "user",  "login", "hdn", "code", "mac" };
  g_autofree char *lower = g_ascii_strdown (name, (gssize)length);

  for (gsize i = 0; i < G_N_ELEMENTS (words); i++)
    if (strstr (lower, words[i]))
      return TRUE;
  return strcmp (lower, "u") == 0 || strcmp (lower, "p") == 0 || strcmp (lower, "st") == 0;
}

static void
take_query (ForgeM3uUrl *split, GString *open, const char *text)
{
  while (*text) {
    gsize length = strcspn (text + 1, "&;") + 1; /* with its '?', '&' or ';' */
    const char *equals = memchr (text, '=', length);
    gsize head = equals ? (gsize)(equals - text) + 1 : length;

    g_string_append_len (open, text, (gssize)head);
    if (equals && names_a_secret (text + 1, head - 2))
      take_secret (split, open, text + head, length - head);
    else
      g_string_append_len (open, text + head, (gssize)(length - head));
    text += length;
  }
}

gboolean
forge_m3u_url_split (const char *url, ForgeM3uUrl *split)
{
  g_autoptr (GString) open = g_string_new (NULL);

  if (!is_playable (url))
    return FALSE;
  const char *authority = strstr (url, "://") + 3;
  gsize n_authority = strcspn (authority, "/?#");
  const char *path = authority + n_authority;
  gsize n_path = strcspn (path, "?#");
  const char *at = g_strrstr_len (authority, (gssize)n_authority, "@");
  const char *host = at ? at + 1 : authority;
  if (host == path || *host == ':')
    return FALSE;

  g_autofree char *scheme = g_ascii_strdown (url, (gssize)(authority - url));
  g_autofree char *base = g_strdup_printf ("%s%.*s", scheme, (int)(path - host), host);
  g_autofree char *query = g_strndup (path + n_path, strcspn (path + n_path, "#"));
  split->secrets = g_ptr_array_new_with_free_func (g_free);
  g_string_append (open, scheme);
  take_authority (split, open, authority, n_authority);
  take_path (split, open, base, path, n_path);
  take_query (split, open, query);
  split->open = g_string_free (g_steal_pointer (&open), FALSE);
  return TRUE;
}

gint64
forge_m3u_url_remote_id (const ForgeM3uUrl *split, const char *name, const char *tvg_id)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *path = strchr (strstr (split->open, "://") + 3, '/');
  guint8 digest[32];
  gsize length = sizeof digest;
  guint64 id = 0;

  if (split->kind == FORGE_M3U_LIVE)
    return split->panel_id;
  g_checksum_update (checksum, (const guchar *)name, (gssize)strlen (name) + 1);
  g_checksum_update (checksum,
                     (const guchar *)(tvg_id ? tvg_id : ""),
                     tvg_id ? (gssize)strlen (tvg_id) + 1 : 1);
  g_checksum_update (checksum,
                     (const guchar *)(path ? path : ""),
                     path ? (gssize)strlen (path) : 0);
  g_checksum_get_digest (checksum, digest, &length);
  for (int i = 0; i < 8; i++)
    id = id << 8 | digest[i];
  return (gint64)MAX (id & G_MAXINT64, 1);
}
