/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store-fixture.h"
#include "store/forge-store-private.h"

#include <glib/gstdio.h>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void
reopen (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *recovered = NULL;

  g_clear_pointer (&fixture->store, forge_store_close);
  fixture->store = forge_store_open (fixture->path, &recovered, &error);
  g_assert_no_error (error);
  g_assert_null (recovered);
}

static gint64
pragma (ForgeStore *store, const char *sql)
{
  gint64 value;

  g_assert_true (forge_store_get_int (store, sql, 0, &value, NULL));
  return value;
}

static void
test_opens_private_and_bounded (StoreFixture *fixture, gconstpointer unused)
{
  GStatBuf info;

  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA cache_size"), ==, -512);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA foreign_keys"), ==, 1);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA synchronous"), ==, 1);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA user_version"), ==, 16);
  forge_store_widen_cache (fixture->store);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA cache_size"), ==, -4096);
  forge_store_release_memory (fixture->store);
  g_assert_cmpint (pragma (fixture->store, "PRAGMA cache_size"), ==, -512);
}

static void
test_data_survives_a_restart (StoreFixture *fixture, gconstpointer unused)
{
  gint64 id = fixture_add_account (fixture->store, "Main");

  reopen (fixture);
  g_autoptr (ForgeAccount) account = forge_store_get_account (fixture->store, id, NULL);
  g_assert_cmpstr (account->name, ==, "Main");
}

static void
test_newer_schema_is_refused (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *recovered = NULL;

  fixture_add_account (fixture->store, "Main");
  g_assert_true (forge_store_run (fixture->store, "PRAGMA user_version = 77", NULL));
  g_clear_pointer (&fixture->store, forge_store_close);
  g_assert_null (forge_store_open (fixture->path, &recovered, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "77"));
  g_assert_nonnull (strstr (error->message, "version 16"));
  g_assert_null (recovered);
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_foreign_database_is_left_alone (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *path = g_build_filename (fixture->folder, "other.db", NULL);
  g_autoptr (GError) error = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "CREATE TABLE bookmarks (url)", NULL, NULL, NULL), ==, 0);
  sqlite3_close (db);
  g_assert_null (forge_store_open (path, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static const char *const three_versions[] = {
  "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO thing VALUES (1, 'old')",
  "ALTER TABLE thing ADD COLUMN size INTEGER NOT NULL DEFAULT 5",
  "UPDATE thing SET size = size + 1",
};

static ForgeStore *
connect_to (StoreFixture *fixture, const char *name)
{
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
  g_autoptr (GError) error = NULL;
  ForgeStore *store = forge_store_connect (path, NULL, &error);

  g_assert_no_error (error);
  return store;
}

static void
test_migrations_run_in_order_and_once (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStore) store = connect_to (fixture, "migrated.db");
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_migrate_with (store, three_versions, 1, &error));
  g_assert_cmpint (pragma (store, "PRAGMA user_version"), ==, 1);
  g_assert_true (forge_store_migrate_with (store, three_versions, 3, &error));
  g_assert_true (forge_store_migrate_with (store, three_versions, 3, &error));
  g_assert_no_error (error);
  g_assert_cmpint (pragma (store, "PRAGMA user_version"), ==, 3);
  g_assert_cmpint (pragma (store, "SELECT size FROM thing"), ==, 6);
}

static void
test_failed_migration_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  static const char *const bad[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY)",
    "INSERT INTO thing VALUES (1); INSERT INTO no_such_table VALUES (1)",
  };
  g_autoptr (ForgeStore) store = connect_to (fixture, "migrated.db");
  g_autoptr (GError) error = NULL;

  g_assert_false (forge_store_migrate_with (store, bad, 2, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "version 2"));
  g_assert_cmpint (pragma (store, "PRAGMA user_version"), ==, 1);
  g_assert_cmpint (pragma (store, "SELECT count (*) FROM thing"), ==, 0);
}

static void
fill (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeStream) stream = forge_stream_new ();
  gint64 account = fixture_add_account (fixture->store, "Main");

  g_assert_true (forge_store_begin_stage (fixture->store, account, &error));
  stream->name = g_strdup ("UK| A channel with a name of a usual length");
  for (int i = 0; i < 3000; i++) {
    stream->remote_id = i;
    g_assert_true (forge_store_stage_stream (fixture->store, stream, &error));
  }
  g_assert_true (forge_store_begin (fixture->store, &error));
  g_assert_true (forge_store_apply_streams (fixture->store, NOW_S, 14, &error));
  g_assert_true (forge_store_commit (fixture->store, &error));
  g_clear_pointer (&fixture->store, forge_store_close);
}

