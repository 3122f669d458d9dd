/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-matcher-private.h"
#include "guide/forge-name-skeleton.h"

#include <string.h>

/* Postings of a filler or number longer than this are not walked: such a word finds nothing. */
#define MAX_COMMON_POSTINGS 400
/* And so many of any word: a guide that says the same word 100,000 times costs no more. */
#define MAX_POSTINGS 20000

struct _ForgeMatchScratch {
  float *weights;   /* by name: weight of what matched */
  guint32 *touched; /* names with a weight */
  guint n_touched;
};

typedef struct {
  guint32 channel;
  float guess;
} Guess;

ForgeMatchScratch *
forge_match_scratch_new (const ForgeMatchIndex *index)
{
  ForgeMatchScratch *scratch = g_new0 (ForgeMatchScratch, 1);

  scratch->weights = g_new0 (float, index->names->len + 1);
  scratch->touched = g_new (guint32, index->names->len + 1);
  return scratch;
}

void
forge_match_scratch_free (ForgeMatchScratch *scratch)
{
  if (!scratch)
    return;
  g_free (scratch->weights);
  g_free (scratch->touched);
  g_free (scratch);
}

/* What is known of where the stream is from: the prefix, else the category, else its words. */
static void
find_countries (ForgeQuery *self, const ForgeMatchIndex *index, const ForgeCountrySet *group)
{
  self->countries = self->name.prefix;
  if (forge_country_set_is_empty (&self->countries) && !self->name.has_unknown_prefix) {
    self->countries = *group;
    self->country_by_group = !forge_country_set_is_empty (group);
  } else if (!forge_country_set_narrow (&self->countries, group) &&
             forge_country_set_intersects (&self->name.iso, group)) {
    self->countries = self->name.iso;
  }
  if (forge_country_set_is_empty (&self->countries))
    self->countries = self->name.words;
  self->near = self->countries;
  forge_neighbourhoods_extend (&index->neighbourhoods, &self->near);
}

/* A bare word may be a call sign if the guide has a station of that name. */
static void
find_station (ForgeQuery *self, const ForgeMatchIndex *index)
{
  ForgeCountrySet us = { 0 };

  self->is_affiliate = self->n_tokens > 0 && forge_name_is_affiliate (self->tokens[0].text);
  forge_country_set_add_codes (&us, "us");
  if (!forge_country_set_intersects (&self->name.prefix, &us) && !self->is_affiliate)
    return;
  for (guint i = 0; i < self->n_tokens && !self->call; i++) {
    const char *text = self->tokens[i].text;

    if (self->name.call_sign[0] || strlen (text) != 4 || !forge_name_is_call_sign (text))
      continue;
    self->call = forge_match_index_find (index, FORGE_TERM_CALL, text);
    if (self->call)
      g_strlcpy (self->name.call_sign, text, sizeof self->name.call_sign);
  }
}

static void
find_skeleton (ForgeQuery *self, const ForgeMatchIndex *index)
{
  char skeleton[FORGE_NAME_MAX_TEXT_BYTES];

  self->is_arabic = forge_name_is_arabic (&self->name);
  forge_name_skeleton (&self->name, skeleton, sizeof skeleton);
  if (strlen (skeleton) >= FORGE_SKELETON_MIN_BYTES)
    self->skeleton = forge_match_index_find (index, FORGE_TERM_SKELETON, skeleton);
}

static gboolean
is_small_word (const char *text)
{
  return strcmp (text, "of") == 0 || strcmp (text, "the") == 0 || strcmp (text, "and") == 0 ||
         strcmp (text, "for") == 0;
}

/* How many tokens from `from` on have the letters of token `acronym` as initials; "tv" in it may be
 * one token, small words have none. 0 = they do not. */
static guint
count_acronym (const ForgeQuery *self, guint acronym, guint from)
{
  const char *text = self->tokens[acronym].text;
  guint at = from;

  for (; *text && at < self->n_tokens && at != acronym; at++) {
    if (strcmp (text, "tv") == 0 && self->tokens[at].kind == FORGE_TOKEN_FILLER &&
        strcmp (self->tokens[at].text, "the") != 0)
      return at + 1 - from;
    if (self->tokens[at].text[0] == *text)
      text++;
    else if (at == from || !is_small_word (self->tokens[at].text))
      return strcmp (text, "tv") == 0 ? at - from : 0;
  }
  return *text == 0 || strcmp (text, "tv") == 0 ? at - from : 0;
}

static void
find_acronym (ForgeQuery *self)
{
  enum { SHORTEST = 3, LONGEST = 6 };

  for (guint i = 0; i < self->n_tokens; i++) {
    const ForgeQueryToken *token = &self->tokens[i];
    gsize length = strlen (token->text);

    if (token->kind != FORGE_TOKEN_WORD || length < SHORTEST || length > LONGEST)
      continue;
    for (guint from = 0; from + 1 < self->n_tokens; from++) {
      guint n = from == i ? 0 : count_acronym (self, i, from);

      if (n < 2)
        continue;
      self->acronym = i;
      self->acronym_of = from;
      self->n_acronym = n;
      return;
    }
  }
}

