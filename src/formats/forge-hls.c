/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-hls.h"

#include "base/forge-error.h"
#include "base/forge-redact.h"
#include "formats/forge-hls-attributes.h"
#include "formats/forge-text.h"

#include <math.h>
#include <string.h>

#define MIN_TARGET_US     G_USEC_PER_SEC
#define MAX_TARGET_US     (60 * G_USEC_PER_SEC)
#define DEFAULT_TARGET_US (10 * G_USEC_PER_SEC)
#define MAX_SEGMENT_S     3600.0
#define MAX_KEYS          FORGE_HLS_MAX_SEGMENTS
#define MAX_PIXELS        100000

/* What the tags so far say of the next URI. */
typedef struct {
  ForgeHlsPlaylist *playlist;
  ForgeHlsVariant *variant;          /* of EXT-X-STREAM-INF, NULL = none is open */
  gint64 duration_us;                /* -1 = not said */
  gint64 range_length, range_offset; /* -1 = not said */
  gint64 program_us;
  gboolean is_discontinuity, is_gap;
  /* in force until something else is said */
  const ForgeHlsKey *key, *foreign_key; /* KEYFORMAT identity, and any other */
  const ForgeHlsMap *map;
  /* the end of the last byte range, for the next one without an offset */
  char *range_uri;
  gint64 range_end;
  gboolean has_tags; /* something only a playlist has */
} Reader;

static void
key_free (gpointer data)
{
  ForgeHlsKey *key = data;

  g_free (key->method_name);
  g_free (key->key_format);
  g_free (key->uri);
  g_free (key);
}

static void
map_free (gpointer data)
{
  ForgeHlsMap *map = data;

  g_free (map->uri);
  g_free (map);
}

static void
segment_free (gpointer data)
{
  ForgeHlsSegment *segment = data;

  g_free (segment->uri);
  g_free (segment);
}

static void
variant_free (gpointer data)
{
  ForgeHlsVariant *variant = data;

  if (!variant)
    return;
  g_free (variant->uri);
  g_free (variant->codecs);
  g_free (variant->audio_group);
  g_free (variant);
}

static void
rendition_free (gpointer data)
{
  ForgeHlsRendition *rendition = data;

  g_free (rendition->type);
  g_free (rendition->group);
  g_free (rendition->name);
  g_free (rendition->language);
  g_free (rendition->uri);
  g_free (rendition);
}

static ForgeHlsPlaylist *
playlist_new (void)
{
  ForgeHlsPlaylist *playlist = g_new0 (ForgeHlsPlaylist, 1);

  playlist->variants = g_ptr_array_new_with_free_func (variant_free);
  playlist->renditions = g_ptr_array_new_with_free_func (rendition_free);
  playlist->segments = g_ptr_array_new_with_free_func (segment_free);
  playlist->keys = g_ptr_array_new_with_free_func (key_free);
  playlist->maps = g_ptr_array_new_with_free_func (map_free);
  return playlist;
}

void
forge_hls_playlist_free (ForgeHlsPlaylist *playlist)
{
  if (!playlist)
    return;
  g_ptr_array_unref (playlist->variants);
  g_ptr_array_unref (playlist->renditions);
  g_ptr_array_unref (playlist->segments);
  g_ptr_array_unref (playlist->keys);
  g_ptr_array_unref (playlist->maps);
  g_free (playlist);
}

/* ---- values ---- */

static gint64
seconds_to_us (const char *text)
{
  double seconds = g_ascii_strtod (text, NULL);

  return isfinite (seconds) && seconds > 0 ? (gint64)(MIN (seconds, MAX_SEGMENT_S) * G_USEC_PER_SEC)
                                           : 0;
}

/* "n[@o]" (§4.3.2.2). */
static gboolean
read_range (const char *text, gint64 *length, gint64 *offset)
{
  char *end;

  *offset = -1;
  if (!text || !g_ascii_isdigit (*text))
    return FALSE;
  *length = (gint64)MIN (g_ascii_strtoull (text, &end, 10), G_MAXINT64 / 4);
  if (*end == '@' && g_ascii_isdigit (end[1]))
    *offset = (gint64)MIN (g_ascii_strtoull (end + 1, NULL, 10), G_MAXINT64 / 4);
  return *length > 0;
}

