/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Imports a guide file into a new database, writes the guide of its first 480 channels and prints
 * one line of JSON:
 *   bench-guide-import GUIDE DATABASE */
#include "config.h"

#include "guide/forge-guide-import.h"
#include "guide/forge-guide-write.h"
#include "store/forge-store-channels.h"

#include <stdio.h>
#include <sys/resource.h>

#define MAX_CHANNELS 480

static long
max_rss_kb (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

static double
seconds_since (gint64 begin_us)
{
  return (double)(g_get_monotonic_time () - begin_us) / G_USEC_PER_SEC;
}

static gboolean
add_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  GArray *ids = user_data;

  g_array_append_val (ids, row->id);
  return ids->len < MAX_CHANNELS;
}

static ForgeLineup *
make_lineup (ForgeStore *store)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) channels =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);

  if (!forge_store_each_guide_channel (store, add_channel, ids, NULL) ||
      !forge_store_begin (store, NULL) || !forge_store_begin_channels (store, 1, NULL))
    return NULL;
  for (guint i = 0; i < ids->len; i++) {
    ForgeChannel *channel = forge_channel_new ();
    g_autofree char *key = g_strdup_printf ("guide:%u", i);
    ForgeChannelRow row = { .key = key,
                            .guide_channel_id = g_array_index (ids, gint64, i),
                            .name = key,
                            .enable = TRUE };
    channel->id = forge_store_put_channel (store, &row, NULL);
    channel->number = (int)i + 1;
    channel->name = g_strdup (key);
    channel->guide_id = forge_channel_make_guide_id (channel->id);
    g_ptr_array_add (channels, channel);
  }
  if (!forge_store_end_channels (store, 14, NULL) || !forge_store_commit (store, NULL))
    return NULL;
  return forge_lineup_new (channels, 1);
}

static gboolean
on_piece (const char *data, gsize length, gpointer user_data, GError **error)
{
  *(guint64 *)user_data += length;
  return TRUE;
}

static int
fail (const char *what, const GError *error)
{
  fprintf (stderr, "bench-guide-import: %s: %s\n", what, error ? error->message : "failed");
  return 1;
}

int
main (int argc, char *argv[])
{
  g_autoptr (GError) error = NULL;
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;
  ForgeGuideImportOptions options = { now_s, 14, 48, 30, FALSE };
  ForgeGuideWriteOptions write_options = { "http://localhost", now_s, 12, 14 };
  ForgeGuideImportResult result;
  guint64 written_bytes = 0;

  if (argc != 3) {
    fprintf (stderr, "usage: bench-guide-import GUIDE DATABASE\n");
    return 2;
  }
  g_autoptr (ForgeStore) store = forge_store_open (argv[2], NULL, &error);
  if (!store)
    return fail ("open", error);
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();
  source->name = g_strdup ("bench");
  source->location = g_strdup (argv[1]);
  gint64 id = forge_store_add_guide_source (store, source, &error);
  long idle_kb = max_rss_kb ();

  gint64 begin_us = g_get_monotonic_time ();
  if (!forge_guide_import (store, NULL, id, argv[1], &options, &result, NULL, &error))
    return fail ("import", error);
  double import_s = seconds_since (begin_us);
  long import_kb = max_rss_kb () - idle_kb;

  g_autoptr (ForgeLineup) lineup = make_lineup (store);
  if (!lineup)
    return fail ("lineup", NULL);
  begin_us = g_get_monotonic_time ();
  if (!forge_guide_write (store, lineup, &write_options, on_piece, &written_bytes, NULL, &error))
    return fail ("write", error);
  printf (
      "{\"bench\":\"guide-import\",\"channels\":%" G_GUINT64_FORMAT
      ",\"programmes\":%" G_GUINT64_FORMAT ",\"out_of_range\":%" G_GUINT64_FORMAT
      ",\"import_s\":%.2f,\"import_rss_kb\":%ld,\"write_s\":%.2f,\"write_bytes\":%" G_GUINT64_FORMAT
      "}\n",
      result.channels,
      result.programmes,
      result.out_of_range,
      import_s,
      import_kb,
      seconds_since (begin_us),
      written_bytes);
  return 0;
}
