/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-secrets-private.h"

#include <gio/gunixsocketaddress.h>
#include <glib/gstdio.h>

#include <string.h>
#include <unistd.h>

/* A folder with the encrypted file's two parts. */
typedef struct {
  char *folder;
  char *key_path;
  char *table_path;
} Vault;

static void
vault_set_up (Vault *vault, gconstpointer unused)
{
  vault->folder = g_dir_make_tmp ("forge-secrets-XXXXXX", NULL);
  g_assert_nonnull (vault->folder);
  vault->key_path = g_build_filename (vault->folder, "secrets.key", NULL);
  vault->table_path = g_build_filename (vault->folder, "secrets.enc", NULL);
}

static void
vault_tear_down (Vault *vault, gconstpointer unused)
{
  store_fixture_remove_folder (vault->folder);
  g_free (vault->folder);
  g_free (vault->key_path);
  g_free (vault->table_path);
}

static ForgeSecrets *
open_vault (Vault *vault)
{
  g_autoptr (GError) error = NULL;
  ForgeSecrets *secrets = forge_secrets_new_file (vault->folder, &error);

  g_assert_no_error (error);
  return secrets;
}

static void
put (ForgeSecrets *secrets, const char *name, const char *value)
{
  g_autoptr (GError) error = NULL;

  forge_secrets_store (secrets, name, value, NULL, &error);
  g_assert_no_error (error);
}

static void
assert_secret (ForgeSecrets *secrets, const char *name, const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeSecret) value = forge_secrets_lookup (secrets, name, NULL, &error);

  g_assert_cmpstr (value, ==, expected);
  if (!expected)
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_NOT_FOUND);
}

