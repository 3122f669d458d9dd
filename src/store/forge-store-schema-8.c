/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* The search of programmes; the zone that a guide's times are of. */
const char forge_store_version_8[] =
    /* IANA name; NULL = the times are what they say. */
    "ALTER TABLE guide_source ADD COLUMN zone TEXT;"

    /* Two indexes of words, of which one is in use while the other is made anew: what vanished
     * cannot be taken out of an index that keeps no texts. See forge-store-search.c. */
    "CREATE VIRTUAL TABLE guide_words_0 USING fts5 (words, content = '', columnsize = 0,"
    "  detail = none, tokenize = 'ascii');"
    "CREATE VIRTUAL TABLE guide_words_1 USING fts5 (words, content = '', columnsize = 0,"
    "  detail = none, tokenize = 'ascii');"
    "CREATE TABLE guide_words_state (half INTEGER NOT NULL, stale INTEGER NOT NULL) STRICT;"
    "INSERT INTO guide_words_state VALUES (0, 0);"

    /* Whose programmes are in it. */
    "CREATE TABLE guide_words_entry ("
    "  half INTEGER NOT NULL,"
    "  seq INTEGER NOT NULL,"           /* the lower bits of the words' row ids */
    "  entry_id INTEGER NOT NULL,"      /* guide_entry */
    "  shift_minutes INTEGER NOT NULL," /* that the row ids were made with */
    "  PRIMARY KEY (half, seq)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE INDEX guide_words_entry_id ON guide_words_entry (entry_id);";
