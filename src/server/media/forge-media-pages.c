/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "formats/forge-disposition.h"
#include "net/forge-guard.h"
#include "server/media/forge-media-playlist.h"
#include "server/media/forge-media-private.h"
#include "store/forge-store-library.h"

#include <json-glib/json-glib.h>

#include <string.h>

/* /api/stream, /strm/stream and /strm/proxy. Spec: docs/api.md. All on the media pool. */

#define MAX_PROGRESS_NAMES 100
#define MAX_LANGUAGE_BYTES 16

static ForgeReply *
refuse (guint status, ForgeError code, const char *text)
{
  g_autoptr (GError) error = g_error_new_literal (FORGE_ERROR, (gint)code, text);
  ForgeReply *reply = forge_reply_new_error (status, error);

  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

static ForgeReply *
bad_request (const char *text)
{
  return refuse (400, FORGE_ERROR_INVALID, text);
}

/* ---- who may ---- */

ForgeReply *
forge_media_check_signature (ForgeMediaService *service,
                             ForgeLinkPurpose purpose,
                             gboolean needs_signature,
                             const ForgeRequest *request,
                             GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  if (!needs_signature && request->is_loopback && !forge_request_query (request, "sig"))
    return NULL;
  g_autoptr (ForgeLinkKeys) keys = forge_media_service_keys (service, cancellable, &error);
  if (!keys)
    return forge_media_error_reply (error);
  if (forge_link_verify (keys,
                         purpose,
                         request->path,
                         request->query,
                         g_get_real_time () / G_USEC_PER_SEC,
                         &error))
    return NULL;
  return refuse (401, FORGE_ERROR_AUTH, error->message);
}

static void
fill_wish (ForgeMediaWish *wish, const ForgeRequest *request)
{
  wish->client = g_strdup (request->peer);
  wish->request_id = g_strdup (request->request_id);
  wish->is_watched = TRUE;
}

/* ---- what is asked ---- */

/* NULL if it may be opened. */
static ForgeReply *
check_site (ForgeMediaService *service, const char *url)
{
  g_autofree char *sites = forge_media_setting (service, "allowed_sites");
  g_autoptr (ForgeGuard) guard = forge_guard_new_sites (sites);
  g_autoptr (GError) error = NULL;

  return forge_guard_check_url (guard, url, &error) ? NULL : bad_request (error->message);
}

void
forge_media_wish_site (ForgeMediaWish *wish, const char *url, const char *page, const char *id)
{
  g_autofree char *what = page ? g_strdup_printf ("%s %s", page, id) : g_strdup (url);
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, what, -1);

  wish->key = g_strdup_printf ("site/%.32s", hash);
  wish->url = g_strdup (url);
  wish->page = g_strdup (page);
  wish->format_id = page ? g_strdup (id) : NULL;
}

static ForgeReply *
take_site (ForgeMediaService *service, ForgeMediaWish *wish, const ForgeRequest *request)
{
  const char *url = forge_request_query (request, "url");
  const char *page = forge_request_query (request, "page"),
             *id = forge_request_query (request, "fid");
  ForgeReply *reply = check_site (service, url);

  if (!page && !id) { /* as the parent's clients call them */
    page = forge_request_query (request, "source_url");
    id = forge_request_query (request, "format_id");
  }

  if (!reply && page && (!id || !*id))
    return bad_request ("page: goes with fid, the format's id on that page");
  if (!reply && page)
    reply = check_site (service, page);
  if (!reply)
    forge_media_wish_site (wish, url, page, id);
  return reply;
}

/* `*value` -1 = absent. FALSE: not a number. */
static gboolean
read_number (const ForgeRequest *request, const char *name, gint64 *value)
{
  const char *text = forge_request_query (request, name);

  *value = -1;
  return !text || g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, value, NULL);
}

/* The account that a link names; one that is gone by now is no reason to refuse it. */
static ForgeReply *
read_account (const ForgeRequest *request, ForgeMediaWish *wish)
{
  if (!read_number (request, "account", &wish->prefers))
    return bad_request ("account: expected a number");
  return NULL;
}

