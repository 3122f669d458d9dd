/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-heirs.h"

#include "store/forge-store-channels.h"

/* A stored channel that the guide does not name, any more or yet. */
typedef struct {
  gint64 id;
  gint64 source_id; /* of the guide that named it; 0 = it was promoted */
  guint n_streams;
  GHashTable *votes; /* guide place (GUINT) → streams (GUINT) */
} Orphan;

typedef struct {
  const ForgeLineupGuide *guide;
  GPtrArray *orphans;  /* of Orphan */
  GHashTable *streams; /* stream id (gint64*) → Orphan, not owned */
} Search;

static void
orphan_free (gpointer data)
{
  Orphan *orphan = data;

  g_hash_table_unref (orphan->votes);
  g_free (orphan);
}

static Orphan *
add_orphan (Search *search, gint64 id, gint64 source_id)
{
  Orphan *orphan = g_new0 (Orphan, 1);

  orphan->id = id;
  orphan->source_id = source_id;
  orphan->votes = g_hash_table_new (NULL, NULL);
  g_ptr_array_add (search->orphans, orphan);
  return orphan;
}

static void
on_channel (gint64 id, const char *key, gint64 source_id, gpointer user_data)
{
  Search *search = user_data;

  if (forge_lineup_guide_find (search->guide, key) == 0)
    add_orphan (search, id, source_id);
}

/* The streams of one channel come one after the other. */
static void
on_promoted_stream (gint64 channel_id, gint64 stream_id, gpointer user_data)
{
  Search *search = user_data;
  GPtrArray *orphans = search->orphans;
  Orphan *orphan = orphans->len > 0 ? g_ptr_array_index (orphans, orphans->len - 1) : NULL;

  if (!orphan || orphan->id != channel_id)
    orphan = add_orphan (search, channel_id, 0);
  orphan->n_streams++;
  g_hash_table_insert (search->streams, g_memdup2 (&stream_id, sizeof stream_id), orphan);
}

static gboolean
read_streams (ForgeStore *store, Search *search, GError **error)
{
  for (guint i = 0; i < search->orphans->len; i++) {
    Orphan *orphan = g_ptr_array_index (search->orphans, i);
    g_autoptr (GArray) ids = forge_store_list_channel_streams (store, orphan->id, error);

    if (!ids)
      return FALSE;
    orphan->n_streams = ids->len;
    for (guint k = 0; k < ids->len; k++)
      g_hash_table_insert (search->streams,
                           g_memdup2 (&g_array_index (ids, gint64, k), sizeof (gint64)),
                           orphan);
  }
  return TRUE;
}

static void
vote (Search *search, const GArray *streams)
{
  for (guint i = 0; i < streams->len; i++) {
    const ForgeLineupStream *stream = &g_array_index (streams, ForgeLineupStream, i);
    Orphan *orphan = stream->guide > 0 ? g_hash_table_lookup (search->streams, &stream->stream_id)
                                       : NULL;
    gpointer place = GUINT_TO_POINTER (stream->guide);

    if (orphan && stream->confidence >= FORGE_SURE_CONFIDENCE)
      g_hash_table_insert (
          orphan->votes,
          place,
          GUINT_TO_POINTER (GPOINTER_TO_UINT (g_hash_table_lookup (orphan->votes, place)) + 1));
  }
}

/* The place that at least half of its streams went to, 0 = none. */
static guint
find_heir (const Orphan *orphan)
{
  GHashTableIter iter;
  gpointer place, votes;

  g_hash_table_iter_init (&iter, orphan->votes);
  while (g_hash_table_iter_next (&iter, &place, &votes))
    if (GPOINTER_TO_UINT (votes) * 2 >= orphan->n_streams)
      return GPOINTER_TO_UINT (place);
  return 0;
}

static gboolean
hand_on (ForgeStore *store, const Search *search, GError **error)
{
  for (guint i = 0; i < search->orphans->len; i++) {
    const Orphan *orphan = g_ptr_array_index (search->orphans, i);
    guint place = find_heir (orphan);
    const ForgeLineupChannel *heir = place > 0 ? forge_lineup_guide_at (search->guide, place - 1)
                                               : NULL;

    if (heir && !forge_store_rekey_channel (store,
                                            orphan->id,
                                            orphan->source_id,
                                            heir->key,
                                            heir->guide_channel_id,
                                            error))
      return FALSE;
  }
  return TRUE;
}

gboolean
forge_lineup_heirs_apply (ForgeStore *store,
                          const ForgeLineupGuide *guide,
                          const GArray *streams,
                          GError **error)
{
  g_autoptr (GPtrArray) orphans = g_ptr_array_new_with_free_func (orphan_free);
  g_autoptr (GHashTable) by_stream =
      g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  Search search = { guide, orphans, by_stream };

  if (!forge_store_each_guide_key (store, on_channel, &search, error) ||
      !read_streams (store, &search, error) ||
      !forge_store_each_promoted_stream (store, on_promoted_stream, &search, error))
    return FALSE;
  vote (&search, streams);
  return hand_on (store, &search, error);
}
