/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* Version 3: virtual tuners, channels with a star, users of our own Xtream API. */
const char forge_store_version_3[] =
    /* Row 1 is the main device; its name, ids and port are settings. */
    "CREATE TABLE device ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL,"
    "  device_id TEXT NOT NULL,"
    "  uuid TEXT NOT NULL,"
    "  port INTEGER NOT NULL,"
    "  enabled INTEGER NOT NULL,"
    "  filter TEXT NOT NULL,"
    "  groups TEXT," /* one name per line */
    "  channel_limit INTEGER NOT NULL"
    ") STRICT;"
    "INSERT INTO device VALUES (1, '', '', '', 0, 1, 'all', NULL, 0);"

    "CREATE TABLE favorite ("
    "  channel_id INTEGER PRIMARY KEY REFERENCES channel ON DELETE CASCADE"
    ") STRICT;"

    /* `secret` is what forge_password_hash () made of the password. */
    "CREATE TABLE app_user ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name TEXT NOT NULL UNIQUE,"
    "  secret TEXT NOT NULL,"
    "  device INTEGER NOT NULL DEFAULT 1 REFERENCES device ON DELETE SET DEFAULT,"
    "  created_at INTEGER NOT NULL"
    ") STRICT;";
