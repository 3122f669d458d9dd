/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeHlsRemux: an installed ffmpeg that turns fragments, or pictures and sound that came apart,
 * into one transport stream. It only remuxes: it is fed through sockets and knows no address, so no
 * credential stands in its arguments, and it may open nothing else.
 */
typedef struct _ForgeHlsRemux ForgeHlsRemux;

#define FORGE_HLS_REMUX_MAX_INPUTS 2

typedef struct {
  const char *format; /* ffmpeg's name of the input format, never guessed by it */
  double offset_s;    /* where its clock begins, for what has none */
} ForgeHlsRemuxInput;

/* The path of ffmpeg, NULL if there is none. (transfer full) */
char *forge_hls_remux_find (void) G_GNUC_WARN_UNUSED_RESULT;
/* What the first bytes of a track are: "mp4", "mpegts", "aac", "ac3", "eac3", "mp3"; NULL =
 * unknown. `offset_s` is set from the ID3 tag that packed audio begins with (RFC 8216 §3.4), else
 * to 0. */
const char *forge_hls_remux_sniff (const guint8 *data, gsize length, double *offset_s);

/* Starts it with its standard output on `out_fd` (not taken). `feed_fds` receives a non-blocking
 * socket for each input (the caller's). Error: UNSUPPORTED, RETRY. */
ForgeHlsRemux *forge_hls_remux_new (const char *program,
                                    const ForgeHlsRemuxInput *inputs,
                                    guint n_inputs,
                                    int out_fd,
                                    int *feed_fds,
                                    GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Kills it and waits for that. */
void forge_hls_remux_free (ForgeHlsRemux *remux);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsRemux, forge_hls_remux_free)

G_END_DECLS
