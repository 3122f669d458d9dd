/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-mp4-front.h"

#include "base/forge-error.h"

#include <string.h>

#define MAX_DEPTH 8 /* moov/trak/mdia/minf/stbl/stco are six */

typedef struct {
  char type[5];
  gsize header; /* bytes */
  guint64 size; /* with it; 0 = to the end */
} Box;

static guint32
read_32 (const guint8 *data)
{
  guint32 value;

  memcpy (&value, data, sizeof value);
  return GUINT32_FROM_BE (value);
}

static guint64
read_64 (const guint8 *data)
{
  guint64 value;

  memcpy (&value, data, sizeof value);
  return GUINT64_FROM_BE (value);
}

/* FALSE: its head is not there, or none. */
static gboolean
read_box (const guint8 *data, guint64 length, Box *box)
{
  if (length < 8)
    return FALSE;
  memcpy (box->type, data + 4, 4);
  box->type[4] = '\0';
  box->size = read_32 (data);
  box->header = 8;
  if (box->size == 1) {
    if (length < 16)
      return FALSE;
    box->size = read_64 (data + 8);
    box->header = 16;
  }
  return box->size == 0 || (box->size >= box->header && box->size <= G_MAXINT64);
}

gboolean
forge_mp4_has_index_behind (const guint8 *data,
                            gsize length,
                            gint64 file_length,
                            ForgeMp4Layout *layout)
{
  guint64 at = 0;
  Box box;

  *layout = (ForgeMp4Layout){ 0 };
  while (at < length && read_box (data + at, length - at, &box) && box.size > 0) {
    if (at == 0 && strcmp (box.type, "ftyp") != 0)
      return FALSE;
    if (strcmp (box.type, "moov") == 0 || strcmp (box.type, "moof") == 0)
      return FALSE;
    at += box.size; /* both below 2^63 */
    if (layout->front_end == 0)
      layout->front_end = (gint64)at;
    layout->media_end = (gint64)at;
    if (strcmp (box.type, "mdat") == 0)
      return at < G_MAXINT64 && layout->media_end < file_length;
  }
  return FALSE;
}

/* ---- the index ---- */

static gboolean
fail (ForgeError code, const char *text, GError **error)
{
  g_set_error_literal (error, FORGE_ERROR, (gint)code, text);
  return FALSE;
}

static gboolean
is_container (const char *type)
{
  static const char *const containers[] = { "moov", "trak", "mdia", "minf", "stbl" };

  for (gsize i = 0; i < G_N_ELEMENTS (containers); i++)
    if (strcmp (type, containers[i]) == 0)
      return TRUE;
  return FALSE;
}

/* A table of chunk offsets of `width` bytes each: version and flags, count, entries. */
static gboolean
shift_table (guint8 *data, guint64 length, gsize width, guint64 by, GError **error)
{
  guint32 count = length >= 8 ? read_32 (data + 4) : G_MAXUINT32;

  if (length < 8 || count > (length - 8) / width)
    return fail (FORGE_ERROR_INVALID, "The index of the file is damaged", error);
  for (guint8 *entry = data + 8; count > 0; count--, entry += width) {
    if (width == 8) {
      guint64 moved = GUINT64_TO_BE (read_64 (entry) + by);
      memcpy (entry, &moved, sizeof moved);
      continue;
    }
    guint64 sum = read_32 (entry) + by;
    guint32 moved = GUINT32_TO_BE ((guint32)sum);
    if (sum > G_MAXUINT32)
      return fail (FORGE_ERROR_UNSUPPORTED, "The file is too large for its index", error);
    memcpy (entry, &moved, sizeof moved);
  }
  return TRUE;
}

static gboolean
shift_boxes (guint8 *data, guint64 length, guint64 by, guint depth, GError **error)
{
  Box box;

  if (depth > MAX_DEPTH)
    return fail (FORGE_ERROR_INVALID, "The index of the file is damaged", error);
  for (guint64 at = 0; at < length; at += box.size) {
    if (!read_box (data + at, length - at, &box) || box.size == 0 || box.size > length - at)
      return length - at < 8 ||
             fail (FORGE_ERROR_INVALID, "The index of the file is damaged", error);
    guint8 *inside = data + at + box.header;
    guint64 size = box.size - box.header;
    gboolean is_fine = TRUE;
    if (strcmp (box.type, "cmov") == 0)
      return fail (FORGE_ERROR_UNSUPPORTED, "The index of the file is compressed", error);
    if (is_container (box.type))
      is_fine = shift_boxes (inside, size, by, depth + 1, error);
    else if (strcmp (box.type, "stco") == 0)
      is_fine = shift_table (inside, size, 4, by, error);
    else if (strcmp (box.type, "co64") == 0)
      is_fine = shift_table (inside, size, 8, by, error);
    if (!is_fine)
      return FALSE;
  }
  return TRUE;
}

GBytes *
forge_mp4_take_index (GBytes *tail, GError **error)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (tail, &length);
  Box box;

  for (guint64 at = 0; at < length && read_box (data + at, length - at, &box); at += box.size) {
    if (box.size == 0 || box.size > length - at)
      break;
    if (strcmp (box.type, "moov") != 0)
      continue;
    g_autofree guint8 *index = g_memdup2 (data + at, box.size);
    if (!shift_boxes (index, box.size, box.size, 0, error))
      return NULL;
    return g_bytes_new_take (g_steal_pointer (&index), box.size);
  }
  fail (FORGE_ERROR_INVALID, "The file has no index", error);
  return NULL;
}
