/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-hls-rewrite.h"

#include "base/forge-error.h"
#include "formats/forge-hls-attributes.h"
#include "formats/forge-hls-variables.h"
#include "formats/forge-hls.h"

#include <string.h>

#define URI_FLAGS (G_URI_FLAGS_ENCODED | G_URI_FLAGS_SCHEME_NORMALIZE | G_URI_FLAGS_PARSE_RELAXED)
#define BOM       "\xef\xbb\xbf"

struct _ForgeHlsRewrite {
  GUri *base;
  GHashTable *imports, *variables;
  ForgeHlsMapFunc map;
  gpointer user_data;
  GString *line; /* what came of the line at hand */
  ForgeHlsRewriteSummary summary;
  gboolean has_head;        /* #EXTM3U was seen */
  gboolean is_variant_next; /* the next URI line belongs to an EXT-X-STREAM-INF */
  gint64 sequence;          /* of the segment to come */
};

/* What the address in a tag is. Tags that are not listed hold data, if anything. */
static const struct {
  const char *tag;
  ForgeHlsUriKind kind;
} tag_kinds[] = {
  { "#EXT-X-KEY", FORGE_HLS_URI_KEY },
  { "#EXT-X-SESSION-KEY", FORGE_HLS_URI_KEY },
  { "#EXT-X-MAP", FORGE_HLS_URI_MAP },
  { "#EXT-X-PART", FORGE_HLS_URI_SEGMENT },
  { "#EXT-X-PRELOAD-HINT", FORGE_HLS_URI_SEGMENT },
  { "#EXT-X-TILES", FORGE_HLS_URI_SEGMENT },
  { "#EXT-X-MEDIA", FORGE_HLS_URI_PLAYLIST },
  { "#EXT-X-I-FRAME-STREAM-INF", FORGE_HLS_URI_PLAYLIST },
  { "#EXT-X-IMAGE-STREAM-INF", FORGE_HLS_URI_PLAYLIST },
  { "#EXT-X-RENDITION-REPORT", FORGE_HLS_URI_PLAYLIST },
  { "#EXT-X-DATERANGE", FORGE_HLS_URI_PLAYLIST },
};

/* Only in multivariant playlists. */
static const char *const multivariant_tags[] = {
  "#EXT-X-STREAM-INF",   "#EXT-X-I-FRAME-STREAM-INF", "#EXT-X-MEDIA",
  "#EXT-X-SESSION-DATA", "#EXT-X-SESSION-KEY",        "#EXT-X-IMAGE-STREAM-INF",
};

const char *
forge_hls_uri_kind_name (ForgeHlsUriKind kind)
{
  static const char *const names[] = { "playlist", "segment", "key", "map", "data" };

  return names[kind];
}

G_GNUC_PRINTF (3, 4)
static gboolean
fail (GError **error, ForgeError code, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error_literal (error, FORGE_ERROR, (gint)code, text);
  return FALSE;
}

/* ---- addresses ---- */

