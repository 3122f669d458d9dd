/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"
#include "guide/forge-matcher.h"
#include "match-input.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

/*
 * bench-match GUIDE.xml[.gz] LIVE_STREAMS.json [LIVE_CATEGORIES.json] [--repeat N] [--features]
 *
 * Prints "stream_id,xmltv_id,confidence" (what labelled data is scored with) and, on standard
 * error, time and memory. --features prints every candidate pair with its features instead: what
 * scripts/refit-matcher.py reads.
 */

static gint option_repeat = 1, option_keep = 100;
static gboolean option_features;
static char **option_files;

static const GOptionEntry options[] = {
  { "repeat", 0, 0, G_OPTION_ARG_INT, &option_repeat, "Ask N times, for timing", "N" },
  { "keep", 0, 0, G_OPTION_ARG_INT, &option_keep, "Keep so many percent of the guide", "N" },
  { "features", 0, 0, G_OPTION_ARG_NONE, &option_features, "Print features", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &option_files, NULL, "FILES" },
  { 0 },
};

typedef struct {
  ForgeMatcher *matcher;
  GPtrArray *ids; /* xmltv ids; the matcher's id is the index + 1 */
} Guide;

/* A sparse guide for trials: which channels stay depends on the id alone. */
static gboolean
is_kept (const char *id)
{
  return g_str_hash (id) % 100 < (guint)option_keep;
}

static void
on_channel (const char *id, const char *const *names, gpointer user_data)
{
  Guide *guide = user_data;

  if (!is_kept (id))
    return;
  g_ptr_array_add (guide->ids, g_strdup (id));
  forge_matcher_add (guide->matcher, guide->ids->len, id, names);
}

static void
print_pair (const ForgeMatchIndex *index,
            const Guide *guide,
            const char *stream,
            guint32 name,
            const double *features)
{
  const ForgeMatchChannel *channel =
      forge_match_index_channel (index, forge_match_index_name (index, name)->channel);
  const char *id = g_ptr_array_index (guide->ids, (guint)channel->id - 1);

  printf ("%s\t%s", stream, id);
  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    printf ("\t%.4g", features[i]);
  printf ("\n");
}

/* Every candidate of a stream with the name that fits best. */
static void
print_features (const Guide *guide, const char *stream, const ForgeMatchQuery *query)
{
  const ForgeMatchIndex *index = forge_matcher_index (guide->matcher);
  ForgeMatchScratch *scratch = forge_match_scratch_new (index);
  guint32 channels[FORGE_MATCH_MAX_CANDIDATES];
  ForgeQuery parsed;
  guint n = 0;

  forge_query_init (&parsed, index, query);
  if (parsed.name.kind != FORGE_NAME_SEPARATOR && parsed.n_tokens > 0)
    n = forge_match_candidates (index, &parsed, scratch, channels);
  for (guint i = 0; i < n; i++) {
    const ForgeMatchChannel *channel = forge_match_index_channel (index, channels[i]);

    for (guint j = 0; j < channel->n_names; j++) {
      double f[FORGE_N_FEATURES];

      forge_match_compare (index, &parsed, channel->first_name + j, f);
      print_pair (index, guide, stream, channel->first_name + j, f);
    }
  }
  forge_match_scratch_free (scratch);
}

static void
match_stream (const Guide *guide, const ForgeStream *stream, gboolean print)
{
  ForgeMatchQuery query = { stream->name, stream->epg_id, stream->group };
  g_autofree char *id = g_strdup_printf ("%" G_GINT64_FORMAT, stream->remote_id);
  ForgeMatch match;

  if (option_features) {
    print_features (guide, id, &query);
    return;
  }
  match = forge_matcher_find (guide->matcher, &query, NULL);
  if (print && match.id)
    printf ("%s,\"%s\",%.4f\n",
            id,
            (char *)g_ptr_array_index (guide->ids, (guint)match.id - 1),
            match.confidence);
}

static void
print_header (void)
{
  if (!option_features) {
    printf ("stream_id,xmltv_id,confidence\n");
    return;
  }
  printf ("stream\tchannel");
  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    printf ("\t%s", forge_feature_name (i));
  printf ("\n");
}

static void
match_all (const Guide *guide, const GPtrArray *streams)
{
  gint64 start = g_get_monotonic_time ();
  struct rusage usage;
  double seconds;

  print_header ();
  for (gint round = 0; round < option_repeat; round++)
    for (guint i = 0; i < streams->len; i++)
      match_stream (guide, g_ptr_array_index (streams, i), round == 0);
  seconds = (double)(g_get_monotonic_time () - start) / 1e6;
  getrusage (RUSAGE_SELF, &usage);
  fprintf (stderr,
           "{\"channels\": %u, \"streams\": %u, \"seconds\": %.3f, \"us_per_stream\": %.1f, "
           "\"peak_rss_mb\": %.1f}\n",
           guide->ids->len,
           streams->len * (guint)option_repeat,
           seconds,
           seconds * 1e6 / MAX (1, streams->len * (guint)option_repeat),
           (double)usage.ru_maxrss / 1024);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("GUIDE STREAMS [CATEGORIES]");
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) streams = NULL;
  Guide guide = { .matcher = forge_matcher_new (), .ids = g_ptr_array_new_with_free_func (g_free) };
  gint64 start;

  g_option_context_add_main_entries (context, options, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || !option_files ||
      g_strv_length (option_files) < 2) {
    fprintf (stderr, "usage: bench-match GUIDE STREAMS [CATEGORIES]\n");
    return 2;
  }
  start = g_get_monotonic_time ();
  if (!bench_read_guide (option_files[0], on_channel, &guide, &error)) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  forge_matcher_freeze (guide.matcher);
  fprintf (stderr, "index: %.3f s\n", (double)(g_get_monotonic_time () - start) / 1e6);
  streams = bench_read_streams (option_files[1], option_files[2], &error);
  if (!streams) {
    fprintf (stderr, "%s\n", error->message);
    return 1;
  }
  match_all (&guide, streams);
  forge_matcher_free (guide.matcher);
  g_ptr_array_unref (guide.ids);
  g_strfreev (option_files);
  return 0;
}
