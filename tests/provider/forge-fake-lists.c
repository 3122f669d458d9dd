/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "forge-fake-api.h"
#include "forge-fake-guide.h"

#include <string.h>

#define ARCHIVE_DAYS 3u
#define ADDED_S      "1700000000"

/* One stream of the list. */
typedef struct {
  guint num, stream_id, category_id;
  char *name, *guide_id; /* guide_id NULL = not told */
} Row;

static const char *
tier_label (guint tier)
{
  static const char *const labels[] = { "", "SD", "HD", "FHD", "4K" };

  return labels[tier];
}

static void
row_clear (Row *row)
{
  g_clear_pointer (&row->name, g_free);
  g_clear_pointer (&row->guide_id, g_free);
}

/* Walks over all streams in the panel's order. */
typedef struct {
  const ForgeFakeCatalogue *catalogue;
  guint num, channel, tier; /* channel from 0, generated ones after the others */
} Walk;

static gboolean
walk_step (Walk *walk)
{
  if (walk->tier == 1) {
    walk->tier = 5;
    walk->channel++;
  }
  walk->tier--;
  return walk->channel <
         walk->catalogue->channels->len + forge_fake_generated_channels (walk->catalogue);
}

static void
fill_known (const Walk *walk, const ForgeFakeChannel *channel, Row *row)
{
  row->stream_id = channel->number * 10 + walk->tier;
  row->category_id = channel->category_id;
  row->name =
      g_strdup_printf ("%s| %s %s", channel->country, channel->name, tier_label (walk->tier));
  row->guide_id = channel->guide_tiers & 1u << walk->tier ? g_strdup (channel->guide_id) : NULL;
}

static void
fill_generated (const Walk *walk, guint index, Row *row)
{
  g_autofree char *name = forge_fake_generated_name (index);

  row->stream_id = FORGE_FAKE_GENERATED_ID + index * 10 + walk->tier;
  row->category_id = 1 + index % 8;
  row->name = g_strdup_printf ("UK| %s %s", name, tier_label (walk->tier));
  row->guide_id = walk->tier == 3 ? g_strdup_printf ("gen%u.test", index) : NULL;
}

/* The next stream; FALSE after the last one. */
static gboolean
walk_next (Walk *walk, Row *row)
{
  const GPtrArray *channels = walk->catalogue->channels;

  row_clear (row);
  while (walk_step (walk)) {
    const ForgeFakeChannel *channel = walk->channel < channels->len ? channels->pdata[walk->channel]
                                                                    : NULL;

    if (channel && !(channel->tiers & 1u << walk->tier))
      continue;
    row->num = ++walk->num;
    if (channel)
      fill_known (walk, channel, row);
    else
      fill_generated (walk, walk->channel - channels->len, row);
    return TRUE;
  }
  return FALSE;
}

static guint
count_rows (const ForgeFakeCatalogue *catalogue)
{
  guint n = 4 * forge_fake_generated_channels (catalogue);

  for (guint i = 0; i < catalogue->channels->len; i++) {
    const ForgeFakeChannel *channel = catalogue->channels->pdata[i];
    n += (guint)__builtin_popcount (channel->tiers);
  }
  return n;
}

/* FHD has an archive. */
static guint
archive_days (const Row *row)
{
  return row->stream_id < FORGE_FAKE_GENERATED_ID && row->stream_id % 10 == 3 ? ARCHIVE_DAYS : 0;
}

/* The type mix of the XUI family (facts: Live lists). */
static void
append_row (GString *out, const Row *row)
{
  g_string_append_printf (out, "{\"num\":%u,\"name\":", row->num);
  forge_fake_append_json (out, row->name);
  g_string_append_printf (
      out,
      ",\"stream_type\":\"live\",\"stream_id\":%u,\"stream_icon\":\"\",\"epg_channel_id\":",
      row->stream_id);
  forge_fake_append_json (out, row->guide_id);
  g_string_append_printf (out,
                          ",\"added\":\"" ADDED_S "\",\"is_adult\":\"0\",\"category_id\":\"%u\","
                          "\"category_ids\":[%u],\"custom_sid\":\"\",\"tv_archive\":%u,"
                          "\"direct_source\":\"\",\"tv_archive_duration\":%u}",
                          row->category_id,
                          row->category_id,
                          archive_days (row) > 0,
                          archive_days (row));
}

/* Every other type that panels were seen to send. */
static void
append_row_as_strings (GString *out, const Row *row)
{
  g_string_append_printf (out, "{\"num\":\"%u\",\"name\":", row->num);
  forge_fake_append_json (out, row->name);
  g_string_append_printf (out,
                          ",\"stream_type\":\"%s\",\"stream_id\":\"%u\",\"stream_icon\":%s,"
                          "\"epg_channel_id\":",
                          row->num % 3 == 0 ? "created_live" : "live",
                          row->stream_id,
                          row->num % 7 == 0 ? "null" : "\"\"");
  forge_fake_append_json (out, row->guide_id ? row->guide_id : "");
  g_string_append_printf (out,
                          ",\"added\":" ADDED_S ",\"is_adult\":%s,\"category_id\":%u,"
                          "\"tv_archive\":\"%u\",\"tv_archive_duration\":\"%u\"}",
                          row->num % 2 == 0 ? "0" : "null",
                          row->category_id,
                          archive_days (row) > 0,
                          archive_days (row));
}

