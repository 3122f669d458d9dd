/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * The HTTP face: own listener (libsoup's leaks descriptors), libsoup for the protocol, a router of
 * pure handlers. A handler takes a ForgeRequest and returns a ForgeReply; it never sees a socket or
 * libsoup.
 */

/* A request as a handler sees it: validated, decoded, immutable. Lent for the call. */
typedef struct {
  const char *method;       /* "GET" for HEAD too: the server strips the body */
  const char *path;         /* decoded, no dot segments, single slashes */
  const char *tail;         /* what stood for a trailing "*" of the pattern, NULL without one */
  GHashTable *query;        /* name → value, decoded, the last of repeated names; never NULL */
  GBytes *body;             /* NULL = none */
  const char *content_type; /* of the body, as sent; NULL = not said */
  gboolean is_from_page;    /* a page in a browser asks: it says whose it is */
  const char
      *base_url;    /* "http://host:port" from the validated Host, else from the local address */
  const char *peer; /* address as text; "local" on the control socket */
  gboolean is_loopback;      /* TRUE on the control socket too */
  guint local_port;          /* the TCP port it came in on; 0 on the control socket */
  const char *user_agent;    /* NULL = none */
  const char *last_event_id; /* of a reader of events that comes back, NULL = none */
  const char *request_id;
  gboolean is_head;
  const char *range, *if_range, *if_none_match; /* as sent; NULL = none */
} ForgeRequest;

const char *forge_request_query (const ForgeRequest *request, const char *name); /* NULL = absent */

/* Writes a long body piece by piece on a job thread. FALSE stops (the client is gone or an error).
 * A piece of no bytes sends nothing and tells whether the client of an event stream is still there.
 */
typedef gboolean (*ForgeSink) (const char *data, gsize length, gpointer sink_data, GError **error);
typedef gboolean (*ForgeBodyFunc) (ForgeSink sink,
                                   gpointer sink_data,
                                   GCancellable *cancellable,
                                   gpointer user_data,
                                   GError **error);

typedef struct _ForgeReply ForgeReply;

/* 200 with a body. `content_type` is copied, `body` taken over. */
ForgeReply *forge_reply_new (const char *content_type, GBytes *body) G_GNUC_WARN_UNUSED_RESULT;
ForgeReply *forge_reply_new_text (const char *content_type, char *text /* taken over */)
    G_GNUC_WARN_UNUSED_RESULT;
/* A body that `write` produces when it is wanted (GET, not 304). `gzip`: the content may be
 * compressed on the way. */
ForgeReply *forge_reply_new_stream (const char *content_type,
                                    ForgeBodyFunc write,
                                    gpointer user_data,
                                    GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
/* A file that somebody else sends: `take` is called on the control thread with a close-on-exec,
 * non-blocking duplicate of the client's socket, which it owns from then on, and the answer's head,
 * ready to be sent. `send_chunked`: the body must be chunk-coded. `length` -1 = unknown. Not called
 * for HEAD, nor if the client is gone: then only `destroy` is. */
typedef void (*ForgeReplyTake) (int fd,
                                const char *head,
                                gsize head_bytes,
                                gboolean send_chunked,
                                gpointer user_data);
ForgeReply *forge_reply_new_file (const char *content_type,
                                  gint64 length,
                                  ForgeReplyTake take,
                                  gpointer user_data,
                                  GDestroyNotify destroy) G_GNUC_WARN_UNUSED_RESULT;
void forge_reply_set_status (ForgeReply *reply, guint status);
/* What HEAD of endless media says: 200, the type, no length. Only for HEAD. */
ForgeReply *forge_reply_new_endless (const char *content_type) G_GNUC_WARN_UNUSED_RESULT;
/* A status and nothing else. */
ForgeReply *forge_reply_new_status (guint status) G_GNUC_WARN_UNUSED_RESULT;
/* {"error","message","retryable"} with the status that fits the code of `error` (or `status` if not
 * 0). */
ForgeReply *forge_reply_new_error (guint status, const GError *error) G_GNUC_WARN_UNUSED_RESULT;
/* An empty body with X-HDHomeRun-Error: "805 All Tuners In Use". */
ForgeReply *forge_reply_new_tuner_error (guint status, const char *text) G_GNUC_WARN_UNUSED_RESULT;
void forge_reply_free (ForgeReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeReply, forge_reply_free)

/* `tag` without quotes; If-None-Match is then answered 304. Without a call, a non-stream 200 body
 * gets a hash. */
void forge_reply_set_etag (ForgeReply *reply, const char *tag);
void forge_reply_add_header (ForgeReply *reply, const char *name, const char *value);
guint forge_reply_status (const ForgeReply *reply);
GBytes *forge_reply_body (const ForgeReply *reply); /* NULL = none or a stream. (transfer none) */

typedef enum {
  FORGE_RUN_CONTROL, /* on the control thread: snapshots only, microseconds */
  FORGE_RUN_JOB,     /* on the job pool: may block */
  FORGE_RUN_MEDIA,   /* on a pool of its own: may wait long for providers */
} ForgeRun;

typedef ForgeReply *(*ForgeHandler) (const ForgeRequest *request,
                                     GCancellable *cancellable,
                                     gpointer user_data);
/* A handler that takes the client's socket (media). Returns NULL when it took `fd` (a
 * close-on-exec, non-blocking duplicate that it now owns), else a reply that is sent; then `fd` is
 * not touched. Called on the control thread; not called for HEAD. */
typedef ForgeReply *(*ForgeTakeover) (const ForgeRequest *request, int fd, gpointer user_data);

typedef struct _ForgeRouter ForgeRouter;
ForgeRouter *forge_router_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_router_free (ForgeRouter *router);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeRouter, forge_router_free)
/* `methods`: "GET" (HEAD comes with it), "POST", "GET|POST" … `pattern`: exact path, or one that
 * ends in "*". The longest pattern wins. A known path with another method is 405 with Allow, an
 * unknown one 404. */
void forge_router_add (ForgeRouter *router,
                       const char *methods,
                       const char *pattern,
                       ForgeRun run,
                       ForgeHandler handler,
                       gpointer user_data);
/* GET only. HEAD is answered by `head` (as FORGE_RUN_CONTROL). */
void forge_router_add_takeover (ForgeRouter *router,
                                const char *pattern,
                                ForgeTakeover takeover,
                                ForgeHandler head,
                                gpointer user_data);

/* Limits of the contract (§3). */
#define FORGE_HTTP_MAX_URI_BYTES    8192
#define FORGE_HTTP_MAX_HEADER_BYTES 32768
#define FORGE_HTTP_MAX_BODY_BYTES   65536
#define FORGE_HTTP_MAX_CONNECTIONS  1024
/* Idle or stuck in the middle of a request or reply; also for a client that stops reading. */
#define FORGE_HTTP_IDLE_TIMEOUT_MS 30000
/* Requests that wait for providers at once; the next ones wait for those. */
#define FORGE_HTTP_MAX_MEDIA_THREADS 32
/* Streamed bodies at once per face; one more is answered 503 with Retry-After. */
#define FORGE_HTTP_MAX_STREAMED_BODIES 16
/* `config import` sends a whole backup over the control socket. */
#define FORGE_HTTP_MAX_CONTROL_BODY_BYTES (32 * 1024 * 1024)

typedef struct _ForgeHttpServer ForgeHttpServer;

typedef struct {
  ForgeRouter *router;       /* borrowed; must outlive the server */
  GMainContext *context;     /* the control role's; thread-default wherever it is iterated */
  guint job_threads;         /* for FORGE_RUN_JOB handlers over TCP; 0 = 4 */
  guint control_job_threads; /* the same for the control socket; 0 = as many */
  guint idle_timeout_ms;     /* without progress on a connection; 0 = FORGE_HTTP_IDLE_TIMEOUT_MS */
  const char *server_header; /* "HDHomeRun/1.0" */
} ForgeHttpServerConfig;

ForgeHttpServer *forge_http_server_new (const ForgeHttpServerConfig *config)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_http_server_free (ForgeHttpServer *server);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHttpServer, forge_http_server_free)
/* Pages of which origins may read /api and /strm over TCP: the setting `cors_origins`. Role:
 * control. */