static ForgeReply *
take_title (ForgeMediaService *service,
            ForgeMediaWish *wish,
            ForgeMediaKind kind,
            gint64 id,
            ForgeResolved **title,
            GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;

  *title = forge_resolver_get (service->resolver, kind, id, cancellable, &error);
  if (!*title)
    return forge_media_error_reply (error);
  wish->kind = kind;
  wish->id = (*title)->id;
  wish->key = forge_media_wish_key ((*title)->handle, wish->language);
  if (wish->prefers > 0) { /* what an account has is a file of its own */
    char *key = g_strdup_printf ("%s @%" G_GINT64_FORMAT, wish->key, wish->prefers);
    g_free (wish->key);
    wish->key = key;
  }
  return NULL;
}

/* "movie/12" */
static ForgeReply *
take_handle (ForgeMediaService *service,
             ForgeMediaWish *wish,
             const char *handle,
             ForgeResolved **title,
             GCancellable *cancellable)
{
  ForgeMediaKind kind;
  gint64 id;

  if (!forge_media_handle_parse (handle, &kind, &id) || kind == FORGE_MEDIA_SERIES)
    return bad_request ("id: expected movie/NUMBER or episode/NUMBER");
  return take_title (service, wish, kind, id, title, cancellable);
}

/* ---- /api/stream ---- */

static char *
extension_of (const ForgeRequest *request, const ForgeResolved *title)
{
  const char *format = forge_request_query (request, "format");

  if (format && *format)
    return g_strdup (format);
  const ForgeMediaSource *source = title ? g_ptr_array_index (title->sources, 0) : NULL;
  return g_strdup (source && source->extension ? source->extension : "mp4");
}

static char *
disposition_of (const ForgeRequest *request, const ForgeResolved *title, gboolean is_attachment)
{
  const char *asked = forge_request_query (request, "title");
  g_autofree char *extension = extension_of (request, title);
  g_autofree char *name = forge_file_name (asked && *asked ? asked
                                           : title         ? title->title
                                                           : NULL,
                                           extension);

  return forge_content_disposition (is_attachment, name);
}

/* Of picture and sound: one of the containers that both fit into. */
static ForgeReply *
answer_merged (ForgeMediaService *service,
               ForgeMediaWish *wish,
               const char *disposition,
               const ForgeRequest *request,
               GCancellable *cancellable)
{
  const char *format = forge_request_query (request, "format");
  ForgeMediaMergeWish merge = { .whole = wish,
                                .urls = { forge_request_query (request, "url"),
                                          forge_request_query (request, "audio") } };
  g_auto (GStrv) ids = g_strsplit (wish->format_id ? wish->format_id : "", "+", 2);
  const char *type = forge_media_merge_container (format ? format : "mp4", &merge.output);
  ForgeReply *reply = check_site (service, merge.urls[1]);

  if (!reply && !type)
    reply = bad_request ("format: with audio, expected mp4, webm or mkv");
  if (ids[0] && ids[1]) { /* "137+140", as extract calls it */
    merge.page = wish->page;
    merge.ids[0] = ids[0];
    merge.ids[1] = ids[1];
  }
  return reply
             ? reply
             : forge_media_answer_merged (service, &merge, type, disposition, request, cancellable);
}

static ForgeReply *
on_stream (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeMediaService *service = user_data;
  const char *url = forge_request_query (request, "url"), *id = forge_request_query (request, "id");
  const char *audio = forge_request_query (request, "audio");
  const char *disposition = forge_request_query (request, "disposition");
  gboolean is_attachment = !disposition || g_str_equal (disposition, "attachment");
  g_auto (ForgeMediaWish) wish = { 0 };
  g_autoptr (ForgeResolved) title = NULL;
  ForgeReply *reply = NULL;

  if (!is_attachment && !g_str_equal (disposition, "inline"))
    return bad_request ("disposition: expected attachment or inline");
  if ((url != NULL) == (id != NULL))
    return bad_request ("Expected either url (an address of an allowed site) or id (movie/NUMBER, "
                        "episode/NUMBER)");
  if (audio && !url)
    return bad_request ("audio: goes with url, the picture that the sound belongs to");
  if (url)
    reply = take_site (service, &wish, request);
  if (!reply)
    reply = forge_media_check_signature (service, FORGE_LINK_STREAM, FALSE, request, cancellable);
  if (!reply)
    reply = read_account (request, &wish);
  if (!reply && id)
    reply = take_handle (service, &wish, id, &title, cancellable);
  if (reply)
    return reply;
  fill_wish (&wish, request);
  wish.is_watched = !is_attachment;
  wish.progress_name = g_strdup (forge_request_query (request, "dl"));
  g_autofree char *header = disposition_of (request, title, is_attachment);
  if (audio)
    return answer_merged (service, &wish, header, request, cancellable);
  const ForgeMediaAnswer answer = { .disposition = header,
                                    .cache_state = url ? "BYPASS" : "DISABLED" };
  return forge_media_answer (service, &wish, &answer, request, cancellable);
}

