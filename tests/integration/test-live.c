/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts.h"
#include "tests/integration/forge-harness.h"

#include <string.h>

/* The live path from the client's socket to the provider's, with everything in between real. */

static char *
stream_path (Harness *h, guint index)
{
  g_autofree char *name = harness_channel_name (h, index);

  return g_strdup_printf ("/stream/%" G_GINT64_FORMAT, harness_channel (h, name));
}

/* Aligned, starts with PAT and PMT, and no counter is skipped. */
static void
assert_clean (Viewer *viewer)
{
  gsize length;
  const guint8 *data = viewer_data (viewer, &length);
  guint8 last[8192];

  memset (last, 0xFF, sizeof last);
  g_assert_cmpuint (length, >, 2 * FORGE_TS_PACKET_BYTES);
  g_assert_cmpuint (forge_ts_pid (data), ==, 0);
  for (gsize at = 0; at + FORGE_TS_PACKET_BYTES <= length; at += FORGE_TS_PACKET_BYTES) {
    const guint8 *packet = data + at;
    unsigned pid = forge_ts_pid (packet), counter = forge_ts_counter (packet);
    g_assert_cmpuint (packet[0], ==, FORGE_TS_SYNC);
    if (pid != FORGE_TS_NULL_PID && last[pid] != 0xFF)
      g_assert_cmpuint (counter,
                        ==,
                        forge_ts_has_payload (packet) ? (last[pid] + 1) % 16 : last[pid]);
    last[pid] = (guint8)counter;
  }
}

static guint
provider_open (Harness *h)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (h->provider, &counts);
  return counts.open;
}

static gboolean
provider_is_idle (gpointer h)
{
  return provider_open (h) == 0;
}

static void
test_viewers_share_one_connection (void)
{
  ForgeFakeProviderCounts counts;
  Harness h;

  harness_init (&h, 3, 1);
  g_autofree char *path = stream_path (&h, 0);
  g_autoptr (Viewer) first = viewer_new (&h, path, "a");
  g_autoptr (Viewer) second = viewer_new (&h, path, "b");
  g_assert_true (viewer_await_bytes (first, 200000, 10));
  g_assert_true (viewer_await_bytes (second, 200000, 10));
  g_assert_cmpuint (viewer_await_status (first, 1), ==, 200);
  g_assert_cmpuint (harness_sessions (&h), ==, 1);
  viewer_close (first);
  viewer_close (second);
  assert_clean (first);
  assert_clean (second);
  forge_fake_provider_counts (h.provider, &counts);
  g_assert_cmpuint (counts.opens, ==, 1);
  harness_await_no_sessions (&h);
  harness_await (provider_is_idle, &h, 5, "the provider's connection closed");
  harness_clear (&h);
}

/* Each with its own figures; who asked for two seconds gets them and an end, the other goes on. */
static void
test_viewers_are_counted_and_end_in_time (gconstpointer connections)
{
  Harness h;

  harness_init (&h, 2, GPOINTER_TO_UINT (connections));
  g_autofree char *path = stream_path (&h, 0), *part = g_strconcat (path, "?duration=2", NULL);
  g_autoptr (Viewer) stays = viewer_new (&h, path, "stays");
  g_assert_true (viewer_await_bytes (stays, 100000, 10));
  g_autoptr (Viewer) leaves = viewer_new (&h, part, "leaves");
  g_assert_true (viewer_await_bytes (leaves, 100000, 10));
  g_autoptr (JsonNode) sessions = harness_call (&h, "GET", "/v1/sessions", NULL, 200);
  JsonObject *session = json_array_get_object_element (json_node_get_array (sessions), 0);
  JsonArray *clients = json_object_get_array_member (session, "clients");
  g_assert_cmpuint (json_array_get_length (clients), ==, 2);
  for (guint i = 0; i < 2; i++) {
    JsonObject *client = json_array_get_object_element (clients, i);
    g_assert_cmpstr (json_object_get_string_member (client, "user_agent"),
                     ==,
                     i == 0 ? "stays" : "leaves");
    g_assert_cmpstr (json_object_get_string_member (client, "address"), ==, "127.0.0.1");
    g_assert_cmpint (json_object_get_int_member (client, "behind_ms"), >=, 0);
    g_assert_true (json_object_has_member (client, "since_s"));
  }
  g_assert_true (viewer_await_end (leaves, 20));
  assert_clean (leaves);
  g_assert_true (viewer_is_open (stays));
  viewer_close (stays);
  harness_await_no_sessions (&h);
  harness_clear (&h);
}

