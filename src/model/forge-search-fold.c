/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-search-fold.h"

#include <string.h>

/* What a person types into a search field is short; more words than this say nothing. */
#define MAX_WORDS 16

static char *
without_marks (const char *text)
{
  GString *plain = g_string_sized_new (strlen (text));

  for (const char *at = text; *at; at = g_utf8_next_char (at)) {
    gunichar character = g_utf8_get_char (at);
    if (!g_unichar_ismark (character))
      g_string_append_unichar (plain, character);
  }
  return g_string_free (plain, FALSE);
}

char *
forge_search_fold (const char *text)
{
  if (!text || g_str_is_ascii (text))
    return g_ascii_strdown (text ? text : "", -1);
  g_autofree char *valid = g_utf8_make_valid (text, -1);
  g_autofree char *parts = g_utf8_normalize (valid, -1, G_NORMALIZE_ALL);
  g_autofree char *plain = without_marks (parts);
  return g_utf8_casefold (plain, -1);
}

char **
forge_search_words (const char *typed)
{
  g_autofree char *folded = forge_search_fold (typed);
  g_auto (GStrv) parts = g_strsplit_set (folded, " \t\n", -1);
  g_autoptr (GStrvBuilder) words = g_strv_builder_new ();
  guint count = 0;

  for (char **part = parts; *part && count < MAX_WORDS; part++)
    if (**part) {
      g_strv_builder_add (words, *part);
      count++;
    }
  return g_strv_builder_end (words);
}

gboolean
forge_search_matches (const char *folded, const char *const *words)
{
  for (; words && *words; words++)
    if (!strstr (folded, *words))
      return FALSE;
  return TRUE;
}
