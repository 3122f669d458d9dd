/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-json-items.h"
#include "model/forge-account.h"
#include "model/forge-channel.h"
#include "net/forge-http.h"

G_BEGIN_DECLS

/* Whom to talk to. Strings are lent. */
typedef struct {
  const char *server, *username, *password;
} ForgeXtreamLogin;

/* Logs in and fills status, status_text, expires_at, panel_max_connections, active_connections and
 * timezone of `account` (private to the caller). Succeeds for an expired or banned account
 * too: the status says so. AUTH when the panel refuses the credentials, RETRY when it cannot be
 * reached, INVALID when what answers is no Xtream panel (the message quotes what came). Facts §1.2.
 */
gboolean forge_xtream_login (ForgeHttp *http,
                             const ForgeXtreamLogin *login,
                             ForgeAccount *account,
                             GCancellable *cancellable,
                             GError **error);

/* Category id → name. Returns: (transfer full). */
GHashTable *forge_xtream_live_categories (ForgeHttp *http,
                                          const ForgeXtreamLogin *login,
                                          GCancellable *cancellable,
                                          GError **error);

/* Calls `each` for every usable live stream (radio too), group joined from `categories`; the stream
 * is lent. `counts` tells handed out and skipped. INVALID when it is not JSON or truncated (then
 * `each` was called for what came). */
typedef gboolean (*ForgeXtreamStreamFunc) (const ForgeStream *stream,
                                           gpointer user_data,
                                           GError **error);
gboolean forge_xtream_live_streams (ForgeHttp *http,
                                    const ForgeXtreamLogin *login,
                                    GHashTable *categories,
                                    ForgeXtreamStreamFunc each,
                                    gpointer user_data,
                                    ForgeJsonCounts *counts,
                                    GCancellable *cancellable,
                                    GError **error);

/* Reads one get_live_streams item (for the tool and for tests). NULL if it has no usable stream_id
 * or name. Returns: (transfer full). */
ForgeStream *forge_xtream_parse_stream (JsonObject *object, GHashTable *categories);

/* URLs hold the password: build them late, never store, never log. Returns: (transfer full). */
char *forge_xtream_live_url (const ForgeXtreamLogin *login, gint64 remote_id);
char *forge_xtream_live_playlist_url (const ForgeXtreamLogin *login, gint64 remote_id);
char *forge_xtream_guide_url (const ForgeXtreamLogin *login);

G_END_DECLS
