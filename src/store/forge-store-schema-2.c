/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* Films, series and episodes. A title is an identity that no account owns; a title_source is what
 * one account has of it. `kind` is a ForgeMediaKind. */
const char forge_store_version_2[] =
    "CREATE TABLE title ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  kind INTEGER NOT NULL," /* movie or series */
    "  title TEXT NOT NULL,"
    "  folded TEXT NOT NULL,"
    "  year INTEGER NOT NULL," /* 0 = unknown */
    "  tmdb_id INTEGER,"
    "  merged_into INTEGER REFERENCES title ON DELETE SET NULL," /* found to be the same */
    "  gone_at INTEGER"                                          /* since when no account has it */
    ") STRICT;"
    "CREATE UNIQUE INDEX title_tmdb ON title (kind, tmdb_id) WHERE tmdb_id IS NOT NULL;"
    "CREATE INDEX title_name ON title (kind, folded, year);"
    "CREATE INDEX title_merged ON title (merged_into) WHERE merged_into IS NOT NULL;"

    "CREATE TABLE title_source ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  kind INTEGER NOT NULL,"
    "  remote_id INTEGER NOT NULL,"
    "  title_id INTEGER NOT NULL REFERENCES title,"
    "  name TEXT NOT NULL,"   /* as the provider writes it */
    "  folded TEXT NOT NULL," /* what is searched */
    "  language TEXT,"
    "  extension TEXT,"
    "  group_name TEXT,"
    "  poster TEXT,"
    "  plot TEXT,"
    "  genre TEXT,"
    "  rating TEXT,"
    "  quality INTEGER NOT NULL,"
    "  duration INTEGER NOT NULL,"
    "  added INTEGER NOT NULL,"
    "  modified INTEGER NOT NULL,"
    "  position INTEGER NOT NULL,"
    "  info_at INTEGER NOT NULL DEFAULT 0,"   /* when the details were read */
    "  info_seen INTEGER NOT NULL DEFAULT 0," /* what `modified` was then */
    "  gone_at INTEGER,"
    "  UNIQUE (account_id, kind, remote_id)"
    ") STRICT;"
    "CREATE INDEX title_source_title ON title_source (title_id, account_id, position);"

    "CREATE TABLE episode ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  title_id INTEGER NOT NULL REFERENCES title ON DELETE CASCADE,"
    "  season INTEGER NOT NULL,"
    "  number INTEGER NOT NULL,"
    "  UNIQUE (title_id, season, number)"
    ") STRICT;"

    "CREATE TABLE episode_source ("
    "  source_id INTEGER NOT NULL REFERENCES title_source ON DELETE CASCADE,"
    "  remote_id INTEGER NOT NULL,"
    "  episode_id INTEGER NOT NULL REFERENCES episode ON DELETE CASCADE,"
    "  name TEXT NOT NULL,"
    "  extension TEXT,"
    "  poster TEXT,"
    "  plot TEXT,"
    "  quality INTEGER NOT NULL,"
    "  duration INTEGER NOT NULL,"
    "  added INTEGER NOT NULL,"
    "  PRIMARY KEY (source_id, remote_id)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX episode_source_episode ON episode_source (episode_id);"

    /* By title_source.id. Kept in step by the refresh, not by triggers, which may not write to
     * virtual tables while the schema is not trusted. A row left over finds nothing. */
    "CREATE VIRTUAL TABLE title_search USING fts5 ("
    "  folded, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3');";
