/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-dial.h"

G_BEGIN_DECLS

/**
 * ForgeHlsPool: HLS streams as if they were plain ones. Each has a thread that fetches segments and
 * writes a continuous, paced transport stream into a socket; the other end is a ForgeByteSource
 * like any other. Closing that ends the thread.
 *
 * What cannot be joined segment by segment (fMP4, sound apart) passes an installed ffmpeg.
 */
typedef struct _ForgeHlsPool ForgeHlsPool;

ForgeHlsPool *forge_hls_pool_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Ends what still runs and waits for it: soon, as nothing in it waits uncancelled. */
void forge_hls_pool_free (ForgeHlsPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsPool, forge_hls_pool_free)

/* Opens the stream at `url`, the canonical address: tokens are renewed from there. `dial` is either
 * zeroed, or what forge_dial_open () made of the same address and took for FORGE_DIAL_HLS: then its
 * body is the first playlist, so that panels count one connection, and its connection is closed.
 *
 * TRUE: it is a FORGE_DIAL_TS whose first bytes are there to be read. A list that ends after less
 * than a minute is no channel: then `content_length` is 0 and `bytes` none, as of a slate.
 * FALSE: as forge_dial_open (), and UNSUPPORTED for encryption that cannot be undone and for what
 * needs ffmpeg where there is none. Blocks for at most the options' two timeouts. Role: job. */
gboolean forge_hls_open (ForgeHlsPool *pool,
                         const char *url,
                         const ForgeDialOptions *options,
                         ForgeDial *dial,
                         GCancellable *cancellable,
                         GError **error);

/* Streams that run, for tests. Thread: any. */
guint forge_hls_pool_running (ForgeHlsPool *pool);

G_END_DECLS
