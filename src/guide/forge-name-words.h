/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-country.h"

G_BEGIN_DECLS

/* What a folded word means in channel names. */
typedef enum {
  FORGE_WORD_PLAIN,      /* not in the table */
  FORGE_WORD_ALIAS,      /* a spelling or abbreviation of `becomes` */
  FORGE_WORD_CODE,       /* a country, but only where a code is expected (prefix, "(AL)") */
  FORGE_WORD_COUNTRY,    /* a country, anywhere */
  FORGE_WORD_GROUP,      /* several countries: "exyu", "latin", "ar" */
  FORGE_WORD_LABEL,      /* a prefix that says nothing of the channel: "roku", "ppv" */
  FORGE_WORD_QUALITY,    /* "fhd" */
  FORGE_WORD_TAG,        /* "hevc", "backup" */
  FORGE_WORD_FILLER,     /* "tv", "channel" */
  FORGE_WORD_NUMBER,     /* "two" */
  FORGE_WORD_REGION,     /* "east", "pacific" */
  FORGE_WORD_DESCRIPTOR, /* tells sister channels apart: "news", "kids", "extra" */
} ForgeWordKind;

typedef struct {
  const char *word;
  guint8 kind; /* ForgeWordKind */
  /* ALIAS: the words to read instead; NUMBER: its digits; REGION: "e", "w" or "m"; CODE, COUNTRY
   * and GROUP: ISO codes, blank-separated; otherwise NULL */
  const char *becomes;
} ForgeWord;

/* NULL for a plain word. `word` is folded (forge-name-fold.h). */
const ForgeWord *forge_word_find (const char *word);
/* Adds the countries that a CODE, COUNTRY or GROUP stands for. */
void forge_word_add_countries (const ForgeWord *word, ForgeCountrySet *set);

/* Size and order of the table, for tests. */
guint forge_word_count (void);
const ForgeWord *forge_word_at (guint index);

G_END_DECLS
