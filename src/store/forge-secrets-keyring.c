/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-secrets-private.h"

#include <libsecret/secret.h>

/* Long enough for a person to type the keyring's password. */
#define CALL_TIMEOUT_MS 120000

static const SecretSchema schema = {
  .name = "io.github.streamforge.Password",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

/* Cancels a blocking call after a while: libsecret itself waits as long as the service likes. */
typedef struct {
  GCancellable *cancellable;
  GCancellable *outer; /* the caller's, may be NULL */
  gulong outer_handler;
  gint64 deadline_us; /* monotonic */
  gboolean done;
  GMutex lock;
  GCond changed;
  GThread *thread;
} Deadline;

static gpointer
deadline_thread (gpointer data)
{
  Deadline *deadline = data;
  gboolean expired = FALSE;

  g_mutex_lock (&deadline->lock);
  while (!deadline->done && !expired)
    expired = !g_cond_wait_until (&deadline->changed, &deadline->lock, deadline->deadline_us);
  expired = expired && !deadline->done;
  g_mutex_unlock (&deadline->lock);
  if (expired)
    g_cancellable_cancel (deadline->cancellable);
  return NULL;
}

static void
on_outer_cancelled (GCancellable *outer, gpointer inner)
{
  g_cancellable_cancel (inner);
}

static void
deadline_start (Deadline *deadline, guint timeout_ms, GCancellable *outer)
{
  *deadline = (Deadline){ .outer = outer };
  deadline->cancellable = g_cancellable_new ();
  deadline->deadline_us = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  g_mutex_init (&deadline->lock);
  g_cond_init (&deadline->changed);
  if (outer)
    deadline->outer_handler = g_cancellable_connect (outer,
                                                     G_CALLBACK (on_outer_cancelled),
                                                     g_object_ref (deadline->cancellable),
                                                     g_object_unref);
  deadline->thread = g_thread_new ("forge-deadline", deadline_thread, deadline);
}

static void
deadline_stop (Deadline *deadline)
{
  g_mutex_lock (&deadline->lock);
  deadline->done = TRUE;
  g_cond_signal (&deadline->changed);
  g_mutex_unlock (&deadline->lock);
  g_thread_join (deadline->thread);
  if (deadline->outer)
    g_cancellable_disconnect (deadline->outer, deadline->outer_handler);
  g_object_unref (deadline->cancellable);
  g_cond_clear (&deadline->changed);
  g_mutex_clear (&deadline->lock);
}

/* libsecret's messages name no secret. */
static void
set_error (GError *cause, const char *doing, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The keyring could not %s: %s. Is it unlocked?",
               doing,
               g_error_matches (cause, G_IO_ERROR, G_IO_ERROR_CANCELLED)
                   ? "it did not answer in time or the request was cancelled"
                   : cause->message);
}

static gboolean
keyring_store (ForgeSecrets *secrets,
               const char *name,
               const char *value,
               GCancellable *cancellable,
               GError **error)
{
  g_autofree char *label = g_strdup_printf ("StreamForge: %s", name);
  g_autoptr (GError) local = NULL;
  Deadline deadline;

  deadline_start (&deadline, CALL_TIMEOUT_MS, cancellable);
  gboolean ok = secret_password_store_sync (&schema,
                                            SECRET_COLLECTION_DEFAULT,
                                            label,
                                            value,
                                            deadline.cancellable,
                                            &local,
                                            "name",
                                            name,
                                            NULL);
  deadline_stop (&deadline);
  if (!ok)
    set_error (local, "store a password", error);
  return ok;
}

static gboolean
lookup_within (guint timeout_ms,
               const char *name,
               char **value,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (GError) local = NULL;
  Deadline deadline;

  deadline_start (&deadline, timeout_ms, cancellable);
  char *found =
      secret_password_lookup_sync (&schema, deadline.cancellable, &local, "name", name, NULL);
  deadline_stop (&deadline);
  if (local) {
    set_error (local, "look up a password", error);
    return FALSE;
  }
  *value = g_strdup (found);
  secret_password_free (found);
  return TRUE;
}

static char *
keyring_lookup (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  char *value = NULL;

  if (lookup_within (CALL_TIMEOUT_MS, name, &value, cancellable, error) && !value)
    forge_secrets_not_found (name, error);
  return value;
}

static gboolean
keyring_forget (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (GError) local = NULL;
  Deadline deadline;

  deadline_start (&deadline, CALL_TIMEOUT_MS, cancellable);
  secret_password_clear_sync (&schema, deadline.cancellable, &local, "name", name, NULL);
  deadline_stop (&deadline);
  if (!local)
    return TRUE;
  set_error (local, "remove a password", error);
  return FALSE;
}

static void
keyring_free (ForgeSecrets *secrets)
{
  g_free (secrets);
}

gboolean
forge_secrets_has_session_bus (void)
{
  const char *address = g_getenv ("DBUS_SESSION_BUS_ADDRESS");

  if (address && *address)
    return !g_str_has_prefix (address, "autolaunch:");
  g_autofree char *socket = g_build_filename (g_get_user_runtime_dir (), "bus", NULL);
  return g_file_test (socket, G_FILE_TEST_EXISTS);
}

/* Asks for a secret that does not exist: that needs no unlocking and works with every backend of
 * libsecret. */
ForgeSecrets *
forge_secrets_new_keyring (guint probe_ms, GError **error)
{
  static const ForgeSecretsBackend backend = { "keyring",
                                               keyring_store,
                                               keyring_lookup,
                                               keyring_forget,
                                               keyring_free };
  g_autoptr (ForgeSecret) none = NULL;

  if (!lookup_within (probe_ms, "probe", &none, NULL, error))
    return NULL;
  ForgeSecrets *secrets = g_new0 (ForgeSecrets, 1);
  secrets->backend = &backend;
  return secrets;
}
