/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "script-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_REQUEST_BYTES 65536
#define CERTIFICATE_DAYS  2
#define FOREVER_MS        20000

struct _ScriptServer {
  ScriptFunc script;
  gpointer user_data;
  int listener, stop; /* stop: an eventfd */
  guint port;
  GThread *acceptor;
  GMutex lock;
  GPtrArray *requests, *threads; /* under lock */
  ScriptKind kind;
  gnutls_certificate_credentials_t credentials; /* NULL unless SCRIPT_TLS */
  char *certificate;
};

struct _ScriptPeer {
  ScriptServer *server;
  int fd;
  gnutls_session_t tls; /* NULL = plain */
  char *request, *target;
};

static gnutls_x509_privkey_t
make_key (void)
{
  gnutls_x509_privkey_t key;

  g_assert_cmpint (gnutls_x509_privkey_init (&key), ==, 0);
  g_assert_cmpint (gnutls_x509_privkey_generate (key,
                                                 GNUTLS_PK_ECDSA,
                                                 GNUTLS_CURVE_TO_BITS (GNUTLS_ECC_CURVE_SECP256R1),
                                                 0),
                   ==,
                   0);
  return key;
}

static gnutls_certificate_credentials_t
make_credentials (char **pem)
{
  gnutls_certificate_credentials_t credentials;
  gnutls_x509_privkey_t key = make_key ();
  gnutls_x509_crt_t crt;
  time_t now = time (NULL);

  gnutls_x509_crt_init (&crt);
  gnutls_x509_crt_set_version (crt, 3);
  gnutls_x509_crt_set_serial (crt, "\x01", 1);
  gnutls_x509_crt_set_activation_time (crt, now - 3600);
  gnutls_x509_crt_set_expiration_time (crt, now + CERTIFICATE_DAYS * 86400);
  gnutls_x509_crt_set_dn (crt, "CN=localhost", NULL);
  gnutls_x509_crt_set_subject_alt_name (crt, GNUTLS_SAN_DNSNAME, "localhost", 9, GNUTLS_FSAN_SET);
  gnutls_x509_crt_set_key (crt, key);
  g_assert_cmpint (gnutls_x509_crt_sign2 (crt, crt, key, GNUTLS_DIG_SHA256, 0), ==, 0);
  gnutls_certificate_allocate_credentials (&credentials);
  g_assert_cmpint (gnutls_certificate_set_x509_key (credentials, &crt, 1, key), ==, 0);
  gnutls_datum_t text;
  g_assert_cmpint (gnutls_x509_crt_export2 (crt, GNUTLS_X509_FMT_PEM, &text), ==, 0);
  *pem = g_strndup ((const char *)text.data, text.size);
  gnutls_free (text.data);
  gnutls_x509_crt_deinit (crt);
  gnutls_x509_privkey_deinit (key);
  return credentials;
}

static gssize
peer_read (ScriptPeer *peer, void *buffer, gsize size)
{
  return peer->tls ? gnutls_record_recv (peer->tls, buffer, size)
                   : recv (peer->fd, buffer, size, 0);
}

gboolean
script_read (ScriptPeer *peer, void *buffer, gsize length)
{
  char *p = buffer;

  while (length > 0) {
    gssize n = peer_read (peer, p, length);
    if (n <= 0)
      return FALSE;
    p += n;
    length -= (gsize)n;
  }
  return TRUE;
}

gboolean
script_read_request (ScriptPeer *peer)
{
  g_autoptr (GString) head = g_string_new (NULL);
  char buffer[1024];

  while (!strstr (head->str, "\r\n\r\n")) {
    gssize n = peer_read (peer, buffer, sizeof buffer);
    if (n <= 0 || head->len > MAX_REQUEST_BYTES)
      return FALSE;
    g_string_append_len (head, buffer, n);
  }
  g_auto (GStrv) words = g_strsplit (head->str, " ", 3);
  peer->target = g_strdup (words[0] && words[1] ? words[1] : "");
  peer->request = g_strdup (head->str);
  g_mutex_lock (&peer->server->lock);
  g_ptr_array_add (peer->server->requests, g_strdup (peer->request));
  g_mutex_unlock (&peer->server->lock);
  return TRUE;
}

static gboolean
peer_start_tls (ScriptPeer *peer)
{
  int code;

  gnutls_init (&peer->tls, GNUTLS_SERVER | GNUTLS_NO_SIGNAL);
  gnutls_set_default_priority (peer->tls);
  gnutls_credentials_set (peer->tls, GNUTLS_CRD_CERTIFICATE, peer->server->credentials);
  gnutls_transport_set_int (peer->tls, peer->fd);
  do
    code = gnutls_handshake (peer->tls);
  while (code < 0 && !gnutls_error_is_fatal (code));
  return code >= 0;
}

static gpointer
peer_thread (gpointer data)
{
  ScriptPeer *peer = data;
  ScriptServer *server = peer->server;

  gboolean is_open = server->kind != SCRIPT_TLS || peer_start_tls (peer);
  if (is_open && (server->kind == SCRIPT_RAW || script_read_request (peer)))
    server->script (peer, server->user_data);
  if (peer->tls) {
    gnutls_bye (peer->tls, GNUTLS_SHUT_WR);
    gnutls_deinit (peer->tls);
  }
  close (peer->fd);
  g_free (peer->request);
  g_free (peer->target);
  g_free (peer);
  return NULL;
}

