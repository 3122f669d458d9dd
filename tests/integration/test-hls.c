/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-restamp.h"
#include "mpegts/forge-ts.h"
#include "tests/integration/forge-harness.h"

#include <string.h>

/* Playlists on the live path: the real engine, the fake provider's HLS. The 4K clip has 88 kB/s. */

#define RATE_BYTES 88000

static char *
stream_path (Harness *h, guint index)
{
  g_autofree char *name = harness_channel_name (h, index);

  return g_strdup_printf ("/stream/%" G_GINT64_FORMAT, harness_channel (h, name));
}

typedef struct {
  guint counter_errors, clock_jumps;
  guint n_clocks;
  guint64 first_clock, last_clock; /* PCR, 90 kHz */
} Findings;

static void
look_at_clock (Findings *findings, const guint8 *packet)
{
  uint64_t clock;

  if (!forge_ts_read_pcr (packet, &clock))
    return;
  if (findings->n_clocks++ == 0)
    findings->first_clock = clock;
  else if (clock <= findings->last_clock || clock - findings->last_clock > FORGE_TS_CLOCK_HZ)
    findings->clock_jumps++;
  findings->last_clock = clock;
}

/* Aligned, with PAT first; what else is there is found out. */
static Findings
examine (Viewer *viewer)
{
  gsize length;
  const guint8 *data = viewer_data (viewer, &length);
  guint8 last[8192];
  Findings findings = { 0 };

  memset (last, 0xFF, sizeof last);
  g_assert_cmpuint (length, >, 2 * FORGE_TS_PACKET_BYTES);
  g_assert_cmpuint (forge_ts_pid (data), ==, 0);
  for (gsize at = 0; at + FORGE_TS_PACKET_BYTES <= length; at += FORGE_TS_PACKET_BYTES) {
    const guint8 *packet = data + at;
    unsigned pid = forge_ts_pid (packet), counter = forge_ts_counter (packet);
    g_assert_cmpuint (packet[0], ==, FORGE_TS_SYNC);
    unsigned want = forge_ts_has_payload (packet) ? (last[pid] + 1) % 16 : last[pid];
    findings.counter_errors += pid != FORGE_TS_NULL_PID && last[pid] != 0xFF && counter != want;
    last[pid] = (guint8)counter;
    look_at_clock (&findings, packet);
  }
  return findings;
}

static void
assert_continuous (Viewer *viewer)
{
  Findings findings = examine (viewer);

  g_assert_cmpuint (findings.n_clocks, >, 10);
  g_assert_cmpuint (findings.counter_errors, ==, 0);
  g_assert_cmpuint (findings.clock_jumps, ==, 0);
}

static guint
opens_of (Harness *h, guint stream_id)
{
  return forge_fake_provider_opens_of (h->provider, stream_id);
}

static void
test_playlist_in_place_of_a_stream (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  gint64 begun_us = g_get_monotonic_time ();
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 1, 5));
  g_test_message ("first byte after %" G_GINT64_FORMAT " ms",
                  (g_get_monotonic_time () - begun_us) / 1000);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 2 * G_USEC_PER_SEC);
  /* the lead of 3 s at once, then as time goes by: well beyond what was in the first list */
  g_assert_true (viewer_await_bytes (viewer, 9 * RATE_BYTES, 14));
  g_assert_cmpint (g_get_monotonic_time () - begun_us, >, 4 * G_USEC_PER_SEC);
  viewer_close (viewer);
  assert_continuous (viewer);
  g_assert_cmpuint (opens_of (&h, 14), ==, 1); /* one address, one connection */
  harness_await_no_sessions (&h);
  harness_clear (&h);
}

static void
test_two_viewers_share_one_playlist (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  g_autoptr (Viewer) first = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (first, 2 * RATE_BYTES, 8));
  g_autoptr (Viewer) second = viewer_new (&h, path, "b");
  g_assert_true (viewer_await_bytes (second, 3 * RATE_BYTES, 8));
  viewer_close (first);
  viewer_close (second);
  assert_continuous (first);
  assert_continuous (second);
  g_assert_cmpuint (opens_of (&h, 14), ==, 1);
  harness_clear (&h);
}

static void
test_encrypted_segments (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  harness_say (&h, "stream 14 hls-aes");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 5 * RATE_BYTES, 10));
  viewer_close (viewer);
  assert_continuous (viewer);
  harness_clear (&h);
}

