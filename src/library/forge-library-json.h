/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "model/forge-media.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * The library in JSON, as the control socket and /api/library show it (docs/api.md). No address of
 * a provider is in it: a picture that a provider keeps itself is left out.
 */

/* "movies" or "series", as lists are called. */
const char *forge_library_list_name (ForgeMediaKind kind);
/* FALSE for any other word. */
gboolean forge_library_list_parse (const char *name, ForgeMediaKind *kind);

/* `accounts` (of ForgeAccount*) tells whose pictures not to show. Returns: (transfer full). */
JsonNode *forge_library_json_media (const ForgeMedia *media, GPtrArray *accounts);
/* `list`: of ForgeMedia*. Returns: (transfer full). */
JsonNode *forge_library_json_list (GPtrArray *list, GPtrArray *accounts);
/* {"items", "total", "offset"}. Returns: (transfer full). */
JsonNode *forge_library_json_page (GPtrArray *list, GPtrArray *accounts, guint total, guint offset);
/* The media with its `sources` (of ForgeMediaSource*) and, for a series, its `episodes` (of
 * ForgeMedia*, NULL = none) by season. Returns: (transfer full). */
JsonNode *forge_library_json_details (const ForgeMedia *media,
                                      GPtrArray *sources,
                                      GPtrArray *episodes,
                                      GPtrArray *accounts);

G_END_DECLS
