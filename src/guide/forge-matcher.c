/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher.h"

#include "base/forge-hash.h"
#include "guide/forge-matcher-private.h"
#include "guide/forge-name-words.h"

struct _ForgeMatcher {
  ForgeMatchIndex *index;
  gboolean frozen;
  GAsyncQueue *scratches; /* of ForgeMatchScratch*, idle: one per thread that asks at once */
};

ForgeMatcher *
forge_matcher_new (void)
{
  ForgeMatcher *matcher = g_new0 (ForgeMatcher, 1);

  matcher->index = forge_match_index_new ();
  matcher->scratches = g_async_queue_new_full ((GDestroyNotify)forge_match_scratch_free);
  return matcher;
}

void
forge_matcher_free (ForgeMatcher *matcher)
{
  if (!matcher)
    return;
  forge_match_index_free (matcher->index);
  g_async_queue_unref (matcher->scratches);
  g_free (matcher);
}

void
forge_matcher_add (ForgeMatcher *matcher, gint64 id, const char *xmltv_id, const char *const *names)
{
  g_return_if_fail (!matcher->frozen && xmltv_id);
  forge_match_index_add (matcher->index, id, xmltv_id, names);
}

void
forge_matcher_freeze (ForgeMatcher *matcher)
{
  g_return_if_fail (!matcher->frozen);
  forge_match_index_freeze (matcher->index);
  matcher->frozen = TRUE;
}

const ForgeMatchIndex *
forge_matcher_index (const ForgeMatcher *matcher)
{
  return matcher->index;
}

ForgeMatch
forge_matcher_find (const ForgeMatcher *matcher, const ForgeMatchQuery *query, GPtrArray *reasons)
{
  ForgeMatch match = { 0 };
  ForgeMatchScratch *scratch;
  ForgeMatchDecision decision;
  ForgeQuery parsed;

  g_return_val_if_fail (matcher->frozen && query, match);
  scratch = g_async_queue_try_pop (matcher->scratches);
  if (!scratch)
    scratch = forge_match_scratch_new (matcher->index);
  forge_query_init (&parsed, matcher->index, query);
  forge_match_decide (matcher->index, &parsed, scratch, &decision);
  g_async_queue_push (matcher->scratches, scratch);

  if (reasons)
    forge_match_explain (matcher->index, query, &parsed, &decision, reasons);
  if (!decision.found || decision.confidence < FORGE_MATCH_MIN_CONFIDENCE)
    return match;
  match.id =
      forge_match_index_channel (matcher->index,
                                 forge_match_index_name (matcher->index, decision.name)->channel)
          ->id;
  match.confidence = decision.confidence;
  return match;
}

/* To raise when the code judges otherwise; versions, weights and words are looked at by themselves.
 */
#define REVISION 1

guint64
forge_matcher_revision (void)
{
  guint64 hash = forge_hash_number (FORGE_HASH_SEED, REVISION);

  hash = forge_hash_text (hash, FORGE_VERSION);
  for (guint i = 0; i < FORGE_N_FEATURES; i++) {
    double feature[FORGE_N_FEATURES] = { [FORGE_FEATURE_BIAS] = 0 };

    feature[i] = 1e6;
    hash = forge_hash_number (hash, (guint64)(gint64)forge_match_score (feature));
  }
  for (guint i = 0; i < forge_word_count (); i++) {
    const ForgeWord *word = forge_word_at (i);

    hash = forge_hash_text (forge_hash_text (hash, word->word), word->becomes);
    hash = forge_hash_number (hash, word->kind);
  }
  return hash;
}

char *
forge_matcher_clean_name (const char *name)
{
  return forge_name_clean (name ? name : "");
}
