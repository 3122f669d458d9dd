/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store-search.h"

G_BEGIN_DECLS

/* Makes the search of programmes fit the guides in use and the enabled channels: titles, sub-titles
 * and descriptions in all languages. As forge_store_update_search (). */
gboolean forge_guide_update_search (ForgeStore *store,
                                    gint64 now_s,
                                    GCancellable *cancellable,
                                    GError **error);

typedef struct {
  const char *typed;
  gint64 now_s; /* programmes that end after this */
  guint limit, offset;
  const ForgeLineup *lineup; /* NULL: only what guides say */
  int days;                  /* of guide that clients are told of */
} ForgeGuideQuery;

/* Programmes with all the words of `typed`, as forge_store_search_programmes (); among them, by
 * their start, the events that the names of channels without a guide tell. */
gboolean forge_guide_search (ForgeStore *store,
                             const ForgeGuideQuery *query,
                             ForgeFoundFunc each,
                             gpointer user_data,
                             GError **error);

G_END_DECLS
