/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-guide.h"
#include "store/forge-store-private.h"

#include <string.h>

/* The condition on channels is word for word that of the index channel_lineup. */
#define LINEUP_PROGRAMMES                                                                                      \
  "SELECT c.id, c.number, coalesce (c.user_name, c.name), p.start + (s.shift_minutes + c.shift_minutes) * 60," \
  " p.stop + (s.shift_minutes + c.shift_minutes) * 60, p.title FROM channel c"                                 \
  " LEFT JOIN guide_channel g ON g.id = c.guide_channel_id"                                                    \
  " LEFT JOIN guide_source s ON s.id = g.source_id AND s.enabled"                                              \
  " LEFT JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id"                      \
  " LEFT JOIN programme p ON p.entry_id = e.id AND p.stop > ?1 - (s.shift_minutes + c.shift_minutes) * 60"     \
  " WHERE c.gone_at IS NULL AND coalesce (c.user_enabled, c.enabled) = 1"                                      \
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

typedef struct {
  const char *name;
  char *value; /* owned by whoever asks */
} Attribute;

static void
on_element (GMarkupParseContext *context,
            const char *element,
            const char **names,
            const char **values,
            gpointer user_data,
            GError **error)
{
  Attribute *wanted = user_data;

  for (; *names && !wanted->value; names++, values++)
    if (strcmp (*names, wanted->name) == 0 && **values)
      wanted->value = g_strdup (*values);
}

/* Attributes are kept as they stood in the guide, escaped. */
static char *
find_attribute (const char *attributes, const char *name)
{
  g_autofree char *element = g_strdup_printf ("<programme %s/>", attributes);
  Attribute found = { name, NULL };
  const GMarkupParser parser = { .start_element = on_element };
  g_autoptr (GMarkupParseContext) context =
      g_markup_parse_context_new (&parser, G_MARKUP_DEFAULT_FLAGS, &found, NULL);

  g_markup_parse_context_parse (context, element, -1, NULL);
  return found.value;
}

/* The shift is the source's and the channel's. */
#define PROGRAMME_AT                                                                 \
  "SELECT p.attributes FROM stream_match m"                                          \
  " JOIN channel c ON c.id = m.channel_id AND c.gone_at IS NULL"                     \
  " JOIN guide_channel g ON g.id = c.guide_channel_id"                               \
  " JOIN guide_source s ON s.id = g.source_id AND s.enabled"                         \
  " JOIN guide_entry e ON e.generation = s.generation AND e.guide_channel_id = g.id" \
  " JOIN programme p ON p.entry_id = e.id"                                           \
  " AND p.start <= ?2 - (s.shift_minutes + c.shift_minutes) * 60"                    \
  " AND p.stop > ?2 - (s.shift_minutes + c.shift_minutes) * 60"                      \
  " WHERE m.stream_id = ?1 AND NOT m.rejected AND m.gone_at IS NULL"                 \
  " AND p.attributes IS NOT NULL ORDER BY p.start DESC"

gboolean
forge_store_find_catchup_id (ForgeStore *store,
                             gint64 stream_id,
                             gint64 time_s,
                             char **catchup_id,
                             GError **error)
{
  g_auto (ForgeStatement) st = FORGE_STATEMENT_INIT;
  ForgeStep step = FORGE_STEP_DONE;

  *catchup_id = NULL;
  if (!forge_statement_prepare (&st, store, PROGRAMME_AT, error))
    return FALSE;
  forge_bind_int (&st, stream_id);
  forge_bind_int (&st, time_s);
  while (!*catchup_id && (step = forge_statement_step (&st, error)) == FORGE_STEP_ROW)
    *catchup_id = find_attribute (forge_column_text (&st, 0), "catchup-id");
  return step != FORGE_STEP_ERROR;
}
