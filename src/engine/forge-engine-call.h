/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * Every operation of /v1 (docs/api.md) for a host in the same process: the handler runs on a job
 * thread, its JSON comes back on the caller's thread-default context. What the control socket can
 * do, the window can do, with the same checks.
 */

/* Calls at once; more wait for their turn in order. */
#define FORGE_ENGINE_MAX_CALLS 8

/* `path` may carry a query: "/v1/events?after=7". `body`: an object, NULL = none; (transfer full).
 * Thread: any with a main context; the engine must not be freed before forge_engine_free () is
 * called, which cancels what still runs. */
void forge_engine_call_async (ForgeEngine *engine,
                              const char *method,
                              const char *path,
                              JsonNode *body,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data);
/* Error: as the handler says, NOT_FOUND for an unknown route, G_IO_ERROR_CANCELLED. Returns:
 * (transfer full). */
JsonNode *forge_engine_call_finish (GAsyncResult *result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
