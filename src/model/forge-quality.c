/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-quality.h"

#include <string.h>

/* Of a picture: more is another kind of number. */
#define MAX_LINES 8640

const char *
forge_quality_name (ForgeQuality quality)
{
  switch (quality) {
  case FORGE_QUALITY_4K:
    return "4K";
  case FORGE_QUALITY_FHD:
    return "FHD";
  case FORGE_QUALITY_HD:
    return "HD";
  case FORGE_QUALITY_SD:
    return "SD";
  case FORGE_QUALITY_UNKNOWN:
  default:
    return "unknown";
  }
}

ForgeQuality
forge_quality_parse (const char *name)
{
  static const ForgeQuality all[] = { FORGE_QUALITY_4K,
                                      FORGE_QUALITY_FHD,
                                      FORGE_QUALITY_HD,
                                      FORGE_QUALITY_SD };

  for (gsize i = 0; name && i < G_N_ELEMENTS (all); i++)
    if (g_ascii_strcasecmp (name, forge_quality_name (all[i])) == 0)
      return all[i];
  return FORGE_QUALITY_UNKNOWN;
}

/* Words that name a tier wherever they stand. What lies between two of the four tiers counts for
 * the lower one's better neighbour: 1440 lines are more than FHD and no 4K. */
static ForgeQuality
quality_of_word (const char *token)
{
  static const struct {
    const char *token;
    ForgeQuality quality;
  } table[] = {
    { "4k", FORGE_QUALITY_4K },      { "uhd", FORGE_QUALITY_4K },
    { "8k", FORGE_QUALITY_4K },      { "uhd4k", FORGE_QUALITY_4K },
    { "4kuhd", FORGE_QUALITY_4K },   { "uhdtv", FORGE_QUALITY_4K },
    { "fuhd", FORGE_QUALITY_4K },    { "uhd2", FORGE_QUALITY_4K },
    { "qfhd", FORGE_QUALITY_4K },    { "ultrahd", FORGE_QUALITY_4K },
    { "fhd", FORGE_QUALITY_FHD },    { "1080", FORGE_QUALITY_FHD },
    { "fhdtv", FORGE_QUALITY_FHD },  { "fullhd", FORGE_QUALITY_FHD },
    { "hd1080", FORGE_QUALITY_FHD }, { "qhd", FORGE_QUALITY_FHD },
    { "wqhd", FORGE_QUALITY_FHD },   { "2k", FORGE_QUALITY_FHD },
    { "hd", FORGE_QUALITY_HD },      { "720", FORGE_QUALITY_HD },
    { "hdtv", FORGE_QUALITY_HD },    { "hq", FORGE_QUALITY_HD },
    { "sd", FORGE_QUALITY_SD },      { "sdtv", FORGE_QUALITY_SD },
    { "lq", FORGE_QUALITY_SD },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (token[0] == table[i].token[0] && strcmp (token, table[i].token) == 0)
      return table[i].quality;
  return FORGE_QUALITY_UNKNOWN;
}

static ForgeQuality
quality_of_lines (gint64 lines)
{
  static const struct {
    int lines;
    ForgeQuality quality;
  } table[] = { { 2160, FORGE_QUALITY_4K },
                { 1080, FORGE_QUALITY_FHD },
                { 720, FORGE_QUALITY_HD },
                { 240, FORGE_QUALITY_SD } };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (lines >= table[i].lines)
      return table[i].quality;
  return FORGE_QUALITY_UNKNOWN;
}

/* "1080p", "1080i50", "2160p60", "1920x1080". */
static ForgeQuality
quality_of_size (const char *token)
{
  static const char *const rates[] = { "", "24", "25", "30", "50", "60", NULL };
  char *end = NULL;
  gint64 lines = g_ascii_strtoll (token, &end, 10);

  if (end == token || lines > MAX_LINES)
    return FORGE_QUALITY_UNKNOWN;
  if (*end == 'x') {
    lines = g_ascii_strtoll (end + 1, &end, 10);
    return *end || lines > MAX_LINES ? FORGE_QUALITY_UNKNOWN : quality_of_lines (lines);
  }
  if ((*end != 'p' && *end != 'i') || !g_strv_contains (rates, end + 1))
    return FORGE_QUALITY_UNKNOWN;
  return quality_of_lines (lines);
}

static ForgeQuality
quality_of_token (const char *token)
{
  ForgeQuality quality = quality_of_word (token);

  return quality == FORGE_QUALITY_UNKNOWN && g_ascii_isdigit (*token) ? quality_of_size (token)
                                                                      : quality;
}

/* Words of the language, too: they name a tier only as the last word of a name. */
static gboolean
is_low_at_end (const char *token)
{
  static const char *const words[] = { "dvd", "pal", "ntsc", "std",  "fd",     "low",
                                       "lbw", "3g",  "eco",  "lite", "mobile", NULL };

  return g_strv_contains (words, token);
}

/* Better of two readings; any named tier beats "unknown". */
static ForgeQuality
better (ForgeQuality a, ForgeQuality b)
{
  if (a == FORGE_QUALITY_UNKNOWN)
    return b;
  if (b == FORGE_QUALITY_UNKNOWN)
    return a;
  return MAX (a, b);
}

/* What the words so far say. */
typedef struct {
  ForgeQuality best;
  guint words;
  gboolean after_full, after_ultra; /* "FULL HD" and "ULTRA HD" are one word in two */
  gboolean is_low;                  /* the word is one that counts at the end only */
} Reading;

static void
read_token (Reading *reading, const char *token)
{
  ForgeQuality seen = quality_of_token (token);

  if (seen == FORGE_QUALITY_HD && reading->after_full)
    seen = FORGE_QUALITY_FHD;
  else if (seen == FORGE_QUALITY_HD && reading->after_ultra)
    seen = FORGE_QUALITY_4K;
  reading->best = better (reading->best, seen);
  reading->after_full = strcmp (token, "full") == 0;
  reading->after_ultra = strcmp (token, "ultra") == 0;
  reading->is_low = reading->words++ > 0 && is_low_at_end (token);
}

static ForgeQuality
finish (const Reading *reading)
{
  return reading->is_low ? better (reading->best, FORGE_QUALITY_SD) : reading->best;
}

/* Longer words are no quality. */
#define MAX_TOKEN_BYTES 16

/* `folded` is lower case; letters beyond ASCII belong to words. */
static ForgeQuality
quality_of_words (const char *folded)
{
  Reading reading = { .best = FORGE_QUALITY_UNKNOWN };
  char token[MAX_TOKEN_BYTES];
  gsize length = 0;

  for (const char *p = folded;; p = g_utf8_next_char (p)) {
    gunichar c = (guchar)*p < 0x80 ? (gunichar)(guchar)*p : g_utf8_get_char (p);

    if (c < 0x80 ? g_ascii_isalnum ((char)c) : g_unichar_isalnum (c)) {
      if (length < sizeof token - 1)
        token[length++] = c < 0x80 ? g_ascii_tolower ((char)c) : '?';
      continue;
    }
    token[length] = 0;
    if (length > 0)
      read_token (&reading, token);
    length = 0;
    if (!c)
      return finish (&reading);
  }
}

ForgeQuality
forge_quality_from_name (const char *name)
{
  if (!name)
    return FORGE_QUALITY_UNKNOWN;
  if (g_str_is_ascii (name))
    return quality_of_words (name);
  if (!g_utf8_validate (name, -1, NULL))
    return FORGE_QUALITY_UNKNOWN;

  /* NFKC turns superscript tokens (ᴴᴰ, ⁴ᴷ) into letters. */
  g_autofree char *plain = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_strdown (plain, -1);
  return quality_of_words (folded);
}
