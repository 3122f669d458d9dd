/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"
#include "model/forge-download.h"

G_BEGIN_DECLS

/**
 * ForgeDownloads: films and episodes that are fetched to files of this machine in the order in
 * which they were asked for, as many at once as the setting “downloads_at_once” and the accounts'
 * free connections allow, each on a thread. The queue is in the store: what was on its way when the
 * program ended goes on when it starts.
 *
 *   queued ─▶ active ─▶ done          waiting: tried again every 5 s and when another one ends
 *      ▲        │ ├──▶ waiting ─▶ …   failed, paused: resume () puts it back in the queue
 *      └────────┘ └──▶ failed
 *
 * Thread: any, unless said otherwise.
 */

/* More are refused: a person who wants this many has chosen by mistake. */
#define FORGE_MAX_DOWNLOADS 1000
/* The most that the setting allows (model/forge-settings.c). */
#define FORGE_MAX_DOWNLOADS_AT_ONCE 4

/* Reads the queue and starts. Role: before the control loop runs, or job. */
ForgeDownloads *forge_downloads_new (ForgeEngine *engine, ForgeStore *store, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Ends the connection and the thread. The control role must still run. */
void forge_downloads_stop (ForgeDownloads *downloads);
void forge_downloads_free (ForgeDownloads *downloads);

/* Of ForgeDownload*, copies, oldest first. Returns: (transfer full). */
GPtrArray *forge_downloads_list (ForgeDownloads *downloads);
/* A film or an episode into the folder of the setting “download_dir”. INVALID if it is on its way
 * already, NOT_FOUND if no account has it, LIMIT. Returns the id, 0 on error. Role: job. */
gint64 forge_downloads_add (ForgeDownloads *downloads,
                            ForgeStore *store,
                            ForgeMediaKind kind,
                            gint64 media_id,
                            GError **error);
/* Ends its connection; what is there stays. INVALID if it is finished. Role: job. */
gboolean
forge_downloads_pause (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error);
/* Back in the queue: paused, failed, waiting. Role: job. */
gboolean
forge_downloads_resume (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error);
/* Forgets it and deletes what was not finished; a finished file stays. Role: job. */
gboolean
forge_downloads_remove (ForgeDownloads *downloads, ForgeStore *store, gint64 id, GError **error);

G_END_DECLS
