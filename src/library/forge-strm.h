/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-media.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeStrm: a folder of `.strm` files that Kodi, Jellyfin, Emby and Plex read as a library:
 *
 *   Movies/Title (Year) [tmdbid-550]/Title (Year) [tmdbid-550].strm
 *   Shows/Title (Year) [tmdbid-1396]/Season 01/Title S01E02.strm
 *
 * Only files that changed are written, each whole or not at all; what vanished is removed if we
 * wrote it (".streamforge" lists that) and it still holds a link of ours. Nothing else is touched.
 */
typedef struct _ForgeStrm ForgeStrm;

typedef struct {
  guint written, unchanged, removed;
} ForgeStrmCounts;

/* Makes the folder if it has to. Error: INVALID for no absolute path, LIMIT if another export
 * writes there now, STORAGE. */
ForgeStrm *forge_strm_new (const char *folder, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_strm_free (ForgeStrm *strm);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeStrm, forge_strm_free)

/* Where a film or an episode (then with its series) is kept, below the folder. Returns: (transfer
 * full). */
char *forge_strm_path (const ForgeMedia *media, const ForgeMedia *series) G_GNUC_WARN_UNUSED_RESULT;
/* One film, or one episode of `series`. `url` is what the file holds. Error: STORAGE. */
gboolean forge_strm_add (ForgeStrm *strm,
                         const ForgeMedia *media,
                         const ForgeMedia *series,
                         const char *url,
                         GError **error);
/* Keeps what was written of this series before: its episodes could not be read now. */
void forge_strm_keep (ForgeStrm *strm, const ForgeMedia *series);
/* Removes what was not added again, of films and of series if they were exported, and writes the
 * list. `counts` of all since forge_strm_new (). Error: STORAGE. */
gboolean forge_strm_finish (ForgeStrm *strm,
                            gboolean movies,
                            gboolean series,
                            ForgeStrmCounts *counts,
                            GError **error);

G_END_DECLS
