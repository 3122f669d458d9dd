/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-secrets-private.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/**
 * The encrypted file: magic with the format version (also the additional data), nonce, and the
 * sealed table with its tag. The table is a row of (name length, name, value length, value);
 * lengths are 32-bit big-endian. It is opened anew for every call, so that no plain password stays
 * in memory.
 */
#define MAGIC       "SFSECR\0\1"
#define MAGIC_BYTES 8
#define KEY_BYTES   32
#define NONCE_BYTES 12
#define TAG_BYTES   16
/* Hundreds of accounts. */
#define MAX_FILE_BYTES (1024 * 1024)

typedef struct {
  ForgeSecrets base;
  GMutex lock; /* one reader or writer of the files at a time */
  char *key_path;
  char *table_path;
} FileSecrets;

/* name → value, wiped when it goes. */
static GHashTable *
table_new (void)
{
  return g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify)forge_secret_free);
}

static void
wipe_and_free (gpointer data, gsize size)
{
  if (data)
    gnutls_memset (data, 0, size);
  g_free (data);
}

static gboolean
fail (const char *path, const char *problem, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The password file “%s” %s; nothing was changed",
               path,
               problem);
  return FALSE;
}

static gboolean
fail_errno (const char *path, const char *doing, GError **error)
{
  g_autofree char *problem = g_strdup_printf ("cannot be %s: %s", doing, g_strerror (errno));

  return fail (path, problem, error);
}

/* The files must be the user's own and closed to others. */
static gboolean
check_private (int fd, const char *path, gsize *size, GError **error)
{
  struct stat info;

  if (fstat (fd, &info) != 0)
    return fail_errno (path, "examined", error);
  if (!S_ISREG (info.st_mode))
    return fail (path, "is no regular file", error);
  if (info.st_uid != geteuid ())
    return fail (path, "belongs to another user", error);
  if (info.st_mode & (S_IRWXG | S_IRWXO))
    return fail (path, "can be read by other users: set its mode to 0600", error);
  if (info.st_size > MAX_FILE_BYTES)
    return fail (path, "is damaged: it is far too large", error);
  *size = (gsize)info.st_size;
  return TRUE;
}

static gboolean
read_fully (int fd, guint8 *data, gsize size)
{
  gsize got = 0;

  while (got < size) {
    ssize_t n = read (fd, data + got, size - got);
    if (n > 0)
      got += (gsize)n;
    else if (n == 0 || errno != EINTR)
      return FALSE;
  }
  return TRUE;
}

