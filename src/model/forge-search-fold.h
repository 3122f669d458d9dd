/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* `text` as search compares it: case-folded, compatibility forms unified, accents gone, so that
 * "tele" finds "Télé" and "TELE". NULL or invalid UTF-8 is taken as far as it goes. Thread: any.
 * Returns: (transfer full), never NULL. */
char *forge_search_fold (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* The words of what a person typed, folded; empty when there is none. All of them have to be found.
 * Returns: (transfer full). */
char **forge_search_words (const char *typed) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE if every one of `words` is a part of `folded`. */
gboolean forge_search_matches (const char *folded, const char *const *words);

G_END_DECLS
