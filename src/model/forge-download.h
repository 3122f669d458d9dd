/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"

G_BEGIN_DECLS

typedef enum {
  FORGE_DOWNLOAD_QUEUED = 1, /* its turn comes by itself */
  FORGE_DOWNLOAD_ACTIVE,
  FORGE_DOWNLOAD_WAITING, /* begun, but live television has the connection; goes on by itself */
  FORGE_DOWNLOAD_PAUSED,  /* by the user */
  FORGE_DOWNLOAD_DONE,
  FORGE_DOWNLOAD_FAILED, /* the user may try again: what is there is kept */
} ForgeDownloadState;

/* "queued", "active", "waiting", "paused", "done", "failed". Thread: any. */
const char *forge_download_state_name (ForgeDownloadState state);
/* FALSE for any other word. */
gboolean forge_download_state_parse (const char *name, ForgeDownloadState *state);

/**
 * ForgeDownload: a film or an episode on its way to a file of this machine. Free with
 * forge_download_free ().
 */
typedef struct {
  gint64 id; /* 0 until stored */
  ForgeMediaKind kind;
  gint64 media_id;
  char *title;
  char *path; /* the finished file; until then it is path + FORGE_DOWNLOAD_PART_SUFFIX */
  ForgeDownloadState state;
  gint64 bytes;           /* that are there */
  gint64 total;           /* -1 = unknown yet */
  gint64 bytes_per_s;     /* just now; 0 = unknown. Not stored */
  char *problem;          /* why it failed or waits, for a person; NULL = nothing */
  gint64 added, finished; /* UTC seconds; 0 = not yet */
} ForgeDownload;

#define FORGE_DOWNLOAD_PART_SUFFIX ".part"

/* At the speed of just now; 0 = unknown. */
gint64 forge_download_seconds_left (const ForgeDownload *download);

ForgeDownload *forge_download_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeDownload *forge_download_copy (const ForgeDownload *download) G_GNUC_WARN_UNUSED_RESULT;
void forge_download_free (ForgeDownload *download);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDownload, forge_download_free)

G_END_DECLS
