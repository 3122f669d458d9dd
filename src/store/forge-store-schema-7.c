/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* Imported stars that wait for their channel. */
const char forge_store_version_7[] =
    "CREATE TABLE pending_favorite (channel_key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;";
