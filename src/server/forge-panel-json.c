/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-panel-json.h"

#include "formats/forge-xmltv-details.h"
#include "server/forge-panel-private.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"

#include <string.h>

#define NO_GROUP         "Other"
#define DAY_S            86400
#define GUIDE_DAYS       14
#define MAX_ARCHIVE_DAYS 60

void
forge_panel_add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_string_value (builder, text ? text : "");
}

void
forge_panel_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

void
forge_panel_add_digits (JsonBuilder *builder, const char *name, gint64 value)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, value);

  forge_panel_add_text (builder, name, text);
}

static void
add_null (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_null_value (builder);
}

char *
forge_panel_finish (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);

  g_object_unref (builder);
  return json_to_string (root, FALSE);
}

static char *
wall_text (gint64 wall_s)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (wall_s);

  return g_date_time_format (time, "%Y-%m-%d %H:%M:%S");
}

static void
add_user_info (JsonBuilder *builder, const ForgePanelLogin *login)
{
  json_builder_set_member_name (builder, "user_info");
  json_builder_begin_object (builder);
  forge_panel_add_text (builder, "username", login->username);
  forge_panel_add_text (builder, "password", login->password);
  forge_panel_add_text (builder, "message", "");
  forge_panel_add_int (builder, "auth", 1);
  forge_panel_add_text (builder, "status", "Active");
  add_null (builder, "exp_date");
  forge_panel_add_text (builder, "is_trial", "0");
  forge_panel_add_int (builder, "active_cons", login->active_connections);
  forge_panel_add_digits (builder, "created_at", login->created_at);
  forge_panel_add_digits (builder, "max_connections", login->max_connections);
  json_builder_set_member_name (builder, "allowed_output_formats");
  json_builder_begin_array (builder);
  json_builder_add_string_value (builder, "ts");
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_server_info (JsonBuilder *builder, const ForgePanelLogin *login)
{
  g_autoptr (GUri) uri = g_uri_parse (login->base_url, G_URI_FLAGS_NONE, NULL);
  g_autofree char *now = wall_text (login->now_s);

  json_builder_set_member_name (builder, "server_info");
  json_builder_begin_object (builder);
  forge_panel_add_text (builder, "url", uri ? g_uri_get_host (uri) : "");
  forge_panel_add_digits (builder, "port", uri ? g_uri_get_port (uri) : 0);
  forge_panel_add_text (builder, "https_port", "");
  forge_panel_add_text (builder, "server_protocol", "http");
  forge_panel_add_text (builder, "rtmp_port", "");
  forge_panel_add_text (builder, "timezone", "UTC");
  forge_panel_add_int (builder, "timestamp_now", login->now_s);
  forge_panel_add_text (builder, "time_now", now);
  json_builder_end_object (builder);
}

char *
forge_panel_login (const ForgePanelLogin *login)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  add_user_info (builder, login);
  add_server_info (builder, login);
  json_builder_end_object (builder);
  return forge_panel_finish (builder);
}

/* FNV-1a: a name keeps its id when others come and go, and apps remember ids. Some keep them in a
 * signed number of 32 bits. */
guint32
forge_panel_category_id (const char *group)
{
  guint32 hash = 2166136261u;

  for (const char *at = group && *group ? group : NO_GROUP; *at; at++)
    hash = (hash ^ (guint8)*at) * 16777619u;
  hash &= G_MAXINT32;
  return hash ? hash : 1;
}

void
forge_panel_add_category_row (JsonBuilder *builder, const char *group)
{
  json_builder_begin_object (builder);
  forge_panel_add_digits (builder, "category_id", forge_panel_category_id (group));
  forge_panel_add_text (builder, "category_name", group && *group ? group : NO_GROUP);
  forge_panel_add_int (builder, "parent_id", 0);
  json_builder_end_object (builder);
}

void
forge_panel_add_category (JsonBuilder *builder, const char *group)
{
  guint32 id = forge_panel_category_id (group);

  forge_panel_add_digits (builder, "category_id", id);
  json_builder_set_member_name (builder, "category_ids");
  json_builder_begin_array (builder);
  json_builder_add_int_value (builder, id);
  json_builder_end_array (builder);
}

char *
forge_panel_categories (const ForgeLineup *lineup)
{
  g_autoptr (GHashTable) seen = g_hash_table_new (g_direct_hash, g_direct_equal);
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    const char *group = forge_lineup_channel (lineup, i)->group;
    if (g_hash_table_add (seen, GUINT_TO_POINTER (forge_panel_category_id (group))))
      forge_panel_add_category_row (builder, group);
  }
  json_builder_end_array (builder);
  return forge_panel_finish (builder);
}