/* "0x" and up to 32 hexadecimal digits, right-aligned: seen with leading zeros left out. */
static gboolean
read_iv (const char *text, guint8 iv[16])
{
  if (!text || g_ascii_strncasecmp (text, "0x", 2) != 0)
    return FALSE;
  gsize digits = strspn (text + 2, "0123456789abcdefABCDEF");
  if (digits == 0 || digits > 32 || text[2 + digits])
    return FALSE;
  memset (iv, 0, 16);
  for (gsize i = 0; i < digits; i++) {
    guint8 value = (guint8)g_ascii_xdigit_value (text[1 + digits - i]);
    iv[15 - i / 2] |= (guint8)(i % 2 ? value << 4 : value);
  }
  return TRUE;
}

static void
skip (Reader *reader)
{
  reader->playlist->skipped++;
}

/* ---- tags of a media playlist ---- */

static void
on_extinf (Reader *reader, const char *value)
{
  reader->duration_us = seconds_to_us (value);
}

static void
on_target (Reader *reader, const char *value)
{
  reader->playlist->target_us = seconds_to_us (value);
}

static void
on_media_sequence (Reader *reader, const char *value)
{
  /* Half of the range, so that counting on cannot wrap. */
  if (g_ascii_isdigit (*value))
    reader->playlist->media_sequence = MIN (g_ascii_strtoull (value, NULL, 10), G_MAXUINT64 / 2);
  else
    skip (reader);
}

static void
on_discontinuity_sequence (Reader *reader, const char *value)
{
  reader->playlist->discontinuity_sequence = g_ascii_strtoull (value, NULL, 10);
}

static void
on_discontinuity (Reader *reader, const char *value)
{
  reader->is_discontinuity = TRUE;
}

static void
on_gap (Reader *reader, const char *value)
{
  reader->is_gap = TRUE;
}

static void
on_endlist (Reader *reader, const char *value)
{
  reader->playlist->has_end = TRUE;
}

static void
on_byterange (Reader *reader, const char *value)
{
  if (!read_range (value, &reader->range_length, &reader->range_offset)) {
    reader->range_length = -1;
    skip (reader);
  }
}

static void
on_program_date_time (Reader *reader, const char *value)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) when = g_date_time_new_from_iso8601 (value, utc);

  if (when)
    reader->program_us = g_date_time_to_unix (when) * G_USEC_PER_SEC +
                         g_date_time_get_microsecond (when);
  else
    skip (reader);
}

static gboolean
is_identity (const char *key_format)
{
  return !key_format || g_ascii_strcasecmp (key_format, "identity") == 0;
}

static ForgeHlsMethod
method_of (const ForgeHlsKey *key)
{
  if (key->key_format || !key->uri)
    return FORGE_HLS_METHOD_OTHER;
  if (g_ascii_strcasecmp (key->method_name, "AES-128") == 0)
    return FORGE_HLS_METHOD_AES_128;
  return g_ascii_strcasecmp (key->method_name, "SAMPLE-AES") == 0 ? FORGE_HLS_METHOD_SAMPLE_AES
                                                                  : FORGE_HLS_METHOD_OTHER;
}

static ForgeHlsKey *
key_new (GHashTable *attributes, const char *method)
{
  const char *format = forge_hls_attribute (attributes, "KEYFORMAT");
  ForgeHlsKey *key = g_new0 (ForgeHlsKey, 1);

  key->method_name = g_strdup (method);
  key->key_format = is_identity (format) ? NULL : g_strdup (format);
  key->uri = g_strdup (forge_hls_attribute (attributes, "URI"));
  key->has_iv = read_iv (forge_hls_attribute (attributes, "IV"), key->iv);
  key->method = method_of (key);
  return key;
}

/* §4.3.2.4: a key is in force until the next one of the same KEYFORMAT, or METHOD=NONE. */
static void
on_key (Reader *reader, const char *value)
{
  g_autoptr (GHashTable) attributes = forge_hls_attributes_parse (value);
  const char *method = forge_hls_attribute (attributes, "METHOD");

  if (!method || reader->playlist->keys->len >= MAX_KEYS) {
    skip (reader);
  } else if (g_ascii_strcasecmp (method, "NONE") == 0) {
    reader->key = reader->foreign_key = NULL;
  } else {
    ForgeHlsKey *key = key_new (attributes, method);
    g_ptr_array_add (reader->playlist->keys, key);
    if (key->key_format)
      reader->foreign_key = key;
    else
      reader->key = key;
  }
}

