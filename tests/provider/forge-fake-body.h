/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-request.h"

G_BEGIN_DECLS

/**
 * ForgeFakeBody: a document that is written while it is sent, in chunks and perhaps gzipped, so
 * that even a guide of a million programmes takes no memory to speak of.
 *
 * After a failure everything is swallowed.
 */
typedef struct {
  ForgeFakeGate gate;
  GString *text;         /* not yet sent */
  GZlibCompressor *gzip; /* NULL = plain */
  gboolean is_chunked, is_head, has_failed;
  gboolean is_cut; /* TRUNCATED_GZIP: what the compressor still holds is never sent */
} ForgeFakeBody;

/* Sends the head. `more` as in forge_fake_reply_head (). */
void forge_fake_body_begin (ForgeFakeBody *body,
                            ForgeFakeConnection *connection,
                            const ForgeFakeRequest *request,
                            const ForgeFakeFaults *faults,
                            const char *content_type,
                            const char *more);
/* Append to body->text, then call this once per row or so; it sends when enough has gathered. */
void forge_fake_body_push (ForgeFakeBody *body);
gboolean forge_fake_body_end (ForgeFakeBody *body);

/* Appends `text` (NULL = null) as a JSON string. */
void forge_fake_append_json (GString *out, const char *text);
/* Appends `text` with XML's five characters escaped. */
void forge_fake_append_xml (GString *out, const char *text);

G_END_DECLS
