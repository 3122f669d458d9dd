/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define FORGE_HLS_KEY_BYTES 16

/* Internal to net: METHOD=AES-128 of RFC 8216 §4.3.2.4: AES-128-CBC of a whole segment, PKCS#7. */
typedef struct _ForgeHlsCrypt ForgeHlsCrypt;

/* NULL if the cipher is not to be had. */
ForgeHlsCrypt *forge_hls_crypt_new (const guint8 key[FORGE_HLS_KEY_BYTES],
                                    const guint8 iv[FORGE_HLS_KEY_BYTES]) G_GNUC_WARN_UNUSED_RESULT;
void forge_hls_crypt_free (ForgeHlsCrypt *crypt);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHlsCrypt, forge_hls_crypt_free)

/* Appends what can be decrypted of the input so far to `out`; the last block waits for the end. */
void forge_hls_crypt_push (ForgeHlsCrypt *crypt, const guint8 *data, gsize length, GByteArray *out);
/* The end of the segment: the last block without its padding. Padding that is none stays, a block
 * that is not complete is dropped: seen from encoders that do not pad, and in cut segments. */
void forge_hls_crypt_end (ForgeHlsCrypt *crypt, GByteArray *out);

/* The IV of a segment without one: its media sequence number, big-endian. */
void forge_hls_crypt_default_iv (guint64 sequence, guint8 iv[FORGE_HLS_KEY_BYTES]);

G_END_DECLS
