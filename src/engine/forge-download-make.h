/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"
#include "model/forge-download.h"

G_BEGIN_DECLS

/* What a download of a film or an episode into the folder of the setting “download_dir” begins as:
 * its title, a name of a file that nobody has yet and that is not among the paths in `taken`. It is
 * not stored. NOT_FOUND if no account has it. Returns: (transfer full). Role: job. */
ForgeDownload *forge_download_make (ForgeEngine *engine,
                                    ForgeStore *store,
                                    ForgeMediaKind kind,
                                    gint64 media_id,
                                    GHashTable *taken,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
