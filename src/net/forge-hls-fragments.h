/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-hls-crypt.h"

G_BEGIN_DECLS

/**
 * ForgeHlsFragments: undoes SAMPLE-AES in fMP4, which is the scheme "cbcs" of Common Encryption:
 * parts of pictures and units of sound are encrypted where they lie, and boxes tell which. ffmpeg
 * could do it, too, but only with the key in its arguments, which everybody on the machine can
 * read. Internal to net. What is decrypted keeps its place and length; boxes about encryption
 * become free space. Thread: any.
 *
 * Spec: RFC 8216 §4.3.2.4; ISO/IEC 23001-7 §10.4 (cbcs), §7.2 (senc), §8.2 (tenc); ISO/IEC 14496-12
 * §8.8 (fragments).
 */

#define FORGE_HLS_MAX_TRACKS 8u

typedef struct {
  guint32 id;
  guint32 sample_bytes; /* of samples whose fragment does not say it; 0 = it must */
  gboolean is_encrypted;
  guint crypt_blocks, skip_blocks; /* the pattern; skip 0 = all whole blocks */
  guint iv_bytes;                  /* of each sample's own; 0 = `iv` is everybody's */
  guint8 iv[FORGE_HLS_KEY_BYTES];
} ForgeHlsFragmentsTrack;

typedef struct {
  ForgeHlsFragmentsTrack tracks[FORGE_HLS_MAX_TRACKS];
  guint n_tracks;
} ForgeHlsFragments;

/* Learns from an initialisation what is encrypted, and makes it read as if nothing was. FALSE: it
 * is none, or nothing in it is encrypted in this way. */
gboolean forge_hls_fragments_open (ForgeHlsFragments *fragments, guint8 *init, gsize length);
/* One whole segment. FALSE: its boxes make no sense. */
gboolean forge_hls_fragments_decrypt (const ForgeHlsFragments *fragments,
                                      const guint8 key[FORGE_HLS_KEY_BYTES],
                                      guint8 *data,
                                      gsize length);

G_END_DECLS
