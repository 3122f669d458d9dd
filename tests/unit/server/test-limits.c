/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "forge-test-server.h"

#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

static ForgeReply *
on_ok (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("text/plain", g_strdup ("ok"));
}

/* More than the buffers of a loopback connection hold. */
static ForgeReply *
on_huge (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("application/octet-stream", g_strnfill (64 * 1024 * 1024, 'h'));
}

static void
server_up (TestServer *test, guint idle_timeout_ms)
{
  test_server_init (test, idle_timeout_ms);
  forge_router_add (test->router, "GET|POST", "/*", FORGE_RUN_CONTROL, on_ok, NULL);
  forge_router_add (test->router, "GET", "/huge", FORGE_RUN_CONTROL, on_huge, NULL);
  test_server_start (test);
}

static int
status_of (TestServer *test, const char *before, gsize filler, const char *after)
{
  g_autofree char *fill = g_strnfill (filler, 'a');
  g_autofree char *request = g_strconcat (before, fill, after, NULL);
  g_autoptr (TestReply) reply = test_ask (test->port, request);
  g_autofree char *id = test_reply_header (reply, "X-Request-Id");

  g_assert_nonnull (id);
  return reply->status;
}

#define END  " HTTP/1.1\r\nHost: localhost\r\n\r\n"
#define HEAD "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "

