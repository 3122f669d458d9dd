/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-run.h"
#include "match-input.h"
#include "store/forge-store-accounts.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-streams.h"

#include <glib/gstdio.h>

#include <stdio.h>
#include <sys/resource.h>

/*
 * bench-lineup GUIDE.xml[.gz] LIVE_STREAMS.json [LIVE_CATEGORIES.json]
 *
 * Fills a store with the guide and the list (make-lineup.py makes large ones) and prints one JSON
 * object: milliseconds and CPU milliseconds of the first lineup run, of one where nothing changed,
 * of one after a refresh that changed one stream in a hundred, and of another such without the
 * matcher that the engine keeps between runs.
 */

#define NOW_S 1800000000

typedef struct {
  ForgeStore *store;
  gint64 account_id, source_id, generation;
  ForgeLineupMemory *memory;
  GError *error;
} Bench;

static void
check (gboolean ok, const GError *error)
{
  if (ok)
    return;
  fprintf (stderr, "bench-lineup: %s\n", error ? error->message : "failed");
  exit (1);
}

static void
on_channel (const char *id, const char *const *names, gpointer user_data)
{
  Bench *bench = user_data;
  ForgeGuideChannelRow row = { .xmltv_id = id, .names = names };

  check (forge_store_add_guide_channel (bench->store,
                                        bench->source_id,
                                        bench->generation,
                                        &row,
                                        &bench->error) > 0,
         bench->error);
}

static void
fill_guide (Bench *bench, const char *path)
{
  g_autoptr (ForgeGuideSource) source = forge_guide_source_new ();

  source->name = g_strdup ("Guide");
  source->location = g_strdup ("/guide.xml");
  source->enabled = TRUE;
  bench->source_id = forge_store_add_guide_source (bench->store, source, &bench->error);
  check (bench->source_id > 0, bench->error);
  source->id = bench->source_id;
  bench->generation = forge_store_begin_guide (bench->store, source->id, &bench->error);
  check (bench->generation > 0 && forge_store_begin (bench->store, &bench->error) &&
             bench_read_guide (path, on_channel, bench, &bench->error) &&
             forge_store_commit (bench->store, &bench->error) &&
             forge_store_activate_guide (bench->store, source, bench->generation, &bench->error),
         bench->error);
}

static void
fill_streams (Bench *bench, const GPtrArray *streams)
{
  ForgeStreamPlan plan;

  check (forge_store_begin_stage (bench->store, bench->account_id, &bench->error), bench->error);
  for (guint i = 0; i < streams->len; i++)
    check (forge_store_stage_stream (bench->store, g_ptr_array_index (streams, i), &bench->error),
           bench->error);
  check (forge_store_plan_streams (bench->store, &plan, &bench->error) &&
             forge_store_begin (bench->store, &bench->error) &&
             forge_store_apply_streams (bench->store, NOW_S, 14, &bench->error) &&
             forge_store_commit (bench->store, &bench->error),
         bench->error);
}

static double
cpu_ms (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);
  return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
         (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
}

static void
run (Bench *bench, const char *name)
{
  const ForgeLineupRunOptions options = { .now_s = NOW_S,
                                          .max_enabled = 480,
                                          .tombstone_days = 14,
                                          .memory = bench->memory };
  ForgeLineupRunResult result;
  gint64 start_us = g_get_monotonic_time ();
  double before_ms = cpu_ms ();

  check (forge_lineup_run (bench->store, &options, &result, NULL, &bench->error), bench->error);
  printf (" \"%s_ms\": %.0f, \"%s_cpu_ms\": %.0f,",
          name,
          (double)(g_get_monotonic_time () - start_us) / 1000,
          name,
          cpu_ms () - before_ms);
}

/* One in a hundred has another name. */
static void
change_streams (GPtrArray *streams)
{
  for (guint i = 0; i < streams->len; i += 100) {
    ForgeStream *stream = g_ptr_array_index (streams, i);
    char *name = g_strconcat (stream->name, " RAW", NULL);

    g_free (stream->name);
    stream->name = name;
  }
}

int
main (int argc, char *argv[])
{
  g_autofree char *directory = g_dir_make_tmp ("bench-lineup-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (directory, "store.db", NULL);
  g_autoptr (ForgeAccount) account = forge_account_new ();
  g_autoptr (GPtrArray) streams = NULL;
  Bench bench = { 0 };

  if (argc < 3) {
    fprintf (stderr, "usage: bench-lineup GUIDE STREAMS [CATEGORIES]\n");
    return 2;
  }
  streams = bench_read_streams (argv[2], argv[3], &bench.error);
  check (streams != NULL, bench.error);
  bench.store = forge_store_open (path, NULL, &bench.error);
  check (bench.store != NULL, bench.error);
  account->name = g_strdup ("Home");
  account->server = g_strdup ("http://panel.example");
  account->username = g_strdup ("user");
  account->enabled = TRUE;
  bench.account_id = forge_store_add_account (bench.store, account, &bench.error);
  check (bench.account_id > 0, bench.error);
  fill_guide (&bench, argv[1]);
  fill_streams (&bench, streams);
  bench.memory = forge_lineup_memory_new ();
  printf ("{\"streams\": %u,", streams->len);
  run (&bench, "first");
  run (&bench, "unchanged");
  change_streams (streams);
  fill_streams (&bench, streams);
  run (&bench, "changed");
  change_streams (streams);
  fill_streams (&bench, streams);
  forge_lineup_memory_drop (bench.memory);
  run (&bench, "changed_cold");
  printf (" \"end\": true}\n");
  forge_lineup_memory_free (bench.memory);
  forge_store_close (bench.store);
  g_autofree char *remove = g_strdup_printf ("rm -r '%s'", directory);
  return system (remove) != 0;
}
