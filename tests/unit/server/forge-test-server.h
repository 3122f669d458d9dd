/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/* A real server on loopback, port 0, in a thread of its own, and raw clients for it. */
typedef struct {
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  ForgeRouter *router;
  ForgeHttpServer *server;
  guint port;
} TestServer;

/* Makes the server; the test adds routes, then starts it. `idle_timeout_ms` 0 = default. */
void test_server_init (TestServer *test, guint idle_timeout_ms);
void test_server_start (TestServer *test);
void test_server_clear (TestServer *test);
/* Runs `func` on the control thread, as the server's functions want it, and waits. */
typedef void (*TestServerFunc) (TestServer *test, gpointer data);
void test_server_on_control (TestServer *test, TestServerFunc func, gpointer data);
/* As seen on the control thread. */
void test_server_stats (TestServer *test, ForgeHttpServerStats *stats);
/* Blocks until `connections` are open; fails the test after 10 s. */
void test_server_await_connections (TestServer *test, guint connections);

/* A connected socket whose reads give up after 10 s. */
int test_connect (guint port);
int test_connect_unix (const char *path);
void test_send (int fd, const char *text);
/* What comes until the end of the connection; NULL when it is reset or silent. */
GString *test_read_to_end (int fd);

/* One reply as text; `body` is exactly what its head promises. */
typedef struct {
  int status;
  char *head; /* with the status line, without the last empty line */
  GString *body;
} TestReply;

void test_reply_free (TestReply *reply);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TestReply, test_reply_free)

/* Reads one reply of a connection that stays open. */
TestReply *test_read_reply (int fd, gboolean is_head);
/* Sends `request` on a new connection and reads one reply. */
TestReply *test_ask (guint port, const char *request);
/* "GET path HTTP/1.1", Host, Connection: close and `headers` (whole lines). */
TestReply *test_get (guint port, const char *path, const char *headers);
/* NULL if there is none. Returns: (transfer full). */
char *test_reply_header (const TestReply *reply, const char *name);

guint test_count_descriptors (void);

G_END_DECLS
