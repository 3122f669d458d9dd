/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Rows of get_vod_streams and get_series: one bad row costs one row, and what comes out can be
 * stored, searched for and put into a file name. */
#include "config.h"

#include "formats/forge-json-items.h"
#include "provider/forge-xtream-library.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check_text (const char *text)
{
  g_assert (!text || g_utf8_validate (text, -1, NULL));
}

static void
check_listing (const ForgeMediaListing *listing)
{
  g_assert (listing->remote_id > 0 && listing->name && *listing->name);
  g_assert (listing->title && listing->folded);
  g_assert (listing->year >= 0 && listing->year < 10000);
  g_assert (listing->tmdb_id >= 0 && listing->duration_s >= 0 && listing->added >= 0);
  check_text (listing->name);
  check_text (listing->title);
  check_text (listing->plot);
  check_text (listing->poster);
  for (const char *p = listing->extension ? listing->extension : ""; *p; p++)
    g_assert (g_ascii_islower (*p) || g_ascii_isdigit (*p));
}

static gboolean
on_item (JsonNode *item, const char *key, gpointer user_data)
{
  for (int kind = FORGE_MEDIA_MOVIE; kind <= FORGE_MEDIA_SERIES; kind++) {
    ForgeMediaListing *listing =
        JSON_NODE_HOLDS_OBJECT (item)
            ? forge_xtream_parse_media (json_node_get_object (item), (ForgeMediaKind)kind, NULL)
            : NULL;
    if (!listing)
      continue;
    check_listing (listing);
    forge_media_listing_free (listing);
  }
  return TRUE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autoptr (ForgeJsonItems) items = forge_json_items_new (on_item, NULL);
  ForgeJsonCounts counts;

  forge_json_items_push (items, (const char *)data, size);
  forge_json_items_end (items, &counts);
  return 0;
}
