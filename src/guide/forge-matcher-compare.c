/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"

#include <math.h>
#include <string.h>

/* How much of a word counts as matched. */
#define MATCH_EXACT       1.0f
#define MATCH_JOINED      0.98f
#define MATCH_MISSPELT    0.85f
#define MATCH_ABBREVIATED 0.7f
#define MATCH_INITIALS    0.65f
/* Two words that the guide both knows are hardly one: "dave", "davejavu". */
#define MATCH_KNOWN_CUT 0.3f

/* Words shorter than this are never taken for misspelt or cut. */
#define MIN_MISSPELT_BYTES 5
#define MIN_SWAPPED_BYTES  4
#define MIN_CUT_BYTES      3

/* The two names side by side. */
typedef struct {
  const ForgeMatchIndex *index;
  const ForgeQuery *query;
  const ForgeMatchName *name;
  const ForgeMatchToken *tokens;
  float stream_share[FORGE_NAME_MAX_TOKENS]; /* how much of each token is matched */
  float guide_share[FORGE_NAME_MAX_TOKENS];
  guint n_guide;
} Pair;

static const char *
guide_text (const Pair *pair, guint j)
{
  return forge_match_index_term (pair->index, pair->tokens[j].term)->text + 1;
}

static float
guide_weight (const Pair *pair, guint j)
{
  return forge_match_weight (pair->tokens[j].kind,
                             pair->tokens[j].aside,
                             forge_match_index_term (pair->index, pair->tokens[j].term)->idf);
}

static void
pair_up (Pair *pair, guint i, guint j, float share)
{
  pair->stream_share[i] = share;
  pair->guide_share[j] = share;
}

static void
match_exact (Pair *pair)
{
  for (guint i = 0; i < pair->query->n_tokens; i++) {
    const ForgeMatchTerm *term = pair->query->tokens[i].term;

    for (guint j = 0; term && j < pair->n_guide; j++) {
      if (pair->guide_share[j] > 0 ||
          forge_match_index_term (pair->index, pair->tokens[j].term) != term)
        continue;
      pair_up (pair, i, j, MATCH_EXACT);
      break;
    }
  }
}

/* Most words that one word of the other name may be. */
#define MAX_JOINED 4

/* One side of the pair, so that both directions share their code. */
typedef struct {
  const char *texts[FORGE_NAME_MAX_TOKENS];
  guint8 kinds[FORGE_NAME_MAX_TOKENS];
  float *shares;
  guint n;
} Row;

static Row
stream_row (Pair *pair)
{
  Row row = { .shares = pair->stream_share, .n = pair->query->n_tokens };

  for (guint i = 0; i < row.n; i++) {
    row.texts[i] = pair->query->tokens[i].text;
    row.kinds[i] = pair->query->tokens[i].kind;
  }
  return row;
}

static Row
guide_row (Pair *pair)
{
  Row row = { .shares = pair->guide_share, .n = pair->n_guide };

  for (guint j = 0; j < row.n; j++) {
    row.texts[j] = guide_text (pair, j);
    row.kinds[j] = pair->tokens[j].kind;
  }
  return row;
}

/* How many bytes of `whole` the word `part` explains: all of it or (`cut`) a beginning of at least
 * three letters. */
static gsize
part_length (const char *whole, const char *part, gboolean cut)
{
  gsize n = 0;

  while (part[n] && whole[n] == part[n])
    n++;
  if (part[n] == 0)
    return n;
  return cut && n >= MIN_CUT_BYTES ? n : 0;
}

/* Words of `row` from `from` on that are `whole` when joined; 0 = they are not. */
static guint
count_joined (const char *whole, const Row *row, guint from, gboolean cut)
{
  for (guint n = 0; n < MAX_JOINED && from + n < row->n && row->shares[from + n] == 0; n++) {
    gsize length = part_length (whole, row->texts[from + n], cut);

    if (length == 0)
      return 0;
    whole += length;
    /* Words come without their plural s. */
    if (*whole == 's' && (from + n + 1 == row->n || row->texts[from + n + 1][0] != 's'))
      whole++;
    if (*whole == 0)
      return n > 0 ? n + 1 : 0;
  }
  return 0;
}

/* "discoveryscience" ~ "discovery science"; `cut`: also "discscience". */
static void
match_joined (const Row *one, const Row *many, gboolean cut)
{
  float share = cut ? MATCH_ABBREVIATED : MATCH_JOINED;

  for (guint i = 0; i < one->n; i++)
    for (guint j = 0; j < many->n && one->shares[i] == 0; j++) {
      guint n = count_joined (one->texts[i], many, j, cut);

      for (guint k = 0; k < n; k++)
        many->shares[j + k] = share;
      if (n > 0)
        one->shares[i] = share;
    }
}

