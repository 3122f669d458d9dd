/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-download.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* The download queue. Of ForgeDownload*, oldest first. Returns: (transfer full). */
GPtrArray *forge_store_list_downloads (ForgeStore *store, GError **error);
/* Returns the id, 0 on error. INVALID if one to the same file is there. */
gint64 forge_store_add_download (ForgeStore *store, const ForgeDownload *download, GError **error);
/* State, bytes, total, problem and finished of the one with its id. No error if it is gone. */
gboolean
forge_store_save_download (ForgeStore *store, const ForgeDownload *download, GError **error);
gboolean forge_store_remove_download (ForgeStore *store, gint64 id, GError **error);

G_END_DECLS
