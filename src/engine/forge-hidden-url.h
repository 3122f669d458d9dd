/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-secrets.h"

G_BEGIN_DECLS

/**
 * URLs that hold a login: a guide's xmltv.php?username=…&password=…, a proxy's user:password@. The
 * whole URL goes into ForgeSecrets; what is stored, listed and exported is its shown form, which
 * has "***" where the login was.
 */

/* TRUE if `url` has user information or a query that names a user, password, key or token. Paths
 * and NULL have none. */
gboolean forge_hidden_url_has_login (const char *url);
/* TRUE for a shown form that stands for a URL in ForgeSecrets. */
gboolean forge_hidden_url_is_shown_form (const char *text);
/* The host with "***" for its path or, if the login is before the host, "***@" there. (transfer
 * full) */
char *forge_hidden_url_show (const char *url) G_GNUC_WARN_UNUSED_RESULT;

/* Keeps `url` under `name` if it has a login, and forgets what was under `name` if not. */
gboolean forge_hidden_url_keep (ForgeSecrets *secrets,
                                const char *name,
                                const char *url,
                                GCancellable *cancellable,
                                GError **error);
/* What `text` stands for; a copy of it when it is no shown form. Wipe it with forge_secret_free ().
 * NULL `text` gives NULL without an error. Error: NOT_FOUND: it has to be entered again. */
char *forge_hidden_url_reveal (ForgeSecrets *secrets,
                               const char *name,
                               const char *text,
                               GCancellable *cancellable,
                               GError **error);

/* Their names in ForgeSecrets. (transfer full) */
char *forge_hidden_url_name_of_guide (gint64 guide_id) G_GNUC_WARN_UNUSED_RESULT;
char *forge_hidden_url_name_of_proxy (gint64 account_id) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
