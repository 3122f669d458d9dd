/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-deed.h"

#include "app/forge-channel-index.h"

#include <glib/gi18n.h>

#include <string.h>

struct _ForgeUndo {
  GPtrArray *done, *undone; /* of ForgeDeed*, the newest last */
};

static void
call_free (gpointer data)
{
  ForgeDeedCall *call = data;

  g_free (call->method);
  g_free (call->path);
  g_clear_pointer (&call->body, json_node_unref);
  g_free (call);
}

ForgeDeed *
forge_deed_new (const char *name)
{
  ForgeDeed *deed = g_new0 (ForgeDeed, 1);

  deed->name = g_strdup (name);
  deed->calls = g_ptr_array_new_with_free_func (call_free);
  deed->undo = g_ptr_array_new_with_free_func (call_free);
  return deed;
}

void
forge_deed_free (ForgeDeed *deed)
{
  g_free (deed->name);
  g_ptr_array_unref (deed->calls);
  g_ptr_array_unref (deed->undo);
  g_free (deed);
}

static void
add (GPtrArray *calls, const char *method, const char *path, JsonNode *body)
{
  ForgeDeedCall *call = g_new0 (ForgeDeedCall, 1);

  call->method = g_strdup (method);
  call->path = g_strdup (path);
  call->body = body;
  g_ptr_array_add (calls, call);
}

void
forge_deed_add_call (ForgeDeed *deed, const char *method, const char *path, JsonNode *body)
{
  add (deed->calls, method, path, body);
}

void
forge_deed_add_undo (ForgeDeed *deed, const char *method, const char *path, JsonNode *body)
{
  add (deed->undo, method, path, body);
}

static JsonNode *
body_of (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

JsonNode *
forge_deed_int_body (const char *name, gint64 value)
{
  JsonObject *object = json_object_new ();

  json_object_set_int_member (object, name, value);
  return body_of (object);
}

JsonNode *
forge_deed_text_body (const char *name, const char *value)
{
  JsonObject *object = json_object_new ();

  if (value)
    json_object_set_string_member (object, name, value);
  else
    json_object_set_null_member (object, name);
  return body_of (object);
}

static JsonNode *
ids_body (const GArray *ids)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_sized_new (ids->len);

  for (guint i = 0; i < ids->len; i++)
    json_array_add_int_element (array, g_array_index (ids, gint64, i));
  json_object_set_array_member (object, "ids", array);
  return body_of (object);
}

static const ForgeChannelLine *
find (const ForgeChannelTable *table, gint64 id)
{
  int index = forge_channel_table_find (table, id);

  return index < 0 ? NULL : forge_channel_table_line (table, (guint)index);
}

static char *
channel_path (gint64 id, const char *action)
{
  return g_strdup_printf ("/v1/channels/%" G_GINT64_FORMAT "/%s", id, action);
}

/* One call and its opposite, both with the same method and path. */
static ForgeDeed *
simple_deed (const char *name, gint64 id, const char *action, JsonNode *body, JsonNode *undo)
{
  ForgeDeed *deed = forge_deed_new (name);
  g_autofree char *path = channel_path (id, action);

  forge_deed_add_call (deed, "POST", path, body);
  forge_deed_add_undo (deed, "POST", path, undo);
  return deed;
}

static char *
enable_name (guint count, gboolean enabled)
{
  if (enabled)
    return g_strdup_printf (ngettext ("Turn on %u channel", "Turn on %u channels", count), count);
  return g_strdup_printf (ngettext ("Turn off %u channel", "Turn off %u channels", count), count);
}

ForgeDeed *
forge_deed_enable (const ForgeChannelTable *table, const GArray *ids, gboolean enabled)
{
  g_autoptr (GArray) changed = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < ids->len; i++) {
    gint64 id = g_array_index (ids, gint64, i);
    const ForgeChannelLine *line = find (table, id);
    if (line && !line->enabled != !enabled)
      g_array_append_val (changed, id);
  }
  if (changed->len == 0)
    return NULL;
  g_autofree char *name = enable_name (changed->len, enabled);
  ForgeDeed *deed = forge_deed_new (name);
  const char *const paths[] = { "/v1/channels/disable", "/v1/channels/enable" };
  forge_deed_add_call (deed, "POST", paths[enabled != FALSE], ids_body (changed));
  forge_deed_add_undo (deed, "POST", paths[enabled == FALSE], ids_body (changed));
  return deed;
}

ForgeDeed *
forge_deed_rename (const ForgeChannelTable *table, gint64 id, const char *name)
{
  const ForgeChannelLine *line = find (table, id);
  const char *wanted = name && *name ? name : NULL;

  if (!line || (wanted ? strcmp (line->name, wanted) == 0 : !line->renamed))
    return NULL;
  g_autofree char *label = g_strdup_printf (_ ("Rename “%s”"), line->name);
  return simple_deed (label,
                      id,
                      "rename",
                      forge_deed_text_body ("name", wanted),
                      forge_deed_text_body ("name", line->renamed ? line->name : NULL));
}

