/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-device.h"
#include "model/forge-media.h"
#include "model/forge-settings.h"
#include "net/forge-guard.h"
#include "server/forge-http-server.h"
#include "store/forge-store.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * The documents that clients read (product contract §3.1, facts hdhomerun.md §3): registers all
 * tuner routes on a router.
 */
typedef struct _ForgeTunerPages ForgeTunerPages;
ForgeTunerPages *
forge_tuner_pages_new (ForgeTuner *tuner, ForgeStorePool *stores, ForgeSettings *settings)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_tuner_pages_free (ForgeTunerPages *pages);
void forge_tuner_pages_register (ForgeTunerPages *pages, ForgeRouter *router);
/* Pictures of channels are kept in `folder` from now on, of films and series in "`folder`-posters",
 * of programmes in "`folder`-programmes". Before the first request. */
void forge_tuner_pages_keep_artwork (ForgeTunerPages *pages, const char *folder);
/* Where pictures may be fetched. */
void forge_tuner_pages_set_guard (ForgeTunerPages *pages,
                                  ForgeGuard *guard,
                                  const char *user_agent,
                                  gboolean verify_tls);
/* A picture, as forge_artwork_get (); `what` is the address that the guide has for the programme,
 * or a title's handle ("movie/7"). NOT_FOUND if there is none. Role: job. Blocks. Returns:
 * (transfer full). */
typedef enum { FORGE_PICTURE_PROGRAMME, FORGE_PICTURE_POSTER } ForgePictureKind;
GBytes *forge_tuner_pages_get_picture (ForgeTunerPages *pages,
                                       ForgePictureKind kind,
                                       const char *what,
                                       GCancellable *cancellable,
                                       GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Who may use our Xtream API: of ForgeAppUser*, never changed again. */
void forge_tuner_pages_set_users (ForgeTunerPages *pages, GPtrArray *users);
/* What films and series need beyond the store; `user_data` is lent. Without a call apps are told
 * what the store knows, and nothing plays. Before the first request. */
typedef struct {
  /* Bytes (with ranges) or a playlist of a film or an episode, for somebody who was let in. The
   * seat moves, always. Role: job (the media pool). */
  ForgeReply *(*serve) (ForgeMediaKind kind,
                        gint64 id,
                        const ForgeSeat *seat,
                        const ForgeRequest *request,
                        GCancellable *cancellable,
                        gpointer user_data);
  /* Asks the providers for details or episodes where what is known is old. Role: job. Blocks. */
  gboolean (*read_details) (ForgeMediaKind kind,
                            gint64 id,
                            GCancellable *cancellable,
                            gpointer user_data,
                            GError **error);
  /* Ends what holds one of these seats (guint64), live or not. Thread: any. */
  void (*end_seats) (const GArray *seats, gpointer user_data);
  gpointer user_data;
} ForgePagesLibrary;
void forge_tuner_pages_set_library (ForgeTunerPages *pages, const ForgePagesLibrary *library);
/* A seat for a part of what a user of our Xtream API watches in parts ("movie/12"). FALSE: the user
 * is gone, at its limit, or was sent away from there. Role: job. */
gboolean forge_tuner_pages_take_part (ForgeTunerPages *pages,
                                      gint64 user,
                                      const char *address,
                                      const char *what,
                                      ForgeSeat *seat);
/* What the user watches now. Thread: any. */
guint forge_tuner_pages_user_connections (ForgeTunerPages *pages, gint64 user);
/* Role: control. Takes references. */
void
forge_tuner_pages_set_lineup (ForgeTunerPages *pages, ForgeLineup *lineup, guint64 guide_revision);
/* The virtual tuners, of ForgeDeviceView*, never changed again: a request on the port of one gets
 * its name, ids and channels, one on any other port the main one's. Without a call there is the
 * lineup as it was set, under the name and ids of the settings. */
void forge_tuner_pages_set_devices (ForgeTunerPages *pages, GPtrArray *views);
void forge_tuner_pages_set_settings (ForgeTunerPages *pages, ForgeSettings *settings);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeTunerPages, forge_tuner_pages_free)

G_END_DECLS
