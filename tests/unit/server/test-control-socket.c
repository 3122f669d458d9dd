/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "forge-test-server.h"
#include "server/forge-control-socket.h"

#include <glib/gstdio.h>

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
  TestServer server;
  ForgeRouter *control;
  char *folder, *path;
} Fixture;

static ForgeReply *
on_echo (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  return forge_reply_new_text ("application/json",
                               g_strdup_printf ("peer=%s loop=%d body=%" G_GSIZE_FORMAT,
                                                request->peer,
                                                request->is_loopback,
                                                request->body ? g_bytes_get_size (request->body)
                                                              : 0));
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  test_server_init (&fixture->server, 0);
  fixture->control = forge_router_new ();
  forge_router_add (fixture->control, "GET|POST", "/v1/echo", FORGE_RUN_JOB, on_echo, NULL);
  fixture->folder = g_dir_make_tmp ("forge-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "run", "control.sock", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autofree char *run = g_path_get_dirname (fixture->path);

  test_server_clear (&fixture->server);
  forge_router_free (fixture->control);
  g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  g_rmdir (run);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
listen_control (Fixture *fixture)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_http_server_listen_control (fixture->server.server,
                                                   fixture->path,
                                                   fixture->control,
                                                   &error));
  g_assert_no_error (error);
  test_server_start (&fixture->server);
}

static TestReply *
ask_control (Fixture *fixture, const char *request)
{
  int fd = test_connect_unix (fixture->path);
  TestReply *reply;

  test_send (fd, request);
  reply = test_read_reply (fd, FALSE);
  close (fd);
  return reply;
}

static void
test_only_its_router_answers (Fixture *fixture, gconstpointer data)
{
  g_autoptr (TestReply) echo = NULL;
  g_autoptr (TestReply) old = NULL;
  g_autoptr (TestReply) missing = NULL;
  g_autoptr (TestReply) over_tcp = NULL;

  listen_control (fixture);
  echo = ask_control (fixture, "GET /v1/echo HTTP/1.1\r\nHost: whatever.example\r\n\r\n");
  old = ask_control (fixture, "GET /v1/echo HTTP/1.0\r\n\r\n");
  missing = ask_control (fixture, "GET /v1/none HTTP/1.1\r\nHost: localhost\r\n\r\n");
  over_tcp = test_get (fixture->server.port, "/v1/echo", "");
  g_assert_cmpstr (echo->body->str, ==, "peer=local loop=1 body=0");
  g_assert_cmpint (old->status, ==, 200);
  g_assert_cmpint (missing->status, ==, 404);
  g_assert_nonnull (strstr (missing->body->str, "\"retryable\":false"));
  g_assert_cmpint (over_tcp->status, ==, 404);
}

static void
test_nobody_else_may_open_it (Fixture *fixture, gconstpointer data)
{
  struct stat found;
  g_autofree char *run = g_path_get_dirname (fixture->path);

  listen_control (fixture);
  g_assert_cmpint (lstat (fixture->path, &found), ==, 0);
  g_assert_true (S_ISSOCK (found.st_mode));
  g_assert_cmpint (found.st_mode & 0777, ==, 0600);
  g_assert_cmpint (stat (run, &found), ==, 0);
  g_assert_cmpint (found.st_mode & 0077, ==, 0);
}

static void
test_backups_fit (Fixture *fixture, gconstpointer data)
{
  g_autofree char *body = g_strnfill (5 * 1024 * 1024, 'b');
  g_autofree char *request =
      g_strconcat ("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5242880\r\n\r\n",
                   body,
                   NULL);
  g_autoptr (TestReply) reply = NULL;

  listen_control (fixture);
  reply = ask_control (fixture, request);
  g_assert_cmpstr (reply->body->str, ==, "peer=local loop=1 body=5242880");
}

static void
test_stale_socket_is_replaced (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GSocket) dead = forge_control_socket_bind (fixture->path, NULL);
  g_autoptr (TestReply) reply = NULL;

  g_assert_nonnull (dead);
  g_assert_true (g_socket_close (dead, NULL));
  g_assert_true (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
  listen_control (fixture);
  reply = ask_control (fixture, "GET /v1/echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_assert_cmpint (reply->status, ==, 200);
}

static void
test_living_socket_is_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) second = NULL;
  g_autoptr (TestReply) reply = NULL;

  listen_control (fixture);
  second = forge_control_socket_bind (fixture->path, &error);
  g_assert_null (second);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_STORAGE);
  reply = ask_control (fixture, "GET /v1/echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  g_assert_cmpint (reply->status, ==, 200);
}

static void
test_other_files_are_left_alone (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autofree char *file = g_build_filename (fixture->folder, "notes", NULL);

  g_assert_true (g_file_set_contents (file, "mine", -1, NULL));
  socket = forge_control_socket_bind (file, &error);
  g_assert_null (socket);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_true (g_file_test (file, G_FILE_TEST_IS_REGULAR));
  g_assert_cmpint (g_unlink (file), ==, 0);
}

static void
test_path_too_long_is_a_clear_error (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocket) socket = NULL;
  g_autofree char *name = g_strnfill (120, 'n');
  g_autofree char *path = g_build_filename (fixture->folder, name, NULL);

  socket = forge_control_socket_bind (path, &error);
  g_assert_null (socket);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "107"));
}

static void
add (const char *path, void (*test) (Fixture *fixture, gconstpointer data))
{
  g_test_add (path, Fixture, NULL, set_up, test, tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("/server/control-socket/only-its-router-answers", test_only_its_router_answers);
  add ("/server/control-socket/nobody-else-may-open-it", test_nobody_else_may_open_it);
  add ("/server/control-socket/backups-fit", test_backups_fit);
  add ("/server/control-socket/stale-socket-is-replaced", test_stale_socket_is_replaced);
  add ("/server/control-socket/living-socket-is-left-alone", test_living_socket_is_left_alone);
  add ("/server/control-socket/other-files-are-left-alone", test_other_files_are_left_alone);
  add ("/server/control-socket/path-too-long-is-a-clear-error",
       test_path_too_long_is_a_clear_error);
  return g_test_run ();
}