ForgeDeed *
forge_deed_number (const ForgeChannelTable *table, gint64 id, int number)
{
  const ForgeChannelLine *line = find (table, id);

  if (!line || line->number == number)
    return NULL;
  g_autofree char *label = g_strdup_printf (_ ("Number of “%s”"), line->name);
  return simple_deed (label,
                      id,
                      "number",
                      forge_deed_int_body ("number", number),
                      forge_deed_int_body ("number", line->number));
}

ForgeDeed *
forge_deed_move_before (const ForgeChannelTable *table, gint64 id, gint64 before_id)
{
  const ForgeChannelLine *line = find (table, id);
  int to = forge_channel_index_move_place (table, id, before_id);

  if (!line || to == 0)
    return NULL;
  g_autofree char *label = g_strdup_printf (_ ("Move “%s”"), line->name);
  return simple_deed (label,
                      id,
                      "move",
                      forge_deed_int_body ("to", to),
                      forge_deed_int_body ("to", forge_channel_index_place (table, id)));
}

static int
compare_places (gconstpointer a, gconstpointer b)
{
  return *(const int *)a - *(const int *)b;
}

/* Places of those that are on, sorted. */
static GArray *
places_of (const ForgeChannelTable *table, const GArray *ids)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (int));

  for (guint i = 0; i < ids->len; i++) {
    int place = forge_channel_index_place (table, g_array_index (ids, gint64, i));
    if (place > 0)
      g_array_append_val (places, place);
  }
  g_array_sort (places, compare_places);
  return places;
}

/* The channels that are on, by place − 1. */
static GArray *
enabled_ids (const ForgeChannelTable *table)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));

  for (guint i = 0; i < forge_channel_table_length (table); i++) {
    const ForgeChannelLine *line = forge_channel_table_line (table, i);
    if (line->enabled)
      g_array_append_val (ids, line->id);
  }
  return ids;
}

static void
add_move (GPtrArray *calls, gint64 id, int to)
{
  g_autofree char *path = channel_path (id, "move");

  add (calls, "POST", path, forge_deed_int_body ("to", to));
}

/* A block of neighbours moves by one: the neighbour on the far side jumps over them, which is one
 * call for the whole block. */
static void
move_block (ForgeDeed *deed, const GArray *enabled, int first, int last, gboolean up)
{
  int jumper = up ? first - 1 : last + 1; /* place, from 1 */
  int to = up ? last : first;

  if (jumper < 1 || jumper > (int)enabled->len)
    return;
  gint64 id = g_array_index (enabled, gint64, jumper - 1);
  add_move (deed->calls, id, to);
  add_move (deed->undo, id, jumper);
}

ForgeDeed *
forge_deed_move_by_one (const ForgeChannelTable *table, const GArray *ids, gboolean up)
{
  g_autoptr (GArray) places = places_of (table, ids);
  g_autoptr (GArray) enabled = enabled_ids (table);
  g_autofree char *name =
      g_strdup_printf (ngettext ("Move %u channel", "Move %u channels", places->len), places->len);
  g_autoptr (ForgeDeed) deed = forge_deed_new (name);

  for (guint i = 0; i < places->len;) {
    guint end = i + 1;
    while (end < places->len &&
           g_array_index (places, int, end) == g_array_index (places, int, end - 1) + 1)
      end++;
    move_block (deed,
                enabled,
                g_array_index (places, int, i),
                g_array_index (places, int, end - 1),
                up);
    i = end;
  }
  return deed->calls->len > 0 ? g_steal_pointer (&deed) : NULL;
}

static JsonNode *
streams_body (gint64 stream_id, gboolean primary)
{
  JsonObject *object = json_object_new ();
  JsonArray *array = json_array_new ();

  json_array_add_int_element (array, stream_id);
  json_object_set_array_member (object, "streams", array);
  json_object_set_boolean_member (object, "primary", primary);
  return body_of (object);
}

static char *
stream_deed_name (const char *action, const char *stream_name)
{
  if (strcmp (action, FORGE_DEED_STREAM_ACCEPT) == 0)
    return g_strdup_printf (_ ("Accept “%s”"), stream_name);
  if (strcmp (action, FORGE_DEED_STREAM_FIRST) == 0)
    return g_strdup_printf (_ ("Try “%s” first"), stream_name);
  if (strcmp (action, FORGE_DEED_STREAM_REJECT) == 0)
    return g_strdup_printf (_ ("Reject “%s”"), stream_name);
  return g_strdup_printf (_ ("Add “%s”"), stream_name);
}

