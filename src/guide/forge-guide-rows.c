/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-rows.h"

#include "guide/forge-guide-seen.h"

#include <string.h>

#define MAX_GUESSED_S  (6 * 60 * 60)
#define LAST_GUESSED_S (60 * 60)
#define MAX_LENGTH_S   (48 * 60 * 60)

/* The largest guides seen have some 20,000. */
#define MAX_CHANNELS 100000

/* All programmes together that wait for their stop; one more is stored at once, with 1 h. */
#define MAX_WAITING_BYTES (16 * 1024 * 1024)

/* A programme without a stop, or one that is only believed if its channel has no other; its strings
 * are owned. */
typedef struct {
  gint64 start, stop; /* `stop` 0 = none */
  char *title, *attributes, *inner;
  gsize inner_length, bytes;
} Waiting;

typedef struct {
  guint number;
  gboolean has_others; /* than the one that waits */
  Waiting *waiting;    /* NULL = none */
} Channel;

struct _ForgeGuideRows {
  gint64 from, to;
  ForgeGuideRowsSink sink;
  gpointer user_data;
  GHashTable *channels; /* case-folded id → Channel */
  ForgeGuideSeen *seen;
  GString *last_id; /* files are sorted by channel: most look-ups repeat the last one */
  Channel *last_channel;
  gsize waiting_bytes;
  gboolean has_stopped;
  ForgeGuideRowsCounts counts;
};

static void
waiting_free (Waiting *waiting)
{
  g_free (waiting->title);
  g_free (waiting->attributes);
  g_free (waiting->inner);
  g_free (waiting);
}

static void
channel_free (gpointer data)
{
  Channel *channel = data;

  g_clear_pointer (&channel->waiting, waiting_free);
  g_free (channel);
}

ForgeGuideRows *
forge_guide_rows_new (gint64 from, gint64 to, const ForgeGuideRowsSink *sink, gpointer user_data)
{
  ForgeGuideRows *rows = g_new0 (ForgeGuideRows, 1);

  rows->from = from;
  rows->to = to;
  rows->sink = *sink;
  rows->user_data = user_data;
  rows->channels = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, channel_free);
  rows->seen = forge_guide_seen_new ();
  rows->last_id = g_string_new (NULL);
  return rows;
}

void
forge_guide_rows_free (ForgeGuideRows *rows)
{
  g_hash_table_unref (rows->channels);
  forge_guide_seen_free (rows->seen);
  g_string_free (rows->last_id, TRUE);
  g_free (rows);
}

/* Stores the channel; a second one of the same id goes to the sink too, which unites their names.
 */
static Channel *
store_channel (ForgeGuideRows *rows, char *folded_id, const ForgeGuideChannelRow *row)
{
  g_autofree char *key = folded_id;
  Channel *channel = g_hash_table_lookup (rows->channels, key);

  if (!channel && g_hash_table_size (rows->channels) >= MAX_CHANNELS) {
    rows->counts.without_place++;
    return NULL;
  }
  if (!channel) {
    channel = g_new0 (Channel, 1);
    g_hash_table_insert (rows->channels, g_steal_pointer (&key), channel);
    channel->number = (guint)++rows->counts.channels;
  }
  if (rows->sink.channel (channel->number, row, rows->user_data))
    return channel;
  rows->has_stopped = TRUE;
  return NULL;
}

void
forge_guide_rows_channel (ForgeGuideRows *rows, const ForgeXmltvChannel *channel)
{
  ForgeGuideChannelRow row = { .xmltv_id = channel->id,
                               .names = channel->names,
                               .icon = channel->icon,
                               .extra = channel->extra };

  if (!rows->has_stopped)
    store_channel (rows, g_utf8_casefold (channel->id, -1), &row);
}

/* NULL if it cannot be had. */
static Channel *
find_channel (ForgeGuideRows *rows, const char *id)
{
  if (rows->last_channel && strcmp (rows->last_id->str, id) == 0)
    return rows->last_channel;

  g_autofree char *folded = g_utf8_casefold (id, -1);
  Channel *channel = g_hash_table_lookup (rows->channels, folded);
  if (!channel) {
    const char *const names[] = { id, NULL };
    ForgeGuideChannelRow row = { .xmltv_id = id, .names = names };
    channel = store_channel (rows, g_steal_pointer (&folded), &row);
  }
  if (channel) {
    g_string_assign (rows->last_id, id);
    rows->last_channel = channel;
  }
  return channel;
}

