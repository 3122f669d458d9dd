/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* Stores a new account; `account->id` is ignored. A login (server, user name) that was removed
 * before gets its old id back. Returns the id, 0 on error (INVALID if the name is taken). */
gint64 forge_store_add_account (ForgeStore *store, const ForgeAccount *account, GError **error);
/* Writes every column of the account with `account->id`. NOT_FOUND if it is gone. */
gboolean
forge_store_update_account (ForgeStore *store, const ForgeAccount *account, GError **error);
/* Removes it with its streams, categories, own guide and matches. Channels stay (as tombstones if
 * they have nothing left) and the user's matches wait, so a later re-add finds all of it again. */
gboolean forge_store_remove_account (ForgeStore *store, gint64 id, GError **error);
/* NOT_FOUND if there is none. Returns: (transfer full). */
ForgeAccount *forge_store_get_account (ForgeStore *store, gint64 id, GError **error);
/* Of ForgeAccount*, by id. Returns: (transfer full). */
GPtrArray *forge_store_list_accounts (ForgeStore *store, GError **error);

G_END_DECLS
