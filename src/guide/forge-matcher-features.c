/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-align.h"

#include <string.h>

static float
guide_weight (const ForgeMatchPair *pair, guint j)
{
  return forge_match_weight (pair->tokens[j].kind,
                             pair->tokens[j].aside,
                             forge_match_index_term (pair->index, pair->tokens[j].term)->idf);
}

/* Share of letter pairs in common (Dice), 0…1. */
static double
letter_similarity (const char *a, const char *b)
{
  enum { BUCKETS = 1024 };
  guint8 counts[BUCKETS] = { 0 };
  guint pairs_a = 0, pairs_b = 0, common = 0;

  for (; a[0] && a[1]; a++, pairs_a++)
    counts[((guchar)a[0] * 31u + (guchar)a[1]) % BUCKETS]++;
  for (; b[0] && b[1]; b++, pairs_b++) {
    guint8 *count = &counts[((guchar)b[0] * 31u + (guchar)b[1]) % BUCKETS];

    if (*count > 0) {
      (*count)--;
      common++;
    }
  }
  return pairs_a + pairs_b > 0 ? 2.0 * common / (pairs_a + pairs_b) : 0;
}

/* What is left over on one side. */
typedef struct {
  float weight, matched;         /* of all tokens */
  float misspelt, cut, initials; /* of those that match so */
  float words;                   /* weight of plain words without a partner */
  guint extras, numbers, ones, country_ok, country_bad, n_words;
} Side;

static void
count_leftover (Side *side, guint kind, const char *text, float weight, gboolean home_explains)
{
  switch (kind) {
  case FORGE_TOKEN_NUMBER:
    if (strcmp (text, "1") == 0)
      side->ones++;
    else
      side->numbers++;
    break;
  case FORGE_TOKEN_DESCRIPTOR:
    side->extras++;
    side->n_words++;
    break;
  case FORGE_TOKEN_COUNTRY:
    if (home_explains)
      side->country_ok++;
    else
      side->country_bad++;
    break;
  case FORGE_TOKEN_WORD:
    side->words += weight;
    side->n_words++;
    break;
  default:
    break;
  }
}

static void
count_token (Side *side,
             guint kind,
             const char *text,
             float weight,
             float share,
             gboolean home_explains)
{
  side->weight += weight;
  side->matched += weight * share;
  if (share == FORGE_SHARE_MISSPELT)
    side->misspelt += weight;
  else if (share == FORGE_SHARE_INITIALS)
    side->initials += weight;
  else if (share > 0 && share < FORGE_SHARE_JOINED)
    side->cut += weight;
  if (share == 0)
    count_leftover (side, kind, text, weight, home_explains);
}

/* A station is often named by network and town alone: then its call sign is no word that is
 * missing. */
static guint
guide_kind (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, guint j)
{
  if (pair->query->is_affiliate && !pair->query->name.call_sign[0] && channel->call_sign[0] &&
      strcmp (forge_match_pair_text (pair, j), channel->call_sign) == 0)
    return FORGE_TOKEN_PLACE;
  return pair->tokens[j].kind;
}

static Side
stream_side (const ForgeMatchPair *pair, gboolean home_explains)
{
  Side side = { 0 };

  for (guint i = 0; i < pair->query->n_tokens; i++) {
    const ForgeQueryToken *token = &pair->query->tokens[i];

    count_token (&side,
                 token->kind,
                 token->text,
                 token->weight,
                 pair->stream_share[i],
                 home_explains);
  }
  return side;
}

static Side
guide_side (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, gboolean home_explains)
{
  Side side = { 0 };

  for (guint j = 0; j < pair->n_guide; j++)
    count_token (&side,
                 guide_kind (pair, channel, j),
                 forge_match_pair_text (pair, j),
                 guide_weight (pair, j),
                 pair->guide_share[j],
                 home_explains);
  return side;
}

static double
share_of (float part, float whole)
{
  return whole > 0 ? part / whole : 0;
}

/* How little the guide covers, 0…1. In a guide of few channels a similar name is more often that of
 * a sister which the guide lacks. */
static double
sparsity (const ForgeMatchIndex *index)
{
  const double full = 8000;

  return MAX (0, 1 - index->channels->len / full);
}

