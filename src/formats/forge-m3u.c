/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-m3u.h"

#include "formats/forge-m3u-attributes.h"
#include "formats/forge-m3u-pending.h"
#include "formats/forge-text.h"

#include <string.h>

#define MAX_LINE_BYTES (256 * 1024)

struct _ForgeM3u {
  ForgeM3uFunc each;
  gpointer user_data;
  ForgeTextInput input;
  GString *line, *utf8;
  gboolean is_line_too_long;
  ForgeM3uCounts counts;
  ForgeM3uPending pending;
  ForgeM3uDefaults defaults;
};

static void
read_header (ForgeM3u *m3u, const char *text)
{
  g_autoptr (GHashTable) attributes = forge_m3u_attributes_parse (text, NULL);
  g_autofree char *guide = forge_m3u_defaults_read (&m3u->defaults, attributes);

  if (!m3u->counts.guide_url)
    m3u->counts.guide_url = g_steal_pointer (&guide);
}

static void
drop_pending (ForgeM3u *m3u)
{
  m3u->counts.skipped += m3u->pending.has_extinf;
  forge_m3u_pending_clear (&m3u->pending);
}

static void
read_extinf (ForgeM3u *m3u, const char *text)
{
  const char *title = NULL;

  /* Two in a row: the first one has no URL. Options before the line belong to the entry, too. */
  if (m3u->pending.has_extinf)
    drop_pending (m3u);
  text += strspn (text, " \t+-.0123456789");
  g_autoptr (GHashTable) attributes = forge_m3u_attributes_parse (text, &title);
  forge_m3u_pending_read (&m3u->pending, attributes, title, &m3u->defaults);
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

/* An entry that is only a URL has what the header says. */
static void
complete (ForgeM3u *m3u)
{
  g_autoptr (GHashTable) none = NULL;

  if (m3u->pending.has_extinf)
    return;
  none = g_hash_table_new (g_str_hash, g_str_equal);
  forge_m3u_pending_read (&m3u->pending, none, NULL, &m3u->defaults);
}

static void
hand_out (ForgeM3u *m3u, const char *url)
{
  const ForgeM3uPending *pending = &m3u->pending;
  g_autofree char *fallback = pending->name ? NULL : base_name (url);
  const ForgeM3uEntry entry = {
    .name = pending->name ? pending->name : fallback,
    .url = url,
    .tvg_id = pending->tvg_id,
    .tvg_name = pending->tvg_name,
    .logo = pending->logo,
    .group = pending->group,
    .number = pending->number,
    .user_agent = pending->user_agent,
    .referrer = pending->referrer,
    .audio_track = pending->audio_track,
    .catchup = pending->catchup,
    .catchup_source = pending->catchup_source,
    .catchup_days = pending->catchup_days,
    .correction_hours = pending->correction_hours,
    .shift_hours = pending->shift_hours,
    .is_radio = pending->is_radio,
    .is_locked = pending->is_locked,
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
    forge_m3u_pending_suffix (&m3u->pending, bar + 1);
    g_strchomp (line);
  }
  complete (m3u);
  if (!m3u->counts.is_media_playlist)
    hand_out (m3u, line);
  forge_m3u_pending_clear (&m3u->pending);
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
  } else if ((rest = after (line, "#EXTVLCOPT:")) || (rest = after (line, "#EXTVLCOPT--")) ||
             (rest = after (line, "#KODIPROP:"))) {
    forge_m3u_pending_option (&m3u->pending, rest);
  } else if ((rest = after (line, "#EXTHTTP:"))) {
    forge_m3u_pending_json (&m3u->pending, rest);
  } else if ((rest = after (line, "#EXTIMG:"))) {
    if (!m3u->pending.logo)
      m3u->pending.logo = forge_m3u_meaningful (rest);
  } else if ((rest = after (line, "#EXTGRP:"))) {
    g_autofree char *group = forge_m3u_meaningful (rest);
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
    forge_m3u_pending_clear (&m3u->pending);
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
  m3u->defaults.catchup_days = -1;
  m3u->line = g_string_new (NULL);
  m3u->utf8 = g_string_new (NULL);
  forge_text_input_init (&m3u->input, on_bytes, m3u);
  return m3u;
}

void
forge_m3u_free (ForgeM3u *m3u)
{
  forge_m3u_pending_clear (&m3u->pending);
  forge_text_input_clear (&m3u->input);
  g_string_free (m3u->line, TRUE);
  g_string_free (m3u->utf8, TRUE);
  g_free (m3u->counts.guide_url);
  g_free (m3u->defaults.catchup_source);
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
