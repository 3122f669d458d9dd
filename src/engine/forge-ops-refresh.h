/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"
#include "store/forge-store-refresh.h"

G_BEGIN_DECLS

/* The lineup after a refresh, whose record receives what became of the channels; 0 = no record.
 * Work. */
gboolean forge_ops_run_lineup_after (ForgeOps *ops, gint64 refresh_id, GError **error);
/* As forge_store_apply_refresh () and forge_store_undo_refresh (), then the lineup. Work. */
gboolean forge_ops_apply_refresh (ForgeOps *ops, gint64 id, GError **error);
gboolean forge_ops_undo_refresh (ForgeOps *ops, gint64 *id, GError **error);
/* As forge_store_keep_refresh (); the lineup stays. Work. */
gboolean forge_ops_keep_refresh (ForgeOps *ops, gint64 id, GError **error);

G_END_DECLS
