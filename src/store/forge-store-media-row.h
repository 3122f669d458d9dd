/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-library.h"
#include "store/forge-store-private.h"

G_BEGIN_DECLS

/* What the modules of the library share. `s` is a title_source, `a` its account. */
#define FORGE_SOURCE_IS_HERE "s.gone_at IS NULL AND a.enabled"
#define FORGE_SOURCE_ORDER   "a.status = 'active' DESC, s.quality DESC, s.account_id, s.position"

/* Follows the signpost, if it is one. An unknown id stays. */
gboolean forge_store_real_title (ForgeStore *store, gint64 *id, GError **error);
/* Rows of kind, id, account, remote id, extension, name, language, quality, duration, modified,
 * info_at, info_seen. Returns: (transfer full). */
GPtrArray *forge_store_read_sources (ForgeStatement *st, GError **error);

ForgeMedia *forge_store_get_episode (ForgeStore *store, gint64 id, GError **error);
GPtrArray *forge_store_episode_sources (ForgeStore *store, gint64 id, GError **error);

/* `source_id` turned out to be `tmdb_id`: its title takes the id, or the source goes to the title
 * that has it. Inside the caller's transaction. */
gboolean
forge_store_learn_tmdb (ForgeStore *store, gint64 source_id, gint64 tmdb_id, GError **error);

G_END_DECLS
