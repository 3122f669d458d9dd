/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/* What pages of sites held: texts that were sealed (store/forge-seal.h) under hashed keys. Old ones
 * go by themselves. */

#define FORGE_STORE_MAX_PAGES 500

/* NULL without an error: there is none since `since_s`. `*time` UTC seconds. Returns: (transfer
 * full). */
char *forge_store_get_page (ForgeStore *store,
                            const char *key_hash,
                            gint64 since_s,
                            gint64 *time,
                            GError **error);
/* In a transaction of its own. Forgets what is older than `since_s`, and the oldest beyond
 * FORGE_STORE_MAX_PAGES. */
gboolean forge_store_save_page (ForgeStore *store,
                                const char *key_hash,
                                gint64 time,
                                const char *sealed,
                                gint64 since_s,
                                GError **error);
gboolean forge_store_forget_page (ForgeStore *store, const char *key_hash, GError **error);

G_END_DECLS
