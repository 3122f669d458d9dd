/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-web-private.h"
#include "formats/forge-json-items.h"
#include "formats/forge-json-text.h"
#include "library/forge-ladder.h"
#include "library/forge-site.h"
#include "store/forge-store-library.h"

#include <string.h>

#define OWN_SCHEME "streamforge:"

/* What was asked: {url, options:{quality, format, watermark}}, or all of it flat. */
typedef struct {
  char *url, *format;
  ForgeLadderStep step;
  gboolean watermark, is_anew;
} Wish;

static void
wish_clear (Wish *wish)
{
  g_free (wish->url);
  g_free (wish->format);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Wish, wish_clear)

/* `curl -d` says "form" of whatever it sends. A page of another site may send that too without
 * asking first: from pages only what is called JSON is read, for which browsers ask. */
static gboolean
may_be_json (const ForgeRequest *request)
{
  g_autofree char *type = g_ascii_strdown (request->content_type ? request->content_type : "", -1);

  type[strcspn (type, "; \t")] = '\0';
  if (g_str_equal (type, "application/json") || g_str_equal (type, "text/json") ||
      g_str_has_suffix (type, "+json"))
    return TRUE;
  return !request->is_from_page &&
         (!*type || g_str_equal (type, "application/x-www-form-urlencoded"));
}

static ForgeReply *
wrong_type (void)
{
  return forge_web_refuse (415, "The body has to be JSON, with Content-Type: application/json");
}

static gboolean
read_wish (const ForgeRequest *request, Wish *wish, GError **error)
{
  gsize length = 0;
  const char *data = request->body ? g_bytes_get_data (request->body, &length) : "";
  g_autoptr (JsonNode) node = forge_json_parse (data, (gssize)length, error);

  if (!node) {
    g_prefix_error (error, "The body ");
    return FALSE;
  }
  JsonObject *body = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonObject *options = body ? forge_json_object (body, "options") : NULL;
  wish->url = body ? forge_json_text (body, "url") : NULL;
  if (!wish->url) {
    g_set_error_literal (error, FORGE_ERROR, FORGE_ERROR_INVALID, "url: is missing");
    return FALSE;
  }
  if (!options)
    options = body;
  g_autofree char *quality = forge_json_text (options, "quality");
  wish->step = forge_ladder_parse (quality);
  wish->format = forge_json_text (options, "format");
  wish->watermark = forge_json_bool (options, "watermark", FALSE);
  wish->is_anew = forge_json_bool (options, "bypass_cache", FALSE);
  return TRUE;
}

/* ---- the library ---- */

static JsonObject *
source_object (ForgeWebCall *call, const ForgeMedia *media, const ForgeMediaSource *source, guint n)
{
  JsonObject *object = json_object_new ();
  g_autofree char *url = forge_web_download_url (call, media, source);
  g_autofree char *id = g_strdup_printf ("%u", n);

  json_object_set_string_member (object, "id", id);
  json_object_set_string_member (object, "url", url);
  json_object_set_string_member (object,
                                 "quality",
                                 forge_ladder_name (forge_ladder_of_quality (source->quality)));
  forge_web_set_text (object, "format", source->extension);
  json_object_set_boolean_member (object, "has_video", TRUE);
  json_object_set_boolean_member (object, "has_audio", TRUE);
  forge_web_set_text (object, "language", source->language);
  return object;
}

/* The nearest step below or at the wish counts as near; without a wish the first is preferred. */
static guint
choose_source (GPtrArray *sources, ForgeLadderStep wanted)
{
  guint best = 0;
  int best_distance = G_MAXINT;

  for (guint i = 0; wanted != FORGE_LADDER_AUTO && i < sources->len; i++) {
    const ForgeMediaSource *source = g_ptr_array_index (sources, i);
    int distance = ABS ((int)forge_ladder_of_quality (source->quality) - (int)wanted);
    if (distance < best_distance) {
      best_distance = distance;
      best = i;
    }
  }
  return best;
}