static void
test_a_refusing_source_is_replaced (void)
{
  static const char *const faults[] = { "status 404",
                                        "status 403",
                                        "html",
                                        "headers-only",
                                        "null-only" };
  Harness h;

  harness_init (&h, 3, 2);
  g_autofree char *path = stream_path (&h, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autofree char *sentence = g_strdup_printf ("stream 14 %s", faults[i]);
    harness_say (&h, sentence);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_test_message ("%s", faults[i]);
    g_assert_true (viewer_await_bytes (viewer, 100000, 12));
    viewer_close (viewer);
    assert_clean (viewer);
    harness_say (&h, "stream 14 ok");
    harness_await_no_sessions (&h);
  }
  harness_clear (&h);
}

static void
test_all_sources_failing_is_said (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams status 404");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_cmpuint (viewer_await_status (viewer, 15), ==, 503);
  g_assert_true (viewer_await_end (viewer, 5));
  g_assert_nonnull (viewer_header (viewer, "X-HDHomeRun-Error"));
  g_assert_true (g_str_has_prefix (viewer_header (viewer, "X-HDHomeRun-Error"), "806"));
  gsize length;
  viewer_data (viewer, &length);
  g_assert_cmpuint (length, ==, 0);
  harness_clear (&h);
}

static void
test_the_picture_goes_on_when_the_source_dies (gconstpointer connections)
{
  static const char *const faults[] = { "drop-after 400000",
                                        "reset-after 400000",
                                        "stall-after 400000" };
  Harness h;

  harness_init (&h, 2, GPOINTER_TO_UINT (connections));
  g_autofree char *path = stream_path (&h, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (faults); i++) {
    g_autofree char *sentence = g_strdup_printf ("stream 14 %s", faults[i]);
    harness_say (&h, sentence);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_test_message ("%s", faults[i]);
    g_assert_true (viewer_await_bytes (viewer, 900000, 20));
    g_autoptr (JsonNode) sessions = harness_call (&h, "GET", "/v1/sessions", NULL, 200);
    JsonObject *session = json_array_get_object_element (json_node_get_array (sessions), 0);
    g_assert_cmpint (json_object_get_int_member (session, "failovers"), >=, 1);
    viewer_close (viewer);
    harness_say (&h, "stream 14 ok");
    harness_await_no_sessions (&h);
  }
  harness_clear (&h);
}

static void
test_zapping_on_one_connection (void)
{
  ForgeFakeProviderCounts counts;
  Harness h;

  harness_init (&h, 4, 1);
  Viewer *old = NULL;
  for (guint i = 0; i < 8; i++) {
    g_autofree char *path = stream_path (&h, i % 4);
    Viewer *next = viewer_new (&h, path, "Plex");
    g_clear_pointer (&old, viewer_free);
    g_assert_true (viewer_await_bytes (next, 50000, 8));
    old = next;
  }
  g_clear_pointer (&old, viewer_free);
  forge_fake_provider_counts (h.provider, &counts);
  g_assert_cmpuint (counts.peak, ==, 1);
  harness_clear (&h);
}

