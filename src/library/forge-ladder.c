/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "library/forge-ladder.h"

static const struct {
  const char *name, *alias, *other_alias;
  int height;
  int from_height; /* what is nearer to it than to the step below */
} steps[] = {
  [FORGE_LADDER_AUTO] = { "auto", "best", "", 0, 0 },
  [FORGE_LADDER_360P] = { "360p", "360", "lq", 360, 1 },
  [FORGE_LADDER_480P] = { "480p", "480", "sd", 480, 420 },
  [FORGE_LADDER_720P] = { "720p", "720", "hd", 720, 600 },
  [FORGE_LADDER_1080P] = { "1080p", "1080", "fhd", 1080, 900 },
  [FORGE_LADDER_2160P] = { "2160p", "2160", "4k", 2160, 1620 },
};

const char *
forge_ladder_name (ForgeLadderStep step)
{
  return steps[step].name;
}

int
forge_ladder_height (ForgeLadderStep step)
{
  return steps[step].height;
}

ForgeLadderStep
forge_ladder_parse (const char *word)
{
  if (!word)
    return FORGE_LADDER_AUTO;
  if (g_ascii_strcasecmp (word, "uhd") == 0)
    return FORGE_LADDER_2160P;
  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    if (g_ascii_strcasecmp (word, steps[i].name) == 0 ||
        g_ascii_strcasecmp (word, steps[i].alias) == 0 ||
        g_ascii_strcasecmp (word, steps[i].other_alias) == 0)
      return (ForgeLadderStep)i;
  return FORGE_LADDER_AUTO;
}

ForgeLadderStep
forge_ladder_of_height (int height)
{
  guint step = G_N_ELEMENTS (steps) - 1;

  while (step > 0 && height < steps[step].from_height)
    step--;
  return (ForgeLadderStep)step;
}

ForgeLadderStep
forge_ladder_of_quality (ForgeQuality quality)
{
  switch (quality) {
  case FORGE_QUALITY_4K:
    return FORGE_LADDER_2160P;
  case FORGE_QUALITY_FHD:
    return FORGE_LADDER_1080P;
  case FORGE_QUALITY_HD:
    return FORGE_LADDER_720P;
  case FORGE_QUALITY_SD:
    return FORGE_LADDER_480P;
  case FORGE_QUALITY_UNKNOWN:
  default:
    return FORGE_LADDER_AUTO;
  }
}
