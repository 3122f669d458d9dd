/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "base/forge-error.h"
#include "server/forge-reply-private.h"
#include "server/forge-request-private.h"
#include "server/forge-server-private.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CONNECTION_KEY "forge-connection"
/* What may come before the guard cuts: one head, and one read-ahead of libsoup that may belong to
 * the next request. Exact limits are checked on the parsed head. */
#define GUARD_BYTES           (FORGE_HTTP_MAX_URI_BYTES + FORGE_HTTP_MAX_HEADER_BYTES + 8192)
#define STATUS_HEAD_TOO_LARGE 431 /* RFC 6585 §5; libsoup has no name for it */
#define DEFAULT_JOB_THREADS   4
#define MAX_SWEEP_MS          1000

ForgeConnection *
forge_connection_of (SoupServerMessage *message)
{
  return g_object_get_data (G_OBJECT (soup_server_message_get_remote_address (message)),
                            CONNECTION_KEY);
}

void
forge_connection_touch (ForgeConnection *connection)
{
  connection->deadline_us = g_get_monotonic_time () +
                            connection->face->shared->idle_timeout_ms * G_TIME_SPAN_MILLISECOND;
}

static void
connection_kill (ForgeConnection *connection)
{
  /* libsoup sees the end of the connection and cleans up by itself. */
  connection->deadline_us = 0;
  g_socket_shutdown (connection->socket, TRUE, TRUE, NULL);
}

static gboolean
on_sweep (gpointer user_data)
{
  ForgeFace *face = user_data;
  gint64 now_us = g_get_monotonic_time ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, face->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    ForgeConnection *connection = key;
    if (connection->deadline_us && connection->deadline_us < now_us)
      connection_kill (connection);
  }
  return G_SOURCE_CONTINUE;
}

static void
update_sweep (ForgeFace *face)
{
  if (g_hash_table_size (face->connections) == 0) {
    if (face->sweep)
      g_source_destroy (face->sweep);
    g_clear_pointer (&face->sweep, g_source_unref);
  } else if (!face->sweep) {
    face->sweep =
        g_timeout_source_new (CLAMP (face->shared->idle_timeout_ms / 4, 10, MAX_SWEEP_MS));
    g_source_set_callback (face->sweep, on_sweep, face, NULL);
    g_source_attach (face->sweep, face->shared->context);
  }
}

/* Weak notify of the guard stream. */
static void
on_guard_gone (gpointer user_data, GObject *guard)
{
  ForgeConnection *connection = user_data;
  ForgeFace *face = connection->face;

  g_object_set_data (G_OBJECT (connection->remote), CONNECTION_KEY, NULL);
  g_hash_table_remove (face->connections, connection);
  g_object_unref (connection->remote);
  g_object_unref (connection->socket);
  g_clear_object (&connection->local);
  g_free (connection->peer);
  g_free (connection);
  update_sweep (face);
  forge_listener_release (face->listener);
}

void
forge_connection_abandon (ForgeConnection *connection, SoupServerMessage *message)
{
  g_autoptr (GIOStream) guard = g_object_ref (G_IO_STREAM (connection->guard));
  GIOStream *stream = soup_server_message_steal_connection (message);

  g_clear_object (&stream);
  g_io_stream_close (guard, NULL, NULL);
}

const char *
forge_status_phrase (guint status)
{
  switch (status) {
  case 421:
    return "Misdirected Request";
  case 429:
    return "Too Many Requests";
  case STATUS_HEAD_TOO_LARGE:
    return "Request Header Fields Too Large";
  default:
    return soup_status_get_phrase (status);
  }
}

GString *
forge_raw_head_new (const ForgeServerShared *shared,
                    gboolean is_http_1_0,
                    guint status,
                    const char *request_id)
{
  GString *head = g_string_new (NULL);
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *date = soup_date_time_to_string (now, SOUP_DATE_HTTP);

  g_string_append_printf (head,
                          "HTTP/1.%d %u %s\r\n",
                          is_http_1_0 ? 0 : 1,
                          status,
                          forge_status_phrase (status));
  g_string_append_printf (head, "Date: %s\r\nServer: %s\r\n", date, shared->server_header);
  g_string_append_printf (head, "X-Request-Id: %s\r\nConnection: close\r\n", request_id);
  return head;
}

