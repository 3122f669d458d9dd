/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-panel-library.h"

#include "server/forge-panel-private.h"

/* A panel knows more about its films than a library of several accounts; apps want the keys all the
 * same. */
#define DEFAULT_EXTENSION "mp4"

static void
add_empty (JsonBuilder *builder, const char *const *names)
{
  for (; *names; names++)
    forge_panel_add_text (builder, *names, NULL);
}

static void
add_empty_array (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  json_builder_end_array (builder);
}

static void
add_picture (JsonBuilder *builder, const char *name, const ForgeMedia *media, const char *base_url)
{
  g_autofree char *handle = forge_media_handle (media->kind, media->id);
  g_autofree char *url = media->poster ? g_strconcat (base_url, "/poster/", handle, NULL) : NULL;

  forge_panel_add_text (builder, name, url);
}

/* Panels write the year behind the name. */
static void
add_names (JsonBuilder *builder, const ForgeMedia *media)
{
  g_autofree char *name = media->year ? g_strdup_printf ("%s (%d)", media->title, media->year)
                                      : NULL;
  g_autofree char *year = media->year ? g_strdup_printf ("%d", media->year) : NULL;

  forge_panel_add_text (builder, "name", name ? name : media->title);
  forge_panel_add_text (builder, "title", media->title);
  forge_panel_add_text (builder, "year", year);
}

static void
add_date (JsonBuilder *builder, const char *name, const ForgeMedia *media)
{
  gboolean is_known = media->year && media->kind != FORGE_MEDIA_EPISODE; /* the series' year */
  g_autofree char *date = is_known ? g_strdup_printf ("%d-01-01", media->year) : NULL;

  forge_panel_add_text (builder, name, date);
}

static void
add_rating (JsonBuilder *builder, const ForgeMedia *media)
{
  double of_ten = media->rating ? g_ascii_strtod (media->rating, NULL) : 0;
  double of_five = of_ten >= 0 && of_ten <= 10 ? (double)(int)(of_ten * 5 + 0.5) / 10 : 0;

  forge_panel_add_text (builder, "rating", media->rating);
  json_builder_set_member_name (builder, "rating_5based");
  json_builder_add_double_value (builder, of_five);
}

static void
add_tmdb (JsonBuilder *builder, const ForgeMedia *media)
{
  g_autofree char *tmdb = media->tmdb_id ? g_strdup_printf ("%" G_GINT64_FORMAT, media->tmdb_id)
                                         : NULL;

  forge_panel_add_text (builder, "tmdb", tmdb);
}

static void
add_duration (JsonBuilder *builder, const ForgeMedia *media)
{
  int s = media->duration_s;
  g_autofree char *text = g_strdup_printf ("%02d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);

  forge_panel_add_int (builder, "duration_secs", s);
  forge_panel_add_text (builder, "duration", text);
}

static void
add_extension (JsonBuilder *builder, const ForgeMedia *media)
{
  forge_panel_add_text (builder,
                        "container_extension",
                        media->extension ? media->extension : DEFAULT_EXTENSION);
}

char *
forge_panel_media_categories (GPtrArray *groups)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < groups->len; i++)
    forge_panel_add_category_row (builder, g_ptr_array_index (groups, i));
  json_builder_end_array (builder);
  return forge_panel_finish (builder);
}

static void
add_film_row (JsonBuilder *builder, const ForgeMedia *media, const char *base_url)
{
  add_names (builder, media);
  forge_panel_add_text (builder, "stream_type", "movie");
  forge_panel_add_int (builder, "stream_id", media->id);
  add_picture (builder, "stream_icon", media, base_url);
  add_rating (builder, media);
  forge_panel_add_digits (builder, "added", media->added);
  forge_panel_add_text (builder, "is_adult", "0");
  forge_panel_add_text (builder, "plot", media->plot);
  forge_panel_add_text (builder, "genre", media->genre);
  add_date (builder, "release_date", media);
  forge_panel_add_digits (builder, "episode_run_time", media->duration_s / 60);
  add_empty (builder, (const char *const[]){ "cast", "director", "youtube_trailer", NULL });
  forge_panel_add_category (builder, media->group);
  add_extension (builder, media);
  add_empty (builder, (const char *const[]){ "custom_sid", "direct_source", NULL });
  add_tmdb (builder, media);
}

