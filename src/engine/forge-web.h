/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"
#include "library/forge-extraction.h"

G_BEGIN_DECLS

/**
 * ForgeWeb: what browsers and other programs ask about films, series and pages: POST /api/extract,
 * GET /api/stream/extract, GET /api/batch (docs/api.md §3). Handlers run on job threads.
 */
typedef struct ForgeWeb ForgeWeb;

ForgeWeb *forge_web_new (ForgeEngine *engine, ForgeRouter *router) G_GNUC_WARN_UNUSED_RESULT;
/* After the server: no handler runs any more. */
void forge_web_free (ForgeWeb *web);

/* Prometheus lines. Thread: any. */
void forge_web_append_metrics (ForgeWeb *web, GString *out);

/* How the site wants to be asked for that format at `url`, as far as that is known and the address
 * is of the same host. `*found` lives as long as what is returned (transfer full), NULL: not
 * known. Role: job. */
ForgeExtraction *forge_web_recall_format (ForgeWeb *web,
                                          const ForgeMediaFormat *format,
                                          const char *url,
                                          const ForgeSiteFormat **found);

G_END_DECLS
