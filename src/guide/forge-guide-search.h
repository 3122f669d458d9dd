/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-search.h"

G_BEGIN_DECLS

/* Makes the search of programmes fit the guides in use and the enabled channels: titles, sub-titles
 * and descriptions in all languages. As forge_store_update_search (). */
gboolean forge_guide_update_search (ForgeStore *store,
                                    gint64 now_s,
                                    GCancellable *cancellable,
                                    GError **error);

/* Programmes with all the words of `typed`, as forge_store_search_programmes (). */
gboolean forge_guide_search (ForgeStore *store,
                             const char *typed,
                             gint64 from_s,
                             guint limit,
                             guint offset,
                             ForgeFoundFunc each,
                             gpointer user_data,
                             GError **error);

G_END_DECLS
