/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What is read can be written, and then reads the same. */
#include "config.h"

#include "formats/forge-m3u.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Any mode with any source: what comes out is text. */
static void
fill_catchup (const ForgeM3uEntry *entry)
{
  g_autoptr (GTimeZone) zone = g_time_zone_new_utc ();
  const ForgeCatchupTime time = { 1769890530, 3600, 1769897730, zone, "id" };

  for (int mode = FORGE_CATCHUP_NONE; mode <= FORGE_CATCHUP_VOD; mode++) {
    g_autofree char *pattern =
        forge_catchup_template ((ForgeCatchupMode)mode, entry->catchup_source, entry->url);
    g_autofree char *url = pattern ? forge_catchup_fill (pattern, &time) : NULL;
    g_assert_cmpint (pattern != NULL, ==, url != NULL);
  }
}

static void
on_entry (const ForgeM3uEntry *entry, gpointer user_data)
{
  const char *const attributes[] = { "tvg-id",   entry->tvg_id, "tvg-name",    entry->tvg_name,
                                     "tvg-logo", entry->logo,   "group-title", entry->group,
                                     "tvg-chno", entry->number, NULL };

  g_assert (entry->name && entry->url && *entry->url);
  forge_m3u_append_entry (user_data, attributes, entry->name, entry->url);
  fill_catchup (entry);
}

static GString *
read_in_pieces (const char *data, size_t size, size_t piece, guint *n)
{
  GString *out = g_string_new ("#EXTM3U\n");
  g_autoptr (ForgeM3u) m3u = forge_m3u_new (on_entry, out);
  ForgeM3uCounts counts;

  for (size_t at = 0; at < size; at += piece)
    forge_m3u_push (m3u, data + at, MIN (piece, size - at));
  forge_m3u_end (m3u, &counts);
  *n = counts.entries;
  g_free (counts.guide_url);
  return out;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  guint n_whole, n_pieces, n_again;
  GString *whole = read_in_pieces ((const char *)data, size, size + 1, &n_whole);
  GString *pieces = read_in_pieces ((const char *)data, size, size % 7 + 1, &n_pieces);
  GString *again = read_in_pieces (whole->str, whole->len, whole->len, &n_again);

  g_assert (g_utf8_validate (whole->str, (gssize)whole->len, NULL));
  g_assert (g_string_equal (whole, pieces));
  g_assert (n_again <= n_whole && n_whole == n_pieces);
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);
  g_string_free (again, TRUE);
  return 0;
}
