/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mpegts/forge-ts-align.h"

#include <string.h>

static const unsigned spacings[] = { 188, 192, 204 };
#define N_SPACINGS (sizeof spacings / sizeof spacings[0])

typedef enum { SYNC_YES, SYNC_NO, SYNC_UNDECIDED } Sync;

void
forge_ts_align_reset (ForgeTsAlign *align)
{
  *align = (ForgeTsAlign){ 0 };
}

/* Three sync bytes in a row. A byte that is there and wrong decides; one that is not there yet
 * leaves it open. */
static Sync
test_spacing (const uint8_t *data, size_t size, unsigned spacing)
{
  for (size_t at = 0; at <= 2u * spacing; at += spacing) {
    if (at >= size)
      return SYNC_UNDECIDED;
    if (data[at] != FORGE_TS_SYNC)
      return SYNC_NO;
  }
  return SYNC_YES;
}

/* A narrower spacing that is still open goes before a wider one that fits, so that the verdict is
 * the same however the input is cut. */
static Sync
test_sync (const uint8_t *data, size_t size, unsigned *spacing)
{
  for (size_t i = 0; i < N_SPACINGS; i++) {
    Sync sync = test_spacing (data, size, spacings[i]);
    *spacing = spacings[i];
    if (sync != SYNC_NO)
      return sync;
  }
  return SYNC_NO;
}

/* Moves `*from` to the next place where sync holds. False if more input is needed there. */
static bool
search_sync (ForgeTsAlign *align, const uint8_t *data, size_t size, size_t *from)
{
  while (*from < size) {
    const uint8_t *hit = memchr (data + *from, FORGE_TS_SYNC, size - *from);
    size_t at = hit ? (size_t)(hit - data) : size;
    unsigned spacing = 0;

    align->skipped += at - *from;
    *from = at;
    if (!hit)
      return false;
    Sync sync = test_sync (hit, size - at, &spacing);
    if (sync == SYNC_YES) {
      align->spacing = spacing;
      align->skipped = 0;
      return true;
    }
    if (sync == SYNC_UNDECIDED)
      return false;
    align->skipped++;
    (*from)++;
  }
  return false;
}

/* The run of packets at `data` that follow each other without a gap. */
static size_t
count_run_bytes (const uint8_t *data, size_t size)
{
  size_t at = 0;

  while (at + FORGE_TS_PACKET_BYTES <= size && data[at] == FORGE_TS_SYNC)
    at += FORGE_TS_PACKET_BYTES;
  return at;
}

/* Consumes packets at `*from` and appends them at `out`; returns the bytes appended. */
static size_t
take_packets (ForgeTsAlign *align, uint8_t *data, size_t size, size_t *from, size_t out)
{
  size_t limit = align->spacing == FORGE_TS_PACKET_BYTES ? size - *from : FORGE_TS_PACKET_BYTES;

  if (limit > size - *from)
    return 0;
  size_t bytes = count_run_bytes (data + *from, limit);
  if (bytes > 0 && out != *from)
    memmove (data + out, data + *from, bytes);
  *from += bytes;
  if (bytes > 0)
    align->gap = align->spacing - FORGE_TS_PACKET_BYTES;
  return bytes;
}

static void
skip_gap (ForgeTsAlign *align, size_t size, size_t *from)
{
  size_t skip = size - *from < align->gap ? size - *from : align->gap;

  *from += skip;
  align->gap -= (unsigned)skip;
}

size_t
forge_ts_align_run (ForgeTsAlign *align, uint8_t *data, size_t size, size_t *rest)
{
  size_t from = 0, out = 0;

  while (from < size) {
    skip_gap (align, size, &from);
    if (from == size || (!align->spacing && !search_sync (align, data, size, &from)))
      break;
    if (data[from] != FORGE_TS_SYNC) {
      align->spacing = 0;
      align->losses++;
      continue;
    }
    size_t taken = take_packets (align, data, size, &from, out);
    if (taken == 0)
      break;
    out += taken;
  }
  *rest = size - from;
  if (out != from)
    memmove (data + out, data + from, *rest);
  return out;
}
