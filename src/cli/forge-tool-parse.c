/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"
#include "cli/forge-tool.h"
#include "formats/forge-json-items.h"
#include "formats/forge-m3u.h"
#include "formats/forge-unpack.h"
#include "formats/forge-xmltv.h"
#include "mpegts/forge-ts-align.h"
#include "mpegts/forge-ts-scan.h"
#include "provider/forge-xtream.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES (64 * 1024)

int
forge_tool_fail (const char *format, ...)
{
  va_list args;

  va_start (args, format);
  g_autofree char *text = g_strdup_vprintf (format, args);
  va_end (args);
  g_printerr ("streamforge-tool: %s\n", text);
  return 1;
}

gboolean
forge_tool_read (const char *path, ForgeToolPush push, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &error);

  if (!stream) {
    forge_tool_fail ("%s", error->message);
    return FALSE;
  }
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (G_INPUT_STREAM (stream), NULL);
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  gssize length;
  while ((length = forge_unpack_read (unpack, piece, PIECE_BYTES, NULL, &error)) > 0)
    push (piece, (gsize)length, user_data);
  if (length < 0)
    forge_tool_fail ("%s: %s", path, error->message);
  return TRUE;
}

/* One JSON object per line: {"type": …} for items, {"type": "end"} with the totals. */
static void
print_node (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  g_autofree char *line = json_to_string (node, FALSE);
  puts (line);
}

static JsonObject *
typed (const char *type)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "type", type);
  return object;
}

static void
add (JsonObject *object, const char *member, const char *text)
{
  if (text)
    json_object_set_string_member (object, member, text);
}

static void
on_channel (const ForgeXmltvChannel *channel, gpointer unused)
{
  JsonObject *object = typed ("channel");
  JsonArray *names = json_array_new ();

  for (guint i = 0; channel->names[i]; i++)
    json_array_add_string_element (names, channel->names[i]);
  add (object, "id", channel->id);
  json_object_set_array_member (object, "names", names);
  add (object, "icon", channel->icon);
  add (object, "extra", channel->extra);
  print_node (object);
}

static void
on_programme (const ForgeXmltvProgramme *programme, gpointer unused)
{
  JsonObject *object = typed ("programme");
  g_autofree char *start = forge_time_to_iso8601 (programme->start);
  g_autofree char *stop = forge_time_to_iso8601 (programme->stop);
  g_autofree char *inner = g_strndup (programme->inner, programme->inner_length);

  add (object, "channel", programme->channel);
  add (object, "start", start);
  add (object, "stop", stop);
  add (object, "title", programme->title);
  add (object, "attributes", programme->attributes);
  add (object, "inner", inner);
  print_node (object);
}

static void
push_xmltv (const char *data, gsize length, gpointer xmltv)
{
  forge_xmltv_push (xmltv, data, length);
}

int
forge_tool_parse_xmltv (const char *path)
{
  static const ForgeXmltvHandler handler = { .channel = on_channel, .programme = on_programme };
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, NULL, 0);
  ForgeXmltvCounts counts;

  if (!forge_tool_read (path, push_xmltv, xmltv))
    return 1;
  forge_xmltv_end (xmltv, &counts);
  JsonObject *object = typed ("end");
  json_object_set_int_member (object, "channels", (gint64)counts.channels);
  json_object_set_int_member (object, "programmes", (gint64)counts.programmes);
  json_object_set_int_member (object, "skipped", (gint64)counts.skipped);
  json_object_set_int_member (object, "repaired", (gint64)counts.repaired);
  json_object_set_boolean_member (object, "truncated", counts.truncated);
  if (*counts.first_error)
    add (object, "first_error", counts.first_error);
  print_node (object);
  return counts.saw_root
             ? 0
             : forge_tool_fail ("%s is not XMLTV but begins with “%s”", path, counts.head);
}

static void
on_entry (const ForgeM3uEntry *entry, gpointer unused)
{
  JsonObject *object = typed ("entry");

  add (object, "name", entry->name);
  add (object, "url", entry->url);
  add (object, "tvg_id", entry->tvg_id);
  add (object, "tvg_name", entry->tvg_name);
  add (object, "logo", entry->logo);
  add (object, "group", entry->group);
  add (object, "number", entry->number);
  add (object, "user_agent", entry->user_agent);
  add (object, "referrer", entry->referrer);
  if (entry->catchup_days)
    json_object_set_int_member (object, "catchup_days", entry->catchup_days);
  json_object_set_boolean_member (object, "radio", entry->is_radio);
  print_node (object);
}

static void
push_m3u (const char *data, gsize length, gpointer m3u)
{
  forge_m3u_push (m3u, data, length);
}

