/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-m3u.h"

#include "formats/forge-m3u-attributes.h"
#include "formats/forge-text.h"

#include <math.h>
#include <string.h>

#define MAX_LINE_BYTES (256 * 1024)

/* Beyond a week either way it is no time shift but nonsense. */
#define MAX_SHIFT_HOURS  168.0
#define MAX_CATCHUP_DAYS 365

/* What is known of the entry whose URL has not come yet. Strings are owned, NULL = absent. */
typedef struct {
  char *name, *tvg_id, *tvg_name, *logo, *group, *number, *user_agent, *referrer;
  double shift_hours;
  int catchup_days;
  gboolean is_radio, has_extinf;
} Pending;

struct _ForgeM3u {
  ForgeM3uFunc each;
  gpointer user_data;
  ForgeTextInput input;
  GString *line, *utf8;
  gboolean is_line_too_long;
  ForgeM3uCounts counts;
  Pending pending;
  double default_shift_hours;
  int default_catchup_days;
};

static void
pending_clear (Pending *pending)
{
  char **const strings[] = { &pending->name,     &pending->tvg_id,    &pending->tvg_name,
                             &pending->logo,     &pending->group,     &pending->number,
                             &pending->referrer, &pending->user_agent };

  for (guint i = 0; i < G_N_ELEMENTS (strings); i++)
    g_clear_pointer (strings[i], g_free);
  *pending = (Pending){ 0 };
}

/* `value` without blanks around it; NULL for the words that generators write for "none". */
static char *
meaningful (const char *value)
{
  static const char *const nothings[] = { "", "null", "undefined", "none", "(no tvg-id)", "n/a" };
  g_autofree char *text = g_strstrip (g_strdup (value ? value : ""));

  for (guint i = 0; i < G_N_ELEMENTS (nothings); i++)
    if (g_ascii_strcasecmp (text, nothings[i]) == 0)
      return NULL;
  return g_steal_pointer (&text);
}

/* The first of the attributes `names` (NULL-terminated) that says something. */
static char *
first_of (GHashTable *attributes, const char *const *names)
{
  for (; *names; names++) {
    char *value = meaningful (g_hash_table_lookup (attributes, *names));
    if (value)
      return value;
  }
  return NULL;
}

/* Like first_of (), up to the first of `separators`. */
static char *
first_part_of (GHashTable *attributes, const char *const *names, const char *separators)
{
  g_autofree char *value = first_of (attributes, names);

  if (!value)
    return NULL;
  value[strcspn (value, separators)] = '\0';
  return meaningful (value);
}

static double
read_shift (GHashTable *attributes, double fallback)
{
  const char *text = g_hash_table_lookup (attributes, "tvg-shift");
  char *end = NULL;
  double hours = text ? g_ascii_strtod (text, &end) : fallback;

  return text && (end == text || !isfinite (hours) || fabs (hours) > MAX_SHIFT_HOURS) ? fallback
                                                                                      : hours;
}

static int
read_catchup_days (GHashTable *attributes, int fallback)
{
  static const char *const names[] = { "catchup-days", "timeshift", "tvg-rec", NULL };
  g_autofree char *text = first_of (attributes, names);

  if (!text)
    return fallback;
  gint64 days = g_ascii_strtoll (text, NULL, 10);
  return (int)CLAMP (days, 0, MAX_CATCHUP_DAYS);
}

static gboolean
is_true (const char *text)
{
  return text && (g_ascii_strcasecmp (text, "true") == 0 || strcmp (text, "1") == 0 ||
                  g_ascii_strcasecmp (text, "yes") == 0);
}

static void
read_header (ForgeM3u *m3u, const char *text)
{
  static const char *const guide[] = { "url-tvg", "x-tvg-url", "tvg-url", NULL };
  g_autoptr (GHashTable) attributes = forge_m3u_attributes_parse (text, NULL);

  if (!m3u->counts.guide_url)
    m3u->counts.guide_url = first_part_of (attributes, guide, ",");
  m3u->default_shift_hours = read_shift (attributes, m3u->default_shift_hours);
  m3u->default_catchup_days = read_catchup_days (attributes, m3u->default_catchup_days);
}

