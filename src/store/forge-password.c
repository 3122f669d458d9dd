/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-password.h"

#include "base/forge-error.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>

#define SCHEME       "pbkdf2-sha256"
#define ROUNDS       10000
#define MAX_ROUNDS   1000000
#define SALT_BYTES   16
#define HASH_BYTES   32
#define MADE_LETTERS 12

static gboolean
derive (const char *password, const guint8 *salt, gsize salt_bytes, guint rounds, guint8 *hash)
{
  const gnutls_datum_t key = { (unsigned char *)password, (unsigned int)strlen (password) };
  const gnutls_datum_t grain = { (unsigned char *)salt, (unsigned int)salt_bytes };

  return gnutls_pbkdf2 (GNUTLS_MAC_SHA256, &key, &grain, rounds, hash, HASH_BYTES) == 0;
}

static char *
to_hex (const guint8 *bytes, gsize length)
{
  GString *text = g_string_sized_new (2 * length);

  for (gsize i = 0; i < length; i++)
    g_string_append_printf (text, "%02x", bytes[i]);
  return g_string_free (text, FALSE);
}

/* FALSE unless `text` is exactly that many bytes in hex. */
static gboolean
from_hex (const char *text, guint8 *bytes, gsize length)
{
  if (strlen (text) != 2 * length)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    int high = g_ascii_xdigit_value (text[2 * i]), low = g_ascii_xdigit_value (text[2 * i + 1]);
    if (high < 0 || low < 0)
      return FALSE;
    bytes[i] = (guint8)(high << 4 | low);
  }
  return TRUE;
}

static gboolean
failed (GError **error)
{
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INTERNAL, "The crypto library failed");
  return FALSE;
}

char *
forge_password_hash (const char *password, GError **error)
{
  guint8 salt[SALT_BYTES], hash[HASH_BYTES];

  if (gnutls_rnd (GNUTLS_RND_NONCE, salt, sizeof salt) != 0 ||
      !derive (password, salt, sizeof salt, ROUNDS, hash)) {
    failed (error);
    return NULL;
  }
  g_autofree char *salt_hex = to_hex (salt, sizeof salt);
  g_autofree char *hash_hex = to_hex (hash, sizeof hash);
  return g_strdup_printf (SCHEME ":%d:%s:%s", ROUNDS, salt_hex, hash_hex);
}

gboolean
forge_password_is_right (const char *password, const char *secret)
{
  g_auto (GStrv) parts = g_strsplit (secret ? secret : "", ":", -1);
  guint8 salt[SALT_BYTES], wanted[HASH_BYTES], hash[HASH_BYTES];
  guint64 rounds;

  if (g_strv_length (parts) != 4 || strcmp (parts[0], SCHEME) != 0 ||
      !g_ascii_string_to_unsigned (parts[1], 10, 1, MAX_ROUNDS, &rounds, NULL) ||
      !from_hex (parts[2], salt, sizeof salt) || !from_hex (parts[3], wanted, sizeof wanted))
    return FALSE;
  return derive (password, salt, sizeof salt, (guint)rounds, hash) &&
         gnutls_memcmp (hash, wanted, sizeof hash) == 0;
}

char *
forge_password_make (GError **error)
{
  /* 30 of them: bytes from 240 up are thrown away, so that each is as likely as another. */
  static const char letters[] = "abcdefghjkmnpqrstuvwxyz3456789";
  char *password = g_malloc0 (MADE_LETTERS + 1);
  guint8 byte;

  for (guint n = 0; n < MADE_LETTERS;) {
    if (gnutls_rnd (GNUTLS_RND_RANDOM, &byte, 1) != 0) {
      failed (error);
      g_free (password);
      return NULL;
    }
    if (byte < 240)
      password[n++] = letters[byte % 30];
  }
  return password;
}
