/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "server/forge-body-writer.h"
#include "server/forge-cors.h"
#include "server/forge-gzip.h"
#include "server/forge-host-guard.h"
#include "server/forge-reply-private.h"
#include "server/forge-request-private.h"
#include "server/forge-router-private.h"
#include "server/forge-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define STATUS_MISDIRECTED   421 /* RFC 9110 §15.5.20 */
#define MAX_WAITING_JOBS     256
#define MAX_USER_AGENT_BYTES 512
#define RETRY_AFTER_S        "2"

/* A request whose handler runs on a job thread, while libsoup holds its connection still. */
struct _ForgeExchange {
  ForgeConnection *connection; /* NULL once the client is gone */
  SoupServerMessage *message;
  ForgeRequestData *request;
  const ForgeRoute *route;
  GMainContext *context;
  GCancellable *cancellable;
  GSource *watch; /* for the client's end */
  ForgeReply *reply;
};

/* A streamed body on its way to a writer thread. */
typedef struct {
  int fd;
  GString *head, *failure;
  ForgeReply *reply;
  GCancellable *stopping;
  gboolean is_chunked, is_immediate;
  guint timeout_ms;
} Body;

/* ── Reading the request ── */

static char *
format_base_url (const char *host, int port)
{
  g_autofree char *lower = g_ascii_strdown (host, -1);
  g_autofree char *url = g_strdup_printf (strchr (lower, ':') ? "http://[%s]" : "http://%s", lower);

  return port > 0 ? g_strdup_printf ("%s:%d", url, port) : g_steal_pointer (&url);
}

static char *
local_base_url (const ForgeConnection *connection)
{
  g_autofree char *address = NULL;

  if (!connection->local)
    return g_strdup ("http://localhost");
  address = g_inet_address_to_string (connection->local);
  return format_base_url (address, (int)connection->local_port);
}

/* Returns the base URL that the request's own words give, NULL when they name somebody else. */
static char *
judge_host (ForgeConnection *connection, GUri *uri)
{
  const char *host = g_uri_get_host (uri);

  if (connection->face->is_control || !host || !*host)
    return local_base_url (connection);
  if (g_uri_get_userinfo (uri) ||
      !forge_host_guard_allows (connection->face->shared->addresses, connection->local, host))
    return NULL;
  return format_base_url (host, g_uri_get_port (uri));
}

static char *
clean_text (const char *value)
{
  g_autofree char *start = value ? g_strndup (value, MAX_USER_AGENT_BYTES) : NULL;

  return start ? g_utf8_make_valid (start, -1) : NULL;
}

/* FALSE: malformed. An HTTP/1.0 request without Host comes from libsoup with its query in the path.
 */
static gboolean
read_target (ForgeRequest *request, GUri *uri)
{
  g_auto (GStrv) parts = g_strsplit (g_uri_get_path (uri), "?", 2);
  const char *query = g_uri_get_query (uri);

  request->path = forge_request_decode_path (parts[0] ? parts[0] : "");
  request->query = forge_request_decode_query (query || !parts[0] ? query : parts[1]);
  return request->path && request->query;
}

static void
read_headers (ForgeRequestData *request, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  request->handler.user_agent = clean_text (soup_message_headers_get_one (headers, "User-Agent"));
  request->handler.last_event_id =
      clean_text (soup_message_headers_get_one (headers, "Last-Event-ID"));
  request->handler.request_id =
      forge_request_make_id (soup_message_headers_get_one (headers, "X-Request-Id"));
  request->handler.if_none_match =
      g_strdup (soup_message_headers_get_list (headers, "If-None-Match"));
  request->handler.range = g_strdup (soup_message_headers_get_list (headers, "Range"));
  request->handler.if_range = g_strdup (soup_message_headers_get_one (headers, "If-Range"));
  request->handler.content_type = g_strdup (soup_message_headers_get_one (headers, "Content-Type"));
  request->origin = g_strdup (soup_message_headers_get_one (headers, "Origin"));
  request->handler.is_from_page = request->origin != NULL;
  request->asks_first = soup_message_headers_get_one (headers, "Access-Control-Request-Method") !=
                        NULL;
  request->accepts_gzip =
      forge_gzip_is_accepted (soup_message_headers_get_list (headers, "Accept-Encoding"));
}

static void
read_body (ForgeRequest *request, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (body->length > 0)
    request->body = soup_message_body_flatten (body);
}

