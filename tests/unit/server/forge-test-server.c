/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_S 10

void
test_server_init (TestServer *test, guint idle_timeout_ms)
{
  ForgeHttpServerConfig config = { 0 };

  *test = (TestServer){ 0 };
  test->context = g_main_context_new ();
  test->loop = g_main_loop_new (test->context, FALSE);
  test->router = forge_router_new ();
  config.router = test->router;
  config.context = test->context;
  config.idle_timeout_ms = idle_timeout_ms;
  config.server_header = "HDHomeRun/1.0";
  test->server = forge_http_server_new (&config);
}

static gpointer
run (gpointer user_data)
{
  TestServer *test = user_data;

  g_main_context_push_thread_default (test->context);
  g_main_loop_run (test->loop);
  g_main_context_pop_thread_default (test->context);
  return NULL;
}

void
test_server_start (TestServer *test)
{
  g_autoptr (GError) error = NULL;

  test->port = forge_http_server_listen (test->server, "loopback", 0, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test->port, >, 0);
  test->thread = g_thread_new ("control", run, test);
}

static gboolean
on_quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

/* By a source, because the loop may not have begun to run. */
static void
stop_thread (TestServer *test)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_quit, test->loop, NULL);
  g_source_attach (source, test->context);
  g_thread_join (test->thread);
}

void
test_server_clear (TestServer *test)
{
  if (test->thread)
    stop_thread (test);
  g_main_context_push_thread_default (test->context);
  forge_http_server_free (test->server);
  while (g_main_context_iteration (test->context, FALSE))
    continue;
  g_main_context_pop_thread_default (test->context);
  forge_router_free (test->router);
  g_main_loop_unref (test->loop);
  g_main_context_unref (test->context);
}

typedef struct {
  TestServer *test;
  TestServerFunc func;
  gpointer data;
  GMutex mutex;
  GCond cond;
  gboolean is_done;
} ControlCall;

static gboolean
run_call (gpointer user_data)
{
  ControlCall *call = user_data;

  g_mutex_lock (&call->mutex);
  call->func (call->test, call->data);
  call->is_done = TRUE;
  g_cond_signal (&call->cond);
  g_mutex_unlock (&call->mutex);
  return G_SOURCE_REMOVE;
}

void
test_server_on_control (TestServer *test, TestServerFunc func, gpointer data)
{
  ControlCall call = { .test = test, .func = func, .data = data };

  g_mutex_init (&call.mutex);
  g_cond_init (&call.cond);
  g_mutex_lock (&call.mutex);
  g_main_context_invoke (test->context, run_call, &call);
  while (!call.is_done)
    g_cond_wait (&call.cond, &call.mutex);
  g_mutex_unlock (&call.mutex);
  g_mutex_clear (&call.mutex);
  g_cond_clear (&call.cond);
}

static void
read_stats (TestServer *test, gpointer stats)
{
  forge_http_server_stats (test->server, stats);
}

void
test_server_stats (TestServer *test, ForgeHttpServerStats *stats)
{
  test_server_on_control (test, read_stats, stats);
}

void
test_server_await_connections (TestServer *test, guint connections)
{
  gint64 end_us = g_get_monotonic_time () + PATIENCE_S * G_USEC_PER_SEC;
  ForgeHttpServerStats stats;

  do {
    test_server_stats (test, &stats);
    if (stats.connections == connections)
      return;
    g_usleep (2000);
  } while (g_get_monotonic_time () < end_us);
  g_assert_cmpuint (stats.connections, ==, connections);
}

