/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-cut.h"

#define SYNC_BYTE 0x47
#define SYNC_HITS 3 /* sync bytes in a row that make packets of what might be chance */

void
forge_hls_cut_init (ForgeHlsCut *cut)
{
  *cut = (ForgeHlsCut){ .rest = g_byte_array_new () };
}

void
forge_hls_cut_clear (ForgeHlsCut *cut)
{
  g_clear_pointer (&cut->rest, g_byte_array_unref);
}

static gboolean
is_sync (const GByteArray *data, gsize at, guint hits)
{
  for (guint i = 0; i < hits; i++, at += FORGE_HLS_PACKET_BYTES)
    if (at >= data->len || data->data[at] != SYNC_BYTE)
      return FALSE;
  return TRUE;
}

/* Hits that `at` can have with the bytes that are there: fewer near the end of a segment. */
static guint
hits_at (const GByteArray *data, gsize at, gboolean is_last)
{
  guint possible = (guint)((data->len - at + FORGE_HLS_PACKET_BYTES - 1) / FORGE_HLS_PACKET_BYTES);

  return is_last ? MIN (possible, SYNC_HITS) : SYNC_HITS;
}

static void
drop (ForgeHlsCut *cut, gsize bytes)
{
  cut->dropped_bytes += bytes;
  g_byte_array_remove_range (cut->rest, 0, (guint)bytes);
}

/* Moves the start of `rest` to a packet. FALSE: there is none, as far as can be told. */
static gboolean
find_sync (ForgeHlsCut *cut, gboolean is_last)
{
  const GByteArray *rest = cut->rest;
  gsize at = 0;
  gsize decidable = (SYNC_HITS - 1) * FORGE_HLS_PACKET_BYTES;
  gsize end = is_last ? rest->len : rest->len > decidable ? rest->len - decidable : 0;

  while (at < end && !is_sync (rest, at, hits_at (rest, at, is_last)))
    at++;
  cut->is_synced = at < end;
  drop (cut, at);
  return cut->is_synced;
}

/* Takes packets as long as they follow each other. */
static void
take_packets (ForgeHlsCut *cut, GByteArray *out)
{
  gsize at = 0;

  while (cut->rest->len - at >= FORGE_HLS_PACKET_BYTES && cut->rest->data[at] == SYNC_BYTE)
    at += FORGE_HLS_PACKET_BYTES;
  cut->is_synced = at >= cut->rest->len || cut->rest->data[at] == SYNC_BYTE;
  g_byte_array_append (out, cut->rest->data, (guint)at);
  g_byte_array_remove_range (cut->rest, 0, (guint)at);
  cut->packets += at / FORGE_HLS_PACKET_BYTES;
}

static void
cut_packets (ForgeHlsCut *cut, gboolean is_last, GByteArray *out)
{
  while (cut->rest->len > 0 && (cut->is_synced || find_sync (cut, is_last))) {
    take_packets (cut, out);
    if (cut->is_synced)
      break;
  }
}

gboolean
forge_hls_cut_push (ForgeHlsCut *cut, const guint8 *data, gsize length, GByteArray *out)
{
  g_byte_array_append (cut->rest, data, (guint)length);
  cut_packets (cut, FALSE, out);
  return cut->packets > 0 || cut->dropped_bytes + cut->rest->len <= FORGE_HLS_CUT_MAX_BYTES;
}

gboolean
forge_hls_cut_end (ForgeHlsCut *cut, GByteArray *out)
{
  cut_packets (cut, TRUE, out);
  drop (cut, cut->rest->len);
  return cut->packets > 0;
}
