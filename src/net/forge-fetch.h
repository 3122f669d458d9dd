/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-dial.h"
#include "net/forge-http-head.h"

G_BEGIN_DECLS

/**
 * Files over HTTP as bare descriptors: like forge-dial, but for what has an end. A part of a file
 * may be asked for, whatever status comes back is the caller's to judge, and nothing is looked at
 * but the head.
 */
typedef struct {
  gboolean is_head;     /* HEAD instead of GET */
  gint64 first, last;   /* bytes, both inclusive; first -1 = no Range, last -1 = to the end */
  const char *if_range; /* a strong ETag or a date; NULL = none */
  const char *headers;  /* more lines, each with CRLF, for the host of the address only; NULL */
} ForgeFetchRange;

/* The whole of it. */
#define FORGE_FETCH_ALL ((ForgeFetchRange){ .first = -1, .last = -1 })

typedef struct {
  ForgeDial dial; /* .bytes, .leftover, .is_chunked, .final_url; kind is not set */
  ForgeHttpHead head;
  /* of forge_fetch_read () */
  gboolean is_begun, is_over;
  gint64 left; /* of the body or of the chunk; -1 = not known */
  gsize taken; /* of the leftover */
} ForgeFetch;

/* Closes what is still owned. */
void forge_fetch_clear (ForgeFetch *fetch);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeFetch, forge_fetch_clear)

/* Redirects are followed, the range is asked of each. TRUE once a head came; `head.status` says
 * what it means. FALSE: as forge_dial_open (). `fetch` must be zeroed. Blocks for at most the
 * options' limits up to the head. Role: job. */
gboolean forge_fetch_open (const char *url,
                           const ForgeFetchRange *range,
                           const ForgeDialOptions *options,
                           ForgeFetch *fetch,
                           GCancellable *cancellable,
                           GError **error);
/* LIMIT (403 429 458 509), AUTH (401), NOT_FOUND (other 4xx), RETRY (408 5xx), INVALID: what a
 * status that is no success means, and sets the error "HOST: HTTP 403". */
void forge_fetch_set_status_error (const ForgeFetch *fetch, GError **error);
/* TRUE if the body begins with `text`. Waits for so much of it; what was read stays in the
 * leftover. */
gboolean forge_fetch_begins_with (ForgeFetch *fetch,
                                  const char *text,
                                  guint timeout_ms,
                                  GCancellable *cancellable);
/* The first bytes of the body, `wanted` of them or what came before the end or the time limit; they
 * stay in the leftover too. Returns: (transfer full). */
GByteArray *
forge_fetch_peek (ForgeFetch *fetch, gsize wanted, guint timeout_ms, GCancellable *cancellable)
    G_GNUC_WARN_UNUSED_RESULT;
/* The next bytes of the body, chunk coding undone; 0 at its end. -1: RETRY (broken off, or nothing
 * came for `idle_ms`), INVALID (broken coding), G_IO_ERROR_CANCELLED. Blocks. Role: job. */
gssize forge_fetch_read (ForgeFetch *fetch,
                         void *buffer,
                         gsize size,
                         guint idle_ms,
                         GCancellable *cancellable,
                         GError **error);
/* The rest of the body, chunk coding undone. TOO_LARGE above `max_bytes`. Closes the connection.
 * Returns: (transfer full). */
GBytes *forge_fetch_read_all (ForgeFetch *fetch,
                              gsize max_bytes,
                              guint timeout_ms,
                              GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Both in one: a small document. `content_type` may be NULL; (transfer full), NULL if none was
 * said. Error: also what the status means. Returns: (transfer full). */
GBytes *forge_fetch_document (const char *url,
                              const ForgeDialOptions *options,
                              gsize max_bytes,
                              char **content_type,
                              GCancellable *cancellable,
                              GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
