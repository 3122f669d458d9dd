/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-pipe.h"

#include <string.h>

/* A batch is handed over when it has grown to this; a row may make it longer by its own length. */
#define BATCH_BYTES (256 * 1024)
#define MAX_BATCHES 8

/* One row; its texts stand in the batch one after the other, each with a NUL behind it. */
typedef struct {
  guint channel;
  guint n_names; /* 0 = a programme */
  gboolean has_attributes, has_icon, has_extra;
  gint64 start, stop;
  gsize inner_length;
} Record;

typedef struct {
  GArray *records;
  GString *text;
} Batch;

struct _ForgeGuidePipe {
  Batch *filling; /* of the reading thread */

  GMutex lock; /* guards all below */
  GCond changed;
  GQueue full;  /* of Batch*, in order */
  GQueue empty; /* of Batch*, for reuse */
  gboolean is_closed, has_stopped;
};

static Batch *
batch_new (void)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->records = g_array_new (FALSE, FALSE, sizeof (Record));
  batch->text = g_string_sized_new (BATCH_BYTES);
  return batch;
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  g_array_unref (batch->records);
  g_string_free (batch->text, TRUE);
  g_free (batch);
}

ForgeGuidePipe *
forge_guide_pipe_new (void)
{
  ForgeGuidePipe *pipe = g_new0 (ForgeGuidePipe, 1);

  pipe->filling = batch_new ();
  g_mutex_init (&pipe->lock);
  g_cond_init (&pipe->changed);
  return pipe;
}

void
forge_guide_pipe_free (ForgeGuidePipe *pipe)
{
  batch_free (pipe->filling);
  g_queue_clear_full (&pipe->full, batch_free);
  g_queue_clear_full (&pipe->empty, batch_free);
  g_mutex_clear (&pipe->lock);
  g_cond_clear (&pipe->changed);
  g_free (pipe);
}

/* Hands over what was filled, and takes an empty one. FALSE when the other end has stopped. */
static gboolean
hand_over (ForgeGuidePipe *pipe)
{
  g_mutex_lock (&pipe->lock);
  while (pipe->full.length >= MAX_BATCHES && !pipe->has_stopped)
    g_cond_wait (&pipe->changed, &pipe->lock);
  gboolean goes_on = !pipe->has_stopped;
  if (goes_on) {
    g_queue_push_tail (&pipe->full, pipe->filling);
    pipe->filling = g_queue_pop_head (&pipe->empty);
    g_cond_signal (&pipe->changed);
  }
  g_mutex_unlock (&pipe->lock);
  if (!pipe->filling)
    pipe->filling = batch_new ();
  return goes_on;
}

static void
append_text (Batch *batch, const char *text, gsize length)
{
  g_string_append_len (batch->text, text, (gssize)length);
  g_string_append_c (batch->text, '\0');
}

static void
append_optional (Batch *batch, const char *text)
{
  if (text)
    append_text (batch, text, strlen (text));
}

static gboolean
finish_record (ForgeGuidePipe *pipe, const Record *record)
{
  g_array_append_vals (pipe->filling->records, record, 1);
  return pipe->filling->text->len < BATCH_BYTES || hand_over (pipe);
}

static gboolean
put_channel (guint number, const ForgeGuideChannelRow *row, gpointer user_data)
{
  ForgeGuidePipe *pipe = user_data;
  Record record = { .channel = number,
                    .has_icon = row->icon != NULL,
                    .has_extra = row->extra != NULL };

  append_text (pipe->filling, row->xmltv_id, strlen (row->xmltv_id));
  append_optional (pipe->filling, row->icon);
  append_optional (pipe->filling, row->extra);
  for (; row->names[record.n_names]; record.n_names++)
    append_optional (pipe->filling, row->names[record.n_names]);
  return finish_record (pipe, &record);
}

