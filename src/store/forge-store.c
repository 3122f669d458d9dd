/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

#include <glib/gstdio.h>

#include <errno.h>
#include <fcntl.h>
#ifdef __GLIBC__
#  include <malloc.h>
#endif
#include <unistd.h>

/* How long one connection waits for another's write. */
#define BUSY_TIMEOUT_MS 5000
/* Between two looks at the lock; shorter than COMMIT_GAP_US so that a waiter gets its turn. */
#define BUSY_POLL_US 1000
/* A connection that writes transaction after transaction leaves this between them. */
#define COMMIT_GAP_US 2500
/* Fewer pages for 250,000 rows of about 700 bytes than 4 KiB ones: 190 MB instead of 201 MB, and a
 * third less time to insert. */
#define PAGE_SIZE_BYTES 8192
/* In pages: the log stays below about 8 MiB plus one transaction. */
#define WAL_CHECKPOINT_PAGES 1000
/* While an import runs, 64 MiB: each time the log is written back the disk has to be waited for
 * three times, on a busy one for a second. */
#define WIDE_WAL_CHECKPOINT_PAGES 8000
/* What is left of the log file after a larger one. */
#define WAL_KEPT_BYTES 4194304

#define STRINGIFY_(x) #x
#define STRINGIFY(x)  STRINGIFY_ (x)

/* SQLite's own handler backs off to 100 ms and then misses every gap of a busy writer. */
static int
on_busy (void *unused, int tries)
{
  if (tries >= BUSY_TIMEOUT_MS * 1000 / BUSY_POLL_US)
    return 0;
  g_usleep (BUSY_POLL_US);
  return 1;
}

/* Before SQLite does, because it would follow the umask and the file names the user's accounts. The
 * log files take their mode from it. An existing file is not opened: closing it would drop the
 * locks that other connections of this process hold. */
static void
create_private_file (const char *path)
{
  int fd = g_open (path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);

  if (fd >= 0)
    close (fd);
}

static void
statement_finalize (gpointer statement)
{
  sqlite3_finalize (statement);
}

static gboolean
configure (ForgeStore *store, GError **error)
{
  /* secure_delete is on in some distributions and would rewrite each page that a sweep frees. */
  static const char sql[] = "PRAGMA page_size = " STRINGIFY (
      PAGE_SIZE_BYTES) ";"
                       "PRAGMA journal_mode = WAL;"
                       "PRAGMA synchronous = NORMAL;"
                       "PRAGMA foreign_keys = ON;"
                       "PRAGMA secure_delete = OFF;"
                       "PRAGMA trusted_schema = OFF;"
                       "PRAGMA temp_store = FILE;"
                       "PRAGMA temp.journal_mode = MEMORY;"
                       "PRAGMA cache_size = -" STRINGIFY (
                           FORGE_STORE_CACHE_KIB) ";"
                                                  "PRAGMA wal_autocheckpoint = " STRINGIFY (
                                                      WAL_CHECKPOINT_PAGES) ";"
                                                                            "PRAGMA journal_size_limit = " STRINGIFY (
                                                                                WAL_KEPT_BYTES) ";";

  sqlite3_extended_result_codes (store->db, 1);
  sqlite3_busy_handler (store->db, on_busy, NULL);
  if (sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  forge_store_set_error (store, error);
  return FALSE;
}

ForgeStore *
forge_store_connect (const char *path, gboolean *damaged, GError **error)
{
  g_autoptr (ForgeStore) store = g_new0 (ForgeStore, 1);
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX |
              SQLITE_OPEN_PRIVATECACHE;

  store->statements =
      g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL, statement_finalize);
  if (sqlite3_open_v2 (path, &store->db, flags, NULL) != SQLITE_OK) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "The database “%s” cannot be opened: %s",
                 path,
                 store->db ? sqlite3_errmsg (store->db) : "out of memory");
    return NULL;
  }
  if (configure (store, error))
    return g_steal_pointer (&store);
  if (damaged)
    *damaged = store->damaged;
  return NULL;
}

static ForgeStore *
open_and_check (const char *path, gboolean *damaged, GError **error)
{
  g_autoptr (ForgeStore) store = NULL;

  create_private_file (path);
  store = forge_store_connect (path, damaged, error);
  if (!store)
    return NULL;
  if (forge_store_migrate (store, error) && forge_store_probe (store, error))
    return g_steal_pointer (&store);
  *damaged = store->damaged;
  return NULL;
}

static gboolean
move_file (const char *path, const char *to, const char *suffix, GError **error)
{
  g_autofree char *from_file = g_strconcat (path, suffix, NULL);
  g_autofree char *to_file = g_strconcat (to, suffix, NULL);

  if (g_rename (from_file, to_file) == 0 || errno == ENOENT)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_STORAGE,
               "The damaged database “%s” cannot be moved aside: %s",
               path,
               g_strerror (errno));
  return FALSE;
}

