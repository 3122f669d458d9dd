/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * Where the streams of an M3U account play, staged beside its streams (forge-store-streams.h).
 * `url` holds no credentials but references to them (provider/forge-m3u-slots.h): the store does
 * not look at it.
 */
gboolean forge_store_begin_urls (ForgeStore *store, GError **error);
/* The first of a remote id stays, as for streams. `user_agent` may be NULL. */
gboolean forge_store_stage_url (ForgeStore *store,
                                gint64 remote_id,
                                const char *url,
                                const char *user_agent,
                                GError **error);
/* Inside the caller's transaction. `only_new`: leaves those that are there (for a list that is held
 * back); else what is staged replaces them, and those of deleted streams go. */
gboolean
forge_store_apply_urls (ForgeStore *store, gint64 account_id, gboolean only_new, GError **error);
/* NOT_FOUND if there is none. `*user_agent` may come back NULL. Both (transfer full). */
gboolean forge_store_get_url (ForgeStore *store,
                              gint64 account_id,
                              gint64 remote_id,
                              char **url,
                              char **user_agent,
                              GError **error);
typedef void (*ForgeUrlFunc) (const char *url, gpointer user_data);
gboolean forge_store_each_url (ForgeStore *store,
                               gint64 account_id,
                               ForgeUrlFunc each,
                               gpointer user_data,
                               GError **error);

G_END_DECLS
