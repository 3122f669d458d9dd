/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-secrets-private.h"

#include <libsecret/secret.h>

/* Long enough for a person to type the keyring's password. */
#define CALL_TIMEOUT_MS 120000
/* Without a prompt. */
#define PROBE_TIMEOUT_MS 5000

static const SecretSchema schema = {
  .name = "io.github.streamforge.Password",
  .flags = SECRET_SCHEMA_NONE,
  .attributes = { { "name", SECRET_SCHEMA_ATTRIBUTE_STRING } },
};

/**
 * Errand: one call of libsecret on a thread of its own. It may wait for a person at a prompt, and a
 * call that prompts must never be cancelled: gnome-keyring 42.1 aborts then (seen in 6 of 6 tries).
 * So a caller that has waited long enough, or does not want it any more, leaves; the errand ends
 * when it ends and frees itself.
 */
typedef struct _Errand Errand;
typedef void (*ErrandFunc) (Errand *errand);

struct _Errand {
  ErrandFunc func;
  char *name, *value; /* what to look for; what to store or what was found */
  gboolean ok;        /* what func says; read after is_done */
  GError *error;
  GMutex lock;
  GCond changed;
  gboolean is_done;
};

static void
errand_clear (gpointer data)
{
  Errand *errand = data;

  g_free (errand->name);
  forge_secret_free (errand->value);
  g_clear_error (&errand->error);
  g_cond_clear (&errand->changed);
  g_mutex_clear (&errand->lock);
}

static void
errand_unref (Errand *errand)
{
  g_atomic_rc_box_release_full (errand, errand_clear);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Errand, errand_unref)

static gpointer
errand_thread (gpointer data)
{
  Errand *errand = data;

  errand->func (errand);
  g_mutex_lock (&errand->lock);
  errand->is_done = TRUE;
  g_cond_broadcast (&errand->changed);
  g_mutex_unlock (&errand->lock);
  errand_unref (errand);
  return NULL;
}

static void
on_unwanted (GCancellable *cancellable, gpointer data)
{
  Errand *errand = data;

  g_mutex_lock (&errand->lock);
  g_cond_broadcast (&errand->changed);
  g_mutex_unlock (&errand->lock);
}

/* TRUE when it is done, FALSE when the time is up or `cancellable` fired. */
static gboolean
wait_for (Errand *errand, guint timeout_ms, GCancellable *cancellable)
{
  gint64 end_us = g_get_monotonic_time () + timeout_ms * G_TIME_SPAN_MILLISECOND;
  gulong handler = 0;

  if (cancellable)
    handler = g_cancellable_connect (cancellable,
                                     G_CALLBACK (on_unwanted),
                                     g_atomic_rc_box_acquire (errand),
                                     (GDestroyNotify)errand_unref);
  g_mutex_lock (&errand->lock);
  while (!errand->is_done && !g_cancellable_is_cancelled (cancellable) &&
         g_cond_wait_until (&errand->changed, &errand->lock, end_us))
    ;
  gboolean is_done = errand->is_done;
  g_mutex_unlock (&errand->lock);
  if (handler)
    g_cancellable_disconnect (cancellable, handler);
  return is_done;
}

/* Runs it and waits. NULL with a STORAGE error when it failed or took too long; `doing` is for that
 * message. libsecret's messages name no secret. */
static Errand *
run_errand (ErrandFunc func,
            const char *doing,
            const char *name,
            const char *value,
            guint timeout_ms,
            GCancellable *cancellable,
            GError **error)
{
  g_autoptr (Errand) errand = g_atomic_rc_box_new0 (Errand);

  errand->func = func;
  errand->name = g_strdup (name);
  errand->value = g_strdup (value);
  g_mutex_init (&errand->lock);
  g_cond_init (&errand->changed);
  g_thread_unref (g_thread_new ("forge-keyring", errand_thread, g_atomic_rc_box_acquire (errand)));
  if (!wait_for (errand, timeout_ms, cancellable)) {
    g_set_error (
        error,
        FORGE_ERROR,
        FORGE_ERROR_STORAGE,
        "The keyring could not %s: it did not answer in time. Is it waiting for its password?",
        doing);
    return NULL;
  }
  if (errand->ok)
    return g_steal_pointer (&errand);
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The keyring could not %s: %s. Is it unlocked?",
               doing,
               errand->error ? errand->error->message : "it gives no reason");
  return NULL;
}

