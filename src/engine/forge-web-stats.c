/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-engine"
#include "config.h"

#include "engine/forge-web-stats.h"

#include <string.h>

#define NAME_CHARS 8 /* of a client in the log */

/* Paths that are counted; nothing that a client says becomes a label. */
static const char *const paths[] = { "/api/extract", "/api/stream/extract" };
static const guint statuses[] = { 200, 400, 404, 415, 429, 500, 501, 503, 504 };
/* Bounds of the histogram; what is slower is in +Inf only. */
static const gint64 bounds_ms[] = { 5, 25, 100, 500, 1000, 2000, 5000, 10000, 30000 };

typedef struct {
  guint64 by_status[G_N_ELEMENTS (statuses)];
  guint64 by_time[G_N_ELEMENTS (bounds_ms)];
  guint64 count;
  gint64 sum_us;
} PathStats;

struct ForgeWebStats {
  GMutex lock; /* guards the next */
  PathStats paths[G_N_ELEMENTS (paths)];
  guint8 salt[16]; /* of this run: names of clients mean nothing in the next */
};

ForgeWebStats *
forge_web_stats_new (void)
{
  ForgeWebStats *stats = g_new0 (ForgeWebStats, 1);

  g_mutex_init (&stats->lock);
  for (gsize i = 0; i < sizeof stats->salt; i += sizeof (guint32)) {
    guint32 word = g_random_int ();
    memcpy (stats->salt + i, &word, sizeof word);
  }
  return stats;
}

void
forge_web_stats_free (ForgeWebStats *stats)
{
  g_mutex_clear (&stats->lock);
  g_free (stats);
}

static void
count (PathStats *path, guint status, gint64 took_us)
{
  for (gsize i = 0; i < G_N_ELEMENTS (statuses); i++)
    if (statuses[i] == status)
      path->by_status[i]++;
  for (gsize i = 0; i < G_N_ELEMENTS (bounds_ms); i++)
    if (took_us <= bounds_ms[i] * 1000)
      path->by_time[i]++;
  path->count++;
  path->sum_us += took_us;
}

/* (transfer full) */
static char *
name_of_client (const ForgeWebStats *stats, const char *peer)
{
  g_autoptr (GHmac) hmac = g_hmac_new (G_CHECKSUM_SHA256, stats->salt, sizeof stats->salt);

  g_hmac_update (hmac, (const guchar *)peer, -1);
  return g_strndup (g_hmac_get_string (hmac), NAME_CHARS);
}

ForgeReply *
forge_web_stats_note (ForgeWebStats *stats,
                      const ForgeRequest *request,
                      gint64 begun_us,
                      ForgeReply *reply)
{
  gint64 took_us = g_get_monotonic_time () - begun_us;
  guint status = forge_reply_status (reply);

  g_mutex_lock (&stats->lock);
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_str_equal (paths[i], request->path))
      count (&stats->paths[i], status, took_us);
  g_mutex_unlock (&stats->lock);
  if (status >= 500) {
    g_autofree char *client = name_of_client (stats, request->peer);
    g_message ("%s: %u after %" G_GINT64_FORMAT " ms (request %s, client %s)",
               request->path,
               status,
               took_us / 1000,
               request->request_id,
               client);
  }
  return reply;
}

static void
append_path (GString *out, const char *name, const PathStats *path)
{
  for (gsize i = 0; i < G_N_ELEMENTS (bounds_ms); i++)
    g_string_append_printf (out,
                            "streamforge_web_seconds_bucket{path=\"%s\",le=\"%" G_GINT64_FORMAT
                            ".%03d\"} %" G_GUINT64_FORMAT "\n",
                            name,
                            bounds_ms[i] / 1000,
                            (int)(bounds_ms[i] % 1000),
                            path->by_time[i]);
  g_string_append_printf (
      out,
      "streamforge_web_seconds_bucket{path=\"%s\",le=\"+Inf\"} %" G_GUINT64_FORMAT
      "\nstreamforge_web_seconds_sum{path=\"%s\"} %" G_GINT64_FORMAT
      ".%06d\nstreamforge_web_seconds_count{path=\"%s\"} %" G_GUINT64_FORMAT "\n",
      name,
      path->count,
      name,
      path->sum_us / G_USEC_PER_SEC,
      (int)(path->sum_us % G_USEC_PER_SEC),
      name,
      path->count);
}

void
forge_web_stats_append (ForgeWebStats *stats, GString *out)
{
  g_mutex_lock (&stats->lock);
  g_string_append (out,
                   "# HELP streamforge_web_answers_total Questions about films and pages.\n"
                   "# TYPE streamforge_web_answers_total counter\n");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (statuses); k++)
      g_string_append_printf (out,
                              "streamforge_web_answers_total{path=\"%s\",status=\"%u\"} "
                              "%" G_GUINT64_FORMAT "\n",
                              paths[i],
                              statuses[k],
                              stats->paths[i].by_status[k]);
  g_string_append (out,
                   "# HELP streamforge_web_seconds How long they took.\n"
                   "# TYPE streamforge_web_seconds histogram\n");
  for (gsize i = 0; i < G_N_ELEMENTS (paths); i++)
    append_path (out, paths[i], &stats->paths[i]);
  g_mutex_unlock (&stats->lock);
}
