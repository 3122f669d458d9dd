/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"
#include "model/forge-download.h"

G_BEGIN_DECLS

/**
 * One download, from where it stopped to its end or to what stops it now. Asks its accounts one
 * after the other, each connection under a slot that live TV takes back (tuner/forge-media-slots).
 */
typedef enum {
  FORGE_DOWNLOAD_ENDED_DONE,
  FORGE_DOWNLOAD_ENDED_WAITS,   /* no connection is free, or live TV took it: try again later */
  FORGE_DOWNLOAD_ENDED_STOPPED, /* `cancellable` fired */
  FORGE_DOWNLOAD_ENDED_FAILED,
} ForgeDownloadEnd;

typedef struct {
  ForgeEngine *engine;
  ForgeStore *store;
  GCancellable *cancellable;
  /* Called for each piece that is written, on the same thread. */
  void (*on_progress) (gint64 bytes, gint64 total, gpointer user_data);
  gpointer user_data;
} ForgeDownloadRun;

/* `error` is set for WAITS and FAILED. Blocks. Role: job. */
ForgeDownloadEnd
forge_download_run (const ForgeDownloadRun *run, const ForgeDownload *download, GError **error);

G_END_DECLS
