/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-matcher-model.h"
#include "guide/forge-matcher.h"
#include "guide/forge-name.h"

G_BEGIN_DECLS

/* Guide channels scored in full for one stream; more share no more than common words. */
#define FORGE_MATCH_MAX_CANDIDATES 16

/* Below this a best candidate is no match: more of them are wrong than right. */
#define FORGE_MATCH_MIN_CONFIDENCE 0.5

/* Letters that a HEAD or TAIL term has. */
#define FORGE_MATCH_END_BYTES 4

/* One token of a guide name. */
typedef struct {
  guint32 term; /* index of ForgeMatchIndex.terms */
  guint8 kind;  /* ForgeTokenKind */
  guint8 aside;
} ForgeMatchToken;

#define FORGE_MATCH_NO_TERM G_MAXUINT32

typedef enum {
  FORGE_MATCH_DISPLAY,
  FORGE_MATCH_ID,     /* read from the XMLTV id */
  FORGE_MATCH_FORMER, /* a name before or after a rebranding */
} ForgeMatchNameKind;

/* One name of a guide channel. */
typedef struct {
  guint32 channel;
  guint32 first_token;
  guint16 n_tokens;
  guint8 kind; /* ForgeMatchNameKind */
  guint8 is_arabic;
  guint8 shift_hours;
  guint8 quality; /* ForgeQuality */
  float weight;   /* of all tokens */
  guint32 full;   /* term of all tokens joined, and of the telling ones */
  guint32 core;
  guint32 skeleton; /* or FORGE_MATCH_NO_TERM */
} ForgeMatchName;

typedef struct {
  gint64 id;
  char *xmltv_id;
  char *display; /* first display-name */
  guint32 first_name;
  guint16 n_names;
  guint8 region;     /* ForgeRegion */
  gint8 shift_hours; /* of the first name or the feed */
  gint8 feed_shift;
  gint8 sub_channel;
  char call_sign[8];
  ForgeCountrySet countries; /* where it is shown */
  ForgeCountrySet near;      /* where it is shown too, beside local channels */
} ForgeMatchChannel;

/* What channels are found by. `text` begins with a sign for its kind. */
typedef struct {
  const char *text;
  guint32 first_posting; /* ascending names */
  guint32 n_postings;
  float idf; /* 0…1: 1 = in one channel only */
} ForgeMatchTerm;

typedef enum {
  FORGE_TERM_TOKEN = ' ',    /* one token */
  FORGE_TERM_PAIR = '_',     /* two neighbours joined */
  FORGE_TERM_FULL = '=',     /* a whole name joined */
  FORGE_TERM_CORE = '~',     /* a whole name without fillers and countries */
  FORGE_TERM_CALL = '@',     /* call sign */
  FORGE_TERM_ID = '#',       /* XMLTV id, case folded */
  FORGE_TERM_SKELETON = '%', /* consonants, between Arabic and Latin script */
  FORGE_TERM_HEAD = '<',     /* first letters of a word */
  FORGE_TERM_TAIL = '>',     /* last letters of a word */
  FORGE_TERM_STEM = '^',     /* letters and digits of an id without country */
} ForgeTermKind;

/* Private to forge-matcher-index.c but for the readers below, which are asked millions of times. */
typedef struct {
  GStringChunk *strings;
  GHashTable *term_ids; /* text → index + 1 */
  GArray *terms;        /* ForgeMatchTerm */
  GArray *channels;     /* ForgeMatchChannel */
  GArray *names;        /* ForgeMatchName */
  GArray *tokens;       /* ForgeMatchToken */
  GArray *pending;      /* (term, name), until the freeze */
  guint32 *postings;
  ForgeNeighbourhoods neighbourhoods;
  ForgeCountrySet exporters; /* countries whose channels are sold everywhere */
  ForgeCountrySet arab;
  ForgeCountrySet covered; /* countries that the guide has channels of */
} ForgeMatchIndex;

static inline const ForgeMatchChannel *
forge_match_index_channel (const ForgeMatchIndex *index, guint32 channel)
{
  return &g_array_index (index->channels, ForgeMatchChannel, channel);
}

static inline const ForgeMatchName *
forge_match_index_name (const ForgeMatchIndex *index, guint32 name)
{
  return &g_array_index (index->names, ForgeMatchName, name);
}

static inline const ForgeMatchToken *
forge_match_index_tokens (const ForgeMatchIndex *index, const ForgeMatchName *name)
{
  return &g_array_index (index->tokens, ForgeMatchToken, name->first_token);
}