static void
test_long_uris (void)
{
  TestServer test;
  server_up (&test, 0);
  g_assert_cmpint (status_of (&test, "GET /", 8191, END), ==, 200);
  g_assert_cmpint (status_of (&test, "GET /", 8192, END), ==, 414);
  g_assert_cmpint (status_of (&test, "GET /?", 8192, END), ==, 414);
  g_assert_cmpint (status_of (&test, "GET /", 60000, END), ==, 414);
  g_assert_cmpint (status_of (&test, "GET /", 3000000, END), ==, 414);
  g_assert_cmpint (status_of (&test, "GET http://localhost/", 90000, END), ==, 414);
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

static void
test_large_heads (void)
{
  TestServer test;
  g_autoptr (GString) many = g_string_new ("GET / HTTP/1.1\r\nHost: localhost\r\n");
  server_up (&test, 0);
  g_assert_cmpint (status_of (&test, HEAD, 32000, "\r\n\r\n"), ==, 200);
  g_assert_cmpint (status_of (&test, HEAD, 33000, "\r\n\r\n"), ==, 431);
  g_assert_cmpint (status_of (&test, HEAD, 90000, "\r\n\r\n"), ==, 431);
  g_assert_cmpint (status_of (&test, HEAD, 3000000, "\r\n\r\n"), ==, 431);
  g_assert_cmpint (
      status_of (&test, "GET / HTTP/1.1\r\nX-A: ", 99999, "\r\nHost: localhost\r\n\r\n"),
      ==,
      431);
  for (int i = 0; i < 20000; i++)
    g_string_append_printf (many, "X-%d: b\r\n", i);
  g_assert_cmpint (status_of (&test, many->str, 0, "\r\n"), ==, 431);
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

static void
test_large_bodies (void)
{
  TestServer test;
  g_autoptr (GString) chunked =
      g_string_new ("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  server_up (&test, 0);
  g_assert_cmpint (status_of (&test,
                              "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65536\r\n\r\n",
                              65536,
                              ""),
                   ==,
                   200);
  g_assert_cmpint (status_of (&test,
                              "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n",
                              65537,
                              ""),
                   ==,
                   413);
  g_assert_cmpint (
      status_of (&test,
                 "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n",
                 500000,
                 ""),
      ==,
      413);
  for (int i = 0; i < 200; i++)
    g_string_append_printf (chunked, "1000\r\n%04096d\r\n", i);
  g_assert_cmpint (status_of (&test, chunked->str, 0, ""), ==, 413);
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

/* Only who expects JSON is told what was too large: a player takes any body for a stream. */
static void
test_errors_say_the_limit (void)
{
  static const struct {
    const char *request, *text;
  } cases[] = {
    { "POST /api/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n", "65536" },
    { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n", NULL },
  };
  TestServer test;

  server_up (&test, 0);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestReply) reply = test_ask (test.port, cases[i].request);
    g_autofree char *type = test_reply_header (reply, "Content-Type");
    g_assert_cmpint (reply->status, ==, 413);
    g_assert_cmpstr (type, ==, cases[i].text ? "application/json; charset=utf-8" : NULL);
    if (cases[i].text)
      g_assert_nonnull (strstr (reply->body->str, cases[i].text));
    else
      g_assert_cmpuint (reply->body->len, ==, 0);
  }
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

static void
test_limits_hold_on_kept_alive_connections (void)
{
  TestServer test;
  int fd;
  g_autofree char *long_uri = g_strnfill (9000, 'a');
  server_up (&test, 0);
  fd = test_connect (test.port);
  for (int i = 0; i < 100; i++) { /* together far beyond the limit of one head */
    test_send (fd, HEAD "0123456789012345678901234567890123456789\r\n\r\n");
    test_send (fd, HEAD "0123456789012345678901234567890123456789\r\n\r\n");
    g_autoptr (TestReply) first = test_read_reply (fd, FALSE);
    g_autoptr (TestReply) second = test_read_reply (fd, FALSE);
    g_assert_cmpint (first->status, ==, 200);
    g_assert_cmpint (second->status, ==, 200);
  }
  test_send (fd, "GET /");
  test_send (fd, long_uri);
  test_send (fd, END);
  g_autoptr (TestReply) last = test_read_reply (fd, FALSE);
  g_assert_cmpint (last->status, ==, 414);
  close (fd);
  test_server_clear (&test);
}

/* Connection of a client that stops in the middle; must be closed by the server. */
static void
assert_is_given_up (TestServer *test, const char *request)
{
  int fd = test_connect (test->port);
  GString *text;

  test_send (fd, request);
  text = test_read_to_end (fd);
  if (text)
    g_string_free (text, TRUE);
  close (fd);
  test_server_await_connections (test, 0);
}

static void
test_slow_clients_are_given_up (void)
{
  TestServer test;
  server_up (&test, 150);
  assert_is_given_up (&test, "");
  assert_is_given_up (&test, "GET / HT");
  assert_is_given_up (&test, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  assert_is_given_up (&test, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\nGET");
  assert_is_given_up (&test, "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n1234");
  test_server_clear (&test);
}

/* One byte now and then does not help. */
static void
test_drip_feeding_does_not_help (void)
{
  TestServer test;
  int fd;
  gint64 end_us = g_get_monotonic_time () + 8 * G_USEC_PER_SEC;
  char byte;
  server_up (&test, 150);
  fd = test_connect (test.port);
  test_send (fd, "GET / HTTP/1.1\r\n");
  while (recv (fd, &byte, 1, MSG_DONTWAIT) < 0 && g_get_monotonic_time () < end_us) {
    test_send (fd, "a");
    g_usleep (20000);
  }
  g_assert_cmpint (g_get_monotonic_time (), <, end_us);
  close (fd);
  test_server_clear (&test);
}

static void
test_reader_that_stops_reading_is_given_up (void)
{
  TestServer test;
  int fd;
  server_up (&test, 150);
  fd = test_connect (test.port);
  test_send (fd, "GET /huge HTTP/1.1\r\nHost: localhost\r\n\r\n");
  test_server_await_connections (&test, 1);
  test_server_await_connections (&test, 0);
  close (fd);
  test_server_clear (&test);
}

/* Accepting rests while too many are open, and goes on afterwards. */
static void
test_too_many_connections_wait_their_turn (void)
{
  TestServer test;
  struct rlimit limit;
  int fds[FORGE_HTTP_MAX_CONNECTIONS + 20];
  const guint n = G_N_ELEMENTS (fds);

  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &limit), ==, 0);
  limit.rlim_cur = limit.rlim_max;
  setrlimit (RLIMIT_NOFILE, &limit);
  if (limit.rlim_cur < 3 * n) {
    g_test_skip ("the hard limit of descriptors is too low for both ends of 1044 connections");
    return;
  }
  server_up (&test, 0);
  for (guint i = 0; i < n; i++)
    fds[i] = test_connect (test.port);
  test_server_await_connections (&test, FORGE_HTTP_MAX_CONNECTIONS);
  test_send (fds[n - 1], "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  for (guint i = 0; i < 40; i++)
    close (fds[i]);
  g_autoptr (TestReply) reply = test_read_reply (fds[n - 1], FALSE);
  g_assert_cmpint (reply->status, ==, 200);
  for (guint i = 40; i < n; i++)
    close (fds[i]);
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

static void
test_running_out_of_descriptors_is_survived (void)
{
  TestServer test;
  struct rlimit before, tight;
  g_autoptr (GArray) held = g_array_new (FALSE, FALSE, sizeof (int));
  int client, spare;

  server_up (&test, 0);
  g_autoptr (TestReply) warm = test_get (test.port, "/", "");
  g_assert_cmpint (warm->status, ==, 200);
  test_server_await_connections (&test, 0);
  g_assert_cmpint (getrlimit (RLIMIT_NOFILE, &before), ==, 0);
  client = test_connect (test.port);
  test_server_await_connections (&test, 1);
  spare = dup (client);
  close (spare);
  tight = before;
  tight.rlim_cur = (rlim_t)spare + 8;
  g_assert_cmpint (setrlimit (RLIMIT_NOFILE, &tight), ==, 0);
  for (int fd = dup (client); fd >= 0; fd = dup (client))
    g_array_append_val (held, fd);
  /* One descriptor for our end; the server finds none for its own. */
  close (g_array_index (held, int, held->len - 1));
  spare = test_connect (test.port);
  test_send (spare, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  test_send (client, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autoptr (TestReply) open_one = test_read_reply (client, FALSE);
  g_assert_cmpint (open_one->status, ==, 200);
  for (guint i = 0; i + 1 < held->len; i++)
    close (g_array_index (held, int, i));
  setrlimit (RLIMIT_NOFILE, &before);
  g_autoptr (TestReply) waiting = test_read_reply (spare, FALSE);
  g_assert_cmpint (waiting->status, ==, 200);
  close (spare);
  close (client);
  test_server_await_connections (&test, 0);
  test_server_clear (&test);
}

static void
test_port_in_use_is_a_clear_error (void)
{
  TestServer test, second;
  g_autoptr (GError) error = NULL;
  g_autofree char *number = NULL;
  server_up (&test, 0);
  test_server_init (&second, 0);

  g_assert_cmpuint (forge_http_server_listen (second.server, "loopback", test.port, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  number = g_strdup_printf ("%u", test.port);
  g_assert_nonnull (strstr (error->message, number));
  g_clear_error (&error);
  g_assert_cmpuint (forge_http_server_listen (second.server, "nowhere", 0, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_clear_error (&error);
  g_assert_cmpuint (forge_http_server_listen (second.server, "203.0.113.1", 0, &error), ==, 0);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  test_server_clear (&second);
  test_server_clear (&test);
}

static void
listen_on_loopback (TestServer *test, gpointer port)
{
  *(guint *)port = forge_http_server_listen (test->server, "127.0.0.1", *(guint *)port, NULL);
}

static void
test_listening_elsewhere_replaces_the_first_port (void)
{
  TestServer test;
  g_autofree char *none = NULL, *url = NULL, *lan = NULL, *expected = NULL;
  guint port;
  test_server_init (&test, 0);
  forge_router_add (test.router, "GET", "/*", FORGE_RUN_CONTROL, on_ok, NULL);
  none = forge_http_server_url (test.server);
  g_assert_null (none);
  port = forge_http_server_listen (test.server, "lan", 0, NULL);
  g_assert_cmpuint (port, >, 0);
  test_server_start (&test);
  g_autoptr (TestReply) reply = test_get (test.port, "/", "");
  g_assert_cmpint (reply->status, ==, 200);
  url = forge_http_server_url (test.server);
  expected = g_strdup_printf ("http://127.0.0.1:%u", test.port);
  g_assert_cmpstr (url, ==, expected);
  lan = forge_http_server_lan_url (test.server);
  g_assert_null (lan);
  guint again = port;
  test_server_on_control (&test, listen_on_loopback, &again);
  g_assert_cmpuint (again, ==, port);
  test_server_clear (&test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/limits/long-uris", test_long_uris);
  g_test_add_func ("/server/limits/large-heads", test_large_heads);
  g_test_add_func ("/server/limits/large-bodies", test_large_bodies);
  g_test_add_func ("/server/limits/errors-say-the-limit", test_errors_say_the_limit);
  g_test_add_func ("/server/limits/hold-on-kept-alive-connections",
                   test_limits_hold_on_kept_alive_connections);
  g_test_add_func ("/server/limits/slow-clients-are-given-up", test_slow_clients_are_given_up);
  g_test_add_func ("/server/limits/drip-feeding-does-not-help", test_drip_feeding_does_not_help);
  g_test_add_func ("/server/limits/reader-that-stops-reading-is-given-up",
                   test_reader_that_stops_reading_is_given_up);
  g_test_add_func ("/server/limits/too-many-connections-wait-their-turn",
                   test_too_many_connections_wait_their_turn);
  g_test_add_func ("/server/limits/running-out-of-descriptors-is-survived",
                   test_running_out_of_descriptors_is_survived);
  g_test_add_func ("/server/limits/port-in-use-is-a-clear-error",
                   test_port_in_use_is_a_clear_error);
  g_test_add_func ("/server/limits/listening-elsewhere-replaces-the-first-port",
                   test_listening_elsewhere_replaces_the_first_port);
  return g_test_run ();
}
