/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-secrets.h"

G_BEGIN_DECLS

/* What a place for secrets does. Implementations embed ForgeSecrets first and are thread-safe. */
typedef struct {
  const char *name;
  gboolean (*store) (ForgeSecrets *secrets,
                     const char *name,
                     const char *value,
                     GCancellable *cancellable,
                     GError **error);
  /* NOT_FOUND if there is none. */
  char *(*lookup) (ForgeSecrets *secrets,
                   const char *name,
                   GCancellable *cancellable,
                   GError **error);
  /* TRUE also if there was none. */
  gboolean (*forget) (ForgeSecrets *secrets,
                      const char *name,
                      GCancellable *cancellable,
                      GError **error);
  void (*free) (ForgeSecrets *secrets);
} ForgeSecretsBackend;

struct _ForgeSecrets {
  const ForgeSecretsBackend *backend;
};

#define FORGE_SECRETS_MAX_NAME_BYTES  256
#define FORGE_SECRETS_MAX_VALUE_BYTES 4096

void forge_secrets_not_found (const char *name, GError **error);

/* The Secret Service, if it answers within `probe_ms`; NULL with STORAGE otherwise. */
ForgeSecrets *forge_secrets_new_keyring (guint probe_ms, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE if there is no session bus to ask, so that GDBus would try to launch one. */
gboolean forge_secrets_has_session_bus (void);
/* TRUE if `data_dir` holds secrets in a file. */
gboolean forge_secrets_file_exists (const char *data_dir);

G_END_DECLS
