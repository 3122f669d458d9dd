/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-library.h"
#include "engine/forge-web-private.h"
#include "library/forge-ladder.h"

#include <string.h>

/* GET /api/stream/extract: where a film or an episode can be played, by its TMDB id. */

typedef struct {
  const char *tmdb_text;
  gint64 tmdb_id, season, episode;
  gboolean is_tv;
  ForgeDetailsState details; /* how what is answered was found */
} Wanted;

static gboolean
refuse (const char *field, const char *why, GError **error)
{
  g_set_error (error, FORGE_ERROR, FORGE_ERROR_INVALID, "%s: %s", field, why);
  return FALSE;
}

static gboolean
read_number (const ForgeRequest *request,
             const char *name,
             gint64 min,
             gint64 *value,
             GError **error)
{
  const char *text = forge_request_query (request, name);

  if (!text)
    return refuse (name, "is missing", error);
  return g_ascii_string_to_signed (text, 10, min, G_MAXINT, value, NULL) ||
         refuse (name, "is not a whole number in its range", error);
}

static gboolean
read_wanted (const ForgeRequest *request, Wanted *wanted, GError **error)
{
  const char *type = forge_request_query (request, "mediaType");

  if (!type)
    type = forge_request_query (request, "type");
  wanted->tmdb_text = forge_request_query (request, "tmdbId");
  if (!read_number (request, "tmdbId", 1, &wanted->tmdb_id, error))
    return FALSE;
  if (g_strcmp0 (type, "movie") != 0 && g_strcmp0 (type, "tv") != 0)
    return refuse ("mediaType", "is neither movie nor tv", error);
  wanted->is_tv = strcmp (type, "tv") == 0;
  return !wanted->is_tv || (read_number (request, "season", 0, &wanted->season, error) &&
                            read_number (request, "episode", 1, &wanted->episode, error));
}

/* ---- finding ---- */

static gboolean
not_in_library (const Wanted *wanted, GError **error)
{
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "No account has the %s with the TMDB id %s",
               wanted->is_tv ? "episode of the series" : "film",
               wanted->tmdb_text);
  return FALSE;
}

static gint64
find_episode (ForgeWebCall *call, Wanted *wanted, gint64 series_id, GError **error)
{
  ForgeOps ops = { call->web->engine, call->store, call->cancellable };

  if (!forge_ops_look_up_details (&ops, FORGE_MEDIA_SERIES, series_id, &wanted->details, error))
    return 0;
  return forge_store_find_episode (call->store,
                                   series_id,
                                   (int)wanted->season,
                                   (int)wanted->episode,
                                   error);
}

/* A list of films says neither how long they are nor always what they look like: the account does,
 * when it is asked for the one. Without an answer the film can be played all the same. */
static void
look_up_film (ForgeWebCall *call, Wanted *wanted, ForgeMedia **film)
{
  ForgeOps ops = { call->web->engine, call->store, call->cancellable };
  gint64 id = (*film)->id;

  if ((*film)->duration_s > 0 ||
      !forge_ops_look_up_details (&ops, FORGE_MEDIA_MOVIE, id, &wanted->details, NULL))
    return;
  ForgeMedia *again = forge_store_get_media (call->store, FORGE_MEDIA_MOVIE, id, NULL);
  if (!again)
    return;
  forge_media_unref (*film);
  *film = again;
}

/* NULL with an error; NOT_FOUND if nobody has it. */
static ForgeMedia *
find_media (ForgeWebCall *call, Wanted *wanted, GPtrArray **sources, GError **error)
{
  ForgeMediaKind kind = wanted->is_tv ? FORGE_MEDIA_SERIES : FORGE_MEDIA_MOVIE;
  g_autoptr (GError) failure = NULL;
  gint64 id = forge_store_find_tmdb (call->store, kind, wanted->tmdb_id, &failure);

  if (id && wanted->is_tv) {
    id = find_episode (call, wanted, id, &failure);
    kind = FORGE_MEDIA_EPISODE;
  }
  g_autoptr (ForgeMedia) media = id ? forge_store_get_media (call->store, kind, id, &failure)
                                    : NULL;
  if (media && !wanted->is_tv)
    look_up_film (call, wanted, &media);
  if (media)
    *sources = forge_store_media_sources (call->store, kind, media->id, &failure);
  if (*sources && (*sources)->len > 0)
    return g_steal_pointer (&media);
  g_clear_pointer (sources, g_ptr_array_unref);
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    not_in_library (wanted, error);
  return NULL;
}

/* ---- the answer ---- */

static char *
source_url (ForgeWebCall *call, const ForgeMedia *media, const ForgeMediaSource *source)
{
  g_autoptr (GHashTable) query = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);

  g_hash_table_insert (query, (gpointer) "kind", g_strdup (forge_media_kind_name (media->kind)));
  g_hash_table_insert (query, (gpointer) "id", g_strdup_printf ("%" G_GINT64_FORMAT, media->id));
  g_hash_table_insert (query,
                       (gpointer) "account",
                       g_strdup_printf ("%" G_GINT64_FORMAT, source->account_id));
  g_autofree char *path = forge_link_sign (call->keys, FORGE_LINK_STRM, "/strm/stream", query);
  return g_strconcat (call->request->base_url, path, NULL);
}

static const char *
quality_of (const ForgeMediaSource *source)
{
  return forge_ladder_name (forge_ladder_of_quality (source->quality));
}

static JsonArray *
source_array (ForgeWebCall *call, const ForgeMedia *media, GPtrArray *sources)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    JsonObject *object = json_object_new ();
    g_autofree char *url = source_url (call, media, source);
    gboolean is_hls = g_strcmp0 (source->extension, "m3u8") == 0;
    json_object_set_string_member (object, "url", url);
    json_object_set_string_member (object, "quality", quality_of (source));
    json_object_set_string_member (object, "type", is_hls ? "hls" : "mp4");
    forge_web_set_text (object, "container", source->extension);
    forge_web_set_text (object, "language", source->language);
    json_array_add_object_element (array, object);
  }
  return array;
}

