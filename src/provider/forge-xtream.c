/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "provider/forge-xtream.h"

#include "base/forge-error.h"
#include "net/forge-url.h"
#include "provider/forge-xtream-private.h"

#include <string.h>

#define MAX_NAME_BYTES   512
#define MAX_EPG_BYTES    256
#define MAX_ICON_BYTES   2048
#define MAX_GROUP_BYTES  256
#define MAX_ID_BYTES     32
#define MAX_ARCHIVE_DAYS 365
#define MAX_CATEGORIES   20000

static const char what_categories[] = "live categories";
static const char what_streams[] = "live streams";

/* ---- one stream ---- */

/* Seen: "0", "null", "undefined" and "(no tvg-id)" for no id. */
static char *
read_epg_id (JsonObject *object)
{
  static const char *const none[] = { "0", "null", "undefined", "(no tvg-id)" };
  char *id = forge_xtream_clean (forge_json_text (object, "epg_channel_id"), MAX_EPG_BYTES);

  for (gsize i = 0; id && i < G_N_ELEMENTS (none); i++)
    if (g_ascii_strcasecmp (id, none[i]) == 0)
      g_clear_pointer (&id, g_free);
  return id;
}

/* Seen: "data:" images of megabytes, relative paths. Half a URL is worth nothing: no cutting. */
static char *
read_icon (JsonObject *object)
{
  char *icon = forge_xtream_clean (forge_json_text (object, "stream_icon"), G_MAXSIZE);

  if (icon && strlen (icon) <= MAX_ICON_BYTES &&
      (g_ascii_strncasecmp (icon, "http://", 7) == 0 ||
       g_ascii_strncasecmp (icon, "https://", 8) == 0))
    return icon;
  g_free (icon);
  return NULL;
}

