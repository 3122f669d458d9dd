/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

G_BEGIN_DECLS

/* Registers /v1/… (administration; docs/api.md) on the router of the control socket. Never on TCP.
 */
void forge_api_register (ForgeEngine *engine, ForgeRouter *control_router);

G_END_DECLS
