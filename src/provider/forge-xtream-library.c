/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-xtream-library.h"

#include "model/forge-media-name.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <string.h>

#define MAX_NAME_BYTES      512
#define MAX_PLOT_BYTES      1200
#define MAX_GENRE_BYTES     200
#define MAX_RATING_BYTES    16
#define MAX_EXTENSION_BYTES 8
#define MAX_DURATION_S      (48 * 3600)
#define MAX_SEASON          9999
#define DEFAULT_EXTENSION   "mp4"

typedef struct {
  const char *categories, *list;            /* actions */
  const char *what_categories, *what;       /* in messages */
  const char *id, *picture, *other_picture; /* members */
} Words;

static const Words *
words_of (ForgeMediaKind kind)
{
  static const Words movie = { "get_vod_categories",
                               "get_vod_streams",
                               "film categories",
                               "films",
                               "stream_id",
                               "stream_icon",
                               "cover" };
  static const Words series = { "get_series_categories",
                                "get_series",
                                "series categories",
                                "series",
                                "series_id",
                                "cover",
                                "cover_big" };

  return kind == FORGE_MEDIA_MOVIE ? &movie : &series;
}

/* ---- members ---- */

static char *
read_text (JsonObject *row, const char *member, gsize max_bytes)
{
  return forge_xtream_clean (forge_json_text (row, member), max_bytes);
}

/* Seen: tmdb, tmdb_id; as number or text; 0, "0", "" and "null" for none. */
static gint64
read_tmdb (JsonObject *row)
{
  static const char *const names[] = { "tmdb_id", "tmdb", "tmdbid", "tmdbId", "tmdb_ID", "TMDB" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    gint64 id = forge_json_int (row, names[i], 0);
    if (id > 0)
      return id;
  }
  return 0;
}

static int
read_year (JsonObject *row)
{
  static const char *const names[] = { "year", "releaseDate", "release_date", "releasedate" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autofree char *text = forge_json_text (row, names[i]);
    int year = forge_media_year (text);
    if (year > 0)
      return year;
  }
  return 0;
}

/* It becomes part of a URL: letters and digits or nothing. Seen: "", null, ".mkv". */
static char *
read_extension (JsonObject *row)
{
  g_autofree char *text = forge_json_text (row, "container_extension");
  const char *start = text && *text == '.' ? text + 1 : text;

  if (!start || !*start || strlen (start) > MAX_EXTENSION_BYTES)
    return NULL;
  for (const char *p = start; *p; p++)
    if (!g_ascii_isalnum (*p))
      return NULL;
  return g_ascii_strdown (start, -1);
}

/* "01:32:10" */
static int
parse_clock (const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 4);
  gint64 seconds = 0;

  if (g_strv_length (parts) < 2 || g_strv_length (parts) > 3)
    return 0;
  for (guint i = 0; parts[i]; i++) {
    gint64 value;
    if (!g_ascii_string_to_signed (parts[i], 10, 0, 59 * 60, &value, NULL))
      return 0;
    seconds = seconds * 60 + value;
  }
  return seconds <= MAX_DURATION_S ? (int)seconds : 0;
}

static int
read_duration (JsonObject *row)
{
  gint64 seconds = forge_json_int (row, "duration_secs", 0);
  g_autofree char *clock = forge_json_text (row, "duration");

  if (seconds > 0 && seconds <= MAX_DURATION_S)
    return (int)seconds;
  return clock ? parse_clock (clock) : 0;
}

static char *
read_plot (JsonObject *row)
{
  char *plot = read_text (row, "plot", MAX_PLOT_BYTES);

  return plot ? plot : read_text (row, "description", MAX_PLOT_BYTES);
}

/* Seen: 0 for "nobody rated it". */
static char *
read_rating (JsonObject *row)
{
  char *rating = read_text (row, "rating", MAX_RATING_BYTES);

  if (rating && g_ascii_strtod (rating, NULL) <= 0)
    g_clear_pointer (&rating, g_free);
  return rating;
}

/* ---- rows of lists ---- */

/* XUI adds the year to `name` and keeps the plain one in `title`. The longer one says more. */
static void
read_names (JsonObject *row, ForgeMediaListing *listing)
{
  g_autofree char *title = read_text (row, "title", MAX_NAME_BYTES);
  g_auto (ForgeMediaName) name = { 0 };

  listing->name = read_text (row, "name", MAX_NAME_BYTES);
  if (!listing->name)
    listing->name = g_steal_pointer (&title);
  if (!listing->name)
    return;
  forge_media_name_parse (listing->name, &name);
  listing->year = name.year ? name.year : read_year (row);
  listing->tmdb_id = read_tmdb (row);
  if (listing->tmdb_id == 0)
    listing->tmdb_id = name.tmdb_id;
  listing->quality = name.quality;
  listing->language = g_steal_pointer (&name.language);
  listing->title = g_steal_pointer (&name.title);
  listing->folded = forge_media_fold (listing->title);
}

