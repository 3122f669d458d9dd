/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-http.h"
#include "store/forge-store-guide.h"

G_BEGIN_DECLS

typedef struct {
  gint64 now_s;
  int days;              /* programmes that start later than now + days are left out */
  int past_hours;        /* … or ended earlier than now − past_hours */
  int hold_back_percent; /* a guide that loses more than this share of its programmes is held back
                          */
  gboolean force;
} ForgeGuideImportOptions;

typedef struct {
  gboolean unchanged; /* 304 or the same content: nothing was written */
  guint64 channels, programmes, skipped, out_of_range;
  gint64 refresh_id; /* what was recorded of it, applied or held; 0 = nothing */
  char warning[200]; /* a sentence about skipped or repaired items; "" = none */
} ForgeGuideImportResult;

/* Downloads (conditional request) or reads a local file, imports into a new generation and
 * activates it. The old generation, or the orphan of a failed import, is the caller's to sweep
 * (forge_store_sweep_guide ()) when no import runs. Nothing changes but the source's status_text
 * on: HELD_BACK (empty, truncated to fewer programmes, lost too much), INVALID (not XMLTV), or
 * network errors. What was applied or held back is recorded (forge-store-refresh.h); the sweep
 * spares the generation before and one that is held back. `location` is the resolved URL or path
 * (it may hold a password: never logged). Bounded memory whatever the size. Role: job. Blocks. */
gboolean forge_guide_import (ForgeStore *store,
                             ForgeHttp *http,
                             gint64 source_id,
                             const char *location,
                             const ForgeGuideImportOptions *options,
                             ForgeGuideImportResult *result,
                             GCancellable *cancellable,
                             GError **error);

G_END_DECLS