ForgeDeed *
forge_deed_stream (gint64 channel_id,
                   gint64 stream_id,
                   const char *stream_name,
                   const char *action,
                   gint64 first_id,
                   gboolean was_chosen)
{
  g_autofree char *name = stream_deed_name (action, stream_name);
  g_autofree char *path = channel_path (channel_id, "streams");
  g_autofree char *one = g_strdup_printf ("%s/%" G_GINT64_FORMAT, path, stream_id);
  g_autofree char *choice = g_strconcat (one, "/choice", NULL);
  ForgeDeed *deed = forge_deed_new (name);

  if (strcmp (action, FORGE_DEED_STREAM_REJECT) == 0) {
    forge_deed_add_call (deed, "DELETE", one, NULL);
    if (was_chosen)
      forge_deed_add_undo (deed, "POST", path, streams_body (stream_id, stream_id == first_id));
    else
      forge_deed_add_undo (deed, "DELETE", choice, NULL);
  } else if (strcmp (action, FORGE_DEED_STREAM_FIRST) == 0) {
    forge_deed_add_call (deed, "POST", path, streams_body (stream_id, TRUE));
    if (first_id)
      forge_deed_add_undo (deed, "POST", path, streams_body (first_id, TRUE));
  } else {
    forge_deed_add_call (deed, "POST", path, streams_body (stream_id, FALSE));
    forge_deed_add_undo (deed, "DELETE", choice, NULL);
  }
  return deed;
}

static gboolean
has_id (const GArray *ids, gint64 id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, gint64, i) == id)
      return TRUE;
  return FALSE;
}

static gboolean
is_unsure (JsonObject *stream)
{
  return !json_object_get_boolean_member_with_default (stream, "manual", FALSE) &&
         json_object_get_double_member_with_default (stream, "confidence", 0) <
             FORGE_SURE_CONFIDENCE;
}

static void
accept_streams (ForgeDeed *deed, gint64 channel_id, JsonArray *streams)
{
  g_autofree char *path = channel_path (channel_id, "streams");

  for (guint i = 0; i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    gint64 id = json_object_get_int_member_with_default (stream, "id", 0);
    g_autofree char *choice = g_strdup_printf ("%s/%" G_GINT64_FORMAT "/choice", path, id);
    if (!is_unsure (stream))
      continue;
    forge_deed_add_call (deed, "POST", path, streams_body (id, FALSE));
    forge_deed_add_undo (deed, "DELETE", choice, NULL);
  }
}

ForgeDeed *
forge_deed_accept_all (JsonArray *channels, const GArray *ids)
{
  g_autoptr (ForgeDeed) deed = forge_deed_new (NULL);
  guint count = 0;

  for (guint i = 0; i < json_array_get_length (channels); i++) {
    JsonObject *channel = json_array_get_object_element (channels, i);
    gint64 id = json_object_get_int_member_with_default (channel, "id", 0);
    if (!has_id (ids, id) || !json_object_has_member (channel, "streams"))
      continue;
    accept_streams (deed, id, json_object_get_array_member (channel, "streams"));
    count++;
  }
  deed->name = g_strdup_printf (
      ngettext ("Accept the matches of %u channel", "Accept the matches of %u channels", count),
      count);
  return deed->calls->len > 0 ? g_steal_pointer (&deed) : NULL;
}

static GPtrArray *
deed_array (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify)forge_deed_free);
}

ForgeUndo *
forge_undo_new (void)
{
  ForgeUndo *undo = g_new0 (ForgeUndo, 1);

  undo->done = deed_array ();
  undo->undone = deed_array ();
  return undo;
}

void
forge_undo_free (ForgeUndo *undo)
{
  g_ptr_array_unref (undo->done);
  g_ptr_array_unref (undo->undone);
  g_free (undo);
}

void
forge_undo_push (ForgeUndo *undo, ForgeDeed *deed)
{
  g_ptr_array_set_size (undo->undone, 0);
  if (undo->done->len == FORGE_UNDO_DEPTH)
    g_ptr_array_remove_index (undo->done, 0);
  g_ptr_array_add (undo->done, deed);
}

const ForgeDeed *
forge_undo_peek (ForgeUndo *undo, gboolean redo)
{
  GPtrArray *side = redo ? undo->undone : undo->done;

  return side->len > 0 ? g_ptr_array_index (side, side->len - 1) : NULL;
}

void
forge_undo_step (ForgeUndo *undo, gboolean redo)
{
  GPtrArray *from = redo ? undo->undone : undo->done;
  GPtrArray *to = redo ? undo->done : undo->undone;

  g_return_if_fail (from->len > 0);
  g_ptr_array_add (to, g_ptr_array_steal_index (from, from->len - 1));
}

void
forge_undo_clear (ForgeUndo *undo)
{
  g_ptr_array_set_size (undo->done, 0);
  g_ptr_array_set_size (undo->undone, 0);
}