static void
drop_pending (ForgeM3u *m3u)
{
  m3u->counts.skipped += m3u->pending.has_extinf;
  pending_clear (&m3u->pending);
}

static void
read_extinf (ForgeM3u *m3u, const char *text)
{
  static const char *const ids[] = { "tvg-id", "tvh-epg", "tvc-guide-stationid", NULL };
  static const char *const names[] = { "tvc-guide-title", "tvg-name", NULL };
  static const char *const logos[] = { "tvg-logo", "tvg-logo-small", "logo", NULL };
  static const char *const groups[] = { "group-title", "tvh-tags", NULL };
  static const char *const numbers[] = { "tvg-chno",
                                         "tvh-chnum",
                                         "channel-number",
                                         "ch-number",
                                         NULL };
  static const char *const agents[] = { "user-agent", "http-user-agent", NULL };
  static const char *const referrers[] = { "referrer", "http-referrer", NULL };
  const char *title = NULL;

  /* Two in a row: the first one has no URL. Options before the line belong to the entry, too. */
  if (m3u->pending.has_extinf)
    drop_pending (m3u);
  text += strspn (text, " \t+-.0123456789");
  g_autoptr (GHashTable) attributes = forge_m3u_attributes_parse (text, &title);

  Pending *pending = &m3u->pending;
  pending->has_extinf = TRUE;
  pending->name = meaningful (title);
  if (!pending->name)
    pending->name = first_of (attributes, names);
  pending->tvg_id = first_of (attributes, ids);
  pending->tvg_name = meaningful (g_hash_table_lookup (attributes, "tvg-name"));
  pending->logo = first_of (attributes, logos);
  pending->number = first_of (attributes, numbers);
  g_autofree char *group = first_part_of (attributes, groups, ";|");
  if (group) {
    g_free (pending->group);
    pending->group = g_steal_pointer (&group);
  }
  if (!pending->user_agent)
    pending->user_agent = first_of (attributes, agents);
  if (!pending->referrer)
    pending->referrer = first_of (attributes, referrers);
  pending->shift_hours = read_shift (attributes, m3u->default_shift_hours);
  pending->catchup_days = read_catchup_days (attributes, m3u->default_catchup_days);
  pending->is_radio = is_true (g_hash_table_lookup (attributes, "radio"));
}

static void
set_header (Pending *pending, const char *name, const char *value)
{
  static const char *const agents[] = { "user-agent", "http-user-agent" };
  static const char *const referrers[] = { "referer", "referrer", "http-referrer", "http-referer" };
  char **target = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (agents); i++)
    if (g_ascii_strcasecmp (name, agents[i]) == 0)
      target = &pending->user_agent;
  for (guint i = 0; i < G_N_ELEMENTS (referrers); i++)
    if (g_ascii_strcasecmp (name, referrers[i]) == 0)
      target = &pending->referrer;
  g_autofree char *text = target ? meaningful (value) : NULL;
  if (!text)
    return;
  g_free (*target);
  *target = g_steal_pointer (&text);
}

/* "http-user-agent=…" of #EXTVLCOPT. */
static void
read_option (Pending *pending, const char *text)
{
  const char *equals = strchr (text, '=');

  if (!equals)
    return;
  g_autofree char *name = g_strstrip (g_strndup (text, (gsize)(equals - text)));
  set_header (pending, name, equals + 1);
}

/* "User-Agent=x&Referer=y", percent-encoded, as Kodi takes it behind the last '|' of a URL. */
static void
read_url_suffix (Pending *pending, const char *text)
{
  g_auto (GStrv) pairs = g_strsplit (text, "&", 16);

  for (char **pair = pairs; *pair; pair++) {
    char *equals = strchr (*pair, '=');
    if (!equals)
      continue;
    *equals = '\0';
    g_autofree char *value = g_uri_unescape_string (equals + 1, NULL);
    set_header (pending, **pair == '!' ? *pair + 1 : *pair, value ? value : equals + 1);
  }
}

