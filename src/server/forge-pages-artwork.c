/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "server/forge-artwork.h"
#include "server/forge-tuner-pages-private.h"
#include "store/forge-store-library.h"

/* /logo/ID, /poster/movie/ID and the like: stable addresses for clients; where the picture comes
 * from may change. */

/* Only plain web addresses: whatever a guide says ends in a header here. */
static gboolean
is_safe_redirect (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);

  for (const char *at = url; *at; at++)
    if ((guchar)*at <= 0x20 || (guchar)*at >= 0x7f)
      return FALSE;
  return uri && g_uri_get_host (uri) && !g_uri_get_userinfo (uri) &&
         (g_str_equal (g_uri_get_scheme (uri), "http") ||
          g_str_equal (g_uri_get_scheme (uri), "https"));
}

static ForgeReply *
redirect_to (const char *url)
{
  ForgeReply *reply = forge_reply_new_status (302);

  forge_reply_add_header (reply, "Location", url);
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

static ForgeReply *
picture_reply (GBytes *picture, const char *content_type)
{
  ForgeReply *reply = forge_reply_new (content_type, picture);

  forge_reply_add_header (reply, "Cache-Control", "max-age=86400");
  forge_reply_add_header (reply, "X-Content-Type-Options", "nosniff");
  forge_reply_add_header (reply, "Content-Security-Policy", "default-src 'none'; sandbox");
  return reply;
}

/* Ours, or where to fetch it meanwhile. */
static ForgeReply *
serve (ForgeArtwork *artwork, const char *url, GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  const char *type = NULL;
  GBytes *picture = artwork ? forge_artwork_get (artwork, url, &type, cancellable, &error) : NULL;

  if (picture)
    return picture_reply (picture, type);
  if (artwork ? g_error_matches (error, FORGE_ERROR, FORGE_ERROR_LIMIT) &&
                    forge_artwork_may_redirect (artwork, url)
              : TRUE)
    return redirect_to (url);
  return forge_reply_new_status (404);
}

static ForgeReply *
on_logo (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_auto (ForgePagesSnapshot) now = { 0 };
  const ForgeChannel *channel = NULL;
  gint64 id;

  forge_pages_snapshot (pages, request->local_port, &now);
  if (now.lineup && g_ascii_string_to_signed (request->tail, 10, 1, G_MAXINT64, &id, NULL))
    channel = forge_lineup_find_id (now.lineup, id);
  if (!channel || !channel->logo || !is_safe_redirect (channel->logo))
    return forge_reply_new_status (404);
  return serve (pages->artwork, channel->logo, cancellable);
}

/* NULL = none. (transfer full) */
static char *
poster_of (ForgeTunerPages *pages, const char *handle)
{
  ForgeMediaKind kind;
  gint64 id;

  if (!forge_media_handle_parse (handle, &kind, &id))
    return NULL;
  ForgeStore *store = forge_store_pool_take (pages->stores, NULL);
  g_autoptr (ForgeMedia) media = store ? forge_store_get_media (store, kind, id, NULL) : NULL;

  forge_store_pool_give (pages->stores, store);
  return media ? g_strdup (media->poster) : NULL;
}

GBytes *
forge_tuner_pages_get_picture (ForgeTunerPages *pages,
                               ForgePictureKind kind,
                               const char *what,
                               GCancellable *cancellable,
                               GError **error)
{
  gboolean is_poster = kind == FORGE_PICTURE_POSTER;
  ForgeArtwork *artwork = is_poster ? pages->posters : pages->programmes;
  g_autofree char *url = is_poster ? poster_of (pages, what) : g_strdup (what);
  const char *type;

  if (artwork && url && is_safe_redirect (url))
    return forge_artwork_get (artwork, url, &type, cancellable, error);
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "There is no such picture");
  return NULL;
}

static ForgeReply *
on_poster (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeTunerPages *pages = user_data;
  g_autofree char *url = poster_of (pages, request->tail);

  if (!url || !is_safe_redirect (url))
    return forge_reply_new_status (404);
  return serve (pages->posters, url, cancellable);
}

void
forge_pages_add_artwork (ForgeTunerPages *pages, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/logo/*", FORGE_RUN_JOB, on_logo, pages);
  forge_router_add (router, "GET", "/poster/*", FORGE_RUN_JOB, on_poster, pages);
}
