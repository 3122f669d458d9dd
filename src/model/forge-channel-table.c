/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-channel-table.h"

#include "model/forge-search-fold.h"

#include <string.h>

/* Of the chunks that hold the strings. */
#define STRING_BLOCK_BYTES 65536

struct _ForgeChannelTable {
  gatomicrefcount references;
  GArray *lines;
  GHashTable *places; /* id → place + 1 */
  GStringChunk *strings;
};

ForgeChannelTable *
forge_channel_table_new (void)
{
  ForgeChannelTable *table = g_new0 (ForgeChannelTable, 1);

  g_atomic_ref_count_init (&table->references);
  table->lines = g_array_new (FALSE, FALSE, sizeof (ForgeChannelLine));
  table->places = g_hash_table_new (NULL, NULL);
  table->strings = g_string_chunk_new (STRING_BLOCK_BYTES);
  return table;
}

ForgeChannelTable *
forge_channel_table_ref (ForgeChannelTable *table)
{
  g_atomic_ref_count_inc (&table->references);
  return table;
}

void
forge_channel_table_unref (ForgeChannelTable *table)
{
  if (!g_atomic_ref_count_dec (&table->references))
    return;
  g_array_unref (table->lines);
  g_hash_table_unref (table->places);
  g_string_chunk_free (table->strings);
  g_free (table);
}

static const char *
fold_line (ForgeChannelTable *table, const ForgeChannelLine *line, const char *other_names)
{
  g_autofree char *text = g_strdup_printf ("%s %s %s %d",
                                           line->name,
                                           line->group ? line->group : "",
                                           other_names ? other_names : "",
                                           line->number);
  g_autofree char *folded = forge_search_fold (text);

  return g_string_chunk_insert (table->strings, folded);
}

void
forge_channel_table_append (ForgeChannelTable *table,
                            const ForgeChannelLine *line,
                            const char *other_names)
{
  ForgeChannelLine copy = *line;

  copy.name = g_string_chunk_insert (table->strings, line->name ? line->name : "");
  copy.group = line->group ? g_string_chunk_insert_const (table->strings, line->group) : NULL;
  copy.folded = fold_line (table, &copy, other_names);
  g_array_append_val (table->lines, copy);
  g_hash_table_insert (table->places,
                       GSIZE_TO_POINTER ((gsize)line->id),
                       GUINT_TO_POINTER (table->lines->len));
}

void
forge_channel_table_set_streams (ForgeChannelTable *table,
                                 gint64 id,
                                 int streams,
                                 ForgeQuality quality,
                                 double confidence,
                                 double unsure,
                                 gboolean manual)
{
  int place = forge_channel_table_find (table, id);

  if (place < 0 || streams <= 0)
    return;
  ForgeChannelLine *line = &g_array_index (table->lines, ForgeChannelLine, place);
  line->streams = (guint16)MIN (streams, G_MAXUINT16);
  line->quality = (guint8)quality;
  line->confidence = (float)confidence;
  line->match = unsure < FORGE_SURE_CONFIDENCE ? FORGE_MATCH_REVIEW
                : manual                       ? FORGE_MATCH_MANUAL
                                               : FORGE_MATCH_SURE;
}

guint
forge_channel_table_length (const ForgeChannelTable *table)
{
  return table->lines->len;
}

const ForgeChannelLine *
forge_channel_table_line (const ForgeChannelTable *table, guint index)
{
  g_return_val_if_fail (index < table->lines->len, NULL);
  return &g_array_index (table->lines, ForgeChannelLine, index);
}

int
forge_channel_table_find (const ForgeChannelTable *table, gint64 id)
{
  return GPOINTER_TO_INT (g_hash_table_lookup (table->places, GSIZE_TO_POINTER ((gsize)id))) - 1;
}

gboolean
forge_channel_line_equal (const ForgeChannelLine *a, const ForgeChannelLine *b)
{
  return a->number == b->number && a->guide_channel_id == b->guide_channel_id &&
         a->streams == b->streams && a->quality == b->quality && a->match == b->match &&
         a->enabled == b->enabled && a->renamed == b->renamed &&
         ABS (a->confidence - b->confidence) < 0.0005f && strcmp (a->name, b->name) == 0 &&
         g_strcmp0 (a->group, b->group) == 0;
}