static void
set_patience (int fd)
{
  struct timeval patience = { .tv_sec = PATIENCE_S };

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt (fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

int
test_connect (guint port)
{
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons ((uint16_t)port) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  address.sin_addr.s_addr = htonl (INADDR_LOOPBACK);
  set_patience (fd);
  g_assert_cmpint (connect (fd, (struct sockaddr *)(void *)&address, sizeof address), ==, 0);
  return fd;
}

int
test_connect_unix (const char *path)
{
  struct sockaddr_un address = { .sun_family = AF_UNIX };
  int fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

  g_strlcpy (address.sun_path, path, sizeof address.sun_path);
  set_patience (fd);
  g_assert_cmpint (connect (fd, (struct sockaddr *)(void *)&address, sizeof address), ==, 0);
  return fd;
}

/* A server that refuses may close before all is sent: no error here. */
void
test_send (int fd, const char *text)
{
  gsize left = strlen (text);

  while (left > 0) {
    ssize_t sent = send (fd, text, left, MSG_NOSIGNAL);
    if (sent <= 0)
      return;
    text += sent;
    left -= (gsize)sent;
  }
}

GString *
test_read_to_end (int fd)
{
  GString *text = g_string_new (NULL);
  char buffer[16384];

  for (;;) {
    ssize_t got = recv (fd, buffer, sizeof buffer, 0);
    if (got == 0)
      return text;
    if (got < 0) {
      g_string_free (text, TRUE);
      return NULL;
    }
    g_string_append_len (text, buffer, got);
  }
}

void
test_reply_free (TestReply *reply)
{
  g_free (reply->head);
  g_string_free (reply->body, TRUE);
  g_free (reply);
}

static gboolean
read_bytes (int fd, GString *text, gsize count)
{
  while (count > 0) {
    char buffer[4096];
    ssize_t got = recv (fd, buffer, MIN (count, sizeof buffer), 0);
    if (got <= 0)
      return FALSE;
    g_string_append_len (text, buffer, got);
    count -= (gsize)got;
  }
  return TRUE;
}

static void
read_chunks (int fd, GString *body)
{
  for (;;) {
    g_autoptr (GString) line = g_string_new (NULL);
    g_autoptr (GString) end = g_string_new (NULL);
    gsize size;
    while (!g_str_has_suffix (line->str, "\r\n"))
      g_assert_true (read_bytes (fd, line, 1));
    size = strtoul (line->str, NULL, 16);
    g_assert_true (read_bytes (fd, body, size) && read_bytes (fd, end, 2));
    g_assert_cmpstr (end->str, ==, "\r\n");
    if (size == 0)
      return;
  }
}

static void
read_body (int fd, TestReply *reply)
{
  g_autofree char *length = test_reply_header (reply, "Content-Length");
  g_autofree char *coding = test_reply_header (reply, "Transfer-Encoding");

  if (reply->status == 304 || reply->status == 204)
    return;
  if (coding)
    read_chunks (fd, reply->body);
  else if (length)
    g_assert_true (read_bytes (fd, reply->body, strtoul (length, NULL, 10)));
  else
    while (read_bytes (fd, reply->body, 1))
      continue;
}

TestReply *
test_read_reply (int fd, gboolean is_head)
{
  TestReply *reply = g_new0 (TestReply, 1);
  g_autoptr (GString) head = g_string_new (NULL);

  reply->body = g_string_new (NULL);
  while (!g_str_has_suffix (head->str, "\r\n\r\n"))
    if (!read_bytes (fd, head, 1))
      g_error ("The connection ended within a head: “%s”", head->str);
  g_assert_true (g_str_has_prefix (head->str, "HTTP/1."));
  reply->status = atoi (head->str + 9);
  g_string_truncate (head, head->len - 2);
  reply->head = g_strdup (head->str);
  if (!is_head)
    read_body (fd, reply);
  return reply;
}

TestReply *
test_ask (guint port, const char *request)
{
  int fd = test_connect (port);
  TestReply *reply;

  test_send (fd, request);
  reply = test_read_reply (fd, g_str_has_prefix (request, "HEAD "));
  close (fd);
  return reply;
}

TestReply *
test_get (guint port, const char *path, const char *headers)
{
  g_autofree char *request =
      g_strdup_printf ("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%u\r\nConnection: close\r\n%s\r\n",
                       path,
                       port,
                       headers);

  return test_ask (port, request);
}

char *
test_reply_header (const TestReply *reply, const char *name)
{
  g_auto (GStrv) lines = g_strsplit (reply->head, "\r\n", -1);
  gsize length = strlen (name);

  for (char **line = lines; *line; line++)
    if (g_ascii_strncasecmp (*line, name, length) == 0 && (*line)[length] == ':')
      return g_strstrip (g_strdup (*line + length + 1));
  return NULL;
}

guint
test_count_descriptors (void)
{
  g_autoptr (GDir) folder = g_dir_open ("/proc/self/fd", 0, NULL);
  guint count = 0;

  while (g_dir_read_name (folder))
    count++;
  return count;
}
