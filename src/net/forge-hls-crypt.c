/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-crypt.h"

#include <gnutls/crypto.h>
#include <string.h>

#define BLOCK_BYTES FORGE_HLS_KEY_BYTES

struct _ForgeHlsCrypt {
  gnutls_cipher_hd_t cipher;
  GByteArray *held; /* not decrypted yet: up to one block and a part of the next */
};

ForgeHlsCrypt *
forge_hls_crypt_new (const guint8 key[FORGE_HLS_KEY_BYTES], const guint8 iv[FORGE_HLS_KEY_BYTES])
{
  guint8 key_copy[FORGE_HLS_KEY_BYTES], iv_copy[FORGE_HLS_KEY_BYTES];
  const gnutls_datum_t key_datum = { key_copy, sizeof key_copy };
  const gnutls_datum_t iv_datum = { iv_copy, sizeof iv_copy };
  gnutls_cipher_hd_t cipher;

  memcpy (key_copy, key, sizeof key_copy);
  memcpy (iv_copy, iv, sizeof iv_copy);
  if (gnutls_cipher_init (&cipher, GNUTLS_CIPHER_AES_128_CBC, &key_datum, &iv_datum) < 0)
    return NULL;
  ForgeHlsCrypt *crypt = g_new0 (ForgeHlsCrypt, 1);
  crypt->cipher = cipher;
  crypt->held = g_byte_array_new ();
  return crypt;
}

void
forge_hls_crypt_free (ForgeHlsCrypt *crypt)
{
  if (!crypt)
    return;
  gnutls_cipher_deinit (crypt->cipher);
  g_byte_array_unref (crypt->held);
  g_free (crypt);
}

static void
decrypt (ForgeHlsCrypt *crypt, gsize length, GByteArray *out)
{
  guint at = out->len;

  if (length == 0)
    return;
  g_byte_array_append (out, crypt->held->data, (guint)length);
  if (gnutls_cipher_decrypt (crypt->cipher, out->data + at, length) < 0)
    g_byte_array_set_size (out, at);
  g_byte_array_remove_range (crypt->held, 0, (guint)length);
}

void
forge_hls_crypt_push (ForgeHlsCrypt *crypt, const guint8 *data, gsize length, GByteArray *out)
{
  g_byte_array_append (crypt->held, data, (guint)length);
  if (crypt->held->len > BLOCK_BYTES)
    decrypt (crypt, (crypt->held->len - 1) / BLOCK_BYTES * BLOCK_BYTES, out);
}

/* Bytes of padding at the end of `block`, 0 = it has none. */
static guint
padding_of (const guint8 *block)
{
  guint n = block[BLOCK_BYTES - 1];

  if (n == 0 || n > BLOCK_BYTES)
    return 0;
  for (guint i = BLOCK_BYTES - n; i < BLOCK_BYTES; i++)
    if (block[i] != n)
      return 0;
  return n;
}

void
forge_hls_crypt_end (ForgeHlsCrypt *crypt, GByteArray *out)
{
  guint before = out->len;

  if (crypt->held->len == BLOCK_BYTES)
    decrypt (crypt, BLOCK_BYTES, out);
  if (out->len == before + BLOCK_BYTES)
    g_byte_array_set_size (out, out->len - padding_of (out->data + before));
  g_byte_array_set_size (crypt->held, 0);
}

void
forge_hls_crypt_default_iv (guint64 sequence, guint8 iv[FORGE_HLS_KEY_BYTES])
{
  guint64 number = GUINT64_TO_BE (sequence);

  memset (iv, 0, FORGE_HLS_KEY_BYTES);
  memcpy (iv + FORGE_HLS_KEY_BYTES - sizeof number, &number, sizeof number);
}
