/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-ops-library.h"
#include "library/forge-strm.h"
#include "model/forge-media-link.h"

/* POST /v1/strm/export: writes what the library holds as files for media servers.
 * POST /v1/links/renew: signs links with a new key. */

#define PAGE 500u

typedef struct {
  ForgeApiCall *call;
  ForgeStrm *strm;
  ForgeLinkKeys *keys;
  char *base_url;
  guint unread; /* series whose episodes could not be read */
} Export;

static void
export_clear (Export *export)
{
  g_clear_pointer (&export->strm, forge_strm_free);
  g_clear_pointer (&export->keys, forge_link_keys_unref);
  g_clear_pointer (&export->base_url, g_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Export, export_clear)

/* Media servers are often other machines. */
static void
find_base_url (ForgeEngine *engine, gpointer data)
{
  char *url = forge_http_server_lan_url (engine->server);

  *(char **)data = url ? url : g_strdup (engine->url);
}

static gboolean
add (Export *export, const ForgeMedia *media, const ForgeMedia *series, GError **error)
{
  g_autofree char *path =
      forge_media_link_title (export->keys, forge_media_kind_name (media->kind), media->id);
  g_autofree char *url = g_strconcat (export->base_url, path, NULL);

  return forge_strm_add (export->strm, media, series, url, error);
}

static gboolean
export_movie (Export *export, const ForgeMedia *movie, GError **error)
{
  return add (export, movie, NULL, error);
}

/* A series that its provider does not tell about just now keeps its files. */
static gboolean
export_series (Export *export, const ForgeMedia *series, GError **error)
{
  ForgeOps *ops = &export->call->ops;
  g_autoptr (GError) failure = NULL;

  if (!forge_ops_read_details (ops, FORGE_MEDIA_SERIES, series->id, &failure)) {
    export->unread++;
    forge_strm_keep (export->strm, series);
    return !g_cancellable_set_error_if_cancelled (ops->cancellable, error);
  }
  g_autoptr (GPtrArray) episodes = forge_store_list_episodes (ops->store, series->id, -1, error);
  for (guint i = 0; episodes && i < episodes->len; i++)
    if (!add (export, g_ptr_array_index (episodes, i), series, error))
      return FALSE;
  return episodes != NULL;
}

/* Page by page: 60,000 films never stand in memory. */
static gboolean
export_kind (Export *export,
             ForgeMediaKind kind,
             gboolean (*each) (Export *export, const ForgeMedia *media, GError **error),
             GError **error)
{
  ForgeMediaQuery query = { .kind = kind, .limit = PAGE };

  while (TRUE) {
    g_autoptr (GPtrArray) list =
        forge_store_list_media (export->call->ops.store, &query, NULL, error);
    if (!list || g_cancellable_set_error_if_cancelled (export->call->ops.cancellable, error))
      return FALSE;
    for (guint i = 0; i < list->len; i++)
      if (!each (export, g_ptr_array_index (list, i), error))
        return FALSE;
    if (list->len < PAGE)
      return TRUE;
    query.offset += PAGE;
  }
}

static JsonNode *
answer_of (const Export *export, const ForgeStrmCounts *counts)
{
  JsonNode *node = forge_api_done (TRUE);
  JsonObject *object = json_node_get_object (node);

  json_object_set_int_member (object, "written", counts->written);
  json_object_set_int_member (object, "unchanged", counts->unchanged);
  json_object_set_int_member (object, "removed", counts->removed);
  json_object_set_int_member (object, "unread_series", export->unread);
  return node;
}

static JsonNode *
export_library (ForgeApiCall *call, GError **error)
{
  g_auto (Export) export = { .call = call };
  gboolean movies = FALSE, series = FALSE;
  ForgeStrmCounts counts = { 0 };
  const char *folder = forge_api_text (call, "folder", error);

  if (!folder || !forge_api_flag (call, "movies", &movies, error) ||
      !forge_api_flag (call, "series", &series, error))
    return NULL;
  if (!movies && !series)
    movies = series = TRUE;
  export.keys = forge_media_service_keys (call->ops.engine->media, call->ops.cancellable, error);
  export.strm = export.keys ? forge_strm_new (folder, error) : NULL;
  if (!export.strm)
    return NULL;
  forge_engine_on_control (call->ops.engine, find_base_url, &export.base_url);
  if ((movies && !export_kind (&export, FORGE_MEDIA_MOVIE, export_movie, error)) ||
      (series && !export_kind (&export, FORGE_MEDIA_SERIES, export_series, error)) ||
      !forge_strm_finish (export.strm, movies, series, &counts, error))
    return NULL;
  return answer_of (&export, &counts);
}

/* ---- signatures ---- */

static gboolean
read_purpose (ForgeApiCall *call, ForgeLinkPurpose *purpose, GError **error)
{
  const char *name = NULL;

  *purpose = FORGE_LINK_PURPOSES;
  if (!forge_api_optional_text (call, "purpose", &name, error))
    return FALSE;
  if (!name || g_str_equal (name, "all"))
    return TRUE;
  for (guint i = 0; i < FORGE_LINK_PURPOSES; i++)
    if (g_str_equal (name, forge_link_purpose_name ((ForgeLinkPurpose)i))) {
      *purpose = (ForgeLinkPurpose)i;
      return TRUE;
    }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "purpose: “%s” is none of strm, proxy, stream, all",
               name);
  return FALSE;
}

static JsonNode *
renew_links (ForgeApiCall *call, GError **error)
{
  ForgeLinkPurpose purpose;
  gboolean void_old = FALSE;

  if (!read_purpose (call, &purpose, error) ||
      !forge_api_flag (call, "void_old", &void_old, error) ||
      !forge_media_service_renew_keys (call->ops.engine->media,
                                       purpose,
                                       !void_old,
                                       call->ops.cancellable,
                                       error))
    return NULL;
  return forge_api_done (TRUE);
}

const ForgeApiRoute forge_api_strm_routes[] = {
  { "POST", "/v1/strm/export", FALSE, export_library },
  { "POST", "/v1/links/renew", FALSE, renew_links },
  { 0 },
};
