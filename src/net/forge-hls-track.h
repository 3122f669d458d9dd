/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "formats/forge-hls.h"

G_BEGIN_DECLS

/**
 * ForgeHlsTrack: where we are in one media playlist that is read again and again. Internal to net;
 * no I/O and no clock of its own.
 *
 *   the new list …                              | we go on …
 *   has the number after our last segment       | there
 *   has our last segment under another number   | behind it (seen: MEDIA-SEQUENCE stuck at 0)
 *   ends before it, by ten numbers at most      | when more comes (an older copy from a cache)
 *   ends long before it, or begins behind it    | near its live edge (the encoder began again)
 */
typedef struct {
  ForgeHlsPlaylist *playlist; /* NULL before the first update */
  char *base;                 /* the address that it came from: URIs are relative to it */
  guint next;                 /* index of the next segment */
  guint64 next_sequence;
  char *last_uri;      /* the segment before, without its query; NULL = none was taken */
  gint64 loaded_us;    /* the last update, and … */
  gint64 changed_us;   /* … the last one that brought something */
  gboolean was_change; /* the last one did */
} ForgeHlsTrack;

void forge_hls_track_clear (ForgeHlsTrack *track);
/* Takes `playlist` (a media playlist). `base` is copied. */
void forge_hls_track_update (ForgeHlsTrack *track,
                             ForgeHlsPlaylist *playlist,
                             const char *base,
                             gint64 now_us);
/* Begins at the segment with this number if the list has it. Before the first one is taken. */
void forge_hls_track_start_at (ForgeHlsTrack *track, guint64 sequence);

/* The segment whose turn it is; NULL = nothing new. Segments that are marked as gaps are passed
 * over. (transfer none) */
const ForgeHlsSegment *forge_hls_track_peek (ForgeHlsTrack *track);
void forge_hls_track_advance (ForgeHlsTrack *track);

/* When to read it again. Spec: RFC 8216 §6.3.4: a target duration – here the last segment's – after
 * a load that brought something, else half a target duration. */
gint64 forge_hls_track_reload_us (const ForgeHlsTrack *track);
/* Nothing new for three target durations. */
gboolean forge_hls_track_is_stale (const ForgeHlsTrack *track, gint64 now_us);
/* The list says that nothing will follow, and all of it was taken. */
gboolean forge_hls_track_is_over (const ForgeHlsTrack *track);
/* From the start to the end of the list as it begins: three target durations, at least 6 s. */
gint64 forge_hls_start_back_us (const ForgeHlsPlaylist *playlist);

G_END_DECLS
