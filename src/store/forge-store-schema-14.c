/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What was found out about accounts by trying. */
const char forge_store_version_14[] = "CREATE TABLE account_learned ("
                                      "  account_id INTEGER NOT NULL"
                                      "    REFERENCES account ON DELETE CASCADE,"
                                      "  what TEXT NOT NULL,"
                                      "  value INTEGER NOT NULL,"
                                      "  PRIMARY KEY (account_id, what)"
                                      ") STRICT, WITHOUT ROWID;";