/* TRUE if one edit (a letter more, less or other, or two swapped) makes `a` into `b`. */
static gboolean
is_misspelt (const char *a, const char *b)
{
  gsize n = strlen (a), m = strlen (b), start = 0, end = 0, rest_a, rest_b;

  if (MAX (n, m) < (n == m ? MIN_SWAPPED_BYTES : MIN_MISSPELT_BYTES) || (n > m ? n - m : m - n) > 1)
    return FALSE;
  while (start < n && start < m && a[start] == b[start])
    start++;
  while (end + start < n && end + start < m && a[n - 1 - end] == b[m - 1 - end])
    end++;
  rest_a = n - start - end;
  rest_b = m - start - end;
  if (rest_a <= 1 && rest_b <= 1)
    return MAX (n, m) >= MIN_MISSPELT_BYTES;
  return rest_a == 2 && rest_b == 2 && a[start] == b[start + 1] && a[start + 1] == b[start];
}

static gboolean
is_cut (const char *a, const char *b)
{
  gsize n = strlen (a), m = strlen (b), shorter = MIN (n, m);

  return shorter >= MIN_CUT_BYTES && n != m && strncmp (a, b, shorter) == 0;
}

/* "plnt" for planet, "netwrk": no vowel, and the consonants of the longer word in order. */
static gboolean
is_contracted (const char *a, const char *b)
{
  const char *longer = strlen (a) > strlen (b) ? a : b, *shorter = longer == a ? b : a;
  gsize n = strlen (shorter), m = strlen (longer);

  if (n < MIN_CUT_BYTES || n == m || 2 * n < m || shorter[0] != longer[0] ||
      shorter[n - 1] != longer[m - 1] || strpbrk (shorter + 1, "aeiou"))
    return FALSE;
  for (; *longer && *shorter; longer++)
    shorter += *shorter == *longer;
  return *shorter == 0;
}

static float
inexact_share (const char *a, const char *b, gboolean known)
{
  if (is_misspelt (a, b))
    return known ? MATCH_ABBREVIATED : MATCH_MISSPELT;
  if (!is_cut (a, b) && !is_contracted (a, b))
    return 0;
  return known ? MATCH_KNOWN_CUT : MATCH_ABBREVIATED;
}

static gboolean
is_wordy (guint kind)
{
  return kind == FORGE_TOKEN_WORD || kind == FORGE_TOKEN_DESCRIPTOR;
}

static void
match_inexact (Pair *pair)
{
  for (guint i = 0; i < pair->query->n_tokens; i++) {
    const ForgeQueryToken *token = &pair->query->tokens[i];

    if (pair->stream_share[i] > 0 || !is_wordy (token->kind))
      continue;
    for (guint j = 0; j < pair->n_guide; j++) {
      float share;

      if (pair->guide_share[j] > 0 || !is_wordy (pair->tokens[j].kind))
        continue;
      share = inexact_share (token->text, guide_text (pair, j), token->term != NULL);
      if (share > 0) {
        pair_up (pair, i, j, share);
        break;
      }
    }
  }
}

/* Words of `row` from `from` on whose initials are `text` ("ad" ~ "abu dhabi"; "lbtv" ~ "long
 * beach tv"); 0 = they are not. */
static guint
count_initials (const char *text, const Row *row, guint from)
{
  guint n = 0;

  for (; text[n]; n++) {
    guint at = from + n;

    if (at >= row->n || row->shares[at] > 0)
      return 0;
    if (n >= 2 && strcmp (text + n, "tv") == 0 && row->kinds[at] == FORGE_TOKEN_FILLER)
      return n + 1;
    if ((!is_wordy (row->kinds[at]) && n == 0) || row->texts[at][0] != text[n])
      return 0;
  }
  return n >= 2 ? n : 0;
}

static void
match_initials (const Row *one, const Row *many)
{
  for (guint i = 0; i < one->n; i++)
    for (guint j = 0; j < many->n && one->shares[i] == 0; j++) {
      guint n = one->kinds[i] == FORGE_TOKEN_WORD && strlen (one->texts[i]) <= 5
                    ? count_initials (one->texts[i], many, j)
                    : 0;

      for (guint k = 0; k < n; k++)
        many->shares[j + k] = MATCH_INITIALS;
      if (n > 0)
        one->shares[i] = MATCH_INITIALS;
    }
}

/* "Martin County TV (MCTV)": either side of it says it all. */
static void
match_acronym (Pair *pair)
{
  const ForgeQuery *query = pair->query;
  float *shares = pair->stream_share;
  guint matched = 0;

  for (guint k = 0; k < query->n_acronym; k++)
    matched += shares[query->acronym_of + k] > 0;
  if (query->n_acronym > 0 && matched == query->n_acronym)
    shares[query->acronym] = MATCH_JOINED;
  if (query->n_acronym > 0 && shares[query->acronym] > 0)
    for (guint k = 0; k < query->n_acronym; k++)
      shares[query->acronym_of + k] = MAX (shares[query->acronym_of + k], MATCH_JOINED);
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

/* -- features ---------------------------------------------------------------------------------- */

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
  if (share == MATCH_MISSPELT)
    side->misspelt += weight;
  else if (share == MATCH_INITIALS)
    side->initials += weight;
  else if (share > 0 && share < MATCH_JOINED)
    side->cut += weight;
  if (share == 0)
    count_leftover (side, kind, text, weight, home_explains);
}

