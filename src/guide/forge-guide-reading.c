/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-reading.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "formats/forge-unpack.h"

#define PIECE_BYTES (64 * 1024)

struct _ForgeGuideReading {
  GThread *thread; /* NULL = joined */
  GInputStream *packed;
  GCancellable *cancellable;
  ForgeGuidePipe *pipe;

  /* Of the thread, until it is joined. */
  gboolean has_stopped; /* the pipe's other end wants no more */
  ForgeXmltv *xmltv;
  ForgeGuideRows *rows;
  ForgeGuideFound found;
  GError *error;
};

void
forge_guide_found_clear (ForgeGuideFound *found)
{
  g_clear_error (&found->damage);
}

/* Damage ends the reading but not the import; a bomb, a cancellation or a full disk do. */
static gboolean
is_damage (const GError *error)
{
  return g_error_matches (error, FORGE_ERROR, FORGE_ERROR_INVALID);
}

static gboolean
put_channel (guint number, const ForgeGuideChannelRow *row, gpointer user_data)
{
  ForgeGuideReading *reading = user_data;

  reading->has_stopped = !forge_guide_pipe_sink.channel (number, row, reading->pipe);
  return !reading->has_stopped;
}

static gboolean
put_programme (guint channel, const ForgeProgrammeRow *row, gpointer user_data)
{
  ForgeGuideReading *reading = user_data;

  reading->has_stopped = !forge_guide_pipe_sink.programme (channel, row, reading->pipe);
  return !reading->has_stopped;
}

static void
on_channel (const ForgeXmltvChannel *channel, gpointer user_data)
{
  forge_guide_rows_channel (((ForgeGuideReading *)user_data)->rows, channel);
}

static void
on_programme (const ForgeXmltvProgramme *programme, gpointer user_data)
{
  forge_guide_rows_programme (((ForgeGuideReading *)user_data)->rows, programme);
}

static void
read_document (ForgeGuideReading *reading)
{
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (reading->packed, NULL);
  g_autofree char *piece = g_malloc (PIECE_BYTES);

  while (!reading->has_stopped) {
    GError *problem = NULL;
    gssize n = forge_unpack_read (unpack, piece, PIECE_BYTES, reading->cancellable, &problem);
    if (n < 0 && is_damage (problem))
      reading->found.damage = problem;
    else if (n < 0)
      reading->error = problem;
    if (n <= 0)
      return;
    forge_xmltv_push (reading->xmltv, piece, (gsize)n);
  }
}

static gpointer
run (gpointer user_data)
{
  ForgeGuideReading *reading = user_data;

  forge_role_enter (FORGE_ROLE_JOB);
  forge_role_give_way ();
  read_document (reading);
  if (!reading->error && !reading->has_stopped) {
    forge_xmltv_end (reading->xmltv, &reading->found.xmltv);
    forge_guide_rows_end (reading->rows, &reading->found.counts);
  }
  forge_guide_pipe_close (reading->pipe);
  return NULL;
}

ForgeGuideReading *
forge_guide_reading_start (GInputStream *packed,
                           const char *zone,
                           gint64 from,
                           gint64 to,
                           GCancellable *cancellable,
                           GError **error)
{
  static const ForgeXmltvHandler handler = { on_channel, on_programme };
  static const ForgeGuideRowsSink sink = { put_channel, put_programme };
  g_autoptr (ForgeGuideReading) reading = g_new0 (ForgeGuideReading, 1);

  reading->packed = g_object_ref (packed);
  reading->cancellable = cancellable ? g_object_ref (cancellable) : NULL;
  reading->pipe = forge_guide_pipe_new ();
  reading->xmltv = forge_xmltv_new (&handler, reading, 0);
  reading->rows = forge_guide_rows_new (from, to, &sink, reading);
  if (zone && !forge_xmltv_set_zone (reading->xmltv, zone)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "the time zone “%s” is not known on this machine",
                 zone);
    return NULL;
  }
  reading->thread = g_thread_try_new ("forge-guide", run, reading, error);
  if (reading->thread)
    return g_steal_pointer (&reading);
  g_prefix_error (error, "no thread to read the guide: ");
  return NULL;
}

void
forge_guide_reading_free (ForgeGuideReading *reading)
{
  g_clear_pointer (&reading->thread, g_thread_join);
  forge_guide_rows_free (reading->rows);
  forge_xmltv_free (reading->xmltv);
  forge_guide_pipe_free (reading->pipe);
  forge_guide_found_clear (&reading->found);
  g_clear_error (&reading->error);
  g_clear_object (&reading->cancellable);
  g_object_unref (reading->packed);
  g_free (reading);
}

ForgeGuidePipe *
forge_guide_reading_pipe (ForgeGuideReading *reading)
{
  return reading->pipe;
}

gboolean
forge_guide_reading_join (ForgeGuideReading *reading, ForgeGuideFound *found, GError **error)
{
  g_clear_pointer (&reading->thread, g_thread_join);
  *found = reading->found;
  reading->found.damage = NULL;
  if (!reading->error)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&reading->error));
  return FALSE;
}
