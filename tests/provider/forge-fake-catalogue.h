/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Ids of streams that only fill the list begin here; the last digit is the tier as everywhere. */
#define FORGE_FAKE_GENERATED_ID 1000000u

typedef enum {
  FORGE_FAKE_NEWS,
  FORGE_FAKE_GENERAL,
  FORGE_FAKE_SPORT,
  FORGE_FAKE_KIDS,
  FORGE_FAKE_DOCUMENTARY,
  FORGE_FAKE_FILM,
} ForgeFakeGenre;

typedef struct {
  guint number; /* from 1 */
  char *name;   /* as the guide has it */
  char *guide_id;
  const char *country;  /* "UK", "DE", "FR" or "ES": the prefix of the stream names */
  const char *language; /* "en", "de", "fr" or "es" */
  ForgeFakeGenre genre;
  guint category_id;
  guint tiers;       /* bit q: there is a stream number*10+q */
  guint guide_tiers; /* bit q: that stream tells its guide id */
} ForgeFakeChannel;

typedef struct {
  guint id, year, tmdb_id;
  const char *name, *genre, *plot;
  guint tier, loops; /* the clip that is shown, how many times */
} ForgeFakeFilm;

typedef struct {
  guint id, season, number;
  const char *title;
} ForgeFakeEpisode;

/* What the provider has. Immutable. Thread: any. */
typedef struct {
  GPtrArray *channels; /* ForgeFakeChannel */
  guint generated_streams;
} ForgeFakeCatalogue;

/* `n_channels` 0 with `is_demo` = the demo's own number of them. */
ForgeFakeCatalogue *
forge_fake_catalogue_new (gboolean is_demo, guint n_channels, guint generated_streams)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_fake_catalogue_free (ForgeFakeCatalogue *catalogue);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeFakeCatalogue, forge_fake_catalogue_free)

/* NULL-ended by name; ids from 1. */
const char *forge_fake_category_name (guint category_id);

/* Whether there is such a live stream; its tier is the last digit. */
gboolean forge_fake_catalogue_has (const ForgeFakeCatalogue *catalogue, guint stream_id);
/* NULL for generated streams and unknown ones. */
const ForgeFakeChannel *
forge_fake_catalogue_channel (const ForgeFakeCatalogue *catalogue, guint stream_id);
/* The name of generated channel `index` (from 0). Returns: (transfer full). */
char *forge_fake_generated_name (guint index) G_GNUC_WARN_UNUSED_RESULT;
guint forge_fake_generated_channels (const ForgeFakeCatalogue *catalogue);

/* `n` is set to how many there are. */
const ForgeFakeFilm *forge_fake_films (guint *n);
const ForgeFakeFilm *forge_fake_film_find (guint id);
const ForgeFakeEpisode *forge_fake_episodes (guint *n);
const ForgeFakeEpisode *forge_fake_episode_find (guint id);

/* The one series. */
#define FORGE_FAKE_SERIES_ID     8001u
#define FORGE_FAKE_SERIES_TMDB   9008001u
#define FORGE_FAKE_SERIES_NAME   "The Lamplighters"
#define FORGE_FAKE_EPISODE_LOOPS 60u
#define FORGE_FAKE_EPISODE_TIER  2u

G_END_DECLS
