/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts.h"
#include "tests/integration/forge-harness-live.h"

#include <stdlib.h>
#include <string.h>

/* Everything a provider is known to do to its viewers, on accounts with one and four connections:
 * what the viewer sees, and that nothing stays taken afterwards. */

#define CONNECTIONS(data) GPOINTER_TO_UINT (data)

static void
assert_aligned (Viewer *viewer)
{
  gsize length;
  const guint8 *data = viewer_data (viewer, &length);

  g_assert_cmpuint (length, >, 2 * FORGE_TS_PACKET_BYTES);
  g_assert_cmpuint (forge_ts_pid (data), ==, 0);
  for (gsize at = 0; at + FORGE_TS_PACKET_BYTES <= length; at += FORGE_TS_PACKET_BYTES)
    g_assert_cmpuint (data[at], ==, FORGE_TS_SYNC);
}

static gboolean
is_slate (const char *fault)
{
  return strcmp (fault, "slate") == 0;
}

/* One source misbehaves from the start. */
static void
test_a_bad_source_costs_no_picture (gconstpointer data)
{
  static const struct {
    const char *fault;
    gboolean plays; /* nevertheless, from that same source */
  } cases[] = {
    { "silent", FALSE },        { "headers-only", FALSE }, { "delay 5000", FALSE },
    { "delay 700", TRUE },      { "misalign", TRUE },      { "redirect", TRUE },
    { "wrong-length", FALSE },  { "slate", FALSE },        { "drop-after 0", FALSE },
    { "reset-after 0", FALSE }, { "status 503", FALSE },   { "status 509", FALSE },
    { "status 884", FALSE },    { "html", FALSE },         { "nowhere", FALSE },
    { "no-tls", FALSE },        { "noise", FALSE },
  };
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  live_set (&h, "linger_ms", "0");
  live_set (&h, "connect_timeout_ms", "1000");
  live_set (&h, "stall_ms", "1000");
  g_autofree char *path = live_path (&h, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *sentence = g_strdup_printf ("stream 14 %s", cases[i].fault);
    guint others = forge_fake_provider_opens_of (h.provider, 13);

    g_test_message ("%s", cases[i].fault);
    harness_say (&h, sentence);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    /* More than the panel's clip has. */
    g_assert_true (viewer_await_bytes (viewer, is_slate (cases[i].fault) ? 400000 : 80000, 20));
    g_assert_cmpuint (viewer_await_status (viewer, 1), ==, 200);
    g_assert_cmpint (forge_fake_provider_opens_of (h.provider, 13) == others, ==, cases[i].plays);
    viewer_close (viewer);
    assert_aligned (viewer);
    harness_say (&h, "stream 14 ok");
    live_await_idle (&h);
    /* What was remembered of it must not disturb the next case. */
    harness_restart (&h);
  }
  harness_clear (&h);
}

/* No source works from the start: an error without a body, at once or after the hold. */
static void
test_a_dead_channel_is_an_error_without_body (gconstpointer data)
{
  static const struct {
    const char *fault, *error;
  } cases[] = {
    { "streams status 404", "806" },   { "streams html", "806" },   { "streams status 403", "805" },
    { "streams drop-after 0", "807" }, { "account banned", "805" }, { "account expired", "806" },
    { "streams headers-only", "807" },
  };
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  live_set (&h, "tune_hold_ms", "400");
  live_set (&h, "stall_ms", "500");
  g_autofree char *path = live_path (&h, 0);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    gsize length;

    g_test_message ("%s", cases[i].fault);
    harness_say (&h, cases[i].fault);
    g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
    g_assert_cmpuint (viewer_await_status (viewer, 20), ==, 503);
    g_assert_true (viewer_await_end (viewer, 5));
    g_test_message ("%s", viewer_header (viewer, "X-HDHomeRun-Error"));
    g_assert_true (g_str_has_prefix (viewer_header (viewer, "X-HDHomeRun-Error"), cases[i].error));
    viewer_data (viewer, &length);
    g_assert_cmpuint (length, ==, 0);
    harness_say (&h, "streams ok");
    harness_say (&h, "account ok");
    live_await_idle (&h);
  }
  harness_clear (&h);
}

