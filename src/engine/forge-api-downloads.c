/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"
#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-downloads.h"

static void
add_text (JsonObject *object, const char *name, const char *text)
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

static JsonObject *
download_object (const ForgeDownload *download)
{
  JsonObject *object = json_object_new ();
  g_autofree char *handle = forge_media_handle (download->kind, download->media_id);
  g_autofree char *added = forge_time_to_iso8601 (download->added);
  g_autofree char *finished = download->finished ? forge_time_to_iso8601 (download->finished)
                                                 : NULL;

  json_object_set_int_member (object, "id", download->id);
  json_object_set_string_member (object, "media", handle);
  json_object_set_string_member (object, "title", download->title);
  json_object_set_string_member (object, "path", download->path);
  json_object_set_string_member (object, "state", forge_download_state_name (download->state));
  json_object_set_int_member (object, "bytes", download->bytes);
  if (download->total >= 0)
    json_object_set_int_member (object, "total", download->total);
  else
    json_object_set_null_member (object, "total");
  set_number (object, "bytes_per_s", download->bytes_per_s);
  set_number (object, "seconds_left", forge_download_seconds_left (download));
  add_text (object, "problem", download->problem);
  add_text (object, "added", added);
  add_text (object, "finished", finished);
  return object;
}

static JsonNode *
list_downloads (ForgeApiCall *call, GError **error)
{
  g_autoptr (GPtrArray) list = forge_downloads_list (call->ops.engine->downloads);
  JsonArray *array = json_array_sized_new (list->len);
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  for (guint i = 0; i < list->len; i++)
    json_array_add_object_element (array, download_object (g_ptr_array_index (list, i)));
  json_node_take_array (node, array);
  return node;
}

static JsonNode *
show_download (ForgeApiCall *call, gint64 id, GError **error)
{
  g_autoptr (GPtrArray) list = forge_downloads_list (call->ops.engine->downloads);

  for (guint i = 0; i < list->len; i++) {
    const ForgeDownload *download = g_ptr_array_index (list, i);
    if (download->id == id) {
      JsonNode *node = json_node_new (JSON_NODE_OBJECT);
      json_node_take_object (node, download_object (download));
      return node;
    }
  }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_NOT_FOUND,
               "There is no download %" G_GINT64_FORMAT,
               id);
  return NULL;
}

static JsonNode *
add_download (ForgeApiCall *call, GError **error)
{
  const char *handle = forge_api_text (call, "media", error);
  ForgeMediaKind kind;
  gint64 media_id;

  if (!handle)
    return NULL;
  if (!forge_media_handle_parse (handle, &kind, &media_id) || kind == FORGE_MEDIA_SERIES) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "“%s” is no film or episode: “movie/12” or “episode/7” is",
                 handle);
    return NULL;
  }
  gint64 id =
      forge_downloads_add (call->ops.engine->downloads, call->ops.store, kind, media_id, error);
  return id ? show_download (call, id, error) : NULL;
}

static JsonNode *
pause_download (ForgeApiCall *call, GError **error)
{
  ForgeOps *ops = &call->ops;

  return forge_downloads_pause (ops->engine->downloads, ops->store, call->ids[0], error)
             ? show_download (call, call->ids[0], error)
             : NULL;
}

static JsonNode *
resume_download (ForgeApiCall *call, GError **error)
{
  ForgeOps *ops = &call->ops;

  return forge_downloads_resume (ops->engine->downloads, ops->store, call->ids[0], error)
             ? show_download (call, call->ids[0], error)
             : NULL;
}

static JsonNode *
remove_download (ForgeApiCall *call, GError **error)
{
  ForgeOps *ops = &call->ops;

  return forge_api_done (
      forge_downloads_remove (ops->engine->downloads, ops->store, call->ids[0], error));
}

const ForgeApiRoute forge_api_download_routes[] = {
  { "GET", "/v1/downloads", FALSE, list_downloads },
  { "POST", "/v1/downloads", FALSE, add_download },
  { "POST", "/v1/downloads/{id}/pause", FALSE, pause_download },
  { "POST", "/v1/downloads/{id}/resume", FALSE, resume_download },
  { "DELETE", "/v1/downloads/{id}", FALSE, remove_download },
  { 0 },
};
