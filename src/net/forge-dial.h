/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"
#include "net/forge-guard.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Opens a live stream and hands over the bare descriptor, so that media never passes through a
 * message body. One blocking call on a job thread with one deadline: resolve, connect (happy
 * eyeballs), TLS (GnuTLS), `GET` with `Connection: close` and no Range, up to 5 redirects (each
 * from the canonical URL, user agent kept), head, first body bytes, sniff.
 */
typedef struct {
  const char *user_agent; /* never NULL */
  const char *referrer;   /* NULL = none */
  const char *proxy;      /* NULL, http:// or socks5:// */
  gboolean verify_tls;
  guint connect_timeout_ms;    /* from the start to the end of the response head */
  guint head_timeout_ms;       /* 0, or: that is for a connection, this from there to the head, and
                                  both together for all, redirects included */
  guint first_byte_timeout_ms; /* from there to the first body bytes */
  ForgeGuard *guard;           /* asked on every hop; NULL = anywhere (typed by the user) */
} ForgeDialOptions;

typedef enum {
  FORGE_DIAL_TS,  /* packet sync seen (or binary that may still sync) */
  FORGE_DIAL_HLS, /* "#EXTM3U" */
} ForgeDialKind;

typedef struct {
  ForgeDialKind kind;
  ForgeByteSource
      bytes;            /* non-blocking; owned until taken: set bytes.fd to -1 when handing it on */
  gboolean is_playlist; /* `bytes` are made of what a playlist names */
  gboolean is_chunked;
  guint8 *leftover; /* body bytes already read, still chunk-coded if is_chunked */
  gsize leftover_bytes;
  gint64 content_length; /* -1 = none, as live should have it */
  guint http_status;     /* also filled when the dial fails; 0 = no answer */
  char *final_host;
  char *final_url; /* after redirects; may hold credentials: never shown, never stored */
  gint64 connect_us, first_byte_us; /* durations */
} ForgeDial;

/* Closes what is still owned. */
void forge_dial_clear (ForgeDial *dial);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeDial, forge_dial_clear)

/* FALSE: LIMIT (403 429 458 509), AUTH (401), NOT_FOUND (404 410 and other 4xx), RETRY (network,
 * timeout, 408, 5xx), INVALID (200, but HTML/JSON/text; a refused certificate; broken HTTP; more
 * than 5 redirects; any other status), UNSUPPORTED (scheme, proxy, Content-Encoding), or
 * G_IO_ERROR_CANCELLED. A finite Content-Length is no failure here, even a slate's: it is reported
 * and the tuner decides. Messages: host and reason, never the URL. `dial` must be zeroed. Blocks
 * for at most the two timeouts and half a second (undecided first bytes). Role: job. */
gboolean forge_dial_open (const char *url,
                          const ForgeDialOptions *options,
                          ForgeDial *dial,
                          GCancellable *cancellable,
                          GError **error);

G_END_DECLS
