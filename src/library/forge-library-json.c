/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-library-json.h"

#include "base/forge-clock.h"

#include <string.h>

const char *
forge_library_list_name (ForgeMediaKind kind)
{
  return kind == FORGE_MEDIA_MOVIE ? "movies" : "series";
}

gboolean
forge_library_list_parse (const char *name, ForgeMediaKind *kind)
{
  *kind = g_strcmp0 (name, "movies") == 0 ? FORGE_MEDIA_MOVIE : FORGE_MEDIA_SERIES;
  return g_strcmp0 (name, forge_library_list_name (*kind)) == 0;
}

static JsonNode *
node_of (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static JsonNode *
node_of_array (JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array);
  return node;
}

static void
set_text (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
  else
    json_object_set_null_member (object, name);
}

/* 0 is "unknown": null. */
static void
set_number (JsonObject *object, const char *name, gint64 value)
{
  if (value > 0)
    json_object_set_int_member (object, name, value);
  else
    json_object_set_null_member (object, name);
}

static char *
host_of (const char *url)
{
  g_autoptr (GUri) uri = g_uri_parse (url, G_URI_FLAGS_ENCODED | G_URI_FLAGS_PARSE_RELAXED, NULL);

  return uri && g_uri_get_host (uri) ? g_ascii_strdown (g_uri_get_host (uri), -1) : NULL;
}

/* Where the accounts' providers are is nobody's business on the network. */
static gboolean
may_show_picture (const char *url, GPtrArray *accounts)
{
  g_autofree char *host = host_of (url);

  for (guint i = 0; host && accounts && i < accounts->len; i++) {
    const ForgeAccount *account = g_ptr_array_index (accounts, i);
    g_autofree char *server = host_of (account->server);
    if (g_strcmp0 (host, server) == 0)
      return FALSE;
    for (guint m = 0; account->mirrors && account->mirrors[m]; m++) {
      g_autofree char *mirror = host_of (account->mirrors[m]);
      if (g_strcmp0 (host, mirror) == 0)
        return FALSE;
    }
  }
  return host != NULL && !strchr (url, '@');
}

static void
set_episode (JsonObject *object, const ForgeMedia *media)
{
  json_object_set_int_member (object, "series_id", media->series_id);
  set_text (object, "series", media->series_title);
  json_object_set_int_member (object, "season", media->season);
  json_object_set_int_member (object, "episode", media->number);
}

static JsonObject *
media_object (const ForgeMedia *media, GPtrArray *accounts)
{
  JsonObject *object = json_object_new ();
  g_autofree char *handle = forge_media_handle (media->kind, media->id);
  g_autofree char *added = media->added ? forge_time_to_iso8601 (media->added) : NULL;
  gboolean has_picture = media->poster && may_show_picture (media->poster, accounts);

  json_object_set_int_member (object, "id", media->id);
  json_object_set_string_member (object, "kind", forge_media_kind_name (media->kind));
  json_object_set_string_member (object, "handle", handle);
  set_text (object, "title", media->title);
  set_number (object, "year", media->year);
  set_number (object, "tmdb_id", media->tmdb_id);
  set_text (object, "genre", media->genre);
  set_text (object, "rating", media->rating);
  set_text (object, "group", media->group);
  set_text (object, "plot", media->plot);
  set_text (object, "poster", has_picture ? media->poster : NULL);
  json_object_set_string_member (object, "quality", forge_quality_name (media->quality));
  set_number (object, "duration_s", media->duration_s);
  set_text (object, "added", added);
  json_object_set_int_member (object, "sources", media->sources);
  if (media->kind == FORGE_MEDIA_EPISODE)
    set_episode (object, media);
  return object;
}

JsonNode *
forge_library_json_media (const ForgeMedia *media, GPtrArray *accounts)
{
  return node_of (media_object (media, accounts));
}

static JsonArray *
media_array (GPtrArray *list, GPtrArray *accounts)
{
  JsonArray *array = json_array_sized_new (list->len);

  for (guint i = 0; i < list->len; i++)
    json_array_add_object_element (array, media_object (g_ptr_array_index (list, i), accounts));
  return array;
}

JsonNode *
forge_library_json_list (GPtrArray *list, GPtrArray *accounts)
{
  return node_of_array (media_array (list, accounts));
}

JsonNode *
forge_library_json_page (GPtrArray *list, GPtrArray *accounts, guint total, guint offset)
{
  JsonObject *page = json_object_new ();

  json_object_set_array_member (page, "items", media_array (list, accounts));
  json_object_set_int_member (page, "total", total);
  json_object_set_int_member (page, "offset", offset);
  return node_of (page);
}

static const char *
account_name (GPtrArray *accounts, gint64 id)
{
  for (guint i = 0; accounts && i < accounts->len; i++)
    if (((const ForgeAccount *)g_ptr_array_index (accounts, i))->id == id)
      return ((const ForgeAccount *)g_ptr_array_index (accounts, i))->name;
  return NULL;
}

static JsonArray *
source_array (GPtrArray *sources, GPtrArray *accounts)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; sources && i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    JsonObject *object = json_object_new ();
    set_text (object, "account", account_name (accounts, source->account_id));
    set_text (object, "name", source->name);
    set_text (object, "language", source->language);
    json_object_set_string_member (object, "quality", forge_quality_name (source->quality));
    set_text (object, "container", source->extension);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* Episodes come by season. */
static JsonArray *
season_array (GPtrArray *episodes, GPtrArray *accounts)
{
  JsonArray *seasons = json_array_new (), *current = NULL;
  int season = -1;

  for (guint i = 0; i < episodes->len; i++) {
    const ForgeMedia *episode = g_ptr_array_index (episodes, i);
    if (!current || episode->season != season) {
      JsonObject *object = json_object_new ();
      season = episode->season;
      current = json_array_new ();
      json_object_set_int_member (object, "season", season);
      json_object_set_array_member (object, "episodes", current);
      json_array_add_object_element (seasons, object);
    }
    json_array_add_object_element (current, media_object (episode, accounts));
  }
  return seasons;
}

JsonNode *
forge_library_json_details (const ForgeMedia *media,
                            GPtrArray *sources,
                            GPtrArray *episodes,
                            GPtrArray *accounts)
{
  JsonObject *object = media_object (media, accounts);

  json_object_set_array_member (object, "variants", source_array (sources, accounts));
  if (episodes)
    json_object_set_array_member (object, "seasons", season_array (episodes, accounts));
  return node_of (object);
}
