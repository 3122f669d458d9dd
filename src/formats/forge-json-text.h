/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Brackets inside brackets that are read; json-glib reads with one stack frame for each. */
#define FORGE_JSON_MAX_DEPTH 64

/* One whole JSON document. Use it instead of json_from_string () on whatever comes from outside:
 * that function dies of deep nesting. `length` −1 = up to the NUL. Error: INVALID, without a prefix
 * ("is no JSON: …" fits behind what it is). Returns: (transfer full). */
JsonNode *forge_json_parse (const char *text, gssize length, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
