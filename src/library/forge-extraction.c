/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-extraction.h"

#include "base/forge-error.h"
#include "formats/forge-json-items.h"
#include "formats/forge-json-text.h"
#include "library/forge-site-headers.h"

#include <stdlib.h>
#include <string.h>

#define MAX_FORMATS    500
#define MAX_URL_BYTES  8192
#define MAX_WORD_BYTES 64
#define MAX_DURATION_S (7 * 86400)
#define MAX_HEIGHT     20000

ForgeExtraction *
forge_extraction_ref (ForgeExtraction *extraction)
{
  return g_atomic_rc_box_acquire (extraction);
}

static void
extraction_clear (gpointer data)
{
  ForgeExtraction *extraction = data;

  g_free (extraction->title);
  g_free (extraction->thumbnail);
  g_ptr_array_unref (extraction->formats);
}

void
forge_extraction_unref (ForgeExtraction *extraction)
{
  g_atomic_rc_box_release_full (extraction, extraction_clear);
}

static void
format_free (gpointer data)
{
  ForgeSiteFormat *format = data;

  g_free (format->id);
  g_free (format->url);
  g_free (format->audio_url);
  g_free (format->extension);
  g_free (format->codec);
  g_free (format->user_agent);
  g_free (format->headers);
  g_free (format);
}

ForgeExtraction *
forge_extraction_new (void)
{
  ForgeExtraction *extraction = g_atomic_rc_box_new0 (ForgeExtraction);

  extraction->formats = g_ptr_array_new_with_free_func (format_free);
  return extraction;
}

/* ---- reading ---- */

/* NULL for "none", which yt-dlp says of what is not there, and for what is too long. */
static char *
read_word (JsonObject *object, const char *member)
{
  char *text = forge_json_text (object, member);

  if (text && (strcmp (text, "none") == 0 || strlen (text) > MAX_WORD_BYTES))
    g_clear_pointer (&text, g_free);
  return text;
}

static char *
read_url (JsonObject *object, const char *member)
{
  char *url = forge_json_text (object, member);

  if (url && strlen (url) <= MAX_URL_BYTES &&
      (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://")))
    return url;
  g_free (url);
  return NULL;
}

static gint64
read_size (JsonObject *object)
{
  gint64 size = forge_json_int (object, "filesize", 0);

  return MAX (size > 0 ? size : forge_json_int (object, "filesize_approx", 0), 0);
}

static gboolean
is_marked (JsonObject *object)
{
  g_autofree char *note = forge_json_text (object, "format_note");
  g_autofree char *lower = note ? g_ascii_strdown (note, -1) : NULL;

  return lower && strstr (lower, "watermarked");
}

/* Extractors that know nothing of codecs leave both out: then it has both. */
static void
read_codecs (JsonObject *object, ForgeSiteFormat *format)
{
  g_autofree char *video = read_word (object, "vcodec"), *audio = read_word (object, "acodec");
  gboolean says_video = json_object_has_member (object, "vcodec");
  gboolean says_audio = json_object_has_member (object, "acodec");

  format->has_video = video || (!says_video && (!says_audio || format->height > 0));
  format->has_audio = audio || (!says_audio && !(says_video && !video && format->height > 0));
  format->codec = video ? g_steal_pointer (&video) : g_steal_pointer (&audio);
}

/* Seen: "mhtml" storyboards with vcodec and acodec "none"; DRM formats without a use. */
static gboolean
is_usable (JsonObject *object, const ForgeSiteFormat *format)
{
  return format->url && (format->has_video || format->has_audio) &&
         g_strcmp0 (format->extension, "mhtml") != 0 && !forge_json_bool (object, "has_drm", FALSE);
}

static ForgeSiteFormat *
read_format (JsonObject *object)
{
  ForgeSiteFormat *format = g_new0 (ForgeSiteFormat, 1);
  g_autofree char *protocol = read_word (object, "protocol");

  format->id = read_word (object, "format_id");
  format->url = read_url (object, "url");
  format->extension = read_word (object, "ext");
  format->height = (int)CLAMP (forge_json_int (object, "height", 0), 0, MAX_HEIGHT);
  read_codecs (object, format);
  format->is_hls = protocol && g_str_has_prefix (protocol, "m3u8");
  format->is_watermarked = is_marked (object);
  format->size = read_size (object);
  format->bitrate_kbps = (int)CLAMP (forge_json_int (object, "tbr", 0), 0, G_MAXINT);
  if (format->url)
    format->headers = forge_site_headers_read (object, format->url, &format->user_agent);
  if (is_usable (object, format))
    return format;
  format_free (format);
  return NULL;
}

/* Sound and picture, picture, sound; then lines; then what is a file, which can be resumed; then
 * bits. */
static int
compare_formats (gconstpointer a, gconstpointer b)
{
  const ForgeSiteFormat *one = *(ForgeSiteFormat *const *)a, *two = *(ForgeSiteFormat *const *)b;
  int rank_one = one->has_video * 2 + one->has_audio,
      rank_two = two->has_video * 2 + two->has_audio;

  if (rank_one != rank_two)
    return rank_two - rank_one;
  if (one->height != two->height)
    return two->height - one->height;
  int made_one = one->is_hls || one->audio_url, made_two = two->is_hls || two->audio_url;
  if (made_one != made_two)
    return made_one - made_two;
  return (two->bitrate_kbps > one->bitrate_kbps) - (two->bitrate_kbps < one->bitrate_kbps);
}

static void
read_formats (JsonObject *object, ForgeExtraction *extraction)
{
  JsonNode *node = json_object_get_member (object, "formats");
  JsonArray *array = node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
  ForgeSiteFormat *format;

  for (guint i = 0; array && i < MIN (json_array_get_length (array), MAX_FORMATS); i++) {
    JsonNode *item = json_array_get_element (array, i);
    if (JSON_NODE_HOLDS_OBJECT (item) && (format = read_format (json_node_get_object (item))))
      g_ptr_array_add (extraction->formats, format);
  }
  /* A page that is a file itself. */
  if (extraction->formats->len == 0 && (format = read_format (object)))
    g_ptr_array_add (extraction->formats, format);
  g_ptr_array_sort (extraction->formats, compare_formats);
}

static ForgeExtraction *
read_document (JsonObject *object)
{
  ForgeExtraction *extraction = forge_extraction_new ();

  extraction->title = forge_json_text (object, "title");
  extraction->thumbnail = read_url (object, "thumbnail");
  extraction->duration_s = (int)CLAMP (forge_json_int (object, "duration", 0), 0, MAX_DURATION_S);
  if (!extraction->title)
    extraction->title = g_strdup ("video");
  read_formats (object, extraction);
  return extraction;
}

ForgeExtraction *
forge_extraction_parse (const char *json, gssize length, GError **error)
{
  g_autoptr (JsonNode) node = forge_json_parse (json, length, error);

  if (!node) {
    g_prefix_error (error, "What yt-dlp printed ");
    return NULL;
  }
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "What yt-dlp printed is no JSON object");
    return NULL;
  }
  g_autoptr (ForgeExtraction) extraction = read_document (json_node_get_object (node));
  if (extraction->formats->len > 0)
    return g_steal_pointer (&extraction);
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_NOT_FOUND,
                       "The page holds no video that can be downloaded");
  return NULL;
}

