/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "engine/forge-api-private.h"
#include "engine/forge-library-view.h"

#include <string.h>

static JsonNode *
list_titles (ForgeApiCall *call, GError **error)
{
  g_autoptr (ForgeLibraryView) view = forge_library_view_new (&call->ops);

  return forge_library_view_list (view, call->word, call->request, FALSE, error);
}

static JsonNode *
show_kind (ForgeApiCall *call, ForgeMediaKind kind, GError **error)
{
  g_autoptr (ForgeLibraryView) view = forge_library_view_new (&call->ops);

  return forge_library_view_show (view, kind, call->ids[0], error);
}

static JsonNode *
show_movie (ForgeApiCall *call, GError **error)
{
  return show_kind (call, FORGE_MEDIA_MOVIE, error);
}

static JsonNode *
show_series (ForgeApiCall *call, GError **error)
{
  return show_kind (call, FORGE_MEDIA_SERIES, error);
}

static JsonNode *
show_episode (ForgeApiCall *call, GError **error)
{
  return show_kind (call, FORGE_MEDIA_EPISODE, error);
}

/* Films and series share their numbers. */
static JsonNode *
show_title (ForgeApiCall *call, GError **error)
{
  g_autoptr (GError) failure = NULL;
  JsonNode *node = show_kind (call, FORGE_MEDIA_MOVIE, &failure);

  if (node)
    return node;
  if (g_error_matches (failure, FORGE_ERROR, FORGE_ERROR_NOT_FOUND))
    return show_kind (call, FORGE_MEDIA_SERIES, error);
  g_propagate_error (error, g_steal_pointer (&failure));
  return NULL;
}

const ForgeApiRoute forge_api_library_routes[] = {
  { "GET", "/v1/library/movie/{id}", FALSE, show_movie },
  { "GET", "/v1/library/series/{id}", FALSE, show_series },
  { "GET", "/v1/library/episode/{id}", FALSE, show_episode },
  { "GET", "/v1/library/title/{id}", FALSE, show_title },
  { "GET", "/v1/library/{word}", FALSE, list_titles },
  { 0 },
};
