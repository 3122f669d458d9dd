/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeHttp: a libsoup session for one job thread: GET documents (lists, guides), streaming.
 *
 * Connect 10 s, first byte 90 s, idle 60 s between bytes (facts §1.7); redirects followed (at most
 * 5, http(s) only); body cap 1 GiB; `Accept-Encoding: gzip` decoded. Blocks. Thread: the one that
 * made it.
 */
typedef struct _ForgeHttp ForgeHttp;

typedef struct {
  const char *user_agent; /* never NULL */
  const char *referrer;   /* NULL = none */
  const char *proxy;      /* NULL = none */
  gboolean verify_tls;
  gboolean keeps_cookies; /* for as long as the session lives; edges of HLS sometimes want it */
  guint connect_timeout_s, first_byte_timeout_s, idle_timeout_s; /* 0 = the defaults above */
} ForgeHttpOptions;

ForgeHttp *forge_http_new (const ForgeHttpOptions *options) G_GNUC_WARN_UNUSED_RESULT;
void forge_http_free (ForgeHttp *http);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHttp, forge_http_free)

typedef struct {
  guint status;
  char *content_type, *etag, *last_modified; /* NULL = absent */
  gint64 length;                             /* Content-Length as sent, -1 = unknown */
  guint retry_after_s;                       /* 0 = none */
  char *final_url;    /* after redirects; may hold credentials: never shown */
  gint64 range_start; /* first byte of a 206, -1 = all of it came */
  GInputStream *body; /* decoded; NULL for 304 */
} ForgeHttpReply;

void forge_http_reply_free (ForgeHttpReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHttpReply, forge_http_reply_free)

/* GET. `etag` and `last_modified` (NULL = unconditional) are sent as If-None-Match and
 * If-Modified-Since. Any status but 200 and 304 is an error by class: AUTH 401; LIMIT 403 429 458
 * 509; NOT_FOUND 404 410; RETRY 408 5xx and network trouble; INVALID others, a refused certificate
 * and too many redirects; UNSUPPORTED schemes and proxies. Messages name the host and the status
 * only. Reading the body can fail with RETRY (silence, cut off), INVALID (damaged gzip) and
 * TOO_LARGE. A cancellation is G_IO_ERROR_CANCELLED. Returns: (transfer full). */
ForgeHttpReply *forge_http_get (ForgeHttp *http,
                                const char *url,
                                const char *etag,
                                const char *last_modified,
                                GCancellable *cancellable,
                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* GET of media: uncoded, and of the bytes `offset` … `offset + length` only if length is not -1. A
 * server may answer with all of it: see range_start. Else as above. Returns: (transfer full). */
ForgeHttpReply *forge_http_get_range (ForgeHttp *http,
                                      const char *url,
                                      gint64 offset,
                                      gint64 length,
                                      GCancellable *cancellable,
                                      GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* The status of the last answer, also of one that was an error; 0 = there was none. */
guint forge_http_last_status (const ForgeHttp *http);

G_END_DECLS
