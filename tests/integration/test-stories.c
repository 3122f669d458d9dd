/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts.h"
#include "tests/integration/forge-harness-live.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What the other stories of live television leave out: no ffmpeg, other accounts and mirrors,
 * limits that a panel does not say, strangers, viewers that do not read. This program sees no
 * ffmpeg. */

#define CONNECTIONS(data) GPOINTER_TO_UINT (data)

static JsonNode *
sessions_of (Harness *h)
{
  return harness_call (h, "GET", "/v1/sessions", NULL, 200);
}

static JsonObject *
nth_session (JsonNode *sessions, guint index)
{
  return json_array_get_object_element (json_node_get_array (sessions), index);
}

/* ── playlists that only ffmpeg can play ──────────────────────────────────────────────────── */

/* Who fetched a playlist is counted for six seconds after that: the only connection must be waited
 * for. */
static void
test_without_ffmpeg_the_next_source_plays (gconstpointer data)
{
  static const struct {
    const char *also, *reason;
  } cases[] = {
    { NULL, "needs ffmpeg (fMP4), which is not installed" },
    { "stream 14 hls-sampled", "SAMPLE-AES" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    Harness h;
    harness_init (&h, 2, CONNECTIONS (data));
    live_set (&h, "tune_hold_ms", "20000");
    g_autofree char *path = live_path (&h, 0);
    harness_say (&h, "stream 14 hls");
    harness_say (&h, "stream 14 hls-fragments");
    if (cases[i].also)
      harness_say (&h, cases[i].also);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_assert_true (viewer_await_bytes (viewer, 100000, 30));
    live_await_event (&h, cases[i].reason, 10);
    g_assert_cmpuint (forge_fake_provider_opens_of (h.provider, 13), >=, 1);
    viewer_close (viewer);
    live_await_idle (&h);
    harness_clear (&h);
  }
}

/* ── other accounts, mirrors ──────────────────────────────────────────────────────────────── */

static ForgeFakeProvider *
make_provider (guint channels, guint max_connections)
{
  const ForgeFakeProviderOptions options = { .channels = channels,
                                             .max_connections = max_connections };
  g_autoptr (GError) error = NULL;
  ForgeFakeProvider *provider = forge_fake_provider_new (&options, &error);

  g_assert_no_error (error);
  return provider;
}

static void
add_account (Harness *h, ForgeFakeProvider *provider, const char *name)
{
  g_autofree char *body = g_strdup_printf ("{\"name\":\"%s\",\"server\":\"%s\",\"username\":\"%s\","
                                           "\"password\":\"%s\",\"no_guide\":true}",
                                           name,
                                           forge_fake_provider_url (provider),
                                           forge_fake_provider_username (provider),
                                           forge_fake_provider_password (provider));

  json_node_unref (harness_call (h, "POST", "/v1/accounts", body, 200));
}

/* All of the first account is taken: the next viewer plays from the other one, and when that dies
 * and the first has room again, from there. */
static void
test_a_full_account_overflows_to_another (gconstpointer data)
{
  guint n = CONNECTIONS (data);
  g_autoptr (ForgeFakeProvider) other = make_provider (n + 1, 1);
  g_autoptr (GPtrArray) viewers = g_ptr_array_new_with_free_func ((GDestroyNotify)viewer_free);
  ForgeFakeProviderCounts counts;
  Harness h;

  harness_init (&h, n + 1, n);
  add_account (&h, other, "Other");
  for (guint i = 0; i <= n; i++) {
    g_autofree char *path = live_path (&h, i);
    Viewer *viewer = viewer_new (&h, path, "Plex");
    g_ptr_array_add (viewers, viewer);
    g_assert_true (viewer_await_bytes (viewer, 50000, 20));
  }
  g_autoptr (JsonNode) full = sessions_of (&h);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (full)), ==, n + 1);
  g_assert_cmpstr (json_object_get_string_member (nth_session (full, n), "account"), ==, "Other");
  forge_fake_provider_counts (other, &counts);
  g_assert_cmpuint (counts.open, ==, 1);
  g_ptr_array_remove_index (viewers, 0); /* room at the first */
  live_await_health (&h, n - 1, "healthy", 10);
  forge_fake_provider_say (other, "streams status 503", NULL);
  g_clear_pointer (&other, forge_fake_provider_free); /* the house burns down */
  for (guint i = 0; i < 200; i++) {
    g_autoptr (JsonNode) now = sessions_of (&h);
    if (strcmp (json_object_get_string_member (nth_session (now, n - 1), "account"), "Test") == 0)
      break;
    g_assert_cmpuint (i, <, 199);
    g_usleep (100000);
  }
  g_assert_true (viewer_is_open (g_ptr_array_index (viewers, n - 1)));
  g_ptr_array_set_size (viewers, 0);
  live_await_idle (&h);
  harness_clear (&h);
}

