/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Registers /v1/… (administration; docs/api.md) on the router of the control socket. Never on TCP.
 */
void forge_api_register (ForgeEngine *engine, ForgeRouter *control_router);

/* The handler behind it, for callers in this process. `body` may be empty, not NULL. On failure
 * NULL with `error`, and `status` 404 or 405 when there is no such route, else 0. Blocks. Role:
 * job. Returns: (transfer full). */
JsonNode *forge_api_run (ForgeEngine *engine,
                         const ForgeRequest *request,
                         JsonObject *body,
                         GCancellable *cancellable,
                         guint *status,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
