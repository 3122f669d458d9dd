/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-write.h"

#include "formats/forge-xmltv.h"
#include "guide/forge-guide-substitute.h"
#include "store/forge-store-channels.h"

#define PIECE_BYTES (64 * 1024)

/* A programme waits until the next one says how long it may be. */
typedef struct {
  gint64 start, stop;
  GString *title, *attributes, *inner;
} Held;

typedef struct {
  GString *out;
  ForgeGuideWriteFunc write;
  gpointer user_data;
  GCancellable *cancellable;
  GError *error;

  gint64 now_s;
  const ForgeChannel *channel; /* the one whose programmes are written */
  guint n_programmes;          /* of it */
  gboolean is_holding;
  Held held;
} Writer;

static void
writer_init (Writer *writer)
{
  writer->out = g_string_sized_new (PIECE_BYTES + PIECE_BYTES / 4);
  writer->held.title = g_string_new (NULL);
  writer->held.attributes = g_string_new (NULL);
  writer->held.inner = g_string_new (NULL);
}

static void
writer_clear (Writer *writer)
{
  g_string_free (writer->out, TRUE);
  g_string_free (writer->held.title, TRUE);
  g_string_free (writer->held.attributes, TRUE);
  g_string_free (writer->held.inner, TRUE);
  g_clear_error (&writer->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Writer, writer_clear)

static gboolean
flush (Writer *writer)
{
  if (g_cancellable_set_error_if_cancelled (writer->cancellable, &writer->error))
    return FALSE;
  if (writer->out->len > 0 &&
      !writer->write (writer->out->str, writer->out->len, writer->user_data, &writer->error))
    return FALSE;
  g_string_truncate (writer->out, 0);
  return TRUE;
}

static gboolean
flush_if_full (Writer *writer)
{
  return writer->out->len < PIECE_BYTES || flush (writer);
}

static void
append_element (GString *out, const char *name, const char *text)
{
  g_string_append_printf (out, "<%s>", name);
  forge_xml_append_escaped (out, text);
  g_string_append_printf (out, "</%s>", name);
}

static gboolean
is_web_url (const char *url)
{
  return url && (g_ascii_strncasecmp (url, "http://", 7) == 0 ||
                 g_ascii_strncasecmp (url, "https://", 8) == 0);
}

/* One name as text and one as number: Jellyfin confuses channels that have more. */
static gboolean
write_channel (Writer *writer, const ForgeChannel *channel)
{
  GString *out = writer->out;
  char number[16];

  g_snprintf (number, sizeof number, "%d", channel->number);
  g_string_append (out, "  <channel id=\"");
  forge_xml_append_escaped (out, channel->guide_id);
  g_string_append (out, "\">\n    ");
  append_element (out, "display-name", channel->name);
  g_string_append (out, "\n    ");
  append_element (out, "display-name", number);
  g_string_append (out, "\n    ");
  append_element (out, "lcn", number);
  if (is_web_url (channel->logo)) {
    g_string_append (out, "\n    <icon src=\"");
    forge_xml_append_escaped (out, channel->logo);
    g_string_append (out, "\"/>");
  }
  g_string_append (out, "\n  </channel>\n");
  return flush_if_full (writer);
}

static void
append_start_tag (Writer *writer, gint64 start, gint64 stop)
{
  char from[21], to[21];

  forge_xmltv_format_time (start, from);
  forge_xmltv_format_time (stop, to);
  g_string_append_printf (writer->out,
                          "  <programme start=\"%s\" stop=\"%s\" channel=\"",
                          from,
                          to);
  forge_xml_append_escaped (writer->out, writer->channel->guide_id);
  g_string_append_c (writer->out, '"');
}

/* Plex drops a programme without a title. */
static void
append_missing_title (Writer *writer)
{
  if (writer->held.title->len > 0)
    return;
  append_element (writer->out, "title", writer->channel->name);
}

static gboolean
write_held (Writer *writer)
{
  const Held *held = &writer->held;

  if (!writer->is_holding)
    return TRUE;
  writer->is_holding = FALSE;
  writer->n_programmes++;
  append_start_tag (writer, held->start, held->stop);
  g_string_append_len (writer->out, held->attributes->str, (gssize)held->attributes->len);
  g_string_append_c (writer->out, '>');
  append_missing_title (writer);
  g_string_append_len (writer->out, held->inner->str, (gssize)held->inner->len);
  g_string_append (writer->out, "</programme>\n");
  return flush_if_full (writer);
}

static void
hold (Writer *writer, const ForgeProgrammeRow *row)
{
  Held *held = &writer->held;

  held->start = row->start;
  held->stop = row->stop;
  g_string_assign (held->title, row->title ? row->title : "");
  g_string_assign (held->attributes, row->attributes ? row->attributes : "");
  g_string_truncate (held->inner, 0);
  g_string_append_len (held->inner, row->inner, (gssize)row->inner_length);
  writer->is_holding = TRUE;
}

static gboolean
on_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  Writer *writer = user_data;
  Held *held = &writer->held;

  if (writer->is_holding && row->start <= held->start)
    return TRUE;
  if (writer->is_holding)
    held->stop = MIN (held->stop, row->start);
  if (!write_held (writer))
    return FALSE;
  hold (writer, row);
  return TRUE;
}

