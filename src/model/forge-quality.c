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
    if (strcmp (token, table[i].token) == 0)
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

ForgeQuality
forge_quality_from_name (const char *name)
{
  if (!name || !g_utf8_validate (name, -1, NULL))
    return FORGE_QUALITY_UNKNOWN;

  /* NFKC turns superscript tokens (ᴴᴰ, ⁴ᴷ) into letters. */
  g_autofree char *plain = g_utf8_normalize (name, -1, G_NORMALIZE_ALL_COMPOSE);
  g_autofree char *folded = g_utf8_strdown (plain, -1);
  g_autoptr (GString) token = g_string_new (NULL);
  ForgeQuality best = FORGE_QUALITY_UNKNOWN, previous_full = FORGE_QUALITY_UNKNOWN;
  gboolean after_full = FALSE;

  for (const char *p = folded;; p = g_utf8_next_char (p)) {
    gunichar c = g_utf8_get_char (p);

    if (c && g_unichar_isalnum (c)) {
      g_string_append_unichar (token, c);
      continue;
    }
    if (token->len > 0) {
      ForgeQuality seen = quality_of_token (token->str);
      /* "FULL HD" is one word in two. */
      previous_full = after_full && seen == FORGE_QUALITY_HD ? FORGE_QUALITY_FHD : seen;
      best = better (best, previous_full);
      after_full = strcmp (token->str, "full") == 0;
      g_string_truncate (token, 0);
    }
    if (!c)
      return best;
  }
}
