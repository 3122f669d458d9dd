/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-streams.h"

G_BEGIN_DECLS

/**
 * Streams of an account whose provider is another one now. What the user and the lineup know of a
 * stream hangs on its row, so that the row goes over to the new provider's stream that is the same.
 */
typedef struct {
  gint64 stream_id;
  gint64 remote_id; /* that it has from now on */
} ForgeAdoption;

/* As forge_store_each_stream (), of one account, with its tombstones, which come last. */
gboolean forge_store_each_stream_of (ForgeStore *store,
                                     gint64 account_id,
                                     ForgeStreamFunc each,
                                     gpointer user_data,
                                     GError **error);
/* What is staged, in its order; `id` is 0. */
gboolean forge_store_each_staged (ForgeStore *store,
                                  ForgeStreamFunc each,
                                  gpointer user_data,
                                  GError **error);
/* Inside the caller's transaction, between staging and applying. `adoptions` of ForgeAdoption, no
 * id twice. The account's other streams keep their rows under remote ids that no provider gives,
 * and the keys of promoted channels follow. Addresses of list entries are forgotten: the stage
 * brings new ones. */
gboolean forge_store_adopt_streams (ForgeStore *store,
                                    gint64 account_id,
                                    const GArray *adoptions,
                                    GError **error);

G_END_DECLS