static char *
base_name (const char *url)
{
  g_autofree char *path = g_strndup (url, strcspn (url, "?#"));
  gsize length = strlen (path);

  while (length > 0 && path[length - 1] == '/')
    path[--length] = '\0';
  const char *slash = strrchr (path, '/');
  return g_strdup (slash ? slash + 1 : path);
}

static gboolean
has_scheme (const char *text)
{
  gsize n = 0;

  while (g_ascii_isalnum (text[n]) || (text[n] && strchr ("+.-", text[n])))
    n++;
  return n > 0 && g_ascii_isalpha (text[0]) && strncmp (text + n, "://", 3) == 0;
}

static void
hand_out (ForgeM3u *m3u, const char *url)
{
  const Pending *pending = &m3u->pending;
  g_autofree char *fallback = pending->name ? NULL : base_name (url);
  ForgeM3uEntry entry = {
    .name = pending->name ? pending->name : fallback,
    .url = url,
    .tvg_id = pending->tvg_id,
    .tvg_name = pending->tvg_name,
    .logo = pending->logo,
    .group = pending->group,
    .number = pending->number,
    .user_agent = pending->user_agent,
    .referrer = pending->referrer,
    .shift_hours = pending->has_extinf ? pending->shift_hours : m3u->default_shift_hours,
    .catchup_days = pending->has_extinf ? pending->catchup_days : m3u->default_catchup_days,
    .is_radio = pending->is_radio,
  };

  m3u->counts.entries++;
  m3u->each (&entry, m3u->user_data);
}

static void
read_url (ForgeM3u *m3u, char *line)
{
  gboolean is_url = has_scheme (line);

  /* Without a scheme it is a path if an #EXTINF announced it, else a line of some HTML page. */
  if (!is_url && (!m3u->pending.has_extinf || *line == '<'))
    return;
  char *bar = g_ascii_strncasecmp (line, "http", 4) == 0 ? strrchr (line, '|') : NULL;
  if (bar) {
    *bar = '\0';
    read_url_suffix (&m3u->pending, bar + 1);
    g_strchomp (line);
  }
  if (!m3u->counts.is_media_playlist)
    hand_out (m3u, line);
  pending_clear (&m3u->pending);
}

/* What follows `prefix` in `line` (any case), NULL if it begins otherwise. */
static const char *
after (const char *line, const char *prefix)
{
  gsize length = strlen (prefix);

  return g_ascii_strncasecmp (line, prefix, length) == 0 ? line + length : NULL;
}

static void
read_directive (ForgeM3u *m3u, const char *line)
{
  static const char *const hls[] = { "#EXT-X-TARGETDURATION",
                                     "#EXT-X-MEDIA-SEQUENCE",
                                     "#EXT-X-STREAM-INF" };
  const char *rest;

  for (guint i = 0; i < G_N_ELEMENTS (hls); i++)
    m3u->counts.is_media_playlist |= after (line, hls[i]) != NULL;
  if ((rest = after (line, "#EXTM3U"))) {
    read_header (m3u, rest);
  } else if ((rest = after (line, "#EXTINF:"))) {
    read_extinf (m3u, rest);
  } else if ((rest = after (line, "#EXTVLCOPT:")) || (rest = after (line, "#EXTVLCOPT--"))) {
    read_option (&m3u->pending, rest);
  } else if ((rest = after (line, "#EXTGRP:"))) {
    g_autofree char *group = meaningful (rest);
    if (group && !m3u->pending.group)
      m3u->pending.group = g_steal_pointer (&group);
  }
}