/* `*data` NULL and TRUE: there is no such file. */
static gboolean
read_private (const char *path, guint8 **data, gsize *size, GError **error)
{
  int fd = g_open (path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
  gboolean ok;

  *data = NULL;
  *size = 0;
  if (fd < 0)
    return errno == ENOENT || fail_errno (path, "opened", error);
  ok = check_private (fd, path, size, error);
  if (ok) {
    *data = g_malloc (*size + 1);
    ok = read_fully (fd, *data, *size) || fail_errno (path, "read", error);
  }
  close (fd);
  if (!ok)
    g_clear_pointer (data, g_free);
  return ok;
}

static gboolean
create_key (FileSecrets *self, GError **error)
{
  guint8 key[KEY_BYTES];
  int fd = g_open (self->key_path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0600);

  if (fd < 0)
    return fail_errno (self->key_path, "created", error);
  gboolean ok = gnutls_rnd (GNUTLS_RND_KEY, key, sizeof key) == 0 &&
                write (fd, key, sizeof key) == (ssize_t)sizeof key && fsync (fd) == 0;
  gnutls_memset (key, 0, sizeof key);
  ok = close (fd) == 0 && ok;
  if (ok)
    return TRUE;
  fail_errno (self->key_path, "written", error);
  g_unlink (self->key_path);
  return FALSE;
}

static gboolean
load_key (FileSecrets *self, guint8 key[KEY_BYTES], GError **error)
{
  guint8 *data;
  gsize size;

  if (!read_private (self->key_path, &data, &size, error))
    return FALSE;
  if (!data)
    return fail (self->key_path, "is missing, without it the passwords cannot be read", error);
  gboolean ok = size == KEY_BYTES;
  if (ok)
    memcpy (key, data, KEY_BYTES);
  wipe_and_free (data, size);
  return ok || fail (self->key_path, "is damaged: it does not have 32 bytes", error);
}

static gboolean
open_cipher (const guint8 key[KEY_BYTES], gnutls_aead_cipher_hd_t *cipher)
{
  gnutls_datum_t datum = { (unsigned char *)key, KEY_BYTES };

  return gnutls_aead_cipher_init (cipher, GNUTLS_CIPHER_AES_256_GCM, &datum) == 0;
}

/* `plain` has room for `size` bytes. */
static gboolean
unseal (const guint8 key[KEY_BYTES],
        const guint8 *file,
        gsize size,
        guint8 *plain,
        gsize *plain_size)
{
  gnutls_aead_cipher_hd_t cipher;

  *plain_size = size;
  if (size < MAGIC_BYTES + NONCE_BYTES + TAG_BYTES || memcmp (file, MAGIC, MAGIC_BYTES) != 0 ||
      !open_cipher (key, &cipher))
    return FALSE;
  int result = gnutls_aead_cipher_decrypt (cipher,
                                           file + MAGIC_BYTES,
                                           NONCE_BYTES,
                                           MAGIC,
                                           MAGIC_BYTES,
                                           TAG_BYTES,
                                           file + MAGIC_BYTES + NONCE_BYTES,
                                           size - MAGIC_BYTES - NONCE_BYTES,
                                           plain,
                                           plain_size);
  gnutls_aead_cipher_deinit (cipher);
  return result == 0;
}

/* Takes one length and that many bytes. Returns: (transfer full), NULL if they are not there. */
static char *
take_text (const guint8 **at, const guint8 *end)
{
  guint32 length;

  if ((gsize)(end - *at) < sizeof length)
    return NULL;
  memcpy (&length, *at, sizeof length);
  length = GUINT32_FROM_BE (length);
  *at += sizeof length;
  if ((gsize)(end - *at) < length)
    return NULL;
  char *text = g_strndup ((const char *)*at, length);
  *at += length;
  return text;
}

static gboolean
parse_table (const guint8 *plain, gsize size, GHashTable *table)
{
  const guint8 *at = plain;
  const guint8 *end = plain + size;

  while (at < end) {
    g_autofree char *name = take_text (&at, end);
    char *value = name ? take_text (&at, end) : NULL;
    if (!value)
      return FALSE;
    g_hash_table_replace (table, g_steal_pointer (&name), value);
  }
  return TRUE;
}

/* Returns: (transfer full), empty if nothing was stored yet. */
static GHashTable *
load_table (FileSecrets *self, const guint8 key[KEY_BYTES], GError **error)
{
  g_autoptr (GHashTable) table = table_new ();
  g_autofree guint8 *file = NULL;
  gsize size, plain_size;

  if (!read_private (self->table_path, &file, &size, error))
    return NULL;
  if (!file)
    return g_steal_pointer (&table);
  guint8 *plain = g_malloc (size + 1);
  gboolean ok = unseal (key, file, size, plain, &plain_size) &&
                parse_table (plain, plain_size, table);
  wipe_and_free (plain, size + 1);
  if (ok)
    return g_steal_pointer (&table);
  fail (self->table_path,
        "is damaged or does not belong to the key beside it: remove both files and enter the "
        "passwords again",
        error);
  return NULL;
}

static gsize
table_bytes (GHashTable *table)
{
  GHashTableIter iter;
  gpointer name, value;
  gsize size = 0;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &value))
    size += 2 * sizeof (guint32) + strlen (name) + strlen (value);
  return size;
}

static guint8 *
put_text (guint8 *at, const char *text)
{
  gsize length = strlen (text);
  guint32 prefix = GUINT32_TO_BE ((guint32)length);

  memcpy (at, &prefix, sizeof prefix);
  memcpy (at + sizeof prefix, text, length);
  return at + sizeof prefix + length;
}

static void
format_table (GHashTable *table, guint8 *at)
{
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &name, &value))
    at = put_text (put_text (at, name), value);
}

/* Returns: (transfer full), `*size` bytes of file; NULL if the cipher fails. */
static guint8 *
seal (const guint8 key[KEY_BYTES], const guint8 *plain, gsize plain_size, gsize *size)
{
  gnutls_aead_cipher_hd_t cipher;
  gsize sealed_size = plain_size + TAG_BYTES;
  g_autofree guint8 *file = g_malloc (MAGIC_BYTES + NONCE_BYTES + sealed_size);
  guint8 *nonce = file + MAGIC_BYTES;

  memcpy (file, MAGIC, MAGIC_BYTES);
  if (gnutls_rnd (GNUTLS_RND_RANDOM, nonce, NONCE_BYTES) != 0 || !open_cipher (key, &cipher))
    return NULL;
  int result = gnutls_aead_cipher_encrypt (cipher,
                                           nonce,
                                           NONCE_BYTES,
                                           MAGIC,
                                           MAGIC_BYTES,
                                           TAG_BYTES,
                                           plain,
                                           plain_size,
                                           nonce + NONCE_BYTES,
                                           &sealed_size);
  gnutls_aead_cipher_deinit (cipher);
  *size = MAGIC_BYTES + NONCE_BYTES + sealed_size;
  return result == 0 ? g_steal_pointer (&file) : NULL;
}

