/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What pages of sites held. `sealed` can be read with a key of the secret store only: addresses of
 * films hold tokens, and there may be cookies (docs/decisions/009). */
const char forge_store_version_13[] = "CREATE TABLE page_cache ("
                                      "  key_hash TEXT PRIMARY KEY,"
                                      "  time INTEGER NOT NULL," /* when the site was asked, UTC */
                                      "  sealed TEXT NOT NULL"
                                      ") STRICT, WITHOUT ROWID;"
                                      "CREATE INDEX page_cache_time ON page_cache (time);";
