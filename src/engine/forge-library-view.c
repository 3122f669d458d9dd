/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-library-view.h"

#include "base/forge-error.h"
#include "engine/forge-json-shapes.h"
#include "engine/forge-ops-library.h"
#include "library/forge-library-json.h"

#include <string.h>

#define PREFIX "/api/library/"

struct _ForgeLibraryView {
  ForgeOps *ops;
  ForgeSnapshot *snapshot; /* of the accounts */
};

ForgeLibraryView *
forge_library_view_new (ForgeOps *ops)
{
  ForgeLibraryView *view = g_new0 (ForgeLibraryView, 1);

  view->ops = ops;
  view->snapshot = forge_engine_get_snapshot (ops->engine);
  return view;
}

void
forge_library_view_free (ForgeLibraryView *view)
{
  forge_snapshot_unref (view->snapshot);
  g_free (view);
}

/* ---- lists ---- */

static gboolean
read_number (const ForgeRequest *request,
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
               "%s: “%s” is not a whole number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT,
               name,
               text,
               min,
               max);
  return FALSE;
}

static gboolean
read_order (const ForgeRequest *request, ForgeMediaOrder *order, GError **error)
{
  static const char *const names[] = { "title", "year", "new" };
  const char *sort = forge_request_query (request, "sort");

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!sort || strcmp (sort, names[i]) == 0) {
      *order = (ForgeMediaOrder)i;
      return TRUE;
    }
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "sort: “%s” is none of title, year, new",
               sort);
  return FALSE;
}

static gboolean
read_query (const ForgeRequest *request, gboolean as_page, ForgeMediaQuery *query, GError **error)
{
  gint64 limit = as_page ? FORGE_LIBRARY_PAGE : 0, offset = 0;

  query->search = forge_request_query (request, "search");
  if (!query->search)
    query->search = forge_request_query (request, "q");
  if (!read_number (request, "account", 1, G_MAXINT64, &query->account_id, error) ||
      !read_number (request, "offset", 0, G_MAXINT, &offset, error) ||
      !read_number (request, "limit", 1, FORGE_LIBRARY_LARGEST_PAGE, &limit, error) ||
      !read_order (request, &query->order, error))
    return FALSE;
  query->offset = (guint)offset;
  query->limit = (guint)limit;
  return TRUE;
}

/* What has that TMDB id: one or none. */
static GPtrArray *
list_tmdb (ForgeLibraryView *view, ForgeMediaKind kind, gint64 tmdb_id, guint *total)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_media_unref);
  gint64 id = forge_store_find_tmdb (view->ops->store, kind, tmdb_id, NULL);
  g_autoptr (ForgeMedia) media = id ? forge_store_get_media (view->ops->store, kind, id, NULL)
                                    : NULL;

  if (media && media->sources > 0)
    g_ptr_array_add (list, g_steal_pointer (&media));
  *total = list->len;
  return g_steal_pointer (&list);
}

JsonNode *
forge_library_view_list (ForgeLibraryView *view,
                         const char *name,
                         const ForgeRequest *request,
                         gboolean as_page,
                         GError **error)
{
  ForgeMediaQuery query = { 0 };
  gint64 tmdb_id = 0;
  guint total = 0;

  if (!forge_library_list_parse (name, &query.kind)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_NOT_FOUND,
                 "“%s” is neither movies nor series",
                 name);
    return NULL;
  }
  if (!read_query (request, as_page, &query, error) ||
      !read_number (request, "tmdbId", 1, G_MAXINT64, &tmdb_id, error))
    return NULL;
  g_autoptr (GPtrArray) list =
      tmdb_id ? list_tmdb (view, query.kind, tmdb_id, &total)
              : forge_store_list_media (view->ops->store, &query, &total, error);
  if (!list)
    return NULL;
  return as_page ? forge_library_json_page (list, view->snapshot->accounts, total, query.offset)
                 : forge_library_json_list (list, view->snapshot->accounts);
}

/* ---- one ---- */

JsonNode *
forge_library_view_show (ForgeLibraryView *view, ForgeMediaKind kind, gint64 id, GError **error)
{
  ForgeStore *store = view->ops->store;
  g_autoptr (GPtrArray) episodes = NULL;

  if (kind == FORGE_MEDIA_SERIES && !forge_ops_read_details (view->ops, kind, id, error))
    return NULL;
  g_autoptr (ForgeMedia) media = forge_store_get_media (store, kind, id, error);
  if (!media)
    return NULL;
  if (kind == FORGE_MEDIA_SERIES)
    episodes = forge_store_list_episodes (store, media->id, -1, error);
  if (kind == FORGE_MEDIA_SERIES && !episodes)
    return NULL;
  g_autoptr (GPtrArray) sources = forge_store_media_sources (store, kind, media->id, error);
  return sources ? forge_library_json_details (media, sources, episodes, view->snapshot->accounts)
                 : NULL;
}

/* ---- over HTTP ---- */

/* "movies", "series", "movie/12", "series/3", "episode/7" */
static JsonNode *
answer (ForgeLibraryView *view, const ForgeRequest *request, GError **error)
{
  ForgeMediaKind kind;
  gint64 id;

  if (forge_media_handle_parse (request->tail, &kind, &id))
    return forge_library_view_show (view, kind, id, error);
  return forge_library_view_list (view, request->tail, request, TRUE, error);
}

static ForgeReply *
on_library (const ForgeRequest *request, GCancellable *cancellable, gpointer user_data)
{
  ForgeEngine *engine = user_data;
  g_autoptr (GError) error = NULL;
  ForgeOps ops = { engine, forge_store_pool_take (engine->stores, &error), cancellable };
  JsonNode *node = NULL;

  if (ops.store) {
    g_autoptr (ForgeLibraryView) view = forge_library_view_new (&ops);
    node = answer (view, request, &error);
  }
  forge_store_pool_give (engine->stores, ops.store);
  return node ? forge_json_reply (node) : forge_reply_new_error (0, error);
}

void
forge_library_view_register (ForgeEngine *engine, ForgeRouter *router)
{
  forge_router_add (router, "GET", PREFIX "*", FORGE_RUN_JOB, on_library, engine);
}