/* What get_series and the "info" of get_series_info have in common. */
static void
add_series_members (JsonBuilder *builder, const ForgeMedia *media, const char *base_url)
{
  add_names (builder, media);
  add_picture (builder, "cover", media, base_url);
  forge_panel_add_text (builder, "plot", media->plot);
  forge_panel_add_text (builder, "genre", media->genre);
  add_date (builder, "releaseDate", media);
  add_date (builder, "release_date", media);
  forge_panel_add_digits (builder, "last_modified", media->modified);
  add_rating (builder, media);
  add_empty_array (builder, "backdrop_path");
  forge_panel_add_text (builder, "episode_run_time", "0");
  add_empty (builder, (const char *const[]){ "cast", "director", "youtube_trailer", NULL });
  forge_panel_add_category (builder, media->group);
  add_tmdb (builder, media);
}

char *
forge_panel_media_row (const ForgeMedia *media, guint num, const char *base_url)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  forge_panel_add_int (builder, "num", num);
  if (media->kind == FORGE_MEDIA_SERIES) {
    forge_panel_add_int (builder, "series_id", media->id);
    add_series_members (builder, media, base_url);
  } else {
    add_film_row (builder, media, base_url);
  }
  json_builder_end_object (builder);
  return forge_panel_finish (builder);
}

/* What "info" of a film and of an episode have in common. */
static void
add_file_info (JsonBuilder *builder, const ForgeMedia *media, const char *base_url)
{
  forge_panel_add_int (builder, "tmdb_id", media->tmdb_id);
  add_picture (builder, "movie_image", media, base_url);
  add_date (builder, "releasedate", media);
  add_date (builder, "release_date", media);
  forge_panel_add_text (builder, "plot", media->plot);
  forge_panel_add_text (builder, "rating", media->rating);
  add_duration (builder, media);
  forge_panel_add_int (builder, "bitrate", 0);
  add_empty_array (builder, "video");
  add_empty_array (builder, "audio");
  add_empty_array (builder, "subtitles");
}

static void
add_film_info (JsonBuilder *builder, const ForgeMedia *media, const char *base_url)
{
  static const char *const unknown[] = {
    "kinopoisk_url", "youtube_trailer", "director", "actors",      "cast",
    "age",           "country",         "status",   "mpaa_rating", NULL
  };

  json_builder_set_member_name (builder, "info");
  json_builder_begin_object (builder);
  forge_panel_add_text (builder, "name", media->title);
  forge_panel_add_text (builder, "o_name", media->title);
  add_picture (builder, "cover_big", media, base_url);
  add_file_info (builder, media, base_url);
  forge_panel_add_text (builder, "description", media->plot);
  forge_panel_add_text (builder, "genre", media->genre);
  forge_panel_add_int (builder, "episode_run_time", media->duration_s / 60);
  forge_panel_add_int (builder, "runtime", media->duration_s / 60);
  forge_panel_add_int (builder, "rating_count_kinopoisk", 0);
  add_empty (builder, unknown);
  add_empty_array (builder, "backdrop_path");
  json_builder_end_object (builder);
}

static void
add_movie_data (JsonBuilder *builder, const ForgeMedia *media)
{
  json_builder_set_member_name (builder, "movie_data");
  json_builder_begin_object (builder);
  forge_panel_add_int (builder, "stream_id", media->id);
  add_names (builder, media);
  forge_panel_add_digits (builder, "added", media->added);
  forge_panel_add_category (builder, media->group);
  add_extension (builder, media);
  add_empty (builder, (const char *const[]){ "custom_sid", "direct_source", NULL });
  json_builder_end_object (builder);
}

char *
forge_panel_film (const ForgeMedia *media, const char *base_url)
{
  JsonBuilder *builder;

  if (!media) /* PHP's empty arrays, as panels send them */
    return g_strdup ("{\"info\":[],\"movie_data\":[]}");
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_film_info (builder, media, base_url);
  add_movie_data (builder, media);
  json_builder_end_object (builder);
  return forge_panel_finish (builder);
}

