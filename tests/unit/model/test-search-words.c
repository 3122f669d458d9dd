/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "model/forge-search-words.h"

#include <string.h>

static void
assert_words (const char *text, const char *expected)
{
  g_autoptr (GString) words = g_string_new (NULL);

  forge_search_add_words (words, text, strlen (text));
  g_assert_cmpstr (words->str, ==, expected);
}

static void
test_words_are_letters_and_digits (void)
{
  assert_words ("", "");
  assert_words (" -*\"'()", "");
  assert_words ("News: the 10 o'clock", " news the 10 o clock");
  assert_words ("a\"b\"", " a b");
}

static void
test_accents_and_forms_do_not_matter (void)
{
  assert_words ("Télé ÉTÉ", " tele ete");
  assert_words ("Te\xcc\x81le\xcc\x81", " tele");
  assert_words ("STRASSE Straße", " strasse strasse");
  assert_words ("Łódź Ærø Œuvre", " lodz aero oeuvre");
  assert_words ("ＨＤ ﬁlm ⁶⁰", " hd film 60");
  assert_words ("МОСКВА Ήλιος", " москва ηλιος");
}

static void
test_signs_without_blanks_are_words_each (void)
{
  assert_words ("今日TV", " 今 日 tv");
  assert_words ("ニュース", " ニ ュ ー ス");
}

static void
test_a_query_is_bounded (void)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; i < 40; i++)
    g_string_append_printf (text, "w%u ", i);
  g_auto (GStrv) many = forge_search_query (text->str);
  g_assert_cmpuint (g_strv_length (many), ==, FORGE_SEARCH_MAX_WORDS);
  g_assert_cmpstr (many[15], ==, "w15");
  g_auto (GStrv) none = forge_search_query (" ?! ");
  g_assert_cmpuint (g_strv_length (none), ==, 0);
  g_auto (GStrv) nothing = forge_search_query (NULL);
  g_assert_cmpuint (g_strv_length (nothing), ==, 0);
  g_auto (GStrv) broken = forge_search_query ("a\xff"
                                              "b");
  g_assert_cmpstr (broken[0], ==, "a");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/search-words/words-are-letters-and-digits",
                   test_words_are_letters_and_digits);
  g_test_add_func ("/model/search-words/accents-and-forms-do-not-matter",
                   test_accents_and_forms_do_not_matter);
  g_test_add_func ("/model/search-words/signs-without-blanks-are-words-each",
                   test_signs_without_blanks_are_words_each);
  g_test_add_func ("/model/search-words/a-query-is-bounded", test_a_query_is_bounded);
  return g_test_run ();
}
