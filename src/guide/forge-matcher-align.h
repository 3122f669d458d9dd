/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-matcher-private.h"

G_BEGIN_DECLS

/* How much of a word counts as matched, where it matters how it matched. */
#define FORGE_SHARE_JOINED   0.98f
#define FORGE_SHARE_MISSPELT 0.85f
#define FORGE_SHARE_INITIALS 0.65f

/* The two names side by side. */
typedef struct {
  const ForgeMatchIndex *index;
  const ForgeQuery *query;
  const ForgeMatchName *name;
  const ForgeMatchToken *tokens;
  float stream_share[FORGE_NAME_MAX_TOKENS]; /* how much of each token is matched */
  float guide_share[FORGE_NAME_MAX_TOKENS];
  guint n_guide;
} ForgeMatchPair;

/* Pairs the words of a stream's name with those of guide name `number`. */
void forge_match_align (ForgeMatchPair *pair,
                        const ForgeMatchIndex *index,
                        const ForgeQuery *query,
                        guint32 number);

/* The text of the guide name's word `j`, without a plural s. */
const char *forge_match_pair_text (const ForgeMatchPair *pair, guint j);
/* TRUE for a ForgeTokenKind that may be misspelt or cut. */
gboolean forge_match_is_wordy (guint kind);

G_END_DECLS