static gboolean
is_same_skeleton (const ForgeMatchPair *pair)
{
  return pair->query->skeleton && pair->name->skeleton != FORGE_MATCH_NO_TERM &&
         forge_match_index_term (pair->index, pair->name->skeleton) == pair->query->skeleton;
}

static void
measure_names (const ForgeMatchPair *pair, const Side *stream, const Side *guide, double *f)
{
  const ForgeMatchTerm *full = forge_match_index_term (pair->index, pair->name->full);
  const ForgeMatchTerm *core = forge_match_index_term (pair->index, pair->name->core);
  gboolean same_full = full == pair->query->full;
  gboolean same_core = core == pair->query->core && core->text[1];
  guint stream_numbers = stream->numbers + stream->ones,
        guide_numbers = guide->numbers + guide->ones;

  f[FORGE_FEATURE_SAME_FULL] = same_full;
  f[FORGE_FEATURE_SAME_CORE] = same_core;
  f[FORGE_FEATURE_INFORMATION] = MIN (stream->matched, 3);
  f[FORGE_FEATURE_FROM_ID] = pair->name->kind == FORGE_MATCH_ID;
  f[FORGE_FEATURE_FORMER] = pair->name->kind == FORGE_MATCH_FORMER;
  f[FORGE_FEATURE_SHORT] = strlen (pair->query->core_text) <= 3;
  f[FORGE_FEATURE_SAME_QUALITY] = pair->name->quality == pair->query->name.quality;
  if (same_full || same_core) {
    f[FORGE_FEATURE_STREAM_COVER] = f[FORGE_FEATURE_GUIDE_COVER] = 1;
    f[FORGE_FEATURE_SAME_WORDS] = 1;
    return;
  }
  if (is_same_skeleton (pair)) {
    f[FORGE_FEATURE_SAME_SKELETON] = pair->query->is_arabic != pair->name->is_arabic;
    f[FORGE_FEATURE_SPELT_ALIKE] = !f[FORGE_FEATURE_SAME_SKELETON];
    f[FORGE_FEATURE_STREAM_COVER] = f[FORGE_FEATURE_GUIDE_COVER] = 1;
    return;
  }
  f[FORGE_FEATURE_STREAM_COVER] = share_of (stream->matched, stream->weight);
  f[FORGE_FEATURE_GUIDE_COVER] = share_of (guide->matched, guide->weight);
  f[FORGE_FEATURE_STREAM_WORDS] = MIN (stream->words, 2);
  f[FORGE_FEATURE_GUIDE_WORDS] = MIN (guide->words, 2);
  f[FORGE_FEATURE_STREAM_EXTRA] = MIN (stream->extras, 2);
  f[FORGE_FEATURE_GUIDE_EXTRA] = MIN (guide->extras, 2);
  f[FORGE_FEATURE_WORDS_DIFFER] = stream->n_words > 0 && guide->n_words > 0;
  f[FORGE_FEATURE_SAME_WORDS] = stream->n_words + guide->n_words + stream_numbers + guide_numbers ==
                                0;
  f[FORGE_FEATURE_MISSPELT] = share_of (stream->misspelt, stream->weight);
  f[FORGE_FEATURE_CUT] = share_of (stream->cut, stream->weight);
  f[FORGE_FEATURE_INITIALS] = share_of (stream->initials, stream->weight);
  f[FORGE_FEATURE_LETTERS] = letter_similarity (pair->query->core_text, core->text + 1);
  if (!f[FORGE_FEATURE_SAME_WORDS])
    f[FORGE_FEATURE_SPARSE_GUIDE] = sparsity (pair->index);
  f[FORGE_FEATURE_NUMBERS_DIFFER] = stream_numbers > 0 && guide_numbers > 0;
  if (!f[FORGE_FEATURE_NUMBERS_DIFFER]) {
    f[FORGE_FEATURE_STREAM_NUMBER] = stream->numbers > 0;
    f[FORGE_FEATURE_GUIDE_NUMBER] = guide->numbers > 0;
    f[FORGE_FEATURE_ONE_MISSING] = stream->ones + guide->ones > 0;
  }
}

/* No other guide channel has the name. */
static gboolean
is_unique_name (const ForgeMatchPair *pair, const double *f)
{
  return f[FORGE_FEATURE_SAME_CORE] > 0 &&
         forge_match_index_term (pair->index, pair->name->core)->idf > 0.999f;
}