static gboolean
save_table (FileSecrets *self, const guint8 key[KEY_BYTES], GHashTable *table, GError **error)
{
  gsize plain_size = table_bytes (table);
  gsize size = 0;
  g_autoptr (GError) local = NULL;

  if (plain_size + MAGIC_BYTES + NONCE_BYTES + TAG_BYTES > MAX_FILE_BYTES)
    return fail (self->table_path, "would grow beyond 1 MiB", error);
  guint8 *plain = g_malloc (plain_size + 1);
  format_table (table, plain);
  g_autofree guint8 *file = seal (key, plain, plain_size, &size);
  wipe_and_free (plain, plain_size + 1);
  if (!file)
    return fail (self->table_path, "cannot be encrypted by this system's GnuTLS", error);
  if (g_file_set_contents_full (self->table_path,
                                (const char *)file,
                                (gssize)size,
                                G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE,
                                0600,
                                &local))
    return TRUE;
  return fail (self->table_path, local->message, error);
}

/* With the lock held. */
static GHashTable *
open_table (FileSecrets *self, guint8 key[KEY_BYTES], GError **error)
{
  return load_key (self, key, error) ? load_table (self, key, error) : NULL;
}

/* NULL `value` removes. */
static gboolean
change (FileSecrets *self, const char *name, const char *value, GError **error)
{
  guint8 key[KEY_BYTES] = { 0 };
  g_autoptr (GHashTable) table = open_table (self, key, error);
  gboolean ok = table != NULL;

  if (ok && value) {
    g_hash_table_replace (table, g_strdup (name), g_strdup (value));
    ok = save_table (self, key, table, error);
  } else if (ok && g_hash_table_remove (table, name)) {
    ok = save_table (self, key, table, error);
  }
  gnutls_memset (key, 0, sizeof key);
  return ok;
}

static gboolean
file_store (ForgeSecrets *secrets,
            const char *name,
            const char *value,
            GCancellable *cancellable,
            GError **error)
{
  FileSecrets *self = (FileSecrets *)secrets;

  g_mutex_lock (&self->lock);
  gboolean ok = change (self, name, value, error);
  g_mutex_unlock (&self->lock);
  return ok;
}

static gboolean
file_forget (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  FileSecrets *self = (FileSecrets *)secrets;

  g_mutex_lock (&self->lock);
  gboolean ok = change (self, name, NULL, error);
  g_mutex_unlock (&self->lock);
  return ok;
}

static char *
file_lookup (ForgeSecrets *secrets, const char *name, GCancellable *cancellable, GError **error)
{
  FileSecrets *self = (FileSecrets *)secrets;
  guint8 key[KEY_BYTES] = { 0 };
  char *value = NULL;

  g_mutex_lock (&self->lock);
  g_autoptr (GHashTable) table = open_table (self, key, error);
  g_mutex_unlock (&self->lock);
  gnutls_memset (key, 0, sizeof key);
  if (!table)
    return NULL;
  value = g_strdup (g_hash_table_lookup (table, name));
  if (!value)
    forge_secrets_not_found (name, error);
  return value;
}

static void
file_free (ForgeSecrets *secrets)
{
  FileSecrets *self = (FileSecrets *)secrets;

  g_mutex_clear (&self->lock);
  g_free (self->key_path);
  g_free (self->table_path);
  g_free (self);
}

gboolean
forge_secrets_file_exists (const char *data_dir)
{
  g_autofree char *path = g_build_filename (data_dir, "secrets.enc", NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* A key that was half written when the machine stopped has sealed nothing yet. */
static gboolean
prepare_key (FileSecrets *self, GError **error)
{
  GStatBuf info;

  if (g_file_test (self->table_path, G_FILE_TEST_EXISTS))
    return TRUE;
  if (g_lstat (self->key_path, &info) == 0) {
    if (!S_ISREG (info.st_mode) || info.st_size >= KEY_BYTES)
      return TRUE;
    g_unlink (self->key_path);
  }
  return create_key (self, error);
}

ForgeSecrets *
forge_secrets_new_file (const char *data_dir, GError **error)
{
  static const ForgeSecretsBackend backend = { "file",
                                               file_store,
                                               file_lookup,
                                               file_forget,
                                               file_free };
  FileSecrets *self = g_new0 (FileSecrets, 1);
  guint8 key[KEY_BYTES] = { 0 };

  self->base.backend = &backend;
  self->key_path = g_build_filename (data_dir, "secrets.key", NULL);
  self->table_path = g_build_filename (data_dir, "secrets.enc", NULL);
  g_mutex_init (&self->lock);
  g_autoptr (ForgeSecrets) secrets = &self->base;
  g_autoptr (GHashTable) table = NULL;
  if (g_mkdir_with_parents (data_dir, 0700) != 0) {
    fail_errno (self->table_path, "put into its folder", error);
    return NULL;
  }
  if (prepare_key (self, error))
    table = open_table (self, key, error);
  gnutls_memset (key, 0, sizeof key);
  return table ? g_steal_pointer (&secrets) : NULL;
}
