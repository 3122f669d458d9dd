/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/* Compares the guides and notes what shift each should have; a failure is an event. Work. */
void forge_ops_suggest_shifts (ForgeOps *ops);
/* `values`: some of name, shift (minutes, or "suggested"), priority → text, all of them or none.
 * The lineup has to be run afterwards. Work. */
gboolean forge_ops_set_guide (ForgeOps *ops, gint64 id, GHashTable *values, GError **error);

G_END_DECLS
