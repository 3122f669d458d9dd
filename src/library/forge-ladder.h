/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-quality.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * The one ladder of picture sizes that downloads speak:
 * 2160p (4K, UHD) > 1080p (FHD) > 720p (HD) > 480p (SD) > 360p > auto.
 */
typedef enum {
  FORGE_LADDER_AUTO,
  FORGE_LADDER_360P,
  FORGE_LADDER_480P,
  FORGE_LADDER_720P,
  FORGE_LADDER_1080P,
  FORGE_LADDER_2160P,
} ForgeLadderStep;

/* "2160p" … "auto". Thread: any. */
const char *forge_ladder_name (ForgeLadderStep step);
/* A whole word: "1080p", "1080", "FHD", "4k"; "best", "auto" and what is not known are AUTO. */
ForgeLadderStep forge_ladder_parse (const char *word);
/* The step that a picture of so many lines belongs to; 0 = AUTO. */
ForgeLadderStep forge_ladder_of_height (int height);
ForgeLadderStep forge_ladder_of_quality (ForgeQuality quality);
/* Lines of the step, 0 for AUTO. */
int forge_ladder_height (ForgeLadderStep step);

G_END_DECLS