/* ---- /api/stream/progress ---- */

static void
append_progress (JsonBuilder *builder, const char *name, const ForgeMediaProgressView *view)
{
  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "dl");
  json_builder_add_string_value (builder, name);
  json_builder_set_member_name (builder, "state");
  json_builder_add_string_value (builder, forge_media_progress_state_name (view->state));
  json_builder_set_member_name (builder, "bytes");
  json_builder_add_int_value (builder, view->bytes);
  json_builder_set_member_name (builder, "total");
  if (view->total >= 0)
    json_builder_add_int_value (builder, view->total);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
}

/* Only what this client began: names are its own. Those that are not known are left out. */
static ForgeReply *
on_progress (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeMediaService *service = user_data;
  const char *asked = forge_request_query (request, "dl");
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (!asked)
    return bad_request ("dl: expected names, separated by commas");
  g_auto (GStrv) names = g_strsplit (asked, ",", MAX_PROGRESS_NAMES);
  json_builder_begin_array (builder);
  for (char **name = names; *name; name++) {
    ForgeMediaProgressView view;
    if (forge_media_progress_look (service->progress, request->peer, *name, &view))
      append_progress (builder, *name, &view);
  }
  json_builder_end_array (builder);
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  ForgeReply *reply =
      forge_reply_new_text ("application/json; charset=utf-8", json_to_string (root, FALSE));
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

/* ---- /strm/stream ---- */

/* A channel is served at one place only, by its permanent number. */
static ForgeReply *
to_channel (const ForgeRequest *request)
{
  const char *text = forge_request_query (request, "id");
  gint64 id;

  if (!text || !g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, &id, NULL))
    return bad_request ("id: expected a number");
  g_autofree char *place = g_strdup_printf ("%s/stream/%" G_GINT64_FORMAT, request->base_url, id);
  ForgeReply *reply = forge_reply_new_status (302);
  forge_reply_add_header (reply, "Location", place);
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

/* By its short name, or as the parents' clients call it. */
static gboolean
read_either (const ForgeRequest *request, const char *name, const char *other, gint64 *value)
{
  return read_number (request, forge_request_query (request, name) ? name : other, value);
}

static ForgeReply *
find_tmdb (ForgeStore *store,
           gint64 tmdb,
           gint64 season,
           gint64 episode,
           ForgeMediaKind *kind,
           gint64 *id)
{
  g_autoptr (GError) error = NULL;
  gboolean is_film = season < 0;

  *kind = is_film ? FORGE_MEDIA_MOVIE : FORGE_MEDIA_EPISODE;
  *id =
      forge_store_find_tmdb (store, is_film ? FORGE_MEDIA_MOVIE : FORGE_MEDIA_SERIES, tmdb, &error);
  if (*id > 0 && !is_film)
    *id = forge_store_find_episode (store, *id, (int)season, (int)episode, &error);
  if (error)
    return forge_media_error_reply (error);
  return *id > 0 ? NULL
                 : refuse (404, FORGE_ERROR_NOT_FOUND, "No account has a title with this TMDB id");
}

static ForgeReply *
read_tmdb (ForgeMediaService *service,
           const ForgeRequest *request,
           ForgeMediaKind *kind,
           gint64 *id)
{
  gint64 tmdb, season, episode;
  g_autoptr (GError) error = NULL;

  if (!read_number (request, "tmdb", &tmdb) || !read_either (request, "s", "season", &season) ||
      !read_either (request, "e", "episode", &episode) || tmdb <= 0 ||
      (season >= 0) != (episode >= 0) || season > G_MAXINT || episode > G_MAXINT)
    return bad_request ("tmdb, s, e: expected numbers; s and e only together");
  ForgeStore *store = forge_store_pool_take (service->config.stores, &error);
  if (!store)
    return forge_media_error_reply (error);
  ForgeReply *reply = find_tmdb (store, tmdb, season, episode, kind, id);
  forge_store_pool_give (service->config.stores, store);
  return reply;
}

/* An episode by its series: "kind=series&id=5&s=1&e=2". */
static ForgeReply *
read_series (ForgeMediaService *service,
             const ForgeRequest *request,
             ForgeMediaKind *kind,
             gint64 *id)
{
  gint64 series, season, episode;
  g_autoptr (GError) error = NULL;

  if (!read_number (request, "id", &series) || !read_either (request, "s", "season", &season) ||
      !read_either (request, "e", "episode", &episode) || series <= 0 || season < 0 ||
      episode < 0 || season > G_MAXINT || episode > G_MAXINT)
    return bad_request ("id, s, e: expected the numbers of a series, a season and an episode");
  ForgeStore *store = forge_store_pool_take (service->config.stores, &error);
  *kind = FORGE_MEDIA_EPISODE;
  *id = store ? forge_store_find_episode (store, series, (int)season, (int)episode, &error) : 0;
  forge_store_pool_give (service->config.stores, store);
  if (error)
    return forge_media_error_reply (error);
  return *id > 0 ? NULL : refuse (404, FORGE_ERROR_NOT_FOUND, "The series has no such episode");
}

static ForgeReply *
read_identity (ForgeMediaService *service,
               const ForgeRequest *request,
               ForgeMediaKind *kind,
               gint64 *id)
{
  const char *name = forge_request_query (request, "kind");

  if (forge_request_query (request, "tmdb"))
    return read_tmdb (service, request, kind, id);
  if (!name || !forge_media_kind_parse (name, kind))
    return bad_request ("kind: expected movie, episode, series or live (or tmdb instead of kind "
                        "and id)");
  if (*kind == FORGE_MEDIA_SERIES)
    return read_series (service, request, kind, id);
  if (!read_number (request, "id", id) || *id <= 0)
    return bad_request ("id: expected a number");
  return NULL;
}

static ForgeReply *
read_language (const ForgeRequest *request, char **language)
{
  const char *text = forge_request_query (request, "lang");

  if (!text)
    text = forge_request_query (request, "language");
  if (!text || !*text)
    return NULL;
  for (gsize i = 0; text[i]; i++)
    if (!g_ascii_isalpha (text[i]) || i >= MAX_LANGUAGE_BYTES)
      return bad_request ("lang: expected a code as it stands in titles, like DE");
  *language = g_ascii_strup (text, -1);
  return NULL;
}

/* No disposition: a player wants to see it. */
static ForgeReply *
answer_title (ForgeMediaService *service,
              ForgeMediaWish *wish,
              ForgeMediaKind kind,
              gint64 id,
              const ForgeRequest *request,
              GCancellable *cancellable)
{
  const ForgeMediaAnswer answer = { .cache_state = "DISABLED" };
  g_autoptr (ForgeResolved) title = NULL;
  ForgeReply *refusal = take_title (service, wish, kind, id, &title, cancellable);

  if (refusal)
    return refusal;
  fill_wish (wish, request);
  forge_media_wish_watch (wish, service);
  return forge_media_answer (service, wish, &answer, request, cancellable);
}

ForgeReply *
forge_media_service_answer (ForgeMediaService *service,
                            ForgeMediaKind kind,
                            gint64 id,
                            const ForgeSeat *seat,
                            const ForgeRequest *request,
                            GCancellable *cancellable)
{
  g_auto (ForgeMediaWish) wish = { .seat = *seat };

  return answer_title (service, &wish, kind, id, request, cancellable);
}

static ForgeReply *
on_strm (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeMediaService *service = user_data;
  g_auto (ForgeMediaWish) wish = { 0 };
  ForgeMediaKind kind;
  gint64 id;
  ForgeReply *reply =
      forge_media_check_signature (service, FORGE_LINK_STRM, FALSE, request, cancellable);

  if (!reply && g_strcmp0 (forge_request_query (request, "kind"), "live") == 0)
    return to_channel (request);
  if (!reply)
    reply = read_language (request, &wish.language);
  if (!reply)
    reply = read_account (request, &wish);
  if (!reply)
    reply = read_identity (service, request, &kind, &id);
  return reply ? reply : answer_title (service, &wish, kind, id, request, cancellable);
}

/* ---- /strm/proxy ---- */

/* What the player may add for low-latency playlists goes on to the provider. */
static char *
add_directives (const char *url, const ForgeRequest *request)
{
  static const char *const names[] = { "_HLS_msn", "_HLS_part", "_HLS_skip" };
  GString *out = g_string_new (url);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    const char *value = forge_request_query (request, names[i]);
    if (!value)
      continue;
    g_string_append_printf (out, "%c%s=", strchr (out->str, '?') ? '&' : '?', names[i]);
    g_string_append_uri_escaped (out, value, NULL, FALSE);
  }
  return g_string_free (out, FALSE);
}