static gboolean
has_brand_at_home (const ForgeQuery *self, const ForgeMatchIndex *index)
{
  const ForgeMatchTerm *brand = self->n_tokens > 0 ? self->tokens[0].term : NULL;
  const guint32 *postings = brand ? forge_match_index_postings (index, brand) : NULL;

  for (guint i = 0; brand && i < MIN (brand->n_postings, MAX_POSTINGS); i++) {
    const ForgeMatchName *name = forge_match_index_name (index, postings[i]);

    if (forge_country_set_intersects (&forge_match_index_channel (index, name->channel)->countries,
                                      &self->countries))
      return TRUE;
  }
  return FALSE;
}

static void
find_epg_id (ForgeQuery *self, const ForgeMatchIndex *index, const char *epg_id)
{
  g_autofree char *valid = NULL, *folded = NULL;
  char stem[FORGE_NAME_MAX_TEXT_BYTES + 1];

  if (!epg_id || !*epg_id || strlen (epg_id) > FORGE_NAME_MAX_TEXT_BYTES)
    return;
  valid = g_utf8_make_valid (epg_id, -1);
  folded = g_utf8_strdown (g_strstrip (valid), -1);
  self->epg = forge_match_index_find (index, FORGE_TERM_ID, folded);
  if (!self->epg && strchr (folded, '@')) {
    *strchr (folded, '@') = 0;
    self->epg = forge_match_index_find (index, FORGE_TERM_ID, folded);
  }
  forge_match_stem (folded, stem, sizeof stem);
  self->epg_stem = forge_match_index_find (index, FORGE_TERM_STEM, stem);
}

/* "24/7 & EVENTS", "PPV": rows that are no channels. */
static gboolean
is_event_group (const char *group)
{
  g_autofree char *folded = g_utf8_strdown (group, -1);

  return strstr (folded, "24/7") || strstr (folded, "event") || strstr (folded, "ppv") ||
         strstr (folded, "pay per view");
}

static void
read_tokens (ForgeQuery *self, const ForgeMatchIndex *index)
{
  for (guint i = 0; i < self->n_tokens; i++) {
    const ForgeNameToken *from = &self->name.tokens[i];
    ForgeQueryToken *token = &self->tokens[i];

    token->text = self->stems + from->text;
    forge_name_stem (&self->name, i, self->stems + from->text, from->length + 1u);
    token->length = from->length;
    token->kind = from->kind;
    token->aside = from->aside;
    token->term = forge_match_index_find (index, FORGE_TERM_TOKEN, token->text);
    token->weight =
        forge_match_weight (token->kind, token->aside, token->term ? token->term->idf : 1);
    self->weight += token->weight;
  }
}

void
forge_query_init (ForgeQuery *self, const ForgeMatchIndex *index, const ForgeMatchQuery *query)
{
  ForgeCountrySet group = { 0 };
  g_autofree char *valid_group = query->group ? g_utf8_make_valid (query->group, -1) : NULL;

  memset (self, 0, offsetof (ForgeQuery, full_text));
  if (valid_group) {
    forge_name_parse_group (valid_group, &group);
    self->event_group = is_event_group (valid_group);
  }
  forge_name_parse (&self->name, query->name ? query->name : "", FORGE_NAME_OF_STREAM, &group);
  self->n_tokens = self->name.n_tokens;
  read_tokens (self, index);
  forge_name_join (&self->name, FALSE, self->full_text, sizeof self->full_text);
  forge_name_join (&self->name, TRUE, self->core_text, sizeof self->core_text);
  self->full = forge_match_index_find (index, FORGE_TERM_FULL, self->full_text);
  self->core = forge_match_index_find (index, FORGE_TERM_CORE, self->core_text);
  if (self->name.call_sign[0])
    self->call = forge_match_index_find (index, FORGE_TERM_CALL, self->name.call_sign);
  find_station (self, index);
  find_skeleton (self, index);
  find_acronym (self);
  find_countries (self, index, &group);
  self->brand_at_home = has_brand_at_home (self, index);
  find_epg_id (self, index, query->epg_id);
}

/* -- candidates -------------------------------------------------------------------------------- */

static void
add_weight (const ForgeMatchIndex *index,
            ForgeMatchScratch *scratch,
            const ForgeMatchTerm *term,
            float weight)
{
  const guint32 *postings;

  if (!term || weight <= 0)
    return;
  postings = forge_match_index_postings (index, term);
  for (guint i = 0; i < MIN (term->n_postings, MAX_POSTINGS); i++) {
    if (scratch->weights[postings[i]] == 0)
      scratch->touched[scratch->n_touched++] = postings[i];
    scratch->weights[postings[i]] += weight;
  }
}

static gboolean
is_common (const ForgeQueryToken *token)
{
  return token->kind == FORGE_TOKEN_FILLER || token->kind == FORGE_TOKEN_NUMBER ||
         token->kind == FORGE_TOKEN_COUNTRY || token->kind == FORGE_TOKEN_PLACE;
}

