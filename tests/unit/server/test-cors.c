/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-test-server.h"

#include <string.h>
#include <unistd.h>

/* What pages of other sites get to see of the media API. */

#define PAGE  "https://tv.example"
#define OTHER "http://192.168.1.5:8080"

static ForgeReply *
on_thing (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("application/json", g_strdup ("[]"));
}

static gboolean
write_event (ForgeSink sink,
             gpointer sink_data,
             GCancellable *cancellable,
             gpointer user_data,
             GError **error)
{
  return sink ("data: 1\n\n", 9, sink_data, error);
}

static ForgeReply *
on_events (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_stream ("text/event-stream", write_event, NULL, NULL);
}

/* As the pump does: the head as it is given, then the bytes. */
static void
take_file (int fd, const char *head, gsize head_bytes, gboolean send_chunked, gpointer user_data)
{
  g_assert_false (send_chunked);
  test_send (fd, head);
  test_send (fd, "film");
  close (fd);
}

static ForgeReply *
on_file (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_file ("video/mp4", 4, take_file, NULL, NULL);
}

static void
allow (TestServer *test, gpointer origins)
{
  forge_http_server_set_cors_origins (test->server, origins);
}

static void
server_up (TestServer *test, const char *origins)
{
  test_server_init (test, 0);
  forge_router_add (test->router, "GET|POST", "/api/thing", FORGE_RUN_JOB, on_thing, NULL);
  forge_router_add (test->router, "GET", "/api/events", FORGE_RUN_JOB, on_events, NULL);
  forge_router_add (test->router, "GET", "/strm/file", FORGE_RUN_MEDIA, on_file, NULL);
  forge_router_add (test->router, "GET", "/lineup.json", FORGE_RUN_CONTROL, on_thing, NULL);
  test_server_start (test);
  test_server_on_control (test, allow, (gpointer)origins);
}

static TestReply *
ask (const TestServer *test, const char *method, const char *path, const char *headers)
{
  g_autofree char *request =
      g_strdup_printf ("%s %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\n",
                       method,
                       path,
                       headers);

  return test_ask (test->port, request);
}

static void
assert_header (const TestReply *reply, const char *name, const char *wanted)
{
  g_autofree char *value = test_reply_header (reply, name);

  g_assert_cmpstr (value, ==, wanted);
}

static void
assert_shown_to (const TestReply *reply, int status, const char *origin)
{
  g_assert_cmpint (reply->status, ==, status);
  assert_header (reply, "Access-Control-Allow-Origin", origin);
  assert_header (reply,
                 "Access-Control-Expose-Headers",
                 origin ? "Content-Range, Content-Length, Content-Disposition, X-Cache, "
                          "X-Request-Id, Retry-After"
                        : NULL);
  g_assert_null (strstr (reply->head, "Access-Control-Allow-Credentials"));
}

/* Bodies of files and of event streams pass libsoup by; their heads must say the same. */
static void
test_pages_of_the_list_may_read (void)
{
  static const struct {
    const char *method, *path;
    int status;
    const char *body;
  } cases[] = {
    { "GET", "/api/thing", 200, "[]" },       { "HEAD", "/api/thing", 200, "" },
    { "GET", "/api/events", 200, "data: 1" }, { "GET", "/strm/file", 200, "film" },
    { "HEAD", "/strm/file", 200, "" },        { "GET", "/api/nothing", 404, "not_found" },
    { "PUT", "/api/thing", 405, "invalid" },
  };
  TestServer test;

  server_up (&test, PAGE ", " OTHER);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TestReply) first =
        ask (&test, cases[i].method, cases[i].path, "Origin: " PAGE "\r\n");
    g_autoptr (TestReply) second =
        ask (&test, cases[i].method, cases[i].path, "Origin: " OTHER "\r\n");
    assert_shown_to (first, cases[i].status, PAGE);
    assert_shown_to (second, cases[i].status, OTHER);
    g_assert_nonnull (strstr (first->head, "Vary: Origin\r\n"));
    g_assert_nonnull (strstr (first->body->str, cases[i].body));
  }
  test_server_clear (&test);
}

static void
test_not_modified_may_be_read_too (void)
{
  TestServer test;

  server_up (&test, PAGE);
  g_autoptr (TestReply) reply = ask (&test, "GET", "/api/thing", "");
  g_autofree char *etag = test_reply_header (reply, "ETag");
  g_autofree char *headers = g_strdup_printf ("Origin: " PAGE "\r\nIf-None-Match: %s\r\n", etag);
  g_autoptr (TestReply) same = ask (&test, "GET", "/api/thing", headers);
  assert_shown_to (same, 304, PAGE);
  test_server_clear (&test);
}