static void
assert_recovers (StoreFixture *fixture)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *recovered = NULL;

  fixture->store = forge_store_open (fixture->path, &recovered, &error);
  g_assert_no_error (error);
  g_assert_nonnull (recovered);
  g_assert_nonnull (strstr (recovered, ".damaged-"));
  g_assert_true (g_file_test (recovered, G_FILE_TEST_EXISTS));
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (fixture->store, &error);
  g_assert_cmpuint (accounts->len, ==, 0);
  fixture_add_account (fixture->store, "Again");
}

static void
test_garbage_is_moved_aside (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *wal = g_strconcat (fixture->path, "-wal", NULL);

  g_clear_pointer (&fixture->store, forge_store_close);
  g_assert_true (g_file_set_contents (fixture->path, "This is no database at all. ", 28, NULL));
  g_assert_true (g_file_set_contents (wal, "neither is this", 15, NULL));
  assert_recovers (fixture);
}

static void
test_truncated_file_is_moved_aside (StoreFixture *fixture, gconstpointer unused)
{
  GStatBuf info;

  fill (fixture);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (truncate (fixture->path, info.st_size / 2), ==, 0);
  assert_recovers (fixture);
}

static void
test_overwritten_pages_are_noticed (StoreFixture *fixture, gconstpointer unused)
{
  g_autofree char *data = NULL;
  gsize size;

  fill (fixture);
  g_assert_true (g_file_get_contents (fixture->path, &data, &size, NULL));
  memset (data + 8192, 0x5a, size - 8192);
  g_assert_true (g_file_set_contents (fixture->path, data, (gssize)size, NULL));
  assert_recovers (fixture);
}

/* A file that cannot be opened is no damaged one. */
static void
test_folder_in_the_way_is_an_error (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (forge_store_open (fixture->folder, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_true (g_file_test (fixture->folder, G_FILE_TEST_IS_DIR));
}

static void
test_rollback_takes_everything_back (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_store_begin (fixture->store, &error));
  fixture_add_account (fixture->store, "Main");
  g_assert_true (forge_store_set_setting (fixture->store, "port", "1", &error));
  forge_store_rollback (fixture->store);
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (fixture->store, &error);
  g_autoptr (GHashTable) settings = forge_store_load_settings (fixture->store, &error);
  g_assert_cmpuint (accounts->len, ==, 0);
  g_assert_cmpuint (g_hash_table_size (settings), ==, 0);
}

static void
test_killed_writer_changes_nothing (StoreFixture *fixture, gconstpointer unused)
{
  gint64 account = fixture_add_account (fixture->store, "Main");
  int status;

  fixture_set_streams (fixture->store, account, "1:One", "2:Two");
  g_clear_pointer (&fixture->store, forge_store_close);
  pid_t child = fork ();
  if (child == 0) {
    fixture->store = forge_store_open (fixture->path, NULL, NULL);
    if (forge_store_begin_stage (fixture->store, account, NULL) &&
        forge_store_begin (fixture->store, NULL) &&
        forge_store_apply_streams (fixture->store, NOW_S, 0, NULL))
      kill (getpid (), SIGKILL);
    _exit (1);
  }
  g_assert_cmpint (waitpid (child, &status, 0), ==, child);
  g_assert_true (WIFSIGNALED (status));
  reopen (fixture);
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 1), >, 0);
  g_assert_cmpint (fixture_stream_id (fixture->store, account, 2), >, 0);
}

static void
test_reader_keeps_its_view_while_another_writes (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStore) reader = forge_store_open (fixture->path, NULL, NULL);
  g_autoptr (GPtrArray) during = NULL;
  g_autoptr (GPtrArray) after = NULL;

  g_assert_true (forge_store_begin (fixture->store, NULL));
  fixture_add_account (fixture->store, "Main");
  during = forge_store_list_accounts (reader, NULL);
  g_assert_cmpuint (during->len, ==, 0);
  g_assert_true (forge_store_commit (fixture->store, NULL));
  after = forge_store_list_accounts (reader, NULL);
  g_assert_cmpuint (after->len, ==, 1);
}

typedef struct {
  const char *path;
  int writes;
} Writer;

static gpointer
writer_thread (gpointer data)
{
  Writer *writer = data;
  g_autoptr (ForgeStore) store = forge_store_open (writer->path, NULL, NULL);
  g_autoptr (GError) error = NULL;

  for (int i = 0; i < 100; i++) {
    ForgeEvent event = { .time = NOW_S, .message = (char *)"An event" };
    if (!forge_store_begin (store, &error) || !forge_store_add_event (store, &event, &error) ||
        !forge_store_commit (store, &error))
      break;
    writer->writes++;
  }
  g_assert_no_error (error);
  return NULL;
}

