/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-server.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static ForgeReply *
on_echo (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  gsize length = 0;
  const char *body = request->body ? g_bytes_get_data (request->body, &length) : "";

  return forge_reply_new_text (
      "text/plain",
      g_strdup_printf ("%s %s tail=%s a=%s base=%s peer=%s body=%.*s agent=%s loop=%d",
                       request->method,
                       request->path,
                       request->tail ? request->tail : "-",
                       forge_request_query (request, "a") ? forge_request_query (request, "a")
                                                          : "-",
                       request->base_url,
                       request->peer,
                       (int)length,
                       body,
                       request->user_agent ? request->user_agent : "-",
                       request->is_loopback));
}

static ForgeReply *
on_large (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("application/json", g_strnfill (8000, 'x'));
}

static void
server_up (TestServer *test)
{
  test_server_init (test, 0);
  forge_router_add (test->router, "GET", "/echo", FORGE_RUN_CONTROL, on_echo, NULL);
  forge_router_add (test->router, "GET|POST", "/both", FORGE_RUN_CONTROL, on_echo, NULL);
  forge_router_add (test->router, "GET", "/echo/*", FORGE_RUN_CONTROL, on_echo, NULL);
  forge_router_add (test->router, "GET", "/job", FORGE_RUN_JOB, on_echo, NULL);
  forge_router_add (test->router, "GET", "/large", FORGE_RUN_JOB, on_large, NULL);
  forge_router_add (test->router, "GET", "/api/thing", FORGE_RUN_CONTROL, on_echo, NULL);
  test_server_start (test);
}

static void
assert_status (TestServer *test, const char *request, int status)
{
  g_autoptr (TestReply) reply = test_ask (test->port, request);

  if (reply->status != status)
    g_error ("“%.60s” was answered %d, not %d", request, reply->status, status);
}

static void
assert_body_has (const TestReply *reply, const char *part)
{
  if (!strstr (reply->body->str, part))
    g_error ("“%s” is not in “%s”", part, reply->body->str);
}

static void
test_handler_sees_the_request (void)
{
  TestServer test;
  server_up (&test);
  g_autofree char *base = g_strdup_printf ("base=http://127.0.0.1:%u ", test.port);
  g_autoptr (TestReply) reply =
      test_get (test.port, "//echo//x%20y?b=1&a=1%262&a=%C3%A9+z", "User-Agent: Kodi\xff\r\n");

  g_assert_cmpint (reply->status, ==, 200);
  assert_body_has (reply, "GET /echo/x y tail=x y a=é z ");
  assert_body_has (reply, base);
  assert_body_has (reply, "peer=127.0.0.1 ");
  assert_body_has (reply, "agent=Kodi\xef\xbf\xbd loop=1");
  test_server_clear (&test);
}

static void
test_job_handler_answers (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) reply = test_get (test.port, "/job?a=7", "");

  g_assert_cmpint (reply->status, ==, 200);
  assert_body_has (reply, "GET /job tail=- a=7 ");
  test_server_clear (&test);
}

static void
test_wrong_method_and_path (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) reply =
      test_ask (test.port, "DELETE /both HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autofree char *allow = test_reply_header (reply, "Allow");
  g_autoptr (TestReply) missing = test_get (test.port, "/nothing", "");
  g_autoptr (TestReply) api = test_get (test.port, "/api/nothing", "");

  g_assert_cmpint (reply->status, ==, 405);
  g_assert_cmpstr (allow, ==, "GET, HEAD, POST");
  g_assert_cmpuint (reply->body->len, ==, 0);
  g_assert_cmpint (missing->status, ==, 404);
  g_assert_cmpuint (missing->body->len, ==, 0);
  g_assert_cmpint (api->status, ==, 404);
  assert_body_has (api, "\"error\":\"not_found\"");
  assert_status (&test, "BREW /both HTTP/1.1\r\nHost: localhost\r\n\r\n", 405);
  assert_status (&test, "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", 405);
  assert_status (&test, "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", 404);
  test_server_clear (&test);
}

static void
test_post_body_arrives (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) plain =
      test_ask (test.port,
                "POST /both HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc");
  g_autoptr (TestReply) chunked = test_ask (test.port,
                                            "POST /both HTTP/1.1\r\nHost: localhost\r\n"
                                            "Transfer-Encoding: chunked\r\n\r\n"
                                            "2\r\nde\r\n1\r\nf\r\n0\r\n\r\n");

  assert_body_has (plain, "body=abc ");
  assert_body_has (chunked, "body=def ");
  test_server_clear (&test);
}

