/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-matcher.h"
#include "model/forge-channel.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* One stream to be matched and what came out. */
typedef struct {
  ForgeStream stream; /* in: lent */
  guint index;        /* the caller's */
  ForgeMatch match;   /* out */
  char *reasons;      /* out: JSON array of sentences (transfer full), NULL without a match */
  gint64 name_key;    /* out: as forge_match_rules_name_key () */
} ForgeMatchTask;

/* Matches all tasks, on as many threads as there are processors. Blocks until they are done or the
 * cancellable is: then some are left as they were. */
void forge_match_batch_run (const ForgeMatcher *matcher,
                            ForgeMatchTask *tasks,
                            guint n,
                            GCancellable *cancellable);

/* ["One sentence.","Another."] Returns: (transfer full). */
char *forge_match_reasons_to_json (const GPtrArray *reasons) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
