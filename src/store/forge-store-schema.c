/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "store/forge-store-private.h"

/* Version 1. gone_at (UTC seconds) marks a tombstone; NULL means the row is in use. */
static const char version_1[] =
    "CREATE TABLE setting (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;"

    "CREATE TABLE event ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time INTEGER NOT NULL,"
    "  level INTEGER NOT NULL,"
    "  category TEXT NOT NULL,"
    "  message TEXT NOT NULL,"
    "  details TEXT,"
    "  is_read INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE account ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE,"
    "  server TEXT NOT NULL,"
    "  username TEXT NOT NULL,"
    "  user_agent TEXT,"
    "  proxy TEXT,"
    "  mirrors TEXT," /* one base URL per line */
    "  timezone TEXT,"
    "  enabled INTEGER NOT NULL,"
    "  status TEXT NOT NULL,"
    "  status_text TEXT,"
    "  expires_at INTEGER NOT NULL,"
    "  panel_max_connections INTEGER NOT NULL,"
    "  user_max_connections INTEGER NOT NULL,"
    "  active_connections INTEGER NOT NULL,"
    "  streams INTEGER NOT NULL,"
    "  movies INTEGER NOT NULL,"
    "  series INTEGER NOT NULL,"
    "  last_refresh INTEGER NOT NULL"
    ") STRICT;"

    /* So that the same login, added again, finds its old id and with it the "stream:" keys. */
    "CREATE TABLE former_account ("
    "  id INTEGER PRIMARY KEY,"
    "  name TEXT NOT NULL,"
    "  server TEXT NOT NULL,"
    "  username TEXT NOT NULL,"
    "  UNIQUE (server, username)"
    ") STRICT;"

    "CREATE TABLE stream ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  remote_id INTEGER NOT NULL,"
    "  name TEXT NOT NULL,"
    "  epg_id TEXT,"
    "  group_name TEXT,"
    "  icon TEXT,"
    "  quality INTEGER NOT NULL,"
    "  archive_days INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  gone_at INTEGER,"
    "  UNIQUE (account_id, remote_id)"
    ") STRICT;"
    "CREATE INDEX stream_order ON stream (account_id, position);"
    "CREATE INDEX stream_gone ON stream (gone_at) WHERE gone_at IS NOT NULL;"

    "CREATE TABLE guide_source ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE,"
    "  location TEXT,"
    "  account_id INTEGER REFERENCES account ON DELETE CASCADE,"
    "  shift_minutes INTEGER NOT NULL,"
    "  priority INTEGER NOT NULL,"
    "  enabled INTEGER NOT NULL,"
    "  etag TEXT,"
    "  last_modified TEXT,"
    "  content_hash TEXT,"
    "  generation INTEGER NOT NULL DEFAULT 0,"
    "  last_refresh INTEGER NOT NULL,"
    "  status_text TEXT,"
    "  channels INTEGER NOT NULL,"
    "  programmes INTEGER NOT NULL,"
    "  skipped INTEGER NOT NULL,"
    "  first_start INTEGER NOT NULL,"
    "  last_stop INTEGER NOT NULL"
    ") STRICT;"

    /* The permanent identity of a guide channel; what a generation says of it is its entry. */
    "CREATE TABLE guide_channel ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  source_id INTEGER NOT NULL REFERENCES guide_source ON DELETE CASCADE,"
    "  xmltv_id TEXT NOT NULL,"
    "  folded_id TEXT NOT NULL," /* case-folded */
    "  UNIQUE (source_id, folded_id)"
    ") STRICT;"

    /* The next three have no foreign keys on purpose: a removed source leaves them to the sweep,
     * because deleting 250,000 programmes at once would make every other writer wait. */
    "CREATE TABLE guide_generation ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  source_id INTEGER NOT NULL"
    ") STRICT;"

    "CREATE TABLE guide_entry ("
    "  id INTEGER PRIMARY KEY," /* rises in file order within a generation */
    "  generation INTEGER NOT NULL,"
    "  guide_channel_id INTEGER NOT NULL,"
    "  names TEXT NOT NULL," /* separated by U+001F, which XML cannot contain */
    "  icon TEXT,"
    "  extra TEXT,"
    "  UNIQUE (generation, guide_channel_id)"
    ") STRICT;"

    "CREATE TABLE programme ("
    "  id INTEGER PRIMARY KEY,"
    "  entry_id INTEGER NOT NULL,"
    "  start INTEGER NOT NULL,"
    "  stop INTEGER NOT NULL,"
    "  title TEXT NOT NULL,"
    "  attributes TEXT,"
    "  inner TEXT NOT NULL"
    ") STRICT;"
    "CREATE INDEX programme_order ON programme (entry_id, start);"

    /* name, group_name, logo and enabled are the provider's; user_* are the user's and win. */
    "CREATE TABLE channel ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  key TEXT NOT NULL UNIQUE,"
    "  number INTEGER NOT NULL UNIQUE,"
    "  position INTEGER NOT NULL,"
    "  guide_channel_id INTEGER REFERENCES guide_channel ON DELETE SET NULL,"
    "  name TEXT NOT NULL,"
    "  group_name TEXT,"
    "  logo TEXT,"
    "  enabled INTEGER NOT NULL,"
    "  user_name TEXT,"
    "  user_enabled INTEGER,"
    "  user_placed INTEGER NOT NULL DEFAULT 0," /* the user moved or numbered it */
    "  promoted INTEGER NOT NULL DEFAULT 0,"    /* the user made it: no run removes it */
    "  gone_at INTEGER"
    ") STRICT;"
    "CREATE INDEX channel_order ON channel (position, id);"
    "CREATE INDEX channel_guide ON channel (guide_channel_id);"
    "CREATE INDEX channel_lineup ON channel (position, id)"
    "  WHERE gone_at IS NULL AND coalesce (user_enabled, enabled) = 1;"

    /* The highest number ever given by ourselves: numbers are not given twice. */
    "CREATE TABLE number_sequence (highest INTEGER NOT NULL) STRICT;"
    "INSERT INTO number_sequence VALUES (0);"

    "CREATE TABLE stream_match ("
    "  channel_id INTEGER NOT NULL REFERENCES channel ON DELETE CASCADE,"
    "  stream_id INTEGER NOT NULL REFERENCES stream ON DELETE CASCADE,"
    "  confidence REAL NOT NULL,"
    "  rank INTEGER NOT NULL,"
    "  reasons TEXT NOT NULL," /* JSON array of sentences */
    "  manual INTEGER NOT NULL DEFAULT 0,"
    "  is_primary INTEGER NOT NULL DEFAULT 0,"
    "  rejected INTEGER NOT NULL DEFAULT 0,"
    "  gone_at INTEGER,"
    "  PRIMARY KEY (channel_id, stream_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX stream_match_stream ON stream_match (stream_id);"

    /* Imported decisions that wait for their channel or stream. Keys are portable: "stream:" keys
     * carry the account's name instead of its id. */
    "CREATE TABLE pending_channel ("
    "  key TEXT PRIMARY KEY,"
    "  number INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  user_name TEXT,"
    "  user_enabled INTEGER,"
    "  promoted INTEGER NOT NULL"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX pending_channel_number ON pending_channel (number);"
    "CREATE INDEX pending_channel_position ON pending_channel (position);"
    "CREATE TABLE pending_match ("
    "  channel_key TEXT NOT NULL,"
    "  account TEXT NOT NULL,"
    "  remote_id INTEGER NOT NULL,"
    "  is_primary INTEGER NOT NULL,"
    "  rejected INTEGER NOT NULL,"
    "  PRIMARY KEY (channel_key, account, remote_id)"
    ") STRICT, WITHOUT ROWID;";

