/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"

#include "config.h"

#include "engine/forge-download-make.h"

#include "base/forge-error.h"
#include "library/forge-download-file.h"
#include "store/forge-store-library.h"

static char *
title_of (const ForgeMedia *media)
{
  if (media->kind != FORGE_MEDIA_EPISODE)
    return media->year ? g_strdup_printf ("%s (%d)", media->title, media->year)
                       : g_strdup (media->title);
  return g_strdup_printf ("%s S%02dE%02d%s%s",
                          media->series_title ? media->series_title : "",
                          media->season,
                          media->number,
                          media->title ? " " : "",
                          media->title ? media->title : "");
}

static char *
download_folder (ForgeEngine *engine)
{
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  const char *chosen = forge_settings_text (snapshot->settings, "download_dir");
  const char *usual = g_get_user_special_dir (G_USER_DIRECTORY_DOWNLOAD);

  if (*chosen)
    return g_strdup (chosen);
  /* A user without the desktop's folders has none by that name. */
  return usual ? g_strdup (usual) : g_build_filename (g_get_home_dir (), "Downloads", NULL);
}

ForgeDownload *
forge_download_make (ForgeEngine *engine,
                     ForgeStore *store,
                     ForgeMediaKind kind,
                     gint64 media_id,
                     GHashTable *taken,
                     GError **error)
{
  g_autoptr (ForgeMedia) media = forge_store_get_media (store, kind, media_id, error);
  g_autoptr (GPtrArray) sources = media ? forge_store_media_sources (store, kind, media->id, error)
                                        : NULL;
  g_autofree char *folder = download_folder (engine);

  if (!sources)
    return NULL;
  if (sources->len == 0) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "No account has “%s” now",
                 media->title);
    return NULL;
  }
  const ForgeMediaSource *source = g_ptr_array_index (sources, 0);
  ForgeDownload *download = forge_download_new ();
  download->kind = kind;
  download->media_id = media->id;
  download->title = title_of (media);
  download->path = forge_download_file_name (folder, download->title, source->extension, taken);
  download->added = forge_clock_wall_s (engine->clock);
  return download;
}