static void
test_head_is_get_without_body (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) get = test_get (test.port, "/large", "");
  int fd = test_connect (test.port);
  g_autofree char *length = NULL, *etag = NULL, *get_etag = NULL;
  g_autoptr (GString) all = NULL;

  test_send (fd, "HEAD /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  g_autoptr (TestReply) head = test_read_reply (fd, TRUE);
  all = test_read_to_end (fd);
  close (fd);
  length = test_reply_header (head, "Content-Length");
  etag = test_reply_header (head, "ETag");
  get_etag = test_reply_header (get, "ETag");
  g_assert_cmpint (head->status, ==, 200);
  g_assert_cmpstr (length, ==, "8000");
  g_assert_cmpstr (etag, ==, get_etag);
  g_assert_cmpuint (all->len, ==, 0);
  test_server_clear (&test);
}

static void
test_every_reply_has_the_common_headers (void)
{
  TestServer test;
  server_up (&test);
  static const char *const requests[] = {
    "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "GET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    "GET /%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "rubbish\r\n\r\n",
    "POST /both HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999\r\n\r\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (requests); i++) {
    g_autoptr (TestReply) reply = test_ask (test.port, requests[i]);
    g_autofree char *id = test_reply_header (reply, "X-Request-Id");
    g_autofree char *server = test_reply_header (reply, "Server");
    g_assert_nonnull (id);
    g_assert_cmpuint (strlen (id), ==, 16);
    g_assert_cmpstr (server, ==, "HDHomeRun/1.0");
  }
  test_server_clear (&test);
}

static void
test_request_id_of_the_client_is_kept_when_harmless (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) good = test_get (test.port, "/echo", "X-Request-Id: my-id_1.A\r\n");
  g_autoptr (TestReply) bad = test_get (test.port, "/echo", "X-Request-Id: <script>\r\n");
  g_autofree char *good_id = test_reply_header (good, "X-Request-Id");
  g_autofree char *bad_id = test_reply_header (bad, "X-Request-Id");

  g_assert_cmpstr (good_id, ==, "my-id_1.A");
  g_assert_cmpuint (strlen (bad_id), ==, 16);
  test_server_clear (&test);
}

static void
test_etag_and_not_modified (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) first = test_get (test.port, "/large", "");
  g_autofree char *etag = test_reply_header (first, "ETag");
  g_autofree char *line = g_strdup_printf ("If-None-Match: \"no\", W/%s\r\n", etag);
  g_autofree char *gzip_line =
      g_strdup_printf ("If-None-Match: %s\r\nAccept-Encoding: gzip\r\n", etag);
  g_autoptr (TestReply) same = test_get (test.port, "/large", line);
  g_autoptr (TestReply) same_gzip = test_get (test.port, "/large", gzip_line);
  g_autoptr (TestReply) any = test_get (test.port, "/large", "If-None-Match: *\r\n");
  g_autoptr (TestReply) other = test_get (test.port, "/large", "If-None-Match: \"no\"\r\n");
  g_autofree char *length = test_reply_header (same, "Content-Length");
  g_autofree char *same_etag = test_reply_header (same, "ETag");

  g_assert_cmpint (same->status, ==, 304);
  g_assert_cmpuint (same->body->len, ==, 0);
  g_assert_null (length);
  g_assert_cmpstr (same_etag, ==, etag);
  g_assert_cmpint (same_gzip->status, ==, 304);
  g_assert_cmpint (any->status, ==, 304);
  g_assert_cmpint (other->status, ==, 200);
  test_server_clear (&test);
}

static void
test_gzip_when_accepted_and_worth_it (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) plain = test_get (test.port, "/large", "");
  g_autoptr (TestReply) gzip = test_get (test.port, "/large", "Accept-Encoding: br, gzip\r\n");
  g_autoptr (TestReply) refused = test_get (test.port, "/large", "Accept-Encoding: gzip;q=0\r\n");
  g_autoptr (TestReply) small = test_get (test.port, "/echo", "Accept-Encoding: gzip\r\n");
  g_autofree char *coding = test_reply_header (gzip, "Content-Encoding");
  g_autofree char *vary = test_reply_header (plain, "Vary");
  g_autofree char *plain_tag = test_reply_header (plain, "ETag");
  g_autofree char *gzip_tag = test_reply_header (gzip, "ETag");
  g_autofree char *refused_coding = test_reply_header (refused, "Content-Encoding");
  g_autofree char *small_coding = test_reply_header (small, "Content-Encoding");

  g_assert_cmpstr (coding, ==, "gzip");
  g_assert_cmpstr (vary, ==, "Accept-Encoding");
  g_assert_cmpuint (gzip->body->len, <, 1000);
  g_assert_cmpint ((guint8)gzip->body->str[0], ==, 0x1f);
  g_assert_cmpstr (plain_tag, !=, gzip_tag);
  g_assert_null (refused_coding);
  g_assert_null (small_coding);
  test_server_clear (&test);
}