static void
store_errand (Errand *errand)
{
  g_autofree char *label = g_strdup_printf ("StreamForge: %s", errand->name);

  errand->ok = secret_password_store_sync (&schema,
                                           SECRET_COLLECTION_DEFAULT,
                                           label,
                                           errand->value,
                                           NULL,
                                           &errand->error,
                                           "name",
                                           errand->name,
                                           NULL);
}

static void
lookup_errand (Errand *errand)
{
  char *found =
      secret_password_lookup_sync (&schema, NULL, &errand->error, "name", errand->name, NULL);

  errand->value = g_strdup (found);
  errand->ok = errand->error == NULL;
  secret_password_free (found);
}

static void
forget_errand (Errand *errand)
{
  secret_password_clear_sync (&schema, NULL, &errand->error, "name", errand->name, NULL);
  errand->ok = errand->error == NULL;
}

static void
on_searched (GObject *source, GAsyncResult *result, gpointer data)
{
  GAsyncResult **found = data;

  *found = g_object_ref (result);
}

/* Items end in idle calls of the loop that they were made in: libsecret's own search_sync () has a
 * loop that is gone by then, and 8 bytes are lost for each signal that they listened to. */
static GList *
search (GMainContext *context, const char *name)
{
  g_autoptr (GAsyncResult) result = NULL;

  secret_password_search (&schema,
                          SECRET_SEARCH_ALL,
                          NULL,
                          on_searched,
                          &result,
                          "name",
                          name,
                          NULL);
  while (!result)
    g_main_context_iteration (context, TRUE);
  return secret_password_search_finish (result, NULL);
}

/* Whether it is there but locked, without a prompt: a lookup of a locked one that nobody unlocks
 * finds nothing and reports no error. `ok` = it is locked. */
static void
is_locked_errand (Errand *errand)
{
  g_autoptr (GMainContext) context = g_main_context_new ();

  g_main_context_push_thread_default (context);
  GList *found = search (context, errand->name);
  for (GList *each = found; each; each = each->next)
    errand->ok |= SECRET_IS_ITEM (each->data) && secret_item_get_locked (each->data);
  g_list_free_full (found, g_object_unref);
  while (g_main_context_iteration (context, FALSE))
    ;
  g_main_context_pop_thread_default (context);
}

static gboolean
keyring_store (ForgeSecrets *secrets,
               const char *name,
               const char *value,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (Errand) errand = run_errand (store_errand,
                                          "store a password",
                                          name,
                                          value,
                                          CALL_TIMEOUT_MS,
                                          cancellable,
                                          error);

  return errand != NULL;
}

static gboolean
lookup_within (guint timeout_ms,
               const char *name,
               char **value,
               GCancellable *cancellable,
               GError **error)
{
  g_autoptr (Errand) errand =
      run_errand (lookup_errand, "look up a password", name, NULL, timeout_ms, cancellable, error);

  if (errand)
    *value = g_steal_pointer (&errand->value);
  return errand != NULL;
}

static gboolean
is_locked (const char *name, GCancellable *cancellable)
{
  g_autoptr (Errand) errand =
      run_errand (is_locked_errand, "search", name, NULL, PROBE_TIMEOUT_MS, cancellable, NULL);

  return errand != NULL;
}

static char *
keyring_lookup (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  char *value = NULL;

  if (!lookup_within (CALL_TIMEOUT_MS, name, &value, cancellable, error) || value)
    return value;
  if (is_locked (name, cancellable))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "The keyring is locked, so the password of “%s” cannot be read. Unlock it and try "
                 "again",
                 name);
  else
    forge_secrets_not_found (name, error);
  return NULL;
}

static gboolean
keyring_forget (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  g_autoptr (Errand) errand = run_errand (forget_errand,
                                          "remove a password",
                                          name,
                                          NULL,
                                          CALL_TIMEOUT_MS,
                                          cancellable,
                                          error);

  return errand != NULL;
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
