/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-dial.h"
#include "net/forge-tls.h"
#include "script-server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define AGENT "VLC/3.0.20 LibVLC/3.0.20"
#define OK    "HTTP/1.1 200 OK\r\nContent-Type: video/mp2t\r\n"

static gboolean
dial_with (ScriptServer *server,
           const char *path,
           const ForgeDialOptions *options,
           ForgeDial *dial,
           GCancellable *cancellable,
           GError **error)
{
  g_autofree char *url = script_server_url (server, path);

  return forge_dial_open (url, options, dial, cancellable, error);
}

static gboolean
dial_path (ScriptServer *server, const char *path, ForgeDial *dial, GError **error)
{
  ForgeDialOptions options = { .user_agent = AGENT,
                               .verify_tls = TRUE,
                               .connect_timeout_ms = 1500,
                               .first_byte_timeout_ms = 1000 };

  return dial_with (server, path, &options, dial, NULL, error);
}

static void
say_chunk_and_wait (ScriptPeer *peer)
{
  script_say (peer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2f0;x=y\r\n");
  script_send_packets (peer, 4);
  script_say (peer, "\r\n");
  script_hold (peer, 0);
}

static void
drip (ScriptPeer *peer)
{
  script_say (peer, "HTTP/1.1 200 OK\r\n");
  for (guint i = 0; i < 1000 && script_hold (peer, 20); i++)
    script_say (peer, "X-%u: y\r\n", i);
}

static void
say_huge_head (ScriptPeer *peer)
{
  g_autofree char *line = g_strnfill (1000, 'a');

  script_say (peer, "HTTP/1.1 200 OK\r\n");
  for (guint i = 0; i < 64; i++)
    script_say (peer, "X-%u: %s\r\n", i, line);
  script_hold (peer, 0);
}

static void
say_ts_after_junk (ScriptPeer *peer)
{
  script_say (peer, OK "\r\n<br />\n<b>Warning</b>: something in x.php on line 3<br />\n");
  script_send_packets (peer, 8);
  script_hold (peer, 0);
}

static void
say_redirect (ScriptPeer *peer, const char *target)
{
  guint code;

  if (g_str_equal (target, "/hop/relative"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: ../auth/to ken?a=1\r\n\r\n");
  else if (g_str_equal (target, "/hop/loop"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /hop/loop\r\n\r\n");
  else if (g_str_equal (target, "/hop/late")) {
    if (script_hold (peer, 1000))
      script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /hop/late\r\n\r\n");
  } else if (g_str_equal (target, "/hop/file"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n");
  else if (g_str_equal (target, "/hop/none"))
    script_say (peer, "HTTP/1.1 302 Found\r\n\r\n");
  else if (g_str_equal (target, "/hop/inject"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: /a\rX-Evil: 1\r\n\r\n");
  else if (g_str_equal (target, "/hop/dead"))
    script_say (peer, "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/x\r\n\r\n");
  else if (sscanf (target, "/hop/%u", &code) == 1)
    script_say (peer, "HTTP/1.1 %u Moved\r\nLocation: /ts\r\nContent-Length: 0\r\n\r\n", code);
}

static void
say_text (ScriptPeer *peer, const char *target)
{
  if (g_str_equal (target, "/text/html"))
    script_say (peer, OK "\r\n<html>\n  <b>maintenance</b> http://h/live/u/pw/1.ts");
  else if (g_str_equal (target, "/text/json"))
    script_say (peer, OK "Content-Length: 12\r\n\r\n{\"auth\":0   }");
  else if (g_str_equal (target, "/text/words"))
    script_say (peer, OK "\r\nFAILED TO CONNECT");
  else if (g_str_equal (target, "/text/open")) {
    script_say (peer, OK "\r\n<html>and then nothing");
    script_hold (peer, 0);
  } else if (g_str_equal (target, "/text/chunked"))
    script_say (peer, OK "Transfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n0\r\n\r\n");
  else if (g_str_equal (target, "/text/binary"))
    script_send (peer, "HTTP/1.1 200 OK\r\n\r\n\x7F\x45\x00\x01\x02", 24);
}

/* Every path is one behaviour. */
static void
script (ScriptPeer *peer, gpointer user_data)
{
  const char *target = script_peer_target (peer);
  guint code;

  if (g_str_has_prefix (target, "/ts") || g_str_has_prefix (target, "/auth/")) {
    script_say (peer, OK "\r\n");
    script_send_packets (peer, 50);
    script_hold (peer, 0);
  } else if (g_str_has_prefix (target, "/hop/"))
    say_redirect (peer, target);
  else if (g_str_has_prefix (target, "/text/"))
    say_text (peer, target);
  else if (sscanf (target, "/status/%u", &code) == 1)
    script_say (peer, "HTTP/1.1 %u Nope\r\nContent-Length: 2\r\n\r\nno", code);
  else if (g_str_equal (target, "/icy")) {
    script_say (peer, "ICY 200 OK\nicy-name: x\n\n");
    script_send_packets (peer, 5);
  } else if (g_str_equal (target, "/continue")) {
    script_say (peer, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n");
    script_send_packets (peer, 5);
  } else if (g_str_equal (target, "/slate")) {
    script_say (peer, OK "Content-Length: 940\r\n\r\n");
    script_send_packets (peer, 5);
  } else if (g_str_equal (target, "/hls"))
    script_say (peer, OK "\r\n\xEF\xBB\xBF#EXTM3U\n#EXT-X-VERSION:3\n");
  else if (g_str_equal (target, "/chunked"))
    say_chunk_and_wait (peer);
  else if (g_str_equal (target, "/junk"))
    say_ts_after_junk (peer);
  else if (g_str_equal (target, "/gzip"))
    script_say (peer, OK "Content-Encoding: gzip\r\n\r\n\x1f\x8b");
  else if (g_str_equal (target, "/late-head")) {
    if (script_hold (peer, 1700))
      script_say (peer, OK "\r\n");
    script_send_packets (peer, 50);
  } else if (g_str_equal (target, "/silent"))
    script_hold (peer, 0);
  else if (g_str_equal (target, "/headers-only")) {
    script_say (peer, OK "\r\n");
    script_hold (peer, 0);
  } else if (g_str_equal (target, "/chunk-header-only")) {
    script_say (peer, OK "Transfer-Encoding: chunked\r\n\r\n100\r\n");
    script_hold (peer, 0);
  } else if (g_str_equal (target, "/eof-after-head"))
    script_say (peer, OK "\r\n");
  else if (g_str_equal (target, "/empty"))
    script_say (peer, OK "Content-Length: 0\r\n\r\n");
  else if (g_str_equal (target, "/reset"))
    script_reset (peer);
  else if (g_str_equal (target, "/half-head"))
    script_say (peer, "HTTP/1.1 200 OK\r\nX: ");
  else if (g_str_equal (target, "/not-http"))
    script_say (peer, "SSH-2.0-OpenSSH_9.2\r\n");
  else if (g_str_equal (target, "/huge-head"))
    say_huge_head (peer);
  else if (g_str_equal (target, "/drip"))
    drip (peer);
  else if (g_str_equal (target, "/slow-start")) {
    script_say (peer, OK "\r\n");
    script_send (peer, "\x47\x1F\xFF\x10\x00\x01", 6);
    script_hold (peer, 0);
  }
}

/* ---- success ---- */

static void
test_plain_stream (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (dial_path (server, "/ts/a%40b/p%2Fw/1.ts?x=%26", &dial, &error));
  g_assert_no_error (error);
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_TS);
  g_assert_cmpuint (dial.http_status, ==, 200);
  g_assert_cmpint (dial.content_length, ==, -1);
  g_assert_false (dial.is_chunked);
  g_assert_cmpstr (dial.final_host, ==, "127.0.0.1");
  g_assert_cmpint (dial.connect_us, >, 0);
  g_assert_cmpuint (dial.leftover_bytes, >=, 3 * 188);
  g_assert_cmphex (dial.leftover[0], ==, 0x47);
  g_assert_null (dial.bytes.ops);
  g_assert_true (fcntl (dial.bytes.fd, F_GETFL) & O_NONBLOCK);
  g_assert_true (fcntl (dial.bytes.fd, F_GETFD) & FD_CLOEXEC);

  g_autofree char *request = script_server_request (server, 0);
  g_assert_true (g_str_has_prefix (request, "GET /ts/a%40b/p%2Fw/1.ts?x=%26 HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (request, "\r\nUser-Agent: " AGENT "\r\n"));
  g_assert_nonnull (strstr (request, "\r\nConnection: close\r\n"));
  g_assert_null (strstr (request, "Range"));
}

static void
assert_kind (const char *path, ForgeDialKind kind)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (dial_path (server, path, &dial, &error));
  g_assert_no_error (error);
  g_assert_cmpint (dial.kind, ==, kind);
}

static void
test_odd_answers_that_are_fine (void)
{
  assert_kind ("/icy", FORGE_DIAL_TS);
  assert_kind ("/continue", FORGE_DIAL_TS);
  assert_kind ("/junk", FORGE_DIAL_TS);
  assert_kind ("/slow-start", FORGE_DIAL_TS);
  assert_kind ("/hls", FORGE_DIAL_HLS);
}

static void
test_slate_reports_its_length (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_auto (ForgeDial) dial = { 0 };

  g_assert_true (dial_path (server, "/slate", &dial, NULL));
  g_assert_cmpint (dial.content_length, ==, 940);
}

static void
test_chunked_leftover_stays_coded (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_auto (ForgeDial) dial = { 0 };

  g_assert_true (dial_path (server, "/chunked", &dial, NULL));
  g_assert_true (dial.is_chunked);
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_TS);
  g_assert_cmpmem (dial.leftover, 9, "2f0;x=y\r\n", 9);
}

static void
test_redirects_are_followed (void)
{
  static const char *const paths[] = { "/hop/301", "/hop/302", "/hop/303",
                                       "/hop/307", "/hop/308", "/hop/relative" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
    g_auto (ForgeDial) dial = { 0 };
    g_autoptr (GError) error = NULL;
    g_assert_true (dial_path (server, paths[i], &dial, &error));
    g_assert_no_error (error);
    g_assert_cmpuint (dial.http_status, ==, 200);
    g_autofree char *second = script_server_request (server, 1);
    g_assert_nonnull (strstr (second, "User-Agent: " AGENT));
    g_assert_true (i < 5 ? g_str_has_prefix (second, "GET /ts HTTP/1.1\r\n")
                         : g_str_has_prefix (second, "GET /auth/to%20ken?a=1 HTTP/1.1\r\n"));
  }
}

/* ---- failure ---- */

typedef struct {
  const char *path;
  ForgeError code;
  guint status;
  const char *says;
} Bad;

static void
assert_bad (ScriptServer *server, const Bad *bad)
{
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;
  gint64 started_us = g_get_monotonic_time ();

  g_assert_false (dial_path (server, bad->path, &dial, &error));
  g_test_message ("%s: %s", bad->path, error->message);
  g_assert_error (error, FORGE_ERROR, (gint)bad->code);
  g_assert_cmpuint (dial.http_status, ==, bad->status);
  g_assert_nonnull (strstr (error->message, bad->says));
  g_assert_true (g_str_has_prefix (error->message, "127.0.0.1: "));
  g_assert_null (strstr (error->message, bad->path));
  g_assert_cmpint (dial.bytes.fd, ==, -1);
  g_assert_cmpint (g_get_monotonic_time () - started_us, <, 4 * G_USEC_PER_SEC);
}

static void
test_failures_say_why (void)
{
  static const Bad table[] = {
    { "/status/401", FORGE_ERROR_AUTH, 401, "HTTP 401" },
    { "/status/403", FORGE_ERROR_LIMIT, 403, "HTTP 403" },
    { "/status/429", FORGE_ERROR_LIMIT, 429, "HTTP 429" },
    { "/status/458", FORGE_ERROR_LIMIT, 458, "HTTP 458" },
    { "/status/509", FORGE_ERROR_LIMIT, 509, "HTTP 509" },
    { "/status/404", FORGE_ERROR_NOT_FOUND, 404, "HTTP 404" },
    { "/status/406", FORGE_ERROR_NOT_FOUND, 406, "HTTP 406" },
    { "/status/502", FORGE_ERROR_RETRY, 502, "HTTP 502" },
    { "/status/999", FORGE_ERROR_INVALID, 999, "HTTP 999" },
    { "/status/204", FORGE_ERROR_INVALID, 204, "HTTP 204" },
    { "/text/html", FORGE_ERROR_INVALID, 200, "<html> <b>maintenance</b> http://h\"" },
    { "/text/json", FORGE_ERROR_INVALID, 200, "{\"auth\":0 }" },
    { "/text/words", FORGE_ERROR_INVALID, 200, "FAILED TO CONNECT" },
    { "/text/open", FORGE_ERROR_INVALID, 200, "and then nothing" },
    { "/text/chunked", FORGE_ERROR_INVALID, 200, "\"<html>\"" },
    { "/text/binary", FORGE_ERROR_INVALID, 200, "no MPEG-TS packets" },
    { "/gzip", FORGE_ERROR_UNSUPPORTED, 200, "gzip" },
    { "/silent", FORGE_ERROR_RETRY, 0, "no answer within 1500 ms" },
    { "/drip", FORGE_ERROR_RETRY, 0, "no answer within 1500 ms" },
    { "/headers-only", FORGE_ERROR_RETRY, 200, "sent nothing for 1000 ms" },
    { "/chunk-header-only", FORGE_ERROR_RETRY, 200, "sent nothing for 1000 ms" },
    { "/eof-after-head", FORGE_ERROR_RETRY, 200, "without sending a byte" },
    { "/empty", FORGE_ERROR_RETRY, 200, "empty answer" },
    { "/reset", FORGE_ERROR_RETRY, 0, "before its answer" },
    { "/half-head", FORGE_ERROR_RETRY, 0, "before its answer" },
    { "/not-http", FORGE_ERROR_INVALID, 0, "SSH-2.0" },
    { "/huge-head", FORGE_ERROR_INVALID, 0, "32 KiB" },
    { "/hop/loop", FORGE_ERROR_INVALID, 302, "more than 5" },
    { "/hop/file", FORGE_ERROR_UNSUPPORTED, 302, "file://" },
    { "/hop/none", FORGE_ERROR_INVALID, 302, "without Location" },
    { "/hop/inject", FORGE_ERROR_INVALID, 0, "control characters" },
    { "/hop/dead", FORGE_ERROR_RETRY, 0, "127.0.0.1" },
  };
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    assert_bad (server, &table[i]);
}

static void
test_bad_arguments_are_refused (void)
{
  static const struct {
    const char *url, *proxy;
    ForgeError code;
  } table[] = { { "udp://@239.0.0.1:1234", NULL, FORGE_ERROR_UNSUPPORTED },
                { "file:///etc/passwd", NULL, FORGE_ERROR_UNSUPPORTED },
                { "not a url", NULL, FORGE_ERROR_INVALID },
                { "http://127.0.0.1:1/", "ftp://p", FORGE_ERROR_UNSUPPORTED } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++) {
    ForgeDialOptions options = { .user_agent = AGENT,
                                 .proxy = table[i].proxy,
                                 .connect_timeout_ms = 1000,
                                 .first_byte_timeout_ms = 1000 };
    g_auto (ForgeDial) dial = { 0 };
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_dial_open (table[i].url, &options, &dial, NULL, &error));
    g_assert_error (error, FORGE_ERROR, (gint)table[i].code);
  }
}

static void
test_headers_cannot_be_injected (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_auto (ForgeDial) dial = { 0 };
  ForgeDialOptions options = { .user_agent = "a\r\nX-Evil: 1",
                               .connect_timeout_ms = 1500,
                               .first_byte_timeout_ms = 1000 };

  g_assert_true (dial_with (server, "/ts\r\nX-Evil: 2", &options, &dial, NULL, NULL));
  g_autofree char *request = script_server_request (server, 0);
  g_assert_null (strstr (request, "\r\nX-Evil"));
}

/* What is short runs out first, and the message says which it was. */
static void
test_connection_and_head_have_limits_of_their_own (void)
{
  static const struct {
    const char *scheme;
    guint connect_ms, head_ms;
    const char *message;
  } cases[] = {
    { "http", 60000, 200, "no answer within 200 ms" },
    { "https", 200, 60000, "no connection within 200 ms" }, /* no TLS comes back */
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
    g_autofree char *plain = script_server_url (server, "/silent");
    g_autofree char *url = g_strconcat (cases[i].scheme, strchr (plain, ':'), NULL);
    ForgeDialOptions options = { .user_agent = AGENT,
                                 .connect_timeout_ms = cases[i].connect_ms,
                                 .head_timeout_ms = cases[i].head_ms,
                                 .first_byte_timeout_ms = 60000 };
    g_auto (ForgeDial) dial = { 0 };
    g_autoptr (GError) error = NULL;
    g_assert_false (forge_dial_open (url, &options, &dial, NULL, &error));
    g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
    if (!strstr (error->message, cases[i].message))
      g_error ("“%s” does not say “%s”", error->message, cases[i].message);
  }
}

/* The head may come later than a connection might; all redirects share what both have. */
static void
test_limits_of_connection_and_head_add_up (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  ForgeDialOptions options = { .user_agent = AGENT,
                               .connect_timeout_ms = 1500,
                               .head_timeout_ms = 60000,
                               .first_byte_timeout_ms = 60000 };
  g_auto (ForgeDial) late = { 0 };
  g_auto (ForgeDial) endless = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (dial_with (server, "/late-head", &options, &late, NULL, &error));
  g_assert_no_error (error);
  options.head_timeout_ms = 2500;
  g_assert_false (dial_with (server, "/hop/late", &options, &endless, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
  g_assert_nonnull (strstr (error->message, "no answer within 4000 ms"));
}

static gpointer
cancel_when_asked (gpointer data)
{
  gpointer *pair = data;

  while (script_server_requests (pair[0]) == 0)
    g_thread_yield ();
  g_cancellable_cancel (pair[1]);
  return NULL;
}

static void
test_cancel_from_another_thread (void)
{
  static const char *const paths[] = { "/silent", "/headers-only" };
  ForgeDialOptions options = { .user_agent = AGENT,
                               .connect_timeout_ms = 20000,
                               .first_byte_timeout_ms = 20000 };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
    g_autoptr (GCancellable) cancellable = g_cancellable_new ();
    g_auto (ForgeDial) dial = { 0 };
    g_autoptr (GError) error = NULL;
    gpointer pair[2] = { server, cancellable };
    GThread *thread = g_thread_new ("cancel", cancel_when_asked, pair);
    g_assert_false (dial_with (server, paths[i], &options, &dial, cancellable, &error));
    g_thread_join (thread);
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_assert_cmpint (dial.bytes.fd, ==, -1);
  }
}

static void
test_unanswered_connect_meets_the_deadline (void)
{
  /* A backlog of one that is full: the kernel drops further SYNs. */
  int listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  socklen_t length = sizeof address;
  int fill[3];

  g_assert_cmpint (bind (listener, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (listen (listener, 0), ==, 0);
  getsockname (listener, (struct sockaddr *)&address, &length);
  for (gsize i = 0; i < G_N_ELEMENTS (fill); i++) {
    fill[i] = socket (AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    (void)!connect (fill[i], (struct sockaddr *)&address, sizeof address);
  }

  g_autofree char *url = g_strdup_printf ("http://127.0.0.1:%u/", ntohs (address.sin_port));
  ForgeDialOptions options = { .user_agent = AGENT,
                               .connect_timeout_ms = 300,
                               .first_byte_timeout_ms = 300 };
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;
  g_assert_false (forge_dial_open (url, &options, &dial, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
  g_assert_nonnull (strstr (error->message, "within 300 ms"));
  for (gsize i = 0; i < G_N_ELEMENTS (fill); i++)
    close (fill[i]);
  close (listener);
}

/* ---- TLS ---- */

static void
read_packets (ForgeByteSource *bytes, gsize want)
{
  guint8 buffer[4096];

  for (gsize got = 0; got < want;) {
    ssize_t n = bytes->ops->read (bytes->context, buffer, sizeof buffer);
    if (n > 0)
      got += (gsize)n;
    else if (n < 0 && errno == EAGAIN)
      g_assert_cmpint (poll (&(struct pollfd){ bytes->fd, POLLIN, 0 }, 1, 5000), ==, 1);
    else
      g_assert_not_reached ();
  }
}

static void
test_tls_stream (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_TLS);
  ForgeDialOptions options = { .user_agent = AGENT,
                               .connect_timeout_ms = 5000,
                               .first_byte_timeout_ms = 2000 };
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (dial_with (server, "/ts", &options, &dial, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (dial.kind, ==, FORGE_DIAL_TS);
  g_assert_nonnull (dial.bytes.ops);
  read_packets (&dial.bytes, 50 * 188 - dial.leftover_bytes);
  g_assert_false (dial.bytes.ops->has_buffered (dial.bytes.context));
  guint8 byte;
  g_assert_cmpint (dial.bytes.ops->read (dial.bytes.context, &byte, 1), ==, -1);
  g_assert_cmpint (errno, ==, EAGAIN);
}

static void
test_tls_certificate_is_checked (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_TLS);
  Bad bad = { "/ts", FORGE_ERROR_INVALID, 0, "certificate refused" };

  assert_bad (server, &bad);
  g_assert_cmpuint (script_server_requests (server), ==, 0);
}

/* Connects to the server, calls it `host`, trusts its certificate alone. */
static gboolean
handshake_as (ScriptServer *server, const char *host, GError **error)
{
  g_autofree char *path = NULL;
  int file = g_file_open_tmp ("forge-trust-XXXXXX", &path, NULL);
  const char *pem = script_server_certificate (server);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons ((guint16)script_server_port (server)),
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ForgeDeadline deadline = { .at_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC,
                             .budget_ms = 5000,
                             .phase = "no answer",
                             .host = host };

  close (file);
  g_assert_true (g_file_set_contents (path, pem, -1, NULL));
  g_assert_cmpint (connect (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  fcntl (fd, F_SETFL, O_NONBLOCK);
  ForgeTls *tls = forge_tls_connect (fd, TRUE, path, &deadline, error);
  if (tls)
    forge_tls_ops.close (tls);
  unlink (path);
  return tls != NULL;
}

static void
test_tls_name_is_checked (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_TLS);
  g_autoptr (GError) error = NULL;

  g_assert_true (handshake_as (server, "localhost", &error));
  g_assert_no_error (error);
  g_assert_false (handshake_as (server, "other.example", &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_INVALID);
  g_assert_nonnull (strstr (error->message, "name in the certificate"));
}

static void
test_plain_server_on_a_tls_url (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autofree char *url = g_strdup_printf ("https://127.0.0.1:%u/ts", script_server_port (server));
  ForgeDialOptions options = { .user_agent = AGENT,
                               .connect_timeout_ms = 300,
                               .first_byte_timeout_ms = 300 };
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  /* It waits for the end of a request that never comes; so must not we. */
  g_assert_false (forge_dial_open (url, &options, &dial, NULL, &error));
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
}

/* ---- proxies ---- */

static void
test_http_proxy_gets_the_whole_url (void)
{
  g_autoptr (ScriptServer) server = script_server_new (script, NULL, SCRIPT_PLAIN);
  g_autofree char *proxy =
      g_strdup_printf ("http://u%%40x:pw@127.0.0.1:%u", script_server_port (server));
  ForgeDialOptions options = { .user_agent = AGENT,
                               .proxy = proxy,
                               .connect_timeout_ms = 1500,
                               .first_byte_timeout_ms = 1000 };
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_false (
      forge_dial_open ("http://panel.invalid:8080/live", &options, &dial, NULL, &error));
  g_assert_true (g_str_has_prefix (error->message, "panel.invalid: "));
  g_autofree char *request = script_server_request (server, 0);
  g_assert_true (g_str_has_prefix (request, "GET http://panel.invalid:8080/live HTTP/1.1\r\n"));
  g_assert_nonnull (strstr (request, "\r\nHost: panel.invalid:8080\r\n"));
  g_assert_nonnull (strstr (request, "\r\nProxy-Authorization: Basic dUB4OnB3\r\n"));
}

/* RFC 1928, no authentication, a name to connect to. */
static void
socks_script (ScriptPeer *peer, gpointer user_data)
{
  guint8 head[5], rest[260];

  if (!script_read (peer, head, 2) || !script_read (peer, rest, head[1]))
    return;
  script_send (peer, "\x05\x00", 2);
  if (!script_read (peer, head, 5) || !script_read (peer, rest, head[4] + 2u))
    return;
  rest[head[4]] = '\0';
  g_assert_cmpstr ((const char *)rest, ==, "panel.invalid");
  script_send (peer, "\x05\x00\x00\x01\0\0\0\0\0\0", 10);
  if (script_read_request (peer))
    script (peer, NULL);
}

static void
test_socks_proxy_resolves_the_name (void)
{
  g_autoptr (ScriptServer) server = script_server_new (socks_script, NULL, SCRIPT_RAW);
  g_autofree char *proxy = g_strdup_printf ("socks5://127.0.0.1:%u", script_server_port (server));
  ForgeDialOptions options = { .user_agent = AGENT,
                               .proxy = proxy,
                               .connect_timeout_ms = 3000,
                               .first_byte_timeout_ms = 1000 };
  g_auto (ForgeDial) dial = { 0 };
  g_autoptr (GError) error = NULL;

  g_assert_true (forge_dial_open ("http://panel.invalid/ts", &options, &dial, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (dial.final_host, ==, "panel.invalid");
  g_autofree char *request = script_server_request (server, 0);
  g_assert_true (g_str_has_prefix (request, "GET /ts HTTP/1.1\r\nHost: panel.invalid\r\n"));
}

/* ---- descriptors ---- */

static void
open_some (ScriptServer *server)
{
  static const char *const paths[] = { "/ts",    "/hop/302",     "/status/403", "/text/html",
                                       "/hls",   "/hop/loop",    "/hop/dead",   "/reset",
                                       "/slate", "/headers-only" };

  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++) {
    g_auto (ForgeDial) dial = { 0 };
    ForgeDialOptions options = { .user_agent = AGENT,
                                 .connect_timeout_ms = 1500,
                                 .first_byte_timeout_ms = 20 };
    dial_with (server, paths[i], &options, &dial, NULL, NULL);
  }
}

static void
test_no_descriptor_leaks (void)
{
  for (guint tls = 0; tls < 2; tls++) {
    guint before = 0;
    for (guint round = 0; round < 3; round++) {
      ScriptServer *server = script_server_new (script, NULL, tls ? SCRIPT_TLS : SCRIPT_PLAIN);
      open_some (server);
      script_server_free (server);
      if (round == 0) /* what GLib keeps is open by now */
        before = script_count_fds ();
    }
    g_assert_cmpuint (script_count_fds (), ==, before);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/net/dial/plain-stream", test_plain_stream);
  g_test_add_func ("/net/dial/odd-answers-that-are-fine", test_odd_answers_that_are_fine);
  g_test_add_func ("/net/dial/slate-reports-its-length", test_slate_reports_its_length);
  g_test_add_func ("/net/dial/chunked-leftover-stays-coded", test_chunked_leftover_stays_coded);
  g_test_add_func ("/net/dial/redirects-are-followed", test_redirects_are_followed);
  g_test_add_func ("/net/dial/failures-say-why", test_failures_say_why);
  g_test_add_func ("/net/dial/bad-arguments-are-refused", test_bad_arguments_are_refused);
  g_test_add_func ("/net/dial/headers-cannot-be-injected", test_headers_cannot_be_injected);
  g_test_add_func ("/net/dial/cancel-from-another-thread", test_cancel_from_another_thread);
  g_test_add_func ("/net/dial/unanswered-connect-meets-the-deadline",
                   test_unanswered_connect_meets_the_deadline);
  g_test_add_func ("/net/dial/connection-and-head-have-limits-of-their-own",
                   test_connection_and_head_have_limits_of_their_own);
  g_test_add_func ("/net/dial/limits-of-connection-and-head-add-up",
                   test_limits_of_connection_and_head_add_up);
  g_test_add_func ("/net/dial/tls-stream", test_tls_stream);
  g_test_add_func ("/net/dial/tls-certificate-is-checked", test_tls_certificate_is_checked);
  g_test_add_func ("/net/dial/tls-name-is-checked", test_tls_name_is_checked);
  g_test_add_func ("/net/dial/plain-server-on-a-tls-url", test_plain_server_on_a_tls_url);
  g_test_add_func ("/net/dial/http-proxy-gets-the-whole-url", test_http_proxy_gets_the_whole_url);
  g_test_add_func ("/net/dial/socks-proxy-resolves-the-name", test_socks_proxy_resolves_the_name);
  g_test_add_func ("/net/dial/no-descriptor-leaks", test_no_descriptor_leaks);
  return g_test_run ();
}
