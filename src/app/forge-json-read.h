/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of an answer of /v1. An absent, null or otherwise typed one reads as NULL, 0 or FALSE: an
 * answer with one member less must not end the window. (transfer none) */
const char *forge_json_read_text (JsonObject *object, const char *name);
gint64 forge_json_read_int (JsonObject *object, const char *name);
gboolean forge_json_read_flag (JsonObject *object, const char *name);
JsonArray *forge_json_read_array (JsonObject *object, const char *name);

/* The object or array of a whole answer; NULL if it is none. */
JsonObject *forge_json_as_object (JsonNode *node);
JsonArray *forge_json_as_array (JsonNode *node);

/* A body for a call: an object that takes names and values in turn, "s" texts, "i" whole numbers
 * (gint64), "b" flags (gboolean); NULL ends it. forge_json_body ("s", "name", "x", "b", "dry_run",
 * TRUE, NULL). A NULL text is left out. Returns: (transfer full). */
JsonNode *forge_json_body (const char *type, ...) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