/* A source goes on sending what nobody can watch, each in its way and all at once where that many
 * connections are: another one takes over. The reasons are those that people read. */
static void
test_useless_sources_are_replaced (gconstpointer data)
{
  static const struct {
    const char *fault, *reason;
  } cases[] = {
    { "no-tables-after", "its programme tables stopped" },
    { "no-video-after", "the picture stopped while the rest went on" },
    { "scrambled-after", "the picture is scrambled" },
    { "slow-after", "its data rate collapsed" },
  };
  guint at_once = MIN (CONNECTIONS (data), (guint)G_N_ELEMENTS (cases));
  Viewer *viewers[G_N_ELEMENTS (cases)];
  Harness h;

  harness_init (&h, G_N_ELEMENTS (cases), CONNECTIONS (data));
  live_set (&h, "linger_ms", "0");
  for (guint first = 0; first < G_N_ELEMENTS (cases); first += at_once) {
    for (guint i = first; i < first + at_once; i++) {
      g_autofree char *path = live_path (&h, i);
      g_autofree char *sentence = g_strdup_printf ("stream %u4 %s 1000000", i + 1, cases[i].fault);
      harness_say (&h, sentence);
      viewers[i] = viewer_new (&h, path, "a");
    }
    for (guint i = first; i < first + at_once; i++) {
      live_await_event (&h, cases[i].reason, 60);
      g_assert_true (viewer_is_open (viewers[i]));
      viewer_free (viewers[i]);
    }
    live_await_idle (&h);
  }
  harness_clear (&h);
}

/* Everything dies in the middle: a slate, and the picture within two seconds of the repair. */
static void
test_the_slate_bridges_an_outage (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = live_path (&h, 0);
  harness_say (&h, "stream 14 reset-after 500000");
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 200000, 10));
  harness_say (&h, "streams status 503");
  live_await_health (&h, 0, "slate", 10);
  gsize at_slate = 0;
  g_usleep (1500000); /* this much of the outage is watched */
  g_assert_true (viewer_is_open (viewer));
  harness_say (&h, "streams ok");
  harness_say (&h, "stream 14 ok");
  gint64 took_us = live_await_health (&h, 0, "healthy", 10);
  g_test_message ("back %.0f ms after the repair", (double)took_us / 1000);
  g_assert_cmpint (took_us, <, 2500000);
  viewer_await_bytes (viewer, 900000, 10);
  viewer_close (viewer);
  assert_aligned (viewer);
  viewer_data (viewer, &at_slate);
  g_assert_cmpuint (at_slate, >, 600000);
  live_await_idle (&h);
  harness_clear (&h);
}

/* A token is good for five seconds: whoever opens again must ask the panel for a new one. */
static void
test_an_expired_token_is_never_used_again (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = live_path (&h, 0);
  harness_say (&h, "streams redirect");
  harness_say (&h, "stream 14 reset-after 1400000 x 1"); /* after seven seconds */
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_bytes (viewer, 1900000, 30));
  viewer_close (viewer);
  assert_aligned (viewer);
  live_await_idle (&h);
  harness_clear (&h);
}

/* The panel says four, allows two and ends the oldest stream for each newer one. */
static void
test_a_panel_that_kills_is_not_fought (void)
{
  ForgeFakeProviderCounts counts;
  Viewer *viewers[3];
  Harness h;

  harness_init (&h, 3, 4);
  harness_say (&h, "account limit 2 kick");
  for (guint i = 0; i < G_N_ELEMENTS (viewers); i++) {
    g_autofree char *path = live_path (&h, i);
    viewers[i] = viewer_new (&h, path, "a");
    if (i < 2)
      g_assert_true (viewer_await_bytes (viewers[i], 100000, 10));
  }
  /* The third one ends the first, which comes back at once and ends the second: that is enough. */
  live_await_health (&h, 1, "slate", 15);
  g_usleep (3000000); /* would they fight, they would do it now */
  forge_fake_provider_counts (h.provider, &counts);
  g_test_message ("%u kicks", counts.kicked);
  g_assert_cmpuint (counts.kicked, ==, 2);
  live_await_health (&h, 0, "healthy", 1);
  live_await_health (&h, 2, "healthy", 1);
  g_assert_true (viewer_is_open (viewers[1]));
  viewer_close (viewers[0]);
  gint64 took_us = live_await_health (&h, 0, "healthy", 10);
  g_test_message ("the waiting one plays %.0f ms later", (double)took_us / 1000);
  g_assert_cmpint (took_us, <, 2 * G_USEC_PER_SEC);
  for (guint i = 0; i < G_N_ELEMENTS (viewers); i++)
    viewer_free (viewers[i]);
  live_await_idle (&h);
  harness_clear (&h);
}

