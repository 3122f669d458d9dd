/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-extraction-keep.h"

#include "formats/forge-json-items.h"
#include "formats/forge-json-text.h"

#include <string.h>

/* ---- writing ---- */

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
}

static JsonObject *
format_object (const ForgeSiteFormat *format)
{
  JsonObject *object = json_object_new ();

  set_text (object, "id", format->id);
  set_text (object, "url", format->url);
  set_text (object, "extension", format->extension);
  set_text (object, "codec", format->codec);
  set_text (object, "user_agent", format->user_agent);
  set_text (object, "headers", format->headers);
  json_object_set_int_member (object, "height", format->height);
  json_object_set_int_member (object, "size", format->size);
  json_object_set_int_member (object, "bitrate", format->bitrate_kbps);
  json_object_set_boolean_member (object, "video", format->has_video);
  json_object_set_boolean_member (object, "audio", format->has_audio);
  json_object_set_boolean_member (object, "hls", format->is_hls);
  json_object_set_boolean_member (object, "marked", format->is_watermarked);
  return object;
}

char *
forge_extraction_format (const ForgeExtraction *extraction)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);
  JsonObject *object = json_object_new ();
  JsonArray *formats = json_array_new ();

  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    if (!format->audio_url)
      json_array_add_object_element (formats, format_object (format));
  }
  set_text (object, "title", extraction->title);
  set_text (object, "thumbnail", extraction->thumbnail);
  json_object_set_int_member (object, "duration", extraction->duration_s);
  json_object_set_array_member (object, "formats", formats);
  json_node_take_object (node, object);
  return json_to_string (node, FALSE);
}

/* ---- reading ---- */

static ForgeSiteFormat *
read_format (JsonObject *object)
{
  ForgeSiteFormat *format = g_new0 (ForgeSiteFormat, 1);

  format->id = forge_json_text (object, "id");
  format->url = forge_json_text (object, "url");
  format->extension = forge_json_text (object, "extension");
  format->codec = forge_json_text (object, "codec");
  format->user_agent = forge_json_text (object, "user_agent");
  format->headers = json_object_has_member (object, "headers")
                        ? g_strdup (json_object_get_string_member (object, "headers"))
                        : NULL;
  format->height = (int)forge_json_int (object, "height", 0);
  format->size = forge_json_int (object, "size", 0);
  format->bitrate_kbps = (int)forge_json_int (object, "bitrate", 0);
  format->has_video = forge_json_bool (object, "video", FALSE);
  format->has_audio = forge_json_bool (object, "audio", FALSE);
  format->is_hls = forge_json_bool (object, "hls", FALSE);
  format->is_watermarked = forge_json_bool (object, "marked", FALSE);
  return format;
}

ForgeExtraction *
forge_extraction_unformat (const char *text)
{
  g_autoptr (JsonNode) node = forge_json_parse (text, -1, NULL);
  JsonObject *object = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonNode *list = object ? json_object_get_member (object, "formats") : NULL;

  if (!list || !JSON_NODE_HOLDS_ARRAY (list))
    return NULL;
  g_autoptr (ForgeExtraction) extraction = forge_extraction_new ();
  JsonArray *formats = json_node_get_array (list);
  extraction->title = forge_json_text (object, "title");
  extraction->thumbnail = forge_json_text (object, "thumbnail");
  extraction->duration_s = (int)forge_json_int (object, "duration", 0);
  for (guint i = 0; i < json_array_get_length (formats); i++)
    g_ptr_array_add (extraction->formats, read_format (json_array_get_object_element (formats, i)));
  return extraction->title && extraction->formats->len > 0 ? g_steal_pointer (&extraction) : NULL;
}

/* ---- how long it is good ---- */

/* Seen: googlevideo "expire", TikTok "x-expires" and "expire", CloudFront "Expires". */
static gint64
end_of (const char *url)
{
  static const char *const names[] = { "expire", "x-expires", "Expires" };
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GHashTable) query =
      uri && g_uri_get_query (uri)
          ? g_uri_parse_params (g_uri_get_query (uri), -1, "&", G_URI_PARAMS_NONE, NULL)
          : NULL;
  gint64 end_s;

  for (gsize i = 0; query && i < G_N_ELEMENTS (names); i++) {
    const char *text = g_hash_table_lookup (query, names[i]);
    if (text && g_ascii_string_to_signed (text,
                                          10,
                                          G_GINT64_CONSTANT (1000000000),
                                          G_MAXINT64,
                                          &end_s,
                                          NULL))
      return end_s;
  }
  return G_MAXINT64;
}

gint64
forge_extraction_end_s (const ForgeExtraction *extraction)
{
  gint64 first = G_MAXINT64;

  for (guint i = 0; i < extraction->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (extraction->formats, i);
    first = MIN (first, end_of (format->url));
  }
  return first;
}
