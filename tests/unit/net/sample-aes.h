/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Encrypts a segment as ffmpeg's muxer writes them (H.264 and AAC) with SAMPLE-AES. The other way
 * round than src/net does it: units become longer, so packets are made anew. */
GByteArray *
sample_aes_encrypt (const guint8 *data, gsize length, const guint8 key[16], const guint8 iv[16]);
