/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/media/forge-media-private.h"

G_BEGIN_DECLS

#define FORGE_MEDIA_PLAYLIST_TYPE "application/vnd.apple.mpegurl"
/* Of a playlist. */
#define FORGE_MEDIA_MAX_PLAYLIST_BYTES (4 * 1024 * 1024)

/* How long the links in a playlist work (facts seeds.md C9). */
#define FORGE_MEDIA_LIVE_LINK_S     900
#define FORGE_MEDIA_LIVE_PLAYLIST_S (24 * 3600)
#define FORGE_MEDIA_FILM_LINK_S     5400 /* and twice what the film lasts */
#define FORGE_MEDIA_DEFAULT_LINK_S  (6 * 3600)

/**
 * ForgeMediaContext: what a part of a playlist needs to know of where it stands; goes through the
 * player in `ctx`. With it, a part whose address is no longer valid is found again in a new
 * playlist: by its number in the multivariant playlist, then by its media sequence number.
 */
typedef struct {
  ForgeMediaKind kind;
  gint64 id;
  gint64 account_id;
  gint64 parent;   /* number of the media playlist in the multivariant one, -1 = there is none */
  gint64 ordinal;  /* number of the address in its playlist */
  gint64 sequence; /* media sequence number, -1 = a playlist */
  gint64 user;     /* of our Xtream API, for whom it counts; 0 = nobody */
  char *language;  /* of the wish; NULL = any */
  char *page, *format_id; /* of a site's: how to ask is known by them; NULL */
  GHashTable *variables;  /* EXT-X-DEFINE of the multivariant playlist, NULL = none */
} ForgeMediaContext;

void forge_media_context_clear (ForgeMediaContext *context);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeMediaContext, forge_media_context_clear)
/* base64url of a query. (transfer full) */
char *forge_media_context_format (const ForgeMediaContext *context) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE: it is damaged. */
gboolean forge_media_context_parse (const char *text, ForgeMediaContext *context);

/* Reads the playlist, which closes `opened`, and answers it with our links in it. */
ForgeReply *forge_media_playlist_reply (ForgeMediaService *service,
                                        const ForgeMediaWish *wish,
                                        const ForgeMediaAnswer *answer,
                                        ForgeMediaOpened *opened,
                                        const ForgeRequest *request,
                                        GCancellable *cancellable);

/* The address of the part now, from a playlist that is fetched anew. NULL: it is not there any
 * more. (transfer full) */
char *forge_media_playlist_find_again (ForgeMediaService *service,
                                       const ForgeMediaWish *wish,
                                       const ForgeMediaContext *context,
                                       gint64 *account_id,
                                       GCancellable *cancellable,
                                       GError **error);

G_END_DECLS
