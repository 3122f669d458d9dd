/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/* A ForgeRequest that owns what it points to, with what only the server needs. */
typedef struct {
  ForgeRequest handler; /* first member: what the handler sees */
  gboolean accepts_gzip;
  gboolean is_http_1_0;
  char *origin;        /* of the page that asks; NULL = none */
  gboolean asks_first; /* a browser that wants to know whether the page may */
} ForgeRequestData;

ForgeRequestData *forge_request_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_request_free (ForgeRequestData *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeRequestData, forge_request_free)

/* Decodes a percent-encoded path, collapses slashes. NULL when it is malformed, not UTF-8, holds a
 * NUL or a dot segment (encoded or not), or does not begin with a slash. Returns: (transfer full).
 */
char *forge_request_decode_path (const char *encoded);
/* Decodes "a=1&b=2" ("+" is a blank). NULL as above; an empty table for NULL. Returns: (transfer
 * full). */
GHashTable *forge_request_decode_query (const char *encoded);
/* Errors under this path have a body of JSON; elsewhere clients would take it for a stream. */
gboolean forge_path_speaks_json (const char *path);
/* 16 hex digits, or `offered` where that is harmless: 1–64 of [A-Za-z0-9._-]. (transfer full) */
char *forge_request_make_id (const char *offered);

G_END_DECLS
