/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-align.h"

#include <string.h>

/* How much of a word counts as matched. */
#define MATCH_EXACT       1.0f
#define MATCH_ABBREVIATED 0.7f
/* Two words that the guide both knows are hardly one: "dave", "davejavu". */
#define MATCH_KNOWN_CUT 0.3f

/* Words shorter than this are never taken for misspelt or cut. */
#define MIN_MISSPELT_BYTES 5
#define MIN_SWAPPED_BYTES  4
#define MIN_CUT_BYTES      3

const char *
forge_match_pair_text (const ForgeMatchPair *pair, guint j)
{
  return forge_match_index_term (pair->index, pair->tokens[j].term)->text + 1;
}

static void
pair_up (ForgeMatchPair *pair, guint i, guint j, float share)
{
  pair->stream_share[i] = share;
  pair->guide_share[j] = share;
}

static void
match_exact (ForgeMatchPair *pair)
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
stream_row (ForgeMatchPair *pair)
{
  Row row = { .shares = pair->stream_share, .n = pair->query->n_tokens };

  for (guint i = 0; i < row.n; i++) {
    row.texts[i] = pair->query->tokens[i].text;
    row.kinds[i] = pair->query->tokens[i].kind;
  }
  return row;
}

static Row
guide_row (ForgeMatchPair *pair)
{
  Row row = { .shares = pair->guide_share, .n = pair->n_guide };

  for (guint j = 0; j < row.n; j++) {
    row.texts[j] = forge_match_pair_text (pair, j);
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
  float share = cut ? MATCH_ABBREVIATED : FORGE_SHARE_JOINED;

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
    return known ? MATCH_ABBREVIATED : FORGE_SHARE_MISSPELT;
  if (!is_cut (a, b) && !is_contracted (a, b))
    return 0;
  return known ? MATCH_KNOWN_CUT : MATCH_ABBREVIATED;
}

gboolean
forge_match_is_wordy (guint kind)
{
  return kind == FORGE_TOKEN_WORD || kind == FORGE_TOKEN_DESCRIPTOR;
}

static void
match_inexact (ForgeMatchPair *pair)
{
  for (guint i = 0; i < pair->query->n_tokens; i++) {
    const ForgeQueryToken *token = &pair->query->tokens[i];

    if (pair->stream_share[i] > 0 || !forge_match_is_wordy (token->kind))
      continue;
    for (guint j = 0; j < pair->n_guide; j++) {
      float share;

      if (pair->guide_share[j] > 0 || !forge_match_is_wordy (pair->tokens[j].kind))
        continue;
      share = inexact_share (token->text, forge_match_pair_text (pair, j), token->term != NULL);
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
    if ((!forge_match_is_wordy (row->kinds[at]) && n == 0) || row->texts[at][0] != text[n])
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
        many->shares[j + k] = FORGE_SHARE_INITIALS;
      if (n > 0)
        one->shares[i] = FORGE_SHARE_INITIALS;
    }
}

/* "Martin County TV (MCTV)": either side of it says it all. */
static void
match_acronym (ForgeMatchPair *pair)
{
  const ForgeQuery *query = pair->query;
  float *shares = pair->stream_share;
  guint matched = 0;

  for (guint k = 0; k < query->n_acronym; k++)
    matched += shares[query->acronym_of + k] > 0;
  if (query->n_acronym > 0 && matched == query->n_acronym)
    shares[query->acronym] = FORGE_SHARE_JOINED;
  if (query->n_acronym > 0 && shares[query->acronym] > 0)
    for (guint k = 0; k < query->n_acronym; k++)
      shares[query->acronym_of + k] = MAX (shares[query->acronym_of + k], FORGE_SHARE_JOINED);
}

void
forge_match_align (ForgeMatchPair *pair,
                   const ForgeMatchIndex *index,
                   const ForgeQuery *query,
                   guint32 number)
{
  const ForgeMatchName *name = forge_match_index_name (index, number);
  Row stream, guide;

  *pair = (ForgeMatchPair){ .index = index,
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
