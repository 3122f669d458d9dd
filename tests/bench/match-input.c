/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "match-input.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include <string.h>

typedef struct {
  BenchChannelFunc each;
  gpointer user_data;
  char *id;
  GPtrArray *names;
  GString *text; /* of the display-name that is open */
} Guide;

static void
on_start (GMarkupParseContext *context,
          const char *element,
          const char **keys,
          const char **values,
          gpointer data,
          GError **error)
{
  Guide *guide = data;

  if (strcmp (element, "channel") == 0) {
    (g_free (guide->id), guide->id = g_strdup (""));
    for (; *keys; keys++, values++)
      if (strcmp (*keys, "id") == 0)
        (g_free (guide->id), guide->id = g_strdup (*values));
  } else if (guide->id && strcmp (element, "display-name") == 0) {
    guide->text = g_string_new (NULL);
  }
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Guide *guide = data;

  if (guide->text && strcmp (element, "display-name") == 0) {
    g_ptr_array_add (guide->names, g_string_free (guide->text, FALSE));
    guide->text = NULL;
  } else if (guide->id && strcmp (element, "channel") == 0) {
    g_ptr_array_add (guide->names, NULL);
    guide->each (guide->id, (const char *const *)guide->names->pdata, guide->user_data);
    g_clear_pointer (&guide->id, g_free);
    g_ptr_array_set_size (guide->names, 0);
  }
}

static void
on_text (GMarkupParseContext *context, const char *text, gsize length, gpointer data, GError **e)
{
  Guide *guide = data;

  if (guide->text)
    g_string_append_len (guide->text, text, (gssize)length);
}

static GBytes *
read_file (const char *path, GError **error)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GInputStream) raw = G_INPUT_STREAM (g_file_read (file, NULL, error));
  g_autoptr (GInputStream) in = NULL;
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GConverter) gunzip = NULL;

  if (!raw)
    return NULL;
  if (g_str_has_suffix (path, ".gz")) {
    gunzip = G_CONVERTER (g_zlib_decompressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    in = g_converter_input_stream_new (raw, gunzip);
  } else {
    in = g_object_ref (raw);
  }
  if (g_output_stream_splice (out, in, G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET, NULL, error) < 0)
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

gboolean
bench_read_guide (const char *path, BenchChannelFunc each, gpointer user_data, GError **error)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Guide guide = { .each = each, .user_data = user_data, .names = names };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, &guide, NULL);
  g_autoptr (GBytes) bytes = read_file (path, error);
  gsize size;
  const char *data;

  if (!bytes)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  return g_markup_parse_context_parse (context, data, (gssize)size, error);
}

/* Ids come as numbers and as text. Returns: (transfer full). */
static char *
member_text (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
}

/* The rows of a JSON array; NULL = none. */
static JsonArray *
read_array (JsonParser *parser, const char *path, GError **error)
{
  if (!json_parser_load_from_file (parser, path, error))
    return NULL;
  return json_node_get_array (json_parser_get_root (parser));
}

static gboolean
read_categories (GHashTable *names, const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *rows = read_array (parser, path, error);

  for (guint i = 0; rows && i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);

    g_hash_table_insert (names,
                         member_text (row, "category_id"),
                         member_text (row, "category_name"));
  }
  return rows != NULL;
}

static ForgeStream *
read_stream (JsonObject *row, GHashTable *categories)
{
  g_autofree char *id = member_text (row, "stream_id");
  g_autofree char *category = member_text (row, "category_id");
  ForgeStream *stream = forge_stream_new ();

  stream->remote_id = id ? g_ascii_strtoll (id, NULL, 10) : 0;
  stream->name = member_text (row, "name");
  stream->epg_id = member_text (row, "epg_channel_id");
  stream->group = category ? g_strdup (g_hash_table_lookup (categories, category)) : NULL;
  stream->quality = forge_quality_from_name (stream->name);
  return stream;
}

GPtrArray *
bench_read_streams (const char *path, const char *categories_path, GError **error)
{
  g_autoptr (GHashTable) categories =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (JsonParser) parser = json_parser_new ();
  GPtrArray *streams;
  JsonArray *rows;

  if (categories_path && !read_categories (categories, categories_path, error))
    return NULL;
  rows = read_array (parser, path, error);
  if (!rows)
    return NULL;
  streams = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_stream_unref);
  for (guint i = 0; i < json_array_get_length (rows); i++) {
    ForgeStream *stream = read_stream (json_array_get_object_element (rows, i), categories);

    stream->position = (int)i;
    g_ptr_array_add (streams, stream);
  }
  return streams;
}
