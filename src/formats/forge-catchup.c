/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-catchup.h"

#include <string.h>

#define SHIFT_QUERY "utc={utc}&lutc={lutc}"

/* "{duration:60}" counts in minutes; more than a day is no unit. */
#define MAX_UNIT_S 86400

static const struct {
  const char *name;
  ForgeCatchupMode mode;
} modes[] = {
  { "default", FORGE_CATCHUP_DEFAULT },
  { "append", FORGE_CATCHUP_APPEND },
  { "shift", FORGE_CATCHUP_SHIFT },
  { "timeshift", FORGE_CATCHUP_SHIFT },
  { "flussonic", FORGE_CATCHUP_FLUSSONIC },
  { "fs", FORGE_CATCHUP_FLUSSONIC },
  { "flussonic-hls", FORGE_CATCHUP_FLUSSONIC_HLS },
  { "flussonic-ts", FORGE_CATCHUP_FLUSSONIC_TS },
  { "xc", FORGE_CATCHUP_XC },
  { "vod", FORGE_CATCHUP_VOD },
};

ForgeCatchupMode
forge_catchup_mode_from_text (const char *text)
{
  for (gsize i = 0; text && i < G_N_ELEMENTS (modes); i++)
    if (g_ascii_strcasecmp (text, modes[i].name) == 0)
      return modes[i].mode;
  return FORGE_CATCHUP_NONE;
}

/* ---- templates ---- */

static char *
append_query (const char *url, const char *query)
{
  return g_strconcat (url, strchr (url, '?') ? "&" : "?", query, NULL);
}

/* Where the path of an http URL begins, NULL if it has none. */
static const char *
path_of (const char *url)
{
  const char *authority = strstr (url, "://");
  const char *path = authority ? strpbrk (authority + 3, "/?#") : NULL;

  return path && *path == '/' ? path : NULL;
}

/* http://host/CHANNEL/mpegts?token    → http://host/CHANNEL/timeshift_abs-${start}.ts?token
 * http://host/CHANNEL/index.m3u8      → http://host/CHANNEL/timeshift_rel-{offset:1}.m3u8
 * http://host/CHANNEL/mono.m3u8       → http://host/CHANNEL/mono-timeshift_rel-{offset:1}.m3u8 */
static char *
flussonic (ForgeCatchupMode mode, const char *url)
{
  const char *path = path_of (url);
  const char *query = url + strcspn (url, "?#");
  const char *file = path ? g_strrstr_len (path, query - path, "/") : NULL;

  if (!file || file == path)
    return NULL;
  g_autofree char *name = g_strndup (file + 1, (gsize)(query - file - 1));
  gboolean is_playlist = g_str_has_suffix (name, ".m3u8");
  if (!is_playlist && strcmp (name, "mpegts") != 0)
    return NULL;
  if (mode == FORGE_CATCHUP_FLUSSONIC_TS || (mode == FORGE_CATCHUP_FLUSSONIC && !is_playlist))
    return g_strdup_printf ("%.*s/timeshift_abs-${start}.ts%s", (int)(file - url), url, query);
  g_autofree char *track = is_playlist ? g_strndup (name, strlen (name) - strlen (".m3u8"))
                                       : g_strdup ("index");
  gboolean is_plain = strcmp (track, "index") == 0;
  return g_strdup_printf ("%.*s/%s%stimeshift_rel-{offset:1}.m3u8%s",
                          (int)(file - url),
                          url,
                          is_plain ? "" : track,
                          is_plain ? "" : "-",
                          query);
}

/* http://host/[live/]USER/PASSWORD/ID[.ts|.m3u8] */
static char *
xtream (const char *url)
{
  const char *path = path_of (url);

  if (!path || strpbrk (path, "?#"))
    return NULL;
  g_autofree char *root = g_strndup (url, (gsize)(path - url));
  g_auto (GStrv) parts = g_strsplit (path + 1, "/", 8);
  guint n = g_strv_length (parts), first = n == 4 && strcmp (parts[0], "live") == 0 ? 1 : 0;
  if (n - first != 3 || !*parts[first] || !*parts[first + 1])
    return NULL;
  gboolean is_playlist = g_str_has_suffix (parts[n - 1], ".m3u8");
  parts[n - 1][strcspn (parts[n - 1], ".")] = '\0';
  if (!*parts[n - 1])
    return NULL;
  return g_strdup_printf ("%s/timeshift/%s/%s/{duration:60}/{Y}-{m}-{d}:{H}-{M}/%s.%s",
                          root,
                          parts[first],
                          parts[first + 1],
                          parts[n - 1],
                          is_playlist ? "m3u8" : "ts");
}

static gboolean
is_address (const char *text)
{
  return g_ascii_strncasecmp (text, "http://", 7) == 0 ||
         g_ascii_strncasecmp (text, "https://", 8) == 0;
}

/* A source that is no address of its own goes behind the live one, whatever the mode says. */
static char *
from_source (const char *source, const char *url)
{
  return is_address (source) || *source == '{' ? g_strdup (source)
                                               : g_strconcat (url, source, NULL);
}

