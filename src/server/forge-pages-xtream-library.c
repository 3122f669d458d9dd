/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "server/forge-pages-xtream-private.h"
#include "server/forge-panel-json.h"
#include "server/forge-panel-library.h"
#include "store/forge-store-library.h"

#include <string.h>

/* Films and series for apps of our Xtream API. The lists may have a hundred thousand rows, so they
 * are written while they are read.
 */

static const ForgePanelAction actions[] = {
  { "get_vod_categories", FORGE_MEDIA_MOVIE, FORGE_PANEL_CATEGORIES },
  { "get_vod_streams", FORGE_MEDIA_MOVIE, FORGE_PANEL_LIST },
  { "get_vod_info", FORGE_MEDIA_MOVIE, FORGE_PANEL_DETAILS },
  { "get_series_categories", FORGE_MEDIA_SERIES, FORGE_PANEL_CATEGORIES },
  { "get_series", FORGE_MEDIA_SERIES, FORGE_PANEL_LIST },
  { "get_series_info", FORGE_MEDIA_SERIES, FORGE_PANEL_DETAILS },
};

const ForgePanelAction *
forge_panel_action_find (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strcmp (name, actions[i].name) == 0)
      return &actions[i];
  return NULL;
}

/* ---- lists ---- */

typedef struct {
  ForgeStorePool *stores;
  ForgeMediaKind kind;
  guint32 category; /* 0 = all */
  char *base_url;

  ForgeSink sink;
  gpointer sink_data;
  guint rows;
  GError *error;
} List;

static void
list_free (gpointer data)
{
  List *list = data;

  g_free (list->base_url);
  g_free (list);
}

static gboolean
send_text (List *list, const char *text)
{
  return list->sink (text, strlen (text), list->sink_data, &list->error);
}

static gboolean
send_row (ForgeMedia *media, gpointer user_data)
{
  List *list = user_data;
  g_autofree char *row = forge_panel_media_row (media, list->rows + 1, list->base_url);
  gboolean is_sent = (list->rows == 0 || send_text (list, ",")) && send_text (list, row);

  list->rows++;
  return is_sent;
}

static gboolean
send_all (List *list, ForgeStore *store, const ForgeMediaQuery *query, GError **error)
{
  return forge_store_each_media (store, query, send_row, list, error) && !list->error;
}

