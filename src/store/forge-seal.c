/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-seal.h"

#include "base/forge-error.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define NONCE_BYTES 12
#define TAG_BYTES   16

static gboolean
open_cipher (const ForgeSealKey *key, gnutls_aead_cipher_hd_t *cipher)
{
  gnutls_datum_t datum = { (unsigned char *)key->bytes, FORGE_SEAL_KEY_BYTES };

  return gnutls_aead_cipher_init (cipher, GNUTLS_CIPHER_AES_256_GCM, &datum) == 0;
}

/* ---- the key ---- */

static gboolean
make_key (ForgeSecrets *secrets,
          const char *name,
          ForgeSealKey *key,
          GCancellable *cancellable,
          GError **error)
{
  if (gnutls_rnd (GNUTLS_RND_KEY, key->bytes, sizeof key->bytes) != 0) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "There is no randomness");
    return FALSE;
  }
  g_autoptr (ForgeSecret) text = g_base64_encode (key->bytes, sizeof key->bytes);
  return forge_secrets_store (secrets, name, text, cancellable, error);
}

gboolean
forge_seal_key_load (ForgeSecrets *secrets,
                     const char *name,
                     ForgeSealKey *key,
                     GCancellable *cancellable,
                     GError **error)
{
  g_autoptr (GError) failure = NULL;
  g_autoptr (ForgeSecret) text = forge_secrets_lookup (secrets, name, cancellable, &failure);
  gsize size = 0;

  if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
    return make_key (secrets, name, key, cancellable, error);
  if (!text) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return FALSE;
  }
  g_autofree guchar *bytes = g_base64_decode (text, &size);
  if (size == sizeof key->bytes) {
    memcpy (key->bytes, bytes, size);
    gnutls_memset (bytes, 0, size);
    return TRUE;
  }
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "The key “%s” is damaged", name);
  return FALSE;
}

/* ---- texts ---- */

char *
forge_seal (const ForgeSealKey *key, const char *context, const char *text)
{
  gsize length = strlen (text), room = length + TAG_BYTES;
  g_autofree guint8 *out = g_malloc (NONCE_BYTES + room);
  gnutls_aead_cipher_hd_t cipher;

  if (gnutls_rnd (GNUTLS_RND_NONCE, out, NONCE_BYTES) != 0 || !open_cipher (key, &cipher))
    return NULL;
  int result = gnutls_aead_cipher_encrypt (cipher,
                                           out,
                                           NONCE_BYTES,
                                           context,
                                           strlen (context),
                                           TAG_BYTES,
                                           text,
                                           length,
                                           out + NONCE_BYTES,
                                           &room);
  gnutls_aead_cipher_deinit (cipher);
  return result == 0 ? g_base64_encode (out, NONCE_BYTES + room) : NULL;
}

char *
forge_unseal (const ForgeSealKey *key, const char *context, const char *sealed)
{
  gsize size = 0;
  g_autofree guchar *bytes = g_base64_decode (sealed, &size);
  gnutls_aead_cipher_hd_t cipher;

  if (size < NONCE_BYTES + TAG_BYTES || !open_cipher (key, &cipher))
    return NULL;
  gsize length = size;
  g_autofree char *text = g_malloc0 (size + 1);
  int result = gnutls_aead_cipher_decrypt (cipher,
                                           bytes,
                                           NONCE_BYTES,
                                           context,
                                           strlen (context),
                                           TAG_BYTES,
                                           bytes + NONCE_BYTES,
                                           size - NONCE_BYTES,
                                           text,
                                           &length);
  gnutls_aead_cipher_deinit (cipher);
  if (result != 0)
    return NULL;
  text[length] = '\0';
  return g_steal_pointer (&text);
}