static inline const ForgeMatchTerm *
forge_match_index_term (const ForgeMatchIndex *index, guint32 term)
{
  return &g_array_index (index->terms, ForgeMatchTerm, term);
}

static inline const guint32 *
forge_match_index_postings (const ForgeMatchIndex *index, const ForgeMatchTerm *term)
{
  return index->postings + term->first_posting;
}

ForgeMatchIndex *forge_match_index_new (void);
void forge_match_index_free (ForgeMatchIndex *index);
void forge_match_index_add (ForgeMatchIndex *index,
                            gint64 id,
                            const char *xmltv_id,
                            const char *const *names);
void forge_match_index_freeze (ForgeMatchIndex *index);

/* NULL if no name has it. */
const ForgeMatchTerm *
forge_match_index_find (const ForgeMatchIndex *index, ForgeTermKind kind, const char *text);
/* Letters and digits of an id without its country (".uk"), for comparing ids of different schemes.
 */
void forge_match_stem (const char *id, char *out, gsize size);
/* What a token counts for; `idf` 1 = no guide channel has it. */
float forge_match_weight (ForgeTokenKind kind, gboolean aside, float idf);

/* One token of the stream's name. */
typedef struct {
  const char *text;           /* without a plural s */
  const ForgeMatchTerm *term; /* NULL = no guide channel has it */
  guint8 length, kind, aside;
  float weight;
} ForgeQueryToken;

/* A stream, taken apart. */
typedef struct {
  ForgeName name;
  guint n_tokens;
  ForgeQueryToken tokens[FORGE_NAME_MAX_TOKENS];
  float weight; /* of all tokens */
  ForgeCountrySet countries, near;
  gboolean country_by_group; /* only the category says it */
  gboolean event_group;
  gboolean brand_at_home; /* the guide has channels of the stream's country that begin like it */
  gboolean is_arabic;
  gboolean is_affiliate; /* begins with a US network */
  const ForgeMatchTerm *full, *core, *call, *epg, *epg_stem, *skeleton;
  /* token `acronym` stands for `n_acronym` tokens from `acronym_of` on; 0 = there is none */
  guint acronym, acronym_of, n_acronym;
  char stems[FORGE_NAME_MAX_TEXT_BYTES];
  char full_text[FORGE_NAME_MAX_TEXT_BYTES + 1], core_text[FORGE_NAME_MAX_TEXT_BYTES + 1];
} ForgeQuery;

void
forge_query_init (ForgeQuery *self, const ForgeMatchIndex *index, const ForgeMatchQuery *query);

/* Reusable memory of one search. */
typedef struct _ForgeMatchScratch ForgeMatchScratch;
ForgeMatchScratch *forge_match_scratch_new (const ForgeMatchIndex *index);
void forge_match_scratch_free (ForgeMatchScratch *scratch);

/* Writes the channels worth a look, best guess first. Returns how many. */
guint forge_match_candidates (const ForgeMatchIndex *index,
                              const ForgeQuery *query,
                              ForgeMatchScratch *scratch,
                              guint32 channels[FORGE_MATCH_MAX_CANDIDATES]);

/* Compares the stream with one guide name. */
void forge_match_compare (const ForgeMatchIndex *index,
                          const ForgeQuery *query,
                          guint32 name,
                          double features[FORGE_N_FEATURES]);

/* The words that one of the names lacks, blank-separated, for sentences. */
void forge_match_differences (const ForgeMatchIndex *index,
                              const ForgeQuery *query,
                              guint32 name,
                              GString *stream_only,
                              GString *guide_only);

/* What was decided, with what led there. */
typedef struct {
  gboolean found;
  guint32 name; /* the best name */
  double features[FORGE_N_FEATURES];
  double score, confidence;
  gboolean has_rival;
  guint32 rival; /* name of the second best channel */
  double rival_features[FORGE_N_FEATURES];
  double rival_score;
} ForgeMatchDecision;

void forge_match_decide (const ForgeMatchIndex *index,
                         const ForgeQuery *query,
                         ForgeMatchScratch *scratch,
                         ForgeMatchDecision *decision);

/* Sentences for people. */
void forge_match_explain (const ForgeMatchIndex *index,
                          const ForgeMatchQuery *asked,
                          const ForgeQuery *query,
                          const ForgeMatchDecision *decision,
                          GPtrArray *reasons);

/* For the bench and the refit script. */
const ForgeMatchIndex *forge_matcher_index (const ForgeMatcher *matcher);

G_END_DECLS
