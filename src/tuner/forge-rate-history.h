/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-session-info.h"

G_BEGIN_DECLS

/* The bit rate of each of the last seconds, for a small graph. All zero is the start. */
typedef struct {
  guint kbps[FORGE_SESSION_HISTORY_S]; /* a ring */
  guint n;                             /* all that were added */
  gint64 at_us;                        /* of the last look, 0 = there was none */
  guint64 bytes;
} ForgeRateHistory;

/* A look about once a second: `bytes` is the total by now. */
void forge_rate_history_add (ForgeRateHistory *history, guint64 bytes, gint64 now_us);
/* Oldest first; returns how many there are. */
guint
forge_rate_history_read (const ForgeRateHistory *history, guint kbps[FORGE_SESSION_HISTORY_S]);

G_END_DECLS