/* A word that no guide channel has may be misspelt, cut or several words: look at its ends. */
static void
weigh_ends (const ForgeMatchIndex *index, const ForgeQueryToken *token, ForgeMatchScratch *scratch)
{
  char head[FORGE_MATCH_END_BYTES + 1];

  if (strlen (token->text) < FORGE_MATCH_END_BYTES)
    return;
  g_strlcpy (head, token->text, sizeof head);
  add_weight (index,
              scratch,
              forge_match_index_find (index, FORGE_TERM_HEAD, head),
              token->weight * 0.4f);
  add_weight (index,
              scratch,
              forge_match_index_find (index,
                                      FORGE_TERM_TAIL,
                                      token->text + strlen (token->text) - FORGE_MATCH_END_BYTES),
              token->weight * 0.4f);
}

static void
weigh_tokens (const ForgeMatchIndex *index, const ForgeQuery *query, ForgeMatchScratch *scratch)
{
  char pair[2 * FORGE_NAME_MAX_TEXT_BYTES];

  for (guint i = 0; i < query->n_tokens; i++) {
    const ForgeQueryToken *token = &query->tokens[i];

    if (token->term && (!is_common (token) || token->term->n_postings <= MAX_COMMON_POSTINGS))
      add_weight (index, scratch, token->term, token->weight);
    if (is_common (token))
      continue;
    if (!token->term)
      weigh_ends (index, token, scratch);
    /* "DiscoveryScience" here, two words there – or the reverse. */
    add_weight (index,
                scratch,
                forge_match_index_find (index, FORGE_TERM_PAIR, forge_name_token (&query->name, i)),
                token->weight);
    if (i + 1 == query->n_tokens || is_common (&query->tokens[i + 1]))
      continue;
    g_snprintf (pair,
                sizeof pair,
                "%s%s",
                forge_name_token (&query->name, i),
                query->tokens[i + 1].text);
    add_weight (index,
                scratch,
                forge_match_index_find (index, FORGE_TERM_TOKEN, pair),
                token->weight + query->tokens[i + 1].weight);
  }
}

/* A cheap forecast of forge_match_score (): share of both names in common, and the country. */
static float
guess_name (const ForgeMatchIndex *index, const ForgeQuery *query, guint32 number, float weight)
{
  const ForgeMatchName *name = forge_match_index_name (index, number);
  const ForgeMatchChannel *channel = forge_match_index_channel (index, name->channel);
  float guess = 2 * weight / (query->weight + name->weight + 0.1f);

  if (forge_country_set_is_empty (&query->countries) ||
      forge_country_set_is_empty (&channel->countries))
    return guess;
  if (forge_country_set_intersects (&query->countries, &channel->countries))
    return guess + 0.3f;
  return forge_country_set_intersects (&query->near, &channel->countries) ? guess + 0.1f : guess;
}

/* Keeps the best guesses in falling order, one per channel. */
static guint
keep_guess (Guess *kept, guint n, Guess guess)
{
  guint at;

  for (guint i = 0; i < n; i++) {
    if (kept[i].channel != guess.channel)
      continue;
    if (kept[i].guess >= guess.guess)
      return n;
    memmove (&kept[i], &kept[i + 1], (n - i - 1) * sizeof *kept);
    n--;
    break;
  }
  for (at = n; at > 0 && kept[at - 1].guess < guess.guess; at--)
    ;
  if (at == FORGE_MATCH_MAX_CANDIDATES)
    return n;
  n = MIN (n + 1, FORGE_MATCH_MAX_CANDIDATES);
  memmove (&kept[at + 1], &kept[at], (n - at - 1) * sizeof *kept);
  kept[at] = guess;
  return n;
}

guint
forge_match_candidates (const ForgeMatchIndex *index,
                        const ForgeQuery *query,
                        ForgeMatchScratch *scratch,
                        guint32 channels[FORGE_MATCH_MAX_CANDIDATES])
{
  Guess kept[FORGE_MATCH_MAX_CANDIDATES];
  guint n = 0;

  weigh_tokens (index, query, scratch);
  add_weight (index, scratch, query->full, query->weight);
  add_weight (index, scratch, query->core, query->weight);
  add_weight (index, scratch, query->skeleton, query->weight);
  add_weight (index, scratch, query->call, 2 * query->weight);
  add_weight (index, scratch, query->epg, 2 * query->weight);
  add_weight (index, scratch, query->epg_stem, query->weight);
  for (guint i = 0; i < scratch->n_touched; i++) {
    guint32 number = scratch->touched[i];
    Guess guess = { forge_match_index_name (index, number)->channel, 0 };

    guess.guess = guess_name (index, query, number, scratch->weights[number]);
    scratch->weights[number] = 0;
    if (n < FORGE_MATCH_MAX_CANDIDATES || guess.guess > kept[n - 1].guess)
      n = keep_guess (kept, n, guess);
  }
  scratch->n_touched = 0;
  for (guint i = 0; i < n; i++)
    channels[i] = kept[i].channel;
  return n;
}
