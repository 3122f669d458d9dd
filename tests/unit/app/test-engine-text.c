/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "app/forge-engine-text.h"

#include <string.h>

static void
assert_text (const char *engine, const char *window)
{
  g_autofree char *text = forge_engine_text (engine);

  g_assert_cmpstr (text, ==, window);
}

static void
test_what_is_not_known_stays (void)
{
  assert_text (NULL, "");
  assert_text ("", "");
  assert_text ("Something else entirely", "Something else entirely");
  assert_text ("A percent sign %s and %d", "A percent sign %s and %d");
  assert_text ("There is no account yet, is there", "There is no account yet, is there");
}

static void
test_commands_become_places_in_the_window (void)
{
  assert_text (
      "Nothing has changed so far. Look at it with “streamforgectl refresh show 12”; if it is "
      "right, “streamforgectl refresh apply 12” applies it.",
      "Nothing has changed so far. Look at its changes on the page Sources and apply it "
      "there if they are right.");
  assert_text ("login: tv.example sent no JSON, but \"<html>\"",
               "tv.example is no Xtream server; it sent “<html>”");
}

static void
test_reasons_within_are_looked_up_too (void)
{
  assert_text ("Guide “A” was not updated: login: tv.example tells neither auth nor status of the "
               "account",
               "Guide “A” was not updated: tv.example says nothing about the account");
}

/* A guide is said to lack several things at once. */
static void
test_what_is_joined_is_taken_apart (void)
{
  assert_text ("x, login: tv.example tells neither auth nor status of the account, y",
               "x, tv.example says nothing about the account, y");
  assert_text ("a, b, c, d, e, f, g, h, i, j", "a, b, c, d, e, f, g, h, i, j");
}

static void
test_a_percent_sign_is_one (void)
{
  assert_text ("tv: the new list lacks 40 of 100 streams, more than 30 %",
               "tv: the new list lacks 40 of 100 streams, more than 30 %");
}

/* A name may look like a piece of the sentence, or of another one; and a provider may try to hurt.
 */
static void
test_strange_texts_end (void)
{
  GString *long_text = g_string_new ("x");

  for (guint i = 0; i < 400; i++)
    g_string_append (long_text, " of ");
  assert_text (long_text->str, long_text->str);
  for (guint i = 0; i < 100000; i++)
    g_string_append (long_text, ": the new list lacks ");
  assert_text (long_text->str, long_text->str);
  g_string_free (long_text, TRUE);
  assert_text ("Account “is “is” is” is active", "Account “is “is” is” is active");
}

/* A sentence behind one that takes its words would never be found. */
static void
test_every_sentence_finds_itself (void)
{
  for (const ForgeEngineSentence *each = forge_engine_sentences; each->engine; each++) {
    g_auto (GStrv) pieces = g_strsplit (each->engine, "%s", -1);
    g_autofree char *filled = g_strjoinv ("7", pieces);
    g_auto (GStrv) percents = g_strsplit (filled, "%%", -1);
    g_autofree char *text = g_strjoinv ("%", percents);
    g_autofree char *shown = forge_engine_text (text);
    const char *wanted = each->window ? each->window : each->engine;
    g_auto (GStrv) wanted_pieces = g_strsplit (wanted, "%s", -1);
    g_autofree char *wanted_filled = g_strjoinv ("7", wanted_pieces);
    g_auto (GStrv) wanted_percents = g_strsplit (wanted_filled, "%%", -1);
    g_autofree char *wanted_text = g_strjoinv ("%", wanted_percents);
    g_assert_cmpstr (shown, ==, wanted_text);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/app/engine-text/what-is-not-known-stays", test_what_is_not_known_stays);
  g_test_add_func ("/app/engine-text/commands-become-places-in-the-window",
                   test_commands_become_places_in_the_window);
  g_test_add_func ("/app/engine-text/reasons-within-are-looked-up-too",
                   test_reasons_within_are_looked_up_too);
  g_test_add_func ("/app/engine-text/what-is-joined-is-taken-apart",
                   test_what_is_joined_is_taken_apart);
  g_test_add_func ("/app/engine-text/a-percent-sign-is-one", test_a_percent_sign_is_one);
  g_test_add_func ("/app/engine-text/strange-texts-end", test_strange_texts_end);
  g_test_add_func ("/app/engine-text/every-sentence-finds-itself",
                   test_every_sentence_finds_itself);
  return g_test_run ();
}
