/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What matches and rules were like before the user's decisions, so that they can be taken back. No
 * foreign keys to channels and streams: what is gone by then is left out. */
const char forge_store_version_11[] =
    "CREATE TABLE decision ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time INTEGER NOT NULL,"
    "  accept INTEGER NOT NULL,"
    "  pairs INTEGER NOT NULL" /* how many it is about */
    ") STRICT;"

    /* Whole channels: a new primary stream takes that from another. */
    "CREATE TABLE decision_channel ("
    "  decision_id INTEGER NOT NULL REFERENCES decision ON DELETE CASCADE,"
    "  channel_id INTEGER NOT NULL,"
    "  PRIMARY KEY (decision_id, channel_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE decision_match ("
    "  decision_id INTEGER NOT NULL REFERENCES decision ON DELETE CASCADE,"
    "  channel_id INTEGER NOT NULL,"
    "  stream_id INTEGER NOT NULL,"
    "  confidence REAL NOT NULL,"
    "  rank INTEGER NOT NULL,"
    "  reasons TEXT NOT NULL,"
    "  manual INTEGER NOT NULL,"
    "  is_primary INTEGER NOT NULL,"
    "  rejected INTEGER NOT NULL,"
    "  gone_at INTEGER,"
    "  PRIMARY KEY (decision_id, channel_id, stream_id)"
    ") STRICT, WITHOUT ROWID;"

    /* All rules on the names that were decided on. */
    "CREATE TABLE decision_name ("
    "  decision_id INTEGER NOT NULL REFERENCES decision ON DELETE CASCADE,"
    "  name_key TEXT NOT NULL,"
    "  PRIMARY KEY (decision_id, name_key)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE decision_rule ("
    "  decision_id INTEGER NOT NULL REFERENCES decision ON DELETE CASCADE,"
    "  name_key TEXT NOT NULL,"
    "  channel_key TEXT NOT NULL,"
    "  accept INTEGER NOT NULL,"
    "  account_id INTEGER NOT NULL,"
    "  time INTEGER NOT NULL,"
    "  stream_name TEXT NOT NULL,"
    "  PRIMARY KEY (decision_id, name_key, channel_key)"
    ") STRICT, WITHOUT ROWID;";