static void
test_others_read_nothing (void)
{
  static const char *const origins[] = {
    "https://tv.example.evil.example",
    "http://tv.example",
    "https://TV.example",
    "https://tv.example:443",
    "https://x.tv.example",
    "https://tv.example/",
    "null",
    "*",
    ("https://tv.example, " OTHER),
    "",
  };
  TestServer test;

  server_up (&test, PAGE "|" OTHER);
  for (gsize i = 0; i < G_N_ELEMENTS (origins); i++) {
    g_autofree char *headers = g_strdup_printf ("Origin: %s\r\n", origins[i]);
    g_autofree char *asking =
        g_strdup_printf ("Origin: %s\r\nAccess-Control-Request-Method: GET\r\n", origins[i]);
    g_autoptr (TestReply) reply = ask (&test, "GET", "/strm/file", headers);
    g_autoptr (TestReply) preflight = ask (&test, "OPTIONS", "/api/thing", asking);
    assert_shown_to (reply, 200, NULL);
    assert_shown_to (preflight, 405, NULL);
    assert_header (preflight, "Allow", "GET, HEAD, POST");
  }
  g_autoptr (TestReply) plain = ask (&test, "GET", "/api/thing", "");
  assert_shown_to (plain, 200, NULL);
  g_assert_nonnull (strstr (plain->head, "Vary: Origin\r\n"));
  g_autoptr (TestReply) elsewhere = ask (&test, "GET", "/lineup.json", "Origin: " PAGE "\r\n");
  assert_shown_to (elsewhere, 200, NULL);
  g_assert_null (strstr (elsewhere->head, "Vary: Origin"));
  test_server_clear (&test);
}

static void
test_preflight (void)
{
  static const char asking[] = "Origin: " PAGE "\r\nAccess-Control-Request-Method: GET\r\n"
                               "Access-Control-Request-Headers: range\r\n";
  TestServer test;

  server_up (&test, PAGE);
  g_autoptr (TestReply) reply = ask (&test, "OPTIONS", "/strm/file", asking);
  g_autofree char *headers = test_reply_header (reply, "Access-Control-Allow-Headers");
  assert_shown_to (reply, 204, PAGE);
  assert_header (reply, "Access-Control-Allow-Methods", "GET, HEAD, POST");
  g_assert_nonnull (headers);
  g_assert_true (g_str_has_prefix (headers, "Range, "));
  g_assert_nonnull (strstr (headers, "Content-Type"));
  g_assert_cmpuint (reply->body->len, ==, 0);

  g_autoptr (TestReply) nowhere = ask (&test, "OPTIONS", "/api/nothing", asking);
  assert_shown_to (nowhere, 404, PAGE);
  g_autoptr (TestReply) elsewhere = ask (&test, "OPTIONS", "/lineup.json", asking);
  assert_shown_to (elsewhere, 405, NULL);
  g_autoptr (TestReply) no_question = ask (&test, "OPTIONS", "/api/thing", "Origin: " PAGE "\r\n");
  assert_shown_to (no_question, 405, PAGE);
  test_server_clear (&test);
}

static void
test_nobody_by_default_and_after_a_change (void)
{
  static const char asking[] = "Origin: " PAGE "\r\nAccess-Control-Request-Method: GET\r\n";
  static const char *const lists[] = { "", " , | ", OTHER };
  TestServer test;

  server_up (&test, PAGE);
  for (gsize i = 0; i < G_N_ELEMENTS (lists); i++) {
    test_server_on_control (&test, allow, (gpointer)lists[i]);
    g_autoptr (TestReply) reply = ask (&test, "GET", "/api/thing", "Origin: " PAGE "\r\n");
    g_autoptr (TestReply) preflight = ask (&test, "OPTIONS", "/api/thing", asking);
    assert_shown_to (reply, 200, NULL);
    assert_shown_to (preflight, 405, NULL);
  }
  test_server_clear (&test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/cors/pages-of-the-list-may-read", test_pages_of_the_list_may_read);
  g_test_add_func ("/server/cors/not-modified-may-be-read-too", test_not_modified_may_be_read_too);
  g_test_add_func ("/server/cors/others-read-nothing", test_others_read_nothing);
  g_test_add_func ("/server/cors/preflight", test_preflight);
  g_test_add_func ("/server/cors/nobody-by-default-and-after-a-change",
                   test_nobody_by_default_and_after_a_change);
  return g_test_run ();
}
