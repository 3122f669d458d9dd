/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"
#include "host/forge-options.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeEngineHost: runs the engine inside the desktop application. Starting and stopping block for
 * up to seconds, so both happen on a thread of their own; the window only follows the property
 * "state". Role: ui.
 */
typedef enum {
  FORGE_HOST_STOPPED,
  FORGE_HOST_STARTING,
  FORGE_HOST_RUNNING,
  FORGE_HOST_STOPPING,
  FORGE_HOST_FAILED, /* forge_engine_host_get_error () says why */
} ForgeHostState;

#define FORGE_TYPE_ENGINE_HOST (forge_engine_host_get_type ())
G_DECLARE_FINAL_TYPE (ForgeEngineHost, forge_engine_host, FORGE, ENGINE_HOST, GObject)

/* `options` is lent and must outlive the host. */
ForgeEngineHost *forge_engine_host_new (const ForgeOptions *options) G_GNUC_WARN_UNUSED_RESULT;

/* From STOPPED or FAILED; otherwise nothing happens. */
void forge_engine_host_start (ForgeEngineHost *self);
/* Ends it; while it starts, as soon as it did. Signal "stopped" follows, at once if it is. */
void forge_engine_host_stop (ForgeEngineHost *self);
/* Stops and starts again, for a setting that is read at start. */
void forge_engine_host_restart (ForgeEngineHost *self);

ForgeHostState forge_engine_host_get_state (ForgeEngineHost *self);
/* NULL unless RUNNING. Returns: (transfer none). */
ForgeEngine *forge_engine_host_get_engine (ForgeEngineHost *self);
/* Why it FAILED, for a person; else NULL. */
const char *forge_engine_host_get_error (ForgeEngineHost *self);
gboolean forge_engine_host_is_demo (ForgeEngineHost *self);

G_END_DECLS