static gboolean
put_programme (guint channel, const ForgeProgrammeRow *row, gpointer user_data)
{
  ForgeGuidePipe *pipe = user_data;
  Record record = { .channel = channel,
                    .has_attributes = row->attributes != NULL,
                    .start = row->start,
                    .stop = row->stop,
                    .inner_length = row->inner_length };

  append_text (pipe->filling, row->title, strlen (row->title));
  append_optional (pipe->filling, row->attributes);
  append_text (pipe->filling, row->inner, row->inner_length);
  return finish_record (pipe, &record);
}

const ForgeGuideRowsSink forge_guide_pipe_sink = { put_channel, put_programme };

void
forge_guide_pipe_close (ForgeGuidePipe *pipe)
{
  hand_over (pipe);
  g_mutex_lock (&pipe->lock);
  pipe->is_closed = TRUE;
  g_cond_signal (&pipe->changed);
  g_mutex_unlock (&pipe->lock);
}

static const char *
next_text (const char **at)
{
  const char *text = *at;

  *at += strlen (text) + 1;
  return text;
}

static gboolean
give_channel (const Record *record,
              const char **at,
              GPtrArray *names,
              const ForgeGuideRowsSink *sink,
              gpointer user_data)
{
  ForgeGuideChannelRow row = { .xmltv_id = next_text (at) };

  row.icon = record->has_icon ? next_text (at) : NULL;
  row.extra = record->has_extra ? next_text (at) : NULL;
  g_ptr_array_set_size (names, 0);
  for (guint i = 0; i < record->n_names; i++)
    g_ptr_array_add (names, (gpointer)next_text (at));
  g_ptr_array_add (names, NULL);
  row.names = (const char *const *)names->pdata;
  return sink->channel (record->channel, &row, user_data);
}

static gboolean
give_programme (const Record *record,
                const char **at,
                const ForgeGuideRowsSink *sink,
                gpointer user_data)
{
  ForgeProgrammeRow row = { .start = record->start,
                            .stop = record->stop,
                            .inner_length = record->inner_length };

  row.title = next_text (at);
  row.attributes = record->has_attributes ? next_text (at) : NULL;
  row.inner = *at;
  *at += record->inner_length + 1;
  return sink->programme (record->channel, &row, user_data);
}

static gboolean
give_batch (const Batch *batch,
            GPtrArray *names,
            const ForgeGuideRowsSink *sink,
            gpointer user_data)
{
  const char *at = batch->text->str;

  for (guint i = 0; i < batch->records->len; i++) {
    const Record *record = &g_array_index (batch->records, Record, i);
    gboolean goes_on = record->n_names > 0 ? give_channel (record, &at, names, sink, user_data)
                                           : give_programme (record, &at, sink, user_data);
    if (!goes_on)
      return FALSE;
  }
  return TRUE;
}

/* Gives `done` (may be NULL) back and waits for the next one; NULL = the pipe is closed. */
static Batch *
take (ForgeGuidePipe *pipe, Batch *done)
{
  if (done) {
    g_array_set_size (done->records, 0);
    g_string_truncate (done->text, 0);
  }
  g_mutex_lock (&pipe->lock);
  if (done)
    g_queue_push_tail (&pipe->empty, done);
  while (g_queue_is_empty (&pipe->full) && !pipe->is_closed)
    g_cond_wait (&pipe->changed, &pipe->lock);
  Batch *batch = g_queue_pop_head (&pipe->full);
  g_cond_signal (&pipe->changed);
  g_mutex_unlock (&pipe->lock);
  return batch;
}

static void
stop (ForgeGuidePipe *pipe, Batch *batch)
{
  g_mutex_lock (&pipe->lock);
  pipe->has_stopped = TRUE;
  g_queue_push_tail (&pipe->empty, batch);
  g_cond_signal (&pipe->changed);
  g_mutex_unlock (&pipe->lock);
}

gboolean
forge_guide_pipe_drain (ForgeGuidePipe *pipe, const ForgeGuideRowsSink *sink, gpointer user_data)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  Batch *batch = NULL;

  while ((batch = take (pipe, batch))) {
    if (give_batch (batch, names, sink, user_data))
      continue;
    stop (pipe, batch);
    return FALSE;
  }
  return TRUE;
}