static JsonObject *
library_answer (ForgeWebCall *call, const Wish *wish, const ForgeMedia *media, GPtrArray *sources)
{
  JsonObject *answer = json_object_new ();
  JsonArray *streams = json_array_new ();
  guint selected = choose_source (sources, wish->step);
  g_autofree char *title = forge_web_title (media);

  for (guint i = 0; i < sources->len; i++)
    json_array_add_object_element (
        streams,
        source_object (call, media, g_ptr_array_index (sources, i), i + 1));
  json_object_set_string_member (
      answer,
      "selected_stream_url",
      json_object_get_string_member (json_array_get_object_element (streams, selected), "url"));
  json_object_set_array_member (answer, "streams", streams);
  json_object_set_string_member (answer, "title", title);
  if (media->duration_s)
    json_object_set_int_member (answer, "duration", media->duration_s);
  return answer;
}

static JsonObject *
extract_from_library (ForgeWebCall *call, const Wish *wish, GError **error)
{
  ForgeMediaKind kind;
  gint64 id;

  if (!forge_media_handle_parse (wish->url + strlen (OWN_SCHEME), &kind, &id) ||
      kind == FORGE_MEDIA_SERIES) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "url: of the library these can be named: streamforge:movie/ID and "
                         "streamforge:episode/ID");
    return NULL;
  }
  g_autoptr (ForgeMedia) media = forge_store_get_media (call->store, kind, id, error);
  g_autoptr (GPtrArray) sources = media ? forge_store_media_sources (call->store, kind, id, error)
                                        : NULL;
  if (sources && sources->len > 0)
    return library_answer (call, wish, media, sources);
  if (sources)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "No account has “%s” just now",
                 media->title);
  return NULL;
}

/* ---- pages ---- */

static JsonObject *
format_object (ForgeWebCall *call,
               const Wish *wish,
               const ForgeExtraction *page,
               const ForgeSiteFormat *format)
{
  g_autofree char *canonical = forge_site_canonical (wish->url);
  const ForgeSiteLink link = { .url = format->url,
                               .audio = format->audio_url,
                               .page = canonical,
                               .format_id = format->id };
  JsonObject *object = json_object_new ();
  gint64 end_s = forge_web_link_end (call->now_s, page->duration_s);
  g_autofree char *path =
      forge_media_link_download_url (call->keys, &link, page->title, format->extension, end_s);
  g_autofree char *url = g_strconcat (call->request->base_url, path, NULL);

  forge_web_set_text (object, "id", format->id ? format->id : "1");
  json_object_set_string_member (object, "url", url);
  json_object_set_string_member (object,
                                 "quality",
                                 forge_ladder_name (forge_ladder_of_height (format->height)));
  forge_web_set_text (object, "format", format->extension);
  json_object_set_boolean_member (object, "has_video", format->has_video);
  json_object_set_boolean_member (object, "has_audio", format->has_audio);
  if (format->size)
    json_object_set_int_member (object, "size", format->size);
  if (format->bitrate_kbps)
    json_object_set_int_member (object, "bitrate", format->bitrate_kbps);
  forge_web_set_text (object, "codec", format->codec);
  if (format->height)
    json_object_set_int_member (object, "height", format->height);
  json_object_set_boolean_member (object, "hls", format->is_hls);
  json_object_set_boolean_member (object, "merged", format->audio_url != NULL);
  return object;
}

static JsonObject *
page_answer (ForgeWebCall *call, const Wish *wish, const ForgeExtraction *page)
{
  const ForgeFormatWish choice = { .height = forge_ladder_height (wish->step),
                                   .extension = wish->format,
                                   .watermark = wish->watermark };
  const ForgeSiteFormat *chosen = forge_extraction_choose (page, &choice);
  JsonObject *answer = json_object_new ();
  JsonArray *streams = json_array_new ();

  for (guint i = 0; i < page->formats->len; i++) {
    const ForgeSiteFormat *format = g_ptr_array_index (page->formats, i);
    JsonObject *object = format_object (call, wish, page, format);
    if (format == chosen)
      json_object_set_string_member (answer,
                                     "selected_stream_url",
                                     json_object_get_string_member (object, "url"));
    json_array_add_object_element (streams, object);
  }
  json_object_set_array_member (answer, "streams", streams);
  json_object_set_string_member (answer, "title", page->title);
  forge_web_set_text (answer, "thumbnail", page->thumbnail);
  if (page->duration_s)
    json_object_set_int_member (answer, "duration", page->duration_s);
  return answer;
}

