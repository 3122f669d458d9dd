/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is measured of a pair (stream, guide name). */
typedef enum {
  FORGE_FEATURE_BIAS,
  FORGE_FEATURE_STREAM_COVER,   /* share of the stream's name that the guide name has */
  FORGE_FEATURE_GUIDE_COVER,    /* and the other way round */
  FORGE_FEATURE_SAME_FULL,      /* the names are the same letter by letter */
  FORGE_FEATURE_SAME_CORE,      /* … but for fillers and countries */
  FORGE_FEATURE_SAME_WORDS,     /* all telling words match one to one */
  FORGE_FEATURE_STREAM_WORDS,   /* weight of the stream's words that the guide name lacks */
  FORGE_FEATURE_GUIDE_WORDS,    /* and the other way round */
  FORGE_FEATURE_STREAM_EXTRA,   /* descriptors ("news") that only the stream has */
  FORGE_FEATURE_GUIDE_EXTRA,    /* … that only the guide has */
  FORGE_FEATURE_NUMBERS_DIFFER, /* both have a number that the other lacks */
  FORGE_FEATURE_STREAM_NUMBER,  /* only the stream has a further number */
  FORGE_FEATURE_GUIDE_NUMBER,
  FORGE_FEATURE_ONE_MISSING,      /* the further number is a 1 */
  FORGE_FEATURE_WORDS_DIFFER,     /* both have words that the other lacks */
  FORGE_FEATURE_COUNTRY_WORD_OK,  /* a country in one name that the other's home explains */
  FORGE_FEATURE_COUNTRY_WORD_BAD, /* … or contradicts */
  FORGE_FEATURE_SPARSE_GUIDE,     /* the words do not all match and the guide has few channels */
  FORGE_FEATURE_MISSPELT,         /* share matched but for one letter */
  FORGE_FEATURE_CUT,              /* … by beginnings */
  FORGE_FEATURE_INITIALS,         /* … by initials */
  FORGE_FEATURE_LETTERS,          /* letter pairs in common, when not the same */
  FORGE_FEATURE_SAME_COUNTRY,
  FORGE_FEATURE_NEAR_COUNTRY,
  FORGE_FEATURE_OTHER_COUNTRY,
  FORGE_FEATURE_ABROAD_EXPORTED, /* not the same country, but one whose channels are sold abroad */
  FORGE_FEATURE_ABROAD_UNIQUE,   /* … no other guide channel has the name */
  FORGE_FEATURE_ABROAD_INFORMATION, /* … INFORMATION */
  FORGE_FEATURE_ABROAD_BRAND,       /* … though the country has channels of that brand */
  FORGE_FEATURE_ABROAD_UNCOVERED,   /* … and the guide has no channel of the country at all */
  FORGE_FEATURE_GROUP_COUNTRY,      /* the same country, but only the category says so */
  FORGE_FEATURE_NO_COUNTRY,         /* nothing says where the stream is from */
  FORGE_FEATURE_NO_COUNTRY_UNIQUE,  /* … but no other guide channel has the name */
  FORGE_FEATURE_GUIDE_NO_COUNTRY,
  FORGE_FEATURE_SHIFT_DIFFERS,
  FORGE_FEATURE_REGION_DIFFERS, /* West against anything else */
  FORGE_FEATURE_EAST_UNSAID,    /* East in one, nothing in the other */
  FORGE_FEATURE_CALL_SAME,
  FORGE_FEATURE_CALL_DIFFERS,
  FORGE_FEATURE_CALL_MISSING, /* only the stream has one */
  FORGE_FEATURE_SUB_CHANNEL_DIFFERS,
  FORGE_FEATURE_ID_SAME,        /* the provider's EPG id is this channel's */
  FORGE_FEATURE_ID_OTHER,       /* … is another guide channel's */
  FORGE_FEATURE_ID_STEM,        /* … reads like this channel's */
  FORGE_FEATURE_ID_SAME_ODD,    /* the id is the same, but the names are not */
  FORGE_FEATURE_ID_SAME_BLIND,  /* … have nothing in common */
  FORGE_FEATURE_ID_SAME_ABROAD, /* … of another country */
  FORGE_FEATURE_ID_WORDS,       /* words that only the guide channel's own id has */
  FORGE_FEATURE_INFORMATION,    /* weight of what matched */
  FORGE_FEATURE_FROM_ID,        /* the guide name is an XMLTV id */
  FORGE_FEATURE_FORMER,         /* … is from before or after a rebranding */
  FORGE_FEATURE_SAME_SKELETON,  /* the same consonants in Arabic and Latin script */
  FORGE_FEATURE_SPELT_ALIKE,    /* … in the same script */
  FORGE_FEATURE_SHORT,          /* at most three letters */
  FORGE_FEATURE_LOOP,           /* the stream is a "24/7" loop or in a category of events */
  FORGE_FEATURE_FOREIGN_PREFIX, /* the stream's prefix names no country that we know */
  FORGE_FEATURE_SAME_QUALITY,
  FORGE_N_FEATURES,
} ForgeFeature;

/* "same_country"; the column names of the refit script. */
const char *forge_feature_name (ForgeFeature feature);

/* How well a pair fits, as log odds: orders the candidates of one stream. */
double forge_match_score (const double features[FORGE_N_FEATURES]);
/* How likely the best of `n` candidates is right, 0…1, given the scores of all of them. */
double forge_match_confidence (const double *scores, guint n);

G_END_DECLS
