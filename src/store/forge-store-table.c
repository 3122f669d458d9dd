/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-table.h"

#include "store/forge-store-private.h"

#define LINES                                                                                     \
  "SELECT c.id, c.number, coalesce (c.user_name, c.name), coalesce (c.user_group, c.group_name)," \
  " coalesce (c.user_enabled, c.enabled), c.user_name IS NOT NULL,"                               \
  " iif (e.id IS NULL, 0, c.guide_channel_id), e.names"                                           \
  " FROM channel c LEFT JOIN guide_channel g ON g.id = c.guide_channel_id"                        \
  " LEFT JOIN guide_source s ON s.id = g.source_id AND s.enabled"                                 \
  " LEFT JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id"         \
  " WHERE c.gone_at IS NULL ORDER BY c.position, c.id"

/* Grouped along the primary key: no sorting. */
#define STREAMS                                                                                               \
  "SELECT m.channel_id, count (*), max (t.quality), max (iif (m.manual, 1.0, m.confidence)), max (m.manual)," \
  " min (iif (m.manual, 1.0, m.confidence)) FROM stream_match m"                                              \
  " CROSS JOIN stream t ON t.id = m.stream_id AND t.gone_at IS NULL"                                          \
  " WHERE NOT m.rejected AND m.gone_at IS NULL GROUP BY m.channel_id"

static void
append_line (ForgeStatement *st, ForgeChannelTable *table)
{
  const ForgeChannelLine line = {
    .id = forge_column_int (st, 0),
    .number = (int)forge_column_int (st, 1),
    .name = forge_column_text (st, 2),
    .group = forge_column_text (st, 3),
    .enabled = forge_column_int (st, 4) != 0,
    .renamed = forge_column_int (st, 5) != 0,
    .guide_channel_id = forge_column_int (st, 6),
    .quality = FORGE_QUALITY_UNKNOWN,
  };

  forge_channel_table_append (table, &line, forge_column_text (st, 7));
}

static void
set_streams (ForgeStatement *st, ForgeChannelTable *table)
{
  forge_channel_table_set_streams (table,
                                   forge_column_int (st, 0),
                                   (int)forge_column_int (st, 1),
                                   (ForgeQuality)forge_column_int (st, 2),
                                   sqlite3_column_double (st->handle, 3),
                                   sqlite3_column_double (st->handle, 5),
                                   forge_column_int (st, 4) != 0);
}

typedef void (*RowFunc) (ForgeStatement *st, ForgeChannelTable *table);

static gboolean
read_rows (ForgeStore *store,
           const char *sql,
           RowFunc each,
           ForgeChannelTable *table,
           GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, sql, error))
    return FALSE;
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    each (&st, table);
  return step == FORGE_STEP_DONE;
}

ForgeChannelTable *
forge_store_load_channel_table (ForgeStore *store, GError **error)
{
  g_autoptr (ForgeChannelTable) table = forge_channel_table_new ();
  ForgeTransaction transaction = FORGE_TRANSACTION_READ;

  if (!forge_store_enter (store, &transaction, error))
    return NULL;
  gboolean ok = read_rows (store, LINES, append_line, table, error) &&
                read_rows (store, STREAMS, set_streams, table, error);
  return forge_store_leave (store, transaction, ok, error) ? g_steal_pointer (&table) : NULL;
}
