/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "forge-test-server.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What handlers and test tell each other. */
typedef struct {
  GMutex mutex;
  GCond cond;
  gboolean has_begun, was_cancelled, may_end, was_freed;
  int fd;
  int calls;
} Shared;

static void
shared_init (Shared *shared)
{
  *shared = (Shared){ .fd = -1 };
  g_mutex_init (&shared->mutex);
  g_cond_init (&shared->cond);
}

static void
set (Shared *shared, gboolean *flag)
{
  g_mutex_lock (&shared->mutex);
  *flag = TRUE;
  g_cond_broadcast (&shared->cond);
  g_mutex_unlock (&shared->mutex);
}

static void
await (Shared *shared, const gboolean *flag)
{
  gint64 end_us = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  g_mutex_lock (&shared->mutex);
  while (!*flag)
    if (!g_cond_wait_until (&shared->cond, &shared->mutex, end_us))
      g_error ("nothing happened for 10 s");
  g_mutex_unlock (&shared->mutex);
}

static void
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  set (user_data, &((Shared *)user_data)->was_cancelled);
}

/* Runs until it is cancelled. */
static ForgeReply *
on_patient_job (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  Shared *shared = user_data;
  gulong id = g_cancellable_connect (cancellable, G_CALLBACK (on_cancelled), shared, NULL);

  set (shared, &shared->has_begun);
  await (shared, &shared->was_cancelled);
  g_cancellable_disconnect (cancellable, id);
  return forge_reply_new_text ("text/plain", g_strdup ("too late"));
}

static ForgeReply *
on_quick (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("text/plain", g_strdup ("quick"));
}

static ForgeReply *
on_take (const ForgeRequest *request, int fd, gpointer user_data)
{
  Shared *shared = user_data;

  shared->calls++;
  if (strcmp (request->tail, "no") == 0)
    return forge_reply_new_tuner_error (503, "805 All Tuners In Use");
  g_assert_true (fcntl (fd, F_GETFD) & FD_CLOEXEC);
  g_assert_true (fcntl (fd, F_GETFL) & O_NONBLOCK);
  shared->fd = fd;
  set (shared, &shared->has_begun);
  return NULL;
}

static gboolean
write_fill (ForgeSink sink,
            gpointer sink_data,
            GCancellable *cancellable,
            gpointer user_data,
            GError **error)
{
  g_autofree char *fill = g_strnfill (100000, 'f');

  for (int i = 0; i < 1000; i++)
    if (!sink (fill, 100000, sink_data, error))
      return FALSE;
  return TRUE;
}

static void
on_freed (gpointer user_data)
{
  set (user_data, &((Shared *)user_data)->was_freed);
}

static ForgeReply *
on_long_body (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_stream ("application/octet-stream", write_fill, user_data, on_freed);
}

static gboolean
write_and_break (ForgeSink sink,
                 gpointer sink_data,
                 GCancellable *cancellable,
                 gpointer user_data,
                 GError **error)
{
  g_autofree char *fill = g_strnfill (100000, 'f');

  if (!sink (fill, 100000, sink_data, error))
    return FALSE;
  g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_STORAGE, "broken");
  return FALSE;
}

static ForgeReply *
on_broken_body (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_stream ("application/octet-stream", write_and_break, NULL, NULL);
}

/* Sends one event, waits for the test, sends another. */
static gboolean
write_events (ForgeSink sink,
              gpointer sink_data,
              GCancellable *cancellable,
              gpointer user_data,
              GError **error)
{
  Shared *shared = user_data;

  if (!sink ("data: 1\n\n", 9, sink_data, error))
    return FALSE;
  await (shared, &shared->may_end);
  return sink ("data: 2\n\n", 9, sink_data, error);
}

static ForgeReply *
on_events (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_stream ("text/event-stream", write_events, user_data, NULL);
}

static void
server_up (TestServer *test, Shared *shared)
{
  shared_init (shared);
  test_server_init (test, 0);
  forge_router_add (test->router, "GET", "/patient", FORGE_RUN_JOB, on_patient_job, shared);
  forge_router_add (test->router, "GET", "/quick", FORGE_RUN_JOB, on_quick, shared);
  forge_router_add (test->router, "GET", "/long", FORGE_RUN_CONTROL, on_long_body, shared);
  forge_router_add (test->router, "GET", "/broken", FORGE_RUN_JOB, on_broken_body, shared);
  forge_router_add (test->router, "GET", "/events", FORGE_RUN_CONTROL, on_events, shared);
  forge_router_add_takeover (test->router, "/take/*", on_take, on_quick, shared);
  test_server_start (test);
}