static JsonObject *
extract_from_page (ForgeWebCall *call, const Wish *wish, GError **error)
{
  if (!forge_site_check (wish->url, forge_web_sites (call), error))
    return NULL;
  if (wish->is_anew)
    forge_extractor_forget (call->web->extractor, wish->url);
  g_autoptr (ForgeExtraction) page =
      forge_extractor_get (call->web->extractor, wish->url, call->cancellable, error);
  return page ? page_answer (call, wish, page) : NULL;
}

/* ---- the same in the parent's words ---- */

/* Copies a member if it is there. */
static void
copy (JsonObject *from, const char *name, JsonObject *to, const char *as)
{
  JsonNode *node = json_object_get_member (from, name);

  if (node)
    json_object_set_member (to, as, json_node_copy (node));
}

static JsonObject *
parents_format (JsonObject *stream)
{
  static const char *const names[][2] = {
    { "id", "format_id" },    { "quality", "quality" },     { "format", "ext" },
    { "url", "url" },         { "has_audio", "has_audio" }, { "codec", "codec_label" },
    { "bitrate", "bitrate" }, { "size", "filesize" },
  };
  JsonObject *format = json_object_new ();

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    copy (stream, names[i][0], format, names[i][1]);
  json_object_set_boolean_member (format,
                                  "is_audio_only",
                                  !json_object_get_boolean_member (stream, "has_video"));
  return format;
}

/* Adds `status` and `metadata`, which clients of the parent read. */
static JsonObject *
add_parents_words (JsonObject *answer, const Wish *wish)
{
  JsonObject *metadata = json_object_new ();
  JsonArray *formats = json_array_new ();
  JsonArray *streams = json_object_get_array_member (answer, "streams");

  for (guint i = 0; i < json_array_get_length (streams); i++)
    json_array_add_object_element (formats,
                                   parents_format (json_array_get_object_element (streams, i)));
  copy (answer, "title", metadata, "title");
  copy (answer, "duration", metadata, "duration");
  copy (answer, "thumbnail", metadata, "thumbnail");
  json_object_set_array_member (metadata, "formats", formats);
  json_object_set_string_member (metadata, "original_url", wish->url);
  json_object_set_string_member (answer, "status", "success");
  json_object_set_object_member (answer, "metadata", metadata);
  return answer;
}

static JsonObject *
extract (ForgeWebCall *call, GError **error)
{
  g_auto (Wish) wish = { 0 };

  if (!read_wish (call->request, &wish, error))
    return NULL;
  JsonObject *answer = g_str_has_prefix (wish.url, OWN_SCHEME)
                           ? extract_from_library (call, &wish, error)
                           : extract_from_page (call, &wish, error);
  return answer ? add_parents_words (answer, &wish) : NULL;
}

static ForgeReply *
answer_request (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeWeb *web = user_data;
  g_auto (ForgeWebCall) call = { 0 };
  g_autoptr (GError) error = NULL;
  ForgeCallState state;
  JsonObject *answer = NULL;

  if (!forge_call_limit_take (web->extract_limit, request->peer, g_get_monotonic_time (), &state))
    return forge_web_too_many (&state);
  if (!may_be_json (request))
    return wrong_type ();
  if (forge_web_call_init (&call, web, request, cancellable, &error))
    answer = extract (&call, &error);
  if (!answer)
    return forge_web_error (&call, error);
  ForgeReply *reply = forge_web_json (answer);
  forge_reply_add_header (reply, "Cache-Control", "no-store, no-cache, must-revalidate");
  forge_web_add_rate (reply, &state);
  forge_web_add_time (reply, call.begun_us);
  return reply;
}

ForgeReply *
forge_web_on_extract (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeWeb *web = user_data;
  gint64 begun_us = g_get_monotonic_time ();
  ForgeReply *reply = answer_request (request, cancellable, web);

  return forge_web_stats_note (web->stats, request, begun_us, reply);
}
