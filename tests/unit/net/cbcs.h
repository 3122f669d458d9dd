/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

/* Encrypts a fragmented file of ffmpeg's (H.264 and AAC) with the scheme "cbcs": of pictures one
 * block of ten behind the first bytes of each slice, of sound all whole blocks; one IV for all. The
 * other way round than forge_hls_fragments_decrypt (), from the same specification. (transfer full)
 */
GByteArray *
cbcs_encrypt (const guint8 *file, gsize length, const guint8 key[16], const guint8 iv[16]);
