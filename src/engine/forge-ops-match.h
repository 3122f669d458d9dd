/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"
#include "store/forge-store-decisions.h"

G_BEGIN_DECLS

typedef struct {
  gint64 channel_id, stream_id;
  gboolean primary; /* accepted as the first to be tried */
} ForgeMatchChoice;

/* Gives streams to channels, or takes them away: `choices` of ForgeMatchChoice, all or none. Each
 * becomes a rule for streams of an equal name, which the next lineup run follows. Together they are
 * one decision. */
gboolean
forge_ops_decide_matches (ForgeOps *ops, const GArray *choices, gboolean accept, GError **error);
/* Takes the newest decision back, its rules too, and makes the lineup. Work. */
gboolean forge_ops_undo_decision (ForgeOps *ops, ForgeDecision *undone, GError **error);

/* Takes either back, with its rule. */
gboolean
forge_ops_withdraw_match (ForgeOps *ops, gint64 channel_id, gint64 stream_id, GError **error);

G_END_DECLS