/* The panel says four, allows one and shows a clip above that. */
static void
test_a_panel_with_clips_is_a_limit (void)
{
  Harness h;

  harness_init (&h, 3, 4);
  g_autofree char *one = live_path (&h, 0), *two = live_path (&h, 1);
  harness_say (&h, "account limit 1 slate");
  g_autoptr (Viewer) first = viewer_new (&h, one, "a");
  g_assert_true (viewer_await_bytes (first, 100000, 10));
  g_autoptr (Viewer) second = viewer_new (&h, two, "b");
  live_await_health (&h, 1, "slate", 20);
  live_await_health (&h, 0, "healthy", 1);
  viewer_close (first);
  live_await_health (&h, 0, "healthy", 10);
  g_assert_true (viewer_is_open (second));
  viewer_close (second);
  live_await_idle (&h);
  harness_clear (&h);
}

static int
compare_times (gconstpointer a, gconstpointer b)
{
  gint64 left = *(const gint64 *)a, right = *(const gint64 *)b;

  return left < right ? -1 : left > right;
}

/* FORGE_ZAPS of them (8); 100 for the record. The player opens the next channel, then leaves. */
static void
test_zapping_with_a_slow_release (void)
{
  const char *wanted = g_getenv ("FORGE_ZAPS");
  guint n_zaps = wanted ? (guint)strtoul (wanted, NULL, 10) : 8, n_refused = 0;
  g_autoptr (GArray) times = g_array_new (FALSE, FALSE, sizeof (gint64));
  ForgeFakeProviderCounts counts;
  Viewer *old = NULL;
  Harness h;

  harness_init (&h, 4, 1);
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < 4; i++)
    g_ptr_array_add (paths, live_path (&h, i));
  harness_say (&h, "account release-delay 2000");
  for (guint i = 0; i <= n_zaps; i++) {
    gint64 begun_us = g_get_monotonic_time ();
    Viewer *next = viewer_new (&h, g_ptr_array_index (paths, i % 4), "Plex");
    g_clear_pointer (&old, viewer_free);
    gboolean has_picture = viewer_await_bytes (next, 1, 12);
    gint64 took_us = g_get_monotonic_time () - begun_us;
    n_refused += !has_picture;
    if (i > 0)
      g_array_append_val (times, took_us);
    viewer_await_bytes (next, 60000, 5);
    old = next;
  }
  g_clear_pointer (&old, viewer_free);
  g_array_sort (times, compare_times);
  forge_fake_provider_counts (h.provider, &counts);
  g_test_message (
      "%u zaps, release 2 s: %u refused, median %.0f ms, longest %.0f ms, panel refused "
      "%u",
      n_zaps,
      n_refused,
      (double)g_array_index (times, gint64, times->len / 2) / 1000,
      (double)g_array_index (times, gint64, times->len - 1) / 1000,
      counts.refused);
  g_assert_cmpuint (n_refused, ==, 0);
  g_assert_cmpuint (counts.peak, ==, 1);
  live_await_idle (&h);
  harness_clear (&h);
}

static char *
catchup_path (Harness *h, gint64 ago_s)
{
  g_autofree char *path = live_path (h, 0);

  return g_strdup_printf ("%s?start=%" G_GINT64_FORMAT "&duration=20",
                          path,
                          g_get_real_time () / G_USEC_PER_SEC - ago_s);
}

