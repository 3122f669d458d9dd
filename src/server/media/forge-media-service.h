/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media-link.h"
#include "model/forge-media.h"
#include "model/forge-seat.h"
#include "model/forge-settings.h"
#include "net/forge-fetch.h"
#include "server/forge-http-server.h"
#include "server/media/forge-media-resolver.h"
#include "store/forge-secrets.h"
#include "store/forge-store.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * ForgeMediaService: films, episodes and downloads over HTTP (product contract §3.2): /api/stream,
 * /strm/stream, /strm/proxy. libsoup and job threads do the request; the bytes go from descriptor
 * to descriptor in the pump (relay/forge-pump).
 */
typedef struct _ForgeMediaService ForgeMediaService;

/* Where on a page of a site something was found. */
typedef struct {
  const char *page; /* NULL = not known */
  const char *id;   /* what it is there */
} ForgeMediaFormat;

/* Where bytes come from: a title of an account, or a URL. */
typedef struct {
  gint64 account_id; /* its user agent, proxy and trusted hosts; 0 = none: an allowed site */
  ForgeMediaKind kind;
  gint64 remote_id;
  const char *extension;   /* NULL = not said */
  const char *url;         /* NULL = the title's own */
  ForgeMediaFormat format; /* of a site: how it wants to be asked may be known */
} ForgeMediaAddress;

/* Opens it: builds the URL late, asks the account's mirrors on network trouble, checks hosts. As
 * forge_fetch_open (). Thread-safe. Role: job. */
typedef gboolean (*ForgeMediaOpenFunc) (const ForgeMediaAddress *address,
                                        const ForgeFetchRange *range,
                                        ForgeFetch *fetch,
                                        GCancellable *cancellable,
                                        gpointer user_data,
                                        GError **error);

/* The address that a format of a page of an allowed site has now that `failed_url` is no good,
 * (transfer full); NULL: error. Thread-safe. Role: job. */
typedef char *(*ForgeMediaFindFunc) (const ForgeMediaFormat *format,
                                     const char *failed_url,
                                     GCancellable *cancellable,
                                     gpointer user_data,
                                     GError **error);

/* A seat for a part of what a user of our Xtream API watches in parts, to be left when that is
 * sent. FALSE: refused. Role: job. */
typedef gboolean (*ForgeMediaSeatFunc) (gint64 user,
                                        const char *address,
                                        const char *what,
                                        ForgeSeat *seat,
                                        gpointer user_data);

typedef struct {
  ForgeTuner *tuner; /* borrowed, as all of them */
  ForgeStorePool *stores;
  ForgeSecrets *secrets;
  ForgeMediaOpenFunc open;
  ForgeMediaFindFunc find_again;
  gpointer open_data; /* of both */
  ForgeMediaSeatFunc take_part;
  gpointer seat_data;
  GMainContext *context; /* the control role's */
} ForgeMediaServiceConfig;

/* Limits of the contract (§3.2). */
#define FORGE_MEDIA_MAX_BODIES            256
#define FORGE_MEDIA_MAX_BODIES_PER_CLIENT 8
#define FORGE_MEDIA_SOURCE_IDLE_MS        20000
/* A player that is paused takes nothing; a browser's download too. */
#define FORGE_MEDIA_CLIENT_IDLE_MS (30 * 60 * 1000)

/* RETRY: no threads or descriptors. */
ForgeMediaService *forge_media_service_new (const ForgeMediaServiceConfig *config, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Breaks off what runs and waits for it, while the control role goes on. After the HTTP server was
 * drained. Role: any but control. */
void forge_media_service_drain (ForgeMediaService *service);
/* After drain (), before the tuner goes. */
void forge_media_service_free (ForgeMediaService *service);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMediaService, forge_media_service_free)
void forge_media_service_register (ForgeMediaService *service, ForgeRouter *router);
/* Role: control. */
void forge_media_service_set_settings (ForgeMediaService *service, ForgeSettings *settings);

/* Answers for a film or an episode, to somebody whom the caller let in: bytes with ranges, or a
 * playlist. `seat` moves, always; it is left when the bytes are sent. Role: job (the media pool).
 */
ForgeReply *forge_media_service_answer (ForgeMediaService *service,
                                        ForgeMediaKind kind,
                                        gint64 id,
                                        const ForgeSeat *seat,
                                        const ForgeRequest *request,
                                        GCancellable *cancellable) G_GNUC_WARN_UNUSED_RESULT;

/* Ends the body that holds this seat, and what is being opened for it. Role: control. */
void forge_media_service_end_seat (ForgeMediaService *service, guint64 seat);

/* The signing keys, loaded (or made) once. Error: as forge_link_store_load (). Role: job. Returns:
 * (transfer full). */
ForgeLinkKeys *
forge_media_service_keys (ForgeMediaService *service, GCancellable *cancellable, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* A new key for one purpose, or for all (FORGE_LINK_PURPOSES); it signs from now on. Without
 * `keep_old` every link of it given out so far is refused. Error: as forge_link_store_rotate ().
 * Role: job. */
gboolean forge_media_service_renew_keys (ForgeMediaService *service,
                                         ForgeLinkPurpose purpose,
                                         gboolean keep_old,
                                         GCancellable *cancellable,
                                         GError **error);
/* How often titles were known, since the start. Thread: any. */
void forge_media_service_stats (ForgeMediaService *service, ForgeResolverStats *stats);
/* Bodies that are being sent. Thread: any. */
guint forge_media_service_bodies (ForgeMediaService *service);

G_END_DECLS