/* Returns what stands for `text`, NULL if that cannot be fetched. (transfer full) */
static char *
map_address (ForgeHlsRewrite *rewrite, ForgeHlsUriKind kind, const char *text)
{
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  g_autoptr (GUri) uri = *trimmed ? g_uri_parse_relative (rewrite->base, trimmed, URI_FLAGS, NULL)
                                  : NULL;
  const char *scheme = uri ? g_uri_get_scheme (uri) : "";

  if ((!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https")) || !g_uri_get_host (uri) ||
      !*g_uri_get_host (uri)) {
    rewrite->summary.skipped++;
    return NULL;
  }
  g_autofree char *url = g_uri_to_string (uri);
  const ForgeHlsUri address = {
    .kind = kind,
    .url = url,
    .ordinal = rewrite->summary.addresses++,
    .sequence = rewrite->summary.is_multivariant ? -1 : rewrite->sequence,
    .variables = rewrite->variables,
  };
  char *mapped = rewrite->map (&address, rewrite->user_data);
  return mapped ? mapped : g_steal_pointer (&url);
}

/* ---- tags ---- */

static gboolean
is_tag (const char *line, const char *tag)
{
  gsize length = strlen (tag);

  return strncmp (line, tag, length) == 0 && (line[length] == ':' || line[length] == '\0');
}

static ForgeHlsUriKind
kind_of_tag (const char *line)
{
  for (guint i = 0; i < G_N_ELEMENTS (tag_kinds); i++)
    if (is_tag (line, tag_kinds[i].tag))
      return tag_kinds[i].kind;
  return FORGE_HLS_URI_DATA;
}

static void
note_tag (ForgeHlsRewrite *rewrite, const char *line)
{
  const char *colon = strchr (line, ':'), *value = colon ? colon + 1 : "";

  for (guint i = 0; i < G_N_ELEMENTS (multivariant_tags); i++)
    rewrite->summary.is_multivariant |= is_tag (line, multivariant_tags[i]);
  if (is_tag (line, "#EXT-X-STREAM-INF"))
    rewrite->is_variant_next = TRUE;
  else if (is_tag (line, "#EXT-X-MEDIA-SEQUENCE"))
    rewrite->sequence = MAX (g_ascii_strtoll (value, NULL, 10), 0);
  else if (is_tag (line, "#EXT-X-ENDLIST"))
    rewrite->summary.has_end = TRUE;
  else if (is_tag (line, "#EXT-X-PLAYLIST-TYPE"))
    rewrite->summary.has_end |= g_str_has_prefix (value, "VOD");
  else if (is_tag (line, "#EXTINF"))
    rewrite->summary.duration_us +=
        (gint64)(CLAMP (g_ascii_strtod (value, NULL), 0, 86400) * G_USEC_PER_SEC);
  if (!is_tag (line, "#EXT-X-SKIP"))
    return;
  g_autoptr (GHashTable) list = forge_hls_attributes_parse (value);
  rewrite->sequence +=
      (gint64)MIN (forge_hls_attribute_number (list, "SKIPPED-SEGMENTS"), G_MAXINT32);
}

static gboolean
holds_address (const char *name, gsize length)
{
  g_autofree char *upper = g_ascii_strup (name, (gssize)length);
  const char *trimmed = g_strstrip (upper);

  return g_str_equal (trimmed, "URI") || g_str_has_suffix (trimmed, "-URI") ||
         g_str_has_suffix (trimmed, "-URL");
}

/* Of unknown tags: "…-LIST" names documents and other lists alike, so the value decides. */
static gboolean
is_listed_address (const char *name, gsize length, const char *value)
{
  g_autofree char *upper = g_ascii_strup (name, (gssize)length);

  return g_str_has_suffix (g_strstrip (upper), "-LIST") &&
         (g_ascii_strncasecmp (value, "http://", 7) == 0 ||
          g_ascii_strncasecmp (value, "https://", 8) == 0);
}

/* Addresses that are no addresses, or that only the player's key system understands. */
static gboolean
is_opaque (const char *value)
{
  return g_ascii_strncasecmp (value, "data:", 5) == 0 ||
         g_ascii_strncasecmp (value, "skd:", 4) == 0;
}

/* A quoted value, without the quotes. */
static void
put_value (ForgeHlsRewrite *rewrite,
           ForgeHlsUriKind kind,
           gboolean is_address,
           const char *value,
           GString *out)
{
  g_autofree char *mapped = is_address && !is_opaque (value) ? map_address (rewrite, kind, value)
                                                             : NULL;

  if (mapped)
    g_string_append (out, mapped);
  else if (!is_address || is_opaque (value))
    g_string_append (out, value);
}

/* An attribute list, byte for byte but for the addresses in it. */
static void
put_attributes (ForgeHlsRewrite *rewrite, ForgeHlsUriKind kind, const char *text, GString *out)
{
  while (*text) {
    gsize name = strcspn (text, "=,");
    gboolean is_address = text[name] == '=' && holds_address (text, name);
    gsize start = name + (text[name] == '=' ? 1 : 0);
    start += text[name] == '=' ? strspn (text + start, " \t") : 0;
    is_address = is_address ||
                 (text[start] == '"' && is_listed_address (text, name, text + start + 1));
    g_string_append_len (out, text, (gssize)start);
    text += start;
    if (*text == '"') {
      gsize length = strcspn (text + 1, "\"");
      g_autofree char *value = g_strndup (text + 1, length);
      g_string_append_c (out, '"');
      put_value (rewrite, kind, is_address, value, out);
      text += 1 + length;
    } else if (is_address) { /* seen: without quotes */
      gsize length = strcspn (text, ",");
      g_autofree char *value = g_strndup (text, length);
      put_value (rewrite, kind, TRUE, value, out);
      text += length;
    }
    gsize rest = strcspn (text, ",");
    rest += text[rest] == ',' ? 1 : 0;
    g_string_append_len (out, text, (gssize)rest);
    text += rest;
  }
}

static ForgeHlsUriKind
refine_kind (const char *line, ForgeHlsUriKind kind)
{
  if (!is_tag (line, "#EXT-X-PRELOAD-HINT"))
    return kind;
  g_autoptr (GHashTable) list =
      forge_hls_attributes_parse (strchr (line, ':') ? strchr (line, ':') + 1 : "");
  const char *type = forge_hls_attribute (list, "TYPE");
  return type && g_str_equal (type, "MAP") ? FORGE_HLS_URI_MAP : kind;
}

static gboolean
is_dropped (const char *line)
{
  return is_tag (line, "#EXT-X-CONTENT-STEERING") ||
         (is_tag (line, "#EXT-X-DATERANGE") && strstr (line, "X-ASSET-LIST"));
}

/* Tags whose value is free text, in which a '=' means nothing. */
static gboolean
has_attributes (const char *line)
{
  return !is_tag (line, "#EXTINF") && !is_tag (line, "#EXTM3U") && strchr (line, '=');
}

/* FALSE with an error. `*is_gone`: the line is left out. */
static gboolean
put_tag (ForgeHlsRewrite *rewrite,
         const char *line,
         GString *out,
         gboolean *is_gone,
         GError **error)
{
  const char *colon = strchr (line, ':');

  if (is_tag (line, "#EXT-X-DEFINE")) {
    *is_gone = TRUE;
    return forge_hls_variables_define (rewrite->variables,
                                       colon ? colon + 1 : "",
                                       rewrite->imports,
                                       g_uri_get_query (rewrite->base),
                                       error);
  }
  *is_gone = is_dropped (line);
  if (*is_gone)
    return TRUE;
  note_tag (rewrite, line);
  if (is_tag (line, "#EXT-X-PREFETCH") && colon) {
    g_autofree char *mapped = map_address (rewrite, FORGE_HLS_URI_SEGMENT, colon + 1);
    *is_gone = !mapped;
    g_string_append_printf (out, "#EXT-X-PREFETCH:%s", mapped ? mapped : "");
  } else if (colon && has_attributes (line)) {
    g_string_append_len (out, line, colon + 1 - line);
    put_attributes (rewrite, refine_kind (line, kind_of_tag (line)), colon + 1, out);
  } else {
    g_string_append (out, line);
  }
  return TRUE;
}

/* ---- lines ---- */

static gboolean
put_uri_line (ForgeHlsRewrite *rewrite, const char *line, GString *out)
{
  gboolean is_playlist = rewrite->is_variant_next || rewrite->summary.is_multivariant;
  g_autofree char *mapped =
      map_address (rewrite, is_playlist ? FORGE_HLS_URI_PLAYLIST : FORGE_HLS_URI_SEGMENT, line);

  rewrite->is_variant_next = FALSE;
  rewrite->sequence += is_playlist ? 0 : 1;
  if (mapped)
    g_string_append (out, mapped);
  return mapped != NULL;
}

/* The first line with something in it decides whether this is a playlist. */
static gboolean
check_head (ForgeHlsRewrite *rewrite, const char *line, GError **error)
{
  const char *text = g_str_has_prefix (line, BOM) ? line + strlen (BOM) : line;

  text += strspn (text, " \t");
  if (rewrite->has_head || !*text)
    return TRUE;
  rewrite->has_head = g_str_has_prefix (text, "#EXTM3U");
  return rewrite->has_head ||
         fail (error, FORGE_ERROR_INVALID, "This is no playlist: it does not begin with #EXTM3U");
}

/* `end`: the line end as it came. */
static gboolean
put_line (ForgeHlsRewrite *rewrite, const char *line, const char *end, GString *out, GError **error)
{
  g_autofree char *text = NULL;
  gsize before = out->len;
  gboolean is_gone = FALSE, is_blank = line[strspn (line, " \t")] == '\0';

  if (!check_head (rewrite, line, error))
    return FALSE;
  gboolean is_comment = line[0] == '#' && !g_str_has_prefix (line, "#EXT");
  gboolean is_define = is_tag (line, "#EXT-X-DEFINE");
  text = is_comment || is_define ? g_strdup (line)
                                 : forge_hls_variables_expand (rewrite->variables, line, error);
  if (!text)
    return FALSE;
  if (is_blank || is_comment || g_str_has_prefix (line, BOM))
    g_string_append (out, text);
  else if (line[0] != '#')
    is_gone = !put_uri_line (rewrite, text, out);
  else if (!put_tag (rewrite, text, out, &is_gone, error))
    return FALSE;
  if (is_gone)
    g_string_truncate (out, before);
  else
    g_string_append (out, end);
  return TRUE;
}

/* The line at hand is complete; `end` is what ended it. */
static gboolean
finish_line (ForgeHlsRewrite *rewrite, const char *end, GString *out, GError **error)
{
  GString *line = rewrite->line;
  gboolean has_cr = line->len > 0 && line->str[line->len - 1] == '\r';
  g_autofree char *full_end = g_strconcat (has_cr ? "\r" : "", end, NULL);

  if (has_cr)
    g_string_truncate (line, line->len - 1);
  if (strlen (line->str) != line->len)
    return fail (error, FORGE_ERROR_INVALID, "A line of the playlist holds a NUL byte");
  gboolean is_fine = put_line (rewrite, line->str, full_end, out, error);
  g_string_truncate (line, 0);
  return is_fine;
}

/* ---- the whole ---- */

static GHashTable *
variables_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

ForgeHlsRewrite *
forge_hls_rewrite_new (const ForgeHlsRewriteConfig *config, GError **error)
{
  GUri *base = g_uri_parse (config->base_url, URI_FLAGS, NULL);

  if (!base) {
    fail (error, FORGE_ERROR_INVALID, "The playlist's own address is not a URL");
    return NULL;
  }
  ForgeHlsRewrite *rewrite = g_new0 (ForgeHlsRewrite, 1);
  rewrite->base = base;
  rewrite->imports = config->imports ? g_hash_table_ref (config->imports) : NULL;
  rewrite->variables = variables_new ();
  rewrite->map = config->map;
  rewrite->user_data = config->user_data;
  rewrite->line = g_string_new (NULL);
  return rewrite;
}

void
forge_hls_rewrite_free (ForgeHlsRewrite *rewrite)
{
  g_uri_unref (rewrite->base);
  g_clear_pointer (&rewrite->imports, g_hash_table_unref);
  g_hash_table_unref (rewrite->variables);
  g_string_free (rewrite->line, TRUE);
  g_free (rewrite);
}

gboolean
forge_hls_rewrite_push (ForgeHlsRewrite *rewrite,
                        const char *data,
                        gsize length,
                        GString *out,
                        GError **error)
{
  while (length > 0) {
    const char *newline = memchr (data, '\n', length);
    gsize here = newline ? (gsize)(newline - data) : length;
    if (rewrite->line->len + here > FORGE_HLS_MAX_LINE_BYTES)
      return fail (error,
                   FORGE_ERROR_TOO_LARGE,
                   "A line of the playlist is longer than %d bytes",
                   FORGE_HLS_MAX_LINE_BYTES);
    g_string_append_len (rewrite->line, data, (gssize)here);
    if (!newline)
      return TRUE;
    if (!finish_line (rewrite, "\n", out, error))
      return FALSE;
    data += here + 1;
    length -= here + 1;
  }
  return TRUE;
}

gboolean
forge_hls_rewrite_end (ForgeHlsRewrite *rewrite, GString *out, GError **error)
{
  if (rewrite->line->len > 0 && !finish_line (rewrite, "", out, error))
    return FALSE;
  return rewrite->has_head || fail (error, FORGE_ERROR_INVALID, "This is no playlist: it is empty");
}

void
forge_hls_rewrite_summary (const ForgeHlsRewrite *rewrite, ForgeHlsRewriteSummary *summary)
{
  *summary = rewrite->summary;
}

GString *
forge_hls_rewrite_all (const ForgeHlsRewriteConfig *config,
                       const char *data,
                       gsize length,
                       ForgeHlsRewriteSummary *summary,
                       GError **error)
{
  g_autoptr (ForgeHlsRewrite) rewrite = forge_hls_rewrite_new (config, error);
  GString *out = g_string_new (NULL);

  if (!rewrite || !forge_hls_rewrite_push (rewrite, data, length, out, error) ||
      !forge_hls_rewrite_end (rewrite, out, error)) {
    g_string_free (out, TRUE);
    return NULL;
  }
  if (summary)
    forge_hls_rewrite_summary (rewrite, summary);
  return out;
}