static void
test_writers_take_turns (StoreFixture *fixture, gconstpointer unused)
{
  Writer writers[3];
  GThread *threads[3];

  for (int i = 0; i < 3; i++) {
    writers[i] = (Writer){ fixture->path, 0 };
    threads[i] = g_thread_new ("writer", writer_thread, &writers[i]);
  }
  for (int i = 0; i < 3; i++) {
    g_thread_join (threads[i]);
    g_assert_cmpint (writers[i].writes, ==, 100);
  }
  g_autoptr (GPtrArray) events =
      forge_store_list_events (fixture->store, FORGE_LOG_DEBUG, -1, 0, 0, 0, NULL);
  g_assert_cmpuint (events->len, ==, 300);
}

static void
test_pool_keeps_a_few (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStorePool) pool = forge_store_pool_new (fixture->path, 1);
  g_autoptr (GError) error = NULL;
  ForgeStore *first = forge_store_pool_take (pool, &error);
  ForgeStore *second = forge_store_pool_take (pool, &error);

  g_assert_no_error (error);
  g_assert_true (first != second);
  forge_store_pool_give (pool, first);
  forge_store_pool_give (pool, second);
  g_assert_true (forge_store_pool_take (pool, &error) == first);
  forge_store_pool_give (pool, first);
}

static void
test_pool_ends_a_forgotten_transaction (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStorePool) pool = forge_store_pool_new (fixture->path, 2);
  ForgeStore *store = forge_store_pool_take (pool, NULL);

  g_assert_true (forge_store_begin (store, NULL));
  fixture_add_account (store, "Half done");
  forge_store_pool_give (pool, store);
  fixture_add_account (fixture->store, "Main");
  g_autoptr (GPtrArray) accounts = forge_store_list_accounts (fixture->store, NULL);
  g_assert_cmpuint (accounts->len, ==, 1);
}

/* A job must not move the file away under the others. */
static void
test_pool_never_moves_a_database_aside (StoreFixture *fixture, gconstpointer unused)
{
  g_autoptr (ForgeStorePool) pool = forge_store_pool_new (fixture->path, 2);
  g_autoptr (GError) error = NULL;

  g_clear_pointer (&fixture->store, forge_store_close);
  g_assert_true (g_file_set_contents (fixture->path, "This is no database at all.", 27, NULL));
  g_assert_null (forge_store_pool_take (pool, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  g_assert_nonnull (strstr (error->message, "damaged"));
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
}

static void
test_statement_can_be_nested (StoreFixture *fixture, gconstpointer unused)
{
  static const char sql[] = "SELECT value FROM json_each ('[1, 2, 3]')";
  g_auto (ForgeStatement) outer = FORGE_STATEMENT_INIT;
  g_autoptr (GError) error = NULL;
  gint64 sum = 0;

  g_assert_true (forge_statement_prepare (&outer, fixture->store, sql, &error));
  while (forge_statement_step (&outer, &error) == FORGE_STEP_ROW) {
    g_auto (ForgeStatement) inner = FORGE_STATEMENT_INIT;
    g_assert_true (forge_statement_prepare (&inner, fixture->store, sql, &error));
    while (forge_statement_step (&inner, &error) == FORGE_STEP_ROW)
      sum += forge_column_int (&outer, 0) * forge_column_int (&inner, 0);
  }
  g_assert_no_error (error);
  g_assert_cmpint (sum, ==, 36);
}

#define ADD(name, function)         \
  g_test_add ("/store/store/" name, \
              StoreFixture,         \
              NULL,                 \
              store_fixture_set_up, \
              function,             \
              store_fixture_tear_down)

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  ADD ("opens-private-and-bounded", test_opens_private_and_bounded);
  ADD ("data-survives-a-restart", test_data_survives_a_restart);
  ADD ("newer-schema-is-refused", test_newer_schema_is_refused);
  ADD ("foreign-database-is-left-alone", test_foreign_database_is_left_alone);
  ADD ("migrations-run-in-order-and-once", test_migrations_run_in_order_and_once);
  ADD ("failed-migration-changes-nothing", test_failed_migration_changes_nothing);
  ADD ("garbage-is-moved-aside", test_garbage_is_moved_aside);
  ADD ("truncated-file-is-moved-aside", test_truncated_file_is_moved_aside);
  ADD ("overwritten-pages-are-noticed", test_overwritten_pages_are_noticed);
  ADD ("folder-in-the-way-is-an-error", test_folder_in_the_way_is_an_error);
  ADD ("rollback-takes-everything-back", test_rollback_takes_everything_back);
  ADD ("killed-writer-changes-nothing", test_killed_writer_changes_nothing);
  ADD ("reader-keeps-its-view-while-another-writes",
       test_reader_keeps_its_view_while_another_writes);
  ADD ("writers-take-turns", test_writers_take_turns);
  ADD ("pool-keeps-a-few", test_pool_keeps_a_few);
  ADD ("pool-ends-a-forgotten-transaction", test_pool_ends_a_forgotten_transaction);
  ADD ("pool-never-moves-a-database-aside", test_pool_never_moves_a_database_aside);
  ADD ("statement-can-be-nested", test_statement_can_be_nested);
  return g_test_run ();
}
