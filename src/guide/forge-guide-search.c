/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-search.h"

#include "formats/forge-xmltv-texts.h"
#include "model/forge-search-words.h"

static void
add_words (const ForgeProgrammeRow *row, GString *words)
{
  g_autoptr (GString) texts = g_string_sized_new (512);

  forge_xmltv_append_texts (texts, row->inner, row->inner_length);
  forge_search_add_words (words, texts->str, texts->len);
}

gboolean
forge_guide_update_search (ForgeStore *store,
                           gint64 now_s,
                           GCancellable *cancellable,
                           GError **error)
{
  return forge_store_update_search (store, now_s, add_words, cancellable, error);
}

gboolean
forge_guide_search (ForgeStore *store,
                    const char *typed,
                    gint64 from_s,
                    guint limit,
                    guint offset,
                    ForgeFoundFunc each,
                    gpointer user_data,
                    GError **error)
{
  g_auto (GStrv) words = forge_search_query (typed);
  const ForgeProgrammeQuery query = { (const char *const *)words, from_s, limit, offset };

  return forge_store_search_programmes (store, &query, each, user_data, error);
}
