/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeSecrets: where passwords live. Never the database.
 *
 * forge_secrets_new_default () asks the Secret Service (libsecret; the portal inside Flatpak) and
 * falls back to an encrypted file when none answers within 3 s: `secrets.enc` (one table sealed
 * with AES-256-GCM by GnuTLS, a random nonce per write, the format version as additional data) with
 * its key in `secrets.key`, both mode 0600 in the data directory, written atomically. A keyring
 * that is there again still finds what the file holds from a start without it. Names:
 * "account/<id>", "key/<purpose>". All calls block (job role) and are thread-safe. Errors: STORAGE
 * (with what to do: keyring locked, file damaged …), NOT_FOUND (lookup only), INVALID (empty or
 * over-long).
 */
typedef struct _ForgeSecrets ForgeSecrets;

ForgeSecrets *forge_secrets_new_default (const char *data_dir, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* The encrypted file without asking for a Secret Service. */
ForgeSecrets *forge_secrets_new_file (const char *data_dir, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* In memory only; for tests and --demo. */
ForgeSecrets *forge_secrets_new_memory (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_secrets_free (ForgeSecrets *secrets);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSecrets, forge_secrets_free)

/* "keyring", "file" or "memory"; for status and doctor. */
const char *forge_secrets_backend (ForgeSecrets *secrets);

gboolean forge_secrets_store (ForgeSecrets *secrets,
                              const char *name,
                              const char *value,
                              GCancellable *cancellable,
                              GError **error);
/* Returns: (transfer full), wiped and freed with forge_secret_free (). */
char *forge_secrets_lookup (ForgeSecrets *secrets,
                            const char *name,
                            GCancellable *cancellable,
                            GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* TRUE also if there was none. */
gboolean forge_secrets_forget (ForgeSecrets *secrets,
                               const char *name,
                               GCancellable *cancellable,
                               GError **error);

/* Overwrites and frees; NULL is fine. */
void forge_secret_free (char *value);
typedef char ForgeSecret;
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSecret, forge_secret_free)

G_END_DECLS
