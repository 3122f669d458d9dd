/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-source-order.h"

#include <math.h>
#include <string.h>

#define HALF_LIFE_US   (60 * G_USEC_PER_SEC)
#define FORGOTTEN      0.02 /* weight that no longer counts */
#define MAX_WEIGHT     16.0 /* a stream that fails all night recovers within five minutes */
#define MAX_REMEMBERED 4096
#define HEVC           0x24 /* stream_type, ISO/IEC 13818-1 table 2-34 */

typedef struct {
  gint64 stream_id;
  double weight; /* as of `at_us` */
  gint64 at_us;
} Failure;

struct _ForgeStreamMemory {
  GHashTable *failures; /* stream id → Failure */
  GHashTable *videos;   /* stream id → stream_type of its picture */
};

ForgeStreamMemory *
forge_stream_memory_new (void)
{
  ForgeStreamMemory *memory = g_new0 (ForgeStreamMemory, 1);

  memory->failures = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  memory->videos = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  return memory;
}

void
forge_stream_memory_free (ForgeStreamMemory *memory)
{
  g_hash_table_unref (memory->failures);
  g_hash_table_unref (memory->videos);
  g_free (memory);
}

static double
faded (const Failure *failure, gint64 now_us)
{
  return failure->weight * exp2 (-(double)(now_us - failure->at_us) / HALF_LIFE_US);
}

static gboolean
is_forgotten (gpointer key, gpointer value, gpointer now_us)
{
  return faded (value, *(gint64 *)now_us) < FORGOTTEN;
}

static Failure *
remember (ForgeStreamMemory *memory, gint64 stream_id, gint64 now_us)
{
  if (g_hash_table_size (memory->failures) >= MAX_REMEMBERED)
    g_hash_table_foreach_remove (memory->failures, is_forgotten, &now_us);
  /* Thousands of fresh failures are no memory of anything: the line is down. */
  if (g_hash_table_size (memory->failures) >= MAX_REMEMBERED)
    g_hash_table_remove_all (memory->failures);

  Failure *failure = g_new0 (Failure, 1);
  failure->stream_id = stream_id;
  g_hash_table_insert (memory->failures, &failure->stream_id, failure);
  return failure;
}

void
forge_stream_memory_note_failure (ForgeStreamMemory *memory,
                                  gint64 stream_id,
                                  double weight,
                                  gint64 now_us)
{
  Failure *failure = g_hash_table_lookup (memory->failures, &stream_id);

  if (!failure)
    failure = remember (memory, stream_id, now_us);
  failure->weight = MIN (faded (failure, now_us) + weight, MAX_WEIGHT);
  failure->at_us = now_us;
}

double
forge_stream_memory_weight (ForgeStreamMemory *memory, gint64 stream_id, gint64 now_us)
{
  const Failure *failure = g_hash_table_lookup (memory->failures, &stream_id);

  return failure ? faded (failure, now_us) : 0;
}

void
forge_stream_memory_note_video (ForgeStreamMemory *memory, gint64 stream_id, guint8 video_type)
{
  if (video_type == 0)
    return;
  if (g_hash_table_size (memory->videos) >= MAX_REMEMBERED)
    g_hash_table_remove_all (memory->videos);
  g_hash_table_replace (memory->videos,
                        g_memdup2 (&stream_id, sizeof stream_id),
                        GUINT_TO_POINTER (video_type));
}

guint8
forge_stream_memory_video (ForgeStreamMemory *memory, gint64 stream_id)
{
  return (guint8)GPOINTER_TO_UINT (g_hash_table_lookup (memory->videos, &stream_id));
}

static gboolean
names_hevc (const ForgeStream *stream)
{
  static const char *const words[] = { "hevc", "h265", "h.265", "x265" };
  g_autofree char *name = stream->name ? g_ascii_strdown (stream->name, -1) : NULL;

  for (guint i = 0; name && i < G_N_ELEMENTS (words); i++)
    if (strstr (name, words[i]))
      return TRUE;
  return FALSE;
}

/* What is not known and does not call itself HEVC is taken for whatever is wanted. */
static gboolean
is_coded_otherwise (const ForgeSourceQuery *query, const ForgeStream *stream)
{
  guint8 video_type = forge_stream_memory_video (query->memory, stream->id);

  if (query->video_type == 0)
    return FALSE;
  if (video_type == 0 && names_hevc (stream))
    video_type = HEVC;
  return video_type != 0 && video_type != query->video_type;
}

typedef struct {
  ForgeStream *stream;
  gboolean is_draining, is_coded_otherwise;
  guint rank; /* even = healthy at that step of the ladder, odd = moved behind it */
  guint index;
} Entry;

static int
compare_entries (gconstpointer a, gconstpointer b)
{
  const Entry *left = a, *right = b;

  if (left->is_draining != right->is_draining)
    return left->is_draining ? 1 : -1;
  if (left->is_coded_otherwise != right->is_coded_otherwise)
    return left->is_coded_otherwise ? 1 : -1;
  if (left->rank != right->rank)
    return left->rank < right->rank ? -1 : 1;
  return left->index < right->index ? -1 : 1;
}

/* Steps of the ladder that the stream's failures cost it. */
static guint
steps_down (const ForgeSourceQuery *query, const ForgeStream *stream)
{
  double weight = forge_stream_memory_weight (query->memory, stream->id, query->now_us);

  if (weight < query->demote_at)
    return 0;
  return 1 + (guint)((weight - query->demote_at) / FORGE_FAILURE_SLOW);
}

static void
collect (const ForgeSourceQuery *query, GArray *entries, guint *n_full)
{
  const GPtrArray *candidates = query->channel->candidates;
  ForgeQuality quality = FORGE_QUALITY_UNKNOWN;
  guint step = 0;

  for (guint i = 0; i < candidates->len; i++) {
    ForgeStream *stream = forge_channel_candidate (query->channel, i)->stream;
    if (i > 0 && stream->quality != quality)
      step++;
    quality = stream->quality;
    if (!stream->available || (query->is_tried && query->is_tried (stream, query->tried_data)))
      continue;

    gboolean is_held = query->held_account_id == stream->account_id;
    ForgeRoom room = forge_slots_room (query->slots, stream->account_id, is_held, query->now_us);
    *n_full += room == FORGE_ROOM_FULL;
    if (room != FORGE_ROOM_FREE && room != FORGE_ROOM_DRAINING)
      continue;
    guint down = steps_down (query, stream);
    Entry entry = { .stream = stream,
                    .is_draining = room == FORGE_ROOM_DRAINING,
                    .is_coded_otherwise = is_coded_otherwise (query, stream),
                    .rank = 2 * (step + down) + (down > 0),
                    .index = i };
    g_array_append_val (entries, entry);
  }
}

GPtrArray *
forge_source_order (const ForgeSourceQuery *query, guint *n_full)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  GPtrArray *order = g_ptr_array_new ();

  *n_full = 0;
  collect (query, entries, n_full);
  g_array_sort (entries, compare_entries);
  for (guint i = 0; i < entries->len; i++)
    g_ptr_array_add (order, g_array_index (entries, Entry, i).stream);
  return order;
}