/* ---- choosing ---- */

const ForgeSiteFormat *
forge_extraction_find (const ForgeExtraction *extraction, const char *id)
{
  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    if (g_strcmp0 (format->id, id) == 0)
      return format;
  }
  return NULL;
}

/* A smaller number is better; the order of the wishes: whole, of the kind, unmarked, near. */
static gint64
distance (const ForgeSiteFormat *format, const ForgeFormatWish *wish)
{
  gint64 missing = format->has_video && format->has_audio ? 0 : format->has_video ? 1 : 2;
  gboolean is_other_kind =
      wish->extension &&
      g_ascii_strcasecmp (wish->extension, format->extension ? format->extension : "") != 0;
  gboolean is_marked_unwanted = format->is_watermarked && !wish->watermark;
  gint64 lines = wish->height > 0 ? ABS (format->height - wish->height)
                                  : MAX_HEIGHT - format->height;

  return ((missing * 2 + is_marked_unwanted) * 2 + is_other_kind) * (2 * MAX_HEIGHT) + lines;
}

const ForgeSiteFormat *
forge_extraction_choose (const ForgeExtraction *extraction, const ForgeFormatWish *wish)
{
  const ForgeSiteFormat *best = NULL;

  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    if (!best || distance (format, wish) < distance (best, wish))
      best = format;
  }
  return best;
}

/* ---- pairs ---- */

static gboolean
is_webm (const ForgeSiteFormat *format)
{
  return g_strcmp0 (format->extension, "webm") == 0;
}

/* MP4 players want AAC with H.264: of the same family first, then the most bits. */
static const ForgeSiteFormat *
sound_for (const ForgeExtraction *extraction, const ForgeSiteFormat *picture)
{
  const ForgeSiteFormat *best = NULL;

  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    if (format->has_video || !format->has_audio || format->is_hls)
      continue;
    if (!best || (is_webm (picture) == is_webm (format) && is_webm (picture) != is_webm (best)))
      best = format;
  }
  return best;
}

static ForgeSiteFormat *
make_pair (const ForgeSiteFormat *picture, const ForgeSiteFormat *sound)
{
  ForgeSiteFormat *pair = g_new0 (ForgeSiteFormat, 1);
  gboolean is_mixed = is_webm (picture) != is_webm (sound);

  pair->id = g_strdup_printf ("%s+%s", picture->id ? picture->id : "", sound->id ? sound->id : "");
  pair->url = g_strdup (picture->url);
  pair->audio_url = g_strdup (sound->url);
  pair->extension = g_strdup (is_mixed ? "mkv" : is_webm (picture) ? "webm" : "mp4");
  pair->height = picture->height;
  pair->has_video = pair->has_audio = TRUE;
  pair->is_watermarked = picture->is_watermarked;
  pair->size = picture->size && sound->size ? picture->size + sound->size : 0;
  pair->bitrate_kbps =
      (int)MIN ((gint64)picture->bitrate_kbps + sound->bitrate_kbps, (gint64)G_MAXINT);
  pair->codec = g_strdup (picture->codec);
  return pair;
}

void
forge_extraction_add_pairs (ForgeExtraction *extraction)
{
  guint n = extraction->formats->len;

  for (guint i = 0; i < n; i++) {
    const ForgeSiteFormat *picture = g_ptr_array_index (extraction->formats, i);
    const ForgeSiteFormat *sound = picture->has_video && !picture->has_audio && !picture->is_hls
                                       ? sound_for (extraction, picture)
                                       : NULL;
    if (sound)
      g_ptr_array_add (extraction->formats, make_pair (picture, sound));
  }
  g_ptr_array_sort (extraction->formats, compare_formats);
}