static const char *const migrations[] = { version_1,
                                          forge_store_version_2,
                                          forge_store_version_3,
                                          forge_store_version_4,
                                          forge_store_version_5,
                                          forge_store_version_6,
                                          forge_store_version_7,
                                          forge_store_version_8,
                                          forge_store_version_9,
                                          forge_store_version_10,
                                          forge_store_version_11,
                                          forge_store_version_12,
                                          forge_store_version_13,
                                          forge_store_version_14,
                                          forge_store_version_15,
                                          forge_store_version_16 };

static gboolean
run_migration (ForgeStore *store, const char *sql, int version, GError **error)
{
  g_autofree char *stamp = g_strdup_printf ("PRAGMA user_version = %d", version);

  if (sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK &&
      sqlite3_exec (store->db, stamp, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  forge_store_set_error (store, error);
  g_prefix_error (error, "Bringing the database to version %d: ", version);
  return FALSE;
}

/* Another process may have migrated between our look and our lock: looks again inside. */
static gboolean
migrate_one (ForgeStore *store,
             const char *const *steps,
             gint64 from,
             gboolean *moved,
             GError **error)
{
  gint64 version = 0;

  if (!forge_store_begin (store, error))
    return FALSE;
  gboolean ok = forge_store_get_int (store, "PRAGMA user_version", 0, &version, error);
  if (ok && version == from)
    ok = run_migration (store, steps[from], (int)from + 1, error);
  *moved = ok;
  return forge_store_leave (store, FORGE_TRANSACTION_WRITE, ok, error);
}

static gboolean
check_is_ours (ForgeStore *store, gint64 version, GError **error)
{
  gint64 tables = 0;

  if (version > 0)
    return TRUE;
  if (!forge_store_get_int (store, "SELECT count (*) FROM sqlite_schema", 0, &tables, error))
    return FALSE;
  if (tables == 0)
    return TRUE;
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "The file is another program's database; it is left as it is");
  return FALSE;
}

gboolean
forge_store_migrate_with (ForgeStore *store, const char *const *steps, int count, GError **error)
{
  gint64 version = 0;
  gboolean moved = TRUE;

  while (moved) {
    if (!forge_store_get_int (store, "PRAGMA user_version", 0, &version, error) ||
        !check_is_ours (store, version, error))
      return FALSE;
    if (version > count || version < 0) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_UNSUPPORTED,
                   "The database has version %" G_GINT64_FORMAT
                   ", this program knows up to version %d: a newer StreamForge wrote it",
                   version,
                   count);
      return FALSE;
    }
    if (version == count)
      return TRUE;
    if (!migrate_one (store, steps, version, &moved, error))
      return FALSE;
  }
  return FALSE;
}

