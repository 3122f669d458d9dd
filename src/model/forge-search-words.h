/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Texts as words for an index: of letters and digits only, lower case, compatibility forms unified,
 * accents gone, so that "strasse" is "Straße" and "tele" begins "Télévision". Chinese and Japanese
 * signs are words each, because nothing parts them. What was indexed and what is looked for must
 * both come from here.
 */

/* Appends the words of `text` (valid UTF-8, `length` bytes) to `words`, one blank before each.
 * Thread: any. */
void forge_search_add_words (GString *words, const char *text, gsize length);

/* More words than this of a query say nothing. */
#define FORGE_SEARCH_MAX_WORDS 16

/* The words of what a person typed, at most FORGE_SEARCH_MAX_WORDS; empty if there is none.
 * Returns: (transfer full). */
char **forge_search_query (const char *typed) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
