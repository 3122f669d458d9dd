/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-ops-library.h"
#include "engine/forge-web-private.h"
#include "library/forge-site.h"

#include <string.h>

/**
 * GET /api/batch: the entries of a playlist, or the episodes of a series, as events, each as soon
 * as it is found. A link's `id` is its number in the list: a reader that comes back with
 * Last-Event-ID gets what follows. Trouble after the first byte is an event too.
 */

#define MAX_OPEN           2u /* lists of one client at a time */
#define MAX_PLAYLIST_START 1000000

typedef struct {
  ForgeWeb *web;
  char *peer, *base_url;
  char *url;        /* a list of a site; NULL = a series */
  gint64 series_id; /* ours */
  int season;       /* −1 = all */
  guint seen;       /* links that the reader has already */
  gboolean is_counted;

  /* while it is written */
  ForgeSink sink;
  gpointer sink_data;
  GCancellable *cancellable;
  gint64 keep_alive_us, sent_us;
  guint total;
} Batch;

static void
count_batch (Batch *batch, int change)
{
  GHashTable *batches = batch->web->batches;

  g_mutex_lock (&batch->web->lock);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (batches, batch->peer));
  if (change > 0 && n >= MAX_OPEN) {
    batch->is_counted = FALSE;
  } else if (n + (guint)change == 0) {
    g_hash_table_remove (batches, batch->peer);
  } else {
    g_hash_table_insert (batches, g_strdup (batch->peer), GUINT_TO_POINTER (n + (guint)change));
    batch->is_counted = TRUE;
  }
  g_mutex_unlock (&batch->web->lock);
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  if (batch->is_counted)
    count_batch (batch, -1);
  g_free (batch->peer);
  g_free (batch->base_url);
  g_free (batch->url);
  g_free (batch);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Batch, batch_free)

/* ---- events ---- */

static gboolean
send_text (Batch *batch, const char *text)
{
  batch->sent_us = g_get_monotonic_time ();
  return batch->sink (text, strlen (text), batch->sink_data, NULL);
}

/* `id` 0 = none. Takes `object` over. */
static gboolean
send_event (Batch *batch, guint id, JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  g_autofree char *json = json_to_string (node, FALSE);
  g_autofree char *text = id ? g_strdup_printf ("id: %u\ndata: %s\n\n", id, json)
                             : g_strdup_printf ("data: %s\n\n", json);
  return send_text (batch, text);
}

static JsonObject *
event (const char *type)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  return object;
}

/* `total` 0 = nobody knows yet. */
static gboolean
send_link (Batch *batch, const ForgeSiteEntry *entry, const char *handle)
{
  JsonObject *link = event ("link"), *progress = event ("progress");

  json_object_set_string_member (link, "url", entry->url);
  json_object_set_string_member (link, "title", entry->title);
  json_object_set_int_member (link, "index", entry->index);
  json_object_set_int_member (link, "total", entry->total);
  forge_web_set_text (link, "thumbnail", entry->thumbnail);
  forge_web_set_text (link, "handle", handle);
  json_object_set_int_member (progress, "current", entry->index);
  json_object_set_int_member (progress, "total", entry->total);
  batch->total = entry->index;
  if (send_event (batch, entry->index, link))
    return send_event (batch, 0, progress);
  json_object_unref (progress);
  return FALSE;
}

static gboolean
send_end (Batch *batch, const GError *error)
{
  JsonObject *object = event (error ? "error" : "done");

  if (error)
    json_object_set_string_member (object, "message", error->message);
  else
    json_object_set_int_member (object, "total", batch->total);
  return send_event (batch, 0, object);
}

/* ---- lists of sites ---- */

static gboolean
on_entry (const ForgeSiteEntry *entry, gpointer user_data)
{
  return send_link (user_data, entry, NULL);
}

/* Often enough to notice within a second that the reader is gone. */
static gboolean
on_tick (gpointer user_data)
{
  Batch *batch = user_data;

  if (g_get_monotonic_time () - batch->sent_us >= batch->keep_alive_us)
    return send_text (batch, ": keep-alive\n\n");
  return batch->sink ("", 0, batch->sink_data, NULL);
}

static gboolean
write_site (Batch *batch, GError **error)
{
  return forge_extractor_list (batch->web->extractor,
                               batch->url,
                               batch->seen + 1,
                               on_entry,
                               on_tick,
                               batch,
                               batch->cancellable,
                               error);
}

/* ---- series ---- */

static gboolean
send_episode (ForgeWebCall *call, Batch *batch, const ForgeMedia *episode, guint index, guint total)
{
  g_autoptr (GPtrArray) sources =
      forge_store_media_sources (call->store, FORGE_MEDIA_EPISODE, episode->id, NULL);

  if (!sources || sources->len == 0)
    return TRUE;
  g_autofree char *url = forge_web_download_url (call, episode, g_ptr_array_index (sources, 0));
  g_autofree char *title = forge_web_title (episode);
  g_autofree char *handle = forge_media_handle (FORGE_MEDIA_EPISODE, episode->id);
  const ForgeSiteEntry entry = { .url = url, .title = title, .index = index, .total = total };
  return send_link (batch, &entry, handle);
}