/* What was too large, and the limit; NULL where an error's body would be taken for a stream. */
static ForgeReply *
rejection_reply (const ForgeFace *face, SoupServerMessage *message, guint status)
{
  g_autoptr (GError) error = NULL;

  if (!forge_path_speaks_json (g_uri_get_path (soup_server_message_get_uri (message))))
    return NULL;
  if (status == SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE)
    error = g_error_new (FORGE_ERROR,
                         FORGE_ERROR_TOO_LARGE,
                         "The body is larger than %" G_GSIZE_FORMAT " bytes",
                         face->max_body_bytes);
  else if (status == STATUS_HEAD_TOO_LARGE)
    error = g_error_new (FORGE_ERROR,
                         FORGE_ERROR_TOO_LARGE,
                         "The headers are larger than %d bytes",
                         FORGE_HTTP_MAX_HEADER_BYTES);
  else
    error = g_error_new (FORGE_ERROR,
                         FORGE_ERROR_TOO_LARGE,
                         "The address is longer than %d bytes",
                         FORGE_HTTP_MAX_URI_BYTES);
  return forge_reply_new_error (status, error);
}

static void
append_body (GString *head, const ForgeReply *reply)
{
  gsize size = 0;
  const char *bytes = reply ? g_bytes_get_data (reply->body, &size) : NULL;

  if (reply)
    g_string_append_printf (head, "Content-Type: %s\r\n", reply->content_type);
  g_string_append_printf (head, "Content-Length: %" G_GSIZE_FORMAT "\r\n\r\n", size);
  if (bytes)
    g_string_append_len (head, bytes, (gssize)size);
}

/* Answers a request that is not read to its end, and closes. */
static void
reject (ForgeConnection *connection, SoupServerMessage *message, guint status)
{
  ForgeFace *face = connection->face;
  ForgeReply *reply = rejection_reply (face, message, status);
  g_autofree char *id = forge_request_make_id (NULL);
  GString *head = forge_raw_head_new (face->shared, FALSE, status, id);
  int fd = fcntl (g_socket_get_fd (connection->socket), F_DUPFD_CLOEXEC, 3);

  append_body (head, reply);
  g_clear_pointer (&reply, forge_reply_free);
  g_debug ("Request %s was cut off with %u", id, status);
  forge_connection_abandon (connection, message);
  /* Some hundred bytes fit into any socket's buffer; if not, the client gets the bare end. */
  if (fd >= 0 && send (fd, head->str, head->len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
    g_debug ("Request %s: the answer could not be sent: %s", id, g_strerror (errno));
  if (fd >= 0)
    forge_lingerers_add (face->lingerers, fd);
  g_string_free (head, TRUE);
}

static gsize
count_header_bytes (SoupServerMessage *message)
{
  SoupMessageHeadersIter iter;
  const char *name, *value;
  gsize bytes = 0;

  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    bytes += strlen (name) + strlen (value) + 4; /* ": " and CR LF */
  return bytes;
}

static gsize
count_uri_bytes (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  const char *query = g_uri_get_query (uri);

  return strlen (g_uri_get_path (uri)) + (query ? strlen (query) + 1 : 0);
}

static guint
find_head_problem (ForgeConnection *connection, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  gboolean has_length = soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH;

  if (count_uri_bytes (message) > FORGE_HTTP_MAX_URI_BYTES)
    return SOUP_STATUS_REQUEST_URI_TOO_LONG;
  if (forge_guard_stream_was_cut (connection->guard) ||
      count_header_bytes (message) > FORGE_HTTP_MAX_HEADER_BYTES)
    return STATUS_HEAD_TOO_LARGE;
  if (has_length &&
      (guint64)soup_message_headers_get_content_length (headers) > connection->face->max_body_bytes)
    return SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE;
  return 0;
}

static void
on_got_headers (SoupServerMessage *message, gpointer user_data)
{
  ForgeConnection *connection = forge_connection_of (message);
  guint problem;

  if (!connection)
    return;
  forge_guard_stream_end_head (connection->guard);
  problem = find_head_problem (connection, message);
  if (problem)
    reject (connection, message, problem);
}

/* A chunked body has no length to refuse beforehand. */
static void
on_got_chunk (SoupServerMessage *message, GBytes *chunk, gpointer user_data)
{
  ForgeConnection *connection = forge_connection_of (message);
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (connection && (guint64)body->length > connection->face->max_body_bytes)
    reject (connection, message, SOUP_STATUS_REQUEST_ENTITY_TOO_LARGE);
}

static void
on_progress (SoupServerMessage *message, gpointer user_data)
{
  ForgeConnection *connection = forge_connection_of (message);

  if (connection)
    forge_connection_touch (connection);
}

static void
on_wrote_body_data (SoupServerMessage *message, guint bytes, gpointer user_data)
{
  on_progress (message, user_data);
}

static void
on_request_started (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  g_autofree char *id = forge_request_make_id (NULL);

  /* For the answers that libsoup gives by itself (400). */
  soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                "X-Request-Id",
                                id);
  on_progress (message, NULL);
  g_signal_connect (message, "got-headers", G_CALLBACK (on_got_headers), NULL);
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), NULL);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (on_progress), NULL);
  g_signal_connect (message, "wrote-body-data", G_CALLBACK (on_wrote_body_data), NULL);
}

