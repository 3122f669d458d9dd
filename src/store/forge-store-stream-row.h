/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "store/forge-store-private.h"

G_BEGIN_DECLS

/* The columns of a stream `t`, as the two readers below expect them. */
#define FORGE_STREAM_COLUMNS                                                            \
  "t.id, t.account_id, t.remote_id, t.name, t.epg_id, t.group_name, t.icon, t.quality," \
  " t.archive_days, t.position, t.gone_at IS NULL"
#define FORGE_STREAM_COLUMN_COUNT 11

/* A stream of its own. Returns: (transfer full). */
ForgeStream *forge_stream_row_read (ForgeStatement *statement, int first_column);
/* Points into the row: good until the next step, owns nothing. */
void forge_stream_row_lend (ForgeStatement *statement, ForgeStream *stream);

G_END_DECLS
