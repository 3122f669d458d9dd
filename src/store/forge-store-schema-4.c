/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* The download queue. media_id has no foreign key: a finished film stays listed when its account
 * goes. */
const char forge_store_version_4[] = "CREATE TABLE download ("
                                     "  id INTEGER PRIMARY KEY AUTOINCREMENT,"
                                     "  kind INTEGER NOT NULL,"
                                     "  media_id INTEGER NOT NULL,"
                                     "  title TEXT NOT NULL,"
                                     "  path TEXT NOT NULL UNIQUE,"
                                     "  state TEXT NOT NULL,"
                                     "  bytes INTEGER NOT NULL,"
                                     "  total INTEGER NOT NULL,"
                                     "  problem TEXT,"
                                     "  added INTEGER NOT NULL,"
                                     "  finished INTEGER NOT NULL"
                                     ") STRICT;";