static const ForgeMedia *
episode_at (GPtrArray *episodes, guint i)
{
  return i < episodes->len ? g_ptr_array_index (episodes, i) : NULL;
}

/* The first episode that is not of the season of the one at `first`. */
static guint
season_end (GPtrArray *episodes, guint first)
{
  guint i = first;

  while (i < episodes->len &&
         episode_at (episodes, i)->season == episode_at (episodes, first)->season)
    i++;
  return i;
}

static void
add_season (JsonBuilder *builder,
            const ForgeMedia *media,
            int season,
            guint n,
            const char *base_url)
{
  g_autofree char *name = g_strdup_printf ("Season %d", season);

  json_builder_begin_object (builder);
  forge_panel_add_text (builder, "air_date", NULL);
  forge_panel_add_int (builder, "episode_count", n);
  forge_panel_add_int (builder, "id", media->id * 1000 + season);
  forge_panel_add_text (builder, "name", name);
  forge_panel_add_text (builder, "overview", NULL);
  forge_panel_add_int (builder, "season_number", season);
  add_picture (builder, "cover", media, base_url);
  add_picture (builder, "cover_big", media, base_url);
  json_builder_end_object (builder);
}

static void
add_seasons (JsonBuilder *builder,
             const ForgeMedia *media,
             GPtrArray *episodes,
             const char *base_url)
{
  json_builder_set_member_name (builder, "seasons");
  json_builder_begin_array (builder);
  for (guint i = 0, end; i < episodes->len; i = end) {
    end = season_end (episodes, i);
    add_season (builder, media, episode_at (episodes, i)->season, end - i, base_url);
  }
  json_builder_end_array (builder);
}

/* The id is a text: apps put it into the address as it is. */
static void
add_episode (JsonBuilder *builder, const ForgeMedia *episode, const char *base_url)
{
  json_builder_begin_object (builder);
  forge_panel_add_digits (builder, "id", episode->id);
  forge_panel_add_int (builder, "episode_num", episode->number);
  forge_panel_add_text (builder, "title", episode->title);
  add_extension (builder, episode);
  json_builder_set_member_name (builder, "info");
  json_builder_begin_object (builder);
  add_file_info (builder, episode, base_url);
  forge_panel_add_int (builder, "season", episode->season);
  json_builder_end_object (builder);
  add_empty_array (builder, "subtitles");
  forge_panel_add_digits (builder, "added", episode->added);
  forge_panel_add_int (builder, "season", episode->season);
  add_empty (builder, (const char *const[]){ "custom_sid", "direct_source", NULL });
  json_builder_end_object (builder);
}

/* An object by season, also when it is empty: an array breaks apps. */
static void
add_episodes (JsonBuilder *builder, GPtrArray *episodes, const char *base_url)
{
  json_builder_set_member_name (builder, "episodes");
  json_builder_begin_object (builder);
  for (guint i = 0, end; i < episodes->len; i = end) {
    g_autofree char *season = g_strdup_printf ("%d", episode_at (episodes, i)->season);
    end = season_end (episodes, i);
    json_builder_set_member_name (builder, season);
    json_builder_begin_array (builder);
    for (guint k = i; k < end; k++)
      add_episode (builder, episode_at (episodes, k), base_url);
    json_builder_end_array (builder);
  }
  json_builder_end_object (builder);
}

char *
forge_panel_series (const ForgeMedia *media, GPtrArray *episodes, const char *base_url)
{
  JsonBuilder *builder;

  if (!media)
    return g_strdup ("{\"seasons\":[],\"info\":[],\"episodes\":{}}");
  builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_seasons (builder, media, episodes, base_url);
  json_builder_set_member_name (builder, "info");
  json_builder_begin_object (builder);
  add_series_members (builder, media, base_url);
  json_builder_end_object (builder);
  add_episodes (builder, episodes, base_url);
  json_builder_end_object (builder);
  return forge_panel_finish (builder);
}
