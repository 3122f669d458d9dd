/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-texts.h"

#include <string.h>

static void
assert_texts (const char *inner, const char *expected)
{
  /* Not NUL-terminated, so that a reader beyond the end is seen. */
  gsize length = strlen (inner);
  g_autofree char *copy = g_memdup2 (inner, length);
  g_autoptr (GString) out = g_string_new (NULL);

  forge_xmltv_append_texts (out, copy, length);
  g_assert_cmpstr (out->str, ==, expected);
}

static void
test_all_languages_are_taken (void)
{
  assert_texts ("\n<title lang=\"de\">Eins</title><title>One</title><sub-title>Two</sub-title>"
                "<desc>Three &amp; &#x34;</desc>",
                "\nEins\nOne\nTwo\nThree & 4");
}

static void
test_other_elements_are_passed_over (void)
{
  assert_texts ("<titles>no</titles><credits><actor>no</actor></credits><desc/><title/>"
                "<icon src=\"title\"/><title>yes</title>",
                "\nyes");
}

static void
test_markup_inside_of_a_text (void)
{
  assert_texts ("<!-- <title>no</title> --><desc><![CDATA[a < b > c]]> d<!-- no --> e</desc>",
                "\na < b > c d e");
}

static void
test_what_ends_early_gives_what_is_there (void)
{
  assert_texts ("<title>half", "\nhalf");
  assert_texts ("<title", "");
  assert_texts ("<desc><![CDATA[half", "\n");
  assert_texts ("<", "");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/xmltv-texts/all-languages-are-taken", test_all_languages_are_taken);
  g_test_add_func ("/formats/xmltv-texts/other-elements-are-passed-over",
                   test_other_elements_are_passed_over);
  g_test_add_func ("/formats/xmltv-texts/markup-inside-of-a-text", test_markup_inside_of_a_text);
  g_test_add_func ("/formats/xmltv-texts/what-ends-early-gives-what-is-there",
                   test_what_ends_early_gives_what_is_there);
  return g_test_run ();
}