static void
test_range_is_ignored (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) whole = test_get (test.port, "/large", "Range: bytes=0-\r\n");
  g_autoptr (TestReply) part = test_get (test.port, "/large", "Range: bytes=9000-\r\n");

  g_assert_cmpint (whole->status, ==, 200);
  g_assert_cmpuint (whole->body->len, ==, 8000);
  g_assert_cmpint (part->status, ==, 200);
  test_server_clear (&test);
}

static void
test_http_1_0_without_host (void)
{
  TestServer test;
  server_up (&test);
  g_autofree char *base = g_strdup_printf ("a=5 base=http://127.0.0.1:%u ", test.port);
  int fd = test_connect (test.port);

  test_send (fd, "GET /echo?a=5 HTTP/1.0\r\n\r\n");
  g_autoptr (GString) all = test_read_to_end (fd);
  close (fd);
  g_assert_nonnull (all);
  g_assert_true (g_str_has_prefix (all->str, "HTTP/1.0 200 "));
  g_assert_nonnull (strstr (all->str, base));
  test_server_clear (&test);
}

static void
test_base_url_follows_the_host (void)
{
  TestServer test;
  server_up (&test);
  g_autoptr (TestReply) name =
      test_ask (test.port, "GET /echo HTTP/1.1\r\nHost: LocalHost:8080\r\n\r\n");
  g_autoptr (TestReply) bare =
      test_ask (test.port, "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autoptr (TestReply) absolute =
      test_ask (test.port, "GET http://127.0.0.1:99/echo?a=1 HTTP/1.1\r\nHost: x\r\n\r\n");
  g_autoptr (TestReply) six = test_ask (test.port, "GET /echo HTTP/1.1\r\nHost: [::1]:7\r\n\r\n");

  assert_body_has (name, "base=http://localhost:8080 ");
  assert_body_has (bare, "base=http://localhost:80 ");
  assert_body_has (absolute, "GET /echo tail=- a=1 base=http://127.0.0.1:99 ");
  assert_body_has (six, "base=http://[::1]:7 ");
  test_server_clear (&test);
}

static void
test_foreign_hosts_are_refused (void)
{
  TestServer test;
  ForgeHttpServerStats stats;
  server_up (&test);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: 203.0.113.9:5004\r\n\r\n", 421);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: localhost@evil.example\r\n\r\n", 421);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: evil.example@localhost\r\n\r\n", 421);
  assert_status (&test, "GET http://evil.example/echo HTTP/1.1\r\nHost: localhost\r\n\r\n", 421);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: 0.0.0.0\r\n\r\n", 421);
  test_server_stats (&test, &stats);
  g_assert_cmpuint (stats.refused_hosts, ==, 6);
  test_server_clear (&test);
}

