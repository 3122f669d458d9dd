/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-quality.h"

#include <string.h>

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

static ForgeQuality
quality_of_token (const char *token)
{
  static const struct {
    const char *token;
    ForgeQuality quality;
  } table[] = {
    { "4k", FORGE_QUALITY_4K },    { "uhd", FORGE_QUALITY_4K },     { "2160p", FORGE_QUALITY_4K },
    { "3840p", FORGE_QUALITY_4K }, { "8k", FORGE_QUALITY_4K },      { "uhd4k", FORGE_QUALITY_4K },
    { "fhd", FORGE_QUALITY_FHD },  { "1080p", FORGE_QUALITY_FHD },  { "1080i", FORGE_QUALITY_FHD },
    { "1080", FORGE_QUALITY_FHD }, { "fullhd", FORGE_QUALITY_FHD }, { "hd", FORGE_QUALITY_HD },
    { "720p", FORGE_QUALITY_HD },  { "720", FORGE_QUALITY_HD },     { "hdtv", FORGE_QUALITY_HD },
    { "sd", FORGE_QUALITY_SD },    { "480p", FORGE_QUALITY_SD },    { "576p", FORGE_QUALITY_SD },
    { "576i", FORGE_QUALITY_SD },  { "360p", FORGE_QUALITY_SD },    { "lq", FORGE_QUALITY_SD },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (token[0] == table[i].token[0] && strcmp (token, table[i].token) == 0)
      return table[i].quality;
  return FORGE_QUALITY_UNKNOWN;
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
  gboolean after_full; /* "FULL HD" is one word in two */
} Reading;

static void
read_token (Reading *reading, const char *token)
{
  ForgeQuality seen = quality_of_token (token);

  if (reading->after_full && seen == FORGE_QUALITY_HD)
    seen = FORGE_QUALITY_FHD;
  reading->best = better (reading->best, seen);
  reading->after_full = strcmp (token, "full") == 0;
}

/* Longer words are no quality. */
#define MAX_TOKEN_BYTES 16

/* `folded` is lower case; letters beyond ASCII belong to words. */
static ForgeQuality
quality_of_words (const char *folded)
{
  Reading reading = { FORGE_QUALITY_UNKNOWN, FALSE };
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
      return reading.best;
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
