/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

G_BEGIN_DECLS

/**
 * ForgeWeb: what browsers and other programs ask about films, series and pages: POST /api/extract,
 * GET /api/stream/extract, GET /api/batch (docs/api.md §3). Handlers run on job threads.
 */
typedef struct ForgeWeb ForgeWeb;

ForgeWeb *forge_web_new (ForgeEngine *engine, ForgeRouter *router) G_GNUC_WARN_UNUSED_RESULT;
/* After the server: no handler runs any more. */
void forge_web_free (ForgeWeb *web);

G_END_DECLS