static void
read_line (ForgeM3u *m3u, const char *data, gsize length)
{
  /* A NUL would hide the rest of the line; nothing good holds one. */
  if (memchr (data, '\0', length)) {
    m3u->counts.skipped++;
    return;
  }
  g_string_truncate (m3u->utf8, 0);
  forge_text_append_utf8 (m3u->utf8, data, length);
  char *line = g_strstrip (m3u->utf8->str);
  if (*line == '#')
    read_directive (m3u, line);
  else if (*line)
    read_url (m3u, line);
}

static void
keep (ForgeM3u *m3u, const char *data, gsize length)
{
  if (m3u->is_line_too_long || m3u->line->len + length > MAX_LINE_BYTES)
    m3u->is_line_too_long = TRUE;
  else
    g_string_append_len (m3u->line, data, (gssize)length);
}

static void
end_line (ForgeM3u *m3u)
{
  if (m3u->is_line_too_long) {
    m3u->counts.skipped++;
    /* Whatever it was, it must not lend its name to the next URL, nor its URL to the next name. */
    m3u->pending.has_extinf = FALSE;
    pending_clear (&m3u->pending);
  } else if (m3u->line->len > 0) {
    read_line (m3u, m3u->line->str, m3u->line->len);
  }
  g_string_truncate (m3u->line, 0);
  m3u->is_line_too_long = FALSE;
}

static gsize
length_to_line_end (const char *data, gsize length)
{
  const char *lf = memchr (data, '\n', length);
  gsize limit = lf ? (gsize)(lf - data) : length;
  const char *cr = memchr (data, '\r', limit);

  return cr ? (gsize)(cr - data) : limit;
}

static void
on_bytes (const char *data, gsize length, gpointer user_data)
{
  ForgeM3u *m3u = user_data;

  while (length > 0) {
    gsize n = length_to_line_end (data, length);
    keep (m3u, data, n);
    if (n == length)
      return;
    end_line (m3u);
    data += n + 1;
    length -= n + 1;
  }
}

ForgeM3u *
forge_m3u_new (ForgeM3uFunc each, gpointer user_data)
{
  ForgeM3u *m3u = g_new0 (ForgeM3u, 1);

  m3u->each = each;
  m3u->user_data = user_data;
  m3u->line = g_string_new (NULL);
  m3u->utf8 = g_string_new (NULL);
  forge_text_input_init (&m3u->input, on_bytes, m3u);
  return m3u;
}

void
forge_m3u_free (ForgeM3u *m3u)
{
  pending_clear (&m3u->pending);
  forge_text_input_clear (&m3u->input);
  g_string_free (m3u->line, TRUE);
  g_string_free (m3u->utf8, TRUE);
  g_free (m3u->counts.guide_url);
  g_free (m3u);
}

void
forge_m3u_push (ForgeM3u *m3u, const char *data, gsize length)
{
  forge_text_input_push (&m3u->input, data, length);
}

void
forge_m3u_end (ForgeM3u *m3u, ForgeM3uCounts *counts)
{
  forge_text_input_end (&m3u->input);
  end_line (m3u);
  drop_pending (m3u);
  *counts = m3u->counts;
  m3u->counts.guide_url = NULL;
}

static void
append_clean (GString *out, const char *text)
{
  for (; *text; text++)
    if (*text == '"')
      g_string_append_c (out, '\'');
    else
      g_string_append_c (out, (guint8)*text < ' ' ? ' ' : *text);
}

void
forge_m3u_append_entry (GString *out,
                        const char *const *attributes,
                        const char *name,
                        const char *url)
{
  g_string_append (out, "#EXTINF:-1");
  for (; attributes && attributes[0]; attributes += 2) {
    if (!attributes[1])
      continue;
    g_string_append_printf (out, " %s=\"", attributes[0]);
    append_clean (out, attributes[1]);
    g_string_append_c (out, '"');
  }
  g_string_append_c (out, ',');
  append_clean (out, name);
  g_string_append_c (out, '\n');
  append_clean (out, url);
  g_string_append_c (out, '\n');
}
