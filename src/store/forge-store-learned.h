/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/* What was found out about an account by trying, so that it need not be tried again after a
 * restart. Gone with the account. */

/* Which shape of catch-up address its panel understands. */
#define FORGE_LEARNED_CATCHUP_SHAPE "catchup_shape"

/* FALSE without an error: nothing is known. */
gboolean forge_store_get_learned (ForgeStore *store,
                                  gint64 account_id,
                                  const char *what,
                                  gint64 *value,
                                  GError **error);
/* In a transaction of its own. */
gboolean forge_store_save_learned (ForgeStore *store,
                                   gint64 account_id,
                                   const char *what,
                                   gint64 value,
                                   GError **error);

G_END_DECLS