/* Returns: (transfer full), where it went. */
static char *
move_aside (const char *path, GError **error)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *to = g_strdup_printf ("%s.damaged-%s", path, time);

  for (int i = 2; g_file_test (to, G_FILE_TEST_EXISTS); i++) {
    g_free (to);
    to = g_strdup_printf ("%s.damaged-%s-%d", path, time, i);
  }
  /* The log goes first: alone it is harmless, but it must never be applied to a new database. */
  if (!move_file (path, to, "-wal", error) || !move_file (path, to, "-shm", error) ||
      !move_file (path, to, "", error))
    return NULL;
  return g_steal_pointer (&to);
}

ForgeStore *
forge_store_open (const char *path, char **recovered_from, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean damaged = FALSE;

  g_return_val_if_fail (path, NULL);
  if (recovered_from)
    *recovered_from = NULL;
  ForgeStore *store = open_and_check (path, &damaged, &local);
  if (store || !damaged) {
    if (local)
      g_propagate_error (error, g_steal_pointer (&local));
    return store;
  }
  g_autofree char *aside = move_aside (path, error);
  if (!aside)
    return NULL;
  store = open_and_check (path, &damaged, error);
  if (store && recovered_from)
    *recovered_from = g_steal_pointer (&aside);
  return store;
}

void
forge_store_close (ForgeStore *store)
{
  if (!store)
    return;
  forge_store_rollback (store);
  g_hash_table_unref (store->statements);
  sqlite3_close_v2 (store->db);
  g_free (store);
}

void
forge_store_forget_uncommitted (ForgeStore *store)
{
  store->entry_id = 0;
  store->stage_account = 0;
  store->title_account = 0;
  g_clear_pointer (&store->run, forge_store_run_free);
}

gboolean
forge_store_begin (ForgeStore *store, GError **error)
{
  g_return_val_if_fail (sqlite3_get_autocommit (store->db), FALSE);

  gint64 since_us = g_get_monotonic_time () - store->last_commit_us;
  if (store->last_commit_us > 0 && since_us < COMMIT_GAP_US)
    g_usleep ((gulong)(COMMIT_GAP_US - since_us));
  return forge_store_run (store, "BEGIN IMMEDIATE", error);
}

gboolean
forge_store_commit (ForgeStore *store, GError **error)
{
  gboolean ok = forge_store_run (store, "COMMIT", error);

  store->last_commit_us = g_get_monotonic_time ();
  if (!ok)
    forge_store_rollback (store);
  return ok;
}

void
forge_store_rollback (ForgeStore *store)
{
  forge_store_forget_uncommitted (store);
  if (store->db && !sqlite3_get_autocommit (store->db))
    forge_store_run (store, "ROLLBACK", NULL);
}

gboolean
forge_store_enter (ForgeStore *store, ForgeTransaction *transaction, GError **error)
{
  if (!sqlite3_get_autocommit (store->db))
    *transaction = FORGE_TRANSACTION_JOINED;
  switch (*transaction) {
  case FORGE_TRANSACTION_READ:
    return forge_store_run (store, "BEGIN", error);
  case FORGE_TRANSACTION_WRITE:
    return forge_store_begin (store, error);
  case FORGE_TRANSACTION_JOINED:
  default:
    return TRUE;
  }
}

gboolean
forge_store_leave (ForgeStore *store, ForgeTransaction transaction, gboolean ok, GError **error)
{
  if (transaction == FORGE_TRANSACTION_JOINED)
    return ok;
  if (ok && transaction == FORGE_TRANSACTION_WRITE)
    return forge_store_commit (store, error);
  if (ok)
    return forge_store_run (store, "COMMIT", error);
  forge_store_rollback (store);
  return FALSE;
}

void
forge_store_widen_cache (ForgeStore *store)
{
  if (store->wide_cache)
    return;
  store->wide_cache = TRUE;
  forge_store_run (store, "PRAGMA cache_size = -" STRINGIFY (FORGE_STORE_WIDE_CACHE_KIB), NULL);
  forge_store_run (store,
                   "PRAGMA wal_autocheckpoint = " STRINGIFY (WIDE_WAL_CHECKPOINT_PAGES),
                   NULL);
}

void
forge_store_narrow_cache (ForgeStore *store)
{
  if (!store->wide_cache)
    return;
  store->wide_cache = FALSE;
  forge_store_run (store, "PRAGMA cache_size = -" STRINGIFY (FORGE_STORE_CACHE_KIB), NULL);
  forge_store_run (store, "PRAGMA wal_autocheckpoint = " STRINGIFY (WAL_CHECKPOINT_PAGES), NULL);
}

void
forge_store_release_memory (ForgeStore *store)
{
  forge_store_narrow_cache (store);
  sqlite3_db_release_memory (store->db);
#ifdef __GLIBC__
  malloc_trim (0);
#endif
}
