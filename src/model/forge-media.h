/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-quality.h"

#include <glib.h>

G_BEGIN_DECLS

typedef enum {
  FORGE_MEDIA_MOVIE = 1,
  FORGE_MEDIA_SERIES,
  FORGE_MEDIA_EPISODE,
} ForgeMediaKind;

/* "movie", "series" or "episode". Thread: any. */
const char *forge_media_kind_name (ForgeMediaKind kind);
/* FALSE for any other word. */
gboolean forge_media_kind_parse (const char *name, ForgeMediaKind *kind);

/* A handle names one film, series or episode for ever: "movie/12", "episode/7". */
char *forge_media_handle (ForgeMediaKind kind, gint64 id) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_media_handle_parse (const char *text, ForgeMediaKind *kind, gint64 *id);

/**
 * ForgeMedia: a film, a series or an episode as the library knows it. Immutable, ref-counted.
 *
 * The identity does not depend on an account: one film that three accounts offer is one ForgeMedia
 * with three sources. `id` is ours, unique per kind, and permanent across refreshes and replaced
 * accounts. Descriptions are those of the preferred source. Strings are owned, NULL = unknown.
 */
typedef struct {
  ForgeMediaKind kind;
  gint64 id;
  char *title;    /* without year, language and quality; of an episode: its own title */
  int year;       /* 0 = unknown */
  gint64 tmdb_id; /* of an episode: the series'; 0 = unknown */
  char *plot, *genre, *rating;
  char *poster;    /* URL of the provider or of an image site */
  char *group;     /* the provider's category */
  char *extension; /* of the file, lower-case: "mp4"; NULL for a series */
  ForgeQuality quality;
  int duration_s;  /* 0 = unknown */
  gint64 modified; /* of a series: when the provider last changed it, UTC seconds; 0 = unknown */
  gint64 added;    /* UTC seconds, as the provider says; 0 = unknown */
  int sources;     /* how many can be played; of a series: how many accounts have it */

  /* episodes only */
  gint64 series_id;
  char *series_title;
  int season, number; /* season 0 holds specials */
} ForgeMedia;

ForgeMedia *forge_media_new (ForgeMediaKind kind) G_GNUC_WARN_UNUSED_RESULT;
ForgeMedia *forge_media_ref (ForgeMedia *media);
void forge_media_unref (ForgeMedia *media);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMedia, forge_media_unref)

/**
 * ForgeMediaSource: where one account keeps a film or an episode (or a series, whose episodes are
 * asked for one by one). The URL is built late from account and remote id: see provider.
 */
typedef struct {
  ForgeMediaKind kind;
  gint64 id; /* of the row; changes when the account is replaced */
  gint64 account_id;
  gint64 remote_id;
  char *extension; /* lower-case letters and digits: "mp4"; NULL for a series */
  char *name;      /* as the provider writes it */
  char *language;  /* upper-case code that stood in the name ("DE"), NULL = unknown */
  ForgeQuality quality;
  int duration_s;   /* 0 = unknown */
  gint64 modified;  /* of a series: when the provider last changed it, UTC seconds; 0 = unknown */
  gint64 info_at;   /* of a series: when its episodes were last read; 0 = never */
  gint64 info_seen; /* of a series: what `modified` was then */
} ForgeMediaSource;

void forge_media_source_free (ForgeMediaSource *source);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMediaSource, forge_media_source_free)

/**
 * ForgeMediaListing: what one account's list says of one film, series or episode; the input of the
 * store. Strings are owned; free with forge_media_listing_free ().
 */
typedef struct {
  gint64 remote_id;
  char *name;   /* as the provider writes it */
  char *title;  /* forge_media_name_parse () of it */
  char *folded; /* forge_media_fold () of the title */
  char *language;
  int year;
  gint64 tmdb_id;
  char *extension;
  char *group, *poster, *plot, *genre, *rating;
  ForgeQuality quality;
  int duration_s;
  gint64 added, modified;
  int position;
  int season, number; /* episodes only */
} ForgeMediaListing;

ForgeMediaListing *forge_media_listing_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_media_listing_free (ForgeMediaListing *listing);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeMediaListing, forge_media_listing_free)

G_END_DECLS
