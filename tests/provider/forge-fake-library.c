/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-art.h"
#include "forge-fake-body.h"

#include <string.h>

#define CATEGORY_FILMS  "90"
#define CATEGORY_SERIES "91"
#define ADDED_S         "1700000000"

/* The duration of a clip that is shown `loops` times: five GOPs each. */
static guint
seconds_of (guint loops)
{
  return (guint)(loops * 5 * FORGE_FAKE_GOP_US / G_USEC_PER_SEC);
}

static void
append_live_categories (GString *out)
{
  for (guint i = 1; forge_fake_category_name (i); i++) {
    g_string_append_printf (out,
                            "%s{\"category_id\":\"%u\",\"category_name\":",
                            i > 1 ? "," : "",
                            i);
    forge_fake_append_json (out, forge_fake_category_name (i));
    g_string_append (out, ",\"parent_id\":0}");
  }
}

static void
append_film (GString *out, const ForgeFakeProvider *provider, guint num, const ForgeFakeFilm *film)
{
  g_autofree char *poster = forge_fake_art_url (provider, TRUE, film->name);

  g_string_append_printf (out,
                          "%s{\"num\":%u,\"name\":\"%s (%u)\",\"title\":\"%s\",\"year\":\"%u\","
                          "\"stream_type\":\"movie\",\"stream_id\":%u,\"stream_icon\":\"%s\","
                          "\"rating\":\"7\",\"rating_5based\":3.5,\"added\":\"" ADDED_S
                          "\",\"genre\":\"%s\",\"plot\":\"%s\",\"category_id\":\"" CATEGORY_FILMS
                          "\",\"container_extension\":\"ts\",\"custom_sid\":\"\","
                          "\"direct_source\":\"\",\"tmdb\":\"%u\"}",
                          num > 1 ? "," : "",
                          num,
                          film->name,
                          film->year,
                          film->name,
                          film->year,
                          film->id,
                          poster,
                          film->genre,
                          film->plot,
                          film->tmdb_id);
}

static void
append_films (GString *out, const ForgeFakeProvider *provider)
{
  guint n;
  const ForgeFakeFilm *films = forge_fake_films (&n);

  for (guint i = 0; i < n; i++)
    append_film (out, provider, i + 1, &films[i]);
}

static void
append_film_info (GString *out, guint id)
{
  const ForgeFakeFilm *film = forge_fake_film_find (id);

  if (!film) { /* Seen: PHP's empty array where an object is expected. */
    g_string_append (out, "{\"info\":[],\"movie_data\":[]}");
    return;
  }
  g_string_append_printf (out,
                          "{\"info\":{\"tmdb_id\":\"%u\",\"name\":\"%s\",\"o_name\":\"%s\","
                          "\"cover_big\":\"\",\"releasedate\":\"%u-01-01\",\"genre\":\"%s\","
                          "\"plot\":\"%s\",\"description\":\"%s\",\"duration_secs\":%u,"
                          "\"rating\":7,\"video\":[],\"audio\":[]},"
                          "\"movie_data\":{\"stream_id\":%u,\"name\":\"%s (%u)\","
                          "\"added\":\"" ADDED_S "\",\"category_id\":\"" CATEGORY_FILMS
                          "\",\"container_extension\":\"ts\"}}",
                          film->tmdb_id,
                          film->name,
                          film->name,
                          film->year,
                          film->genre,
                          film->plot,
                          film->plot,
                          seconds_of (film->loops),
                          film->id,
                          film->name,
                          film->year);
}

static void
append_series (GString *out, const ForgeFakeProvider *provider)
{
  g_autofree char *poster = forge_fake_art_url (provider, TRUE, FORGE_FAKE_SERIES_NAME);

  g_string_append_printf (out,
                          "{\"num\":1,\"name\":\"" FORGE_FAKE_SERIES_NAME
                          "\",\"series_id\":%u,\"cover\":\"%s\",\"plot\":\"A town, its lamps and "
                          "those who light them.\",\"genre\":\"Drama\",\"releaseDate\":"
                          "\"2019-03-01\",\"last_modified\":\"" ADDED_S
                          "\",\"rating\":\"8\",\"category_id\":\"" CATEGORY_SERIES
                          "\",\"tmdb\":%u}",
                          FORGE_FAKE_SERIES_ID,
                          poster,
                          FORGE_FAKE_SERIES_TMDB);
}

static void
append_episode (GString *out, const ForgeFakeEpisode *episode)
{
  g_string_append_printf (out,
                          "{\"id\":\"%u\",\"episode_num\":%u,\"title\":\"%s\","
                          "\"container_extension\":\"ts\",\"season\":%u,"
                          "\"info\":{\"duration_secs\":%u},\"added\":\"" ADDED_S "\"}",
                          episode->id,
                          episode->number,
                          episode->title,
                          episode->season,
                          seconds_of (FORGE_FAKE_EPISODE_LOOPS));
}

static void
append_series_info (GString *out, guint id)
{
  guint n, season = 0;
  const ForgeFakeEpisode *episodes = forge_fake_episodes (&n);

  if (id != FORGE_FAKE_SERIES_ID) {
    g_string_append (out, "[]");
    return;
  }
  g_string_append_printf (out,
                          "{\"seasons\":[],\"info\":{\"name\":\"" FORGE_FAKE_SERIES_NAME
                          "\",\"tmdb\":\"%u\"},\"episodes\":{",
                          FORGE_FAKE_SERIES_TMDB);
  for (guint i = 0; i < n; i++) {
    if (episodes[i].season != season) {
      g_string_append_printf (out, "%s\"%u\":[", season > 0 ? "]," : "", episodes[i].season);
      season = episodes[i].season;
    } else {
      g_string_append_c (out, ',');
    }
    append_episode (out, &episodes[i]);
  }
  g_string_append (out, "]}}");
}

char *
forge_fake_library_json (const ForgeFakeProvider *provider, const char *action, guint id)
{
  static const char category[] =
      "{\"category_id\":\"%s\",\"category_name\":\"%s\",\"parent_id\":0}";
  g_autoptr (GString) out = g_string_new (NULL);

  if (strcmp (action, "get_vod_info") == 0) {
    append_film_info (out, id);
    return g_string_free (g_steal_pointer (&out), FALSE);
  }
  if (strcmp (action, "get_series_info") == 0) {
    append_series_info (out, id);
    return g_string_free (g_steal_pointer (&out), FALSE);
  }
  g_string_append_c (out, '[');
  if (strcmp (action, "get_live_categories") == 0)
    append_live_categories (out);
  else if (strcmp (action, "get_vod_streams") == 0)
    append_films (out, provider);
  else if (strcmp (action, "get_series") == 0)
    append_series (out, provider);
  else if (strcmp (action, "get_vod_categories") == 0)
    g_string_append_printf (out, category, CATEGORY_FILMS, "Films");
  else if (strcmp (action, "get_series_categories") == 0)
    g_string_append_printf (out, category, CATEGORY_SERIES, "Series");
  g_string_append_c (out, ']');
  return g_string_free (g_steal_pointer (&out), FALSE);
}