/* A station is often named by network and town alone: then its call sign is no word that is
 * missing. */
static guint
guide_kind (const Pair *pair, const ForgeMatchChannel *channel, guint j)
{
  if (pair->query->is_affiliate && !pair->query->name.call_sign[0] && channel->call_sign[0] &&
      strcmp (guide_text (pair, j), channel->call_sign) == 0)
    return FORGE_TOKEN_PLACE;
  return pair->tokens[j].kind;
}

static Side
stream_side (const Pair *pair, gboolean home_explains)
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
guide_side (const Pair *pair, const ForgeMatchChannel *channel, gboolean home_explains)
{
  Side side = { 0 };

  for (guint j = 0; j < pair->n_guide; j++)
    count_token (&side,
                 guide_kind (pair, channel, j),
                 guide_text (pair, j),
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

static gboolean
is_same_skeleton (const Pair *pair)
{
  return pair->query->skeleton && pair->name->skeleton != FORGE_MATCH_NO_TERM &&
         forge_match_index_term (pair->index, pair->name->skeleton) == pair->query->skeleton;
}

static void
measure_names (const Pair *pair, const Side *stream, const Side *guide, double *f)
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
  f[FORGE_FEATURE_NUMBERS_DIFFER] = stream_numbers > 0 && guide_numbers > 0;
  if (!f[FORGE_FEATURE_NUMBERS_DIFFER]) {
    f[FORGE_FEATURE_STREAM_NUMBER] = stream->numbers > 0;
    f[FORGE_FEATURE_GUIDE_NUMBER] = guide->numbers > 0;
    f[FORGE_FEATURE_ONE_MISSING] = stream->ones + guide->ones > 0;
  }
}

/* A channel of another country is the right one more often if it has its name for itself and is
 * made where channels are exported from. */
static void
measure_abroad (const Pair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeMatchTerm *core = forge_match_index_term (pair->index, pair->name->core);

  f[FORGE_FEATURE_ABROAD_EXPORTED] =
      forge_country_set_intersects (&channel->countries, forge_match_index_exporters (pair->index));
  f[FORGE_FEATURE_ABROAD_UNIQUE] = f[FORGE_FEATURE_SAME_CORE] && core->idf > 0.999f;
  f[FORGE_FEATURE_ABROAD_INFORMATION] = f[FORGE_FEATURE_INFORMATION];
  f[FORGE_FEATURE_ABROAD_BRAND] = pair->query->brand_at_home;
}

static void
measure_country (const Pair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeQuery *query = pair->query;

  if (forge_country_set_is_empty (&channel->countries)) {
    f[FORGE_FEATURE_GUIDE_NO_COUNTRY] = 1;
    return;
  }
  if (forge_country_set_is_empty (&query->countries))
    return;
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
measure_feed (const Pair *pair, const ForgeMatchChannel *channel, double *f)
{
  const ForgeName *name = &pair->query->name;
  guint here = name->region, there = channel->region;

  f[FORGE_FEATURE_SHIFT_DIFFERS] = name->shift_hours != pair->name->shift_hours;
  f[FORGE_FEATURE_REGION_DIFFERS] = here != there &&
                                    (here == FORGE_REGION_WEST || there == FORGE_REGION_WEST);
  f[FORGE_FEATURE_EAST_UNSAID] = here != there && !f[FORGE_FEATURE_REGION_DIFFERS];
}

static void
measure_station (const Pair *pair, const ForgeMatchChannel *channel, double *f)
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
measure_id (const Pair *pair, double *f)
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
is_explained (const Pair *pair, guint32 term)
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
unexplained_id_words (const Pair *pair, const ForgeMatchChannel *channel)
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
    if (!is_wordy (tokens[j].kind))
      continue;
    if (is_explained (pair, tokens[j].term))
      related = TRUE;
    else
      words++;
  }
  return related ? MIN (words, 2) : 0;
}

static void
align (Pair *pair, const ForgeMatchIndex *index, const ForgeQuery *query, guint32 number)
{
  const ForgeMatchName *name = forge_match_index_name (index, number);
  Row stream, guide;

  *pair = (Pair){ .index = index,
                  .query = query,
                  .name = name,
                  .tokens = forge_match_index_tokens (index, name),
                  .n_guide = name->n_tokens };
  match_exact (pair);
  stream = stream_row (pair);
  guide = guide_row (pair);
  match_joined (&stream, &guide, FALSE);
  match_joined (&guide, &stream, FALSE);
  match_inexact (pair);
  match_joined (&stream, &guide, TRUE);
  match_joined (&guide, &stream, TRUE);
  match_acronym (pair);
  match_initials (&stream, &guide);
  match_initials (&guide, &stream);
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
  Pair pair;

  align (&pair, index, query, number);
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
  Pair pair;

  align (&pair, index, query, number);
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
                              guide_text (&pair, j));
}

/* -- decision ---------------------------------------------------------------------------------- */

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