/* Nobody answers at the account's address any more, but at another one of the same panel. */
static void
test_a_mirror_stands_in (gconstpointer data)
{
  ForgeFakeProvider *mirror = make_provider (2, CONNECTIONS (data));
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = live_path (&h, 0);
  g_autofree char *body =
      g_strdup_printf ("{\"mirrors\":\"%s\"}", forge_fake_provider_url (mirror));
  json_node_unref (harness_call (&h, "PATCH", "/v1/accounts/1", body, 200));
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 100000, 10));
  forge_fake_provider_free (h.provider);
  h.provider = mirror; /* the harness's from here on */
  g_assert_true (viewer_await_bytes (viewer, 700000, 30));
  g_assert_cmpuint (live_open (&h), ==, 1);
  viewer_close (viewer);
  live_await_idle (&h);
  harness_clear (&h);
}

/* ── limits, strangers, lingering ─────────────────────────────────────────────────────────── */

/* A panel that ends the older stream. With one connection we never open a second, so nobody ends;
 * one that says four and allows one is found out with the second clean end, and not fought after
 * that. */
static void
test_a_panel_that_allows_one_kills_nobody_for_long (gconstpointer data)
{
  guint kicks = CONNECTIONS (data) == 1 ? 0 : 2;
  ForgeFakeProviderCounts counts;
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  live_set (&h, "tune_hold_ms", "1500");
  harness_say (&h, "account limit 1 kick");
  g_autofree char *one = live_path (&h, 0), *two = live_path (&h, 1);
  g_autoptr (Viewer) first = viewer_new (&h, one, "Plex");
  g_assert_true (viewer_await_bytes (first, 100000, 10));
  g_autoptr (Viewer) second = viewer_new (&h, two, "Plex");
  if (kicks == 0)
    g_assert_cmpuint (viewer_await_status (second, 20), ==, 503);
  else
    live_await_event (&h, "plays only 1 stream at once", 30);
  live_await_health (&h, 0, "healthy", 10);
  g_usleep (2500000); /* would they fight, they would do it now */
  forge_fake_provider_counts (h.provider, &counts);
  g_assert_cmpuint (counts.kicked, ==, kicks);
  g_assert_cmpuint (counts.open, ==, 1);
  viewer_close (first);
  viewer_close (second);
  live_await_idle (&h);
  harness_clear (&h);
}

static gboolean
has_problem (Harness *h, const char *text)
{
  g_autoptr (JsonNode) status = harness_call (h, "GET", "/v1/status", NULL, 200);
  JsonArray *problems = json_object_get_array_member (json_node_get_object (status), "problems");

  for (guint i = 0; i < json_array_get_length (problems); i++)
    if (strstr (json_object_get_string_member (json_array_get_object_element (problems, i), "text"),
                text))
      return TRUE;
  return FALSE;
}

static void
ask_provider (Harness *h)
{
  json_node_unref (harness_call (h, "POST", "/v1/accounts/1/test", NULL, 200));
}

static gboolean
is_told (gpointer h)
{
  return has_problem (h, "else is using");
}

static gboolean
is_not_told (gpointer h)
{
  return !is_told (h);
}

/* What the provider counts is compared with what we have open, whenever it is asked. */
static void
test_somebody_else_is_noticed (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = live_path (&h, 0);
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 50000, 10));
  for (guint i = 0; i < 4; i++)
    ask_provider (&h);
  g_assert_false (is_told (&h)); /* that is us */
  harness_say (&h, "account strangers 2");
  for (guint i = 0; i < 3; i++)
    ask_provider (&h);
  live_await_event (&h, "Someone else is using Test", 10);
  harness_await (is_told, &h, 10, "the problem is listed");
  harness_say (&h, "account ok");
  ask_provider (&h);
  harness_await (is_not_told, &h, 10, "the problem is over");
  viewer_close (viewer);
  live_await_idle (&h);
  harness_clear (&h);
}

