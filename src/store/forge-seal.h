/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-secrets.h"

G_BEGIN_DECLS

/**
 * Texts that may stand in the database only so that nobody can read them there: AES-256-GCM with a
 * key from the secret store, a random nonce for each. `context` (what it is and where it belongs)
 * is not in it, but without the same one it cannot be opened.
 */
#define FORGE_SEAL_KEY_BYTES 32

typedef struct {
  guint8 bytes[FORGE_SEAL_KEY_BYTES];
} ForgeSealKey;

/* The key of that name, made if there is none. Blocks. Role: job. Error: STORAGE; INVALID
 * (damaged). */
gboolean forge_seal_key_load (ForgeSecrets *secrets,
                              const char *name,
                              ForgeSealKey *key,
                              GCancellable *cancellable,
                              GError **error);
/* base64. (transfer full) NULL only if there is no randomness. */
char *forge_seal (const ForgeSealKey *key, const char *context, const char *text)
    G_GNUC_WARN_UNUSED_RESULT;
/* NULL: another key, another context, or damaged. (transfer full) */
char *forge_unseal (const ForgeSealKey *key, const char *context, const char *sealed)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