static gpointer
accept_thread (gpointer data)
{
  ScriptServer *server = data;
  struct pollfd fds[2] = { { server->listener, POLLIN, 0 }, { server->stop, POLLIN, 0 } };

  while (poll (fds, 2, -1) >= 0 && !(fds[1].revents & POLLIN)) {
    int fd = accept4 (server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0)
      continue;
    ScriptPeer *peer = g_new0 (ScriptPeer, 1);
    peer->server = server;
    peer->fd = fd;
    g_mutex_lock (&server->lock);
    g_ptr_array_add (server->threads, g_thread_new ("peer", peer_thread, peer));
    g_mutex_unlock (&server->lock);
  }
  return NULL;
}

ScriptServer *
script_server_new (ScriptFunc script, gpointer user_data, ScriptKind kind)
{
  ScriptServer *server = g_new0 (ScriptServer, 1);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;

  server->script = script;
  server->user_data = user_data;
  server->requests = g_ptr_array_new_with_free_func (g_free);
  server->threads = g_ptr_array_new ();
  g_mutex_init (&server->lock);
  server->kind = kind;
  if (kind == SCRIPT_TLS)
    server->credentials = make_credentials (&server->certificate);
  server->stop = eventfd (0, EFD_CLOEXEC);
  server->listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  g_assert_cmpint (bind (server->listener, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (server->listener, 64), ==, 0);
  getsockname (server->listener, (struct sockaddr *)&address, &length);
  server->port = ntohs (address.sin_port);
  server->acceptor = g_thread_new ("acceptor", accept_thread, server);
  return server;
}

void
script_server_free (ScriptServer *server)
{
  guint64 one = 1;

  g_assert_cmpint (write (server->stop, &one, sizeof one), ==, sizeof one);
  g_thread_join (server->acceptor);
  for (guint i = 0; i < server->threads->len; i++)
    g_thread_join (server->threads->pdata[i]);
  close (server->listener);
  close (server->stop);
  if (server->credentials)
    gnutls_certificate_free_credentials (server->credentials);
  g_free (server->certificate);
  g_ptr_array_unref (server->requests);
  g_ptr_array_unref (server->threads);
  g_mutex_clear (&server->lock);
  g_free (server);
}

const char *
script_server_certificate (ScriptServer *server)
{
  return server->certificate;
}

guint
script_server_port (ScriptServer *server)
{
  return server->port;
}

char *
script_server_url (ScriptServer *server, const char *path)
{
  return g_strdup_printf ("%s://127.0.0.1:%u%s",
                          server->credentials ? "https" : "http",
                          server->port,
                          path);
}

guint
script_server_requests (ScriptServer *server)
{
  g_mutex_lock (&server->lock);
  guint n = server->requests->len;
  g_mutex_unlock (&server->lock);
  return n;
}

char *
script_server_request (ScriptServer *server, guint n)
{
  g_mutex_lock (&server->lock);
  char *request = n < server->requests->len ? g_strdup (server->requests->pdata[n]) : NULL;
  g_mutex_unlock (&server->lock);
  return request;
}

ScriptServer *
script_peer_server (ScriptPeer *peer)
{
  return peer->server;
}

const char *
script_peer_request (ScriptPeer *peer)
{
  return peer->request;
}

const char *
script_peer_target (ScriptPeer *peer)
{
  return peer->target;
}

void
script_send (ScriptPeer *peer, const void *data, gsize length)
{
  const char *p = data;

  while (length > 0) {
    gssize n = peer->tls ? gnutls_record_send (peer->tls, p, length)
                         : send (peer->fd, p, length, MSG_NOSIGNAL);
    if (n <= 0)
      return; /* the client went: that may be what the test wants */
    p += n;
    length -= (gsize)n;
  }
}

void
script_say (ScriptPeer *peer, const char *format, ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  script_send (peer, text, strlen (text));
}

void
script_send_packets (ScriptPeer *peer, guint n)
{
  guint8 packet[188] = { 0x47, 0x1F, 0xFF, 0x10 };

  memset (packet + 4, 0xFF, sizeof packet - 4);
  for (guint i = 0; i < n; i++)
    script_send (peer, packet, sizeof packet);
}

gboolean
script_hold (ScriptPeer *peer, guint at_most_ms)
{
  struct pollfd fds[2] = { { peer->fd, POLLIN | POLLRDHUP, 0 }, { peer->server->stop, POLLIN, 0 } };

  return poll (fds, 2, (int)(at_most_ms ? at_most_ms : FOREVER_MS)) == 0;
}

void
script_reset (ScriptPeer *peer)
{
  struct linger linger = { .l_onoff = 1, .l_linger = 0 };

  setsockopt (peer->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

guint
script_count_fds (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/fd", 0, NULL);
  guint n = 0;

  while (dir && g_dir_read_name (dir))
    n++;
  return n;
}