gboolean
forge_store_migrate (ForgeStore *store, GError **error)
{
  return forge_store_migrate_with (store, migrations, G_N_ELEMENTS (migrations), error);
}

#define ENDS_OF(table, key)                           \
  "SELECT * FROM " table " ORDER BY " key " LIMIT 1;" \
  "SELECT * FROM " table " ORDER BY " key " DESC LIMIT 1;"

gboolean
forge_store_probe (ForgeStore *store, GError **error)
{
  static const char sql[] = ENDS_OF ("setting", "key") ENDS_OF ("event", "id")
      ENDS_OF ("account", "id") ENDS_OF ("stream", "id") ENDS_OF ("guide_source", "id")
          ENDS_OF ("guide_channel", "id") ENDS_OF ("guide_generation", "id")
              ENDS_OF ("guide_entry", "id") ENDS_OF ("programme", "id") ENDS_OF ("channel", "id")
                  ENDS_OF ("stream_match", "channel_id, stream_id")
                      ENDS_OF ("pending_channel", "key") ENDS_OF ("title", "id")
                          ENDS_OF ("title_source", "id") ENDS_OF ("episode", "id")
                              ENDS_OF ("episode_source", "source_id, remote_id")
                                  ENDS_OF ("download", "id") ENDS_OF ("device", "id")
                                      ENDS_OF ("favorite", "channel_id") ENDS_OF ("app_user", "id")
                                          ENDS_OF ("refresh", "id") ENDS_OF ("match_rule", "id")
                                              ENDS_OF ("guide_words_entry", "half, seq")
                                                  ENDS_OF ("match_memo", "stream_id");

  if (sqlite3_exec (store->db, sql, NULL, NULL, NULL) == SQLITE_OK)
    return TRUE;
  forge_store_set_error (store, error);
  return FALSE;
}
