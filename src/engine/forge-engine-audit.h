/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

G_BEGIN_DECLS

/* While streams run, asks every so often what the provider counts on their accounts, so that the
 * tuner notices when somebody else uses one. Role: control. */
void forge_engine_start_audit (ForgeEngine *engine);
void forge_engine_stop_audit (ForgeEngine *engine);
/* The provider was asked anyway: `account` has its answer. Role: any. */
void forge_engine_audit_answer (ForgeEngine *engine, const ForgeAccount *account);

G_END_DECLS
