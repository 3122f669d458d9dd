/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * What a lineup run found out about each stream, kept for the next one. Memos hold for one set of
 * guide channels, told by a hash: with another all are worthless.
 */
typedef struct {
  gint64 stream_id;
  gint64 told;       /* hash of what the provider says of it */
  gint64 guide;      /* place of the guide channel that was found + 1, 0 = none */
  double confidence; /* of that */
  gint64 name_key;   /* hash of what rules find its name by, 0 = the name says nothing */
} ForgeMatchMemo;

/* Of ForgeMatchMemo by stream id; none if they are of another guide. Returns: (transfer full). */
GArray *forge_store_load_memos (ForgeStore *store, gint64 guide, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Adds and replaces; forgets all others first if they are of another guide. Inside the caller's
 * transaction. */
gboolean
forge_store_save_memos (ForgeStore *store, gint64 guide, const GArray *memos, GError **error);

/* TRUE if streams or guides changed since the last lineup run: the lineup does not follow from
 * them. Whatever changes them says so in the same transaction, so that a kill in between cannot
 * hide it. */
gboolean forge_store_lineup_is_stale (ForgeStore *store, gboolean *stale, GError **error);

G_END_DECLS