static const ForgeHlsKey *
key_in_force (const Reader *reader)
{
  return reader->key ? reader->key : reader->foreign_key;
}

static void
on_map (Reader *reader, const char *value)
{
  g_autoptr (GHashTable) attributes = forge_hls_attributes_parse (value);
  const char *uri = forge_hls_attribute (attributes, "URI");

  if (!uri || reader->playlist->maps->len >= MAX_KEYS) {
    skip (reader);
    return;
  }
  ForgeHlsMap *map = g_new0 (ForgeHlsMap, 1);
  map->uri = g_strdup (uri);
  map->key = key_in_force (reader);
  if (!read_range (forge_hls_attribute (attributes, "BYTERANGE"), &map->length, &map->offset))
    map->length = -1;
  map->offset = MAX (map->offset, 0);
  g_ptr_array_add (reader->playlist->maps, map);
  reader->map = map;
}

/* ---- tags of a master playlist ---- */

static void
read_resolution (const char *text, ForgeHlsVariant *variant)
{
  char *end;

  if (!text)
    return;
  guint64 width = g_ascii_strtoull (text, &end, 10);
  guint64 height = *end == 'x' || *end == 'X' ? g_ascii_strtoull (end + 1, NULL, 10) : 0;
  if (width <= MAX_PIXELS && height <= MAX_PIXELS) {
    variant->width = (guint)width;
    variant->height = (guint)height;
  }
}

static void
on_stream_inf (Reader *reader, const char *value)
{
  g_autoptr (GHashTable) attributes = forge_hls_attributes_parse (value);
  ForgeHlsVariant *variant = g_new0 (ForgeHlsVariant, 1);

  if (reader->variant)
    skip (reader); /* two in a row: the first one has no URI */
  variant_free (reader->variant);
  variant->bandwidth = forge_hls_attribute_number (attributes, "BANDWIDTH");
  variant->codecs = g_strdup (forge_hls_attribute (attributes, "CODECS"));
  variant->audio_group = g_strdup (forge_hls_attribute (attributes, "AUDIO"));
  read_resolution (forge_hls_attribute (attributes, "RESOLUTION"), variant);
  reader->variant = variant;
  reader->playlist->is_master = TRUE;
}

static void
on_media (Reader *reader, const char *value)
{
  g_autoptr (GHashTable) attributes = forge_hls_attributes_parse (value);
  const char *type = forge_hls_attribute (attributes, "TYPE");
  const char *group = forge_hls_attribute (attributes, "GROUP-ID");
  const char *is_default = forge_hls_attribute (attributes, "DEFAULT");

  if (!type || !group || reader->playlist->renditions->len >= FORGE_HLS_MAX_VARIANTS) {
    skip (reader);
    return;
  }
  ForgeHlsRendition *rendition = g_new0 (ForgeHlsRendition, 1);
  rendition->type = g_ascii_strup (type, -1);
  rendition->group = g_strdup (group);
  rendition->name = g_strdup (forge_hls_attribute (attributes, "NAME"));
  rendition->language = g_strdup (forge_hls_attribute (attributes, "LANGUAGE"));
  rendition->uri = g_strdup (forge_hls_attribute (attributes, "URI"));
  rendition->is_default = is_default && g_ascii_strcasecmp (is_default, "YES") == 0;
  g_ptr_array_add (reader->playlist->renditions, rendition);
}

/* ---- lines ---- */

static const struct {
  const char *name;
  void (*read) (Reader *reader, const char *value);
} tags[] = {
  { "#EXTINF", on_extinf },
  { "#EXT-X-TARGETDURATION", on_target },
  { "#EXT-X-MEDIA-SEQUENCE", on_media_sequence },
  { "#EXT-X-DISCONTINUITY-SEQUENCE", on_discontinuity_sequence },
  { "#EXT-X-DISCONTINUITY", on_discontinuity },
  { "#EXT-X-GAP", on_gap },
  { "#EXT-X-ENDLIST", on_endlist },
  { "#EXT-X-BYTERANGE", on_byterange },
  { "#EXT-X-PROGRAM-DATE-TIME", on_program_date_time },
  { "#EXT-X-KEY", on_key },
  { "#EXT-X-MAP", on_map },
  { "#EXT-X-STREAM-INF", on_stream_inf },
  { "#EXT-X-MEDIA", on_media },
};

