/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-app-user.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* Users of our own Xtream API by name, of ForgeAppUser*. Returns: (transfer full). */
GPtrArray *forge_store_list_users (ForgeStore *store, GError **error);
/* Returns the id, 0 on error: INVALID when the name is taken or there is no such device, LIMIT when
 * there are FORGE_MAX_APP_USERS. */
gint64 forge_store_add_user (ForgeStore *store, const ForgeAppUser *user, GError **error);
/* All but its name and the time it was made. NOT_FOUND, INVALID as above. */
gboolean forge_store_update_user (ForgeStore *store, const ForgeAppUser *user, GError **error);
gboolean forge_store_remove_user (ForgeStore *store, gint64 id, GError **error); /* NOT_FOUND */

G_END_DECLS
