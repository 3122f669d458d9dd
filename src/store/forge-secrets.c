/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-store"

#include "config.h"

#include "store/forge-secrets.h"

#include "base/forge-error.h"
#include "store/forge-secrets-private.h"

#include <gnutls/gnutls.h>
#include <string.h>

#define KEYRING_PROBE_MS 3000

void
forge_secret_free (char *value)
{
  if (value)
    gnutls_memset (value, 0, strlen (value));
  g_free (value);
}

void
forge_secrets_not_found (const char *name, GError **error)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND, "No secret is stored for “%s”", name);
}

/* In memory. */

typedef struct {
  ForgeSecrets base;
  GMutex lock;
  GHashTable *values;
} MemorySecrets;

static gboolean
memory_store (ForgeSecrets *secrets,
              const char *name,
              const char *value,
              GCancellable *cancellable,
              GError **error)
{
  MemorySecrets *self = (MemorySecrets *)secrets;

  g_mutex_lock (&self->lock);
  g_hash_table_replace (self->values, g_strdup (name), g_strdup (value));
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static char *
memory_lookup (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  MemorySecrets *self = (MemorySecrets *)secrets;

  g_mutex_lock (&self->lock);
  char *value = g_strdup (g_hash_table_lookup (self->values, name));
  g_mutex_unlock (&self->lock);
  if (!value)
    forge_secrets_not_found (name, error);
  return value;
}

static gboolean
memory_forget (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  MemorySecrets *self = (MemorySecrets *)secrets;

  g_mutex_lock (&self->lock);
  g_hash_table_remove (self->values, name);
  g_mutex_unlock (&self->lock);
  return TRUE;
}

static void
memory_free (ForgeSecrets *secrets)
{
  MemorySecrets *self = (MemorySecrets *)secrets;

  g_hash_table_unref (self->values);
  g_mutex_clear (&self->lock);
  g_free (self);
}

ForgeSecrets *
forge_secrets_new_memory (void)
{
  static const ForgeSecretsBackend backend = { "memory",
                                               memory_store,
                                               memory_lookup,
                                               memory_forget,
                                               memory_free };
  MemorySecrets *self = g_new0 (MemorySecrets, 1);

  self->base.backend = &backend;
  self->values =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)forge_secret_free);
  g_mutex_init (&self->lock);
  return &self->base;
}

/* A keyring in front of a file that an earlier start without a keyring left behind. */

typedef struct {
  ForgeSecrets base;
  ForgeSecrets *keyring;
  ForgeSecrets *file;
} LayeredSecrets;

static gboolean
layered_store (ForgeSecrets *secrets,
               const char *name,
               const char *value,
               GCancellable *cancellable,
               GError **error)
{
  LayeredSecrets *self = (LayeredSecrets *)secrets;

  return forge_secrets_store (self->keyring, name, value, cancellable, error) &&
         forge_secrets_forget (self->file, name, cancellable, error);
}

static char *
layered_lookup (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  LayeredSecrets *self = (LayeredSecrets *)secrets;
  g_autoptr (GError) local = NULL;
  char *value = forge_secrets_lookup (self->keyring, name, cancellable, &local);

  if (value)
    return value;
  if (!g_error_matches (local, FORGE_ERROR, FORGE_ERROR_NOT_FOUND)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return NULL;
  }
  return forge_secrets_lookup (self->file, name, cancellable, error);
}

static gboolean
layered_forget (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  LayeredSecrets *self = (LayeredSecrets *)secrets;

  return forge_secrets_forget (self->keyring, name, cancellable, error) &&
         forge_secrets_forget (self->file, name, cancellable, error);
}

static void
layered_free (ForgeSecrets *secrets)
{
  LayeredSecrets *self = (LayeredSecrets *)secrets;

  forge_secrets_free (self->keyring);
  forge_secrets_free (self->file);
  g_free (self);
}

static ForgeSecrets *
new_layered (ForgeSecrets *keyring, ForgeSecrets *file)
{
  static const ForgeSecretsBackend backend = { "keyring",
                                               layered_store,
                                               layered_lookup,
                                               layered_forget,
                                               layered_free };
  LayeredSecrets *self = g_new0 (LayeredSecrets, 1);

  self->base.backend = &backend;
  self->keyring = keyring;
  self->file = file;
  return &self->base;
}

ForgeSecrets *
forge_secrets_new_default (const char *data_dir, GError **error)
{
  g_autoptr (ForgeSecrets) keyring = NULL;
  g_autoptr (GError) local = NULL;

  if (forge_secrets_has_session_bus ())
    keyring = forge_secrets_new_keyring (KEYRING_PROBE_MS, &local);
  if (!keyring) {
    g_info ("Passwords are kept in an encrypted file: %s",
            local ? local->message : "there is no session bus");
    return forge_secrets_new_file (data_dir, error);
  }
  if (!forge_secrets_file_exists (data_dir))
    return g_steal_pointer (&keyring);
  ForgeSecrets *file = forge_secrets_new_file (data_dir, error);
  return file ? new_layered (g_steal_pointer (&keyring), file) : NULL;
}

void
forge_secrets_free (ForgeSecrets *secrets)
{
  if (secrets)
    secrets->backend->free (secrets);
}

const char *
forge_secrets_backend (ForgeSecrets *secrets)
{
  return secrets->backend->name;
}

static gboolean
check_length (const char *what, const char *text, gsize limit, GError **error)
{
  if (*text && strlen (text) <= limit)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "A secret's %s has 1 to %" G_GSIZE_FORMAT " bytes; this one has %" G_GSIZE_FORMAT,
               what,
               limit,
               strlen (text));
  return FALSE;
}

gboolean
forge_secrets_store (ForgeSecrets *secrets,
                     const char *name,
                     const char *value,
                     GCancellable *cancellable,
                     GError **error)
{
  g_return_val_if_fail (name && value, FALSE);

  return check_length ("name", name, FORGE_SECRETS_MAX_NAME_BYTES, error) &&
         check_length ("value", value, FORGE_SECRETS_MAX_VALUE_BYTES, error) &&
         secrets->backend->store (secrets, name, value, cancellable, error);
}

char *
forge_secrets_lookup (ForgeSecrets *secrets,
                      const char *name,
                      GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (name, NULL);

  return secrets->backend->lookup (secrets, name, cancellable, error);
}

gboolean
forge_secrets_forget (ForgeSecrets *secrets,
                      const char *name,
                      GCancellable *cancellable,
                      GError **error)
{
  g_return_val_if_fail (name, FALSE);

  return secrets->backend->forget (secrets, name, cancellable, error);
}
