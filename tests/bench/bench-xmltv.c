/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads a guide (packed or not) as an import does, without storing it, and prints one line of JSON:
 *   bench-xmltv FILE */
#include "config.h"

#include "formats/forge-unpack.h"
#include "formats/forge-xmltv.h"

#include <stdio.h>
#include <sys/resource.h>

#define PIECE_BYTES (64 * 1024)

static void
on_programme (const ForgeXmltvProgramme *programme, gpointer user_data)
{
  *(guint64 *)user_data += programme->inner_length;
}

int
main (int argc, char *argv[])
{
  static const ForgeXmltvHandler handler = { .programme = on_programme };
  guint64 inner_bytes = 0, bytes = 0;
  g_autoptr (GError) error = NULL;

  if (argc != 2) {
    fprintf (stderr, "usage: bench-xmltv FILE\n");
    return 2;
  }
  g_autoptr (GFile) file = g_file_new_for_path (argv[1]);
  g_autoptr (GFileInputStream) stream = g_file_read (file, NULL, &error);
  if (!stream) {
    fprintf (stderr, "bench-xmltv: %s\n", error->message);
    return 1;
  }
  g_autoptr (ForgeUnpack) unpack = forge_unpack_new (G_INPUT_STREAM (stream), NULL);
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, &inner_bytes, 0);
  g_autofree char *piece = g_malloc (PIECE_BYTES);
  gint64 begin_us = g_get_monotonic_time ();
  gssize n;
  while ((n = forge_unpack_read (unpack, piece, PIECE_BYTES, NULL, &error)) > 0) {
    forge_xmltv_push (xmltv, piece, (gsize)n);
    bytes += (guint64)n;
  }
  ForgeXmltvCounts counts;
  forge_xmltv_end (xmltv, &counts);
  double seconds = (double)(g_get_monotonic_time () - begin_us) / G_USEC_PER_SEC;
  struct rusage usage;
  getrusage (RUSAGE_SELF, &usage);
  printf ("{\"bench\":\"xmltv\",\"bytes\":%" G_GUINT64_FORMAT ",\"inner_bytes\":%" G_GUINT64_FORMAT
          ",\"channels\":%" G_GUINT64_FORMAT ",\"programmes\":%" G_GUINT64_FORMAT
          ",\"skipped\":%" G_GUINT64_FORMAT ",\"repaired\":%" G_GUINT64_FORMAT
          ",\"seconds\":%.3f,\"mb_per_s\":%.0f,\"max_rss_kb\":%ld}\n",
          bytes,
          inner_bytes,
          counts.channels,
          counts.programmes,
          counts.skipped,
          counts.repaired,
          seconds,
          (double)bytes / 1e6 / seconds,
          usage.ru_maxrss);
  return n < 0 ? 1 : 0;
}