typedef struct {
  ForgeFakeBody *body;
  const ForgeFakeFaults *faults;
  guint written;
} ListWriter;

static void
write_row (ListWriter *writer, const Row *row)
{
  g_string_append (writer->body->text, writer->written++ > 0 ? "," : "");
  if (forge_fake_has (writer->faults, FORGE_FAKE_STRINGS))
    append_row_as_strings (writer->body->text, row);
  else
    append_row (writer->body->text, row);
  forge_fake_body_push (writer->body);
}

/* Seen: the same stream once per category when the panel shows duplicates. */
static void
write_duplicate (ListWriter *writer, const Row *row)
{
  Row again = *row;

  again.category_id = row->category_id % 8 + 1;
  write_row (writer, &again);
}

/* FALSE if the document shall end within this row. */
static gboolean
write_rows (ListWriter *writer, const ForgeFakeCatalogue *catalogue)
{
  guint total = count_rows (catalogue);
  gboolean is_truncated = forge_fake_has (writer->faults, FORGE_FAKE_TRUNCATED);
  guint wanted = forge_fake_has (writer->faults, FORGE_FAKE_EMPTY)  ? 0
                 : forge_fake_has (writer->faults, FORGE_FAKE_HALF) ? total / 2
                                                                    : total;
  Walk walk = { catalogue, 0, 0, 5 };
  Row row = { 0 };

  for (guint i = 0; i < wanted && walk_next (&walk, &row); i++) {
    if (is_truncated && i == total / 2) {
      g_string_append (writer->body->text, ",{\"num\":");
      row_clear (&row);
      return FALSE;
    }
    write_row (writer, &row);
    if (forge_fake_has (writer->faults, FORGE_FAKE_DUPLICATES))
      write_duplicate (writer, &row);
  }
  row_clear (&row);
  return TRUE;
}

gboolean
forge_fake_list_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeFaults faults;
  ForgeFakeBody body;

  if (!forge_fake_document_faults (connection, request, FORGE_FAKE_TARGET_LIST, &faults))
    return !connection->must_close;
  forge_fake_body_begin (&body, connection, request, &faults, "application/json", NULL);
  g_string_append_c (body.text, '[');
  if (write_rows (&(ListWriter){ &body, &faults, 0 }, connection->provider->catalogue)) {
    if (forge_fake_has (&faults, FORGE_FAKE_STRINGS))
      g_string_append (body.text,
                       ",null,\"x\",{\"name\":\"no id\"},{\"stream_id\":999999,\"name\":null}");
    g_string_append_c (body.text, ']');
  }
  return forge_fake_body_end (&body);
}

static void
append_m3u_entry (GString *out, ForgeFakeProvider *provider, const Row *row)
{
  g_autofree char *user = g_uri_escape_string (provider->username, NULL, FALSE);
  g_autofree char *password = g_uri_escape_string (provider->password, NULL, FALSE);
  const char *category = forge_fake_category_name (row->category_id);

  g_string_append_printf (out,
                          "#EXTINF:-1 tvg-id=\"%s\" tvg-name=\"%s\" tvg-logo=\"\" "
                          "group-title=\"%s\",%s\n%s/live/%s/%s/%u.ts\n",
                          row->guide_id ? row->guide_id : "",
                          row->name,
                          category ? category : "",
                          row->name,
                          provider->url,
                          user,
                          password,
                          row->stream_id);
}

gboolean
forge_fake_m3u_reply (ForgeFakeConnection *connection, const ForgeFakeRequest *request)
{
  ForgeFakeProvider *provider = connection->provider;
  Walk walk = { provider->catalogue, 0, 0, 5 };
  Row row = { 0 };
  ForgeFakeFaults faults;
  ForgeFakeBody body;

  if (!forge_fake_document_faults (connection, request, FORGE_FAKE_TARGET_LIST, &faults))
    return !connection->must_close;
  forge_fake_body_begin (&body,
                         connection,
                         request,
                         &faults,
                         "application/octet-stream",
                         "Content-Disposition: attachment; filename=\"playlist.m3u\"\r\n");
  g_string_append (body.text, "#EXTM3U\n");
  while (!forge_fake_has (&faults, FORGE_FAKE_EMPTY) && walk_next (&walk, &row)) {
    append_m3u_entry (body.text, provider, &row);
    forge_fake_body_push (&body);
  }
  row_clear (&row);
  return forge_fake_body_end (&body);
}