static void
on_request_finished (SoupServer *soup, SoupServerMessage *message, gpointer user_data)
{
  ForgeConnection *connection = forge_connection_of (message);

  if (!connection)
    return;
  forge_guard_stream_begin_head (connection->guard);
  forge_connection_touch (connection);
}

static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  ForgeConnection *connection = forge_connection_of (message);

  if (!connection)
    return;
  connection->deadline_us = 0;
  forge_exchange_start (connection, message);
}

/* libsoup 3.2 keeps connections alive only while it has a listener of its own; one end of a socket
 * pair that nobody writes to is one that never accepts. */
static void
open_soup (ForgeFace *face)
{
  g_autoptr (GSocket) silent = NULL;
  int ends[2];

  if (face->keep_alive_fd >= 0)
    return;
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    return; /* out of descriptors: connections close after one request for now */
  silent = g_socket_new_from_fd (ends[0], NULL);
  if (!silent) {
    close (ends[0]);
    close (ends[1]);
    return;
  }
  face->keep_alive_fd = ends[1];
  soup_server_listen_socket (face->soup, silent, 0, NULL);
}

static GSocketAddress *
loopback_address (void)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  return g_inet_socket_address_new (address, 80);
}

static gboolean
is_peer_allowed (ForgeFace *face, GSocketAddress *remote)
{
  if (face->is_control)
    return TRUE;
  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return FALSE;
  if (!face->is_open_to_lan)
    return TRUE;
  return forge_local_addresses_is_near (
      face->shared->addresses,
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote)));
}

static ForgeConnection *
connection_new (ForgeFace *face, GSocket *socket, GSocketAddress *local, GSocketAddress *remote)
{
  ForgeConnection *connection = g_new0 (ForgeConnection, 1);

  connection->face = face;
  connection->socket = g_object_ref (socket);
  connection->remote = g_object_ref (remote);
  if (face->is_control) {
    connection->peer = g_strdup ("local");
    connection->is_loopback = TRUE;
  } else {
    GInetSocketAddress *here = G_INET_SOCKET_ADDRESS (local);
    GInetAddress *there = g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (remote));
    connection->local = g_object_ref (g_inet_socket_address_get_address (here));
    connection->local_port = g_inet_socket_address_get_port (here);
    connection->peer = g_inet_address_to_string (there);
    connection->is_loopback = g_inet_address_get_is_loopback (there);
  }
  return connection;
}

static void
serve (ForgeFace *face, GSocket *socket, GSocketAddress *local, GSocketAddress *remote)
{
  g_autoptr (GSocketConnection) base = g_socket_connection_factory_create_connection (socket);
  g_autoptr (ForgeGuardStream) guard = forge_guard_stream_new (base, GUARD_BYTES);
  ForgeConnection *connection = connection_new (face, socket, local, remote);

  connection->guard = guard;
  g_object_set_data (G_OBJECT (remote), CONNECTION_KEY, connection);
  g_object_weak_ref (G_OBJECT (guard), on_guard_gone, connection);
  g_hash_table_add (face->connections, connection);
  forge_connection_touch (connection);
  update_sweep (face);
  g_main_context_push_thread_default (face->shared->context);
  open_soup (face);
  soup_server_accept_iostream (face->soup, G_IO_STREAM (guard), local, remote, NULL);
  g_main_context_pop_thread_default (face->shared->context);
}