static void
set_part (ForgeMediaWish *wish, const char *url, gint64 account_id)
{
  g_autofree char *hash = g_compute_checksum_for_string (G_CHECKSUM_SHA256, url, -1);
  char *copy = g_strdup (url);

  g_free (wish->key);
  g_free (wish->url);
  wish->key = g_strdup_printf ("part/%.32s", hash);
  wish->url = copy;
  wish->account_id = account_id;
}

static gboolean
is_failure (const ForgeReply *reply)
{
  guint status = forge_reply_status (reply);

  return status == 404 || status == 502 || status == 504;
}

/* The address is no longer good: the one that it has now, once. */
static ForgeReply *
answer_again (ForgeMediaService *service,
              ForgeMediaWish *wish,
              const ForgeMediaContext *context,
              const ForgeMediaAnswer *answer,
              const ForgeRequest *request,
              GCancellable *cancellable)
{
  g_autoptr (GError) error = NULL;
  gint64 account_id = context->account_id;
  g_autofree char *url =
      forge_media_playlist_find_again (service, wish, context, &account_id, cancellable, &error);

  if (!url)
    return forge_media_error_reply (error);
  set_part (wish, url, account_id);
  return forge_media_answer (service, wish, answer, request, cancellable);
}

/* A film in parts counts for the user who watches it, as one that comes in one piece. NULL: it
 * may. */
