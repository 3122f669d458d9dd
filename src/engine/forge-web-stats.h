/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/**
 * ForgeWebStats: how the questions about films and pages are answered: how many, with which status,
 * how fast; failures go to the log with a name for the client that cannot be traced back to its
 * address. Thread-safe.
 */
typedef struct ForgeWebStats ForgeWebStats;

ForgeWebStats *forge_web_stats_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_web_stats_free (ForgeWebStats *stats);

/* `begun_us` monotonic. Returns `reply`. */
ForgeReply *forge_web_stats_note (ForgeWebStats *stats,
                                  const ForgeRequest *request,
                                  gint64 begun_us,
                                  ForgeReply *reply);
/* Prometheus lines: a counter by path and status, a histogram by path. */
void forge_web_stats_append (ForgeWebStats *stats, GString *out);

G_END_DECLS