static ForgeRequestData *
read_request (ForgeConnection *connection, SoupServerMessage *message, guint *problem)
{
  ForgeRequestData *request = forge_request_new ();
  const char *method = soup_server_message_get_method (message);
  GUri *uri = soup_server_message_get_uri (message);

  request->handler.is_head = strcmp (method, "HEAD") == 0;
  request->handler.method = g_strdup (request->handler.is_head ? "GET" : method);
  request->handler.peer = g_strdup (connection->peer);
  request->handler.is_loopback = connection->is_loopback;
  request->handler.local_port = connection->local_port;
  request->is_http_1_0 = soup_server_message_get_http_version (message) == SOUP_HTTP_1_0;
  read_headers (request, message);
  read_body (&request->handler, message);
  if (connection->face->is_control)
    request->accepts_gzip = FALSE;
  request->handler.base_url = judge_host (connection, uri);
  if (!request->handler.base_url) {
    *problem = STATUS_MISDIRECTED;
    connection->face->shared->stats.refused_hosts++;
  } else if (!read_target (&request->handler, uri)) {
    *problem = SOUP_STATUS_BAD_REQUEST;
  }
  return request;
}

/* ── Sending the reply ── */

static void
set_content (SoupServerMessage *message, const ForgeReply *reply, gboolean is_head)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  if (reply->status == SOUP_STATUS_NOT_MODIFIED)
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_NONE);
  else if (reply->content_type)
    soup_message_headers_replace (headers, "Content-Type", reply->content_type);
  if (reply->is_file && reply->file_bytes >= 0) {
    soup_message_headers_set_content_length (headers, reply->file_bytes);
  } else if (!reply->body && (reply->write || reply->is_endless || reply->is_file)) {
    soup_message_headers_set_encoding (headers, SOUP_ENCODING_EOF);
    soup_message_headers_replace (headers, "Connection", "close");
  } else if (reply->body && is_head) {
    soup_message_headers_set_content_length (headers, (goffset)g_bytes_get_size (reply->body));
  } else if (reply->body) {
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), reply->body);
  }
}

static void
respond (SoupServerMessage *message, const ForgeRequestData *request, const ForgeReply *reply)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  SoupMessageHeaders *asked = soup_server_message_get_request_headers (message);

  /* libsoup would cut a complete body into 206 by itself. */
  soup_message_headers_remove (asked, "Range");
  soup_server_message_set_status (message, reply->status, forge_status_phrase (reply->status));
  soup_message_headers_replace (headers, "X-Request-Id", request->handler.request_id);
  for (guint i = 0; i < reply->headers->len; i++) {
    const ForgeHeader *header = &g_array_index (reply->headers, ForgeHeader, i);
    soup_message_headers_append (headers, header->name, header->value);
  }
  set_content (message, reply, request->handler.is_head);
}

static void
body_free (Body *body)
{
  if (body->fd >= 0)
    close (body->fd);
  g_string_free (body->head, TRUE);
  g_string_free (body->failure, TRUE);
  forge_reply_free (body->reply);
  g_object_unref (body->stopping);
  g_free (body);
}

void
forge_exchange_run_writer (gpointer data, gpointer user_data)
{
  Body *body = data;
  ForgeFace *face = user_data;
  g_autoptr (GError) error = NULL;
  ForgeBodyTarget target = {
    .fd = body->fd,
    .head = body->head->str,
    .failure = body->failure->str,
    .is_chunked = body->is_chunked,
    .is_gzipped = body->reply->is_gzipped,
    .is_immediate = body->is_immediate,
    .timeout_ms = body->timeout_ms,
  };

  forge_role_enter (FORGE_ROLE_JOB);
  if (!forge_body_write (&target,
                         body->reply->write,
                         body->reply->write_data,
                         body->stopping,
                         &error))
    g_debug ("A streamed body broke off: %s", error ? error->message : "the writer gave up");
  body_free (body);
  g_atomic_int_add (&face->writing, -1);
}

static void
append_headers (GString *head, const ForgeReply *reply)
{
  if (reply->content_type)
    g_string_append_printf (head, "Content-Type: %s\r\n", reply->content_type);
  for (guint i = 0; i < reply->headers->len; i++) {
    const ForgeHeader *header = &g_array_index (reply->headers, ForgeHeader, i);
    g_string_append_printf (head, "%s: %s\r\n", header->name, header->value);
  }
}

