/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-guide-rows.h"

G_BEGIN_DECLS

/**
 * ForgeGuidePipe: rows on their way from the thread that reads a guide to the one that stores them.
 * Reading and storing cost about the same, and storing waits for the disk besides: side by side an
 * import takes little more than the storing alone. Some 2 MB are on their way at most.
 *
 *   reading thread: put … put, close          storing thread: drain
 *
 * Either end may stop first: the other one is told.
 */
typedef struct _ForgeGuidePipe ForgeGuidePipe;

ForgeGuidePipe *forge_guide_pipe_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* When no other thread uses it any more. */
void forge_guide_pipe_free (ForgeGuidePipe *pipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuidePipe, forge_guide_pipe_free)

/* What forge-guide-rows.h is given: copies the row into `pipe` (the user data). Waits while too
 * much is on its way; FALSE when the other end has stopped. */
extern const ForgeGuideRowsSink forge_guide_pipe_sink;
/* Nothing more comes. */
void forge_guide_pipe_close (ForgeGuidePipe *pipe);

/* Hands all rows to `sink` until the pipe is closed (TRUE) or the sink wants no more (FALSE). The
 * rows are lent. Once. Blocks. */
gboolean
forge_guide_pipe_drain (ForgeGuidePipe *pipe, const ForgeGuideRowsSink *sink, gpointer user_data);

G_END_DECLS
