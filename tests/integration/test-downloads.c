/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tests/integration/forge-harness-live.h"

#include <glib/gstdio.h>

#include <string.h>

/* Films on their way to the disk: what stops them, what takes the connection, what is left. */

#define FILM_ID 7004 /* "A Trip to the Moon" at the fake provider */
/* All of its films. */
#define FIRST_FILM_ID 7001
#define LAST_FILM_ID  7008

/* The promise is one second from the tune on; on a machine with ten other jobs the threads alone
 * may take that to be woken. Measured on a quiet one: docs/benchmarks.md. */
#define MAX_YIELD_S 1.0
#define MAX_PAUSE_S 3.0

typedef struct {
  Harness h;
  char *folder;
  char *film; /* its handle */
} Fixture;

static char *
find_film (Harness *h)
{
  g_autoptr (JsonNode) list =
      harness_call (h, "GET", "/v1/library/movies?search=trip%20to%20the%20moon", NULL, 200);
  JsonObject *film = json_array_get_object_element (json_node_get_array (list), 0);

  return g_strdup (json_object_get_string_member (film, "handle"));
}

static void
set_up (Fixture *fixture, guint connections)
{
  harness_init (&fixture->h, 4, connections);
  fixture->folder = g_build_filename (fixture->h.root, "downloads", NULL);
  live_set (&fixture->h, "download_dir", fixture->folder);
  live_set (&fixture->h, "linger_ms", "0");
  fixture->film = find_film (&fixture->h);
}

