/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-net"

#include "config.h"

#include "net/forge-dial-wire.h"

#include "base/forge-error.h"
#include "net/forge-net-error.h"
#include "net/forge-net-wait.h"
#include "net/forge-tls.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTP_PORT  80
#define HTTPS_PORT 443
/* 0, 1 and 2 stay what they are, and 0 in a zeroed ForgeDial means none. */
#define FIRST_FD 3
/* A peer that vanished is noticed after about a minute even if nobody writes. */
#define KEEPALIVE_IDLE_S     30
#define KEEPALIVE_INTERVAL_S 10
#define KEEPALIVE_PROBES     3

static gboolean
is_https (GUri *uri)
{
  return g_str_equal (g_uri_get_scheme (uri), "https");
}

static guint16
port_of (GUri *uri)
{
  int port = g_uri_get_port (uri);

  if (port > 0)
    return (guint16)port;
  return is_https (uri) ? HTTPS_PORT : HTTP_PORT;
}

/* An HTTP proxy is given plain requests as they are (many forbid CONNECT but to 443). */
static gboolean
asks_proxy (GUri *uri, const char *proxy)
{
  return proxy && !is_https (uri) && g_str_has_prefix (proxy, "http://");
}

/* ---- TCP ---- */

static GSocketClient *
client_new (const char *proxy)
{
  GSocketClient *client = g_socket_client_new ();

  g_socket_client_set_enable_proxy (client, proxy != NULL);
  if (proxy) {
    g_autoptr (GProxyResolver) resolver = g_simple_proxy_resolver_new (proxy, NULL);
    g_socket_client_set_proxy_resolver (client, resolver);
  }
  return client;
}

static void
set_option (int fd, int level, int name, int value)
{
  if (setsockopt (fd, level, name, &value, sizeof value) != 0)
    g_debug ("setsockopt %d/%d: %s", level, name, g_strerror (errno));
}

