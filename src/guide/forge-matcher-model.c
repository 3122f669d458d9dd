/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-model.h"

#include <math.h>

/*
 * Fitted by scripts/refit-matcher.py on 6,104 labelled streams of 22 countries (real spellings of
 * independent sites, generated provider decoration) against a guide of 10,421 channels; its head
 * says how. The chance of a candidate is exp (score) / (1 + Σ exp (scores)).
 */
#define CONFIDENCE_OFFSET 0.089
#define CONFIDENCE_SLOPE  1.063

typedef struct {
  const char *name;
  double score;
} Weight;

static const Weight weights[FORGE_N_FEATURES] = {
  [FORGE_FEATURE_BIAS] = { "bias", -6.445 },
  [FORGE_FEATURE_STREAM_COVER] = { "stream_cover", 0.437 },
  [FORGE_FEATURE_GUIDE_COVER] = { "guide_cover", 1.841 },
  [FORGE_FEATURE_SAME_FULL] = { "same_full", 1.427 },
  [FORGE_FEATURE_SAME_CORE] = { "same_core", 1.857 },
  [FORGE_FEATURE_SAME_WORDS] = { "same_words", 2.264 },
  [FORGE_FEATURE_STREAM_WORDS] = { "stream_words", 0.000 },
  [FORGE_FEATURE_GUIDE_WORDS] = { "guide_words", 0.000 },
  [FORGE_FEATURE_STREAM_EXTRA] = { "stream_extra", -0.187 },
  [FORGE_FEATURE_GUIDE_EXTRA] = { "guide_extra", -0.118 },
  [FORGE_FEATURE_NUMBERS_DIFFER] = { "numbers_differ", -5.018 },
  [FORGE_FEATURE_STREAM_NUMBER] = { "stream_number", -2.010 },
  [FORGE_FEATURE_GUIDE_NUMBER] = { "guide_number", -1.678 },
  [FORGE_FEATURE_ONE_MISSING] = { "one_missing", -0.927 },
  [FORGE_FEATURE_WORDS_DIFFER] = { "words_differ", -2.218 },
  [FORGE_FEATURE_COUNTRY_WORD_OK] = { "country_word_ok", -0.268 },
  [FORGE_FEATURE_COUNTRY_WORD_BAD] = { "country_word_bad", -1.723 },
  [FORGE_FEATURE_LETTERS] = { "letters", 1.127 },
  [FORGE_FEATURE_SAME_COUNTRY] = { "same_country", 1.741 },
  [FORGE_FEATURE_NEAR_COUNTRY] = { "near_country", -2.239 },
  [FORGE_FEATURE_OTHER_COUNTRY] = { "other_country", -4.611 },
  [FORGE_FEATURE_GROUP_COUNTRY] = { "group_country", 0.557 },
  [FORGE_FEATURE_GUIDE_NO_COUNTRY] = { "guide_no_country", 1.393 },
  [FORGE_FEATURE_SHIFT_DIFFERS] = { "shift_differs", -9.000 },
  [FORGE_FEATURE_REGION_DIFFERS] = { "region_differs", -7.752 },
  [FORGE_FEATURE_EAST_UNSAID] = { "east_unsaid", -1.292 },
  [FORGE_FEATURE_CALL_SAME] = { "call_same", 4.432 },
  [FORGE_FEATURE_CALL_DIFFERS] = { "call_differs", -5.000 },
  [FORGE_FEATURE_SUB_CHANNEL_DIFFERS] = { "sub_channel_differs", -8.000 },
  [FORGE_FEATURE_ID_SAME] = { "id_same", 4.885 },
  [FORGE_FEATURE_ID_OTHER] = { "id_other", 0.000 },
  [FORGE_FEATURE_ID_STEM] = { "id_stem", 0.668 },
  [FORGE_FEATURE_ID_SAME_ODD] = { "id_same_odd", 2.670 },
  [FORGE_FEATURE_INFORMATION] = { "information", 1.697 },
  [FORGE_FEATURE_FROM_ID] = { "from_id", 0.708 },
  [FORGE_FEATURE_SHORT] = { "short", -0.505 },
  [FORGE_FEATURE_LOOP] = { "loop", -2.825 },
  [FORGE_FEATURE_FOREIGN_PREFIX] = { "foreign_prefix", 0.000 },
  [FORGE_FEATURE_MISSPELT] = { "misspelt", 0.000 },
  [FORGE_FEATURE_CUT] = { "cut", -0.147 },
  [FORGE_FEATURE_INITIALS] = { "initials", 0.000 },
  [FORGE_FEATURE_ABROAD_EXPORTED] = { "abroad_exported", 1.317 },
  [FORGE_FEATURE_ABROAD_UNIQUE] = { "abroad_unique", 1.147 },
  [FORGE_FEATURE_ABROAD_INFORMATION] = { "abroad_information", -0.179 },
  [FORGE_FEATURE_CALL_MISSING] = { "call_missing", 0.000 },
  [FORGE_FEATURE_ID_SAME_BLIND] = { "id_same_blind", 0.000 },
  [FORGE_FEATURE_ID_SAME_ABROAD] = { "id_same_abroad", 0.000 },
  [FORGE_FEATURE_ID_WORDS] = { "id_words", -0.341 },
  [FORGE_FEATURE_ABROAD_BRAND] = { "abroad_brand", -2.120 },
  [FORGE_FEATURE_FORMER] = { "former", -0.924 },
  [FORGE_FEATURE_SAME_SKELETON] = { "same_skeleton", 3.145 },
  [FORGE_FEATURE_SPELT_ALIKE] = { "spelt_alike", 1.766 },
  [FORGE_FEATURE_SAME_QUALITY] = { "same_quality", -0.175 },
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
