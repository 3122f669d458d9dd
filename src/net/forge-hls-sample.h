/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-hls-crypt.h"

G_BEGIN_DECLS

/**
 * forge_hls_sample: undoes SAMPLE-AES, which encrypts parts of pictures and units of sound and
 * leaves the container in the clear. Internal to net. No byte is moved to another packet: what
 * becomes shorter is filled up with the zeros that may follow a NAL unit, so that clocks, counters
 * and lengths stay as they are.
 *
 *   H.264         slices above 48 bytes: 32 clear, then 16 of each 160 encrypted
 *   AAC           a frame: header and 16 bytes clear, then all whole blocks
 *   AC-3, E-AC-3  a frame: 16 bytes clear, then all whole blocks
 *
 * Spec: Apple, "MPEG-2 Stream Encryption Format for HTTP Live Streaming".
 */

/* `data` is one whole segment of `format` (forge_remux_sniff()): "mpegts" (whole packets),
 * "aac", "ac3", "eac3". Decrypts in place. FALSE: it is of another kind, or its tables make no
 * sense. Thread: any. */
gboolean forge_hls_sample_decrypt (const guint8 key[FORGE_HLS_KEY_BYTES],
                                   const guint8 iv[FORGE_HLS_KEY_BYTES],
                                   const char *format,
                                   guint8 *data,
                                   gsize length);

G_END_DECLS
