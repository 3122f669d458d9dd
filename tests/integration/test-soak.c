/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness-live.h"

#include <malloc.h>
#include <stdlib.h>

/*
 * A long bad night, compressed: viewers come, zap and leave, the provider does whatever it is known
 * to do, somebody stops sessions and refreshes the account. At no moment more connections than the
 * account has; at the end nothing is left.
 *
 * FORGE_SOAK=1 for 2,000 events instead of 400; the seed is printed and can be given with --seed.
 */

#define EVENTS      400
#define SOAK_EVENTS 2000
#define CHANNELS    6
#define MAX_VIEWERS 8
/* Between two events, at most: enough for streams to start, not for anything to settle. */
#define MAX_PAUSE_MS 180
/* What may stay: pools keep threads and connections, the allocator keeps pages. */
#define SPARE_DESCRIPTORS 8
#ifdef __SANITIZE_ADDRESS__
#  define MAX_GROWTH_KB (1024 * 1024) /* it keeps freed memory for a while */
#else
#  define MAX_GROWTH_KB (32 * 1024)
#endif

typedef struct {
  Harness h;
  guint max;
  GPtrArray *viewers; /* of Viewer* */
  GPtrArray *paths;   /* of char* */
  guint tunes, faults, stops, refreshes;
} Soak;

static void
soak_init (Soak *soak, guint max_connections)
{
  *soak = (Soak){ .max = max_connections };
  harness_init (&soak->h, CHANNELS, max_connections);
  soak->viewers = g_ptr_array_new_with_free_func ((GDestroyNotify)viewer_free);
  soak->paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < CHANNELS; i++)
    g_ptr_array_add (soak->paths, live_path (&soak->h, i));
  live_set (&soak->h, "tune_hold_ms", "300");
  live_set (&soak->h, "takeover_after_ms", "50");
  live_set (&soak->h, "linger_ms", "50");
  live_set (&soak->h, "stall_ms", "500");
  live_set (&soak->h, "connect_timeout_ms", "300");
}

static gint32
dice (gint32 sides)
{
  return g_test_rand_int_range (0, sides);
}

static void
leave (Soak *soak)
{
  if (soak->viewers->len > 0)
    g_ptr_array_remove_index (soak->viewers, (guint)dice ((gint32)soak->viewers->len));
}

static void
tune (Soak *soak)
{
  static const char *const agents[] = { "Plex", "VLC", "Kodi", "Jellyfin" };

  while (soak->viewers->len >= MAX_VIEWERS)
    leave (soak);
  g_ptr_array_add (soak->viewers,
                   viewer_new (&soak->h,
                               g_ptr_array_index (soak->paths, (guint)dice (CHANNELS)),
                               agents[dice (G_N_ELEMENTS (agents))]));
  soak->tunes++;
}

/* The new channel first, then the end of the old one, as players do. */
static void
zap (Soak *soak)
{
  guint n = soak->viewers->len;

  tune (soak);
  if (n > 0 && soak->viewers->len > 1)
    g_ptr_array_remove_index (soak->viewers, 0);
}

static void
misbehave (Soak *soak)
{
  static const char *const verbs[] = {
    "delay 200",         "silent",       "headers-only", "stall-after 200000",
    "drop-after 150000", "drop-after 0", "html",         "reset-after 100000",
    "reset-after 0",     "status 404",   "status 403",   "status 503",
    "status 509",        "slate",        "null-only",    "misalign",
    "wrong-length",      "redirect",
  };
  guint stream = 10 * (1 + (guint)dice (CHANNELS)) + 1 + (guint)dice (4);
  g_autofree char *sentence =
      g_strdup_printf ("stream %u %s x 3", stream, verbs[dice (G_N_ELEMENTS (verbs))]);

  harness_say (&soak->h, sentence);
  soak->faults++;
}

static void
change_account (Soak *soak)
{
  static const char *const policies[] = { "refuse", "slate", "kick" };
  g_autofree char *limit =
      g_strdup_printf ("account limit %u %s", soak->max, policies[dice (G_N_ELEMENTS (policies))]);
  g_autofree char *delay = g_strdup_printf ("account release-delay %d", dice (3) * 100);

  harness_say (&soak->h, limit);
  harness_say (&soak->h, delay);
}

static void
recover (Soak *soak)
{
  for (guint channel = 1; channel <= CHANNELS; channel++)
    for (guint tier = 1; tier <= 4; tier++) {
      g_autofree char *sentence = g_strdup_printf ("stream %u ok", 10 * channel + tier);
      harness_say (&soak->h, sentence);
    }
  harness_say (&soak->h, "streams ok");
  harness_say (&soak->h, "account ok");
}

