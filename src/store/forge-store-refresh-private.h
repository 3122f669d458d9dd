/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store-guide.h"
#include "store/forge-store-refresh.h"

G_BEGIN_DECLS

/* What an import found out of a source `s`, as JSON. */
#define FORGE_IMPORT_JSON                                                                        \
  "json_object ('etag', s.etag, 'last_modified', s.last_modified, 'content_hash',"               \
  " s.content_hash, 'last_refresh', s.last_refresh, 'status_text', s.status_text, 'channels',"   \
  " s.channels, 'programmes', s.programmes, 'skipped', s.skipped, 'first_start', s.first_start," \
  " 'last_stop', s.last_stop)"

/* One of the ids is 0. */
gboolean
forge_refresh_drop_held (ForgeStore *store, gint64 account_id, gint64 source_id, GError **error);
/* Lets the refresh keep the generation that the guide uses now, and no other refresh of it any. */
gboolean
forge_refresh_keep_in_use (ForgeStore *store, gint64 source_id, gint64 refresh_id, GError **error);

G_END_DECLS
