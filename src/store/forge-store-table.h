/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel-table.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* All channels but tombstones in their order, with what their streams say, in two queries of one
 * snapshot. Reads 20,000 channels with 60,000 matches in about a tenth of a second. Returns:
 * (transfer full). */
ForgeChannelTable *forge_store_load_channel_table (ForgeStore *store, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Calls `each` for programmes of channels that are on and that end after `from` (UTC seconds),
 * until it returns FALSE. The strings are lent. */
typedef gboolean (*ForgeUpcomingFunc) (gint64 channel_id,
                                       const char *channel,
                                       gint64 start,
                                       gint64 stop,
                                       const char *title,
                                       gpointer user_data);
gboolean forge_store_each_upcoming (ForgeStore *store,
                                    gint64 from,
                                    ForgeUpcomingFunc each,
                                    gpointer user_data,
                                    GError **error);

G_END_DECLS
