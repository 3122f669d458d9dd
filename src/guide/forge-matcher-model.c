/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-model.h"

#include <math.h>

typedef struct {
  const char *name;
  double score, confidence;
} Weight;

static const Weight weights[FORGE_N_FEATURES] = {
  /* BEGIN fitted */
  [FORGE_FEATURE_BIAS] = { "bias", -6, 0 },
  [FORGE_FEATURE_STREAM_COVER] = { "stream_cover", 4, 0 },
  [FORGE_FEATURE_GUIDE_COVER] = { "guide_cover", 3, 0 },
  [FORGE_FEATURE_SAME_FULL] = { "same_full", 2, 0 },
  [FORGE_FEATURE_SAME_CORE] = { "same_core", 1, 0 },
  [FORGE_FEATURE_SAME_WORDS] = { "same_words", 1, 0 },
  [FORGE_FEATURE_STREAM_WORDS] = { "stream_words", -1, 0 },
  [FORGE_FEATURE_GUIDE_WORDS] = { "guide_words", -1, 0 },
  [FORGE_FEATURE_STREAM_EXTRA] = { "stream_extra", -1.5, 0 },
  [FORGE_FEATURE_GUIDE_EXTRA] = { "guide_extra", -1.5, 0 },
  [FORGE_FEATURE_NUMBERS_DIFFER] = { "numbers_differ", -4, 0 },
  [FORGE_FEATURE_STREAM_NUMBER] = { "stream_number", -2, 0 },
  [FORGE_FEATURE_GUIDE_NUMBER] = { "guide_number", -2, 0 },
  [FORGE_FEATURE_ONE_MISSING] = { "one_missing", -1, 0 },
  [FORGE_FEATURE_WORDS_DIFFER] = { "words_differ", -1, 0 },
  [FORGE_FEATURE_COUNTRY_WORD_OK] = { "country_word_ok", 0, 0 },
  [FORGE_FEATURE_COUNTRY_WORD_BAD] = { "country_word_bad", -2, 0 },
  [FORGE_FEATURE_INEXACT] = { "inexact", -1, 0 },
  [FORGE_FEATURE_LETTERS] = { "letters", 1, 0 },
  [FORGE_FEATURE_SAME_COUNTRY] = { "same_country", 2.5, 0 },
  [FORGE_FEATURE_NEAR_COUNTRY] = { "near_country", 0.5, 0 },
  [FORGE_FEATURE_OTHER_COUNTRY] = { "other_country", -1, 0 },
  [FORGE_FEATURE_GROUP_COUNTRY] = { "group_country", 0, 0 },
  [FORGE_FEATURE_GUIDE_NO_COUNTRY] = { "guide_no_country", 2, 0 },
  [FORGE_FEATURE_SHIFT_DIFFERS] = { "shift_differs", -5, 0 },
  [FORGE_FEATURE_REGION_DIFFERS] = { "region_differs", -4, 0 },
  [FORGE_FEATURE_EAST_UNSAID] = { "east_unsaid", -0.5, 0 },
  [FORGE_FEATURE_CALL_SAME] = { "call_same", 5, 0 },
  [FORGE_FEATURE_CALL_DIFFERS] = { "call_differs", -6, 0 },
  [FORGE_FEATURE_SUB_CHANNEL_DIFFERS] = { "sub_channel_differs", -4, 0 },
  [FORGE_FEATURE_ID_SAME] = { "id_same", 3, 0 },
  [FORGE_FEATURE_ID_OTHER] = { "id_other", -1, 0 },
  [FORGE_FEATURE_ID_STEM] = { "id_stem", 1, 0 },
  [FORGE_FEATURE_ID_SAME_ODD] = { "id_same_odd", -2, 0 },
  [FORGE_FEATURE_INFORMATION] = { "information", 0.5, 0 },
  [FORGE_FEATURE_FROM_ID] = { "from_id", -0.3, 0 },
  [FORGE_FEATURE_SHORT] = { "short", 0, 0 },
  [FORGE_FEATURE_LOOP] = { "loop", -2, 0 },
  [FORGE_FEATURE_FOREIGN_PREFIX] = { "foreign_prefix", -2, 0 },
  [FORGE_FEATURE_SAME_QUALITY] = { "same_quality", 0.1, 0 },
  [FORGE_FEATURE_SCORE] = { "score", 0, 1 },
  [FORGE_FEATURE_MARGIN] = { "margin", 0, 0.3 },
  [FORGE_FEATURE_NO_RIVAL] = { "no_rival", 0, 0 },
  [FORGE_FEATURE_RIVAL_SCORE] = { "rival_score", 0, 0 },
  /* END fitted */
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

  for (guint i = 0; i < FORGE_N_PAIR_FEATURES; i++)
    score += weights[i].score * features[i];
  return score;
}

double
forge_match_confidence (const double features[FORGE_N_FEATURES])
{
  double odds = 0;

  for (guint i = 0; i < FORGE_N_FEATURES; i++)
    odds += weights[i].confidence * features[i];
  return 1 / (1 + exp (-odds));
}
