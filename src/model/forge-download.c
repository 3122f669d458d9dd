/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-download.h"

#include <string.h>

static const char *const state_names[] = {
  [FORGE_DOWNLOAD_QUEUED] = "queued",   [FORGE_DOWNLOAD_ACTIVE] = "active",
  [FORGE_DOWNLOAD_WAITING] = "waiting", [FORGE_DOWNLOAD_PAUSED] = "paused",
  [FORGE_DOWNLOAD_DONE] = "done",       [FORGE_DOWNLOAD_FAILED] = "failed",
};

const char *
forge_download_state_name (ForgeDownloadState state)
{
  g_return_val_if_fail (state >= FORGE_DOWNLOAD_QUEUED && state <= FORGE_DOWNLOAD_FAILED, "failed");

  return state_names[state];
}

gboolean
forge_download_state_parse (const char *name, ForgeDownloadState *state)
{
  for (guint i = FORGE_DOWNLOAD_QUEUED; name && i < G_N_ELEMENTS (state_names); i++)
    if (strcmp (name, state_names[i]) == 0) {
      *state = (ForgeDownloadState)i;
      return TRUE;
    }
  return FALSE;
}

gint64
forge_download_seconds_left (const ForgeDownload *download)
{
  gint64 left = download->total - download->bytes;

  return download->bytes_per_s > 0 && left > 0 ? MAX (left / download->bytes_per_s, 1) : 0;
}

ForgeDownload *
forge_download_new (void)
{
  ForgeDownload *download = g_new0 (ForgeDownload, 1);

  download->kind = FORGE_MEDIA_MOVIE;
  download->state = FORGE_DOWNLOAD_QUEUED;
  download->total = -1;
  return download;
}

ForgeDownload *
forge_download_copy (const ForgeDownload *download)
{
  ForgeDownload *copy = g_memdup2 (download, sizeof *download);

  copy->title = g_strdup (download->title);
  copy->path = g_strdup (download->path);
  copy->problem = g_strdup (download->problem);
  return copy;
}

void
forge_download_free (ForgeDownload *download)
{
  if (!download)
    return;
  g_free (download->title);
  g_free (download->path);
  g_free (download->problem);
  g_free (download);
}