static gboolean
on_accept (GSocket *socket, gpointer user_data)
{
  ForgeFace *face = user_data;
  g_autoptr (GSocketAddress) local = NULL;
  g_autoptr (GSocketAddress) remote = NULL;

  /* libsoup takes the addresses for internet ones. */
  local = face->is_control ? loopback_address () : g_socket_get_local_address (socket, NULL);
  remote = face->is_control ? loopback_address () : g_socket_get_remote_address (socket, NULL);
  if (!local || !remote)
    return FALSE; /* reset already */
  if (!is_peer_allowed (face, remote)) {
    face->shared->stats.refused_peers++;
    return FALSE;
  }
  if (!face->is_control)
    g_socket_set_option (socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
  serve (face, socket, local, remote);
  return TRUE;
}

static SoupServer *
soup_new (ForgeFace *face)
{
  SoupServer *soup =
      soup_server_new ("raw-paths", TRUE, "server-header", face->shared->server_header, NULL);

  soup_server_add_handler (soup, "/", on_request, face, NULL);
  g_signal_connect (soup, "request-started", G_CALLBACK (on_request_started), face);
  g_signal_connect (soup, "request-finished", G_CALLBACK (on_request_finished), face);
  return soup;
}

ForgeFace *
forge_face_new (ForgeServerShared *shared, ForgeRouter *router, gboolean is_control)
{
  ForgeFace *face = g_new0 (ForgeFace, 1);
  guint threads = is_control && shared->control_job_threads ? shared->control_job_threads
                                                            : shared->job_threads;

  face->shared = shared;
  face->router = router;
  face->is_control = is_control;
  face->max_body_bytes = is_control ? FORGE_HTTP_MAX_CONTROL_BODY_BYTES : FORGE_HTTP_MAX_BODY_BYTES;
  face->listener =
      forge_listener_new (shared->context, FORGE_HTTP_MAX_CONNECTIONS, on_accept, face);
  face->keep_alive_fd = -1;
  face->soup = soup_new (face);
  face->connections = g_hash_table_new (NULL, NULL);
  face->lingerers = forge_lingerers_new (shared->context);
  face->stopping = g_cancellable_new ();
  face->jobs = g_thread_pool_new (forge_exchange_run_job,
                                  face,
                                  (int)(threads ? threads : DEFAULT_JOB_THREADS),
                                  FALSE,
                                  NULL);
  face->media =
      g_thread_pool_new (forge_exchange_run_job, face, FORGE_HTTP_MAX_MEDIA_THREADS, FALSE, NULL);
  face->writers = g_thread_pool_new (forge_exchange_run_writer,
                                     face,
                                     FORGE_HTTP_MAX_STREAMED_BODIES,
                                     FALSE,
                                     NULL);
  return face;
}

static void
abort_exchanges (ForgeFace *face)
{
  g_autoptr (GPtrArray) exchanges = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer key;

  g_hash_table_iter_init (&iter, face->connections);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (((ForgeConnection *)key)->paused)
      g_ptr_array_add (exchanges, ((ForgeConnection *)key)->paused);
  for (guint i = 0; i < exchanges->len; i++)
    forge_exchange_abort (g_ptr_array_index (exchanges, i));
}

void
forge_face_close (ForgeFace *face)
{
  forge_listener_close (face->listener);
  abort_exchanges (face);
  g_cancellable_cancel (face->stopping);
  g_object_unref (face->stopping);
  face->stopping = g_cancellable_new ();
  soup_server_disconnect (face->soup);
  if (face->keep_alive_fd >= 0)
    close (face->keep_alive_fd);
  face->keep_alive_fd = -1;
}

static void
free_pool (GThreadPool *pool)
{
  g_thread_pool_free (pool, FALSE, TRUE);
}

void
forge_face_drain (ForgeFace *face)
{
  g_clear_pointer (&face->jobs, free_pool);
  g_clear_pointer (&face->media, free_pool);
  g_clear_pointer (&face->writers, free_pool);
}

void
forge_face_free (ForgeFace *face)
{
  forge_face_close (face);
  forge_face_drain (face);
  g_object_unref (face->soup);
  g_warn_if_fail (g_hash_table_size (face->connections) == 0);
  g_hash_table_unref (face->connections);
  forge_lingerers_free (face->lingerers);
  forge_listener_free (face->listener);
  g_object_unref (face->stopping);
  g_free (face);
}