/* A channel of another country is the right one more often if it has its name for itself and is
 * made where channels are exported from. */
static void
measure_abroad (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, double *f)
{
  f[FORGE_FEATURE_ABROAD_EXPORTED] =
      forge_country_set_intersects (&channel->countries, &pair->index->exporters);
  f[FORGE_FEATURE_ABROAD_UNIQUE] = is_unique_name (pair, f);
  f[FORGE_FEATURE_ABROAD_INFORMATION] = f[FORGE_FEATURE_INFORMATION];
  f[FORGE_FEATURE_ABROAD_BRAND] = pair->query->brand_at_home;
  f[FORGE_FEATURE_ABROAD_UNCOVERED] =
      !forge_country_set_intersects (&pair->query->countries, &pair->index->covered);
}

static void
measure_country (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeQuery *query = pair->query;

  if (forge_country_set_is_empty (&channel->countries)) {
    f[FORGE_FEATURE_GUIDE_NO_COUNTRY] = 1;
    return;
  }
  if (forge_country_set_is_empty (&query->countries)) {
    f[FORGE_FEATURE_NO_COUNTRY] = 1;
    f[FORGE_FEATURE_NO_COUNTRY_UNIQUE] = is_unique_name (pair, f);
    return;
  }
  if (forge_country_set_intersects (&query->countries, &channel->countries)) {
    f[FORGE_FEATURE_SAME_COUNTRY] = 1;
    f[FORGE_FEATURE_GROUP_COUNTRY] = query->country_by_group;
  } else if (forge_country_set_intersects (&query->near, &channel->countries) ||
             forge_country_set_intersects (&query->countries, &channel->near)) {
    f[FORGE_FEATURE_NEAR_COUNTRY] = 1;
  } else {
    f[FORGE_FEATURE_OTHER_COUNTRY] = 1;
  }
  if (!f[FORGE_FEATURE_SAME_COUNTRY])
    measure_abroad (pair, channel, f);
}

static void
measure_feed (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeName *name = &pair->query->name;
  guint here = name->region, there = channel->region;

  f[FORGE_FEATURE_SHIFT_DIFFERS] = name->shift_hours != pair->name->shift_hours;
  f[FORGE_FEATURE_REGION_DIFFERS] = here != there &&
                                    (here == FORGE_REGION_WEST || there == FORGE_REGION_WEST);
  f[FORGE_FEATURE_EAST_UNSAID] = here != there && !f[FORGE_FEATURE_REGION_DIFFERS];
}

static void
measure_station (const ForgeMatchPair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeName *name = &pair->query->name;

  f[FORGE_FEATURE_CALL_MISSING] = name->call_sign[0] && !channel->call_sign[0];
  if (!name->call_sign[0] || !channel->call_sign[0])
    return;
  f[FORGE_FEATURE_CALL_SAME] = strcmp (name->call_sign, channel->call_sign) == 0;
  f[FORGE_FEATURE_CALL_DIFFERS] = !f[FORGE_FEATURE_CALL_SAME];
  f[FORGE_FEATURE_SUB_CHANNEL_DIFFERS] = name->sub_channel != channel->sub_channel;
}

static gboolean
term_has_channel (const ForgeMatchIndex *index, const ForgeMatchTerm *term, guint32 channel)
{
  const guint32 *postings = term ? forge_match_index_postings (index, term) : NULL;

  for (guint i = 0; term && i < term->n_postings; i++)
    if (forge_match_index_name (index, postings[i])->channel == channel)
      return TRUE;
  return FALSE;
}

static void
measure_id (const ForgeMatchPair *pair, double *f)
{
  const ForgeQuery *query = pair->query;
  guint32 channel = pair->name->channel;

  if (term_has_channel (pair->index, query->epg, channel)) {
    f[FORGE_FEATURE_ID_SAME] = 1;
    f[FORGE_FEATURE_ID_SAME_ODD] = f[FORGE_FEATURE_STREAM_COVER] < 0.5;
    f[FORGE_FEATURE_ID_SAME_BLIND] = f[FORGE_FEATURE_STREAM_COVER] < 0.1;
    f[FORGE_FEATURE_ID_SAME_ABROAD] = f[FORGE_FEATURE_OTHER_COUNTRY] && !f[FORGE_FEATURE_SAME_CORE];
  } else {
    f[FORGE_FEATURE_ID_OTHER] = query->epg != NULL;
    f[FORGE_FEATURE_ID_STEM] = term_has_channel (pair->index, query->epg_stem, channel);
  }
}