static gboolean
write_substitute (const ForgeSubstitute *programme, gpointer user_data)
{
  Writer *writer = user_data;

  append_start_tag (writer, programme->start, programme->stop);
  g_string_append_c (writer->out, '>');
  append_element (writer->out, "title", programme->title);
  g_string_append (writer->out, "</programme>\n");
  return flush_if_full (writer);
}

static gboolean
write_programmes (Writer *writer,
                  ForgeStore *store,
                  const ForgeChannel *channel,
                  gint64 from,
                  gint64 to)
{
  gint64 guide = forge_store_channel_guide (store, channel->id);

  writer->channel = channel;
  writer->n_programmes = 0;
  writer->is_holding = FALSE;
  if (guide &&
      !forge_store_each_programme (store, guide, from, to, on_programme, writer, &writer->error))
    return FALSE;
  if (writer->error || !write_held (writer))
    return FALSE;
  /* A channel that is in the lineup but not in the guide counts as off the air. */
  return writer->n_programmes > 0 || forge_guide_each_substitute (store,
                                                                  channel,
                                                                  writer->now_s,
                                                                  from,
                                                                  to,
                                                                  write_substitute,
                                                                  writer);
}

static gboolean
write_document (Writer *writer,
                ForgeStore *store,
                const ForgeLineup *lineup,
                const ForgeGuideWriteOptions *options)
{
  gint64 from = options->now_s - options->past_hours * G_GINT64_CONSTANT (3600);
  gint64 to = options->now_s + options->days * G_GINT64_CONSTANT (86400);

  g_string_append (writer->out,
                   "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<tv generator-info-name=\"StreamForge\">\n");
  for (guint i = 0; i < forge_lineup_size (lineup); i++)
    if (!write_channel (writer, forge_lineup_channel (lineup, i)))
      return FALSE;
  for (guint i = 0; i < forge_lineup_size (lineup); i++) {
    if (g_cancellable_set_error_if_cancelled (writer->cancellable, &writer->error) ||
        !write_programmes (writer, store, forge_lineup_channel (lineup, i), from, to))
      return FALSE;
  }
  g_string_append (writer->out, "</tv>\n");
  return flush (writer);
}

gboolean
forge_guide_write (ForgeStore *store,
                   const ForgeLineup *lineup,
                   const ForgeGuideWriteOptions *options,
                   ForgeGuideWriteFunc write,
                   gpointer user_data,
                   GCancellable *cancellable,
                   GError **error)
{
  g_return_val_if_fail (lineup && options && write, FALSE);

  g_auto (Writer) writer = { .write = write,
                             .user_data = user_data,
                             .cancellable = cancellable,
                             .now_s = options->now_s };
  writer_init (&writer);
  if (write_document (&writer, store, lineup, options))
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&writer.error));
  return FALSE;
}
