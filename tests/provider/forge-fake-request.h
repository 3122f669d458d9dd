/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-io.h"

G_BEGIN_DECLS

typedef struct {
  gboolean is_head, has_http11, accepts_gzip, is_conditional;
  char **parts;      /* of the path, decoded: "/a%2Fb/c" is { "a/b", "c" } */
  GHashTable *query; /* decoded */
  char *range, *if_none_match, *if_range;
} ForgeFakeRequest;

/* Waits for the next request of a connection. NULL when there is none: the client left, took too
 * long or sent what is no GET or HEAD request (that is answered here). Returns: (transfer full). */
ForgeFakeRequest *forge_fake_request_read (ForgeFakeConnection *connection)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_request_free (ForgeFakeRequest *request);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeFakeRequest, forge_fake_request_free)

const char *forge_fake_request_query (const ForgeFakeRequest *request, const char *key);

/* Sends status line and head. `length` -1 = none, then the end of the connection ends the body.
 * `more` is NULL or further header lines, each with its CRLF. */
gboolean forge_fake_reply_head (ForgeFakeConnection *connection,
                                guint status,
                                const char *content_type,
                                gint64 length,
                                const char *more);
/* A whole answer; the body is left out for HEAD. */
gboolean forge_fake_reply (ForgeFakeConnection *connection,
                           const ForgeFakeRequest *request,
                           guint status,
                           const char *content_type,
                           const char *more,
                           const char *body);

G_END_DECLS
