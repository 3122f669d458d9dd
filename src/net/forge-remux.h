/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeRemux: an installed ffmpeg that turns fragments, or pictures and sound that came apart,
 * into one transport stream or one file. It only remuxes: it is fed through sockets and knows no
 * address, so no credential stands in its arguments, and it may open nothing else. It is a process
 * group of its own. Thread: any, but free () last.
 */
typedef struct _ForgeRemux ForgeRemux;

#define FORGE_REMUX_MAX_INPUTS 2

typedef struct {
  const char *format; /* ffmpeg's name of the input format, never guessed by it */
  double offset_s;    /* where its clock begins, for what has none */
} ForgeRemuxInput;

/* What comes out. */
typedef enum {
  FORGE_REMUX_STREAM, /* MPEG-TS; clocks stay as they are */
  FORGE_REMUX_MP4,    /* in fragments: it can be played while it grows */
  FORGE_REMUX_WEBM,
  FORGE_REMUX_MATROSKA,
} ForgeRemuxOutput;

/* The path of ffmpeg, NULL if there is none. (transfer full) */
char *forge_remux_find (void) G_GNUC_WARN_UNUSED_RESULT;
/* What the first bytes of a track are: "mp4", "matroska", "mpegts", "ogg", "flv", "aac", "ac3",
 * "eac3", "mp3"; NULL = unknown. `offset_s` is set from the ID3 tag that packed audio begins with
 * (RFC 8216 §3.4), else to 0. */
const char *forge_remux_sniff (const guint8 *data, gsize length, double *offset_s);

/* Starts it with its standard output on `out_fd` (not taken). `feed_fds` receives a non-blocking
 * socket for each input (the caller's). The first of two inputs is the picture, the second the
 * sound. Error: RETRY. */
ForgeRemux *forge_remux_new (const char *program,
                             ForgeRemuxOutput output,
                             const ForgeRemuxInput *inputs,
                             guint n_inputs,
                             int out_fd,
                             int *feed_fds,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;
typedef enum {
  FORGE_REMUX_RUNNING,
  FORGE_REMUX_DONE,
  FORGE_REMUX_FAILED, /* also if it was killed */
} ForgeRemuxState;
/* Whether what it wrote is whole. Never blocks. */
ForgeRemuxState forge_remux_look (const ForgeRemux *remux);
/* Does not wait. */
void forge_remux_kill (ForgeRemux *remux);
/* Kills it and waits for that. Blocks. */
void forge_remux_free (ForgeRemux *remux);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeRemux, forge_remux_free)

G_END_DECLS
