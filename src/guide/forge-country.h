/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A set of countries of forge_country_from_code (). Empty = unknown. */
#define FORGE_COUNTRY_WORDS 3
typedef struct {
  guint64 bits[FORGE_COUNTRY_WORDS];
} ForgeCountrySet;

/* The country of an ISO 3166 alpha-2 code in lower case ("uk" beside "gb"), -1 = not known. */
int forge_country_from_code (const char *code);
/* "uk"; for sentences. `country` as above. Returns: (transfer none). */
const char *forge_country_code (guint country);

static inline gboolean
forge_country_set_is_empty (const ForgeCountrySet *set)
{
  guint64 all = 0;

  for (guint i = 0; i < FORGE_COUNTRY_WORDS; i++)
    all |= set->bits[i];
  return all == 0;
}

static inline gboolean
forge_country_set_intersects (const ForgeCountrySet *a, const ForgeCountrySet *b)
{
  guint64 common = 0;

  for (guint i = 0; i < FORGE_COUNTRY_WORDS; i++)
    common |= a->bits[i] & b->bits[i];
  return common != 0;
}

void forge_country_set_add (ForgeCountrySet *set, guint country);
void forge_country_set_unite (ForgeCountrySet *set, const ForgeCountrySet *other);
/* Narrows `set` to what it shares with `other`; leaves it alone if that is nothing. TRUE if it
 * shared something. */
gboolean forge_country_set_narrow (ForgeCountrySet *set, const ForgeCountrySet *other);
/* Adds the ISO codes of a blank-separated list; unknown ones are skipped. */
void forge_country_set_add_codes (ForgeCountrySet *set, const char *list);
/* "uk", "ae/sa/qa…". Returns: (transfer full). */
char *forge_country_set_to_text (const ForgeCountrySet *set) G_GNUC_WARN_UNUSED_RESULT;

/* Countries that speak the same language or share broadcasters: UK and Ireland, Germany and
 * Austria … */
#define FORGE_MAX_NEIGHBOURHOODS 20
typedef struct {
  ForgeCountrySet sets[FORGE_MAX_NEIGHBOURHOODS];
} ForgeNeighbourhoods;

void forge_neighbourhoods_init (ForgeNeighbourhoods *self);
/* Adds the neighbours of every country of the set. */
void forge_neighbourhoods_extend (const ForgeNeighbourhoods *self, ForgeCountrySet *set);

G_END_DECLS
