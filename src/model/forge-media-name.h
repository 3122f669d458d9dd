/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-quality.h"

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeMediaName: what a provider's name of a film or series says.
 *
 *   "4K-DE| Der Film (2021) [MULTI] {tmdb-550}" → "Der Film", 2021, DE, 4K, 550
 *
 * Only what is surely no part of the title is taken off: codes from a table in front of a
 * separator, brackets of codes at the end, one year at the end. "(US)" stays: it tells series
 * apart.
 */
typedef struct {
  char *title;    /* never NULL or empty for a text that is neither */
  char *language; /* upper-case code, NULL = none */
  int year;       /* 0 = none */
  gint64 tmdb_id; /* 0 = none */
  ForgeQuality quality;
} ForgeMediaName;

/* `name`: valid UTF-8. Thread: any. */
void forge_media_name_parse (const char *name, ForgeMediaName *out);
void forge_media_name_clear (ForgeMediaName *name);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeMediaName, forge_media_name_clear)

/* The first plausible year (1880–2100) at the start of `text` ("2021-05-01"), 0 = none. */
int forge_media_year (const char *text);

/* For comparing titles: case, accents, width and punctuation do not count, "&" is "and". Never
 * empty for a title that is not: one of signs only stays as it is. Returns: (transfer full). */
char *forge_media_fold (const char *title) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
