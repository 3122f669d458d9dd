/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine-private.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * The JSON shapes that other programs rely on (product contract §2): keys may be added, never
 * changed. Every function returns a new node (transfer full).
 */
JsonNode *forge_json_account (const ForgeAccount *account) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *forge_json_guide_source (const ForgeGuideSource *source, gint64 now_s)
    G_GNUC_WARN_UNUSED_RESULT;
/* `accounts` of ForgeAccount*, for the names. */
JsonNode *forge_json_channel (const ForgeChannel *channel, GPtrArray *accounts)
    G_GNUC_WARN_UNUSED_RESULT;
JsonNode *forge_json_session (const ForgeSessionInfo *info) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *forge_json_sessions (GPtrArray *sessions) G_GNUC_WARN_UNUSED_RESULT;
JsonNode *forge_json_event (const ForgeEvent *event) G_GNUC_WARN_UNUSED_RESULT;
/* Role: control (asks the tuner). */
JsonNode *forge_json_status (ForgeEngine *engine) G_GNUC_WARN_UNUSED_RESULT;

/* An array node of what `shape` makes of each element. */
typedef JsonNode *(*ForgeJsonShape) (gconstpointer item, gpointer user_data);
JsonNode *forge_json_array (GPtrArray *items, ForgeJsonShape shape, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;

/* 200 with `node` (taken over) as its body. */
ForgeReply *forge_json_reply (JsonNode *node) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