void forge_http_server_set_cors_origins (ForgeHttpServer *server, const char *origins);

/* "loopback" (127.0.0.1 and ::1), "lan" (all addresses; then only private peers of our own subnets
 * are answered) or one address. `port` 0 = any free one. Returns the port, 0 on error (INVALID, or
 * STORAGE: port in use, with the hint). A second call closes what the first one opened and takes
 * its place; the control socket stays. Role: control (or before its loop runs). */
guint
forge_http_server_listen (ForgeHttpServer *server, const char *bind, guint port, GError **error);
/* One more port for the same routes, until close_extra (), the next listen () or stop (): some
 * clients look only on port 80, which needs rights that a desktop rarely gives, and each virtual
 * tuner has its own. Nothing changes when it fails. Error: as above. Role: control. */
gboolean forge_http_server_listen_extra (ForgeHttpServer *server,
                                         const char *bind,
                                         guint port,
                                         GError **error);
/* Stops accepting there; what is connected goes on. Does nothing for a port that is not extra.
 * Role: control. */
void forge_http_server_close_extra (ForgeHttpServer *server, guint port);
/* Unix socket, mode 0600; a stale one of a dead process is replaced. Only `control_router` answers
 * here. */
gboolean forge_http_server_listen_control (ForgeHttpServer *server,
                                           const char *path,
                                           ForgeRouter *control_router,
                                           GError **error);
/* The first address that `listen` bound, as a URL without a trailing slash. (transfer full) */
char *forge_http_server_url (ForgeHttpServer *server);
/* The address for other devices at home, NULL while bound to loopback. (transfer full) */
char *forge_http_server_lan_url (ForgeHttpServer *server);
/* Stops accepting; connections that are open are closed. */
void forge_http_server_stop (ForgeHttpServer *server);
/* After stop: waits for the handlers that still run. The control role must go on meanwhile, because
 * they may wait for it. Role: any but control. */
void forge_http_server_drain (ForgeHttpServer *server);

typedef struct {
  guint64 requests, refused_hosts, refused_peers, errors_5xx;
  guint connections; /* open now, without those handed over */
} ForgeHttpServerStats;
void forge_http_server_stats (ForgeHttpServer *server, ForgeHttpServerStats *stats);

G_END_DECLS
