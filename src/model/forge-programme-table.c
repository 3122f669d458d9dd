/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-programme-table.h"

#define STRING_BLOCK_BYTES 8192

typedef struct {
  guint first, count;
} Span;

struct _ForgeProgrammeTable {
  gatomicrefcount references;
  gint64 from, to;
  GArray *cells;
  GArray *spans;
  GHashTable *by_channel; /* channel id → place in spans + 1 */
  GStringChunk *strings;
};

ForgeProgrammeTable *
forge_programme_table_new (gint64 from, gint64 to)
{
  ForgeProgrammeTable *table = g_new0 (ForgeProgrammeTable, 1);

  g_atomic_ref_count_init (&table->references);
  table->from = from;
  table->to = to;
  table->cells = g_array_new (FALSE, FALSE, sizeof (ForgeProgrammeCell));
  table->spans = g_array_new (FALSE, FALSE, sizeof (Span));
  table->by_channel = g_hash_table_new (NULL, NULL);
  table->strings = g_string_chunk_new (STRING_BLOCK_BYTES);
  return table;
}

ForgeProgrammeTable *
forge_programme_table_ref (ForgeProgrammeTable *table)
{
  g_atomic_ref_count_inc (&table->references);
  return table;
}

void
forge_programme_table_unref (ForgeProgrammeTable *table)
{
  if (!g_atomic_ref_count_dec (&table->references))
    return;
  g_array_unref (table->cells);
  g_array_unref (table->spans);
  g_hash_table_unref (table->by_channel);
  g_string_chunk_free (table->strings);
  g_free (table);
}

void
forge_programme_table_begin_channel (ForgeProgrammeTable *table, gint64 channel_id)
{
  Span span = { table->cells->len, 0 };

  g_array_append_val (table->spans, span);
  g_hash_table_insert (table->by_channel,
                       GSIZE_TO_POINTER ((gsize)channel_id),
                       GUINT_TO_POINTER (table->spans->len));
}

void
forge_programme_table_append (ForgeProgrammeTable *table, const ForgeProgrammeCell *cell)
{
  ForgeProgrammeCell copy = *cell;

  g_return_if_fail (table->spans->len > 0);
  copy.title = g_string_chunk_insert_const (table->strings, cell->title);
  g_array_append_val (table->cells, copy);
  g_array_index (table->spans, Span, table->spans->len - 1).count++;
}

gint64
forge_programme_table_from (const ForgeProgrammeTable *table)
{
  return table->from;
}

gint64
forge_programme_table_to (const ForgeProgrammeTable *table)
{
  return table->to;
}

const ForgeProgrammeCell *
forge_programme_table_cells (const ForgeProgrammeTable *table,
                             gint64 channel_id,
                             guint *count,
                             gboolean *is_known)
{
  guint place = GPOINTER_TO_UINT (
      g_hash_table_lookup (table->by_channel, GSIZE_TO_POINTER ((gsize)channel_id)));
  const Span *span = place ? &g_array_index (table->spans, Span, place - 1) : NULL;

  if (is_known)
    *is_known = span != NULL;
  *count = span ? span->count : 0;
  return *count ? &g_array_index (table->cells, ForgeProgrammeCell, span->first) : NULL;
}

ForgeProgrammeHit *
forge_programme_hit_new (gint64 channel_id,
                         const char *channel,
                         gint64 start,
                         gint64 stop,
                         const char *title)
{
  ForgeProgrammeHit *hit = g_new0 (ForgeProgrammeHit, 1);

  hit->channel_id = channel_id;
  hit->channel = g_strdup (channel);
  hit->start = start;
  hit->stop = stop;
  hit->title = g_strdup (title);
  return hit;
}

void
forge_programme_hit_free (ForgeProgrammeHit *hit)
{
  g_free (hit->channel);
  g_free (hit->title);
  g_free (hit);
}
