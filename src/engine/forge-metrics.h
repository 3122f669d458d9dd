/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

G_BEGIN_DECLS

/* /metrics (Prometheus text format 0.0.4) and the read-only /api/status, /api/sessions; loopback
 * peers only. */
void forge_metrics_register (ForgeEngine *engine, ForgeRouter *router);

G_END_DECLS
