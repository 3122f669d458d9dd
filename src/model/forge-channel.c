/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-channel.h"

ForgeStream *
forge_stream_new (void)
{
  ForgeStream *stream = g_atomic_rc_box_new0 (ForgeStream);

  stream->quality = FORGE_QUALITY_UNKNOWN;
  stream->available = TRUE;
  return stream;
}

ForgeStream *
forge_stream_ref (ForgeStream *stream)
{
  return g_atomic_rc_box_acquire (stream);
}

static void
stream_clear (gpointer data)
{
  ForgeStream *stream = data;

  g_free (stream->name);
  g_free (stream->epg_id);
  g_free (stream->group);
  g_free (stream->icon);
}

void
forge_stream_unref (ForgeStream *stream)
{
  g_atomic_rc_box_release_full (stream, stream_clear);
}

static void
candidate_free (gpointer data)
{
  ForgeCandidate *candidate = data;

  forge_stream_unref (candidate->stream);
  g_free (candidate);
}

ForgeChannel *
forge_channel_new (void)
{
  ForgeChannel *channel = g_atomic_rc_box_new0 (ForgeChannel);

  channel->candidates = g_ptr_array_new_with_free_func (candidate_free);
  return channel;
}

ForgeChannel *
forge_channel_ref (ForgeChannel *channel)
{
  return g_atomic_rc_box_acquire (channel);
}

static void
channel_clear (gpointer data)
{
  ForgeChannel *channel = data;

  g_free (channel->key);
  g_free (channel->name);
  g_free (channel->guide_id);
  g_free (channel->group);
  g_free (channel->logo);
  g_free (channel->audio_track);
  g_ptr_array_unref (channel->candidates);
}

void
forge_channel_unref (ForgeChannel *channel)
{
  g_atomic_rc_box_release_full (channel, channel_clear);
}

void
forge_channel_add_candidate (ForgeChannel *channel,
                             ForgeStream *stream,
                             double confidence,
                             gboolean primary,
                             gboolean manual)
{
  ForgeCandidate *candidate = g_new0 (ForgeCandidate, 1);

  candidate->stream = forge_stream_ref (stream);
  candidate->confidence = confidence;
  candidate->primary = primary;
  candidate->manual = manual;
  g_ptr_array_add (channel->candidates, candidate);
}

const ForgeCandidate *
forge_channel_candidate (const ForgeChannel *channel, guint index)
{
  g_return_val_if_fail (index < channel->candidates->len, NULL);

  return g_ptr_array_index (channel->candidates, index);
}

ForgeQuality
forge_channel_best_quality (const ForgeChannel *channel)
{
  ForgeQuality best = FORGE_QUALITY_UNKNOWN;
  gboolean any = FALSE;

  for (guint i = 0; i < channel->candidates->len; i++) {
    const ForgeStream *stream = forge_channel_candidate (channel, i)->stream;
    if (!stream->available)
      continue;
    best = any ? MAX (best, stream->quality) : stream->quality;
    any = TRUE;
  }
  return best;
}

char *
forge_channel_make_guide_id (gint64 channel_id)
{
  return g_strdup_printf ("C%" G_GINT64_FORMAT ".streamforge.local", channel_id);
}

struct _ForgeLineup {
  guint64 revision;
  GPtrArray *channels;
  GHashTable *by_id;     /* borrowed keys (&channel->id) and values */
  GHashTable *by_number; /* number → channel, borrowed */
};

ForgeLineup *
forge_lineup_new (GPtrArray *channels, guint64 revision)
{
  ForgeLineup *lineup = g_atomic_rc_box_new0 (ForgeLineup);

  lineup->revision = revision;
  lineup->channels = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_channel_unref);
  lineup->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
  lineup->by_number = g_hash_table_new (g_direct_hash, g_direct_equal);
  for (guint i = 0; i < channels->len; i++) {
    ForgeChannel *channel = forge_channel_ref (g_ptr_array_index (channels, i));
    g_ptr_array_add (lineup->channels, channel);
    g_hash_table_insert (lineup->by_id, &channel->id, channel);
    g_hash_table_insert (lineup->by_number, GINT_TO_POINTER (channel->number), channel);
  }
  return lineup;
}

ForgeLineup *
forge_lineup_ref (ForgeLineup *lineup)
{
  return g_atomic_rc_box_acquire (lineup);
}

static void
lineup_clear (gpointer data)
{
  ForgeLineup *lineup = data;

  g_hash_table_unref (lineup->by_id);
  g_hash_table_unref (lineup->by_number);
  g_ptr_array_unref (lineup->channels);
}

void
forge_lineup_unref (ForgeLineup *lineup)
{
  g_atomic_rc_box_release_full (lineup, lineup_clear);
}

guint64
forge_lineup_revision (const ForgeLineup *lineup)
{
  return lineup->revision;
}

guint
forge_lineup_size (const ForgeLineup *lineup)
{
  return lineup->channels->len;
}

ForgeChannel *
forge_lineup_channel (const ForgeLineup *lineup, guint index)
{
  g_return_val_if_fail (index < lineup->channels->len, NULL);

  return g_ptr_array_index (lineup->channels, index);
}

ForgeChannel *
forge_lineup_find_id (const ForgeLineup *lineup, gint64 id)
{
  return g_hash_table_lookup (lineup->by_id, &id);
}

ForgeChannel *
forge_lineup_find_number (const ForgeLineup *lineup, int number)
{
  return g_hash_table_lookup (lineup->by_number, GINT_TO_POINTER (number));
}
