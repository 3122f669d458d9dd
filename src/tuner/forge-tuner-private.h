/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/* For tests, which cannot wait half a minute: how long a source may take to its first media byte
 * (on top of stall_ms), and how long viewers that watched are kept without any data. */
void forge_tuner_set_patience (ForgeTuner *tuner, guint start_grace_ms, guint give_up_ms);

G_END_DECLS