static gboolean
write_episodes (ForgeWebCall *call, Batch *batch, GError **error)
{
  ForgeOps ops = { batch->web->engine, call->store, call->cancellable };

  if (!forge_ops_read_details (&ops, FORGE_MEDIA_SERIES, batch->series_id, error))
    return FALSE;
  g_autoptr (GPtrArray) episodes =
      forge_store_list_episodes (call->store, batch->series_id, batch->season, error);
  for (guint i = batch->seen; episodes && i < episodes->len; i++)
    if (!send_episode (call, batch, g_ptr_array_index (episodes, i), i + 1, episodes->len))
      return TRUE; /* gone */
  if (episodes)
    batch->total = episodes->len;
  return episodes != NULL;
}

static gboolean
write_series (Batch *batch, GError **error)
{
  const ForgeRequest request = { .base_url = batch->base_url };
  g_auto (ForgeWebCall) call = { 0 };

  return forge_web_call_init (&call, batch->web, &request, batch->cancellable, error) &&
         write_episodes (&call, batch, error);
}

static gboolean
write_batch (ForgeSink sink,
             gpointer sink_data,
             GCancellable *cancellable,
             gpointer user_data,
             GError **error)
{
  Batch *batch = user_data;
  g_autoptr (GError) failure = NULL;

  batch->sink = sink;
  batch->sink_data = sink_data;
  batch->cancellable = cancellable;
  batch->total = batch->seen;
  if (!send_text (batch, ": streamforge\n\n"))
    return FALSE;
  gboolean ok = batch->url ? write_site (batch, &failure) : write_series (batch, &failure);
  if (!ok && g_error_matches (failure, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return FALSE;
  return send_end (batch, failure);
}

/* ---- the request ---- */

static gboolean
read_optional (const ForgeRequest *request,
               const char *name,
               gint64 min,
               gint64 max,
               gint64 *value,
               GError **error)
{
  const char *text = forge_request_query (request, name);

  if (!text || g_ascii_string_to_signed (text, 10, min, max, value, NULL))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: “%s” is not a whole number in its range",
               name,
               text);
  return FALSE;
}

/* What a reader sends that is no number of ours makes it begin anew. */
static guint
read_seen (const ForgeRequest *request)
{
  const char *text = request->last_event_id;
  guint64 seen = 0;

  if (!text)
    text = forge_request_query (request, "lastEventId");
  if (!text || !g_ascii_string_to_unsigned (text, 10, 0, MAX_PLAYLIST_START, &seen, NULL))
    return 0;
  return (guint)seen;
}

static gboolean
read_series (ForgeWebCall *call, Batch *batch, gint64 tmdb_id, GError **error)
{
  gint64 season = -1;
  g_autoptr (GError) failure = NULL;

  if (!read_optional (call->request, "season", 0, G_MAXINT, &season, error))
    return FALSE;
  batch->season = (int)season;
  batch->series_id = forge_store_find_tmdb (call->store, FORGE_MEDIA_SERIES, tmdb_id, &failure);
  if (batch->series_id)
    return TRUE;
  if (failure)
    g_propagate_error (error, g_steal_pointer (&failure));
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "No account has the series with the TMDB id %" G_GINT64_FORMAT,
                 tmdb_id);
  return FALSE;
}

static gboolean
read_batch (ForgeWebCall *call, Batch *batch, GError **error)
{
  const char *url = forge_request_query (call->request, "url");
  gint64 tmdb_id = 0;

  batch->seen = read_seen (call->request);
  if (!read_optional (call->request, "tmdbId", 1, G_MAXINT64, &tmdb_id, error))
    return FALSE;
  if (tmdb_id)
    return read_series (call, batch, tmdb_id, error);
  if (!url) {
    g_set_error_literal (error,
                         FORGE_ERROR,
                         FORGE_ERROR_INVALID,
                         "url: is missing, and so is tmdbId");
    return FALSE;
  }
  batch->url = forge_site_canonical (url);
  return forge_site_check (url, forge_web_sites (call), error) &&
         forge_extractor_is_there (batch->web->extractor, error);
}

static ForgeReply *
start_batch (Batch *batch)
{
  const ForgeCallState too_many = { .limit = MAX_OPEN, .reset_us = 5 * G_USEC_PER_SEC };

  count_batch (batch, 1);
  if (!batch->is_counted) {
    batch_free (batch);
    return forge_web_too_many (&too_many);
  }
  ForgeReply *reply = forge_reply_new_stream ("text/event-stream", write_batch, batch, batch_free);
  forge_reply_add_header (reply, "Cache-Control", "no-store");
  return reply;
}

ForgeReply *
forge_web_on_batch (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeWeb *web = user_data;
  g_auto (ForgeWebCall) call = { 0 };
  g_autoptr (Batch) batch = g_new0 (Batch, 1);
  g_autoptr (GError) error = NULL;
  ForgeCallState state;

  batch->web = web;
  batch->peer = g_strdup (request->peer);
  batch->base_url = g_strdup (request->base_url);
  if (!forge_call_limit_take (web->batch_limit, request->peer, g_get_monotonic_time (), &state))
    return forge_web_too_many (&state);
  if (!forge_web_call_init (&call, web, request, cancellable, &error) ||
      !read_batch (&call, batch, &error))
    return forge_web_error (&call, error);
  batch->keep_alive_us = forge_settings_int (call.snapshot->settings, "batch_keep_alive_ms") *
                         G_TIME_SPAN_MILLISECOND;
  return start_batch (g_steal_pointer (&batch));
}
