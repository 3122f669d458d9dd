/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-hls-track.h"

#include <string.h>

#define START_BACK_TARGETS 3
#define MIN_START_BACK_US  (6 * G_USEC_PER_SEC)
#define STALE_TARGETS      3
/* Channels that a panel starts on demand answer with an empty list at first. */
#define EMPTY_RELOAD_US G_USEC_PER_SEC
#define MIN_RELOAD_US   (G_USEC_PER_SEC / 2)
/* A list that ends so many numbers before ours is an old copy, not a new beginning. */
#define OLD_COPY_SEGMENTS 10

void
forge_hls_track_clear (ForgeHlsTrack *track)
{
  g_clear_pointer (&track->playlist, forge_hls_playlist_free);
  g_clear_pointer (&track->base, g_free);
  g_clear_pointer (&track->last_uri, g_free);
}

/* Tokens in the query may change with every load. */
static gsize
length_without_query (const char *uri)
{
  return strcspn (uri, "?#");
}

static gboolean
is_last (const ForgeHlsTrack *track, const ForgeHlsSegment *segment)
{
  gsize length = length_without_query (segment->uri);

  return track->last_uri && strlen (track->last_uri) == length &&
         memcmp (track->last_uri, segment->uri, length) == 0 && segment->length < 0;
}

gint64
forge_hls_start_back_us (const ForgeHlsPlaylist *playlist)
{
  return MAX (START_BACK_TARGETS * playlist->target_us, MIN_START_BACK_US);
}

/* Spec: §6.3.3. A list with an end is played from its start. */
static guint
live_edge (const ForgeHlsPlaylist *playlist)
{
  guint n = playlist->segments->len;
  gint64 back_us = forge_hls_start_back_us (playlist);

  if (playlist->has_end)
    return 0;
  while (n > 0 && back_us > 0)
    back_us -= forge_hls_segment (playlist, --n)->duration_us;
  /* Better a little less than a segment that is about to go. */
  return back_us < 0 && n + 1 < playlist->segments->len ? n + 1 : n;
}

/* The index behind our last segment, or -1. */
static int
find_behind_last (const ForgeHlsTrack *track, const ForgeHlsPlaylist *playlist)
{
  for (guint n = playlist->segments->len; n > 0; n--)
    if (is_last (track, forge_hls_segment (playlist, n - 1)))
      return (int)n;
  return -1;
}

/* The index to go on from; the list's length if there is nothing new. */
static guint
find_next (const ForgeHlsTrack *track, const ForgeHlsPlaylist *playlist)
{
  guint n = playlist->segments->len;
  guint64 first = playlist->media_sequence, end = first + n, want = track->next_sequence;

  if (!track->last_uri)
    return live_edge (playlist);
  if (want > first && want - 1 < end &&
      is_last (track, forge_hls_segment (playlist, want - 1 - first)))
    return (guint)(want - first);
  int behind = find_behind_last (track, playlist);
  if (behind >= 0)
    return (guint)behind;
  if (want >= first && want <= end)
    return (guint)(want - first);
  if (want > end && want - end <= OLD_COPY_SEGMENTS)
    return n;
  return live_edge (playlist);
}

void
forge_hls_track_update (ForgeHlsTrack *track,
                        ForgeHlsPlaylist *playlist,
                        const char *base,
                        gint64 now_us)
{
  guint next = find_next (track, playlist);
  guint had = track->playlist ? track->playlist->segments->len - track->next : 0;
  guint has = playlist->segments->len - next;
  gboolean is_old_copy = track->last_uri && has == 0 &&
                         playlist->media_sequence + playlist->segments->len < track->next_sequence;

  track->was_change = !track->playlist || has > had || playlist->has_end;
  track->next = next;
  if (!is_old_copy)
    track->next_sequence = playlist->media_sequence + next;
  track->loaded_us = now_us;
  if (track->was_change)
    track->changed_us = now_us;
  forge_hls_playlist_free (track->playlist);
  track->playlist = playlist;
  g_free (track->base);
  track->base = g_strdup (base);
}

void
forge_hls_track_start_at (ForgeHlsTrack *track, guint64 sequence)
{
  const ForgeHlsPlaylist *playlist = track->playlist;

  g_return_if_fail (playlist && !track->last_uri);
  if (sequence < playlist->media_sequence ||
      sequence - playlist->media_sequence >= playlist->segments->len)
    return;
  track->next = (guint)(sequence - playlist->media_sequence);
  track->next_sequence = sequence;
}

const ForgeHlsSegment *
forge_hls_track_peek (ForgeHlsTrack *track)
{
  const ForgeHlsSegment *segment;

  while ((segment = forge_hls_segment (track->playlist, track->next)) && segment->is_gap)
    forge_hls_track_advance (track);
  return segment;
}

void
forge_hls_track_advance (ForgeHlsTrack *track)
{
  const ForgeHlsSegment *segment = forge_hls_segment (track->playlist, track->next);

  g_return_if_fail (segment);
  g_free (track->last_uri);
  track->last_uri = g_strndup (segment->uri, length_without_query (segment->uri));
  track->next++;
  track->next_sequence = segment->sequence + 1;
}

gint64
forge_hls_track_reload_us (const ForgeHlsTrack *track)
{
  const ForgeHlsPlaylist *playlist = track->playlist;
  guint n = playlist->segments->len;

  if (playlist->has_end)
    return G_MAXINT64;
  if (n == 0)
    return track->loaded_us + EMPTY_RELOAD_US;
  if (!track->was_change)
    return track->loaded_us + playlist->target_us / 2;
  /* Seen: a target far above what the segments have. The next one is due after the last one. */
  return track->loaded_us + CLAMP (forge_hls_segment (playlist, n - 1)->duration_us,
                                   MIN_RELOAD_US,
                                   playlist->target_us);
}

gboolean
forge_hls_track_is_stale (const ForgeHlsTrack *track, gint64 now_us)
{
  return now_us - track->changed_us > STALE_TARGETS * track->playlist->target_us;
}

gboolean
forge_hls_track_is_over (const ForgeHlsTrack *track)
{
  return track->playlist->has_end && track->next >= track->playlist->segments->len;
}