static void
stop_one (Soak *soak)
{
  g_autoptr (JsonNode) node = harness_call (&soak->h, "GET", "/v1/sessions", NULL, 200);
  JsonArray *sessions = json_node_get_array (node);
  guint n = json_array_get_length (sessions);

  if (n == 0)
    return;
  JsonObject *session = json_array_get_object_element (sessions, (guint)dice ((gint32)n));
  g_autofree char *path = g_strdup_printf ("/v1/sessions/%" G_GINT64_FORMAT,
                                           json_object_get_int_member (session, "id"));
  /* It may have ended meanwhile. */
  json_node_unref (harness_call (&soak->h, "DELETE", path, NULL, HARNESS_ANY_STATUS));
  soak->stops++;
}

static void
refresh (Soak *soak)
{
  g_autoptr (JsonNode) node = harness_call (&soak->h, "GET", "/v1/accounts", NULL, 200);
  JsonObject *account = json_array_get_object_element (json_node_get_array (node), 0);
  g_autofree char *path = g_strdup_printf ("/v1/accounts/%" G_GINT64_FORMAT "/refresh",
                                           json_object_get_int_member (account, "id"));

  json_node_unref (harness_call (&soak->h, "POST", path, NULL, 200));
  soak->refreshes++;
}

static void
step (Soak *soak)
{
  gint32 what = dice (100);

  if (what < 30)
    tune (soak);
  else if (what < 50)
    zap (soak);
  else if (what < 70)
    leave (soak);
  else if (what < 88)
    misbehave (soak);
  else if (what < 91)
    change_account (soak);
  else if (what < 94)
    recover (soak);
  else if (what < 99)
    stop_one (soak);
  else
    refresh (soak);
}

static void
assert_within_limit (Soak *soak)
{
  ForgeFakeProviderCounts counts;

  forge_fake_provider_counts (soak->h.provider, &counts);
  g_assert_cmpuint (counts.peak, <=, soak->max);
}

static void
run_events (Soak *soak, guint n)
{
  for (guint i = 0; i < n; i++) {
    step (soak);
    assert_within_limit (soak);
    g_usleep ((gulong)dice (MAX_PAUSE_MS) * 1000);
  }
}

static void
come_to_rest (Soak *soak)
{
  g_ptr_array_set_size (soak->viewers, 0);
  recover (soak);
  live_await_idle (&soak->h);
}

static void
test_nothing_is_left_after_a_bad_night (gconstpointer data)
{
  gboolean is_long = g_strcmp0 (g_getenv ("FORGE_SOAK"), "1") == 0;
  guint n = is_long ? SOAK_EVENTS : EVENTS;
  ForgeFakeProviderCounts counts;
  Soak soak;

  soak_init (&soak, GPOINTER_TO_UINT (data));
  run_events (&soak, n / 10); /* pools and caches fill */
  come_to_rest (&soak);
  malloc_trim (0);
  guint descriptors = live_descriptors ();
  gsize rss_kb = live_rss_kb ();

  run_events (&soak, n - n / 10);
  come_to_rest (&soak);
  malloc_trim (0);
  gsize now_kb = live_rss_kb ();
  forge_fake_provider_counts (soak.h.provider, &counts);
  g_test_message (
      "%u events: %u tunes, %u faults, %u stops, %u refreshes; provider: %u opens, peak "
      "%u, %u refused; descriptors %u → %u, memory %zu → %zu kB",
      n,
      soak.tunes,
      soak.faults,
      soak.stops,
      soak.refreshes,
      counts.opens,
      counts.peak,
      counts.refused,
      descriptors,
      live_descriptors (),
      rss_kb,
      now_kb);
  g_assert_cmpuint (live_descriptors (), <=, descriptors + SPARE_DESCRIPTORS);
  g_assert_cmpuint (now_kb, <, rss_kb + MAX_GROWTH_KB);
  g_assert_cmpuint (counts.opens, >, n / 10); /* it was no idle night */

  /* And it still works. */
  g_autoptr (Viewer) viewer = viewer_new (&soak.h, g_ptr_array_index (soak.paths, 0), "a");
  g_assert_true (viewer_await_bytes (viewer, 100000, 10));
  viewer_close (viewer);
  g_ptr_array_unref (soak.viewers);
  g_ptr_array_unref (soak.paths);
  harness_clear (&soak.h);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/integration/soak/1-connection/nothing-is-left-after-a-bad-night",
                        GUINT_TO_POINTER (1),
                        test_nothing_is_left_after_a_bad_night);
  g_test_add_data_func ("/integration/soak/4-connections/nothing-is-left-after-a-bad-night",
                        GUINT_TO_POINTER (4),
                        test_nothing_is_left_after_a_bad_night);
  return g_test_run ();
}
