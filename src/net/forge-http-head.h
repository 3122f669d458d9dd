/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A strict, bounded reader of response heads. */

#define FORGE_HTTP_HEAD_MAX_BYTES (32 * 1024)

typedef struct {
  guint status;          /* 100…999 */
  gsize length;          /* bytes of the head, with its empty line */
  gint64 content_length; /* -1 = none, or not a number, or chunked */
  gboolean is_chunked;
  char *location;         /* NULL = none; no control characters */
  char *content_encoding; /* NULL = none or identity */
  /* NULL = absent, or with control characters in them. */
  char *content_type, *content_range, *etag, *last_modified, *retry_after;
} ForgeHttpHead;

void forge_http_head_clear (ForgeHttpHead *head);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeHttpHead, forge_http_head_clear)

typedef enum {
  FORGE_HTTP_HEAD_MORE, /* not complete yet */
  FORGE_HTTP_HEAD_DONE,
  FORGE_HTTP_HEAD_BAD, /* `*why` says it: a constant */
} ForgeHttpHeadResult;

/* Reads the head at the start of `data`. "HTTP/1.x" and "ICY" status lines (Shoutcast-like
 * restreamers), line ends CRLF or LF. `head` must be zeroed. */
ForgeHttpHeadResult
forge_http_head_parse (const char *data, gsize length, ForgeHttpHead *head, const char **why);

/* Undoes chunked coding of the start of a body, as far as it came, into `out`. `*is_end` tells
 * whether the last chunk was seen. FALSE if the coding is broken. */
gboolean
forge_http_peek_chunked (const guint8 *data, gsize length, GByteArray *out, gboolean *is_end);

G_END_DECLS
