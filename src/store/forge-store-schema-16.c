/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What the user said of single streams, so that a rule is made only when it repeats. No foreign
 * keys: a decision that is too old to be taken back still counts. */
const char forge_store_version_16[] = "CREATE TABLE match_saying ("
                                      "  decision_id INTEGER NOT NULL,"
                                      "  stream_id INTEGER NOT NULL,"
                                      "  name_key TEXT NOT NULL,"
                                      "  channel_key TEXT NOT NULL,"
                                      "  accept INTEGER NOT NULL,"
                                      "  PRIMARY KEY (channel_key, stream_id, decision_id)"
                                      ") STRICT, WITHOUT ROWID;";
