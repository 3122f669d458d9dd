/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-dial-sniff.h"

#include <string.h>

#define SYNC_BYTE        0x47
#define FEW_HITS         3 /* enough when the run reaches the end of what came */
#define MANY_HITS        5
#define TEXT_PROBE_BYTES 1024

static const gsize strides[] = { 188, 192, 204 }; /* TS, M2TS, TS with FEC */

/* Sync bytes in a row from `at`, at most MANY_HITS; `*reaches_end` if more data may hold more. */
static guint
count_hits (const guint8 *data, gsize length, gsize at, gsize stride, gboolean *reaches_end)
{
  guint hits = 0;

  while (hits < MANY_HITS && at < length && data[at] == SYNC_BYTE) {
    hits++;
    at += stride;
  }
  *reaches_end = at >= length;
  return hits;
}

static gboolean
is_control (guint8 byte)
{
  return byte < ' ' && !memchr ("\t\n\v\f\r\033", byte, 6);
}

/* Page-long text can hold 'G' at such distances; packet headers hold control bytes too. */
static gboolean
has_control (const guint8 *data, gsize length)
{
  for (gsize i = 0; i < length; i++)
    if (is_control (data[i]))
      return TRUE;
  return FALSE;
}

static gboolean
is_run (const guint8 *data, gsize length, gsize at, gsize stride)
{
  gboolean reaches_end;
  guint hits = count_hits (data, length, at, stride, &reaches_end);
  gboolean is_enough = hits >= MANY_HITS || (hits >= FEW_HITS && reaches_end && at < stride);

  return is_enough && has_control (data + at, MIN (length - at, FEW_HITS * stride));
}

static gboolean
has_packets (const guint8 *data, gsize length)
{
  for (gsize at = 0; at < length; at++) {
    if (data[at] != SYNC_BYTE)
      continue;
    for (gsize i = 0; i < G_N_ELEMENTS (strides); i++)
      if (is_run (data, length, at, strides[i]))
        return TRUE;
  }
  return FALSE;
}

static gboolean
is_playlist (const guint8 *data, gsize length)
{
  static const char tag[] = "#EXTM3U";

  if (length >= 3 && memcmp (data, "\xEF\xBB\xBF", 3) == 0) {
    data += 3;
    length -= 3;
  }
  while (length > 0 && g_ascii_isspace (*data)) {
    data++;
    length--;
  }
  return length >= strlen (tag) && memcmp (data, tag, strlen (tag)) == 0;
}

ForgeSniff
forge_sniff (const guint8 *data, gsize length)
{
  if (is_playlist (data, length))
    return FORGE_SNIFF_HLS;
  if (has_packets (data, length))
    return FORGE_SNIFF_TS;
  return has_control (data, MIN (length, TEXT_PROBE_BYTES)) ? FORGE_SNIFF_BINARY : FORGE_SNIFF_TEXT;
}