static void
tear_down (Fixture *fixture)
{
  g_autoptr (GDir) folder = g_dir_open (fixture->folder, 0, NULL);
  const char *name;

  harness_clear (&fixture->h);
  while (folder && (name = g_dir_read_name (folder))) {
    g_autofree char *path = g_build_filename (fixture->folder, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->folder);
  g_rmdir (fixture->h.root);
  g_free (fixture->folder);
  g_free (fixture->film);
}

static JsonNode *
add (Fixture *fixture, const char *media, guint want_status)
{
  g_autofree char *body = g_strdup_printf ("{\"media\":\"%s\"}", media);

  return harness_call (&fixture->h, "POST", "/v1/downloads", body, want_status);
}

static gint64
start (Fixture *fixture)
{
  g_autoptr (JsonNode) answer = add (fixture, fixture->film, 200);

  return json_object_get_int_member (json_node_get_object (answer), "id");
}

static void
act (Fixture *fixture, gint64 id, const char *verb)
{
  g_autofree char *path = g_strdup_printf ("/v1/downloads/%" G_GINT64_FORMAT "/%s", id, verb);

  json_node_unref (harness_call (&fixture->h, "POST", path, NULL, 200));
}

/* The first in the list. (transfer full) */
static JsonObject *
first (Fixture *fixture)
{
  g_autoptr (JsonNode) list = harness_call (&fixture->h, "GET", "/v1/downloads", NULL, 200);
  JsonArray *array = json_node_get_array (list);

  g_assert_cmpuint (json_array_get_length (array), >, 0);
  return json_object_ref (json_array_get_object_element (array, 0));
}

typedef struct {
  Fixture *fixture;
  const char *state;
  gint64 bytes;
} Wanted;

static gboolean
is_wanted (gpointer data)
{
  Wanted *wanted = data;
  g_autoptr (JsonObject) now = first (wanted->fixture);

  return strcmp (json_object_get_string_member (now, "state"), wanted->state) == 0 &&
         json_object_get_int_member (now, "bytes") >= wanted->bytes;
}

static void
await (Fixture *fixture, const char *state, gint64 bytes)
{
  Wanted wanted = { fixture, state, bytes };

  harness_await (is_wanted, &wanted, 60, state);
}

/* The file of the first download. (transfer full) */
static GBytes *
read_file (Fixture *fixture)
{
  g_autoptr (JsonObject) now = first (fixture);
  g_autoptr (GError) error = NULL;
  char *data;
  gsize length;

  g_file_get_contents (json_object_get_string_member (now, "path"), &data, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpint ((gint64)length, ==, json_object_get_int_member (now, "total"));
  return g_bytes_new_take (data, length);
}

static GBytes *
download_undisturbed (Fixture *fixture)
{
  gint64 id = start (fixture);
  g_autofree char *path = g_strdup_printf ("/v1/downloads/%" G_GINT64_FORMAT, id);

  await (fixture, "done", 0);
  GBytes *film = read_file (fixture);
  json_node_unref (harness_call (&fixture->h, "DELETE", path, NULL, 200));
  return film;
}

static void
test_cut_and_restarted_gives_the_same_file (void)
{
  Fixture fixture = { 0 };
  g_autofree char *fault = g_strdup_printf ("stream %d drop-after 300000 x 2", FILM_ID);
  g_autofree char *stall = g_strdup_printf ("stream %d stall-after 300000", FILM_ID);
  g_autofree char *fine = g_strdup_printf ("stream %d ok", FILM_ID);

  set_up (&fixture, 2);
  g_autoptr (GBytes) whole = download_undisturbed (&fixture);
  g_assert_cmpuint (g_bytes_get_size (whole), >, 1000000);

  harness_say (&fixture.h, stall);
  start (&fixture);
  await (&fixture, "active", 300000);
  harness_restart (&fixture.h);
  await (&fixture, "active", 500000);
  harness_say (&fixture.h, fine);
  harness_say (&fixture.h, fault);
  act (&fixture, 2, "pause");
  await (&fixture, "paused", 500000);
  act (&fixture, 2, "resume");
  await (&fixture, "done", 0);
  g_autoptr (GBytes) pieced = read_file (&fixture);
  g_assert_true (g_bytes_equal (whole, pieced));
  tear_down (&fixture);
}

/* A number of /metrics. */
static double
metric (Fixture *fixture, const char *name)
{
  g_autofree char *text = harness_get (&fixture->h, "/metrics", 200);
  g_autofree char *start = g_strdup_printf ("\nstreamforge_%s ", name);
  const char *line = strstr (text, start);

  g_assert_nonnull (line);
  return g_ascii_strtod (line + strlen (start), NULL);
}

/* Nobody resumes it: that is its own work. */
static void
test_live_television_takes_the_connection_and_gives_it_back (void)
{
  Fixture fixture = { 0 };
  g_autofree char *stall = g_strdup_printf ("stream %d stall-after 300000", FILM_ID);
  g_autofree char *fine = g_strdup_printf ("stream %d ok", FILM_ID);

  set_up (&fixture, 1);
  harness_say (&fixture.h, stall);
  start (&fixture);
  await (&fixture, "active", 300000);
  g_autofree char *path = live_path (&fixture.h, 0);
  gint64 tuned_us = g_get_monotonic_time ();
  g_autoptr (Viewer) viewer = viewer_new (&fixture.h, path, "Plex");
  await (&fixture, "waiting", 300000);
  double paused_s = (double)(g_get_monotonic_time () - tuned_us) / G_USEC_PER_SEC;
  g_test_message ("paused %.3f s after the tune, %.3f s after it was asked",
                  paused_s,
                  metric (&fixture, "media_yield_slowest_seconds"));
  g_assert_cmpfloat (metric (&fixture, "media_yields_total"), ==, 1);
  g_assert_cmpfloat (metric (&fixture, "media_yield_slowest_seconds"), <, MAX_YIELD_S);
  g_assert_cmpfloat (paused_s, <, MAX_PAUSE_S);
  g_assert_true (viewer_await_bytes (viewer, 100000, 30));
  g_autoptr (JsonObject) now = first (&fixture);
  g_assert_nonnull (json_object_get_string_member (now, "problem"));
  harness_say (&fixture.h, fine);
  viewer_close (viewer);
  await (&fixture, "done", 0);
  live_await_idle (&fixture.h);
  tear_down (&fixture);
}

/* "active active waiting": the states in the order of the queue. (transfer full) */
static char *
states (Fixture *fixture)
{
  g_autoptr (JsonNode) list = harness_call (&fixture->h, "GET", "/v1/downloads", NULL, 200);
  JsonArray *array = json_node_get_array (list);
  g_autoptr (GString) out = g_string_new (NULL);

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_string_append_printf (out,
                            "%s%s",
                            i ? " " : "",
                            json_object_get_string_member (json_array_get_object_element (array, i),
                                                           "state"));
  return g_string_free (g_steal_pointer (&out), FALSE);
}

typedef struct {
  Fixture *fixture;
  const char *states;
} WantedStates;

static gboolean
has_states (gpointer data)
{
  WantedStates *wanted = data;
  g_autofree char *now = states (wanted->fixture);

  return strcmp (now, wanted->states) == 0;
}

static void
await_states (Fixture *fixture, const char *wanted_states)
{
  WantedStates wanted = { fixture, wanted_states };

  harness_await (has_states, &wanted, 60, wanted_states);
}

/* Not the channels. */
static void
say_films (Fixture *fixture, const char *fault)
{
  for (int id = FIRST_FILM_ID; id <= LAST_FILM_ID; id++) {
    g_autofree char *sentence = g_strdup_printf ("stream %d %s", id, fault);
    harness_say (&fixture->h, sentence);
  }
}

/* Three connections, so two at once, one of them left to live TV, which need not ask for it. */
static void
test_several_at_once_and_one_connection_left (void)
{
  Fixture fixture = { 0 };

  set_up (&fixture, 3);
  live_set (&fixture.h, "downloads_at_once", "4");
  g_autoptr (JsonNode) films = harness_call (&fixture.h, "GET", "/v1/library/movies", NULL, 200);
  JsonArray *array = json_node_get_array (films);
  g_assert_cmpuint (json_array_get_length (array), >=, 3);
  say_films (&fixture, "stall-after 200000");
  for (guint i = 0; i < 3; i++) {
    JsonObject *film = json_array_get_object_element (array, i);
    json_node_unref (add (&fixture, json_object_get_string_member (film, "handle"), 200));
  }
  await_states (&fixture, "active active waiting");
  g_autofree char *path = live_path (&fixture.h, 0);
  g_autoptr (Viewer) viewer = viewer_new (&fixture.h, path, "Plex");
  g_assert_true (viewer_await_bytes (viewer, 100000, 30));
  g_assert_cmpfloat (metric (&fixture, "media_yields_total"), ==, 0);
  viewer_close (viewer);
  say_films (&fixture, "ok"); /* the two stand still until they connect again */
  act (&fixture, 1, "pause"); /* frees a connection: the third need not wait for its next look */
  act (&fixture, 2, "pause");
  await_states (&fixture, "paused paused done");
  act (&fixture, 1, "resume");
  act (&fixture, 2, "resume");
  await_states (&fixture, "done done done");
  live_set (&fixture.h, "downloads_at_once", "2");
  tear_down (&fixture);
}

static void
test_what_cannot_be_downloaded_is_told (void)
{
  static const struct {
    const char *media;
    guint status;
  } cases[] = { { "movie/999999", 404 }, { "series/1", 400 }, { "movie/x", 400 }, { "", 400 } };
  Fixture fixture = { 0 };
  g_autofree char *fine = g_strdup_printf ("stream %d ok", FILM_ID);
  g_autofree char *gone = g_strdup_printf ("stream %d status 404", FILM_ID);
  g_autofree char *stall = g_strdup_printf ("stream %d stall-after 1000", FILM_ID);

  set_up (&fixture, 2);
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    json_node_unref (add (&fixture, cases[i].media, cases[i].status));
  json_node_unref (harness_call (&fixture.h, "POST", "/v1/downloads/77/pause", NULL, 404));
  json_node_unref (harness_call (&fixture.h, "DELETE", "/v1/downloads/77", NULL, 404));

  harness_say (&fixture.h, gone);
  start (&fixture);
  await (&fixture, "failed", 0);
  harness_say (&fixture.h, fine);
  harness_say (&fixture.h, stall);
  act (&fixture, 1, "resume");
  await (&fixture, "active", 1000);
  json_node_unref (add (&fixture, fixture.film, 400));
  json_node_unref (harness_call (&fixture.h, "DELETE", "/v1/downloads/1", NULL, 200));
  g_autoptr (JsonNode) none = harness_call (&fixture.h, "GET", "/v1/downloads", NULL, 200);
  g_assert_cmpuint (json_array_get_length (json_node_get_array (none)), ==, 0);
  g_autoptr (GDir) folder = g_dir_open (fixture.folder, 0, NULL);
  g_assert_null (g_dir_read_name (folder));
  tear_down (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/integration/downloads/cut-and-restarted-gives-the-same-file",
                   test_cut_and_restarted_gives_the_same_file);
  g_test_add_func ("/integration/downloads/live-television-takes-the-connection-and-gives-it-back",
                   test_live_television_takes_the_connection_and_gives_it_back);
  g_test_add_func ("/integration/downloads/several-at-once-and-one-connection-left",
                   test_several_at_once_and_one_connection_left);
  g_test_add_func ("/integration/downloads/what-cannot-be-downloaded-is-told",
                   test_what_cannot_be_downloaded_is_told);
  return g_test_run ();
}