static void
read_details (JsonObject *row, const Words *words, ForgeMediaListing *listing)
{
  listing->poster = forge_xtream_read_picture (row, words->picture);
  if (!listing->poster)
    listing->poster = forge_xtream_read_picture (row, words->other_picture);
  listing->plot = read_plot (row);
  listing->genre = read_text (row, "genre", MAX_GENRE_BYTES);
  listing->rating = read_rating (row);
  listing->duration_s = read_duration (row);
  listing->added = MAX (forge_json_int (row, "added", 0), 0);
  listing->modified = MAX (forge_json_int (row, "last_modified", 0), 0);
}

ForgeMediaListing *
forge_xtream_parse_media (JsonObject *row, ForgeMediaKind kind, GHashTable *categories)
{
  const Words *words = words_of (kind);
  g_autoptr (ForgeMediaListing) listing = forge_media_listing_new ();

  listing->remote_id = forge_json_int (row, words->id, 0);
  read_names (row, listing);
  if (listing->remote_id <= 0 || !listing->name)
    return NULL;
  read_details (row, words, listing);
  listing->group = forge_xtream_read_group (row, categories);
  if (kind == FORGE_MEDIA_MOVIE) {
    listing->extension = read_extension (row);
    if (!listing->extension)
      listing->extension = g_strdup (DEFAULT_EXTENSION);
  }
  return g_steal_pointer (&listing);
}

typedef struct {
  ForgeMediaKind kind;
  GHashTable *categories;
  ForgeXtreamMediaFunc each;
  gpointer user_data;
} MediaList;

static ForgeXtreamRow
take_media (JsonObject *row, guint position, gpointer user_data, GError **error)
{
  MediaList *list = user_data;
  g_autoptr (ForgeMediaListing) listing =
      forge_xtream_parse_media (row, list->kind, list->categories);

  if (!listing)
    return FORGE_XTREAM_ROW_UNUSABLE;
  listing->position = (int)position;
  return list->each (listing, list->user_data, error) ? FORGE_XTREAM_ROW_TAKEN
                                                      : FORGE_XTREAM_ROW_STOP;
}

GHashTable *
forge_xtream_media_categories (ForgeHttp *http,
                               const ForgeXtreamLogin *login,
                               ForgeMediaKind kind,
                               GCancellable *cancellable,
                               GError **error)
{
  const Words *words = words_of (kind);

  return forge_xtream_categories (http,
                                  login,
                                  words->categories,
                                  words->what_categories,
                                  cancellable,
                                  error);
}

gboolean
forge_xtream_media_list (ForgeHttp *http,
                         const ForgeXtreamLogin *login,
                         ForgeMediaKind kind,
                         GHashTable *categories,
                         ForgeXtreamMediaFunc each,
                         gpointer user_data,
                         ForgeJsonCounts *counts,
                         GCancellable *cancellable,
                         GError **error)
{
  const Words *words = words_of (kind);
  MediaList list = { kind, categories, each, user_data };

  return forge_xtream_list (http,
                            login,
                            words->list,
                            words->what,
                            take_media,
                            &list,
                            counts,
                            cancellable,
                            error);
}

/* ---- one film ---- */

static void
read_info (JsonObject *info, ForgeMediaListing *out)
{
  out->tmdb_id = read_tmdb (info);
  out->plot = read_plot (info);
  out->genre = read_text (info, "genre", MAX_GENRE_BYTES);
  out->duration_s = read_duration (info);
  out->poster = forge_xtream_read_picture (info, "cover_big");
  if (!out->poster)
    out->poster = forge_xtream_read_picture (info, "movie_image");
}

/* Seen: `info` and `movie_data` as [], null or absent. */
static gboolean
on_movie_member (JsonNode *item, const char *key, gpointer user_data)
{
  ForgeMediaListing *out = user_data;

  if (!key || !JSON_NODE_HOLDS_OBJECT (item))
    return TRUE;
  if (strcmp (key, "info") == 0)
    read_info (json_node_get_object (item), out);
  else if (strcmp (key, "movie_data") == 0)
    out->extension = read_extension (json_node_get_object (item));
  return TRUE;
}

ForgeMediaListing *
forge_xtream_movie_info (ForgeHttp *http,
                         const ForgeXtreamLogin *login,
                         gint64 remote_id,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (ForgeMediaListing) out = forge_media_listing_new ();

  return forge_xtream_fetch_one (http,
                                 login,
                                 "get_vod_info&vod_id",
                                 remote_id,
                                 "film details",
                                 on_movie_member,
                                 out,
                                 cancellable,
                                 error)
             ? g_steal_pointer (&out)
             : NULL;
}

/* ---- episodes ---- */

