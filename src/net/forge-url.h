/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a person pastes as the server → "http://host:port/sub" without query, a trailing *.php,
 * credentials or slash. Accepts bare hosts, host:port, full player_api/get/xmltv URLs. If the text
 * holds username and password (query form), they are returned too (transfer full, may be NULL).
 * Error: INVALID with what is wrong. Facts: xtream-xmltv-hls.md §1.1. */
char *
forge_url_normalise_server (const char *typed, char **username, char **password, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* One path segment: everything but unreserved characters percent-encoded. (transfer full) */
char *forge_url_escape (const char *text) G_GNUC_WARN_UNUSED_RESULT;
/* Host part, for messages; "?" if there is none. (transfer full) */
char *forge_url_host (const char *url) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