/* No web page reaches the control socket. */
static const char *const *
cors_origins (const ForgeConnection *connection)
{
  const ForgeFace *face = connection->face;

  return face->is_control ? NULL : (const char *const *)face->shared->cors_origins;
}

static ForgeCorsRequest
cors_request (const ForgeRequestData *request)
{
  return (ForgeCorsRequest){ .method = request->handler.method,
                             .path = request->handler.path,
                             .origin = request->origin,
                             .asks_first = request->asks_first };
}

static void
add_cors_headers (const ForgeConnection *connection,
                  const ForgeRequestData *request,
                  ForgeReply *reply)
{
  const ForgeCorsRequest asked = cors_request (request);

  forge_cors_add_headers (reply, &asked, cors_origins (connection));
}

static ForgeReply *
busy_reply (void)
{
  ForgeReply *reply = forge_reply_new_status (SOUP_STATUS_SERVICE_UNAVAILABLE);

  forge_reply_add_header (reply, "Retry-After", RETRY_AFTER_S);
  return reply;
}

static Body *
body_new (const ForgeConnection *connection,
          const ForgeRequestData *request,
          ForgeReply *reply,
          int fd)
{
  ForgeFace *face = connection->face;
  g_autoptr (ForgeReply) busy = busy_reply ();
  Body *body = g_new0 (Body, 1);
  const char *id = request->handler.request_id;
  gboolean is_http_1_0 = request->is_http_1_0;

  body->fd = fd;
  body->reply = reply;
  body->stopping = g_object_ref (face->stopping);
  body->is_chunked = !is_http_1_0;
  body->is_immediate = face->is_control ||
                       g_str_has_prefix (reply->content_type, "text/event-stream");
  body->timeout_ms = face->shared->idle_timeout_ms;
  body->head = forge_raw_head_new (face->shared, is_http_1_0, reply->status, id);
  append_headers (body->head, reply);
  g_string_append (body->head, body->is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
  body->failure =
      forge_raw_head_new (face->shared, is_http_1_0, SOUP_STATUS_SERVICE_UNAVAILABLE, id);
  add_cors_headers (connection, request, busy);
  append_headers (body->failure, busy);
  g_string_append (body->failure, "Content-Length: 0\r\n\r\n");
  return body;
}

/* Hands the connection to a writer thread. FALSE: no thread or descriptor is free. */
static gboolean
start_body (ForgeConnection *connection,
            SoupServerMessage *message,
            const ForgeRequestData *request,
            ForgeReply *reply)
{
  ForgeFace *face = connection->face;
  int fd;

  if (g_atomic_int_get (&face->writing) >= FORGE_HTTP_MAX_STREAMED_BODIES)
    return FALSE;
  fd = fcntl (g_socket_get_fd (connection->socket), F_DUPFD_CLOEXEC, 3);
  if (fd < 0)
    return FALSE;
  g_atomic_int_inc (&face->writing);
  g_thread_pool_push (face->writers, body_new (connection, request, reply, fd), NULL);
  forge_connection_abandon (connection, message);
  return TRUE;
}

/* Hands the connection to whoever sends the file. FALSE: no descriptor is free. */
static gboolean
start_file (ForgeConnection *connection,
            SoupServerMessage *message,
            const ForgeRequestData *request,
            ForgeReply *reply)
{
  ForgeFace *face = connection->face;
  int fd = fcntl (g_socket_get_fd (connection->socket), F_DUPFD_CLOEXEC, 3);
  gboolean is_chunked = reply->file_bytes < 0 && !request->is_http_1_0;

  if (fd < 0)
    return FALSE;
  GString *head = forge_raw_head_new (face->shared,
                                      request->is_http_1_0,
                                      reply->status,
                                      request->handler.request_id);
  append_headers (head, reply);
  if (reply->file_bytes >= 0)
    g_string_append_printf (head, "Content-Length: %" G_GINT64_FORMAT "\r\n", reply->file_bytes);
  g_string_append (head, is_chunked ? "Transfer-Encoding: chunked\r\n\r\n" : "\r\n");
  forge_connection_abandon (connection, message);
  reply->take (fd, head->str, head->len, is_chunked, g_steal_pointer (&reply->take_data));
  g_string_free (head, TRUE);
  return TRUE;
}

/* Instead of a body that nobody is free to send. */
static void
replace_by_busy (const ForgeConnection *connection,
                 const ForgeRequestData *request,
                 ForgeReply **reply)
{
  forge_reply_free (*reply);
  *reply = busy_reply ();
  add_cors_headers (connection, request, *reply);
}

static void
count_reply (ForgeConnection *connection, const ForgeReply *reply)
{
  if (reply->status >= 500)
    connection->face->shared->stats.errors_5xx++;
}

/* Takes `reply`. FALSE: libsoup has the message no more, and `connection` is gone. */
static gboolean
deliver (ForgeConnection *connection,
         SoupServerMessage *message,
         const ForgeRequestData *request,
         ForgeReply *reply)
{
  g_autoptr (ForgeReply) owned = reply;

  add_cors_headers (connection, request, owned);
  if (owned->write && !request->handler.is_head) {
    if (start_body (connection, message, request, owned)) {
      g_steal_pointer (&owned);
      return FALSE;
    }
    replace_by_busy (connection, request, &owned);
  }
  if (owned->take && !request->handler.is_head) {
    if (start_file (connection, message, request, owned))
      return FALSE;
    replace_by_busy (connection, request, &owned);
  }
  count_reply (connection, owned);
  forge_connection_touch (connection);
  respond (message, request, owned);
  return TRUE;
}

static void
finish (ForgeReply *reply, const ForgeRequestData *request)
{
  ForgeReplyTerms terms = {
    .is_get = strcmp (request->handler.method, "GET") == 0,
    .accepts_gzip = request->accepts_gzip,
    .if_none_match = request->handler.if_none_match,
  };

  forge_reply_finish (reply, &terms);
}

/* ── Jobs ── */

static void
exchange_free (gpointer data)
{
  ForgeExchange *exchange = data;

  g_clear_pointer (&exchange->reply, forge_reply_free);
  forge_request_free (exchange->request);
  g_object_unref (exchange->message);
  g_object_unref (exchange->cancellable);
  g_main_context_unref (exchange->context);
  g_free (exchange);
}

static void
detach (ForgeExchange *exchange)
{
  if (exchange->watch)
    g_source_destroy (exchange->watch);
  g_clear_pointer (&exchange->watch, g_source_unref);
  if (exchange->connection)
    exchange->connection->paused = NULL;
  exchange->connection = NULL;
}

static gboolean
on_job_done (gpointer user_data)
{
  ForgeExchange *exchange = user_data;
  ForgeConnection *connection = exchange->connection;

  if (!connection)
    return G_SOURCE_REMOVE;
  detach (exchange);
  if (deliver (connection,
               exchange->message,
               exchange->request,
               g_steal_pointer (&exchange->reply)))
    soup_server_message_unpause (exchange->message);
  return G_SOURCE_REMOVE;
}

void
forge_exchange_run_job (gpointer data, gpointer user_data)
{
  ForgeExchange *exchange = data;
  const ForgeRoute *route = exchange->route;
  g_autoptr (GSource) done = g_idle_source_new ();

  forge_role_enter (FORGE_ROLE_JOB);
  if (!g_cancellable_is_cancelled (exchange->cancellable)) {
    exchange->reply =
        route->handler (&exchange->request->handler, exchange->cancellable, route->user_data);
    finish (exchange->reply, exchange->request);
  }
  g_source_set_priority (done, G_PRIORITY_DEFAULT);
  g_source_set_callback (done, on_job_done, exchange, exchange_free);
  g_source_attach (done, exchange->context);
}

void
forge_exchange_abort (ForgeExchange *exchange)
{
  ForgeConnection *connection = exchange->connection;

  g_cancellable_cancel (exchange->cancellable);
  detach (exchange);
  forge_connection_abandon (connection, exchange->message);
}

/* Readable means the end, or a request sent ahead; then only a broken connection tells of the end.
 */
static gboolean
on_client_event (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  ForgeExchange *exchange = user_data;
  char byte;
  ssize_t got = recv (g_socket_get_fd (socket), &byte, 1, MSG_PEEK | MSG_DONTWAIT);

  if (got < 0 && (errno == EAGAIN || errno == EINTR))
    return G_SOURCE_CONTINUE;
  if (got > 0) {
    g_clear_pointer (&exchange->watch, g_source_unref);
    return G_SOURCE_REMOVE;
  }
  g_debug ("The client of request %s went away", exchange->request->handler.request_id);
  forge_exchange_abort (exchange);
  return G_SOURCE_REMOVE;
}

static GThreadPool *
pool_of (const ForgeFace *face, const ForgeRoute *route)
{
  return route->run == FORGE_RUN_MEDIA ? face->media : face->jobs;
}

static void
start_job (ForgeConnection *connection,
           SoupServerMessage *message,
           ForgeRequestData *request,
           const ForgeRoute *route)
{
  ForgeExchange *exchange = g_new0 (ForgeExchange, 1);

  exchange->connection = connection;
  exchange->message = g_object_ref (message);
  exchange->request = request;
  exchange->route = route;
  exchange->context = g_main_context_ref (connection->face->shared->context);
  exchange->cancellable = g_cancellable_new ();
  exchange->watch = g_socket_create_source (connection->socket, G_IO_IN, NULL);
  g_source_set_callback (exchange->watch, G_SOURCE_FUNC (on_client_event), exchange, NULL);
  g_source_attach (exchange->watch, exchange->context);
  connection->paused = exchange;
  soup_server_message_pause (message);
  g_thread_pool_push (pool_of (connection->face, route), exchange, NULL);
}

/* ── Routing ── */

static ForgeReply *
no_route_reply (const ForgeRequest *request, const char *allow)
{
  guint status = allow ? SOUP_STATUS_METHOD_NOT_ALLOWED : SOUP_STATUS_NOT_FOUND;
  g_autoptr (GError) error = NULL;
  ForgeReply *reply;

  if (forge_path_speaks_json (request->path)) {
    error = g_error_new (FORGE_ERROR,
                         allow ? FORGE_ERROR_INVALID : FORGE_ERROR_NOT_FOUND,
                         allow ? "This address does not answer this method; it answers %s"
                               : "There is nothing at this address%s",
                         allow ? allow : "");
    reply = forge_reply_new_error (status, error);
  } else {
    reply = forge_reply_new_status (status);
  }
  if (allow)
    forge_reply_add_header (reply, "Allow", allow);
  return reply;
}

static ForgeReply *
unrouted_reply (const ForgeConnection *connection,
                const ForgeRequestData *request,
                const char *allow)
{
  const ForgeCorsRequest asked = cors_request (request);
  ForgeReply *reply = allow ? forge_cors_preflight (&asked, cors_origins (connection)) : NULL;

  return reply ? reply : no_route_reply (&request->handler, allow);
}

/* Returns the refusal, or NULL when the handler has the socket now. */
static ForgeReply *
take_over (ForgeConnection *connection, const ForgeRequest *request, const ForgeRoute *route)
{
  int fd = fcntl (g_socket_get_fd (connection->socket), F_DUPFD_CLOEXEC, 3);
  ForgeReply *reply;

  if (fd < 0)
    return busy_reply ();
  reply = route->takeover (request, fd, route->user_data);
  if (reply)
    close (fd);
  return reply;
}

/* Takes `request`. */
static void
run_route (ForgeConnection *connection,
           SoupServerMessage *message,
           ForgeRequestData *request,
           const ForgeRoute *route)
{
  g_autoptr (ForgeRequestData) owned = request;
  ForgeReply *reply;

  if (route->takeover && !request->handler.is_head) {
    reply = take_over (connection, &request->handler, route);
    if (!reply) {
      forge_connection_abandon (connection, message);
      return;
    }
  } else if (route->run != FORGE_RUN_CONTROL) {
    if (g_thread_pool_unprocessed (pool_of (connection->face, route)) < MAX_WAITING_JOBS) {
      start_job (connection, message, g_steal_pointer (&owned), route);
      return;
    }
    reply = busy_reply ();
  } else {
    reply = route->handler (&request->handler, NULL, route->user_data);
  }
  finish (reply, request);
  deliver (connection, message, request, reply);
}

void
forge_exchange_start (ForgeConnection *connection, SoupServerMessage *message)
{
  guint problem = 0;
  g_autoptr (ForgeRequestData) request = read_request (connection, message, &problem);
  g_autofree char *allow = NULL;
  ForgeRouteMatch match;

  connection->face->shared->stats.requests++;
  if (problem) {
    deliver (connection, message, request, forge_reply_new_status (problem));
    return;
  }
  forge_router_find (connection->face->router,
                     request->handler.method,
                     request->handler.path,
                     &match);
  allow = match.allow;
  request->handler.tail = match.tail;
  g_debug ("%s %s %s",
           request->handler.request_id,
           request->handler.method,
           match.route ? match.route->pattern : "(no route)");
  if (match.route)
    run_route (connection, message, g_steal_pointer (&request), match.route);
  else
    deliver (connection, message, request, unrouted_reply (connection, request, allow));
}
