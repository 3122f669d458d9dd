/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"

G_BEGIN_DECLS

/* Starts the demo provider in this process and makes it the account "Demo", or points the account
 * of the last demo run at its new port. Returns when the lineup is there. Blocks. */
gboolean forge_engine_start_demo (ForgeEngine *engine, GError **error);

G_END_DECLS