static void
read_tag (Reader *reader, const char *line)
{
  gsize length = strcspn (line, ":");
  const char *value = line[length] ? line + length + 1 : line + length;

  value += strspn (value, " \t");
  reader->has_tags |= g_str_has_prefix (line, "#EXT");
  for (gsize i = 0; i < G_N_ELEMENTS (tags); i++)
    if (strlen (tags[i].name) == length && g_ascii_strncasecmp (tags[i].name, line, length) == 0) {
      tags[i].read (reader, value);
      return;
    }
}

/* §4.3.2.2: without an offset it begins behind the range before, of the same resource. */
static gint64
range_start (const Reader *reader, const char *uri)
{
  if (reader->range_offset >= 0)
    return reader->range_offset;
  return reader->range_uri && strcmp (reader->range_uri, uri) == 0 ? reader->range_end : 0;
}

static void
note_range (Reader *reader, const ForgeHlsSegment *segment)
{
  g_free (reader->range_uri);
  reader->range_uri = segment->length >= 0 ? g_strdup (segment->uri) : NULL;
  reader->range_end = segment->offset + segment->length;
}

static void
add_segment (Reader *reader, const char *uri)
{
  ForgeHlsPlaylist *playlist = reader->playlist;

  if (playlist->segments->len >= FORGE_HLS_MAX_SEGMENTS) {
    skip (reader);
    return;
  }
  ForgeHlsSegment *segment = g_new0 (ForgeHlsSegment, 1);
  segment->uri = g_strdup (uri);
  segment->duration_us = reader->duration_us;
  segment->length = reader->range_length;
  segment->offset = segment->length >= 0 ? MIN (range_start (reader, uri), G_MAXINT64 / 4) : 0;
  segment->key = key_in_force (reader);
  segment->map = reader->map;
  segment->program_us = reader->program_us;
  segment->is_discontinuity = reader->is_discontinuity;
  segment->is_gap = reader->is_gap;
  note_range (reader, segment);
  g_ptr_array_add (playlist->segments, segment);
}

static void
reset_pending (Reader *reader)
{
  reader->duration_us = reader->range_length = reader->range_offset = -1;
  reader->program_us = 0;
  reader->is_discontinuity = reader->is_gap = FALSE;
}

static void
read_uri (Reader *reader, const char *uri)
{
  ForgeHlsPlaylist *playlist = reader->playlist;

  if (!reader->variant) {
    add_segment (reader, uri);
  } else if (playlist->variants->len >= FORGE_HLS_MAX_VARIANTS) {
    skip (reader);
  } else {
    reader->variant->uri = g_strdup (uri);
    g_ptr_array_add (playlist->variants, g_steal_pointer (&reader->variant));
  }
  variant_free (g_steal_pointer (&reader->variant));
  reset_pending (reader);
}

static void
read_line (Reader *reader, const char *data, gsize length)
{
  if (length > FORGE_HLS_MAX_LINE_BYTES || memchr (data, '\0', length)) {
    skip (reader);
    return;
  }
  g_autofree char *line = g_strstrip (g_strndup (data, length));
  if (*line == '#')
    read_tag (reader, line);
  else if (*line)
    read_uri (reader, line);
}

/* Line ends are CR, LF or both. */
static void
read_lines (Reader *reader, const char *text, gsize length)
{
  gsize start = 0;

  for (gsize i = 0; i <= length; i++)
    if (i == length || text[i] == '\n' || text[i] == '\r') {
      if (i > start)
        read_line (reader, text + start, i - start);
      start = i + 1;
    }
}

/* ---- all of it ---- */

/* A segment of unknown length counts as one of the longest that are said. */
static void
settle_durations (ForgeHlsPlaylist *playlist)
{
  gint64 longest_us = 0;

  for (guint i = 0; i < playlist->segments->len; i++)
    longest_us = MAX (longest_us, forge_hls_segment (playlist, i)->duration_us);
  if (playlist->target_us <= 0)
    playlist->target_us = longest_us > 0 ? longest_us : DEFAULT_TARGET_US;
  playlist->target_us = CLAMP (playlist->target_us, MIN_TARGET_US, MAX_TARGET_US);
  for (guint i = 0; i < playlist->segments->len; i++) {
    ForgeHlsSegment *segment = g_ptr_array_index (playlist->segments, i);
    segment->sequence = playlist->media_sequence + i;
    if (segment->duration_us <= 0)
      segment->duration_us = playlist->target_us;
  }
}

