/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What refreshes did, rules from the user's choices, lists as a second kind of account.
 */
const char forge_store_version_5[] =
    "ALTER TABLE account ADD COLUMN kind TEXT NOT NULL DEFAULT 'xtream';"

    /* Minutes to set as the shift; NULL = as it is. */
    "ALTER TABLE guide_source ADD COLUMN suggested_shift INTEGER;"

    /* One of account_id and source_id is set. The counts are of streams or of guide channels;
     * before and after of streams or of programmes. */
    "CREATE TABLE refresh ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  time INTEGER NOT NULL,"
    "  account_id INTEGER REFERENCES account ON DELETE CASCADE,"
    "  source_id INTEGER REFERENCES guide_source ON DELETE CASCADE,"
    "  state TEXT NOT NULL," /* applied, held, undone */
    "  added INTEGER NOT NULL,"
    "  removed INTEGER NOT NULL,"
    "  changed INTEGER NOT NULL,"
    "  before INTEGER NOT NULL,"
    "  after INTEGER NOT NULL,"
    "  summary TEXT NOT NULL,"
    /* Guides: the generation that the sweep spares (before an applied one, of a held one), what the
     * source said of it (JSON of its import columns), and the hash of the file that came. */
    "  kept_generation INTEGER,"
    "  kept_import TEXT,"
    "  content_hash TEXT,"
    "  CHECK ((account_id IS NULL) <> (source_id IS NULL))"
    ") STRICT;"
    "CREATE INDEX refresh_account ON refresh (account_id, id);"
    "CREATE INDEX refresh_source ON refresh (source_id, id);"
    "CREATE INDEX refresh_kept ON refresh (kept_generation) WHERE kept_generation IS NOT NULL;"

    "CREATE TABLE refresh_change ("
    "  refresh_id INTEGER NOT NULL REFERENCES refresh ON DELETE CASCADE,"
    "  what TEXT NOT NULL,"       /* stream-added …, channel-enabled … */
    "  item_id INTEGER NOT NULL," /* the provider's id of a stream, our id of a channel */
    "  name TEXT NOT NULL,"
    "  old TEXT," /* JSON of a stream's values; NULL = there was none */
    "  new TEXT,"
    "  PRIMARY KEY (refresh_id, what, item_id)"
    ") STRICT, WITHOUT ROWID;"

    /* What the user decided on one stream, for all streams whose names say the same. */
    "CREATE TABLE match_rule ("
    "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
    "  name_key TEXT NOT NULL,"    /* of the stream: country, shift, region, words */
    "  channel_key TEXT NOT NULL," /* channel.key of a guide channel */
    "  accept INTEGER NOT NULL,"
    "  account_id INTEGER NOT NULL,"
    "  time INTEGER NOT NULL,"
    "  stream_name TEXT NOT NULL," /* of the stream it was decided on, for people */
    "  UNIQUE (name_key, channel_key)"
    ") STRICT;"

    /* Where a list's entries play. Credentials are replaced by references to the account's secrets,
     * see docs/decisions/008. */
    "CREATE TABLE stream_url ("
    "  account_id INTEGER NOT NULL REFERENCES account ON DELETE CASCADE,"
    "  remote_id INTEGER NOT NULL,"
    "  url TEXT NOT NULL,"
    "  user_agent TEXT,"
    "  PRIMARY KEY (account_id, remote_id)"
    ") STRICT, WITHOUT ROWID;";
