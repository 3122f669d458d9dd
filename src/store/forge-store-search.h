/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-guide.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The search of programmes: an index of the words of what is on the channels that are enabled.
 *
 * It is brought up to date after the fact, in steps, by whoever changed the guide or the lineup
 * (forge_store_update_search ()); until then the search finds what it knew, and nothing that is
 * gone.
 */

/* Appends the words of a programme to `words`, as forge_search_add_words () writes them. */
typedef void (*ForgeWordsFunc) (const ForgeProgrammeRow *row, GString *words);

/* Makes the index fit the enabled channels and the guides in use, for programmes that end after
 * `now_s`. Does nothing if it fits. After a crash or a cancellation the next call begins anew. One
 * at a time. Outside of a transaction. Role: job. Blocks. */
gboolean forge_store_update_search (ForgeStore *store,
                                    gint64 now_s,
                                    ForgeWordsFunc words,
                                    GCancellable *cancellable,
                                    GError **error);

/* A programme that was found; strings are lent. `number` is the channel's. */
typedef struct {
  gint64 channel_id;
  int number;
  const char *channel;
  ForgeProgrammeRow row; /* times with the source's shift */
} ForgeFoundProgramme;

/* FALSE to stop. */
typedef gboolean (*ForgeFoundFunc) (const ForgeFoundProgramme *found, gpointer user_data);

typedef struct {
  const char *const *words; /* as forge_search_query () makes them; all must be found */
  gint64 from_s;            /* programmes that end after this */
  guint limit, offset;
} ForgeProgrammeQuery;

/* By start. The last of the words may be the beginning of one, as may each that has two characters.
 * Costs what it hands out, not what there is. */
gboolean forge_store_search_programmes (ForgeStore *store,
                                        const ForgeProgrammeQuery *query,
                                        ForgeFoundFunc each,
                                        gpointer user_data,
                                        GError **error);

G_END_DECLS
