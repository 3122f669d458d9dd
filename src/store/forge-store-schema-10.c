/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* Whatever changes streams or guides says in the same transaction that the lineup does not follow
 * from them any more; forge_store_end_channels () takes it back. As triggers, so that no way of
 * changing them can forget it. */
#define STALE " BEGIN UPDATE lineup_state SET stale = 1 WHERE NOT stale; END;"

/* What the last lineup run found out, so that the next one asks only about what is new. */
const char forge_store_version_10[] =
    /* `told` is a hash of what the provider says of the stream, `guide` the place of the guide
     * channel that was found (0 = none), `name_key` a hash of what rules find the name by. */
    "CREATE TABLE match_memo ("
    "  stream_id INTEGER PRIMARY KEY REFERENCES stream ON DELETE CASCADE,"
    "  told INTEGER NOT NULL,"
    "  guide INTEGER NOT NULL,"
    "  confidence REAL NOT NULL,"
    "  name_key INTEGER NOT NULL"
    ") STRICT;"

    /* One row. The memos hold for the guide channels with the hash `guide`; `stale` means that
     * streams or guides changed since the last run. */
    "CREATE TABLE lineup_state (guide INTEGER NOT NULL, stale INTEGER NOT NULL) STRICT;"
    "INSERT INTO lineup_state VALUES (0, 0);"
    "CREATE TRIGGER stream_added AFTER INSERT ON stream" STALE
    "CREATE TRIGGER stream_deleted AFTER DELETE ON stream" STALE
    "CREATE TRIGGER stream_changed AFTER UPDATE OF name, epg_id, group_name, icon, quality,"
    " position, gone_at ON stream" STALE
    "CREATE TRIGGER guide_changed AFTER UPDATE OF generation, enabled, priority ON guide_source"
    " WHEN (OLD.generation, OLD.enabled, OLD.priority)"
    " IS NOT (NEW.generation, NEW.enabled, NEW.priority)" STALE
    "CREATE TRIGGER guide_deleted AFTER DELETE ON guide_source" STALE;
