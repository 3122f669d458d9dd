/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-json-shapes.h"
#include "engine/forge-web-private.h"
#include "library/forge-site.h"

#define EXTRACT_PER_MINUTE 10u
#define STREAM_PER_MINUTE  100u
#define BATCH_PER_MINUTE   10u
#define MINUTE_US          (60 * G_USEC_PER_SEC)

/* A link to media outlives its film paused twice. */
#define LINK_LEAST_S     5400
#define UNKNOWN_LENGTH_S 8100 /* together six hours */

ForgeWeb *
forge_web_new (ForgeEngine *engine, ForgeRouter *router)
{
  ForgeWeb *web = g_new0 (ForgeWeb, 1);

  web->engine = engine;
  web->stats = forge_web_stats_new ();
  web->shelf = forge_page_shelf_new (engine->stores, engine->secrets);
  web->extractor = forge_extractor_new ("yt-dlp", engine->clock, web->shelf);
  web->extract_limit = forge_call_limit_new (EXTRACT_PER_MINUTE, MINUTE_US);
  web->stream_limit = forge_call_limit_new (STREAM_PER_MINUTE, MINUTE_US);
  web->batch_limit = forge_call_limit_new (BATCH_PER_MINUTE, MINUTE_US);
  web->batches = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_mutex_init (&web->lock);
  forge_router_add (router, "POST", "/api/extract", FORGE_RUN_JOB, forge_web_on_extract, web);
  forge_router_add (router,
                    "GET",
                    "/api/stream/extract",
                    FORGE_RUN_JOB,
                    forge_web_on_stream_extract,
                    web);
  forge_router_add (router, "GET", "/api/batch", FORGE_RUN_JOB, forge_web_on_batch, web);
  return web;
}

void
forge_web_free (ForgeWeb *web)
{
  if (!web)
    return;
  forge_extractor_free (web->extractor);
  forge_page_shelf_free (web->shelf);
  forge_web_stats_free (web->stats);
  forge_call_limit_free (web->extract_limit);
  forge_call_limit_free (web->stream_limit);
  forge_call_limit_free (web->batch_limit);
  g_hash_table_unref (web->batches);
  g_mutex_clear (&web->lock);
  g_free (web);
}

void
forge_web_append_metrics (ForgeWeb *web, GString *out)
{
  forge_web_stats_append (web->stats, out);
}

/* ---- one call ---- */

