/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/* For tests, which cannot wait half a minute: how long viewers that watched are kept without any
 * data. */
void forge_tuner_set_give_up_ms (ForgeTuner *tuner, guint give_up_ms);

G_END_DECLS