static gboolean
is_in_window (ForgeGuideRows *rows, gint64 start, gint64 stop)
{
  if (stop > rows->from && start < rows->to)
    return TRUE;
  rows->counts.out_of_range++;
  rows->counts.beyond += start >= rows->to;
  return FALSE;
}

static void
store_programme (ForgeGuideRows *rows, Channel *channel, const ForgeProgrammeRow *row)
{
  ForgeGuideRowsCounts *counts = &rows->counts;

  if (rows->has_stopped || !is_in_window (rows, row->start, row->stop))
    return;
  if (!forge_guide_seen_add (rows->seen, channel->number, row->start, row->stop)) {
    counts->duplicates++;
    return;
  }
  if (!rows->sink.programme (channel->number, row, rows->user_data)) {
    rows->has_stopped = TRUE;
    return;
  }
  if (counts->programmes++ == 0 || row->start < counts->first_start)
    counts->first_start = row->start;
  counts->last_stop = MAX (counts->last_stop, row->stop);
}

/* `next_start` of the programme that follows on the channel; 0 = none. */
static void
end_waiting (ForgeGuideRows *rows, Channel *channel, gint64 next_start)
{
  Waiting *waiting = g_steal_pointer (&channel->waiting);

  if (!waiting)
    return;
  gint64 length_s = next_start > waiting->start ? MIN (next_start - waiting->start, MAX_GUESSED_S)
                                                : LAST_GUESSED_S;
  gboolean is_long = waiting->stop > 0;
  /* What runs for years would make the guide last for years. */
  ForgeProgrammeRow row = {
    .start = is_long ? MAX (waiting->start, rows->from) : waiting->start,
    .stop = is_long ? MIN (waiting->stop, rows->to) : waiting->start + length_s,
    .title = waiting->title,
    .attributes = waiting->attributes,
    .inner = waiting->inner,
    .inner_length = waiting->inner_length,
  };
  if (is_long && channel->has_others)
    rows->counts.bad_times++;
  else
    store_programme (rows, channel, &row);
  rows->waiting_bytes -= waiting->bytes;
  waiting_free (waiting);
}

static void
keep_waiting (ForgeGuideRows *rows, Channel *channel, const ForgeProgrammeRow *row)
{
  Waiting *waiting = g_new0 (Waiting, 1);

  waiting->start = row->start;
  waiting->stop = row->stop;
  waiting->title = g_strdup (row->title);
  waiting->attributes = g_strdup (row->attributes);
  waiting->inner = g_strndup (row->inner, row->inner_length);
  waiting->inner_length = row->inner_length;
  waiting->bytes = sizeof *waiting + row->inner_length + strlen (row->title) +
                   (row->attributes ? strlen (row->attributes) : 0);
  channel->waiting = waiting;
  rows->waiting_bytes += waiting->bytes;
  if (rows->waiting_bytes > MAX_WAITING_BYTES)
    end_waiting (rows, channel, 0);
}

/* Cheap refusals first, so that a programme outside of the window makes no channel. */
static gboolean
is_wanted (ForgeGuideRows *rows, const ForgeXmltvProgramme *programme)
{
  gint64 stop = programme->stop ? programme->stop : programme->start + MAX_GUESSED_S;

  if (stop <= programme->start) {
    rows->counts.bad_times++;
    return FALSE;
  }
  return is_in_window (rows, programme->start, stop);
}

void
forge_guide_rows_programme (ForgeGuideRows *rows, const ForgeXmltvProgramme *programme)
{
  if (rows->has_stopped || !is_wanted (rows, programme))
    return;
  Channel *channel = find_channel (rows, programme->channel);
  if (!channel)
    return;

  ForgeProgrammeRow row = {
    .start = programme->start,
    .stop = programme->stop,
    .title = programme->title,
    .attributes = programme->attributes,
    .inner = programme->inner,
    .inner_length = programme->inner_length,
  };
  gboolean is_long = row.stop - row.start > MAX_LENGTH_S;
  gboolean is_first = !channel->has_others && !channel->waiting;
  if (is_long && !is_first) {
    rows->counts.bad_times++;
    return;
  }
  channel->has_others |= !is_long;
  end_waiting (rows, channel, programme->start);
  if (row.stop && !is_long)
    store_programme (rows, channel, &row);
  else
    keep_waiting (rows, channel, &row);
}

void
forge_guide_rows_end (ForgeGuideRows *rows, ForgeGuideRowsCounts *counts)
{
  GHashTableIter iter;
  gpointer channel;

  g_hash_table_iter_init (&iter, rows->channels);
  while (g_hash_table_iter_next (&iter, NULL, &channel))
    end_waiting (rows, channel, 0);
  *counts = rows->counts;
}