static int
archive_days (const ForgeChannel *channel)
{
  int days = 0;

  for (guint i = 0; i < channel->candidates->len; i++) {
    const ForgeStream *stream = forge_channel_candidate (channel, i)->stream;
    if (stream->available)
      days = MAX (days, stream->archive_days);
  }
  return MIN (days, MAX_ARCHIVE_DAYS);
}

static void
add_stream (JsonBuilder *builder, const ForgeChannel *channel, const char *base_url)
{
  g_autofree char *logo =
      channel->logo ? g_strdup_printf ("%s/logo/%" G_GINT64_FORMAT, base_url, channel->id) : NULL;

  json_builder_begin_object (builder);
  forge_panel_add_int (builder, "num", channel->number);
  forge_panel_add_text (builder, "name", channel->name);
  forge_panel_add_text (builder, "stream_type", "live");
  forge_panel_add_int (builder, "stream_id", channel->id);
  forge_panel_add_text (builder, "stream_icon", logo);
  forge_panel_add_text (builder, "epg_channel_id", channel->guide_id);
  forge_panel_add_text (builder, "added", "1700000000");
  forge_panel_add_text (builder, "is_adult", "0");
  forge_panel_add_category (builder, channel->group);
  forge_panel_add_text (builder, "custom_sid", "");
  forge_panel_add_int (builder, "tv_archive", archive_days (channel) > 0);
  forge_panel_add_text (builder, "direct_source", "");
  forge_panel_add_int (builder, "tv_archive_duration", archive_days (channel));
  forge_panel_add_text (builder, "thumbnail", "");
  json_builder_end_object (builder);
}

char *
forge_panel_streams (const ForgeLineup *lineup, const char *category, const char *base_url)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_array (builder);
  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    const ForgeChannel *channel = forge_lineup_channel (lineup, i);
    g_autofree char *id = g_strdup_printf ("%u", forge_panel_category_id (channel->group));
    if (!category || !*category || strcmp (category, id) == 0)
      add_stream (builder, channel, base_url);
  }
  json_builder_end_array (builder);
  return forge_panel_finish (builder);
}

typedef struct {
  JsonBuilder *builder;
  const ForgeChannel *channel;
  guint left;
  gboolean is_table;
  gint64 now_s;
} Listing;

static void
add_base64 (JsonBuilder *builder, const char *name, const char *text)
{
  g_autofree char *encoded =
      g_base64_encode ((const guchar *)(text ? text : ""), text ? strlen (text) : 0);

  forge_panel_add_text (builder, name, encoded);
}

static gboolean
add_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  Listing *listing = user_data;
  JsonBuilder *builder = listing->builder;
  g_autoptr (ForgeXmltvDetails) details = forge_xmltv_details_new (row->inner, row->inner_length);
  g_autofree char *start = wall_text (row->start);
  g_autofree char *stop = wall_text (row->stop);

  json_builder_begin_object (builder);
  forge_panel_add_digits (builder, "id", row->start);
  forge_panel_add_digits (builder, "epg_id", listing->channel->id);
  add_base64 (builder, "title", row->title);
  forge_panel_add_text (builder, "lang", "");
  forge_panel_add_text (builder, "start", start);
  forge_panel_add_text (builder, "end", stop);
  add_base64 (builder, "description", details->description);
  forge_panel_add_text (builder, "channel_id", listing->channel->guide_id);
  forge_panel_add_digits (builder, "start_timestamp", row->start);
  forge_panel_add_digits (builder, "stop_timestamp", row->stop);
  if (listing->is_table) {
    forge_panel_add_int (builder,
                         "now_playing",
                         row->start <= listing->now_s && listing->now_s < row->stop);
    forge_panel_add_int (builder,
                         "has_archive",
                         row->stop <= listing->now_s && archive_days (listing->channel) > 0);
  }
  json_builder_end_object (builder);
  return --listing->left > 0;
}

char *
forge_panel_guide (ForgeStore *store,
                   const ForgeChannel *channel,
                   guint limit,
                   gboolean is_table,
                   gint64 now_s)
{
  JsonBuilder *builder = json_builder_new ();
  Listing listing = { builder, channel, limit, is_table, now_s };
  gint64 guide = channel ? forge_store_channel_guide (store, channel->id) : 0;
  gint64 from = is_table && channel ? now_s - archive_days (channel) * DAY_S : now_s;

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "epg_listings");
  json_builder_begin_array (builder);
  if (guide && limit)
    forge_store_each_programme (store,
                                guide,
                                from,
                                now_s + GUIDE_DAYS * DAY_S,
                                add_programme,
                                &listing,
                                NULL);
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  return forge_panel_finish (builder);
}