/* Several groups may have one id, in theory; `category` that nobody has is an empty list. */
static gboolean
send_category (List *list, ForgeStore *store, GError **error)
{
  g_autoptr (GPtrArray) groups = forge_store_list_media_groups (store, list->kind, error);

  if (!groups)
    return FALSE;
  for (guint i = 0; i < groups->len; i++) {
    const ForgeMediaQuery query = { .kind = list->kind, .group = g_ptr_array_index (groups, i) };
    if (forge_panel_category_id (query.group) == list->category &&
        !send_all (list, store, &query, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
send_list (List *list, ForgeStore *store, GError **error)
{
  const ForgeMediaQuery query = { .kind = list->kind };

  return send_text (list, "[") &&
         (list->category ? send_category (list, store, error)
                         : send_all (list, store, &query, error)) &&
         send_text (list, "]");
}

static gboolean
write_list (ForgeSink sink,
            gpointer sink_data,
            GCancellable *cancellable,
            gpointer user_data,
            GError **error)
{
  List *list = user_data;
  ForgeStore *store = forge_store_pool_take (list->stores, error);

  if (!store)
    return FALSE;
  list->sink = sink;
  list->sink_data = sink_data;
  list->rows = 0;
  gboolean is_sent = send_list (list, store, error);
  forge_store_pool_give (list->stores, store);
  if (list->error) /* the client's, not the store's */
    g_propagate_error (error, g_steal_pointer (&list->error));
  return is_sent;
}

static ForgeReply *
list_reply (ForgeTunerPages *pages, const ForgeRequest *request, ForgeMediaKind kind)
{
  const char *category = forge_request_query (request, "category_id");
  guint64 id = category && *category ? g_ascii_strtoull (category, NULL, 10) : 0;
  List *list = g_new0 (List, 1);

  list->stores = pages->stores;
  list->kind = kind;
  list->category = (guint32)MIN (id, G_MAXUINT32);
  list->base_url = g_strdup (request->base_url);
  ForgeReply *reply = forge_reply_new_stream (FORGE_TYPE_JSON, write_list, list, list_free);
  forge_reply_add_header (reply, "Cache-Control", "no-cache");
  return reply;
}

/* ---- categories and details ---- */

static char *
categories_text (ForgeStore *store, ForgeMediaKind kind)
{
  g_autoptr (GPtrArray) groups = forge_store_list_media_groups (store, kind, NULL);

  return groups ? forge_panel_media_categories (groups) : g_strdup ("[]");
}

static gboolean
read_id (const ForgeRequest *request, const char *name, gint64 *id)
{
  const char *text = forge_request_query (request, name);

  return text && g_ascii_string_to_signed (text, 10, 1, G_MAXINT64, id, NULL);
}

/* What the provider says of it is better, what is known has to do. */
static char *
film_text (ForgeTunerPages *pages,
           ForgeStore *store,
           const ForgeRequest *request,
           GCancellable *cancellable)
{
  gint64 id = 0;

  if (read_id (request, "vod_id", &id))
    forge_pages_read_details (pages, FORGE_MEDIA_MOVIE, id, cancellable);
  g_autoptr (ForgeMedia) media = id ? forge_store_get_media (store, FORGE_MEDIA_MOVIE, id, NULL)
                                    : NULL;
  return forge_panel_film (media && media->sources > 0 ? media : NULL, request->base_url);
}

static char *
series_text (ForgeTunerPages *pages,
             ForgeStore *store,
             const ForgeRequest *request,
             GCancellable *cancellable)
{
  gint64 id = 0;

  if (!read_id (request, "series_id", &id) && !read_id (request, "series", &id))
    return forge_panel_series (NULL, NULL, request->base_url);
  forge_pages_read_details (pages, FORGE_MEDIA_SERIES, id, cancellable);
  g_autoptr (ForgeMedia) media = forge_store_get_media (store, FORGE_MEDIA_SERIES, id, NULL);
  g_autoptr (GPtrArray) episodes = media ? forge_store_list_episodes (store, media->id, -1, NULL)
                                         : NULL;
  return forge_panel_series (episodes && media->sources > 0 ? media : NULL,
                             episodes,
                             request->base_url);
}

/* An action without the right to see films, or without a store: as a panel without any. */
static char *
nothing (const ForgePanelAction *action)
{
  if (action->what != FORGE_PANEL_DETAILS)
    return g_strdup ("[]");
  return action->kind == FORGE_MEDIA_MOVIE ? forge_panel_film (NULL, NULL)
                                           : forge_panel_series (NULL, NULL, NULL);
}

static char *
text_of (ForgeTunerPages *pages,
         const ForgePanelAction *action,
         const ForgeRequest *request,
         GCancellable *cancellable)
{
  ForgeStore *store = forge_store_pool_take (pages->stores, NULL);
  char *text;

  if (!store)
    return nothing (action);
  if (action->what == FORGE_PANEL_CATEGORIES)
    text = categories_text (store, action->kind);
  else
    text = action->kind == FORGE_MEDIA_MOVIE ? film_text (pages, store, request, cancellable)
                                             : series_text (pages, store, request, cancellable);
  forge_store_pool_give (pages->stores, store);
  return text;
}

ForgeReply *
forge_panel_action_answer (ForgeTunerPages *pages,
                           const ForgePanelAction *action,
                           gboolean may_see,
                           const ForgeRequest *request,
                           GCancellable *cancellable)
{
  if (!may_see)
    return forge_pages_document (FORGE_TYPE_JSON, nothing (action));
  if (action->what == FORGE_PANEL_LIST)
    return list_reply (pages, request, action->kind);
  return forge_pages_document (FORGE_TYPE_JSON, text_of (pages, action, request, cancellable));
}
