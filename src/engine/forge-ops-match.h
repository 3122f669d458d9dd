/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"

G_BEGIN_DECLS

/* Gives a stream to a channel, or takes it away, and makes a rule of it for streams of an equal
 * name, which the next lineup run follows. */
gboolean forge_ops_accept_match (ForgeOps *ops,
                                 gint64 channel_id,
                                 gint64 stream_id,
                                 gboolean primary,
                                 GError **error);
gboolean
forge_ops_reject_match (ForgeOps *ops, gint64 channel_id, gint64 stream_id, GError **error);

G_END_DECLS