/* An archive of unknown length counts as one day. */
static int
read_archive_days (JsonObject *object)
{
  if (!forge_json_bool (object, "tv_archive", FALSE))
    return 0;
  return (int)CLAMP (forge_json_int (object, "tv_archive_duration", 1), 1, MAX_ARCHIVE_DAYS);
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

/* `category_id`, else the first of `category_ids` that has a name; orphans occur. */
static char *
read_group (JsonObject *object, GHashTable *categories)
{
  g_autofree char *id = forge_json_text (object, "category_id");
  JsonNode *ids = json_object_get_member (object, "category_ids");
  const char *name = NULL;

  if (!categories)
    return NULL;
  if (id)
    name = g_hash_table_lookup (categories, g_strstrip (id));
  if (!name && ids && JSON_NODE_HOLDS_ARRAY (ids))
    name = find_in_array (json_node_get_array (ids), categories);
  return g_strdup (name);
}

ForgeStream *
forge_xtream_parse_stream (JsonObject *object, GHashTable *categories)
{
  gint64 remote_id = forge_json_int (object, "stream_id", 0);
  g_autofree char *name = forge_xtream_clean (forge_json_text (object, "name"), MAX_NAME_BYTES);

  if (remote_id <= 0 || !name)
    return NULL;
  ForgeStream *stream = forge_stream_new ();
  stream->remote_id = remote_id;
  stream->quality = forge_quality_from_name (name);
  stream->name = g_steal_pointer (&name);
  stream->epg_id = read_epg_id (object);
  stream->icon = read_icon (object);
  stream->group = read_group (object, categories);
  stream->archive_days = read_archive_days (object);
  stream->available = TRUE;
  return stream;
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
forge_xtream_live_categories (ForgeHttp *http,
                              const ForgeXtreamLogin *login,
                              GCancellable *cancellable,
                              GError **error)
{
  g_autoptr (GHashTable) categories =
      g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  ForgeJsonCounts counts = { 0 };
  ForgeJsonEnd end;

  if (!forge_xtream_fetch (http,
                           login,
                           "get_live_categories",
                           what_categories,
                           on_category,
                           categories,
                           &end,
                           &counts,
                           cancellable,
                           error))
    return NULL;
  if (end == FORGE_JSON_NOT_JSON) {
    forge_xtream_set_not_json (login, what_categories, &counts, error);
    return NULL;
  }
  return g_steal_pointer (&categories); /* of a cut list the names that came: better than none */
}

/* ---- the list ---- */

typedef struct {
  GHashTable *categories;
  ForgeXtreamStreamFunc each;
  gpointer user_data;
  guint handed_out, unusable;
  gboolean has_login_answer; /* the panel answered with the account instead */
  gboolean is_refused;
  char *complaint;
  GError *error; /* of `each` */
} List;

static void
list_clear (List *list)
{
  g_free (list->complaint);
  g_clear_error (&list->error);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (List, list_clear)

static gboolean
hand_out (List *list, ForgeStream *stream)
{
  stream->position = (int)list->handed_out++;
  return list->each (stream, list->user_data, &list->error);
}

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
on_stream (JsonNode *item, const char *key, gpointer user_data)
{
  List *list = user_data;

  if (key && take_member (list, item, key))
    return TRUE;
  g_autoptr (ForgeStream) stream =
      JSON_NODE_HOLDS_OBJECT (item)
          ? forge_xtream_parse_stream (json_node_get_object (item), list->categories)
          : NULL;
  if (stream)
    return hand_out (list, stream);
  list->unusable++;
  return TRUE;
}

/* What is wrong with a list that could be fetched. */
static gboolean
check_list (const List *list,
            const ForgeXtreamLogin *login,
            ForgeJsonEnd end,
            const ForgeJsonCounts *counts,
            GError **error)
{
  g_autofree char *host = forge_url_host (login->server);
  g_autofree char *quote = list->complaint ? forge_xtream_quote (list->complaint, login) : NULL;

  if (end == FORGE_JSON_NOT_JSON)
    forge_xtream_set_not_json (login, what_streams, counts, error);
  else if (list->is_refused || (list->complaint && list->handed_out == 0))
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_AUTH,
                 "%s: %s refuses%s%s",
                 what_streams,
                 host,
                 quote ? ": " : " the login",
                 quote ? quote : "");
  else if (list->has_login_answer && list->handed_out == 0)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: %s answers with the account, not with a list",
                 what_streams,
                 host);
  else if (end == FORGE_JSON_TRUNCATED)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "%s: the list of %s ends in the middle, after %u streams",
                 what_streams,
                 host,
                 list->handed_out);
  else
    return TRUE;
  return FALSE;
}

gboolean
forge_xtream_live_streams (ForgeHttp *http,
                           const ForgeXtreamLogin *login,
                           GHashTable *categories,
                           ForgeXtreamStreamFunc each,
                           gpointer user_data,
                           ForgeJsonCounts *counts,
                           GCancellable *cancellable,
                           GError **error)
{
  g_auto (List) list = { .categories = categories, .each = each, .user_data = user_data };
  ForgeJsonCounts read = { 0 };
  ForgeJsonEnd end;
  gboolean is_fetched = forge_xtream_fetch (http,
                                            login,
                                            "get_live_streams",
                                            what_streams,
                                            on_stream,
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
  return check_list (&list, login, end, &read, error);
}

/* ---- addresses ---- */

static char *
live_url (const ForgeXtreamLogin *login, gint64 remote_id, const char *extension)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/live/%s/%s/%" G_GINT64_FORMAT "%s",
                          login->server,
                          username,
                          password,
                          remote_id,
                          extension);
}

char *
forge_xtream_live_url (const ForgeXtreamLogin *login, gint64 remote_id)
{
  return live_url (login, remote_id, ".ts");
}

char *
forge_xtream_live_playlist_url (const ForgeXtreamLogin *login, gint64 remote_id)
{
  return live_url (login, remote_id, ".m3u8");
}

char *
forge_xtream_guide_url (const ForgeXtreamLogin *login)
{
  g_autofree char *username = forge_url_escape (login->username);
  g_autofree char *password = forge_url_escape (login->password);

  return g_strdup_printf ("%s/xmltv.php?username=%s&password=%s",
                          login->server,
                          username,
                          password);
}