static void
test_discontinuities_run_on (void)
{
  Harness h;

  harness_init (&h, 2, 1);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  harness_say (&h, "stream 14 hls-jumps");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 8 * RATE_BYTES, 14));
  viewer_close (viewer);
  assert_continuous (viewer);
  g_assert_cmpuint (opens_of (&h, 14), ==, 1);
  harness_clear (&h);
}

static void
test_old_tokens_are_renewed (void)
{
  Harness h;

  harness_init (&h, 2, 3);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  harness_say (&h, "stream 14 hls-token 4");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 10 * RATE_BYTES, 16));
  g_autoptr (JsonNode) sessions = harness_call (&h, "GET", "/v1/sessions", NULL, 200);
  JsonObject *session = json_array_get_object_element (json_node_get_array (sessions), 0);
  g_assert_cmpint (json_object_get_int_member (session, "failovers"), ==, 0);
  viewer_close (viewer);
  assert_continuous (viewer);
  g_assert_cmpuint (opens_of (&h, 14), >=, 2);
  harness_clear (&h);
}

static gboolean
has_failed_over (gpointer h)
{
  g_autoptr (JsonNode) sessions = harness_call (h, "GET", "/v1/sessions", NULL, 200);
  JsonArray *array = json_node_get_array (sessions);

  return json_array_get_length (array) == 1 &&
         json_object_get_int_member (json_array_get_object_element (array, 0), "failovers") > 0;
}

/* Its viewer is counted for six seconds more: the only connection must be waited for. */
static void
test_a_list_that_stands_still_is_replaced (gconstpointer connections)
{
  Harness h;

  harness_init (&h, 2, GPOINTER_TO_UINT (connections));
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "stream 14 hls");
  harness_say (&h, "stream 14 hls-stale");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, RATE_BYTES, 8));
  harness_await (has_failed_over, &h, 40, "another source");
  g_assert_true (viewer_is_open (viewer));
  harness_clear (&h);
}

static void
test_account_that_allows_playlists_only (void)
{
  Harness h;

  harness_init (&h, 2, 4);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls-only");
  for (guint i = 0; i < 2; i++) {
    ForgeFakeProviderCounts before, after;
    forge_fake_provider_counts (h.provider, &before);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_assert_true (viewer_await_bytes (viewer, RATE_BYTES, 8));
    viewer_close (viewer);
    assert_continuous (viewer);
    harness_await_no_sessions (&h);
    forge_fake_provider_counts (h.provider, &after);
    /* .ts is tried the first time only */
    g_assert_cmpuint (after.opens - before.opens, ==, 1);
  }
  g_assert_cmpuint (opens_of (&h, 14), ==, 2);
  /* and when .ts works again, it is found */
  harness_say (&h, "streams ok");
  harness_clear (&h);
}

static void
test_ending_while_playlists_run_is_clean (void)
{
  Harness h;

  harness_init (&h, 2, 2);
  g_autofree char *path = stream_path (&h, 0);
  harness_say (&h, "streams hls");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, RATE_BYTES, 8));
  gint64 begun_us = g_get_monotonic_time ();
  harness_restart (&h);
  g_assert_cmpint (g_get_monotonic_time () - begun_us, <, 4 * G_USEC_PER_SEC);
  g_assert_true (viewer_await_end (viewer, 2));
  harness_clear (&h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/hls/playlist-in-place-of-a-stream",
                   test_playlist_in_place_of_a_stream);
  g_test_add_func ("/integration/hls/two-viewers-share-one-playlist",
                   test_two_viewers_share_one_playlist);
  g_test_add_func ("/integration/hls/encrypted-segments", test_encrypted_segments);
  g_test_add_func ("/integration/hls/discontinuities-run-on", test_discontinuities_run_on);
  g_test_add_func ("/integration/hls/old-tokens-are-renewed", test_old_tokens_are_renewed);
  g_test_add_data_func ("/integration/hls/a-list-that-stands-still-is-replaced/1-connection",
                        GUINT_TO_POINTER (1),
                        test_a_list_that_stands_still_is_replaced);
  g_test_add_data_func ("/integration/hls/a-list-that-stands-still-is-replaced/4-connections",
                        GUINT_TO_POINTER (4),
                        test_a_list_that_stands_still_is_replaced);
  g_test_add_func ("/integration/hls/account-that-allows-playlists-only",
                   test_account_that_allows_playlists_only);
  g_test_add_func ("/integration/hls/ending-while-playlists-run-is-clean",
                   test_ending_while_playlists_run_is_clean);
  return g_test_run ();
}
