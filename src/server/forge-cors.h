/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/**
 * Which pages of other sites may read the media API (below /api/ and /strm/): those whose origin
 * stands in the setting `cors_origins`, letter for letter; none by default, never all. Pure.
 */

/* `setting`: origins separated by commas, "|" or blanks. NULL for none. (transfer full) */
GStrv forge_cors_parse (const char *setting) G_GNUC_WARN_UNUSED_RESULT;

/* What a request says of itself. Strings may be NULL. */
typedef struct {
  const char *method, *path;
  const char *origin;
  gboolean asks_first; /* Access-Control-Request-Method is there */
} ForgeCorsRequest;

/* Lets the page read `reply`, if it may. `origins` may be NULL. */
void forge_cors_add_headers (ForgeReply *reply,
                             const ForgeCorsRequest *request,
                             const char *const *origins);
/* The answer to a browser that asks before a page's request; it still needs the headers above.
 * NULL: it does not ask, or the page may not. */
ForgeReply *forge_cors_preflight (const ForgeCorsRequest *request, const char *const *origins);

G_END_DECLS
