/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-rate-history.h"

void
forge_rate_history_add (ForgeRateHistory *history, guint64 bytes, gint64 now_us)
{
  gint64 span_us = now_us - history->at_us;
  guint64 bits = bytes > history->bytes ? (bytes - history->bytes) * 8 : 0;

  if (history->at_us > 0 && span_us > 0) {
    guint64 kbps = bits * 1000 / (guint64)span_us;
    history->kbps[history->n++ % FORGE_SESSION_HISTORY_S] = (guint)MIN (kbps, G_MAXUINT);
  }
  history->at_us = now_us;
  history->bytes = bytes;
}

guint
forge_rate_history_read (const ForgeRateHistory *history, guint kbps[FORGE_SESSION_HISTORY_S])
{
  guint n = MIN (history->n, FORGE_SESSION_HISTORY_S);

  for (guint i = 0; i < n; i++)
    kbps[i] = history->kbps[(history->n - n + i) % FORGE_SESSION_HISTORY_S];
  return n;
}
