/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-search-words.h"

#include <string.h>

/* Letters that Unicode does not take apart, and what people type for them. */
static const struct {
  gunichar letter;
  const char *plain;
} plain_letters[] = {
  { 0x00DF, "ss" }, /* ß */
  { 0x00E6, "ae" }, /* æ */
  { 0x00F0, "d" },  /* ð */
  { 0x00F8, "o" },  /* ø */
  { 0x00FE, "th" }, /* þ */
  { 0x0111, "d" },  /* đ */
  { 0x0131, "i" },  /* ı */
  { 0x0142, "l" },  /* ł */
  { 0x0153, "oe" }, /* œ */
};

/* Scripts that write words without blanks between them. */
static gboolean
is_word_by_itself (gunichar letter)
{
  return (letter >= 0x3040 && letter <= 0x30FF) || (letter >= 0x3400 && letter <= 0x4DBF) ||
         (letter >= 0x4E00 && letter <= 0x9FFF) || (letter >= 0xF900 && letter <= 0xFAFF) ||
         (letter >= 0x20000 && letter <= 0x3FFFF);
}

static const char *
find_plain (gunichar letter)
{
  for (guint i = 0; i < G_N_ELEMENTS (plain_letters); i++)
    if (plain_letters[i].letter == letter)
      return plain_letters[i].plain;
  return NULL;
}

/* Returns TRUE if a word is open behind it. */
static gboolean
add_letter (GString *words, gunichar letter, gboolean in_word)
{
  gunichar lower = g_unichar_tolower (letter);
  gboolean is_alone = is_word_by_itself (lower);
  const char *plain = find_plain (lower);

  if (!g_unichar_isalnum (lower))
    return FALSE;
  if (!in_word || is_alone)
    g_string_append_c (words, ' ');
  if (plain)
    g_string_append (words, plain);
  else
    g_string_append_unichar (words, lower);
  return !is_alone;
}

static gboolean
add_character (GString *words, gunichar character, gboolean in_word)
{
  gunichar parts[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];
  gsize n = g_unichar_fully_decompose (character, TRUE, parts, G_N_ELEMENTS (parts));

  for (gsize i = 0; i < n; i++)
    if (!g_unichar_ismark (parts[i]))
      in_word = add_letter (words, parts[i], in_word);
  return in_word;
}

void
forge_search_add_words (GString *words, const char *text, gsize length)
{
  const char *end = text + length;
  gboolean in_word = FALSE;

  while (text < end) {
    guchar c = (guchar)*text;
    if (c >= 0x80) {
      in_word = add_character (words, g_utf8_get_char (text), in_word);
      text = g_utf8_next_char (text);
      continue;
    }
    text++;
    if (!g_ascii_isalnum (c)) {
      in_word = FALSE;
      continue;
    }
    if (!in_word)
      g_string_append_c (words, ' ');
    g_string_append_c (words, g_ascii_tolower ((char)c));
    in_word = TRUE;
  }
}

char **
forge_search_query (const char *typed)
{
  g_autofree char *valid = g_utf8_make_valid (typed ? typed : "", -1);
  g_autoptr (GString) words = g_string_new (NULL);

  forge_search_add_words (words, valid, strlen (valid));
  if (words->len == 0)
    return g_new0 (char *, 1);
  char **list = g_strsplit (words->str + 1, " ", FORGE_SEARCH_MAX_WORDS + 1);
  /* The last one is all the rest. */
  if (g_strv_length (list) > FORGE_SEARCH_MAX_WORDS)
    g_clear_pointer (&list[FORGE_SEARCH_MAX_WORDS], g_free);
  return list;
}