int
forge_tool_parse_m3u (const char *path)
{
  g_autoptr (ForgeM3u) m3u = forge_m3u_new (on_entry, NULL);
  ForgeM3uCounts counts = { 0 };

  if (!forge_tool_read (path, push_m3u, m3u))
    return 1;
  forge_m3u_end (m3u, &counts);
  JsonObject *object = typed ("end");
  json_object_set_int_member (object, "entries", counts.entries);
  json_object_set_int_member (object, "skipped", counts.skipped);
  json_object_set_boolean_member (object, "is_media_playlist", counts.is_media_playlist);
  add (object, "guide_url", counts.guide_url);
  g_free (counts.guide_url);
  print_node (object);
  return 0;
}

static gboolean
on_stream_item (JsonNode *item, const char *key, gpointer user_data)
{
  g_autoptr (ForgeStream) stream =
      JSON_NODE_HOLDS_OBJECT (item) ? forge_xtream_parse_stream (json_node_get_object (item), NULL)
                                    : NULL;
  guint *unusable = user_data;

  if (!stream) {
    ++*unusable;
    return TRUE;
  }
  JsonObject *object = typed ("stream");
  json_object_set_int_member (object, "stream_id", stream->remote_id);
  add (object, "name", stream->name);
  add (object, "quality", forge_quality_name (stream->quality));
  add (object, "epg_id", stream->epg_id);
  add (object, "icon", stream->icon);
  json_object_set_int_member (object, "archive_days", stream->archive_days);
  print_node (object);
  return TRUE;
}

static void
push_json (const char *data, gsize length, gpointer items)
{
  forge_json_items_push (items, data, length);
}

int
forge_tool_parse_xtream (const char *path)
{
  static const char *const ends[] = { "complete", "truncated", "not JSON" };
  guint unusable = 0;
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (on_stream_item, &unusable);
  ForgeJsonCounts counts;

  if (!forge_tool_read (path, push_json, items))
    return 1;
  ForgeJsonEnd end = forge_json_items_end (items, &counts);
  JsonObject *object = typed ("end");
  json_object_set_int_member (object, "items", counts.items);
  json_object_set_int_member (object, "skipped", counts.skipped + unusable);
  add (object, "end", ends[end]);
  print_node (object);
  return end == FORGE_JSON_NOT_JSON
             ? forge_tool_fail ("%s is no JSON but begins with “%s”", path, counts.head)
             : 0;
}

typedef struct {
  ForgeTsAlign align;
  ForgeTsScan scan;
  guint8 buffer[PIECE_BYTES + FORGE_TS_ALIGN_REST_MAX];
  gsize rest;
  guint64 offset;
  guint joins;
} TsParse;

static void
scan_packets (TsParse *parse, const guint8 *packets, gsize size)
{
  gsize at = 0;
  ForgeTsScanEvent event;

  while ((event = forge_ts_scan_run (&parse->scan, packets, size, parse->offset, &at)) !=
         FORGE_TS_SCAN_DONE)
    if (event == FORGE_TS_SCAN_JOIN)
      parse->joins++;
  parse->offset += size;
}

static void
push_ts (const char *data, gsize length, gpointer user_data)
{
  TsParse *parse = user_data;

  memcpy (parse->buffer + parse->rest, data, length);
  gsize whole =
      forge_ts_align_run (&parse->align, parse->buffer, parse->rest + length, &parse->rest);
  scan_packets (parse, parse->buffer, whole);
  memmove (parse->buffer, parse->buffer + whole, parse->rest);
}

static JsonArray *
stream_list (const ForgeTsPsi *psi)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < psi->n_streams; i++) {
    JsonObject *object = json_object_new ();
    json_object_set_int_member (object, "pid", psi->streams[i].pid);
    json_object_set_int_member (object, "stream_type", psi->streams[i].stream_type);
    json_array_add_object_element (array, object);
  }
  return array;
}

int
forge_tool_parse_ts (const char *path)
{
  g_autofree TsParse *parse = g_new0 (TsParse, 1);

  forge_ts_align_reset (&parse->align);
  forge_ts_scan_reset (&parse->scan);
  if (!forge_tool_read (path, push_ts, parse))
    return 1;
  JsonObject *object = typed ("end");
  json_object_set_int_member (object, "packets", (gint64)parse->scan.packets);
  json_object_set_int_member (object, "null_packets", (gint64)parse->scan.null_packets);
  json_object_set_int_member (object, "scrambled_packets", (gint64)parse->scan.scrambled_packets);
  json_object_set_int_member (object, "continuity_errors", (gint64)parse->scan.continuity_errors);
  json_object_set_int_member (object, "sync_losses", parse->align.losses);
  json_object_set_int_member (object, "join_points", parse->joins);
  json_object_set_boolean_member (object,
                                  "has_tables",
                                  forge_ts_psi_is_complete (&parse->scan.psi));
  json_object_set_array_member (object, "streams", stream_list (&parse->scan.psi));
  print_node (object);
  return parse->scan.packets > 0 ? 0 : forge_tool_fail ("%s is no MPEG transport stream", path);
}