static void
test_malformed_requests (void)
{
  TestServer test;
  server_up (&test);
  assert_status (&test, "GET /echo/%2e%2e/x HTTP/1.1\r\nHost: localhost\r\n\r\n", 404);
  assert_status (&test, "GET /echo/%2e%2E/x HTTP/1.0\r\n\r\n", 400);
  assert_status (&test, "GET /a/../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n", 404);
  assert_status (&test, "GET /../etc/passwd HTTP/1.0\r\n\r\n", 400);
  assert_status (&test, "GET /echo/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  assert_status (&test, "GET /echo/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  assert_status (&test, "GET /echo/%ff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  assert_status (&test, "GET /echo?a=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400);
  assert_status (&test, "GET /echo HTTP/1.1\r\n\r\n", 400);
  assert_status (&test, "GET /echo HTTP/1.1\r\nHost: a/b\r\n\r\n", 400);
  assert_status (&test, "GET /echo HTTP/7.0\r\nHost: localhost\r\n\r\n", 505);
  assert_status (&test, "GET /both HTTP/1.1\r\nHost: localhost\r\nExpect: tea\r\n\r\n", 417);
  assert_status (&test, "\x16\x03\x01\x02\r\n\r\n", 400);
  test_server_clear (&test);
}

static void
test_keep_alive_and_pipelining (void)
{
  TestServer test;
  server_up (&test);
  int fd = test_connect (test.port);

  for (int i = 0; i < 3; i++) {
    test_send (fd, "GET /echo?a=1 HTTP/1.1\r\nHost: localhost\r\n\r\n");
    g_autoptr (TestReply) reply = test_read_reply (fd, FALSE);
    g_assert_cmpint (reply->status, ==, 200);
  }
  test_send (fd,
             "GET /job?a=2 HTTP/1.1\r\nHost: localhost\r\n\r\n"
             "GET /echo?a=3 HTTP/1.1\r\nHost: localhost\r\n\r\n"
             "HEAD /large HTTP/1.1\r\nHost: localhost\r\n\r\n"
             "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
  g_autoptr (TestReply) second = test_read_reply (fd, FALSE);
  g_autoptr (TestReply) third = test_read_reply (fd, FALSE);
  g_autoptr (TestReply) head = test_read_reply (fd, TRUE);
  g_autoptr (TestReply) last = test_read_reply (fd, FALSE);
  assert_body_has (second, "a=2");
  assert_body_has (third, "a=3");
  g_assert_cmpint (head->status, ==, 200);
  g_assert_cmpint (last->status, ==, 404);
  g_autoptr (GString) rest = test_read_to_end (fd);
  g_assert_nonnull (rest);
  g_assert_cmpuint (rest->len, ==, 0);
  close (fd);
  test_server_clear (&test);
}

/* libsoup 3.2.3 leaked these. */
static void
test_idle_connections_that_clients_close_are_freed (void)
{
  TestServer test;
  server_up (&test);
  guint before = test_count_descriptors ();

  for (int i = 0; i < 50; i++) {
    int fd = test_connect (test.port);
    test_send (fd, "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
    g_autoptr (TestReply) reply = test_read_reply (fd, FALSE);
    g_assert_cmpint (reply->status, ==, 200);
    if (i % 2) { /* a reset instead of an orderly end */
      struct linger now = { 1, 0 };
      setsockopt (fd, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    close (fd);
  }
  test_server_await_connections (&test, 0);
  g_assert_cmpuint (test_count_descriptors (), <=, before + 2); /* the silent socket pair */
  test_server_clear (&test);
}

static void
test_half_closed_idle_client_gets_nothing_more (void)
{
  TestServer test;
  server_up (&test);
  int fd = test_connect (test.port);

  test_send (fd, "GET /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_autoptr (TestReply) reply = test_read_reply (fd, FALSE);
  g_assert_cmpint (reply->status, ==, 200);
  shutdown (fd, SHUT_WR);
  g_autoptr (GString) rest = test_read_to_end (fd);
  g_assert_nonnull (rest);
  g_assert_cmpstr (rest->str, ==, "");
  close (fd);
  test_server_clear (&test);
}

static void
test_thousands_of_connections_leave_no_descriptor (void)
{
  TestServer test;
  server_up (&test);
  guint before = test_count_descriptors ();

  for (int i = 0; i < 2000; i++) {
    g_autoptr (TestReply) reply = test_get (test.port, i % 2 ? "/echo" : "/nothing", "");
    g_assert_cmpint (reply->status, ==, i % 2 ? 200 : 404);
  }
  test_server_await_connections (&test, 0);
  g_assert_cmpuint (test_count_descriptors (), <=, before + 2);
  test_server_clear (&test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/http/handler-sees-the-request", test_handler_sees_the_request);
  g_test_add_func ("/server/http/job-handler-answers", test_job_handler_answers);
  g_test_add_func ("/server/http/wrong-method-and-path", test_wrong_method_and_path);
  g_test_add_func ("/server/http/post-body-arrives", test_post_body_arrives);
  g_test_add_func ("/server/http/head-is-get-without-body", test_head_is_get_without_body);
  g_test_add_func ("/server/http/every-reply-has-the-common-headers",
                   test_every_reply_has_the_common_headers);
  g_test_add_func ("/server/http/request-id-of-the-client-is-kept-when-harmless",
                   test_request_id_of_the_client_is_kept_when_harmless);
  g_test_add_func ("/server/http/etag-and-not-modified", test_etag_and_not_modified);
  g_test_add_func ("/server/http/gzip-when-accepted-and-worth-it",
                   test_gzip_when_accepted_and_worth_it);
  g_test_add_func ("/server/http/range-is-ignored", test_range_is_ignored);
  g_test_add_func ("/server/http/http-1-0-without-host", test_http_1_0_without_host);
  g_test_add_func ("/server/http/base-url-follows-the-host", test_base_url_follows_the_host);
  g_test_add_func ("/server/http/foreign-hosts-are-refused", test_foreign_hosts_are_refused);
  g_test_add_func ("/server/http/malformed-requests", test_malformed_requests);
  g_test_add_func ("/server/http/keep-alive-and-pipelining", test_keep_alive_and_pipelining);
  g_test_add_func ("/server/http/idle-connections-that-clients-close-are-freed",
                   test_idle_connections_that_clients_close_are_freed);
  g_test_add_func ("/server/http/half-closed-idle-client-gets-nothing-more",
                   test_half_closed_idle_client_gets_nothing_more);
  g_test_add_func ("/server/http/thousands-of-connections-leave-no-descriptor",
                   test_thousands_of_connections_leave_no_descriptor);
  return g_test_run ();
}