static void
exercise (ForgeSecrets *secrets)
{
  g_autofree char *large = g_strnfill (FORGE_SECRETS_MAX_VALUE_BYTES, 'x');
  g_autofree char *too_large = g_strnfill (FORGE_SECRETS_MAX_VALUE_BYTES + 1, 'x');
  g_autoptr (GError) error = NULL;

  assert_secret (secrets, "account/1", NULL);
  put (secrets, "account/1", "pässword &<>\"");
  put (secrets, "account/2", "b");
  put (secrets, "account/2", large);
  assert_secret (secrets, "account/1", "pässword &<>\"");
  assert_secret (secrets, "account/2", large);
  g_assert_true (forge_secrets_forget (secrets, "account/1", NULL, NULL));
  g_assert_true (forge_secrets_forget (secrets, "account/1", NULL, NULL));
  assert_secret (secrets, "account/1", NULL);
  assert_secret (secrets, "account/2", large);
  g_assert_false (forge_secrets_store (secrets, "account/2", too_large, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_false (forge_secrets_store (secrets, "", "x", NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static void
test_memory_keeps_secrets (void)
{
  g_autoptr (ForgeSecrets) secrets = forge_secrets_new_memory ();

  g_assert_cmpstr (forge_secrets_backend (secrets), ==, "memory");
  exercise (secrets);
}

static void
test_file_keeps_secrets (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);

  g_assert_cmpstr (forge_secrets_backend (secrets), ==, "file");
  exercise (secrets);
}

static void
test_file_survives_a_restart (Vault *vault, gconstpointer unused)
{
  ForgeSecrets *first = open_vault (vault);

  put (first, "account/1", "secret");
  forge_secrets_free (first);
  g_autoptr (ForgeSecrets) second = open_vault (vault);
  assert_secret (second, "account/1", "secret");
}

static gboolean
file_contains (const char *path, const char *text)
{
  g_autofree char *data = NULL;
  gsize size;

  g_assert_true (g_file_get_contents (path, &data, &size, NULL));
  return memmem (data, size, text, strlen (text)) != NULL;
}

static void
test_file_shows_nothing_and_is_private (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GStatBuf info;
  gsize size;

  put (secrets, "account/1", "open-sesame");
  g_assert_true (g_file_get_contents (vault->table_path, &first, &size, NULL));
  g_assert_false (file_contains (vault->table_path, "open-sesame"));
  g_assert_false (file_contains (vault->table_path, "account"));
  g_assert_cmpint (g_stat (vault->table_path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (vault->key_path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (info.st_size, ==, 32);
  /* the same content again has another nonce */
  put (secrets, "account/1", "open-sesame");
  g_assert_true (g_file_get_contents (vault->table_path, &second, &size, NULL));
  g_assert_cmpint (memcmp (first, second, size), !=, 0);
}

/* Storing must fail with STORAGE and leave both files as they are. */
static void
assert_refused (Vault *vault, ForgeSecrets *secrets)
{
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  gsize size_before = 0, size_after = 0;
  g_autoptr (GError) error = NULL;

  g_file_get_contents (vault->table_path, &before, &size_before, NULL);
  g_assert_null (forge_secrets_lookup (secrets, "account/1", NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (forge_secrets_store (secrets, "account/2", "new", NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_false (forge_secrets_forget (secrets, "account/1", NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_clear_error (&error);
  g_assert_null (forge_secrets_new_file (vault->folder, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_file_get_contents (vault->table_path, &after, &size_after, NULL);
  g_assert_cmpmem (before, size_before, after, size_after);
}

static void
test_any_changed_byte_is_noticed (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  g_autofree char *data = NULL;
  gsize size;

  put (secrets, "account/1", "secret");
  g_assert_true (g_file_get_contents (vault->table_path, &data, &size, NULL));
  for (gsize i = 0; i < size; i++) {
    data[i] ^= 1;
    g_assert_true (g_file_set_contents_full (vault->table_path,
                                             data,
                                             (gssize)size,
                                             G_FILE_SET_CONTENTS_NONE,
                                             0600,
                                             NULL));
    assert_refused (vault, secrets);
    data[i] ^= 1;
  }
  for (gsize length = 0; length < size; length++) {
    g_assert_true (g_file_set_contents_full (vault->table_path,
                                             data,
                                             (gssize)length,
                                             G_FILE_SET_CONTENTS_NONE,
                                             0600,
                                             NULL));
    assert_refused (vault, secrets);
  }
  g_assert_true (g_file_set_contents_full (vault->table_path,
                                           data,
                                           (gssize)size,
                                           G_FILE_SET_CONTENTS_NONE,
                                           0600,
                                           NULL));
  assert_secret (secrets, "account/1", "secret");
}

static void
test_wrong_or_missing_key_is_refused (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  g_autofree char *key = NULL;

  put (secrets, "account/1", "secret");
  g_assert_true (g_file_get_contents (vault->key_path, &key, NULL, NULL));
  key[31] ^= 0x80;
  g_assert_true (
      g_file_set_contents_full (vault->key_path, key, 32, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  assert_refused (vault, secrets);
  g_assert_true (
      g_file_set_contents_full (vault->key_path, key, 31, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  assert_refused (vault, secrets);
  g_assert_cmpint (g_unlink (vault->key_path), ==, 0);
  assert_refused (vault, secrets);
  g_assert_false (g_file_test (vault->key_path, G_FILE_TEST_EXISTS));
}

static void
test_open_permissions_are_refused (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);

  put (secrets, "account/1", "secret");
  g_assert_cmpint (g_chmod (vault->key_path, 0640), ==, 0);
  assert_refused (vault, secrets);
  g_assert_cmpint (g_chmod (vault->key_path, 0600), ==, 0);
  g_assert_cmpint (g_chmod (vault->table_path, 0604), ==, 0);
  assert_refused (vault, secrets);
  g_assert_cmpint (g_chmod (vault->table_path, 0600), ==, 0);
  assert_secret (secrets, "account/1", "secret");
}

static void
test_link_in_place_of_the_key_is_refused (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  g_autofree char *elsewhere = g_build_filename (vault->folder, "elsewhere", NULL);

  put (secrets, "account/1", "secret");
  g_assert_cmpint (g_rename (vault->key_path, elsewhere), ==, 0);
  g_assert_cmpint (symlink (elsewhere, vault->key_path), ==, 0);
  assert_refused (vault, secrets);
}

/* The machine stopped while the first key was written. */
static void
test_half_written_first_key_is_made_anew (Vault *vault, gconstpointer unused)
{
  g_assert_true (
      g_file_set_contents_full (vault->key_path, "abc", 3, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  put (secrets, "account/1", "secret");
  assert_secret (secrets, "account/1", "secret");
}

static gpointer
storing_thread (gpointer data)
{
  ForgeSecrets *secrets = data;

  for (int i = 0; i < 5; i++) {
    g_autofree char *name = g_strdup_printf ("account/%p-%d", (void *)g_thread_self (), i);
    put (secrets, name, name);
    assert_secret (secrets, name, name);
  }
  return NULL;
}

static void
test_threads_do_not_lose_each_others_secrets (Vault *vault, gconstpointer unused)
{
  g_autoptr (ForgeSecrets) secrets = open_vault (vault);
  GThread *threads[3];

  put (secrets, "account/1", "secret");
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("storing", storing_thread, secrets);
  for (gsize i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  assert_secret (secrets, "account/1", "secret");
}

/* In a process of its own, because GDBus remembers the first session bus. */
static void
run_without_bus (Vault *vault, gconstpointer unused)
{
  if (g_test_subprocess ()) {
    g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
    g_setenv ("XDG_RUNTIME_DIR", vault->folder, TRUE);
    gint64 start_us = g_get_monotonic_time ();
    g_autoptr (ForgeSecrets) secrets = forge_secrets_new_default (vault->folder, NULL);
    g_assert_cmpstr (forge_secrets_backend (secrets), ==, "file");
    g_assert_cmpint (g_get_monotonic_time () - start_us, <, G_USEC_PER_SEC);
    return;
  }
  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

/* A bus that takes the connection and never says a word. */
static void
run_with_mute_bus (Vault *vault, gconstpointer unused)
{
  if (g_test_subprocess ()) {
    g_autofree char *path = g_build_filename (vault->folder, "bus", NULL);
    g_autofree char *address = g_strdup_printf ("unix:path=%s", path);
    g_autoptr (GSocketAddress) socket = g_unix_socket_address_new (path);
    g_autoptr (GSocket) listener =
        g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, 0, NULL);
    g_autoptr (GError) error = NULL;

    g_assert_true (g_socket_bind (listener, socket, FALSE, NULL));
    g_assert_true (g_socket_listen (listener, NULL));
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", address, TRUE);
    g_assert_true (forge_secrets_has_session_bus ());
    g_assert_null (forge_secrets_new_keyring (200, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
    return;
  }
  g_test_trap_subprocess (NULL, 10 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_passed ();
}

static void
test_autolaunch_is_no_bus (Vault *vault, gconstpointer unused)
{
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "autolaunch:", TRUE);
  g_assert_false (forge_secrets_has_session_bus ());
  g_unsetenv ("DBUS_SESSION_BUS_ADDRESS");
}

#define ADD(name, function) \
  g_test_add ("/store/secrets/" name, Vault, NULL, vault_set_up, function, vault_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/secrets/memory-keeps-secrets", test_memory_keeps_secrets);
  ADD ("file-keeps-secrets", test_file_keeps_secrets);
  ADD ("file-survives-a-restart", test_file_survives_a_restart);
  ADD ("file-shows-nothing-and-is-private", test_file_shows_nothing_and_is_private);
  ADD ("any-changed-byte-is-noticed", test_any_changed_byte_is_noticed);
  ADD ("wrong-or-missing-key-is-refused", test_wrong_or_missing_key_is_refused);
  ADD ("open-permissions-are-refused", test_open_permissions_are_refused);
  ADD ("link-in-place-of-the-key-is-refused", test_link_in_place_of_the_key_is_refused);
  ADD ("half-written-first-key-is-made-anew", test_half_written_first_key_is_made_anew);
  ADD ("threads-do-not-lose-each-others-secrets", test_threads_do_not_lose_each_others_secrets);
  ADD ("no-bus-means-file-at-once", run_without_bus);
  ADD ("mute-bus-does-not-block", run_with_mute_bus);
  ADD ("autolaunch-is-no-bus", test_autolaunch_is_no_bus);
  return g_test_run ();
}
