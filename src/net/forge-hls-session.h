/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-hls.h"
#include "net/forge-dial.h"

G_BEGIN_DECLS

/**
 * ForgeHlsSession: one HLS stream on its way into a socket, as continuous MPEG-TS. Internal to net;
 * lives on one thread.
 *
 *   playlist ─▶ track ─▶ segment ─▶ decrypt ─▶ cut at packets ─▶ pacer ─▶ socket
 *                                      └ fMP4, sound apart ─▶ pacer ─▶ ffmpeg ─▶ socket
 *
 * An address that is refused (401, 403, 404, 410) had its token: the canonical one is asked for a
 * new list, at most once in 5 s, and the sequence numbers say where to go on.
 */
typedef struct _ForgeHlsSession ForgeHlsSession;

typedef struct {
  const char *url; /* canonical */
  const ForgeDialOptions *options;
  int fd;             /* blocking socket, taken */
  GCancellable *stop; /* ends it; it is also fired when the reader closes the other end */
} ForgeHlsSessionConfig;

ForgeHlsSession *forge_hls_session_new (const ForgeHlsSessionConfig *config)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_hls_session_free (ForgeHlsSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsSession, forge_hls_session_free)

/* A list that is already here: it spares the first request. Takes `playlist`; `base` is copied. */
void forge_hls_session_set_first (ForgeHlsSession *session,
                                  ForgeHlsPlaylist *playlist,
                                  const char *base);

typedef enum {
  FORGE_HLS_FAILED,
  FORGE_HLS_FLOWING, /* the first bytes are in the socket */
  FORGE_HLS_SLATE,   /* a short list with an end: "you are over your limit" and the like */
} ForgeHlsStart;

/* Called once on the session's thread. `error` is given away, NULL unless FAILED: as those of
 * forge_dial_open (), and UNSUPPORTED for what cannot be played here. */
typedef void (*ForgeHlsStartFunc) (ForgeHlsStart start, GError *error, gpointer user_data);

/* Blocks until the stream ended, its reader went or `stop` was fired. The start takes at most the
 * options' two timeouts. */
void
forge_hls_session_run (ForgeHlsSession *session, ForgeHlsStartFunc started, gpointer user_data);

G_END_DECLS
