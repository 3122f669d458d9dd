/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-fetch.h"
#include "script-server.h"

#include <string.h>

/* Bodies that are read piece by piece: however they are coded and cut. */

#define IDLE_MS 20000u

typedef struct {
  const char *name;
  const char *head;   /* behind the status line */
  const char *pieces; /* of the body, "|" between what is sent at a time */
  const char *want;   /* NULL = an error */
  int code;
} Case;

static const Case cases[] = {
  { "counted", "Content-Length: 11\r\n", "hello| world", "hello world", 0 },
  { "counted-with-more-behind", "Content-Length: 5\r\n", "hello world", "hello", 0 },
  { "empty", "Content-Length: 0\r\n", "", "", 0 },
  { "until-the-end", "", "all |of |it", "all of it", 0 },
  { "broken-off", "Content-Length: 12\r\n", "hello", NULL, FORGE_ERROR_RETRY },
  { "chunked",
    "Transfer-Encoding: chunked\r\n",
    "5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n",
    "hello world",
    0 },
  { "chunked-cut-anywhere",
    "Transfer-Encoding: chunked\r\n",
    "|5|;x=y\r|\nhe|llo\r|\n1|0\r\n0123456789|abcdef\r\n|0|\r\nTrailer: 1\r|\n\r\n",
    "hello0123456789abcdef",
    0 },
  { "chunked-without-an-end",
    "Transfer-Encoding: chunked\r\n",
    "5\r\nhello\r\n",
    NULL,
    FORGE_ERROR_RETRY },
  { "chunked-in-the-middle",
    "Transfer-Encoding: chunked\r\n",
    "9\r\nhello",
    NULL,
    FORGE_ERROR_RETRY },
  { "chunked-nonsense",
    "Transfer-Encoding: chunked\r\n",
    "5\r\nhelloX\r\n0\r\n\r\n",
    NULL,
    FORGE_ERROR_INVALID },
  { "chunked-no-number",
    "Transfer-Encoding: chunked\r\n",
    "zz\r\nhello",
    NULL,
    FORGE_ERROR_INVALID },
  { "chunked-huge",
    "Transfer-Encoding: chunked\r\n",
    "fffffffffffffff\r\nhello",
    NULL,
    FORGE_ERROR_INVALID },
};

static void
answer (ScriptPeer *peer, gpointer user_data)
{
  const Case *one = user_data;
  g_auto (GStrv) pieces = g_strsplit (one->pieces, "|", -1);

  script_say (peer, "HTTP/1.1 200 OK\r\n%s\r\n", one->head);
  for (char **piece = pieces; *piece; piece++) {
    script_send (peer, *piece, strlen (*piece));
    g_usleep (2000); /* so that they come one by one, mostly: the result is the same */
  }
}

static char *
read_whole (ForgeFetch *fetch, gsize at_a_time, GError **error)
{
  g_autoptr (GString) out = g_string_new (NULL);
  char buffer[64];
  gssize n;

  while ((n = forge_fetch_read (fetch, buffer, at_a_time, IDLE_MS, NULL, error)) > 0)
    g_string_append_len (out, buffer, n);
  return n < 0 ? NULL : g_string_free (g_steal_pointer (&out), FALSE);
}

static const ForgeDialOptions options = { .user_agent = "test",
                                          .connect_timeout_ms = IDLE_MS,
                                          .first_byte_timeout_ms = IDLE_MS };

static void
test_case (gconstpointer data)
{
  const Case *one = data;

  for (gsize at_a_time = 1; at_a_time <= 64; at_a_time *= 4) {
    g_autoptr (ScriptServer) server = script_server_new (answer, (gpointer)one, SCRIPT_PLAIN);
    g_autofree char *url = script_server_url (server, "/");
    g_auto (ForgeFetch) fetch = { 0 };
    g_autoptr (GError) error = NULL;

    g_assert_true (forge_fetch_open (url, &FORGE_FETCH_ALL, &options, &fetch, NULL, &error));
    g_autofree char *got = read_whole (&fetch, at_a_time, &error);
    g_assert_cmpstr (got, ==, one->want);
    if (!one->want)
      g_assert_error (error, FORGE_ERROR, one->code);
    else
      g_assert_cmpint (forge_fetch_read (&fetch, &(char){ 0 }, 1, IDLE_MS, NULL, NULL), ==, 0);
  }
}

static void
be_silent (ScriptPeer *peer, gpointer unused)
{
  script_say (peer, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello");
  script_hold (peer, 60000);
}

static void
test_silence (void)
{
  g_autoptr (ScriptServer) server = script_server_new (be_silent, NULL, SCRIPT_PLAIN);
  g_autofree char *url = script_server_url (server, "/");
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_auto (ForgeFetch) fetch = { 0 };
  g_autoptr (GError) error = NULL;
  char buffer[64];
  gsize got = 0;

  g_assert_true (forge_fetch_open (url, &FORGE_FETCH_ALL, &options, &fetch, NULL, &error));
  while (got < 5) {
    gssize n = forge_fetch_read (&fetch, buffer, sizeof buffer, IDLE_MS, NULL, &error);
    g_assert_cmpint (n, >, 0);
    got += (gsize)n;
  }
  g_assert_cmpint (forge_fetch_read (&fetch, buffer, 1, 50, NULL, &error), ==, -1);
  g_assert_error (error, FORGE_ERROR, FORGE_ERROR_RETRY);
  g_clear_error (&error);
  g_cancellable_cancel (cancelled);
  g_assert_cmpint (forge_fetch_read (&fetch, buffer, 1, IDLE_MS, cancelled, &error), ==, -1);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path = g_strconcat ("/net/fetch/", cases[i].name, NULL);
    g_test_add_data_func (path, &cases[i], test_case);
  }
  g_test_add_func ("/net/fetch/silence", test_silence);
  return g_test_run ();
}
