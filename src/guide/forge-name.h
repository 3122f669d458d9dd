/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-country.h"
#include "model/forge-quality.h"

G_BEGIN_DECLS

#define FORGE_NAME_MAX_TOKENS     20
#define FORGE_NAME_MAX_TEXT_BYTES 256

/* Where a name comes from. */
typedef enum {
  FORGE_NAME_OF_STREAM,
  FORGE_NAME_OF_GUIDE,    /* a display-name */
  FORGE_NAME_OF_GUIDE_ID, /* an XMLTV id without its ".cc@feed": case changes end words */
} ForgeNameOrigin;

typedef enum {
  FORGE_NAME_CHANNEL,
  FORGE_NAME_EMPTY,     /* nothing but decoration */
  FORGE_NAME_SEPARATOR, /* "##### UK #####" */
  FORGE_NAME_LOOP,      /* "24/7: …": one programme in a loop */
} ForgeNameKind;

typedef enum {
  FORGE_TOKEN_WORD,
  FORGE_TOKEN_DESCRIPTOR, /* "news", "extra": what sister channels differ by */
  FORGE_TOKEN_FILLER,     /* "tv", "channel" */
  FORGE_TOKEN_NUMBER,
  FORGE_TOKEN_COUNTRY, /* "germany", "(AL)" */
  FORGE_TOKEN_PLACE,   /* a US state code beside a town */
} ForgeTokenKind;

typedef enum {
  FORGE_REGION_NONE,
  FORGE_REGION_EAST,
  FORGE_REGION_WEST, /* Pacific */
} ForgeRegion;

typedef struct {
  guint16 text; /* offset in ForgeName.text, NUL-terminated */
  guint8 length;
  guint8 stem;        /* bytes without a plural s */
  guint8 kind;        /* ForgeTokenKind */
  gboolean aside : 1; /* inside brackets */
} ForgeNameToken;

/**
 * ForgeName: one channel name taken apart. Plain value, no allocation.
 *
 * Tokens are folded and canonical ("sports" → "sport", "II" → "2"); prefix, quality, tags, region
 * and time shift are no tokens but fields.
 */
typedef struct {
  ForgeNameKind kind;
  guint n_tokens;
  ForgeNameToken tokens[FORGE_NAME_MAX_TOKENS];
  ForgeCountrySet prefix;          /* "UK| …"; empty = says nothing */
  ForgeCountrySet iso;             /* … if its code is read as ISO 3166 */
  ForgeCountrySet words;           /* countries named among the tokens */
  gboolean has_unknown_prefix : 1; /* "|XYZ| …" that names no country we know */
  ForgeQuality quality;
  ForgeRegion region;
  int shift_hours;
  char call_sign[8]; /* US station, "" = none */
  int sub_channel;   /* of the station: 0 = main or unsaid */
  guint16 used;
  char text[FORGE_NAME_MAX_TEXT_BYTES];
} ForgeName;

/* Takes `text` apart. `home` (may be NULL): countries known from elsewhere, so that "MTV DE" reads
 * as MTV of Germany. */
void forge_name_parse (ForgeName *name,
                       const char *text,
                       ForgeNameOrigin origin,
                       const ForgeCountrySet *home);

/* Countries that a category such as "|AR| ARABIC SPORTS" or "Germany HD" points to. */
void forge_name_parse_group (const char *group, ForgeCountrySet *countries);

/* The text of token `index`. Returns: (transfer none). */
const char *forge_name_token (const ForgeName *name, guint index);

/* Writes the text of token `index` without a plural s. */
void forge_name_stem (const ForgeName *name, guint index, char *out, gsize size);

/* Joins the tokens; `telling`: without fillers, countries and places. */
void forge_name_join (const ForgeName *name, gboolean telling, char *out, gsize size);

/* TRUE for the shape of a US call sign: K or W and two or three letters, or K38IZ. */
gboolean forge_name_is_call_sign (const char *folded);
/* TRUE for a US network whose stations carry its name: "abc", "fox". */
gboolean forge_name_is_affiliate (const char *folded);

/* As forge_matcher_clean_name (). */
char *forge_name_clean (const char *text) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