/* The GSocket closes its descriptor when it goes: we live on with our own. */
static int
take_fd (GSocketConnection *connection)
{
  GSocket *socket = g_socket_connection_get_socket (connection);
  int fd = fcntl (g_socket_get_fd (socket), F_DUPFD_CLOEXEC, FIRST_FD);

  if (fd < 0)
    return -1;
  int flags = fcntl (fd, F_GETFL);
  if (flags < 0 || fcntl (fd, F_SETFL, flags | O_NONBLOCK) < 0) {
    close (fd);
    return -1;
  }
  set_option (fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option (fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_S);
  set_option (fd, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
  return fd;
}

static GSocketConnection *
connect_async_and_wait (GSocketClient *client,
                        GSocketConnectable *address,
                        const ForgeDeadline *deadline,
                        GError **error)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  g_autoptr (GError) cause = NULL;
  ForgeNetWait wait;

  forge_net_wait_begin (&wait, context, deadline->stop);
  forge_net_wait_arm (&wait, MAX (forge_deadline_left_ms (deadline), 1));
  g_socket_client_connect_async (client, address, wait.cancellable, forge_net_wait_done, &wait);
  GSocketConnection *connection =
      g_socket_client_connect_finish (client, forge_net_wait_result (&wait), &cause);
  if (!connection && wait.timed_out)
    forge_deadline_set_error (deadline, error);
  else if (!connection)
    forge_net_set_cause (error, deadline->host, g_steal_pointer (&cause));
  forge_net_wait_end (&wait);
  return connection;
}

static GSocketConnectable *
address_of (GUri *uri, const char *proxy, ForgeGuard *guard)
{
  if (!proxy && guard)
    return forge_guard_connectable (guard, g_uri_get_host (uri), port_of (uri));
  if (!asks_proxy (uri, proxy))
    return g_network_address_new (g_uri_get_host (uri), port_of (uri));
  g_autoptr (GUri) via = g_uri_parse (proxy, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);
  return g_network_address_new (g_uri_get_host (via), port_of (via));
}

/* Returns the descriptor or -1. */
static int
connect_tcp (GUri *uri,
             const ForgeDialOptions *options,
             const ForgeDeadline *deadline,
             GError **error)
{
  const char *proxy = options->proxy;
  g_autoptr (GSocketClient) client = client_new (asks_proxy (uri, proxy) ? NULL : proxy);
  g_autoptr (GSocketConnectable) address = address_of (uri, proxy, options->guard);
  g_autoptr (GSocketConnection) connection =
      connect_async_and_wait (client, address, deadline, error);

  if (!connection)
    return -1;
  int fd = take_fd (connection);
  if (fd < 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "%s: no descriptor left: %s",
                 deadline->host,
                 g_strerror (errno));
  return fd;
}

/* ---- the request ---- */

/* What GUri leaves as it is must not break the request line: blanks, control and 8-bit bytes. */
static char *
escape_target (const char *text)
{
  return g_uri_escape_string (
      text,
      G_URI_RESERVED_CHARS_GENERIC_DELIMITERS G_URI_RESERVED_CHARS_SUBCOMPONENT_DELIMITERS "%",
      FALSE);
}

static void
append_host (GString *out, GUri *uri)
{
  const char *host = g_uri_get_host (uri);

  g_string_append_printf (out, strchr (host, ':') ? "[%s]" : "%s", host);
  if (port_of (uri) != (is_https (uri) ? HTTPS_PORT : HTTP_PORT))
    g_string_append_printf (out, ":%u", port_of (uri));
}

static void
append_proxy_login (GString *out, const char *proxy)
{
  g_autoptr (GUri) via = g_uri_parse (proxy, G_URI_FLAGS_HAS_PASSWORD, NULL);

  if (!via || !g_uri_get_user (via))
    return;
  const char *password = g_uri_get_password (via);
  g_autofree char *login =
      g_strdup_printf ("%s:%s", g_uri_get_user (via), password ? password : "");
  g_autofree char *coded = g_base64_encode ((const guchar *)login, strlen (login));
  g_string_append_printf (out, "Proxy-Authorization: Basic %s\r\n", coded);
}

/* Nothing that a player would not send; no Range for live (416, facts §1.8). */
static GString *
request_new (GUri *uri, const ForgeDialWish *wish, const ForgeDialOptions *options)
{
  g_autofree char *path = escape_target (g_uri_get_path (uri));
  g_autofree char *agent = forge_net_header_value (options->user_agent);
  gboolean via_proxy = asks_proxy (uri, options->proxy);
  GString *out = g_string_new (wish->method);

  g_string_append_c (out, ' ');
  if (via_proxy) {
    g_string_append (out, "http://");
    append_host (out, uri);
  }
  g_string_append_printf (out, "%s%s", *path == '/' ? "" : "/", path);
  if (g_uri_get_query (uri)) {
    g_autofree char *query = escape_target (g_uri_get_query (uri));
    g_string_append_printf (out, "?%s", query);
  }
  g_string_append (out, " HTTP/1.1\r\nHost: ");
  append_host (out, uri);
  g_string_append_printf (out, "\r\nUser-Agent: %s\r\nAccept: */*\r\n", agent);
  if (options->referrer) {
    g_autofree char *referrer = forge_net_header_value (options->referrer);
    g_string_append_printf (out, "Referer: %s\r\n", referrer);
  }
  if (via_proxy)
    append_proxy_login (out, options->proxy);
  g_string_append (out, wish->headers);
  g_string_append (out, wish->own ? wish->own : "");
  g_string_append (out, "Connection: close\r\n\r\n");
  return out;
}

static ssize_t
send_some (ForgeByteSource *bytes, const char *data, gsize length)
{
  if (bytes->ops)
    return forge_tls_send (bytes->context, data, length);
  return send (bytes->fd, data, length, MSG_NOSIGNAL);
}

static gboolean
send_all (ForgeByteSource *bytes,
          const char *data,
          gsize length,
          const ForgeDeadline *deadline,
          GError **error)
{
  while (length > 0) {
    ssize_t n = send_some (bytes, data, length);
    if (n > 0) {
      data += n;
      length -= (gsize)n;
    } else if (n < 0 && errno == EAGAIN) {
      if (!forge_deadline_poll (deadline, bytes->fd, G_IO_OUT, error))
        return FALSE;
    } else if (n == 0 || errno != EINTR) {
      g_set_error (error,
                   FORGE_ERROR,
                   FORGE_ERROR_RETRY,
                   "%s: sending the request: %s",
                   deadline->host,
                   g_strerror (errno));
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
forge_dial_wire_open (GUri *uri,
                      const ForgeDialWish *wish,
                      const ForgeDialOptions *options,
                      const ForgeDeadline *deadline,
                      ForgeByteSource *bytes,
                      GError **error)
{
  int fd = connect_tcp (uri, options, deadline, error);

  *bytes = (ForgeByteSource){ .fd = fd };
  if (fd < 0)
    return FALSE;
  if (is_https (uri)) {
    bytes->context =
        forge_tls_connect (fd, options->verify_tls, forge_tls_trust_file (), deadline, error);
    bytes->ops = bytes->context ? &forge_tls_ops : NULL;
    bytes->fd = bytes->context ? fd : -1;
  }
  if (bytes->fd < 0)
    return FALSE;
  g_autoptr (GString) request = request_new (uri, wish, options);
  if (send_all (bytes, request->str, request->len, deadline, error))
    return TRUE;
  forge_dial_wire_close (bytes);
  return FALSE;
}

ssize_t
forge_dial_wire_read (ForgeByteSource *bytes, void *buffer, size_t size)
{
  return bytes->ops ? bytes->ops->read (bytes->context, buffer, size)
                    : recv (bytes->fd, buffer, size, 0);
}

void
forge_dial_wire_close (ForgeByteSource *bytes)
{
  if (bytes->fd > 0 && bytes->ops)
    bytes->ops->close (bytes->context);
  else if (bytes->fd > 0)
    close (bytes->fd);
  *bytes = (ForgeByteSource){ .fd = -1 };
}
