/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-lineup-guide.h"

#include "base/forge-hash.h"
#include "store/forge-store-guide.h"

#include <string.h>

/* Strings are allocated in blocks that the C library maps, so that they go back to the system. */
#define STRINGS_BLOCK_BYTES (256 * 1024)

static const char key_prefix[] = "guide:";

struct _ForgeLineupGuide {
  GStringChunk *strings;
  GHashTable *by_id; /* casefolded xmltv id → index + 1 */
  GArray *channels;  /* ForgeLineupChannel */
  GCancellable *cancellable;
  gint64 hash;
};

static void
channel_clear (gpointer data)
{
  ForgeLineupChannel *channel = data;

  g_ptr_array_unref (channel->names);
}

void
forge_lineup_guide_free (ForgeLineupGuide *guide)
{
  if (!guide)
    return;
  g_string_chunk_free (guide->strings);
  g_hash_table_unref (guide->by_id);
  g_array_unref (guide->channels);
  g_free (guide);
}

static ForgeLineupChannel *
find_or_add (ForgeLineupGuide *guide, const ForgeGuideChannelRow *row)
{
  g_autofree char *folded = g_utf8_casefold (row->xmltv_id, -1);
  g_autofree char *key = NULL;
  gpointer found = g_hash_table_lookup (guide->by_id, folded);
  ForgeLineupChannel channel = { 0 };

  if (found)
    return &g_array_index (guide->channels, ForgeLineupChannel, GPOINTER_TO_UINT (found) - 1);
  key = g_strconcat (key_prefix, folded, NULL);
  channel.guide_channel_id = row->id;
  channel.key = g_string_chunk_insert (guide->strings, key);
  channel.xmltv_id = g_string_chunk_insert (guide->strings, row->xmltv_id);
  channel.name =
      g_string_chunk_insert (guide->strings,
                             row->names[0] && *row->names[0] ? row->names[0] : row->xmltv_id);
  channel.names = g_ptr_array_new ();
  g_array_append_val (guide->channels, channel);
  g_hash_table_insert (guide->by_id,
                       (gpointer)(channel.key + strlen (key_prefix)),
                       GUINT_TO_POINTER (guide->channels->len));
  return &g_array_index (guide->channels, ForgeLineupChannel, guide->channels->len - 1);
}

/* Called by priority: the first source that has a channel feeds it, later ones add names. */
static gboolean
on_channel (const ForgeGuideChannelRow *row, gint64 source_id, gpointer user_data)
{
  ForgeLineupGuide *guide = user_data;
  ForgeLineupChannel *channel = find_or_add (guide, row);

  if (!channel->icon && row->icon)
    channel->icon = g_string_chunk_insert (guide->strings, row->icon);
  for (const char *const *name = row->names; *name; name++)
    if (!g_ptr_array_find_with_equal_func (channel->names, *name, g_str_equal, NULL))
      g_ptr_array_add (channel->names, g_string_chunk_insert (guide->strings, *name));
  return !g_cancellable_is_cancelled (guide->cancellable);
}

static gint64
compute_hash (const ForgeLineupGuide *guide)
{
  guint64 hash = forge_hash_number (FORGE_HASH_SEED, forge_matcher_revision ());

  for (guint i = 0; i < guide->channels->len; i++) {
    const ForgeLineupChannel *channel = &g_array_index (guide->channels, ForgeLineupChannel, i);

    hash = forge_hash_text (hash, channel->xmltv_id);
    for (guint j = 0; j < channel->names->len; j++)
      hash = forge_hash_text (hash, g_ptr_array_index (channel->names, j));
  }
  return hash ? (gint64)hash : 1;
}

ForgeLineupGuide *
forge_lineup_guide_read (ForgeStore *store, GCancellable *cancellable, GError **error)
{
  g_autoptr (ForgeLineupGuide) guide = g_new0 (ForgeLineupGuide, 1);

  guide->strings = g_string_chunk_new (STRINGS_BLOCK_BYTES);
  guide->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  guide->channels = g_array_new (FALSE, TRUE, sizeof (ForgeLineupChannel));
  g_array_set_clear_func (guide->channels, channel_clear);
  guide->cancellable = cancellable;
  if (!forge_store_each_guide_channel (store, on_channel, guide, error) ||
      g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  for (guint i = 0; i < guide->channels->len; i++)
    g_ptr_array_add (g_array_index (guide->channels, ForgeLineupChannel, i).names, NULL);
  guide->hash = compute_hash (guide);
  return g_steal_pointer (&guide);
}

guint
forge_lineup_guide_length (const ForgeLineupGuide *guide)
{
  return guide->channels->len;
}

const ForgeLineupChannel *
forge_lineup_guide_at (const ForgeLineupGuide *guide, guint index)
{
  return &g_array_index (guide->channels, ForgeLineupChannel, index);
}

guint
forge_lineup_guide_find (const ForgeLineupGuide *guide, const char *channel_key)
{
  return g_str_has_prefix (channel_key, key_prefix)
             ? GPOINTER_TO_UINT (
                   g_hash_table_lookup (guide->by_id, channel_key + strlen (key_prefix)))
             : 0;
}

gint64
forge_lineup_guide_hash (const ForgeLineupGuide *guide)
{
  return guide->hash;
}

ForgeMatcher *
forge_lineup_guide_make_matcher (const ForgeLineupGuide *guide)
{
  ForgeMatcher *matcher = forge_matcher_new ();

  for (guint i = 0; i < guide->channels->len; i++) {
    const ForgeLineupChannel *channel = forge_lineup_guide_at (guide, i);

    forge_matcher_add (matcher,
                       i + 1,
                       channel->xmltv_id,
                       (const char *const *)channel->names->pdata);
  }
  forge_matcher_freeze (matcher);
  return matcher;
}
