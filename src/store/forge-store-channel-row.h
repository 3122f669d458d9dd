/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-channels.h"
#include "store/forge-store-private.h"

G_BEGIN_DECLS

#define FORGE_MAX_CHANNEL_NUMBER 99999

/* The number that the next new channel gets: above every number ever given, else (only when 99999
 * is reached) the lowest free one. LIMIT when all are in use. */
gboolean forge_channel_row_next_number (ForgeStore *store, int *number, GError **error);
/* Remembers that `number` was given. */
gboolean forge_channel_row_note_number (ForgeStore *store, int number, GError **error);
/* Inserts the channel, with its imported decisions if some wait, or updates what the provider says
 * of it. Returns its id, 0 on error. */
gint64 forge_channel_row_put (ForgeStore *store, const ForgeChannelRow *row, GError **error);
/* As forge_store_promote_stream (), but leaves the user's enabled value alone. */
gint64 forge_channel_row_promote (ForgeStore *store, gint64 stream_id, GError **error);
/* Applies the imported decisions whose channel and stream are there by now. */
gboolean forge_channel_row_apply_pending (ForgeStore *store, GError **error);

G_END_DECLS
