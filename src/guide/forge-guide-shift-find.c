/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-shift.h"
#include "store/forge-store-guide.h"

/* How far the guides are compared. */
#define WINDOW_S (48 * 3600)
/* Channels per source: more say nothing new. */
#define MAX_CHANNELS 50

/* A channel that two sources have. */
typedef struct {
  gint64 reference, other; /* guide channels */
  gint64 source_id;        /* of `other` */
} Pair;

typedef struct {
  gint64 channel_id, source_id;
} First;

typedef struct {
  GHashTable *first;  /* "i" + folded id, "n" + folded name → First */
  GHashTable *counts; /* source id → GUINT of its pairs */
  GArray *pairs;      /* of Pair */
} Finder;

static char *
folded_key (char kind, const char *text)
{
  g_autofree char *folded = g_utf8_casefold (text, -1);

  return g_strdup_printf ("%c%s", kind, folded);
}

static const First *
find_first (Finder *finder, char kind, const char *text, gint64 source_id)
{
  g_autofree char *key = folded_key (kind, text);
  const First *first = g_hash_table_lookup (finder->first, key);

  return first && first->source_id != source_id ? first : NULL;
}

static void
note_first (Finder *finder, char kind, const char *text, gint64 channel_id, gint64 source_id)
{
  char *key = folded_key (kind, text);

  if (g_hash_table_contains (finder->first, key)) {
    g_free (key);
    return;
  }
  First first = { channel_id, source_id };
  g_hash_table_insert (finder->first, key, g_memdup2 (&first, sizeof first));
}

/* Called by priority: the first source with a channel is the reference for those behind it. */
static gboolean
on_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  Finder *finder = user_data;
  const First *first = find_first (finder, 'i', row->xmltv_id, source_id);
  guint n = GPOINTER_TO_UINT (g_hash_table_lookup (finder->counts, &source_id));

  if (!first)
    first = find_first (finder, 'n', row->names[0], source_id);
  if (first && n < MAX_CHANNELS) {
    Pair pair = { first->channel_id, row->id, source_id };
    g_array_append_val (finder->pairs, pair);
    g_hash_table_insert (finder->counts,
                         g_memdup2 (&source_id, sizeof source_id),
                         GUINT_TO_POINTER (n + 1));
  } else if (!first) {
    note_first (finder, 'i', row->xmltv_id, row->id, source_id);
    note_first (finder, 'n', row->names[0], row->id, source_id);
  }
  return TRUE;
}

static gboolean
on_programme (const ForgeProgrammeRow *row, gpointer user_data)
{
  ForgeGuideShiftEntry entry = { row->start, forge_guide_shift_title (row->title) };

  g_array_append_val ((GArray *)user_data, entry);
  return TRUE;
}

static GArray *
read_entries (ForgeStore *store, gint64 channel_id, gint64 now_s, GError **error)
{
  g_autoptr (GArray) entries = g_array_new (FALSE, FALSE, sizeof (ForgeGuideShiftEntry));

  return forge_store_each_programme (store,
                                     channel_id,
                                     now_s,
                                     now_s + WINDOW_S,
                                     on_programme,
                                     entries,
                                     error)
             ? g_steal_pointer (&entries)
             : NULL;
}

/* Source id → ForgeGuideShift. */
static GHashTable *
compare_pairs (ForgeStore *store, const GArray *pairs, gint64 now_s, GError **error)
{
  g_autoptr (GHashTable) shifts =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);

  for (guint i = 0; i < pairs->len; i++) {
    const Pair *pair = &g_array_index (pairs, Pair, i);
    g_autoptr (GArray) reference = read_entries (store, pair->reference, now_s, error);
    g_autoptr (GArray) other = reference ? read_entries (store, pair->other, now_s, error) : NULL;
    if (!other)
      return NULL;
    ForgeGuideShift *shift = g_hash_table_lookup (shifts, &pair->source_id);
    if (!shift) {
      shift = g_new0 (ForgeGuideShift, 1);
      g_hash_table_insert (shifts, g_memdup2 (&pair->source_id, sizeof pair->source_id), shift);
    }
    forge_guide_shift_add (shift, reference, other);
  }
  return g_steal_pointer (&shifts);
}

static gboolean
store_suggestions (ForgeStore *store, GHashTable *shifts, GError **error)
{
  g_autoptr (GPtrArray) sources = forge_store_list_guide_sources (store, error);

  for (guint i = 0; sources && i < sources->len; i++) {
    const ForgeGuideSource *source = g_ptr_array_index (sources, i);
    const ForgeGuideShift *shift = g_hash_table_lookup (shifts, &source->id);
    int hours = shift ? forge_guide_shift_hours (shift) : 0;
    if (!forge_store_suggest_shift (store, source->id, source->shift_minutes + hours * 60, error))
      return FALSE;
  }
  return sources != NULL;
}

static int
count_enabled (ForgeStore *store)
{
  ForgeGuideTotals totals;

  return forge_store_guide_totals (store, &totals, NULL) ? totals.sources : 0;
}

gboolean
forge_guide_shift_find (ForgeStore *store, gint64 now_s, GError **error)
{
  g_autoptr (GHashTable) first = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr (GHashTable) counts = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) pairs = g_array_new (FALSE, FALSE, sizeof (Pair));
  Finder finder = { first, counts, pairs };

  /* Most people have one guide: nothing to compare, only an old suggestion to take back. */
  if (count_enabled (store) > 1 &&
      !forge_store_each_guide_channel (store, on_channel, &finder, error))
    return FALSE;
  g_autoptr (GHashTable) shifts = compare_pairs (store, pairs, now_s, error);
  return shifts && store_suggestions (store, shifts, error);
}
