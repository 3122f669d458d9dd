/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-tool.h"
#include "formats/forge-hls.h"

#include <json-glib/json-glib.h>

#include <stdio.h>

/* One JSON object per line: variants, renditions and segments, then {"type": "end"}. */
static void
print_node (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  g_autofree char *line = json_to_string (node, FALSE);
  puts (line);
}

static JsonObject *
typed (const char *type)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  return object;
}

/* A playlist may hold any bytes, JSON may not. */
static void
add (JsonObject *object, const char *member, const char *text)
{
  g_autofree char *valid = text ? g_utf8_make_valid (text, -1) : NULL;

  if (valid)
    json_object_set_string_member (object, member, valid);
}

static void
add_number (JsonObject *object, const char *member, guint64 number)
{
  if (number > 0)
    json_object_set_int_member (object, member, (gint64)number);
}

static void
add_range (JsonObject *object, gint64 offset, gint64 length)
{
  if (length < 0)
    return;
  json_object_set_int_member (object, "offset", offset);
  json_object_set_int_member (object, "length", length);
}

static void
add_key (JsonObject *object, const ForgeHlsKey *key)
{
  g_autoptr (GString) iv = g_string_new (NULL);

  if (!key)
    return;
  add (object, "method", key->method_name);
  add (object, "key_format", key->key_format);
  add (object, "key", key->uri);
  for (gsize i = 0; key->has_iv && i < sizeof key->iv; i++)
    g_string_append_printf (iv, "%02x", key->iv[i]);
  add (object, "iv", key->has_iv ? iv->str : NULL);
}

static void
print_variant (const ForgeHlsVariant *variant)
{
  JsonObject *object = typed ("variant");

  add (object, "uri", variant->uri);
  add_number (object, "bandwidth", variant->bandwidth);
  add_number (object, "width", variant->width);
  add_number (object, "height", variant->height);
  add (object, "codecs", variant->codecs);
  add (object, "audio", variant->audio_group);
  print_node (object);
}

static void
print_rendition (const ForgeHlsRendition *rendition)
{
  JsonObject *object = typed ("rendition");

  add (object, "media", rendition->type);
  add (object, "group", rendition->group);
  add (object, "name", rendition->name);
  add (object, "language", rendition->language);
  add (object, "uri", rendition->uri);
  json_object_set_boolean_member (object, "default", rendition->is_default);
  print_node (object);
}

static void
print_segment (const ForgeHlsSegment *segment)
{
  JsonObject *object = typed ("segment");

  add (object, "uri", segment->uri);
  json_object_set_int_member (object, "sequence", (gint64)segment->sequence);
  json_object_set_double_member (object, "duration", (double)segment->duration_us / G_USEC_PER_SEC);
  add_range (object, segment->offset, segment->length);
  add_key (object, segment->key);
  add (object, "map", segment->map ? segment->map->uri : NULL);
  add_number (object, "program_time", (guint64)MAX (segment->program_us / G_USEC_PER_SEC, 0));
  if (segment->is_discontinuity)
    json_object_set_boolean_member (object, "discontinuity", TRUE);
  if (segment->is_gap)
    json_object_set_boolean_member (object, "gap", TRUE);
  print_node (object);
}

static void
print_end (const ForgeHlsPlaylist *playlist)
{
  JsonObject *object = typed ("end");

  json_object_set_boolean_member (object, "is_master", playlist->is_master);
  json_object_set_int_member (object, "variants", playlist->variants->len);
  json_object_set_int_member (object, "segments", playlist->segments->len);
  json_object_set_double_member (object,
                                 "target_duration",
                                 (double)playlist->target_us / G_USEC_PER_SEC);
  json_object_set_int_member (object, "media_sequence", (gint64)playlist->media_sequence);
  json_object_set_boolean_member (object, "ended", playlist->has_end);
  json_object_set_int_member (object, "skipped", playlist->skipped);
  print_node (object);
}

static void
append (const char *data, gsize length, gpointer text)
{
  g_string_append_len (text, data, (gssize)length);
}

int
forge_tool_parse_hls (const char *path)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  if (!forge_tool_read (path, append, text))
    return 1;
  g_autoptr (ForgeHlsPlaylist) playlist = forge_hls_parse (text->str, text->len, &error);
  if (!playlist)
    return forge_tool_fail ("%s: %s", path, error->message);
  for (guint i = 0; i < playlist->variants->len; i++)
    print_variant (forge_hls_variant (playlist, i));
  for (guint i = 0; i < playlist->renditions->len; i++)
    print_rendition (g_ptr_array_index (playlist->renditions, i));
  for (guint i = 0; i < playlist->segments->len; i++)
    print_segment (forge_hls_segment (playlist, i));
  print_end (playlist);
  return 0;
}