/* TRUE if the pair's guide name or the stream has the term. */
static gboolean
is_explained (const ForgeMatchPair *pair, guint32 term)
{
  for (guint j = 0; j < pair->n_guide; j++)
    if (pair->tokens[j].term == term)
      return TRUE;
  for (guint i = 0; i < pair->query->n_tokens; i++)
    if (pair->query->tokens[i].term == forge_match_index_term (pair->index, term))
      return TRUE;
  return FALSE;
}

/* Words that the XMLTV id has beyond the name that fits: "TVNTurbo.pl" called just "TVN". Only
 * where the two share a word, so that the id is no older or foreign name. */
static double
unexplained_id_words (const ForgeMatchPair *pair, const ForgeMatchChannel *channel)
{
  const ForgeMatchName *id =
      forge_match_index_name (pair->index, channel->first_name + channel->n_names - 1);
  const ForgeMatchToken *tokens;
  gboolean related = FALSE;
  guint words = 0;

  if (id->kind != FORGE_MATCH_ID)
    return 0;
  tokens = forge_match_index_tokens (pair->index, id);
  for (guint j = 0; j < id->n_tokens; j++) {
    if (!forge_match_is_wordy (tokens[j].kind))
      continue;
    if (is_explained (pair, tokens[j].term))
      related = TRUE;
    else
      words++;
  }
  return related ? MIN (words, 2) : 0;
}

void
forge_match_compare (const ForgeMatchIndex *index,
                     const ForgeQuery *query,
                     guint32 number,
                     double f[FORGE_N_FEATURES])
{
  const ForgeMatchChannel *channel;
  gboolean home_explains;
  Side stream, guide;
  ForgeMatchPair pair;

  forge_match_align (&pair, index, query, number);
  channel = forge_match_index_channel (index, pair.name->channel);
  home_explains = forge_country_set_intersects (&query->countries, &channel->countries);
  stream = stream_side (&pair, home_explains);
  guide = guide_side (&pair, channel, home_explains);
  /* "ABC 7": the number on the dial, which guides do not give. */
  if (query->is_affiliate && channel->call_sign[0])
    stream.numbers = stream.ones = 0;
  memset (f, 0, FORGE_N_FEATURES * sizeof *f);
  f[FORGE_FEATURE_BIAS] = 1;
  measure_names (&pair, &stream, &guide, f);
  f[FORGE_FEATURE_COUNTRY_WORD_OK] = stream.country_ok + guide.country_ok > 0;
  f[FORGE_FEATURE_COUNTRY_WORD_BAD] = stream.country_bad + guide.country_bad > 0;
  measure_country (&pair, channel, f);
  measure_feed (&pair, channel, f);
  measure_station (&pair, channel, f);
  measure_id (&pair, f);
  f[FORGE_FEATURE_LOOP] = query->name.kind == FORGE_NAME_LOOP || query->event_group;
  f[FORGE_FEATURE_FOREIGN_PREFIX] = query->name.has_unknown_prefix;
  f[FORGE_FEATURE_ID_WORDS] =
      pair.name->kind != FORGE_MATCH_DISPLAY ? 0 : unexplained_id_words (&pair, channel);
}

void
forge_match_differences (const ForgeMatchIndex *index,
                         const ForgeQuery *query,
                         guint32 number,
                         GString *stream_only,
                         GString *guide_only)
{
  ForgeMatchPair pair;

  forge_match_align (&pair, index, query, number);
  for (guint i = 0; i < query->n_tokens; i++)
    if (pair.stream_share[i] == 0)
      g_string_append_printf (stream_only,
                              "%s%s",
                              stream_only->len ? " " : "",
                              query->tokens[i].text);
  for (guint j = 0; j < pair.n_guide; j++)
    if (pair.guide_share[j] == 0)
      g_string_append_printf (guide_only,
                              "%s%s",
                              guide_only->len ? " " : "",
                              forge_match_pair_text (&pair, j));
}