static gboolean
on_deadline (gpointer data)
{
  ForgeWebCall *call = data;

  g_atomic_int_set (&call->is_late, 1);
  g_cancellable_cancel (call->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_parent_cancelled (GCancellable *parent, gpointer cancellable)
{
  g_cancellable_cancel (cancellable);
}

static guint
total_ms (const ForgeWebCall *call)
{
  return (guint)forge_settings_int (call->snapshot->settings, "extract_timeout_ms");
}

/* On the control loop, which is never busy; destroyed there under its lock, so never fires later.
 */
static void
start_deadline (ForgeWebCall *call)
{
  call->deadline = g_timeout_source_new (total_ms (call));
  g_source_set_callback (call->deadline, on_deadline, call, NULL);
  g_source_attach (call->deadline, call->web->engine->context);
}

gboolean
forge_web_call_init (ForgeWebCall *call,
                     ForgeWeb *web,
                     const ForgeRequest *request,
                     GCancellable *cancellable,
                     GError **error)
{
  *call = (ForgeWebCall){ .web = web,
                          .request = request,
                          .snapshot = forge_engine_get_snapshot (web->engine),
                          .cancellable = g_cancellable_new (),
                          .begun_us = g_get_monotonic_time (),
                          .now_s = forge_clock_wall_s (web->engine->clock) };
  if (cancellable) {
    call->parent = g_object_ref (cancellable);
    call->parent_handler = g_cancellable_connect (cancellable,
                                                  G_CALLBACK (on_parent_cancelled),
                                                  call->cancellable,
                                                  NULL);
  }
  start_deadline (call);
  call->keys = forge_media_service_keys (web->engine->media, call->cancellable, error);
  if (call->keys)
    call->store = forge_store_pool_take (web->engine->stores, error);
  return call->store != NULL;
}

static void
wait_for_nothing (ForgeEngine *engine, gpointer data)
{
}

void
forge_web_call_clear (ForgeWebCall *call)
{
  if (!call->web)
    return;
  g_source_destroy (call->deadline);
  if (g_atomic_int_get (&call->is_late)) /* it may be in the middle of firing */
    forge_engine_on_control (call->web->engine, wait_for_nothing, NULL);
  g_source_unref (call->deadline);
  if (call->parent)
    g_cancellable_disconnect (call->parent, call->parent_handler);
  g_clear_object (&call->parent);
  g_clear_object (&call->cancellable);
  forge_store_pool_give (call->web->engine->stores, call->store);
  g_clear_pointer (&call->keys, forge_link_keys_unref);
  g_clear_pointer (&call->snapshot, forge_snapshot_unref);
}

/* ---- what a page has now ---- */

/* (transfer full) NULL: it is not known. */
static char *
known_url (ForgeExtractor *extractor, const char *page, const char *format_id)
{
  g_autoptr (ForgeExtraction) known = forge_extractor_recall (extractor, page);
  const ForgeSiteFormat *format = known ? forge_extraction_find (known, format_id) : NULL;

  return format ? g_strdup (format->url) : NULL;
}

char *
forge_engine_find_again (const ForgeMediaFormat *format,
                         const char *failed_url,
                         GCancellable *cancellable,
                         gpointer user_data,
                         GError **error)
{
  ForgeEngine *engine = user_data;
  g_autoptr (ForgeSnapshot) snapshot = forge_engine_get_snapshot (engine);
  const char *sites = forge_settings_text (snapshot->settings, "allowed_sites");
  ForgeExtractor *extractor = engine->web->extractor;

  if (!forge_site_check (format->page, sites, error))
    return NULL;
  /* Somebody may have asked since that link was made. */
  g_autofree char *known = known_url (extractor, format->page, format->id);
  if (known && g_strcmp0 (known, failed_url) != 0)
    return g_steal_pointer (&known);
  forge_extractor_set_program (extractor,
                               forge_settings_text (snapshot->settings, "extract_program"));
  forge_extractor_forget (extractor, format->page);
  g_autoptr (ForgeExtraction) found =
      forge_extractor_get (extractor, format->page, cancellable, error);
  const ForgeSiteFormat *again = found ? forge_extraction_find (found, format->id) : NULL;
  if (found && !again)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "The page has no format %.64s any more",
                 format->id);
  return again ? g_strdup (again->url) : NULL;
}

/* ---- how a site wants to be asked ---- */

static gboolean
is_same_host (const char *one, const char *two)
{
  g_autoptr (GUri) a = g_uri_parse (one, G_URI_FLAGS_ENCODED, NULL);
  g_autoptr (GUri) b = g_uri_parse (two, G_URI_FLAGS_ENCODED, NULL);

  return a && b && g_uri_get_host (a) && g_uri_get_host (b) &&
         g_str_equal (g_uri_get_scheme (a), g_uri_get_scheme (b)) &&
         g_ascii_strcasecmp (g_uri_get_host (a), g_uri_get_host (b)) == 0;
}

ForgeExtraction *
forge_web_recall_format (ForgeWeb *web,
                         const ForgeMediaFormat *format,
                         const char *url,
                         const ForgeSiteFormat **found)
{
  g_autoptr (ForgeExtraction) page = forge_extractor_recall (web->extractor, format->page);
  const ForgeSiteFormat *known = page ? forge_extraction_find (page, format->id) : NULL;

  *found = known && is_same_host (known->url, url) ? known : NULL;
  return *found ? g_steal_pointer (&page) : NULL;
}

/* ---- answers ---- */

void
forge_web_set_text (JsonObject *object, const char *name, const char *text)
{
  if (text)
    json_object_set_string_member (object, name, text);
}

ForgeReply *
forge_web_json (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return forge_json_reply (node);
}

static guint
status_of (const ForgeWebCall *call, const GError *error)
{
  gboolean is_late = call && g_atomic_int_get (&call->is_late);

  if (is_late || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return 504;
  if (error->domain != FORGE_ERROR)
    return 500;
  switch ((ForgeError)error->code) {
  case FORGE_ERROR_INVALID:
    return 400;
  case FORGE_ERROR_NOT_FOUND:
    return 404;
  case FORGE_ERROR_UNSUPPORTED:
    return 501;
  case FORGE_ERROR_RETRY:
  case FORGE_ERROR_LIMIT:
  case FORGE_ERROR_AUTH:
    return 503;
  default:
    return 500;
  }
}

/* The words that clients of the parents look for. */
static const char *
words_of (guint status)
{
  static const struct {
    guint status;
    const char *words;
  } table[] = { { 400, "Validation error" },       { 404, "Extraction failed" },
                { 415, "Unsupported media type" }, { 429, "Too many requests" },
                { 501, "Not available" },          { 503, "Service unavailable" },
                { 504, "Request timeout" } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].status == status)
      return table[i].words;
  return "Internal server error";
}

/* `after_s` 0 = nobody knows when it will be better. */
static ForgeReply *
error_reply (guint status, const char *message, gint64 after_s)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "error", words_of (status));
  json_object_set_string_member (object, "message", message);
  json_object_set_boolean_member (object, "retryable", status == 429 || status > 501);
  if (after_s)
    json_object_set_int_member (object, "retryAfter", after_s);
  ForgeReply *reply = forge_web_json (object);
  forge_reply_set_status (reply, status);
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

