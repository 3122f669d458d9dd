/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What is known of files of films and sites: see forge-store-facts.h. */
const char forge_store_version_9[] = "CREATE TABLE media_fact ("
                                     "  key_hash TEXT PRIMARY KEY,"
                                     "  length INTEGER NOT NULL,"
                                     "  source_id INTEGER NOT NULL,"
                                     "  content_type TEXT,"
                                     "  is_playlist INTEGER NOT NULL,"
                                     "  time INTEGER NOT NULL"
                                     ") STRICT, WITHOUT ROWID;"
                                     "CREATE INDEX media_fact_time ON media_fact (time);";
