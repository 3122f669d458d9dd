/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"
#include "formats/forge-xmltv-details.h"
#include "model/forge-channel-table.h"
#include "model/forge-programme-table.h"
#include "server/forge-tuner-pages.h"
#include "store/forge-store.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeEngineViews: what a window shows in bulk, as typed tables instead of JSON. One thread of its
 * own reads from the database, in order, one fetches pictures; the answer comes on the caller's
 * thread-default context. A cancelled reading that still waits costs nothing, so a view that
 * scrolls cancels the one before.
 *
 * Make one after the engine and free it before the engine. Thread: any, one at a time.
 */
typedef struct _ForgeEngineViews ForgeEngineViews;

ForgeEngineViews *forge_engine_views_new (ForgeEngine *engine) G_GNUC_WARN_UNUSED_RESULT;
/* What waits is answered with CANCELLED; returns when the thread has ended. */
void forge_engine_views_free (ForgeEngineViews *views);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeEngineViews, forge_engine_views_free)

/* All channels. Finish: (transfer full). */
void forge_engine_views_channels_async (ForgeEngineViews *views,
                                        GCancellable *cancellable,
                                        GAsyncReadyCallback callback,
                                        gpointer user_data);
ForgeChannelTable *forge_engine_views_channels_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Not more channels than this in one call: a screen has a few dozen rows. */
#define FORGE_VIEW_MAX_GUIDE_ROWS 512

/* The programmes of some channels (ids of ForgeChannelLine) that touch `from` … `to` (UTC seconds);
 * where no guide says anything of a channel of the lineup, what clients are shown in its place.
 * Finish: (transfer full). */
void forge_engine_views_programmes_async (ForgeEngineViews *views,
                                          const gint64 *channel_ids,
                                          guint count,
                                          gint64 from,
                                          gint64 to,
                                          GCancellable *cancellable,
                                          GAsyncReadyCallback callback,
                                          gpointer user_data);
ForgeProgrammeTable *forge_engine_views_programmes_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* What the guide tells of a channel's programme that begins at `start`; NOT_FOUND if it is gone or
 * only stands in place of a guide. Finish: (transfer full). */
void forge_engine_views_details_async (ForgeEngineViews *views,
                                       gint64 channel_id,
                                       gint64 start,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
ForgeXmltvDetails *forge_engine_views_details_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Programmes of channels that are on whose title, sub-title or description has words that begin
 * with all those of `search` and that end after `from` (UTC seconds, the present), the next first,
 * at most `limit`; events that only a stream's name tells are among them. Finish: of
 * ForgeProgrammeHit* (transfer full). */
void forge_engine_views_search_async (ForgeEngineViews *views,
                                      const char *search,
                                      gint64 from,
                                      guint limit,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data);
GPtrArray *forge_engine_views_search_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* A picture as forge_tuner_pages_get_picture (): fetched and kept by the engine, of at most
 * FORGE_ARTWORK_MAX_BYTES, of a kind that forge_artwork_sniff () knows. On a thread of its own, as
 * a source may let one wait. Finish: (transfer full). */
void forge_engine_views_picture_async (ForgeEngineViews *views,
                                       ForgePictureKind kind,
                                       const char *what,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
GBytes *forge_engine_views_picture_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Available streams whose name or group has all words of `search`, in the provider's order, at most
 * `limit`. Finish: of ForgeStream* (transfer full). */
void forge_engine_views_streams_async (ForgeEngineViews *views,
                                       const char *search,
                                       guint limit,
                                       GCancellable *cancellable,
                                       GAsyncReadyCallback callback,
                                       gpointer user_data);
GPtrArray *forge_engine_views_streams_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
