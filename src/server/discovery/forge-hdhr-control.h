/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/discovery/forge-hdhr-variables.h"
#include "server/forge-bind.h"

G_BEGIN_DECLS

/**
 * ForgeHdhrControl: the TCP side of the HDHomeRun protocol: many small questions per connection,
 * each answered in one write. A frame that is malformed, too long or no getset request closes the
 * connection (firmware uploads too). Role: control.
 *
 *   reading ──frame──▶ answering ──all written──▶ reading
 *                          └──socket full──▶ writing ──all written──▶ reading
 */
typedef struct _ForgeHdhrControl ForgeHdhrControl;

/* One more takes the place of the one that was silent longest: a crowd cannot lock others out. */
#define FORGE_HDHR_MAX_CONNECTIONS 32
/* Clients connect again when they come back. */
#define FORGE_HDHR_IDLE_TIMEOUT_MS 60000

typedef struct {
  GMainContext *context;
  ForgeHdhrVariables *variables; /* borrowed */
  guint port;                    /* TCP; 0 = any */
  guint idle_timeout_ms;         /* 0 = FORGE_HDHR_IDLE_TIMEOUT_MS */
} ForgeHdhrControlConfig;

/* Error: STORAGE (in use), INVALID. Returns: (transfer full). */
ForgeHdhrControl *forge_hdhr_control_new (const ForgeHdhrControlConfig *config,
                                          const ForgeBindPlan *plan,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_hdhr_control_free (ForgeHdhrControl *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHdhrControl, forge_hdhr_control_free)

guint forge_hdhr_control_port (const ForgeHdhrControl *self);
guint forge_hdhr_control_connections (const ForgeHdhrControl *self);

G_END_DECLS
