/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * Films and series of all accounts.
 *
 * An account's list is staged row by row, compared with what is stored, and applied in one
 * transaction – or not at all:
 *
 *   begin_titles → stage_title × n → plan → (caller decides) → apply   or   drop_titles
 *
 * Which title a row belongs to, in this order: the one with its TMDB id; the one that this account
 * had under this remote id, if the name or the time of adding agrees; the one with the same folded
 * title and the same year. Two rows with different TMDB ids are never one title. A title that
 * learns that it is another one stays as a signpost (merged_into): ids that were given out work for
 * ever. A title without sources is kept for FORGE_TITLE_KEEP_DAYS.
 */
#define FORGE_TITLE_KEEP_DAYS 400

typedef struct {
  int added, changed, removed; /* what this account has */
  int before, after;
} ForgeTitlePlan;

/* `kind`: MOVIE or SERIES. */
gboolean forge_store_begin_titles (ForgeStore *store,
                                   gint64 account_id,
                                   ForgeMediaKind kind,
                                   GError **error);
/* A repeated remote id keeps the first row. Strings are copied. */
gboolean
forge_store_stage_title (ForgeStore *store, const ForgeMediaListing *listing, GError **error);
gboolean forge_store_plan_titles (ForgeStore *store, ForgeTitlePlan *plan, GError **error);
/* Writes the account's count too. Inside the caller's transaction. `now_s` UTC seconds. */
gboolean
forge_store_apply_titles (ForgeStore *store, gint64 now_s, int tombstone_days, GError **error);
void forge_store_drop_titles (ForgeStore *store);

/* What get_vod_info said: the TMDB id (0 = nothing), plot, duration and so on of the source; NULL
 * and 0 leave what is known. In a transaction of its own. */
gboolean forge_store_save_movie_info (ForgeStore *store,
                                      gint64 source_id,
                                      const ForgeMediaListing *info,
                                      gint64 now_s,
                                      GError **error);
/* What get_series_info said: replaces the episodes of the series' source by `episodes` (of
 * ForgeMediaListing*). None at all leaves what was known. `tmdb_id` 0 = it said none. In a
 * transaction of its own. */
gboolean forge_store_save_episodes (ForgeStore *store,
                                    gint64 source_id,
                                    gint64 tmdb_id,
                                    GPtrArray *episodes,
                                    gint64 now_s,
                                    GError **error);

/* Signposts are followed. NOT_FOUND if there is no such id; one that no account has just now is
 * found, with sources = 0. Returns: (transfer full). */
ForgeMedia *
forge_store_get_media (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error);
/* Of ForgeMediaSource*, in order of preference: accounts that work now first, then the better
 * picture, then the older account. Only of accounts that are switched on; may be empty. For an
 * episode only what has been read of its series (see forge_store_save_episodes). Returns: (transfer
 * full). */
GPtrArray *
forge_store_media_sources (ForgeStore *store, ForgeMediaKind kind, gint64 id, GError **error);

/* 0 without an error: there is none. */
gint64
forge_store_find_tmdb (ForgeStore *store, ForgeMediaKind kind, gint64 tmdb_id, GError **error);
gint64 forge_store_find_episode (ForgeStore *store,
                                 gint64 series_id,
                                 int season,
                                 int number,
                                 GError **error);
/* Of ForgeMedia*, by season and number, those that can be played. `season` < 0 = all. Returns:
 * (transfer full). */
GPtrArray *
forge_store_list_episodes (ForgeStore *store, gint64 series_id, int season, GError **error);

typedef enum {
  FORGE_MEDIA_BY_TITLE,
  FORGE_MEDIA_BY_YEAR,   /* newest first */
  FORGE_MEDIA_BY_NOTICE, /* last noticed first */
} ForgeMediaOrder;

typedef struct {
  ForgeMediaKind kind; /* MOVIE or SERIES */
  const char
      *search;       /* words, the last one may be a beginning; NULL or "" = all. Best hits first */
  gint64 account_id; /* 0 = of all accounts */
  const char *group; /* without `search`: of this provider's category, "" = of none; NULL = all */
  ForgeMediaOrder order; /* without `search` */
  guint offset, limit;   /* limit 0 = all */
} ForgeMediaQuery;

/* Of ForgeMedia*: those that an enabled account has. `*total` (may be NULL) receives how many there
 * are without offset and limit. Returns: (transfer full). */
GPtrArray *forge_store_list_media (ForgeStore *store,
                                   const ForgeMediaQuery *query,
                                   guint *total,
                                   GError **error);
/* The same one by one, for lists that are too long to hold; not for a search. `func` returns FALSE
 * to stop and keeps nothing without a reference. */
typedef gboolean (*ForgeMediaFunc) (ForgeMedia *media, gpointer user_data);
gboolean forge_store_each_media (ForgeStore *store,
                                 const ForgeMediaQuery *query,
                                 ForgeMediaFunc func,
                                 gpointer user_data,
                                 GError **error);
/* The categories of what is in such a list, as char*, "" for none, in the order of the providers.
 * Returns: (transfer full). */
GPtrArray *forge_store_list_media_groups (ForgeStore *store, ForgeMediaKind kind, GError **error);

G_END_DECLS
