/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "cli/forge-tool.h"
#include "formats/forge-json-items.h"
#include "formats/forge-xmltv.h"
#include "guide/forge-matcher.h"
#include "provider/forge-xtream.h"

#include <stdio.h>
#include <string.h>

/* match GUIDE STREAMS.json [CATEGORIES.json] → CSV stream_id,xmltv_id,confidence of the matched
 * streams. */
typedef struct {
  ForgeMatcher *matcher;
  GPtrArray *xmltv_ids; /* index = matcher id − 1 */
  GHashTable *categories;
} MatchRun;

static void
on_channel (const ForgeXmltvChannel *channel, gpointer user_data)
{
  MatchRun *run = user_data;

  g_ptr_array_add (run->xmltv_ids, g_strdup (channel->id));
  forge_matcher_add (run->matcher, run->xmltv_ids->len, channel->id, channel->names);
}

static void
ignore_programme (const ForgeXmltvProgramme *programme, gpointer user_data)
{
}

static void
push_xmltv (const char *data, gsize length, gpointer xmltv)
{
  forge_xmltv_push (xmltv, data, length);
}

static gboolean
read_guide (MatchRun *run, const char *path)
{
  static const ForgeXmltvHandler handler = { .channel = on_channel, .programme = ignore_programme };
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, run, 0);
  ForgeXmltvCounts counts;

  if (!forge_tool_read (path, push_xmltv, xmltv))
    return FALSE;
  forge_xmltv_end (xmltv, &counts);
  forge_matcher_freeze (run->matcher);
  return TRUE;
}

static void
push_json (const char *data, gsize length, gpointer items)
{
  forge_json_items_push (items, data, length);
}

static gboolean
read_items (const char *path, ForgeJsonItemFunc each, gpointer user_data)
{
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (each, user_data);
  ForgeJsonCounts counts;

  if (!forge_tool_read (path, push_json, items))
    return FALSE;
  if (forge_json_items_end (items, &counts) != FORGE_JSON_NOT_JSON)
    return TRUE;
  forge_tool_fail ("%s is no JSON but begins with “%s”", path, counts.head);
  return FALSE;
}

static gboolean
on_category (JsonNode *item, const char *key, gpointer user_data)
{
  MatchRun *run = user_data;

  if (!JSON_NODE_HOLDS_OBJECT (item))
    return TRUE;
  g_autofree char *id = forge_json_text (json_node_get_object (item), "category_id");
  g_autofree char *name = forge_json_text (json_node_get_object (item), "category_name");
  if (id && name)
    g_hash_table_replace (run->categories, g_steal_pointer (&id), g_steal_pointer (&name));
  return TRUE;
}

static void
print_field (const char *text)
{
  gboolean needs_quotes = strpbrk (text, ",\"\r\n") != NULL;

  if (needs_quotes)
    putchar ('"');
  for (const char *p = text; *p; p++) {
    if (*p == '"')
      putchar ('"');
    putchar (*p);
  }
  if (needs_quotes)
    putchar ('"');
}

static gboolean
on_stream (JsonNode *item, const char *key, gpointer user_data)
{
  MatchRun *run = user_data;
  g_autoptr (ForgeStream) stream =
      JSON_NODE_HOLDS_OBJECT (item)
          ? forge_xtream_parse_stream (json_node_get_object (item), run->categories)
          : NULL;

  if (!stream)
    return TRUE;
  const ForgeMatchQuery query = { .name = stream->name,
                                  .epg_id = stream->epg_id,
                                  .group = stream->group };
  ForgeMatch match = forge_matcher_find (run->matcher, &query, NULL);
  if (match.id == 0)
    return TRUE;
  printf ("%" G_GINT64_FORMAT ",", stream->remote_id);
  print_field (g_ptr_array_index (run->xmltv_ids, (guint)match.id - 1));
  printf (",%.4f\n", match.confidence);
  return TRUE;
}

int
forge_tool_match (const char *guide, const char *streams, const char *categories)
{
  g_autoptr (ForgeMatcher) matcher = forge_matcher_new ();
  g_autoptr (GPtrArray) xmltv_ids = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GHashTable) names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  MatchRun run = { .matcher = matcher, .xmltv_ids = xmltv_ids, .categories = names };

  if (!read_guide (&run, guide) || (categories && !read_items (categories, on_category, &run)))
    return 1;
  puts ("stream_id,xmltv_id,confidence");
  return read_items (streams, on_stream, &run) ? 0 : 1;
}
