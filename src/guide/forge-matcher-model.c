/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-model.h"

#include <math.h>

/*
 * Fitted by scripts/refit-matcher.py on 6,104 labelled streams of 22 countries (real spellings of
 * independent sites, generated provider decoration) against a guide of 10,421 channels; its head
 * says how. The chance of a candidate is exp (score) / (1 + Σ exp (scores)).
 */
#define CONFIDENCE_OFFSET 0.064
#define CONFIDENCE_SLOPE  1.058

typedef struct {
  const char *name;
  double score;
} Weight;

static const Weight weights[FORGE_N_FEATURES] = {
  [FORGE_FEATURE_BIAS] = { "bias", -6.180 },
  [FORGE_FEATURE_STREAM_COVER] = { "stream_cover", 0.000 },
  [FORGE_FEATURE_GUIDE_COVER] = { "guide_cover", 2.055 },
  [FORGE_FEATURE_SAME_FULL] = { "same_full", 1.367 },
  [FORGE_FEATURE_SAME_CORE] = { "same_core", 1.821 },
  [FORGE_FEATURE_SAME_WORDS] = { "same_words", 1.991 },
  [FORGE_FEATURE_STREAM_WORDS] = { "stream_words", 0.000 },
  [FORGE_FEATURE_GUIDE_WORDS] = { "guide_words", -0.272 },
  [FORGE_FEATURE_STREAM_EXTRA] = { "stream_extra", -0.354 },
  [FORGE_FEATURE_GUIDE_EXTRA] = { "guide_extra", -0.087 },
  [FORGE_FEATURE_NUMBERS_DIFFER] = { "numbers_differ", -5.000 },
  [FORGE_FEATURE_STREAM_NUMBER] = { "stream_number", -1.074 },
  [FORGE_FEATURE_GUIDE_NUMBER] = { "guide_number", -1.669 },
  [FORGE_FEATURE_ONE_MISSING] = { "one_missing", -1.084 },
  [FORGE_FEATURE_WORDS_DIFFER] = { "words_differ", -1.810 },
  [FORGE_FEATURE_COUNTRY_WORD_OK] = { "country_word_ok", -0.269 },
  [FORGE_FEATURE_COUNTRY_WORD_BAD] = { "country_word_bad", -1.882 },
  [FORGE_FEATURE_LETTERS] = { "letters", 1.442 },
  [FORGE_FEATURE_SAME_COUNTRY] = { "same_country", 2.146 },
  [FORGE_FEATURE_NEAR_COUNTRY] = { "near_country", -2.164 },
  [FORGE_FEATURE_OTHER_COUNTRY] = { "other_country", -4.810 },
  [FORGE_FEATURE_GROUP_COUNTRY] = { "group_country", 0.773 },
  [FORGE_FEATURE_GUIDE_NO_COUNTRY] = { "guide_no_country", 1.717 },
  [FORGE_FEATURE_SHIFT_DIFFERS] = { "shift_differs", -9.000 },
  [FORGE_FEATURE_REGION_DIFFERS] = { "region_differs", -7.617 },
  [FORGE_FEATURE_EAST_UNSAID] = { "east_unsaid", -1.441 },
  [FORGE_FEATURE_CALL_SAME] = { "call_same", 3.280 },
  [FORGE_FEATURE_CALL_DIFFERS] = { "call_differs", -5.000 },
  [FORGE_FEATURE_SUB_CHANNEL_DIFFERS] = { "sub_channel_differs", -7.476 },
  [FORGE_FEATURE_ID_SAME] = { "id_same", 5.029 },
  [FORGE_FEATURE_ID_OTHER] = { "id_other", 0.000 },
  [FORGE_FEATURE_ID_STEM] = { "id_stem", 0.236 },
  [FORGE_FEATURE_ID_SAME_ODD] = { "id_same_odd", 2.398 },
  [FORGE_FEATURE_INFORMATION] = { "information", 1.865 },
  [FORGE_FEATURE_FROM_ID] = { "from_id", 0.208 },
  [FORGE_FEATURE_SHORT] = { "short", -0.157 },
  [FORGE_FEATURE_LOOP] = { "loop", -3.189 },
  [FORGE_FEATURE_FOREIGN_PREFIX] = { "foreign_prefix", 0.000 },
  [FORGE_FEATURE_MISSPELT] = { "misspelt", -0.100 },
  [FORGE_FEATURE_CUT] = { "cut", -0.480 },
  [FORGE_FEATURE_INITIALS] = { "initials", 0.000 },
  [FORGE_FEATURE_ABROAD_EXPORTED] = { "abroad_exported", 1.533 },
  [FORGE_FEATURE_ABROAD_UNIQUE] = { "abroad_unique", 1.492 },
  [FORGE_FEATURE_ABROAD_INFORMATION] = { "abroad_information", -0.470 },
  [FORGE_FEATURE_CALL_MISSING] = { "call_missing", -2.015 },
  [FORGE_FEATURE_ID_SAME_BLIND] = { "id_same_blind", 0.000 },
  [FORGE_FEATURE_ID_SAME_ABROAD] = { "id_same_abroad", 0.000 },
  [FORGE_FEATURE_ID_WORDS] = { "id_words", -0.883 },
  [FORGE_FEATURE_ABROAD_BRAND] = { "abroad_brand", 0 },
  [FORGE_FEATURE_SAME_QUALITY] = { "same_quality", -0.205 },
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
