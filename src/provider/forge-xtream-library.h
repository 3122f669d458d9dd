/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"
#include "provider/forge-xtream.h"

G_BEGIN_DECLS

/* Category id → name of films or series. Returns: (transfer full). */
GHashTable *forge_xtream_media_categories (ForgeHttp *http,
                                           const ForgeXtreamLogin *login,
                                           ForgeMediaKind kind,
                                           GCancellable *cancellable,
                                           GError **error);

/* Calls `each` for every usable film (MOVIE) or series; the listing is lent. Errors and `counts` as
 * with forge_xtream_live_streams (). */
typedef gboolean (*ForgeXtreamMediaFunc) (const ForgeMediaListing *listing,
                                          gpointer user_data,
                                          GError **error);
gboolean forge_xtream_media_list (ForgeHttp *http,
                                  const ForgeXtreamLogin *login,
                                  ForgeMediaKind kind,
                                  GHashTable *categories,
                                  ForgeXtreamMediaFunc each,
                                  gpointer user_data,
                                  ForgeJsonCounts *counts,
                                  GCancellable *cancellable,
                                  GError **error);

/* One row of get_vod_streams or get_series. NULL if it has no usable id or name. `categories` may
 * be NULL. Returns: (transfer full). */
ForgeMediaListing *
forge_xtream_parse_media (JsonObject *row, ForgeMediaKind kind, GHashTable *categories)
    G_GNUC_WARN_UNUSED_RESULT;

/* get_vod_info: what it says beyond the list (tmdb_id, plot, poster, genre, duration_s, extension);
 * the rest is empty. Returns: (transfer full). */
ForgeMediaListing *forge_xtream_movie_info (ForgeHttp *http,
                                            const ForgeXtreamLogin *login,
                                            gint64 remote_id,
                                            GCancellable *cancellable,
                                            GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* get_series_info. */
typedef struct {
  gint64 tmdb_id;      /* 0 = none */
  GPtrArray *episodes; /* of ForgeMediaListing*, as they came; at most FORGE_MAX_EPISODES */
  guint skipped;       /* without a usable id */
} ForgeSeriesInfo;

#define FORGE_MAX_EPISODES 20000

void forge_series_info_clear (ForgeSeriesInfo *info);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeSeriesInfo, forge_series_info_clear)
/* A series without episodes is no error: panels answer so for ids that they do not know. */
gboolean forge_xtream_series_info (ForgeHttp *http,
                                   const ForgeXtreamLogin *login,
                                   gint64 remote_id,
                                   ForgeSeriesInfo *info,
                                   GCancellable *cancellable,
                                   GError **error);
/* Reads an `episodes` member in any of its shapes: by season, list of lists, flat list. */
void forge_xtream_parse_episodes (JsonNode *node, ForgeSeriesInfo *info);

/* Of a film or an episode. Holds the password: build it late, never store, never log. `extension`
 * NULL = "mp4". Returns: (transfer full). */
char *forge_xtream_media_url (const ForgeXtreamLogin *login,
                              ForgeMediaKind kind,
                              gint64 remote_id,
                              const char *extension) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