/* Ours, and only if there is one: of an episode it is the series'. */
static void
set_poster (JsonObject *data, ForgeWebCall *call, const ForgeMedia *media)
{
  gboolean is_episode = media->kind == FORGE_MEDIA_EPISODE;
  ForgeMediaKind kind = is_episode ? FORGE_MEDIA_SERIES : media->kind;
  g_autoptr (ForgeMedia) series =
      is_episode && !media->poster
          ? forge_store_get_media (call->store, kind, media->series_id, NULL)
          : NULL;
  const ForgeMedia *shown = series ? series : media;

  if (!shown->poster) {
    json_object_set_null_member (data, "poster");
    return;
  }
  g_autofree char *handle = forge_media_handle (shown->kind, shown->id);
  g_autofree char *url = g_strconcat (call->request->base_url, "/poster/", handle, NULL);
  json_object_set_string_member (data, "poster", url);
}

static JsonObject *
data_object (ForgeWebCall *call, const ForgeMedia *media, GPtrArray *sources)
{
  JsonObject *data = json_object_new ();

  json_object_set_array_member (data, "sources", source_array (call, media, sources));
  json_object_set_array_member (data, "subtitles", json_array_new ());
  set_poster (data, call, media);
  if (media->duration_s)
    json_object_set_int_member (data, "duration", media->duration_s);
  else
    json_object_set_null_member (data, "duration");
  return data;
}

static ForgeLadderStep
best_step (GPtrArray *sources)
{
  ForgeLadderStep best = FORGE_LADDER_AUTO;

  for (guint i = 0; i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    best = MAX (best, forge_ladder_of_quality (source->quality));
  }
  return best;
}

static JsonObject *
metadata_object (const ForgeWebCall *call, const Wanted *wanted, GPtrArray *sources)
{
  JsonObject *metadata = json_object_new ();
  g_autofree char *time =
      g_strdup_printf ("%" G_GINT64_FORMAT "ms", (g_get_monotonic_time () - call->begun_us) / 1000);

  json_object_set_string_member (metadata, "tmdbId", wanted->tmdb_text);
  json_object_set_string_member (metadata, "mediaType", wanted->is_tv ? "tv" : "movie");
  if (wanted->is_tv) {
    json_object_set_int_member (metadata, "season", wanted->season);
    json_object_set_int_member (metadata, "episode", wanted->episode);
  }
  json_object_set_int_member (metadata, "sourceCount", sources->len);
  json_object_set_int_member (metadata, "subtitleCount", 0);
  json_object_set_string_member (metadata, "bestQuality", forge_ladder_name (best_step (sources)));
  json_object_set_string_member (metadata, "responseTime", time);
  return metadata;
}

static JsonObject *
answer (ForgeWebCall *call, Wanted *wanted, GError **error)
{
  g_autoptr (GPtrArray) sources = NULL;

  if (!read_wanted (call->request, wanted, error))
    return NULL;
  g_autoptr (ForgeMedia) media = find_media (call, wanted, &sources, error);
  if (!media)
    return NULL;
  JsonObject *object = json_object_new ();
  json_object_set_boolean_member (object, "success", TRUE);
  json_object_set_object_member (object, "data", data_object (call, media, sources));
  json_object_set_object_member (object, "metadata", metadata_object (call, wanted, sources));
  return object;
}

/* Our own shelf is the cache: a provider was asked, or was not, or did not answer. */
static const char *
cache_word (const Wanted *wanted)
{
  switch (wanted->details) {
  case FORGE_DETAILS_READ:
    return "MISS";
  case FORGE_DETAILS_STALE:
    return "STALE";
  case FORGE_DETAILS_KNOWN:
  default:
    return "HIT";
  }
}

/* The addresses in it are the household's own: only what stays on this machine may be kept by a
 * cache that several share. */
static void
add_cache_headers (ForgeReply *reply, const ForgeRequest *request, const Wanted *wanted)
{
  forge_reply_add_header (reply, "X-Cache", cache_word (wanted));
  forge_reply_add_header (reply,
                          "Cache-Control",
                          request->is_loopback
                              ? "public, s-maxage=1800, stale-while-revalidate=3600"
                              : "private, max-age=1800, stale-while-revalidate=3600");
}

static ForgeReply *
answer_request (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeWeb *web = user_data;
  g_auto (ForgeWebCall) call = { 0 };
  g_autoptr (GError) error = NULL;
  ForgeCallState state;
  JsonObject *object = NULL;
  Wanted wanted = { 0 };

  if (!forge_call_limit_take (web->stream_limit, request->peer, g_get_monotonic_time (), &state))
    return forge_web_too_many (&state);
  if (forge_web_call_init (&call, web, request, cancellable, &error))
    object = answer (&call, &wanted, &error);
  ForgeReply *reply = object ? forge_web_json (object) : forge_web_error (&call, error);
  forge_web_add_rate (reply, &state);
  if (!object)
    return reply;
  forge_web_add_time (reply, call.begun_us);
  add_cache_headers (reply, request, &wanted);
  return reply;
}

ForgeReply *
forge_web_on_stream_extract (const ForgeRequest *request,
                             GCancellable *cancellable,
                             gpointer user_data)
{
  ForgeWeb *web = user_data;
  gint64 begun_us = g_get_monotonic_time ();
  ForgeReply *reply = answer_request (request, cancellable, web);

  return forge_web_stats_note (web->stats, request, begun_us, reply);
}