static void
test_the_third_viewer_of_two_is_told (void)
{
  ForgeFakeProviderCounts counts;
  Harness h;

  harness_init (&h, 3, 2);
  json_node_unref (
      harness_call (&h, "PUT", "/v1/settings/tune_hold_ms", "{\"value\":\"300\"}", 200));
  g_autofree char *a = stream_path (&h, 0), *b = stream_path (&h, 1), *c = stream_path (&h, 2);
  g_autoptr (Viewer) first = viewer_new (&h, a, "Plex");
  g_autoptr (Viewer) second = viewer_new (&h, b, "Plex");
  g_assert_true (viewer_await_bytes (first, 50000, 8));
  g_assert_true (viewer_await_bytes (second, 50000, 8));
  g_autoptr (Viewer) third = viewer_new (&h, c, "Plex");
  g_assert_cmpuint (viewer_await_status (third, 8), ==, 503);
  g_assert_true (g_str_has_prefix (viewer_header (third, "X-HDHomeRun-Error"), "805"));
  g_assert_true (viewer_is_open (first) && viewer_is_open (second));
  forge_fake_provider_counts (h.provider, &counts);
  g_assert_cmpuint (counts.refused, ==, 0);
  harness_clear (&h);
}

static void
test_stop_ends_a_session (gconstpointer connections)
{
  Harness h;

  harness_init (&h, 2, GPOINTER_TO_UINT (connections));
  g_autofree char *path = stream_path (&h, 0);
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 50000, 8));
  g_autoptr (JsonNode) sessions = harness_call (&h, "GET", "/v1/sessions", NULL, 200);
  gint64 id =
      json_object_get_int_member (json_array_get_object_element (json_node_get_array (sessions), 0),
                                  "id");
  g_autofree char *stop = g_strdup_printf ("/v1/sessions/%" G_GINT64_FORMAT, id);
  json_node_unref (harness_call (&h, "DELETE", stop, NULL, 200));
  g_assert_true (viewer_await_end (viewer, 5));
  harness_await (provider_is_idle, &h, 5, "the provider's connection closed");
  json_node_unref (harness_call (&h, "DELETE", stop, NULL, 404));
  harness_clear (&h);
}

static void
test_ending_while_streams_run_is_clean (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *a = stream_path (&h, 0), *b = stream_path (&h, 1);
  g_autoptr (Viewer) first = viewer_new (&h, a, "a");
  harness_say (&h, "stream 24 silent");
  g_autoptr (Viewer) waiting = viewer_new (&h, b, "b");
  g_assert_true (viewer_await_bytes (first, 50000, 8));
  gint64 begun = g_get_monotonic_time ();
  harness_restart (&h);
  g_assert_cmpint (g_get_monotonic_time () - begun, <, 4 * G_USEC_PER_SEC);
  g_assert_true (viewer_await_end (first, 2));
  g_assert_true (viewer_await_end (waiting, 2));
  harness_clear (&h);
}

static void
add (const char *name, GTestDataFunc func)
{
  g_autofree char *one = g_strdup_printf ("/integration/live/%s/1-connection", name);
  g_autofree char *four = g_strdup_printf ("/integration/live/%s/4-connections", name);

  g_test_add_data_func (one, GUINT_TO_POINTER (1), func);
  g_test_add_data_func (four, GUINT_TO_POINTER (4), func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/live/viewers-share-one-connection",
                   test_viewers_share_one_connection);
  g_test_add_func ("/integration/live/a-refusing-source-is-replaced",
                   test_a_refusing_source_is_replaced);
  g_test_add_func ("/integration/live/all-sources-failing-is-said",
                   test_all_sources_failing_is_said);
  add ("the-picture-goes-on-when-the-source-dies", test_the_picture_goes_on_when_the_source_dies);
  add ("viewers-are-counted-and-end-in-time", test_viewers_are_counted_and_end_in_time);
  g_test_add_func ("/integration/live/zapping-on-one-connection", test_zapping_on_one_connection);
  g_test_add_func ("/integration/live/the-third-viewer-of-two-is-told",
                   test_the_third_viewer_of_two_is_told);
  add ("stop-ends-a-session", test_stop_ends_a_session);
  g_test_add_func ("/integration/live/ending-while-streams-run-is-clean",
                   test_ending_while_streams_run_is_clean);
  return g_test_run ();
}
