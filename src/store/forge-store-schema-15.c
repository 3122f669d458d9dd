/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "store/forge-store-private.h"

/* What a channel list says of an entry besides its address. */
const char forge_store_version_15[] =
    "ALTER TABLE stream_url ADD COLUMN referrer TEXT;"
    "ALTER TABLE stream_url ADD COLUMN catchup TEXT;"
    "ALTER TABLE stream_url ADD COLUMN catchup_correction INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE stream_url ADD COLUMN shift_minutes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE stream_url ADD COLUMN number INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE stream_url ADD COLUMN audio_track TEXT;"
    "ALTER TABLE stream_url ADD COLUMN is_locked INTEGER NOT NULL DEFAULT 0;"

    /* What the best stream's list says of the channel; the guide's times are moved by the shift. */
    "ALTER TABLE channel ADD COLUMN shift_minutes INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE channel ADD COLUMN audio_track TEXT;"
    "ALTER TABLE channel ADD COLUMN user_group TEXT;"
    "ALTER TABLE channel ADD COLUMN user_logo TEXT;"
    "ALTER TABLE pending_channel ADD COLUMN user_group TEXT;"
    "ALTER TABLE pending_channel ADD COLUMN user_logo TEXT;";
