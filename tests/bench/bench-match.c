/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"
#include "guide/forge-matcher.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/*
 * bench-match GUIDE.xml[.gz] LIVE_STREAMS.json [LIVE_CATEGORIES.json] [--repeat N] [--features]
 *
 * Prints "stream_id,xmltv_id,confidence" (what labelled data is scored with) and, on standard
 * error, time and memory. --features prints every candidate pair with its features instead: what
 * scripts/refit-matcher.py reads.
 */

static gint option_repeat = 1, option_keep = 100;
static gboolean option_features;
static char **option_files;

static const GOptionEntry options[] = {
  { "repeat", 0, 0, G_OPTION_ARG_INT, &option_repeat, "Ask N times, for timing", "N" },
  { "keep", 0, 0, G_OPTION_ARG_INT, &option_keep, "Keep so many percent of the guide", "N" },
  { "features", 0, 0, G_OPTION_ARG_NONE, &option_features, "Print features", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &option_files, NULL, "FILES" },
  { 0 },
};

typedef struct {
  ForgeMatcher *matcher;
  GPtrArray *ids; /* xmltv ids; the matcher's id is the index + 1 */
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

/* A sparse guide for trials: which channels stay depends on the id alone. */
static gboolean
is_kept (const char *id)
{
  return g_str_hash (id) % 100 < (guint)option_keep;
}

static void
on_end (GMarkupParseContext *context, const char *element, gpointer data, GError **error)
{
  Guide *guide = data;

  if (guide->text && strcmp (element, "display-name") == 0) {
    g_ptr_array_add (guide->names, g_string_free (guide->text, FALSE));
    guide->text = NULL;
  } else if (guide->id && strcmp (element, "channel") == 0 && !is_kept (guide->id)) {
    g_clear_pointer (&guide->id, g_free);
    g_ptr_array_set_size (guide->names, 0);
  } else if (guide->id && strcmp (element, "channel") == 0) {
    g_ptr_array_add (guide->names, NULL);
    g_ptr_array_add (guide->ids, guide->id);
    forge_matcher_add (guide->matcher,
                       guide->ids->len,
                       guide->id,
                       (const char *const *)guide->names->pdata);
    guide->id = NULL;
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

static gboolean
read_guide (Guide *guide, const char *path, GError **error)
{
  static const GMarkupParser parser = { on_start, on_end, on_text, NULL, NULL };
  g_autoptr (GMarkupParseContext) context = g_markup_parse_context_new (&parser, 0, guide, NULL);
  g_autoptr (GBytes) bytes = read_file (path, error);
  gsize size;
  const char *data;

  if (!bytes)
    return FALSE;
  data = g_bytes_get_data (bytes, &size);
  return g_markup_parse_context_parse (context, data, (gssize)size, error);
}

static JsonArray *
read_array (JsonParser *parser, const char *path, GError **error)
{
  if (!json_parser_load_from_file (parser, path, error))
    return NULL;
  return json_node_get_array (json_parser_get_root (parser));
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

static GHashTable *
read_categories (const char *path, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  GHashTable *names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  JsonArray *rows = path ? read_array (parser, path, error) : NULL;

  for (guint i = 0; rows && i < json_array_get_length (rows); i++) {
    JsonObject *row = json_array_get_object_element (rows, i);

    g_hash_table_insert (names,
                         member_text (row, "category_id"),
                         member_text (row, "category_name"));
  }
  return names;
}

static void
print_pair (const ForgeMatchIndex *index,
            const Guide *guide,
            const char *stream,
            guint32 name,
            const double *features)
{
  const ForgeMatchChannel *channel =
      forge_match_index_channel (index, forge_match_index_name (index, name)->channel);
  const char *id = g_ptr_array_index (guide->ids, (guint)channel->id - 1);

  printf ("%s\t%s", stream, id);
  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    printf ("\t%.4g", features[i]);
  printf ("\n");
}

/* Every candidate of a stream with the name that fits best. */
static void
print_features (const Guide *guide, const char *stream, const ForgeMatchQuery *query)
{
  const ForgeMatchIndex *index = forge_matcher_index (guide->matcher);
  ForgeMatchScratch *scratch = forge_match_scratch_new (index);
  guint32 channels[FORGE_MATCH_MAX_CANDIDATES];
  ForgeQuery parsed;
  guint n = 0;

  forge_query_init (&parsed, index, query);
  if (parsed.name.kind != FORGE_NAME_SEPARATOR && parsed.n_tokens > 0)
    n = forge_match_candidates (index, &parsed, scratch, channels);
  for (guint i = 0; i < n; i++) {
    const ForgeMatchChannel *channel = forge_match_index_channel (index, channels[i]);

    for (guint j = 0; j < channel->n_names; j++) {
      double f[FORGE_N_FEATURES];

      forge_match_compare (index, &parsed, channel->first_name + j, f);
      print_pair (index, guide, stream, channel->first_name + j, f);
    }
  }
  forge_match_scratch_free (scratch);
}

static void
match_stream (const Guide *guide, JsonObject *row, GHashTable *categories, gboolean print)
{
  g_autofree char *id = member_text (row, "stream_id");
  g_autofree char *name = member_text (row, "name");
  g_autofree char *epg = member_text (row, "epg_channel_id");
  g_autofree char *category = member_text (row, "category_id");
  ForgeMatchQuery query = {
    .name = name,
    .epg_id = epg,
    .group = category ? g_hash_table_lookup (categories, category) : NULL,
  };
  ForgeMatch match;

  if (option_features) {
    print_features (guide, id, &query);
    return;
  }
  match = forge_matcher_find (guide->matcher, &query, NULL);
  if (print && match.id)
    printf ("%s,\"%s\",%.4f\n",
            id,
            (char *)g_ptr_array_index (guide->ids, (guint)match.id - 1),
            match.confidence);
}

static void
print_header (void)
{
  if (!option_features) {
    printf ("stream_id,xmltv_id,confidence\n");
    return;
  }
  printf ("stream\tchannel");
  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    printf ("\t%s", forge_feature_name (i));
  printf ("\n");
}

static void
match_all (const Guide *guide, JsonArray *rows, GHashTable *categories)
{
  gint64 start = g_get_monotonic_time ();
  struct rusage usage;
  double seconds;

  print_header ();
  for (gint round = 0; round < option_repeat; round++)
    for (guint i = 0; i < json_array_get_length (rows); i++)
      match_stream (guide, json_array_get_object_element (rows, i), categories, round == 0);
  seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  getrusage (RUSAGE_SELF, &usage);
  fprintf (stderr,
           "{\"channels\": %u, \"streams\": %u, \"seconds\": %.3f, \"us_per_stream\": %.1f, "
           "\"peak_rss_mb\": %.1f}\n",
           guide->ids->len,
           json_array_get_length (rows) * (guint)option_repeat,
           seconds,
           seconds * 1e6 / MAX (1, json_array_get_length (rows) * (guint)option_repeat),
           (double)usage.ru_maxrss / 1024);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("GUIDE STREAMS [CATEGORIES]");
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GHashTable) categories = NULL;
  Guide guide = { .matcher = forge_matcher_new (),
                  .ids = g_ptr_array_new_with_free_func (g_free),
                  .names = g_ptr_array_new_with_free_func (g_free) };
  JsonArray *rows;
  gint64 start;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || !option_files ||
      g_strv_length (option_files) < 2) {
    fprintf (stderr, "usage: bench-match GUIDE STREAMS [CATEGORIES]\n");
    return 2;
  }
  start = g_get_monotonic_time ();
  if (!read_guide (&guide, option_files[0], &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  forge_matcher_freeze (guide.matcher);
  fprintf (stderr, "index: %.3f s\n", (double)(g_get_monotonic_time () - start) / 1e6);
  rows = read_array (parser, option_files[1], &error);
  categories = read_categories (option_files[2], NULL);
  if (!rows) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  match_all (&guide, rows, categories);
  forge_matcher_free (guide.matcher);
  g_ptr_array_unref (guide.ids);
  g_ptr_array_unref (guide.names);
  g_strfreev (option_files);
  return 0;
}
