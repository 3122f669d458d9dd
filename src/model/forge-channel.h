/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-quality.h"

#include <glib.h>

G_BEGIN_DECLS

/* Matches from here on are right in 99 of 100: they switch a channel on and come before all others;
 * a person has to look at those below. */
#define FORGE_SURE_CONFIDENCE 0.85

/**
 * ForgeStream: one live entry of a provider's catalogue. Immutable, ref-counted.
 * `id` is ours and permanent; `remote_id` is the provider's and only unique per account.
 */
typedef struct {
  gint64 id;
  gint64 account_id;
  gint64 remote_id;
  char *name;
  char *epg_id; /* the provider's epg_channel_id, NULL = none */
  char *group;  /* category name, NULL = none */
  char *icon;   /* URL, NULL = none */
  ForgeQuality quality;
  int archive_days;   /* catch-up; 0 = none */
  int position;       /* order in the provider's list */
  gboolean available; /* FALSE while it is a tombstone */
} ForgeStream;

ForgeStream *forge_stream_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeStream *forge_stream_ref (ForgeStream *stream);
void forge_stream_unref (ForgeStream *stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeStream, forge_stream_unref)

/**
 * ForgeCandidate: a stream as a source of one channel, in the order in which it is tried.
 */
typedef struct {
  ForgeStream *stream; /* owned */
  double confidence;   /* 0…1 */
  gboolean primary;    /* the user or the ranking put it first */
  gboolean manual;     /* chosen by the user: never overwritten */
} ForgeCandidate;

/**
 * ForgeChannel: one entry of the lineup. Immutable, ref-counted. `id` and `number` never change
 * because of a refresh.
 */
typedef struct {
  gint64 id;
  int number;   /* GuideNumber */
  int position; /* order in the lineup, from 0 */
  char *key;    /* natural key: "guide:<xmltv id, casefolded>" or "stream:<account>:<remote id>" */
  char *name;   /* effective: the user's, else the guide's */
  char *guide_id;        /* the id that we emit everywhere: "C<id>.streamforge.local" */
  char *group;           /* NULL = none */
  char *logo;            /* URL, NULL = none */
  char *audio_track;     /* the language that a channel list asks players to choose, NULL = none */
  gboolean enabled;      /* effective */
  gboolean has_guide;    /* a guide channel feeds it (otherwise placeholder programmes) */
  gboolean favorite;     /* the user gave it a star */
  GPtrArray *candidates; /* of ForgeCandidate*, in order; never NULL */
} ForgeChannel;

ForgeChannel *forge_channel_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeChannel *forge_channel_ref (ForgeChannel *channel);
void forge_channel_unref (ForgeChannel *channel);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeChannel, forge_channel_unref)

/* Appends a candidate while the channel is still private to its builder; takes a reference on
 * `stream`. */
void forge_channel_add_candidate (ForgeChannel *channel,
                                  ForgeStream *stream,
                                  double confidence,
                                  gboolean primary,
                                  gboolean manual);
/* The `index`-th candidate. Returns: (transfer none). */
const ForgeCandidate *forge_channel_candidate (const ForgeChannel *channel, guint index);
/* The best quality among its available streams. */
ForgeQuality forge_channel_best_quality (const ForgeChannel *channel);

/* "C12.streamforge.local": letter-led and segmented, because Plex merges ids that are bare numbers
 * (facts hdhomerun.md §4.8). Returns: (transfer full). */
char *forge_channel_make_guide_id (gint64 channel_id) G_GNUC_WARN_UNUSED_RESULT;

/**
 * ForgeLineup: the enabled channels in order, as clients see them. An immutable snapshot that any
 * thread may hold.
 */
typedef struct _ForgeLineup ForgeLineup;

/* `channels` of ForgeChannel*, in order. `revision` changes whenever the content does.
 * Returns: (transfer full). */
ForgeLineup *forge_lineup_new (GPtrArray *channels, guint64 revision) G_GNUC_WARN_UNUSED_RESULT;
ForgeLineup *forge_lineup_ref (ForgeLineup *lineup);
void forge_lineup_unref (ForgeLineup *lineup);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLineup, forge_lineup_unref)

guint64 forge_lineup_revision (const ForgeLineup *lineup);
guint forge_lineup_size (const ForgeLineup *lineup);
/* Returns: (transfer none), as long as the lineup lives. */
ForgeChannel *forge_lineup_channel (const ForgeLineup *lineup, guint index);
/* NULL if there is none. Returns: (transfer none). */
ForgeChannel *forge_lineup_find_id (const ForgeLineup *lineup, gint64 id);
ForgeChannel *forge_lineup_find_number (const ForgeLineup *lineup, int number);

G_END_DECLS
