/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Measures the store at the sizes that the product promises and prints one JSON object: times in
 * milliseconds, memory in KiB. Usage: bench-store [DIRECTORY]. */
#include "config.h"

#include "store/forge-store-accounts.h"
#include "store/forge-store-channels.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-streams.h"

#include <glib/gstdio.h>

#include <stdio.h>
#include <string.h>

#define STREAMS            60000
#define GUIDE_CHANNELS     1000
#define PROGRAMMES         250000
#define PROGRAMMES_PER_TXN 5000
#define INNER_BYTES        700
#define LINEUP             480
#define CANDIDATES         4
#define NOW_S              1700000000

typedef struct {
  ForgeStore *store;
  char *path;
  gint64 account_id, source_id, generation;
  gint64 guide_channels[GUIDE_CHANNELS];
  gint64 channels[LINEUP];
  gboolean first;
} Bench;

static void
check (gboolean ok, GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-store: %s\n", error ? error->message : "failed");
  exit (1);
}

static void
report (Bench *bench, const char *name, double value)
{
  printf ("%s\n  \"%s\": %.1f", bench->first ? "{" : ",", name, value);
  bench->first = FALSE;
}

static double
ms_since (gint64 start_us)
{
  return (double)(g_get_monotonic_time () - start_us) / 1000;
}

static double
resident_kib (const char *field)
{
  g_autofree char *status = NULL;

  if (!g_file_get_contents ("/proc/self/status", &status, NULL, NULL))
    return 0;
  const char *line = strstr (status, field);
  return line ? g_ascii_strtod (line + strlen (field), NULL) : 0;
}

static void
stage (Bench *bench, int changed_modulo)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeStream) stream = forge_stream_new ();

  check (forge_store_begin_stage (bench->store, bench->account_id, &error), error);
  for (int i = 0; i < STREAMS; i++) {
    g_clear_pointer (&stream->name, g_free);
    stream->remote_id = i + 1;
    stream->position = i;
    stream->quality = (ForgeQuality)(1 + i % 5);
    stream->name = g_strdup_printf ("UK| Channel number %d FHD%s",
                                    i,
                                    changed_modulo && i % changed_modulo == 0 ? " (new)" : "");
    if (!stream->icon) {
      stream->icon = g_strdup ("http://images.example/logos/united-kingdom/channel.png");
      stream->group = g_strdup ("UK | ENTERTAINMENT");
      stream->epg_id = g_strdup ("channel.uk");
    }
    check (forge_store_stage_stream (bench->store, stream, &error), error);
  }
}

static void
bench_streams (Bench *bench, const char *stage_name, const char *apply_name, int changed_modulo)
{
  g_autoptr (GError) error = NULL;
  ForgeStreamPlan plan;
  gint64 start_us = g_get_monotonic_time ();

  stage (bench, changed_modulo);
  report (bench, stage_name, ms_since (start_us));
  start_us = g_get_monotonic_time ();
  check (forge_store_plan_streams (bench->store, &plan, &error), error);
  check (forge_store_begin (bench->store, &error), error);
  check (forge_store_apply_streams (bench->store, NOW_S, 14, &error), error);
  check (forge_store_commit (bench->store, &error), error);
  report (bench, apply_name, ms_since (start_us));
}

static gboolean
on_stream (const ForgeStream *stream, gpointer user_data)
{
  *(gint64 *)user_data += stream->id;
  return TRUE;
}

static void
add_guide_channels (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  check (forge_store_begin (bench->store, &error), error);
  for (int i = 0; i < GUIDE_CHANNELS; i++) {
    g_autofree char *id = g_strdup_printf ("channel%d.uk", i);
    const char *names[] = { id, "Channel", NULL };
    ForgeGuideChannelRow row = { .xmltv_id = id, .names = names };
    bench->guide_channels[i] = forge_store_add_guide_channel (bench->store,
                                                              bench->source_id,
                                                              bench->generation,
                                                              &row,
                                                              &error);
    check (bench->guide_channels[i] > 0, error);
  }
  check (forge_store_commit (bench->store, &error), error);
}

/* `by_channel`: all of a channel, then the next, as most guides are written; else by time. */
static void
add_programmes (Bench *bench, gboolean by_channel)
{
  g_autoptr (GError) error = NULL;
  char inner[INNER_BYTES + 200];
  const int per_channel = PROGRAMMES / GUIDE_CHANNELS;

  for (gsize i = 0; i < sizeof inner; i++)
    inner[i] = (char)('a' + (i * 7919) % 26);
  for (int i = 0; i < PROGRAMMES; i++) {
    int channel = by_channel ? i / per_channel : i % GUIDE_CHANNELS;
    int slot = by_channel ? i % per_channel : i / GUIDE_CHANNELS;
    ForgeProgrammeRow row = { .start = NOW_S + slot * 1800,
                              .stop = NOW_S + slot * 1800 + 1800,
                              .title = "The title of a programme",
                              .inner = inner,
                              .inner_length = (gsize)(INNER_BYTES - 100 + i % 200) };
    if (i % PROGRAMMES_PER_TXN == 0)
      check (forge_store_begin (bench->store, &error), error);
    check (forge_store_add_programme (bench->store,
                                      bench->guide_channels[channel],
                                      bench->generation,
                                      &row,
                                      &error),
           error);
    if (i % PROGRAMMES_PER_TXN == PROGRAMMES_PER_TXN - 1)
      check (forge_store_commit (bench->store, &error), error);
  }
}