/* The connection is kept for a while after the last viewer left, and who comes back finds it. */
static void
test_a_channel_lingers_as_set (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  live_set (&h, "linger_ms", "10000");
  g_autofree char *path = live_path (&h, 0);
  for (guint i = 0; i < 2; i++) {
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_assert_true (viewer_await_bytes (viewer, 50000, 10));
    viewer_close (viewer);
    g_assert_cmpuint (live_open (&h), ==, 1);
    g_assert_cmpuint (harness_sessions (&h), ==, 1);
  }
  g_assert_cmpuint (forge_fake_provider_opens_of (h.provider, 14), ==, 1);
  live_set (&h, "linger_ms", "0");
  g_autoptr (Viewer) last = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (last, 50000, 10));
  viewer_close (last);
  live_await_idle (&h);
  harness_clear (&h);
}

/* ── viewers that do not read ─────────────────────────────────────────────────────────────── */

static int
connect_lazy (Harness *h, const char *path)
{
  g_autoptr (GUri) uri = g_uri_parse (forge_engine_url (h->engine), G_URI_FLAGS_NONE, NULL);
  g_autofree char *head = g_strdup_printf ("GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", path);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_port = htons ((guint16)g_uri_get_port (uri)),
                                 .sin_addr = { htonl (INADDR_LOOPBACK) } };
  const int small = 4096;
  int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
  g_assert_cmpint (connect (fd, (struct sockaddr *)&address, sizeof address), ==, 0);
  g_assert_cmpint (write (fd, head, strlen (head)), ==, (gssize)strlen (head));
  return fd;
}

/* Reads a response: the head, then `bytes` of body, which is whole packets from a PAT on. */
static void
assert_packets (int fd, gsize bytes)
{
  g_autoptr (GByteArray) got = g_byte_array_new ();
  guint8 buffer[65536];
  const guint8 *body = NULL;

  while (!body || got->len - (gsize)(body - got->data) < bytes) {
    gssize n = read (fd, buffer, sizeof buffer);
    g_assert_cmpint (n, >, 0);
    g_byte_array_append (got, buffer, (guint)n);
    const guint8 *end = memmem (got->data, got->len, "\r\n\r\n", 4);
    body = end ? end + 4 : NULL;
  }
  g_assert_cmpuint (forge_ts_pid (body), ==, 0);
  for (gsize at = 0; at + FORGE_TS_PACKET_BYTES <= bytes; at += FORGE_TS_PACKET_BYTES)
    g_assert_cmpuint (body[at], ==, FORGE_TS_SYNC);
}

/* One viewer reads nothing while media passes that is much more than is kept: the other one gets it
 * all the same. When it reads, it goes on at a join point with whole packets; when it goes, nothing
 * stays. */
static void
test_a_viewer_that_does_not_read_holds_up_nobody (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  live_set (&h, "linger_ms", "0");
  g_autofree char *path = live_path (&h, 0);
  harness_say (&h, "streams burst 1000");
  int lazy = connect_lazy (&h, path);
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 2500000, 60));
  g_assert_cmpuint (forge_fake_provider_opens_of (h.provider, 14), ==, 1);
  g_assert_cmpuint (forge_fake_provider_opens_of (h.provider, 13), ==, 0);
  assert_packets (lazy, 1000000);
  viewer_close (viewer);
  g_assert_cmpuint (harness_sessions (&h), ==, 1);
  close (lazy);
  live_await_idle (&h);
  harness_clear (&h);
}

static void
add (const char *name, GTestDataFunc func)
{
  g_autofree char *one = g_strdup_printf ("/integration/stories/1-connection/%s", name);
  g_autofree char *four = g_strdup_printf ("/integration/stories/4-connections/%s", name);

  g_test_add_data_func (one, GUINT_TO_POINTER (1), func);
  g_test_add_data_func (four, GUINT_TO_POINTER (4), func);
}

int
main (int argc, char *argv[])
{
  g_setenv ("PATH", "/nonexistent", TRUE);
  g_test_init (&argc, &argv, NULL);
  add ("without-ffmpeg-the-next-source-plays", test_without_ffmpeg_the_next_source_plays);
  add ("a-full-account-overflows-to-another", test_a_full_account_overflows_to_another);
  add ("a-mirror-stands-in", test_a_mirror_stands_in);
  add ("a-panel-that-allows-one-kills-nobody-for-long",
       test_a_panel_that_allows_one_kills_nobody_for_long);
  add ("somebody-else-is-noticed", test_somebody_else_is_noticed);
  add ("a-channel-lingers-as-set", test_a_channel_lingers_as_set);
  add ("a-viewer-that-does-not-read-holds-up-nobody",
       test_a_viewer_that_does_not_read_holds_up_nobody);
  return g_test_run ();
}
