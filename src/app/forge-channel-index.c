/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-channel-index.h"

#include "model/forge-search-fold.h"

#include <string.h>

static gboolean
is_shown (const ForgeChannelLine *line, ForgeChannelShow show)
{
  switch (show) {
  case FORGE_SHOW_ENABLED:
    return line->enabled;
  case FORGE_SHOW_DISABLED:
    return !line->enabled;
  case FORGE_SHOW_UNMATCHED:
    return line->match == FORGE_MATCH_NONE;
  case FORGE_SHOW_REVIEW:
    return line->match == FORGE_MATCH_REVIEW;
  case FORGE_SHOW_MANUAL:
    return line->match == FORGE_MATCH_MANUAL;
  case FORGE_SHOW_ALL:
  case FORGE_SHOW_COUNT:
  default:
    return TRUE;
  }
}

static int
compare_match (const ForgeChannelLine *a, const ForgeChannelLine *b)
{
  if (a->match != b->match)
    return (int)a->match - (int)b->match;
  return a->confidence < b->confidence ? -1 : a->confidence > b->confidence;
}

static int
compare_lines (const ForgeChannelLine *a, const ForgeChannelLine *b, ForgeChannelSort sort)
{
  switch (sort) {
  case FORGE_SORT_NUMBER:
    return a->number - b->number;
  case FORGE_SORT_NAME:
    return strcmp (a->folded, b->folded);
  case FORGE_SORT_MATCH:
    return compare_match (a, b);
  case FORGE_SORT_QUALITY:
    return (int)a->quality - (int)b->quality;
  case FORGE_SORT_PLACE:
  default:
    return a < b ? -1 : a > b; /* they stand in one array */
  }
}

/* GCompareDataFunc. What is equal stays in the lineup's order. */
static int
compare_rows (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const ForgeChannelLine *one = *(const ForgeChannelLine *const *)a;
  const ForgeChannelLine *two = *(const ForgeChannelLine *const *)b;
  const ForgeChannelQuery *query = user_data;
  int order = compare_lines (one, two, query->sort);

  if (order == 0)
    return compare_lines (one, two, FORGE_SORT_PLACE);
  return query->is_descending ? -order : order;
}

GPtrArray *
forge_channel_index_select (const ForgeChannelTable *table, const ForgeChannelQuery *query)
{
  guint length = forge_channel_table_length (table);
  GPtrArray *rows = g_ptr_array_sized_new (length);
  g_auto (GStrv) words = forge_search_words (query->search);

  for (guint i = 0; i < length; i++) {
    const ForgeChannelLine *line = forge_channel_table_line (table, i);
    if (is_shown (line, query->show) &&
        forge_search_matches (line->folded, (const char *const *)words))
      g_ptr_array_add (rows, (gpointer)line);
  }
  if (query->sort != FORGE_SORT_PLACE || query->is_descending)
    g_ptr_array_sort_with_data (rows, compare_rows, (gpointer)query);
  return rows;
}

void
forge_channel_index_count (const ForgeChannelTable *table, guint counts[FORGE_SHOW_COUNT])
{
  memset (counts, 0, FORGE_SHOW_COUNT * sizeof counts[0]);
  for (guint i = 0; i < forge_channel_table_length (table); i++)
    for (guint show = 0; show < FORGE_SHOW_COUNT; show++)
      counts[show] += is_shown (forge_channel_table_line (table, i), (ForgeChannelShow)show) != 0;
}

/* How many channels before `index` are on. */
static int
enabled_before (const ForgeChannelTable *table, guint index)
{
  int count = 0;

  for (guint i = 0; i < index; i++)
    count += forge_channel_table_line (table, i)->enabled != 0;
  return count;
}

int
forge_channel_index_place (const ForgeChannelTable *table, gint64 id)
{
  int index = forge_channel_table_find (table, id);

  if (index < 0 || !forge_channel_table_line (table, (guint)index)->enabled)
    return 0;
  return enabled_before (table, (guint)index) + 1;
}

int
forge_channel_index_move_place (const ForgeChannelTable *table, gint64 id, gint64 before_id)
{
  int from = forge_channel_index_place (table, id);
  int before = before_id ? forge_channel_table_find (table, before_id)
                         : (int)forge_channel_table_length (table);

  if (from == 0 || before < 0)
    return 0;
  int to = enabled_before (table, (guint)before) + 1;
  if (to > from)
    to--;
  return to == from ? 0 : to;
}
