/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-lineup-match.h"
#include "store/forge-store-channels.h"

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct {
  gint64 now_s;
  int max_enabled; /* matched channels enabled by themselves, in guide order */
  int tombstone_days;
  gboolean anew;             /* matches even what the last run knew */
  ForgeLineupMemory *memory; /* NULL = none */
} ForgeLineupRunOptions;

typedef struct {
  int channels, matched_streams, unmatched_streams, review; /* review: 0.6 … 0.85 */
} ForgeLineupRunResult;

/* Matches every available stream against every guide channel and writes channels and matches in one
 * transaction (manual choices untouched). Without any guide channel, streams are promoted: grouped
 * by clean name, with placeholder programmes. Role: job. Blocks. */
gboolean forge_lineup_run (ForgeStore *store,
                           const ForgeLineupRunOptions *options,
                           ForgeLineupRunResult *result,
                           GCancellable *cancellable,
                           GError **error);

G_END_DECLS
