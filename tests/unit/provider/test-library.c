/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/forge-error.h"
#include "formats/forge-json-text.h"
#include "provider/forge-provider-library.h"
#include "provider/forge-xtream-library.h"
#include "script-server.h"

#include <glib/gstdio.h>

#include <string.h>

#define NOW 1800000000

/* ---- rows ---- */

static ForgeMediaListing *
parse (ForgeMediaKind kind, const char *json)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = forge_json_parse (json, -1, &error);

  g_assert_no_error (error);
  return forge_xtream_parse_media (json_node_get_object (node), kind, NULL);
}

static void
test_tmdb_spellings (void)
{
  static const struct {
    const char *member;
    gint64 id;
  } cases[] = {
    { "\"tmdb\":550", 550 },     { "\"tmdb\":\"550\"", 550 },
    { "\"tmdb_id\":550", 550 },  { "\"tmdb_id\":\" 550 \"", 550 },
    { "\"tmdbId\":550.0", 550 }, { "\"tmdb\":\"\",\"tmdb_id\":7", 7 },
    { "\"tmdb\":0", 0 },         { "\"tmdb\":\"0\"", 0 },
    { "\"tmdb\":\"\"", 0 },      { "\"tmdb\":null", 0 },
    { "\"tmdb\":\"null\"", 0 },  { "\"tmdb\":[]", 0 },
    { "\"tmdb\":-5", 0 },        { "\"x\":1", 0 },
    { "\"tmdb\":false", 0 },     { "\"tmdb\":{\"id\":3}", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *json =
        g_strdup_printf ("{\"stream_id\":1,\"name\":\"A\",%s}", cases[i].member);
    g_autoptr (ForgeMediaListing) listing = parse (FORGE_MEDIA_MOVIE, json);
    g_test_message ("%s", cases[i].member);
    g_assert_cmpint (listing->tmdb_id, ==, cases[i].id);
  }
}

static void
test_film_row (void)
{
  g_autoptr (ForgeMediaListing) listing =
      parse (FORGE_MEDIA_MOVIE,
             "{\"num\":1,\"name\":\"EN - The Film (2021) 4K\",\"title\":\"The Film\",\"year\":2020,"
             "\"stream_id\":\"7001\",\"stream_icon\":\"data:image/png;base64,AAAA\","
             "\"cover\":\"http://pictures.test/a.jpg\",\"rating\":\"7.5\",\"added\":\"1700000000\","
             "\"plot\":null,\"description\":\" It  rains. \",\"container_extension\":\".MKV\","
             "\"duration\":\"01:32:10\"}");

  g_assert_cmpint (listing->remote_id, ==, 7001);
  g_assert_cmpstr (listing->title, ==, "The Film");
  g_assert_cmpstr (listing->folded, ==, "the film");
  g_assert_cmpstr (listing->language, ==, "EN");
  g_assert_cmpint (listing->year, ==, 2021);
  g_assert_cmpint (listing->quality, ==, FORGE_QUALITY_4K);
  g_assert_cmpstr (listing->poster, ==, "http://pictures.test/a.jpg");
  g_assert_cmpstr (listing->rating, ==, "7.5");
  g_assert_cmpstr (listing->extension, ==, "mkv");
  g_assert_cmpint (listing->added, ==, 1700000000);
  g_assert_cmpint (listing->duration_s, ==, 5530);
}

static void
test_poor_rows (void)
{
  static const char *const unusable[] = { "{}",
                                          "{\"stream_id\":5}",
                                          "{\"name\":\"x\"}",
                                          "{\"stream_id\":0,\"name\":\"x\"}",
                                          "{\"stream_id\":-1,\"name\":\"x\"}",
                                          "{\"stream_id\":5,\"name\":\"  \"}",
                                          "{\"stream_id\":[],\"name\":{}}" };
  /* It would become part of an address. */
  static const char *const extensions[] = {
    "\"\"", "null", "\"../../x\"", "\"mp4?a=b\"", "\"averylongone\"", "[]", "\"m p4\""
  };

  for (gsize i = 0; i < G_N_ELEMENTS (unusable); i++)
    g_assert_null (parse (FORGE_MEDIA_MOVIE, unusable[i]));
  for (gsize i = 0; i < G_N_ELEMENTS (extensions); i++) {
    g_autofree char *json =
        g_strdup_printf ("{\"stream_id\":1,\"title\":\"A\",\"rating\":0,\"year\":\"n/a\","
                         "\"duration\":\"99:99:99\",\"container_extension\":%s}",
                         extensions[i]);
    g_autoptr (ForgeMediaListing) listing = parse (FORGE_MEDIA_MOVIE, json);
    g_assert_cmpstr (listing->extension, ==, "mp4");
    g_assert_null (listing->rating);
    g_assert_cmpint (listing->year, ==, 0);
    g_assert_cmpint (listing->duration_s, ==, 0);
  }
}

static void
test_series_row (void)
{
  g_autoptr (ForgeMediaListing) listing =
      parse (FORGE_MEDIA_SERIES,
             "{\"series_id\":8001,\"name\":\"The Series\",\"cover\":\"https://p.test/c.jpg\","
             "\"releaseDate\":\"2008-01-20\",\"last_modified\":\"1700000001\",\"tmdb\":1396,"
             "\"stream_id\":5}");

  g_assert_cmpint (listing->remote_id, ==, 8001);
  g_assert_cmpint (listing->year, ==, 2008);
  g_assert_cmpint (listing->modified, ==, 1700000001);
  g_assert_null (listing->extension);
  g_assert_cmpstr (listing->poster, ==, "https://p.test/c.jpg");
}

/* ---- episodes ---- */

/* "<season>x<number>:<remote id>.<extension>" … */
static char *
episodes_of (const char *json, guint *skipped)
{
  g_auto (ForgeSeriesInfo) info = { 0 };
  g_autoptr (GString) out = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = forge_json_parse (json, -1, &error);

  g_assert_no_error (error);
  forge_xtream_parse_episodes (node, &info);
  for (guint i = 0; i < info.episodes->len; i++) {
    const ForgeMediaListing *episode = g_ptr_array_index (info.episodes, i);
    g_string_append_printf (out,
                            "%s%dx%d:%" G_GINT64_FORMAT ".%s",
                            i ? " " : "",
                            episode->season,
                            episode->number,
                            episode->remote_id,
                            episode->extension);
  }
  *skipped = info.skipped;
  return g_string_free (g_steal_pointer (&out), FALSE);
}

static void
test_episode_shapes (void)
{
  static const struct {
    const char *json, *episodes;
    guint skipped;
  } cases[] = {
    /* by season, ids as text and as number, info as [] */
    { "{\"1\":[{\"id\":\"91\",\"episode_num\":1,\"container_extension\":\"mkv\",\"info\":[]},"
      "{\"id\":92,\"episode_num\":\"2\"}],\"2\":[{\"id\":93,\"episode_num\":1}]}",
      "1x1:91.mkv 1x2:92.mp4 2x1:93.mp4",
      0 },
    /* PHP's list of lists: season 0 is the specials */
    { "[[{\"id\":1,\"episode_num\":1}],[{\"id\":2,\"episode_num\":1}]]", "0x1:1.mp4 1x1:2.mp4", 0 },
    /* a flat list */
    { "[{\"id\":1,\"season\":3,\"episode_num\":4},{\"id\":2,\"season\":3}]",
      "3x4:1.mp4 3x2:2.mp4",
      0 },
    /* the episode's own season wins; a season as an object */
    { "{\"1\":{\"0\":{\"id\":5,\"season\":2,\"episode_num\":7}}}", "2x7:5.mp4", 0 },
    { "{\"0\":{\"id\":5,\"episode_num\":7}}", "1x7:5.mp4", 0 },
    { "[]", "", 0 },
    { "null", "", 0 },
    { "\"none\"", "", 0 },
    { "{\"1\":[null,\"x\",{\"id\":0},{\"episode_num\":1},{\"id\":4,\"episode_num\":-3}]}",
      "1x5:4.mp4",
      4 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    guint skipped = 0;
    g_test_message ("%s", cases[i].json);
    g_autofree char *episodes = episodes_of (cases[i].json, &skipped);
    g_assert_cmpstr (episodes, ==, cases[i].episodes);
    g_assert_cmpint (skipped, ==, cases[i].skipped);
  }
}

static void
test_addresses (void)
{
  const ForgeXtreamLogin login = { "http://tv.test:80/sub", "ann@home", "p/w" };
  g_autofree char *movie = forge_xtream_media_url (&login, FORGE_MEDIA_MOVIE, 5, "mkv");
  g_autofree char *episode = forge_xtream_media_url (&login, FORGE_MEDIA_EPISODE, 6, NULL);

  g_assert_cmpstr (movie, ==, "http://tv.test:80/sub/movie/ann%40home/p%2Fw/5.mkv");
  g_assert_cmpstr (episode, ==, "http://tv.test:80/sub/series/ann%40home/p%2Fw/6.mp4");
}

/* ---- refresh ---- */

typedef struct {
  char *films; /* "!" starts a status code */
  const char *series, *vod_info, *series_info;
  gboolean is_cut;
} Panel;

typedef struct {
  char *dir;
  ForgeStore *store;
  ForgeSecrets *secrets;
  ForgeHttp *http;
  ScriptServer *server;
  Panel panel;
  gint64 account_id;
  ForgeProviderRefreshOptions options;
  ForgeProviderTitlesResult result;
} Fixture;

static void
script (ScriptPeer *peer, gpointer user_data)
{
  const Panel *panel = user_data;
  const char *target = script_peer_target (peer);
  const char *body = strstr (target, "get_vod_streams")   ? panel->films
                     : strstr (target, "get_vod_info")    ? panel->vod_info
                     : strstr (target, "get_series_info") ? panel->series_info
                     : strstr (target, "categories")      ? "[{\"category_id\":\"9\","
                                                            "\"category_name\":\"Drama\"}]"
                     : strstr (target, "get_series")      ? panel->series
                                                          : "!404";
  gsize length = strlen (body) - (panel->is_cut ? 10 : 0);

  if (*body == '!')
    script_say (peer, "HTTP/1.1 %s x\r\nContent-Length: 0\r\n\r\n", body + 1);
  else
    script_say (peer,
                "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n%.*s",
                length,
                (int)length,
                body);
}

static void
set_films (Fixture *fixture, guint first, guint last)
{
  GString *list = g_string_new ("[");

  for (guint i = first; i <= last; i++)
    g_string_append_printf (list,
                            "%s{\"stream_id\":%u,\"name\":\"Film %u (2000)\",\"category_id\":9}",
                            i > first ? "," : "",
                            i,
                            i);
  g_string_append (list, last ? ",null,{\"stream_id\":\"x\"}]" : "]");
  g_free (fixture->panel.films);
  fixture->panel.films = g_string_free (list, FALSE);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  ForgeHttpOptions http = { .user_agent = "agent" };
  g_autoptr (ForgeAccount) account = forge_account_new ();

  fixture->dir = g_dir_make_tmp ("forge-library-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (fixture->dir, "test.db", NULL);
  fixture->store = forge_store_open (path, NULL, NULL);
  fixture->secrets = forge_secrets_new_memory ();
  fixture->http = forge_http_new (&http);
  fixture->panel.series = "[{\"series_id\":8,\"name\":\"The Series\"}]";
  fixture->panel.series_info = "[]";
  fixture->panel.vod_info = "{\"info\":[],\"movie_data\":null}";
  fixture->server = script_server_new (script, &fixture->panel, SCRIPT_PLAIN);
  set_films (fixture, 1, 10);
  account->name = g_strdup ("Mine");
  account->server = script_server_url (fixture->server, "");
  account->username = g_strdup ("bob");
  fixture->account_id = forge_store_add_account (fixture->store, account, NULL);
  g_autofree char *name = forge_provider_secret_name (fixture->account_id);
  g_assert_true (forge_secrets_store (fixture->secrets, name, "s3cret", NULL, NULL));
  fixture->options =
      (ForgeProviderRefreshOptions){ .now_s = NOW, .hold_back_percent = 30, .tombstone_days = 14 };
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GDir) dir = g_dir_open (fixture->dir, 0, NULL);
  const char *name;

  forge_store_close (fixture->store);
  forge_secrets_free (fixture->secrets);
  forge_http_free (fixture->http);
  script_server_free (fixture->server);
  while ((name = g_dir_read_name (dir))) {
    g_autofree char *path = g_build_filename (fixture->dir, name, NULL);
    g_unlink (path);
  }
  g_rmdir (fixture->dir);
  g_free (fixture->dir);
  g_free (fixture->panel.films);
}

static gboolean
refresh (Fixture *fixture, ForgeMediaKind kind, GError **error)
{
  return forge_provider_refresh_titles (fixture->store,
                                        fixture->secrets,
                                        fixture->http,
                                        fixture->account_id,
                                        kind,
                                        &fixture->options,
                                        &fixture->result,
                                        NULL,
                                        error);
}

static guint
count (Fixture *fixture, ForgeMediaKind kind)
{
  const ForgeMediaQuery query = { .kind = kind };
  g_autoptr (GPtrArray) list = forge_store_list_media (fixture->store, &query, NULL, NULL);

  return list->len;
}

static void
test_refresh (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  g_assert_true (fixture->result.plan.added == 10 && fixture->result.counts.skipped == 2);
  g_assert_true (refresh (fixture, FORGE_MEDIA_SERIES, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (fixture, FORGE_MEDIA_MOVIE), ==, 10);
  g_assert_cmpint (count (fixture, FORGE_MEDIA_SERIES), ==, 1);
  g_autoptr (ForgeMedia) film =
      forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_cmpstr (film->group, ==, "Drama");
  g_autoptr (ForgeAccount) account =
      forge_store_get_account (fixture->store, fixture->account_id, NULL);
  g_assert_true (account->movies == 10 && account->series == 1);
}

static void
assert_refused (Fixture *fixture, int code)
{
  g_autoptr (GError) error = NULL;

  g_assert_false (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  g_assert_error (error, FORGE_ERROR, code);
  g_assert_null (strstr (error->message, "s3cret"));
  g_assert_cmpint (count (fixture, FORGE_MEDIA_MOVIE), ==, 10);
}

static void
test_bad_nights (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  set_films (fixture, 1, 6);
  assert_refused (fixture, FORGE_ERROR_HELD_BACK);
  set_films (fixture, 1, 0);
  assert_refused (fixture, FORGE_ERROR_HELD_BACK);
  set_films (fixture, 1, 10);
  fixture->panel.is_cut = TRUE;
  assert_refused (fixture, FORGE_ERROR_INVALID);
  fixture->panel.is_cut = FALSE;
  g_free (fixture->panel.films);
  fixture->panel.films = g_strdup ("<html>maintenance</html>");
  assert_refused (fixture, FORGE_ERROR_INVALID);
  g_free (fixture->panel.films);
  fixture->panel.films = g_strdup ("{\"user_info\":{\"auth\":0}}");
  assert_refused (fixture, FORGE_ERROR_AUTH);
  g_free (fixture->panel.films);
  fixture->panel.films = g_strdup ("!503");
  assert_refused (fixture, FORGE_ERROR_RETRY);
  set_films (fixture, 4, 8);
  fixture->options.force = TRUE;
  g_assert_true (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  g_assert_cmpint (count (fixture, FORGE_MEDIA_MOVIE), ==, 5);
}

/* Many accounts are sold without films. */
static void
test_no_films_at_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  set_films (fixture, 1, 0);
  g_assert_true (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  g_assert_no_error (error);
}

static void
read_details (Fixture *fixture, ForgeMediaKind kind, gint64 now_s)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) sources = forge_store_media_sources (fixture->store, kind, 1, NULL);
  const ForgeMediaSource *source = g_ptr_array_index (sources, 0);

  g_assert_true (forge_provider_details_are_old (source, now_s));
  forge_provider_read_details (fixture->store,
                               fixture->secrets,
                               fixture->http,
                               source,
                               now_s,
                               NULL,
                               &error);
  g_assert_no_error (error);
  g_autoptr (GPtrArray) after = forge_store_media_sources (fixture->store, kind, 1, NULL);
  g_assert_false (forge_provider_details_are_old (g_ptr_array_index (after, 0), now_s));
}

static void
test_details (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (refresh (fixture, FORGE_MEDIA_MOVIE, &error));
  read_details (fixture, FORGE_MEDIA_MOVIE, NOW); /* the poorest answer there is */
  fixture->panel.vod_info = "{\"info\":{\"tmdb_id\":\"77\",\"duration_secs\":\"5400\"},"
                            "\"movie_data\":{\"container_extension\":\"mkv\"}}";
  read_details (fixture, FORGE_MEDIA_MOVIE, NOW + 2 * 86400);
  g_autoptr (ForgeMedia) film =
      forge_store_get_media (fixture->store, FORGE_MEDIA_MOVIE, 1, &error);
  g_assert_cmpint (film->tmdb_id, ==, 77);
  g_assert_cmpint (film->duration_s, ==, 5400);
}

/* A soap of thousands of episodes is one long member. */
static void
test_long_series (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GString) info = g_string_new ("{\"seasons\":[],\"info\":{\"tmdb\":\"5\"},"
                                           "\"episodes\":{\"1\":[");
  g_autofree char *plot = g_strnfill (500, 'x');
  g_autoptr (GError) error = NULL;

  for (guint i = 1; i <= 4000; i++)
    g_string_append_printf (info,
                            "%s{\"id\":\"%u\",\"episode_num\":%u,\"title\":\"E %u\","
                            "\"info\":{\"plot\":\"%s\"}}",
                            i > 1 ? "," : "",
                            1000 + i,
                            i,
                            i,
                            plot);
  g_string_append (info, "]}}");
  fixture->panel.series_info = info->str;
  g_assert_true (refresh (fixture, FORGE_MEDIA_SERIES, &error));
  read_details (fixture, FORGE_MEDIA_SERIES, NOW);
  g_autoptr (GPtrArray) episodes = forge_store_list_episodes (fixture->store, 1, -1, &error);
  g_assert_cmpint (episodes->len, ==, 4000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/provider/library/tmdb-spellings", test_tmdb_spellings);
  g_test_add_func ("/provider/library/film-row", test_film_row);
  g_test_add_func ("/provider/library/poor-rows", test_poor_rows);
  g_test_add_func ("/provider/library/series-row", test_series_row);
  g_test_add_func ("/provider/library/episode-shapes", test_episode_shapes);
  g_test_add_func ("/provider/library/addresses", test_addresses);
#define ADD(path, func) \
  g_test_add ("/provider/library/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("refresh", test_refresh);
  ADD ("bad-nights-change-nothing", test_bad_nights);
  ADD ("no-films-at-all", test_no_films_at_all);
  ADD ("details", test_details);
  ADD ("long-series", test_long_series);
  return g_test_run ();
}