static void
bench_guide (Bench *bench, const char *name, gboolean by_channel)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeGuideSource) source = NULL;
  gint64 start_us = g_get_monotonic_time ();

  bench->generation = forge_store_begin_guide (bench->store, bench->source_id, &error);
  check (bench->generation > 0, error);
  add_guide_channels (bench);
  add_programmes (bench, by_channel);
  report (bench, name, ms_since (start_us));
  source = forge_store_get_guide_source (bench->store, bench->source_id, &error);
  check (source != NULL, error);
  start_us = g_get_monotonic_time ();
  check (forge_store_activate_guide (bench->store, source, bench->generation, &error), error);
  report (bench, "activate_ms", ms_since (start_us));
  start_us = g_get_monotonic_time ();
  check (forge_store_sweep_guide (bench->store, 0, &error), error);
  report (bench, "sweep_ms", ms_since (start_us));
}

static void
bench_run (Bench *bench, const char *name)
{
  g_autoptr (GError) error = NULL;
  gint64 start_us = g_get_monotonic_time ();

  check (forge_store_begin (bench->store, &error), error);
  check (forge_store_begin_channels (bench->store, NOW_S, &error), error);
  for (int i = 0; i < LINEUP; i++) {
    g_autofree char *key = g_strdup_printf ("guide:channel%d.uk", i);
    ForgeChannelRow row = { .key = key,
                            .name = key,
                            .guide_channel_id = bench->guide_channels[i],
                            .enable = TRUE };
    bench->channels[i] = forge_store_put_channel (bench->store, &row, &error);
    check (bench->channels[i] > 0, error);
    for (int j = 0; j < CANDIDATES; j++)
      check (forge_store_put_match (bench->store,
                                    bench->channels[i],
                                    1 + i * CANDIDATES + j,
                                    0.9,
                                    j,
                                    "[\"The name is the same\"]",
                                    &error),
             error);
  }
  check (forge_store_end_channels (bench->store, 14, &error), error);
  check (forge_store_commit (bench->store, &error), error);
  report (bench, name, ms_since (start_us));
}

static gboolean
on_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  *(gint64 *)user_data += (gint64)row->inner_length;
  return TRUE;
}

static void
bench_reading (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  gint64 sum = 0;
  gint64 start_us = g_get_monotonic_time ();

  check (forge_store_each_stream (bench->store, on_stream, &sum, &error), error);
  report (bench, "each_stream_ms", ms_since (start_us));
  start_us = g_get_monotonic_time ();
  for (int i = 0; i < 10; i++) {
    g_autoptr (GPtrArray) channels =
        forge_store_list_channels (bench->store, FORGE_CHANNELS_ENABLED, NULL, &error);
    check (channels && channels->len == LINEUP, error);
  }
  report (bench, "list_480_channels_ms", ms_since (start_us) / 10);
  start_us = g_get_monotonic_time ();
  for (int i = 0; i < LINEUP; i++)
    check (forge_store_each_programme (bench->store,
                                       bench->guide_channels[i],
                                       NOW_S,
                                       NOW_S + 14 * 86400,
                                       on_programme,
                                       &sum,
                                       &error),
           error);
  report (bench, "read_guide_of_480_ms", ms_since (start_us));
}

static void
bench_open (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  GStatBuf info;

  g_clear_pointer (&bench->store, forge_store_close);
  g_stat (bench->path, &info);
  report (bench, "database_mib", (double)info.st_size / 1048576);
  gint64 start_us = g_get_monotonic_time ();
  bench->store = forge_store_open (bench->path, NULL, &error);
  check (bench->store != NULL, error);
  report (bench, "open_ms", ms_since (start_us));
}

static void
prepare (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  bench->store = forge_store_open (bench->path, NULL, &error);
  check (bench->store != NULL, error);
  account->name = g_strdup ("Main");
  account->server = g_strdup ("http://provider.example");
  account->username = g_strdup ("user");
  bench->account_id = forge_store_add_account (bench->store, account, &error);
  check (bench->account_id > 0, error);
  source->name = g_strdup ("Guide");
  bench->source_id = forge_store_add_guide_source (bench->store, source, &error);
  check (bench->source_id > 0, error);
}

int
main (int argc, char *argv[])
{
  g_autofree char *folder = argc > 1 ? g_strdup (argv[1]) : g_dir_make_tmp ("bench-XXXXXX", NULL);
  Bench bench = { .first = TRUE };

  bench.path = g_build_filename (folder, "bench.db", NULL);
  prepare (&bench);
  bench_streams (&bench, "stage_60000_ms", "apply_new_60000_ms", 0);
  bench_streams (&bench, "stage_again_ms", "apply_unchanged_60000_ms", 0);
  bench_streams (&bench, "stage_changed_ms", "apply_3000_changed_ms", 20);
  bench_guide (&bench, "insert_250000_programmes_ms", TRUE);
  bench_guide (&bench, "insert_250000_again_ms", TRUE);
  bench_guide (&bench, "insert_250000_by_time_ms", FALSE);
  bench_run (&bench, "run_480_new_ms");
  bench_run (&bench, "run_480_unchanged_ms");
  bench_reading (&bench);
  report (&bench, "peak_rss_kib", resident_kib ("VmHWM:"));
  report (&bench, "rss_before_release_kib", resident_kib ("VmRSS:"));
  forge_store_release_memory (bench.store);
  report (&bench, "rss_released_kib", resident_kib ("VmRSS:"));
  bench_open (&bench);
  bench_reading (&bench);
  forge_store_close (bench.store);
  printf ("\n}\n");
  g_unlink (bench.path);
  if (argc <= 1)
    g_rmdir (folder);
  g_free (bench.path);
  return 0;
}