static void
test_client_that_vanishes_cancels_its_job (void)
{
  TestServer test;
  Shared shared;
  int fd;
  server_up (&test, &shared);
  fd = test_connect (test.port);
  test_send (fd, "GET /patient HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await (&shared, &shared.has_begun);
  close (fd);
  await (&shared, &shared.was_cancelled);
  test_server_await_connections (&test, 0);
  g_autoptr (TestReply) next = test_get (test.port, "/quick", "");
  g_assert_cmpstr (next->body->str, ==, "quick");
  test_server_clear (&test);
}

static void
test_server_that_ends_cancels_its_jobs (void)
{
  TestServer test;
  Shared shared;
  int fd;
  server_up (&test, &shared);
  fd = test_connect (test.port);
  test_send (fd, "GET /patient HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await (&shared, &shared.has_begun);
  test_server_clear (&test);
  g_assert_true (shared.was_cancelled);
  close (fd);
}

static void
test_takeover_hands_over_a_working_socket (void)
{
  TestServer test;
  Shared shared;
  int fd;
  static const char answer[] = "HTTP/1.1 200 OK\r\n\r\nmedia";
  server_up (&test, &shared);
  fd = test_connect (test.port);
  test_send (fd, "GET /take/yes HTTP/1.1\r\nHost: localhost\r\n\r\n");
  await (&shared, &shared.has_begun);
  test_server_await_connections (&test, 0);
  g_assert_cmpint (send (shared.fd, answer, strlen (answer), MSG_NOSIGNAL), >, 0);
  close (shared.fd);
  g_autoptr (GString) all = test_read_to_end (fd);
  g_assert_nonnull (all);
  g_assert_cmpstr (all->str, ==, answer);
  close (fd);
  test_server_clear (&test);
}

static void
test_takeover_may_refuse_and_leaves_no_descriptor (void)
{
  TestServer test;
  Shared shared;
  guint before;
  server_up (&test, &shared);
  g_autoptr (TestReply) warm = test_get (test.port, "/quick", "");
  g_assert_cmpint (warm->status, ==, 200);
  test_server_await_connections (&test, 0);
  before = test_count_descriptors ();
  for (int i = 0; i < 50; i++) {
    g_autoptr (TestReply) reply = test_get (test.port, "/take/no", "");
    g_autofree char *error = test_reply_header (reply, "X-HDHomeRun-Error");
    g_assert_cmpint (reply->status, ==, 503);
    g_assert_cmpstr (error, ==, "805 All Tuners In Use");
    g_assert_cmpuint (reply->body->len, ==, 0);
  }
  for (int i = 0; i < 50; i++) {
    int fd = test_connect (test.port);
    shared.has_begun = FALSE;
    test_send (fd, "GET /take/yes HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await (&shared, &shared.has_begun);
    close (shared.fd);
    close (fd);
  }
  test_server_await_connections (&test, 0);
  g_assert_cmpuint (test_count_descriptors (), ==, before);
  g_assert_cmpint (shared.calls, ==, 100);
  g_autoptr (TestReply) head =
      test_ask (test.port, "HEAD /take/yes HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_assert_cmpint (head->status, ==, 200);
  g_assert_cmpint (shared.calls, ==, 100);
  test_server_clear (&test);
}

static void
test_slow_reader_of_a_body_holds_up_nobody (void)
{
  TestServer test;
  Shared shared;
  int slow[FORGE_HTTP_MAX_STREAMED_BODIES];
  server_up (&test, &shared);
  for (guint i = 0; i < G_N_ELEMENTS (slow); i++) {
    slow[i] = test_connect (test.port);
    test_send (slow[i], "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  }
  g_autoptr (TestReply) quick = test_get (test.port, "/quick", "");
  g_assert_cmpint (quick->status, ==, 200);
  /* All have begun; none can end. */
  for (guint i = 0; i < G_N_ELEMENTS (slow); i++) {
    char byte;
    g_assert_cmpint (recv (slow[i], &byte, 1, 0), ==, 1);
  }
  g_autoptr (TestReply) more = test_get (test.port, "/long", "");
  g_autofree char *retry = test_reply_header (more, "Retry-After");
  g_assert_cmpint (more->status, ==, 503);
  g_assert_nonnull (retry);
  for (guint i = 0; i < G_N_ELEMENTS (slow); i++)
    close (slow[i]);
  await (&shared, &shared.was_freed);
  test_server_clear (&test);
}

static void
test_server_ends_although_a_reader_is_slow (void)
{
  TestServer test;
  Shared shared;
  int slow;
  char byte;
  gint64 begun_us;
  server_up (&test, &shared);
  slow = test_connect (test.port);
  test_send (slow, "GET /long HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_assert_cmpint (recv (slow, &byte, 1, 0), ==, 1);
  begun_us = g_get_monotonic_time ();
  test_server_clear (&test);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 3 * G_USEC_PER_SEC);
  g_assert_true (shared.was_freed);
  close (slow);
}

static void
test_streamed_body_for_old_and_new_clients (void)
{
  TestServer test;
  Shared shared;
  int fd;
  server_up (&test, &shared);
  g_autoptr (TestReply) chunked = test_get (test.port, "/long", "");
  g_autofree char *coding = test_reply_header (chunked, "Transfer-Encoding");
  g_assert_cmpstr (coding, ==, "chunked");
  g_assert_cmpuint (chunked->body->len, ==, 100000000);
  fd = test_connect (test.port);
  test_send (fd, "GET /long HTTP/1.0\r\n\r\n");
  g_autoptr (GString) all = test_read_to_end (fd);
  g_assert_nonnull (all);
  g_assert_true (g_str_has_prefix (all->str, "HTTP/1.0 200 OK\r\n"));
  g_assert_null (strstr (all->str, "chunked"));
  g_assert_cmpuint (all->len, >, 100000000);
  close (fd);
  test_server_clear (&test);
}

static void
test_broken_body_is_seen_as_broken (void)
{
  TestServer test;
  Shared shared;
  int fd;
  server_up (&test, &shared);
  fd = test_connect (test.port);
  test_send (fd, "GET /broken HTTP/1.0\r\n\r\n");
  g_autoptr (GString) all = test_read_to_end (fd);
  g_assert_null (all); /* reset */
  close (fd);
  test_server_clear (&test);
}

static void
test_events_go_out_at_once (void)
{
  TestServer test;
  Shared shared;
  int fd;
  g_autoptr (GString) text = g_string_new (NULL);
  char buffer[1000];
  server_up (&test, &shared);
  fd = test_connect (test.port);
  test_send (fd, "GET /events HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\n\r\n");
  while (!strstr (text->str, "data: 1")) {
    ssize_t got = recv (fd, buffer, sizeof buffer, 0);
    g_assert_cmpint (got, >, 0);
    g_string_append_len (text, buffer, got);
  }
  set (&shared, &shared.may_end);
  g_autoptr (GString) rest = test_read_to_end (fd);
  g_assert_nonnull (rest);
  g_assert_nonnull (strstr (rest->str, "data: 2"));
  g_assert_true (g_str_has_suffix (rest->str, "\r\n0\r\n\r\n"));
  close (fd);
  test_server_clear (&test);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/server/handover/client-that-vanishes-cancels-its-job",
                   test_client_that_vanishes_cancels_its_job);
  g_test_add_func ("/server/handover/server-that-ends-cancels-its-jobs",
                   test_server_that_ends_cancels_its_jobs);
  g_test_add_func ("/server/handover/takeover-hands-over-a-working-socket",
                   test_takeover_hands_over_a_working_socket);
  g_test_add_func ("/server/handover/takeover-may-refuse-and-leaves-no-descriptor",
                   test_takeover_may_refuse_and_leaves_no_descriptor);
  g_test_add_func ("/server/handover/slow-reader-of-a-body-holds-up-nobody",
                   test_slow_reader_of_a_body_holds_up_nobody);
  g_test_add_func ("/server/handover/server-ends-although-a-reader-is-slow",
                   test_server_ends_although_a_reader_is_slow);
  g_test_add_func ("/server/handover/streamed-body-for-old-and-new-clients",
                   test_streamed_body_for_old_and_new_clients);
  g_test_add_func ("/server/handover/broken-body-is-seen-as-broken",
                   test_broken_body_is_seen_as_broken);
  g_test_add_func ("/server/handover/events-go-out-at-once", test_events_go_out_at_once);
  return g_test_run ();
}
