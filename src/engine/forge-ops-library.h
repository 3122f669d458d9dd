/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"
#include "store/forge-store-library.h"

G_BEGIN_DECLS

/* Reads the films and series of an account. What goes wrong is an event and harms nothing else.
 * FALSE only when cancelled. Work. */
gboolean forge_ops_scan_library (ForgeOps *ops,
                                 const ForgeAccount *account,
                                 ForgeHttp *http,
                                 const ForgeProviderRefreshOptions *options,
                                 GError **error);

/* Asks the accounts that have the film or series for its details or episodes, where what is known
 * is old. One answer is enough; without any, what is stored has to do, and only if nothing is
 * stored this fails: RETRY or what the provider said. */
gboolean forge_ops_read_details (ForgeOps *ops, ForgeMediaKind kind, gint64 id, GError **error);

/* What became of it. */
typedef enum {
  FORGE_DETAILS_KNOWN, /* nobody had to be asked */
  FORGE_DETAILS_READ,
  FORGE_DETAILS_STALE, /* nobody answered: it is older than a day, or there is none */
} ForgeDetailsState;
/* The same, and says. However many ask at once, the accounts are asked once. */
gboolean forge_ops_look_up_details (ForgeOps *ops,
                                    ForgeMediaKind kind,
                                    gint64 id,
                                    ForgeDetailsState *state,
                                    GError **error);

G_END_DECLS
