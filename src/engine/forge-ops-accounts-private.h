/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/* What adding, changing and replacing an account share; for forge-ops-account*.c and
 * forge-ops-m3u.c only. */

/* Fills address and login of `account` from what was typed; `password` comes back (transfer full).
 */
gboolean forge_ops_apply_login (ForgeAccount *account,
                                const ForgeNewAccount *wanted,
                                char **password,
                                GError **error);
/* User agent, proxy and mirrors, where they are given. */
gboolean
forge_ops_apply_route (ForgeAccount *account, const ForgeNewAccount *wanted, GError **error);
/* `*mirrors` is replaced by what was typed, as stored. */
gboolean forge_ops_normalise_mirrors (const char *const *typed, char ***mirrors, GError **error);

/* Before the provider is asked: the store would say it only afterwards. */
gboolean forge_ops_check_is_new (ForgeOps *ops, const char *name, GError **error);
/* Where the login before the last replacement is kept as a secret. Returns: (transfer full). */
char *forge_ops_former_name (gint64 id) G_GNUC_WARN_UNUSED_RESULT;
/* After a replacement: the account's own guide is the new provider's, and is read. That it fails is
 * only an event. */
gboolean forge_ops_follow_replacement (ForgeOps *ops, gint64 id, GError **error);
/* An account that the panel calls expired or banned cannot be added: nothing would play. */
gboolean forge_ops_log_in_active (ForgeOps *ops,
                                  ForgeAccount *account,
                                  const char *password,
                                  GError **error);

gboolean forge_ops_keep_password (ForgeOps *ops, gint64 id, const char *password, GError **error);
/* Puts the proxy's login, if it has one, into the secrets and leaves its shown form. */
gboolean forge_ops_hide_proxy (ForgeOps *ops, ForgeAccount *account, gint64 id, GError **error);

/* Stores account, password and, if wanted, the panel's own guide, all or nothing. Returns the id, 0
 * on error. */
gint64 forge_ops_store_account (ForgeOps *ops,
                                const ForgeAccount *account,
                                const char *password,
                                gboolean with_guide,
                                GError **error);

typedef gboolean (*ForgeAccountChange) (ForgeOps *ops,
                                        ForgeAccount *account,
                                        gconstpointer data,
                                        GError **error);
/* Loads, lets `change` edit a copy, and stores it, in one transaction: a refresh writes its figures
 * into the same row. Then publishes. */
gboolean forge_ops_change_account (ForgeOps *ops,
                                   gint64 id,
                                   ForgeAccountChange change,
                                   gconstpointer data,
                                   GError **error);

G_END_DECLS