ForgeHlsPlaylist *
forge_hls_parse (const char *text, gsize length, GError **error)
{
  static const char bom[] = "\xEF\xBB\xBF";
  g_autoptr (ForgeHlsPlaylist) playlist = playlist_new ();
  Reader reader = { .playlist = playlist };
  gsize start = length >= 3 && memcmp (text, bom, 3) == 0 ? 3 : 0;

  reset_pending (&reader);
  read_lines (&reader, text + start, length - start);
  playlist->skipped += reader.variant != NULL;
  variant_free (reader.variant);
  g_free (reader.range_uri);
  if (!reader.has_tags) {
    char head[64] = "";
    forge_text_collect_head (head, sizeof head, text + start, MIN (length - start, 256));
    g_autofree char *safe = forge_redact_text (head);
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "no HLS playlist, but “%s”", safe);
    return NULL;
  }
  if (playlist->is_master) /* what stands there without a tag is nothing that plays */
    g_ptr_array_set_size (playlist->segments, 0);
  settle_durations (playlist);
  return g_steal_pointer (&playlist);
}

const ForgeHlsSegment *
forge_hls_segment (const ForgeHlsPlaylist *playlist, guint n)
{
  return n < playlist->segments->len ? g_ptr_array_index (playlist->segments, n) : NULL;
}

const ForgeHlsVariant *
forge_hls_variant (const ForgeHlsPlaylist *playlist, guint n)
{
  return n < playlist->variants->len ? g_ptr_array_index (playlist->variants, n) : NULL;
}

const ForgeHlsRendition *
forge_hls_separate_audio (const ForgeHlsPlaylist *playlist, const ForgeHlsVariant *variant)
{
  const ForgeHlsRendition *found = NULL;

  for (guint i = 0; variant->audio_group && i < playlist->renditions->len; i++) {
    const ForgeHlsRendition *rendition = g_ptr_array_index (playlist->renditions, i);
    if (strcmp (rendition->type, "AUDIO") != 0 ||
        strcmp (rendition->group, variant->audio_group) != 0)
      continue;
    if (!found || (rendition->is_default && !found->is_default))
      found = rendition;
  }
  return found && found->uri ? found : NULL;
}

/* Spec: RFC 6381. A variant that says nothing has pictures. */
static gboolean
has_pictures (const ForgeHlsVariant *variant)
{
  static const char *const codecs[] = { "avc", "hvc", "hev", "dvh", "dva",  "vvc",
                                        "vp0", "vp8", "vp9", "av0", "mp4v", "mp2v" };

  if (!variant->codecs || variant->width > 0)
    return TRUE;
  for (gsize i = 0; i < G_N_ELEMENTS (codecs); i++)
    if (strstr (variant->codecs, codecs[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_better (const ForgeHlsPlaylist *playlist, const ForgeHlsVariant *a, const ForgeHlsVariant *b)
{
  gboolean a_is_whole = !forge_hls_separate_audio (playlist, a);
  gboolean b_is_whole = !forge_hls_separate_audio (playlist, b);

  if (has_pictures (a) != has_pictures (b))
    return has_pictures (a);
  return a_is_whole != b_is_whole ? a_is_whole : a->bandwidth > b->bandwidth;
}

const ForgeHlsVariant *
forge_hls_choose_variant (const ForgeHlsPlaylist *playlist)
{
  const ForgeHlsVariant *best = forge_hls_variant (playlist, 0);

  for (guint i = 1; i < playlist->variants->len; i++)
    if (is_better (playlist, forge_hls_variant (playlist, i), best))
      best = forge_hls_variant (playlist, i);
  return best;
}

gint64
forge_hls_total_us (const ForgeHlsPlaylist *playlist)
{
  gint64 total_us = 0;

  for (guint i = 0; i < playlist->segments->len; i++)
    total_us += forge_hls_segment (playlist, i)->duration_us;
  return total_us;
}