static ForgeReply *
take_part_seat (ForgeMediaService *service,
                const ForgeMediaContext *context,
                const ForgeRequest *request,
                ForgeMediaWish *wish)
{
  const ForgeMediaServiceConfig *config = &service->config;

  if (context->user == 0 || request->is_head)
    return NULL;
  g_autofree char *what = forge_media_handle (context->kind, context->id);
  if (!config->take_part (context->user, request->peer, what, &wish->seat, config->seat_data))
    return refuse (403,
                   FORGE_ERROR_LIMIT,
                   "This user watches as much as it may, or something else by now");
  forge_media_wish_watch (wish, service);
  return NULL;
}

static ForgeReply *
on_proxy (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeMediaService *service = user_data;
  const char *u = forge_request_query (request, "u"), *ctx = forge_request_query (request, "ctx");
  g_auto (ForgeMediaWish) wish = { 0 };
  g_auto (ForgeMediaContext) context = { 0 };
  ForgeReply *reply =
      forge_media_check_signature (service, FORGE_LINK_PROXY, TRUE, request, cancellable);

  if (reply)
    return reply;
  if (!u || !ctx || !forge_media_context_parse (ctx, &context))
    return bad_request ("u, ctx: both are needed, as they stood in the playlist");
  reply = take_part_seat (service, &context, request, &wish);
  if (reply)
    return reply;
  g_autofree char *url = add_directives (u, request);
  fill_wish (&wish, request);
  set_part (&wish, url, context.account_id);
  wish.page = g_steal_pointer (&context.page);
  wish.format_id = g_steal_pointer (&context.format_id);
  wish.is_part = TRUE;
  const ForgeMediaAnswer answer = { .cache_state = "BYPASS", .context = ctx };
  reply = forge_media_answer (service, &wish, &answer, request, cancellable);
  if (!is_failure (reply) || context.id <= 0 || g_cancellable_is_cancelled (cancellable))
    return reply;
  forge_reply_free (reply);
  return answer_again (service, &wish, &context, &answer, request, cancellable);
}

void
forge_media_pages_add (ForgeMediaService *service, ForgeRouter *router)
{
  forge_router_add (router, "GET", "/api/stream", FORGE_RUN_MEDIA, on_stream, service);
  forge_router_add (router, "GET", "/api/stream/progress", FORGE_RUN_CONTROL, on_progress, service);
  forge_router_add (router, "GET", "/strm/stream", FORGE_RUN_MEDIA, on_strm, service);
  forge_router_add (router, "GET", "/strm/proxy", FORGE_RUN_MEDIA, on_proxy, service);
  forge_router_add (router, "GET", "/strm/proxy/*", FORGE_RUN_MEDIA, on_proxy, service);
}