char *
forge_catchup_template (ForgeCatchupMode mode, const char *source, const char *url)
{
  switch (mode) {
  case FORGE_CATCHUP_DEFAULT:
    return source ? from_source (source, url) : NULL;
  case FORGE_CATCHUP_APPEND:
    return source ? g_strconcat (url, source, NULL) : NULL;
  case FORGE_CATCHUP_SHIFT:
    return append_query (url, SHIFT_QUERY);
  case FORGE_CATCHUP_FLUSSONIC:
  case FORGE_CATCHUP_FLUSSONIC_HLS:
  case FORGE_CATCHUP_FLUSSONIC_TS:
    return flussonic (mode, url);
  case FORGE_CATCHUP_XC:
    return xtream (url);
  case FORGE_CATCHUP_VOD:
    return from_source (source ? source : "{catchup-id}", url);
  case FORGE_CATCHUP_NONE:
  default:
    return NULL;
  }
}

/* ---- filling ---- */

/* "Y-m-d_H:M:S", each letter as in strftime; the rest stays. */
static char *
format_time (gint64 time_s, GTimeZone *zone, const char *pattern, gsize length)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_s);
  g_autoptr (GDateTime) local = utc ? g_date_time_to_timezone (utc, zone) : NULL;
  GString *text = g_string_new (NULL);

  for (gsize i = 0; local && i < length; i++) {
    const char letter[] = { '%', pattern[i], '\0' };
    if (!strchr ("YmdHMS", pattern[i])) {
      g_string_append_c (text, pattern[i]);
      continue;
    }
    g_autofree char *part = g_date_time_format (local, letter);
    g_string_append (text, part);
  }
  return g_string_free (text, FALSE);
}

/* The moment that a variable names, FALSE if it names none. */
static gboolean
find_moment (const char *name, const ForgeCatchupTime *time, gint64 *moment)
{
  static const char *const starts[] = { "utc", "start", NULL };
  static const char *const ends[] = { "utcend", "end", NULL };
  static const char *const nows[] = { "lutc", "now", "timestamp", NULL };

  if (g_strv_contains (starts, name))
    *moment = time->start_s;
  else if (g_strv_contains (ends, name))
    *moment = time->start_s + time->duration_s;
  else if (g_strv_contains (nows, name))
    *moment = time->now_s;
  else
    return FALSE;
  return TRUE;
}

/* A length of time in units of `unit` ("60", NULL = seconds); NULL if that is no unit. */
static char *
format_length (gint64 seconds, const char *unit)
{
  guint64 unit_s = 1;

  if (unit && !g_ascii_string_to_unsigned (unit, 10, 1, MAX_UNIT_S, &unit_s, NULL))
    return NULL;
  return g_strdup_printf ("%" G_GINT64_FORMAT, MAX (seconds, 0) / (gint64)unit_s);
}

/* What stands for "{NAME}" or "${NAME}", NULL if it is no variable. */
static char *
find_value (const char *name, const char *format, const ForgeCatchupTime *time)
{
  gint64 moment;

  if (strcmp (name, "catchup-id") == 0 && !format)
    return g_strdup (time->catchup_id);
  if (strcmp (name, "duration") == 0)
    return format_length (time->duration_s, format);
  if (strcmp (name, "offset") == 0)
    return format_length (time->now_s - time->start_s, format);
  if (strlen (name) == 1 && strchr ("YmdHMS", *name) && !format)
    return format_time (time->start_s, time->zone, name, 1);
  if (!find_moment (name, time, &moment))
    return NULL;
  return format ? format_time (moment, time->zone, format, strlen (format))
                : g_strdup_printf ("%" G_GINT64_FORMAT, moment);
}

/* Reads the variable at `at` ("{…}" or "${…}"). Returns what follows, NULL if it is none. */
static const char *
fill_one (const char *at, const ForgeCatchupTime *time, GString *out)
{
  const char *open = *at == '$' ? at + 1 : at;
  const char *close = *open == '{' ? strchr (open, '}') : NULL;

  if (!close)
    return NULL;
  g_autofree char *name = g_strndup (open + 1, (gsize)(close - open - 1));
  char *colon = strchr (name, ':');
  if (colon)
    *colon = '\0';
  g_autofree char *value = find_value (name, colon ? colon + 1 : NULL, time);
  if (!value)
    return NULL;
  g_string_append (out, value);
  return close + 1;
}

gboolean
forge_catchup_wants_id (const char *pattern)
{
  return strstr (pattern, "{catchup-id}") != NULL;
}

char *
forge_catchup_fill (const char *pattern, const ForgeCatchupTime *time)
{
  g_autoptr (GDateTime) start = g_date_time_new_from_unix_utc (time->start_s);
  g_autoptr (GString) out = g_string_new (NULL);

  if (!start || (!time->catchup_id && forge_catchup_wants_id (pattern)))
    return NULL;
  while (*pattern) {
    const char *next = *pattern == '$' || *pattern == '{' ? fill_one (pattern, time, out) : NULL;
    if (!next)
      g_string_append_c (out, *pattern++);
    else
      pattern = next;
  }
  return g_string_free (g_steal_pointer (&out), FALSE);
}