static guint
provider_requests (Harness *h)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (h->provider, &counts);
  return counts.requests;
}

/* Whatever shape the panel understands; what worked is remembered, after a restart, too. */
static void
test_catch_up_finds_the_shape (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = catchup_path (&h, 7200);
  for (guint shape = 1; shape <= 4; shape++) {
    g_autofree char *sentence = g_strdup_printf ("account timeshift %u", shape);
    harness_say (&h, sentence);
    for (guint round = 0; round < 3; round++) {
      if (round == 2)
        harness_restart (&h);
      guint requests = provider_requests (&h);
      g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
      g_assert_true (viewer_await_bytes (viewer, 2000000, 15));
      if (round > 0)
        g_assert_cmpuint (provider_requests (&h) - requests, ==, 1);
      viewer_close (viewer);
      assert_aligned (viewer);
      live_await_idle (&h);
    }
  }
  harness_clear (&h);
}

/* What was asked for comes whole, then the stream ends. */
static void
test_catch_up_ends (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = catchup_path (&h, 7200);
  g_autoptr (Viewer) viewer = viewer_new (&h, path, "a");
  g_assert_true (viewer_await_end (viewer, 60));
  g_assert_true (viewer_await_bytes (viewer, 20 * 170000, 1)); /* 20 s of 1.4 Mbit/s */
  assert_aligned (viewer);
  live_await_idle (&h);
  harness_clear (&h);
}

static void
test_catch_up_is_refused_in_words (gconstpointer data)
{
  Harness h;

  harness_init (&h, 2, CONNECTIONS (data));
  g_autofree char *path = catchup_path (&h, 7200), *old = catchup_path (&h, 5 * 86400);
  g_autoptr (Viewer) beyond = viewer_new (&h, old, "a");
  g_assert_cmpuint (viewer_await_status (beyond, 5), ==, 404);
  harness_say (&h, "stream 13 status 401");
  guint requests = provider_requests (&h);
  g_autoptr (Viewer) refused = viewer_new (&h, path, "a");
  g_assert_cmpuint (viewer_await_status (refused, 10), ==, 503);
  g_assert_cmpuint (provider_requests (&h) - requests, ==, 1); /* no other shape is tried */
  live_await_idle (&h);
  harness_clear (&h);
}

static void
add (const char *name, GTestDataFunc func)
{
  g_autofree char *one = g_strdup_printf ("/integration/faults/1-connection/%s", name);
  g_autofree char *four = g_strdup_printf ("/integration/faults/4-connections/%s", name);

  g_test_add_data_func (one, GUINT_TO_POINTER (1), func);
  g_test_add_data_func (four, GUINT_TO_POINTER (4), func);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  add ("a-bad-source-costs-no-picture", test_a_bad_source_costs_no_picture);
  add ("a-dead-channel-is-an-error-without-body", test_a_dead_channel_is_an_error_without_body);
  add ("the-slate-bridges-an-outage", test_the_slate_bridges_an_outage);
  add ("an-expired-token-is-never-used-again", test_an_expired_token_is_never_used_again);
  add ("catch-up-finds-the-shape", test_catch_up_finds_the_shape);
  add ("catch-up-ends", test_catch_up_ends);
  add ("catch-up-is-refused-in-words", test_catch_up_is_refused_in_words);
  g_test_add_data_func ("/integration/faults/useless/1-connection",
                        GUINT_TO_POINTER (1),
                        test_useless_sources_are_replaced);
  g_test_add_data_func ("/integration/faults/useless/4-connections",
                        GUINT_TO_POINTER (4),
                        test_useless_sources_are_replaced);
  g_test_add_func ("/integration/faults/limits/a-panel-that-kills-is-not-fought",
                   test_a_panel_that_kills_is_not_fought);
  g_test_add_func ("/integration/faults/limits/a-panel-with-clips-is-a-limit",
                   test_a_panel_with_clips_is_a_limit);
  g_test_add_func ("/integration/faults/limits/zapping-with-a-slow-release",
                   test_zapping_with_a_slow_release);
  return g_test_run ();
}
