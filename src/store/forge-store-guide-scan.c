/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-guide.h"
#include "store/forge-store-private.h"

/* The condition on channels is word for word that of the index channel_lineup. */
#define LINEUP_PROGRAMMES                                                                  \
  "SELECT c.id, c.number, coalesce (c.user_name, c.name), p.start + s.shift_minutes * 60," \
  " p.stop + s.shift_minutes * 60, p.title FROM channel c"                                 \
  " LEFT JOIN guide_channel g ON g.id = c.guide_channel_id"                                \
  " LEFT JOIN guide_source s ON s.id = g.source_id AND s.enabled"                          \
  " LEFT JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id"  \
  " LEFT JOIN programme p ON p.entry_id = e.id AND p.stop > ?1 - s.shift_minutes * 60"     \
  " WHERE c.gone_at IS NULL AND coalesce (c.user_enabled, c.enabled) = 1"                  \
  " ORDER BY c.position, c.id, p.start, p.id"

gboolean
forge_store_each_lineup_programme (ForgeStore *store,
                                   gint64 from,
                                   ForgeLineupProgrammeFunc each,
                                   gpointer user_data,
                                   GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step;

  if (!forge_statement_prepare (&st, store, LINEUP_PROGRAMMES, error))
    return FALSE;
  forge_bind_int (&st, from);
  while ((step = forge_statement_step (&st, error)) == FORGE_STEP_ROW) {
    const ForgeLineupProgramme row = { .channel_id = forge_column_int (&st, 0),
                                       .number = (int)forge_column_int (&st, 1),
                                       .name = forge_column_text (&st, 2),
                                       .start = forge_column_int (&st, 3),
                                       .stop = forge_column_int (&st, 4),
                                       .title = forge_column_text (&st, 5) };
    each (&row, user_data);
  }
  return step == FORGE_STEP_DONE;
}
