/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-model.h"

#include <math.h>

/*
 * Fitted by scripts/refit-matcher.py on 6,104 labelled streams of 22 countries (real spellings of
 * independent sites, generated provider decoration) against a guide of 10,421 channels; its head
 * says how. The chance of a candidate is exp (score) / (1 + Σ exp (scores)).
 */
#define CONFIDENCE_OFFSET 0.032
#define CONFIDENCE_SLOPE  1.071

typedef struct {
  const char *name;
  double score;
} Weight;

static const Weight weights[FORGE_N_FEATURES] = {
  [FORGE_FEATURE_BIAS] = { "bias", -6.146 },
  [FORGE_FEATURE_STREAM_COVER] = { "stream_cover", 0.290 },
  [FORGE_FEATURE_GUIDE_COVER] = { "guide_cover", 1.844 },
  [FORGE_FEATURE_SAME_FULL] = { "same_full", 1.470 },
  [FORGE_FEATURE_SAME_CORE] = { "same_core", 2.011 },
  [FORGE_FEATURE_SAME_WORDS] = { "same_words", 2.192 },
  [FORGE_FEATURE_STREAM_WORDS] = { "stream_words", 0.000 },
  [FORGE_FEATURE_GUIDE_WORDS] = { "guide_words", -0.090 },
  [FORGE_FEATURE_STREAM_EXTRA] = { "stream_extra", -0.300 },
  [FORGE_FEATURE_GUIDE_EXTRA] = { "guide_extra", -0.115 },
  [FORGE_FEATURE_NUMBERS_DIFFER] = { "numbers_differ", -5.090 },
  [FORGE_FEATURE_STREAM_NUMBER] = { "stream_number", -1.385 },
  [FORGE_FEATURE_GUIDE_NUMBER] = { "guide_number", -1.760 },
  [FORGE_FEATURE_ONE_MISSING] = { "one_missing", -1.035 },
  [FORGE_FEATURE_WORDS_DIFFER] = { "words_differ", -2.013 },
  [FORGE_FEATURE_COUNTRY_WORD_OK] = { "country_word_ok", -0.251 },
  [FORGE_FEATURE_COUNTRY_WORD_BAD] = { "country_word_bad", -1.819 },
  [FORGE_FEATURE_LETTERS] = { "letters", 1.479 },
  [FORGE_FEATURE_SAME_COUNTRY] = { "same_country", 1.809 },
  [FORGE_FEATURE_NEAR_COUNTRY] = { "near_country", -1.864 },
  [FORGE_FEATURE_OTHER_COUNTRY] = { "other_country", -4.753 },
  [FORGE_FEATURE_GROUP_COUNTRY] = { "group_country", 0.619 },
  [FORGE_FEATURE_GUIDE_NO_COUNTRY] = { "guide_no_country", 1.447 },
  [FORGE_FEATURE_SHIFT_DIFFERS] = { "shift_differs", -9.000 },
  [FORGE_FEATURE_REGION_DIFFERS] = { "region_differs", -7.711 },
  [FORGE_FEATURE_EAST_UNSAID] = { "east_unsaid", -1.542 },
  [FORGE_FEATURE_CALL_SAME] = { "call_same", 4.060 },
  [FORGE_FEATURE_CALL_DIFFERS] = { "call_differs", -5.000 },
  [FORGE_FEATURE_SUB_CHANNEL_DIFFERS] = { "sub_channel_differs", -8.000 },
  [FORGE_FEATURE_ID_SAME] = { "id_same", 4.776 },
  [FORGE_FEATURE_ID_OTHER] = { "id_other", 0.000 },
  [FORGE_FEATURE_ID_STEM] = { "id_stem", 0.646 },
  [FORGE_FEATURE_ID_SAME_ODD] = { "id_same_odd", 2.580 },
  [FORGE_FEATURE_INFORMATION] = { "information", 1.744 },
  [FORGE_FEATURE_FROM_ID] = { "from_id", 0.233 },
  [FORGE_FEATURE_SHORT] = { "short", -0.387 },
  [FORGE_FEATURE_LOOP] = { "loop", -2.889 },
  [FORGE_FEATURE_FOREIGN_PREFIX] = { "foreign_prefix", 0.000 },
  [FORGE_FEATURE_MISSPELT] = { "misspelt", 0.000 },
  [FORGE_FEATURE_CUT] = { "cut", -0.203 },
  [FORGE_FEATURE_INITIALS] = { "initials", 0.000 },
  [FORGE_FEATURE_ABROAD_EXPORTED] = { "abroad_exported", 1.607 },
  [FORGE_FEATURE_ABROAD_UNIQUE] = { "abroad_unique", 0.872 },
  [FORGE_FEATURE_ABROAD_INFORMATION] = { "abroad_information", 0.146 },
  [FORGE_FEATURE_CALL_MISSING] = { "call_missing", 0.000 },
  [FORGE_FEATURE_ID_SAME_BLIND] = { "id_same_blind", 0.000 },
  [FORGE_FEATURE_ID_SAME_ABROAD] = { "id_same_abroad", 0.000 },
  [FORGE_FEATURE_ID_WORDS] = { "id_words", -0.812 },
  [FORGE_FEATURE_ABROAD_BRAND] = { "abroad_brand", -2.297 },
  [FORGE_FEATURE_FORMER] = { "former", -1.344 },
  [FORGE_FEATURE_SAME_SKELETON] = { "same_skeleton", 2.948 },
  [FORGE_FEATURE_SAME_QUALITY] = { "same_quality", -0.209 },
};

const char *
forge_feature_name (ForgeFeature feature)
{
  g_return_val_if_fail (feature < FORGE_N_FEATURES, "");
  return weights[feature].name;
}

double
forge_match_score (const double features[FORGE_N_FEATURES])
{
  double score = 0;

  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    score += weights[i].score * features[i];
  return score;
}

double
forge_match_confidence (const double *scores, guint n)
{
  double best = scores[0], others = 1, odds;

  for (guint i = 1; i < n; i++)
    best = MAX (best, scores[i]);
  for (guint i = 0; i < n; i++)
    others += exp (scores[i]);
  others -= exp (best);
  odds = best - log (others);
  return 1 / (1 + exp (-(CONFIDENCE_OFFSET + CONFIDENCE_SLOPE * odds)));
}
