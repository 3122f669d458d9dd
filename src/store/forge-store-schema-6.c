/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What a user of our Xtream API may: so many connections at once (0 = no limit of its own), films
 * and series. */
const char forge_store_version_6[] =
    "ALTER TABLE app_user ADD COLUMN max_connections INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE app_user ADD COLUMN has_library INTEGER NOT NULL DEFAULT 1;";
