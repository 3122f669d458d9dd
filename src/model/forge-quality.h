/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Picture size class of a stream. A larger value is tried first (docs: facts "Quality ladder"). */
typedef enum {
  FORGE_QUALITY_SD = 1,
  FORGE_QUALITY_UNKNOWN,
  FORGE_QUALITY_HD,
  FORGE_QUALITY_FHD,
  FORGE_QUALITY_4K,
} ForgeQuality;

/* "4K", "FHD", "HD", "SD" or "unknown": the words of the JSON contract. Thread: any. */
const char *forge_quality_name (ForgeQuality quality);
/* The reverse; any other word is FORGE_QUALITY_UNKNOWN. */
ForgeQuality forge_quality_parse (const char *name);

/* Reads the quality from whole tokens of a stream name: "UK| Sky News FHD", "ᵁᴴᴰ", "1080p",
 * "(4K)". "HDNet" or "4Kids" say nothing. The best tier named wins. `name` may be NULL. */
ForgeQuality forge_quality_from_name (const char *name);

G_END_DECLS
