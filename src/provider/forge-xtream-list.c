/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <string.h>

#define MAX_GROUP_BYTES 256
#define MAX_ID_BYTES    32
#define MAX_URL_BYTES   2048
#define MAX_CATEGORIES  20000

/* ---- members of rows ---- */

/* Seen: "data:" images of megabytes, relative paths. Half a URL is worth nothing: no cutting. */
char *
forge_xtream_read_picture (JsonObject *row, const char *member)
{
  char *url = forge_xtream_clean (forge_json_text (row, member), G_MAXSIZE);

  if (url && strlen (url) <= MAX_URL_BYTES &&
      (g_ascii_strncasecmp (url, "http://", 7) == 0 ||
       g_ascii_strncasecmp (url, "https://", 8) == 0))
    return url;
  g_free (url);
  return NULL;
}

static const char *
find_in_array (JsonArray *ids, GHashTable *categories)
{
  const char *name = NULL;

  for (guint i = 0; !name && i < json_array_get_length (ids); i++) {
    JsonNode *node = json_array_get_element (ids, i);
    if (!JSON_NODE_HOLDS_VALUE (node))
      continue;
    g_autofree char *text = json_node_get_value_type (node) == G_TYPE_STRING
                                ? json_node_dup_string (node)
                                : g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    name = g_hash_table_lookup (categories, g_strstrip (text));
  }
  return name;
}

char *
forge_xtream_read_group (JsonObject *row, GHashTable *categories)
{
  g_autofree char *id = forge_json_text (row, "category_id");
  JsonNode *ids = json_object_get_member (row, "category_ids");
  const char *name = NULL;

  if (!categories)
    return NULL;
  if (id)
    name = g_hash_table_lookup (categories, g_strstrip (id));
  if (!name && ids && JSON_NODE_HOLDS_ARRAY (ids))
    name = find_in_array (json_node_get_array (ids), categories);
  return g_strdup (name);
}

/* ---- categories ---- */

static gboolean
on_category (JsonNode *item, const char *key, gpointer user_data)
{
  GHashTable *categories = user_data;

  if (!JSON_NODE_HOLDS_OBJECT (item))
    return TRUE;
  JsonObject *object = json_node_get_object (item);
  char *id = forge_xtream_clean (forge_json_text (object, "category_id"), MAX_ID_BYTES);
  char *name = forge_xtream_clean (forge_json_text (object, "category_name"), MAX_GROUP_BYTES);
  if (id && name) {
    g_hash_table_insert (categories, id, name);
  } else {
    g_free (id);
    g_free (name);
  }
  return g_hash_table_size (categories) < MAX_CATEGORIES;
}

GHashTable *
forge_xtream_categories (ForgeHttp *http,
                         const ForgeXtreamLogin *login,
                         const char *action,
                         const char *what,
                         GCancellable *cancellable,
                         GError **error)
{
  g_autoptr (GHashTable) categories =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ForgeJsonCounts counts = { 0 };
  ForgeJsonEnd end;

  if (!forge_xtream_fetch (http,
                           login,
                           action,
                           what,
                           on_category,
                           categories,
                           &end,
                           &counts,
                           cancellable,
                           error))
    return NULL;
  if (end == FORGE_JSON_NOT_JSON) {
    forge_xtream_set_not_json (login, what, &counts, error);
    return NULL;
  }
  return g_steal_pointer (&categories); /* of a cut list the names that came: better than none */
}

/* ---- lists ---- */

typedef struct {
  ForgeXtreamRowFunc take;
  gpointer user_data;
  guint handed_out, unusable;
  gboolean has_login_answer; /* the panel answered with the account instead */
  gboolean is_refused;
  char *complaint;
  GError *error; /* of `take` */
} List;

static void
list_clear (List *list)
{
  g_free (list->complaint);
  g_clear_error (&list->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (List, list_clear)

/* Members of an object in place of the list: {"user_info":{"auth":0}}, {"error":"…"}. */
static gboolean
take_member (List *list, JsonNode *item, const char *key)
{
  if (g_str_equal (key, "user_info")) {
    list->has_login_answer = TRUE;
    list->is_refused = JSON_NODE_HOLDS_OBJECT (item) &&
                       !forge_json_bool (json_node_get_object (item), "auth", TRUE);
    return TRUE;
  }
  if (g_str_equal (key, "error") || g_str_equal (key, "message")) {
    if (!list->complaint && JSON_NODE_HOLDS_VALUE (item) &&
        json_node_get_value_type (item) == G_TYPE_STRING)
      list->complaint = json_node_dup_string (item);
    return TRUE;
  }
  return g_str_equal (key, "server_info");
}

static gboolean
on_row (JsonNode *item, const char *key, gpointer user_data)
{
  List *list = user_data;
  ForgeXtreamRow row = FORGE_XTREAM_ROW_UNUSABLE;

  if (key && take_member (list, item, key))
    return TRUE;
  if (JSON_NODE_HOLDS_OBJECT (item))
    row = list->take (json_node_get_object (item), list->handed_out, list->user_data, &list->error);
  if (row == FORGE_XTREAM_ROW_TAKEN)
    list->handed_out++;
  else if (row == FORGE_XTREAM_ROW_UNUSABLE)
    list->unusable++;
  return row != FORGE_XTREAM_ROW_STOP;
}

/* What is wrong with a list that could be fetched. */
static gboolean
check_list (const List *list,
            const ForgeXtreamLogin *login,
            const char *what,
            ForgeJsonEnd end,
            const ForgeJsonCounts *counts,
            GError **error)
{
  g_autofree char *host = forge_url_host (login->server);
  g_autofree char *quote = list->complaint ? forge_xtream_quote (list->complaint, login) : NULL;

  if (end == FORGE_JSON_NOT_JSON)
    forge_xtream_set_not_json (login, what, counts, error);
  else if (list->is_refused || (list->complaint && list->handed_out == 0))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_AUTH,
                 "%s: %s refuses%s%s",
                 what,
                 host,
                 quote ? ": " : " the login",
                 quote ? quote : "");
  else if (list->has_login_answer && list->handed_out == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: %s answers with the account, not with a list",
                 what,
                 host);
  else if (end == FORGE_JSON_TRUNCATED)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: the list of %s ends in the middle, after %u rows",
                 what,
                 host,
                 list->handed_out);
  else
    return TRUE;
  return FALSE;
}

gboolean
forge_xtream_list (ForgeHttp *http,
                   const ForgeXtreamLogin *login,
                   const char *action,
                   const char *what,
                   ForgeXtreamRowFunc take,
                   gpointer user_data,
                   ForgeJsonCounts *counts,
                   GCancellable *cancellable,
                   GError **error)
{
  g_auto (List) list = { .take = take, .user_data = user_data };
  ForgeJsonCounts read = { 0 };
  ForgeJsonEnd end;
  gboolean is_fetched = forge_xtream_fetch (http,
                                            login,
                                            action,
                                            what,
                                            on_row,
                                            &list,
                                            &end,
                                            &read,
                                            cancellable,
                                            error);

  if (counts) {
    *counts = read;
    counts->items = list.handed_out;
    counts->skipped = read.skipped + list.unusable;
  }
  if (!is_fetched)
    return FALSE;
  if (list.error) {
    g_propagate_error (error, g_steal_pointer (&list.error));
    return FALSE;
  }
  return check_list (&list, login, what, end, &read, error);
}