ForgeReply *
forge_web_refuse (guint status, const char *message)
{
  return error_reply (status, message, 0);
}

ForgeReply *
forge_web_error (const ForgeWebCall *call, const GError *error)
{
  guint status = status_of (call, error);
  gboolean is_late = call && g_atomic_int_get (&call->is_late);
  g_autofree char *late = is_late ? g_strdup_printf ("It took longer than %u ms", total_ms (call))
                                  : NULL;
  ForgeReply *reply = forge_web_refuse (status, late ? late : error->message);

  if (status == 503)
    forge_reply_add_header (reply, "Retry-After", "60");
  if (call && call->begun_us)
    forge_web_add_time (reply, call->begun_us);
  return reply;
}

void
forge_web_add_rate (ForgeReply *reply, const ForgeCallState *state)
{
  g_autofree char *limit = g_strdup_printf ("%u", state->limit);
  g_autofree char *remaining = g_strdup_printf ("%u", state->remaining);
  g_autofree char *reset =
      g_strdup_printf ("%" G_GINT64_FORMAT, (g_get_real_time () + state->reset_us) / 1000);

  forge_reply_add_header (reply, "X-RateLimit-Limit", limit);
  forge_reply_add_header (reply, "X-RateLimit-Remaining", remaining);
  forge_reply_add_header (reply, "X-RateLimit-Reset", reset);
}

ForgeReply *
forge_web_too_many (const ForgeCallState *state)
{
  gint64 seconds = MAX (1, (state->reset_us + G_USEC_PER_SEC - 1) / G_USEC_PER_SEC);
  g_autofree char *after = g_strdup_printf ("%" G_GINT64_FORMAT, seconds);
  g_autofree char *message =
      g_strdup_printf ("More than %u requests in a minute; again in %s s", state->limit, after);
  ForgeReply *reply = error_reply (429, message, seconds);

  forge_reply_add_header (reply, "Retry-After", after);
  forge_web_add_rate (reply, state);
  return reply;
}

void
forge_web_add_time (ForgeReply *reply, gint64 begun_us)
{
  g_autofree char *text =
      g_strdup_printf ("%" G_GINT64_FORMAT "ms", (g_get_monotonic_time () - begun_us) / 1000);

  forge_reply_add_header (reply, "X-Response-Time", text);
}

/* ---- links ---- */

gint64
forge_web_link_end (gint64 now_s, int duration_s)
{
  return now_s + LINK_LEAST_S + 2 * (gint64)(duration_s > 0 ? duration_s : UNKNOWN_LENGTH_S);
}

char *
forge_web_title (const ForgeMedia *media)
{
  if (media->kind == FORGE_MEDIA_EPISODE)
    return g_strdup_printf ("%s S%02dE%02d %s",
                            media->series_title,
                            media->season,
                            media->number,
                            media->title);
  return media->year ? g_strdup_printf ("%s (%d)", media->title, media->year)
                     : g_strdup (media->title);
}

char *
forge_web_download_url (const ForgeWebCall *call,
                        const ForgeMedia *media,
                        const ForgeMediaSource *source)
{
  g_autoptr (GHashTable) query = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  gint64 end_s = forge_web_link_end (call->now_s, media->duration_s);

  g_hash_table_insert (query, (gpointer) "id", forge_media_handle (media->kind, media->id));
  g_hash_table_insert (query, (gpointer) "title", forge_web_title (media));
  g_hash_table_insert (query,
                       (gpointer) "account",
                       g_strdup_printf ("%" G_GINT64_FORMAT, source->account_id));
  g_hash_table_insert (query, (gpointer) "exp", g_strdup_printf ("%" G_GINT64_FORMAT, end_s));
  if (source->extension)
    g_hash_table_insert (query, (gpointer) "format", g_strdup (source->extension));
  g_autofree char *path = forge_link_sign (call->keys, FORGE_LINK_STREAM, "/api/stream", query);
  return g_strconcat (call->request->base_url, path, NULL);
}

const char *
forge_web_sites (ForgeWebCall *call)
{
  const ForgeSettings *settings = call->snapshot->settings;

  forge_extractor_set_program (call->web->extractor,
                               forge_settings_text (settings, "extract_program"));
  return forge_settings_text (settings, "allowed_sites");
}