static ForgeMediaListing *
parse_episode (JsonObject *row, int season, int place)
{
  JsonObject *info = forge_json_object (row, "info");
  gint64 own_season = forge_json_int (row, "season", 0);
  gint64 number = forge_json_int (row, "episode_num", 0);
  ForgeMediaListing *listing = forge_media_listing_new ();

  listing->remote_id = forge_json_int (row, "id", 0);
  listing->season = own_season > 0 && own_season <= MAX_SEASON ? (int)own_season : season;
  listing->number = number > 0 && number <= G_MAXINT ? (int)number : place;
  listing->name = read_text (row, "title", MAX_NAME_BYTES);
  if (!listing->name)
    listing->name = g_strdup_printf ("S%02dE%02d", listing->season, listing->number);
  listing->quality = forge_quality_from_name (listing->name);
  listing->extension = read_extension (row);
  if (!listing->extension)
    listing->extension = g_strdup (DEFAULT_EXTENSION);
  listing->added = MAX (forge_json_int (row, "added", 0), 0);
  if (info) {
    listing->duration_s = read_duration (info);
    listing->plot = read_plot (info);
    listing->poster = forge_xtream_read_picture (info, "movie_image");
  }
  return listing;
}

static void
take_episode (JsonNode *node, int season, int place, ForgeSeriesInfo *info)
{
  g_autoptr (ForgeMediaListing) episode =
      JSON_NODE_HOLDS_OBJECT (node) ? parse_episode (json_node_get_object (node), season, place)
                                    : NULL;

  if (episode && episode->remote_id > 0 && info->episodes->len < FORGE_MAX_EPISODES)
    g_ptr_array_add (info->episodes, g_steal_pointer (&episode));
  else
    info->skipped++;
}

/* A season: a list, or – from PHP, when a key is missing – an object with numbers for keys. */
static void
take_season (JsonNode *node, int season, ForgeSeriesInfo *info)
{
  g_autoptr (GList) values = NULL;
  int place = 1;

  if (JSON_NODE_HOLDS_ARRAY (node))
    values = json_array_get_elements (json_node_get_array (node));
  else if (JSON_NODE_HOLDS_OBJECT (node))
    values = json_object_get_values (json_node_get_object (node));
  for (GList *l = values; l; l = l->next)
    take_episode (l->data, season, place++, info);
}

static void
take_seasons (JsonObject *seasons, ForgeSeriesInfo *info)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  json_object_iter_init (&iter, seasons);
  while (json_object_iter_next (&iter, &key, &node)) {
    gint64 season;
    if (!g_ascii_string_to_signed (key, 10, 0, MAX_SEASON, &season, NULL))
      season = 1;
    if (JSON_NODE_HOLDS_OBJECT (node) && json_object_has_member (json_node_get_object (node), "id"))
      take_episode (node, 1, (int)season + 1, info); /* a flat list with holes */
    else
      take_season (node, (int)season, info);
  }
}

/* Seen: PHP makes a list of the seasons when their numbers run from 0; and flat lists. */
static void
take_list (JsonArray *list, ForgeSeriesInfo *info)
{
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonNode *node = json_array_get_element (list, i);
    if (JSON_NODE_HOLDS_ARRAY (node))
      take_season (node, (int)i, info);
    else
      take_episode (node, 1, (int)i + 1, info);
  }
}

void
forge_xtream_parse_episodes (JsonNode *node, ForgeSeriesInfo *info)
{
  if (!info->episodes)
    info->episodes = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_listing_free);
  if (JSON_NODE_HOLDS_OBJECT (node))
    take_seasons (json_node_get_object (node), info);
  else if (JSON_NODE_HOLDS_ARRAY (node))
    take_list (json_node_get_array (node), info);
}

static gboolean
on_series_member (JsonNode *item, const char *key, gpointer user_data)
{
  ForgeSeriesInfo *info = user_data;

  if (!key)
    return TRUE;
  if (strcmp (key, "info") == 0 && JSON_NODE_HOLDS_OBJECT (item))
    info->tmdb_id = read_tmdb (json_node_get_object (item));
  else if (strcmp (key, "episodes") == 0)
    forge_xtream_parse_episodes (item, info);
  return TRUE;
}

void
forge_series_info_clear (ForgeSeriesInfo *info)
{
  g_clear_pointer (&info->episodes, g_ptr_array_unref);
}

gboolean
forge_xtream_series_info (ForgeHttp *http,
                          const ForgeXtreamLogin *login,
                          gint64 remote_id,
                          ForgeSeriesInfo *info,
                          GCancellable *cancellable,
                          GError **error)
{
  *info = (ForgeSeriesInfo){ .episodes = g_ptr_array_new_with_free_func (
                                 (GDestroyNotify)forge_media_listing_free) };
  return forge_xtream_fetch_one (http,
                                 login,
                                 "get_series_info&series_id",
                                 remote_id,
                                 "episodes",
                                 on_series_member,
                                 info,
                                 cancellable,
                                 error);
}

/* ---- addresses ---- */

char *
forge_xtream_media_url (const ForgeXtreamLogin *login,
                        ForgeMediaKind kind,
                        gint64 remote_id,
                        const char *extension)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/%s/%s/%s/%" G_GINT64_FORMAT ".%s",
                          login->server,
                          kind == FORGE_MEDIA_MOVIE ? "movie" : "series",
                          username,
                          password,
                          remote_id,
                          extension ? extension : DEFAULT_EXTENSION);
}
