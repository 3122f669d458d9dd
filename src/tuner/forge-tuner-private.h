/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/* For tests, which cannot wait a minute. */
typedef struct {
  guint start_grace_ms; /* for a source to its first media byte, on top of stall_ms */
  guint slate_after_ms; /* without a source, until viewers that watched are shown a still */
  guint give_up_ms;     /* until they are sent away */
} ForgeTunerPatience;

void forge_tuner_set_patience (ForgeTuner *tuner, const ForgeTunerPatience *patience);

G_END_DECLS
