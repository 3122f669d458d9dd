/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/**
 * Users of our own Xtream API, as blocking functions on the job role. Each publishes before it
 * returns. A password is kept as a hash only, so it can be told once, when it is made.
 */

/* `password` NULL = make one; `*made` (transfer full, may come back NULL) is what was made. Returns
 * the id, 0 on error: INVALID (name, password, device), LIMIT. */
gint64 forge_ops_add_user (ForgeOps *ops,
                           const char *name,
                           const char *password,
                           gint64 device,
                           char **made,
                           GError **error);
/* `password` NULL = the same, `device` 0 = the same. NOT_FOUND, INVALID. */
gboolean forge_ops_update_user (ForgeOps *ops,
                                gint64 id,
                                const char *password,
                                gint64 device,
                                GError **error);
gboolean forge_ops_remove_user (ForgeOps *ops, gint64 id, GError **error);

G_END_DECLS
