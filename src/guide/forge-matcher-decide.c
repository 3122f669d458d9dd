/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"

#include <math.h>
#include <string.h>

static void
compare_channel (const ForgeMatchIndex *index,
                 const ForgeQuery *query,
                 guint32 number,
                 ForgeMatchDecision *best)
{
  const ForgeMatchChannel *channel = forge_match_index_channel (index, number);
  double features[FORGE_N_FEATURES];

  best->found = FALSE;
  for (guint i = 0; i < channel->n_names; i++) {
    double score;

    forge_match_compare (index, query, channel->first_name + i, features);
    score = forge_match_score (features);
    if (best->found && score <= best->score)
      continue;
    best->found = TRUE;
    best->name = channel->first_name + i;
    best->score = score;
    memcpy (best->features, features, sizeof features);
  }
}

static void
set_rival (ForgeMatchDecision *decision, const ForgeMatchDecision *rival)
{
  decision->has_rival = TRUE;
  decision->rival = rival->name;
  decision->rival_score = rival->score;
  memcpy (decision->rival_features, rival->features, sizeof rival->features);
}

/* The same channel from another guide source under another id: the first one stands for both. */
static gboolean
is_twin (const ForgeMatchIndex *index,
         const ForgeMatchDecision *next,
         const ForgeMatchDecision *best)
{
  const ForgeMatchName *a, *b;

  if (!best->found || fabs (next->score - best->score) > 1e-9)
    return FALSE;
  a = forge_match_index_name (index, next->name);
  b = forge_match_index_name (index, best->name);
  return a->full == b->full && a->kind == b->kind;
}

void
forge_match_decide (const ForgeMatchIndex *index,
                    const ForgeQuery *query,
                    ForgeMatchScratch *scratch,
                    ForgeMatchDecision *decision)
{
  guint32 channels[FORGE_MATCH_MAX_CANDIDATES];
  double scores[FORGE_MATCH_MAX_CANDIDATES];
  guint n, n_scores = 0;

  decision->found = decision->has_rival = FALSE;
  decision->confidence = 0;
  if (query->name.kind == FORGE_NAME_SEPARATOR || query->n_tokens == 0)
    return;
  n = forge_match_candidates (index, query, scratch, channels);
  for (guint i = 0; i < n; i++) {
    ForgeMatchDecision next = { 0 };

    compare_channel (index, query, channels[i], &next);
    if (!next.found)
      continue;
    if (is_twin (index, &next, decision))
      continue;
    scores[n_scores++] = next.score;
    if (!decision->found || next.score > decision->score) {
      if (decision->found)
        set_rival (&next, decision);
      *decision = next;
    } else if (!decision->has_rival || next.score > decision->rival_score) {
      set_rival (decision, &next);
    }
  }
  if (n_scores > 0)
    decision->confidence = forge_match_confidence (scores, n_scores);
}
