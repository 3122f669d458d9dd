/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv.h"

#include <expat.h>
#include <string.h>

/* What was read, as text: one line per item. */
typedef struct {
  GString *log;
  GString *inners; /* the programmes' content, in one document */
} Reading;

static void
on_channel (const ForgeXmltvChannel *channel, gpointer user_data)
{
  GString *log = ((Reading *)user_data)->log;

  g_string_append_printf (log, "channel %s", channel->id);
  for (guint i = 0; channel->names[i]; i++)
    g_string_append_printf (log, "|%s", channel->names[i]);
  if (channel->icon)
    g_string_append_printf (log, " icon=%s", channel->icon);
  if (channel->extra)
    g_string_append_printf (log, " extra=%s", channel->extra);
  g_string_append_c (log, '\n');
}

static void
on_programme (const ForgeXmltvProgramme *programme, gpointer user_data)
{
  Reading *reading = user_data;
  char start[21], stop[21];

  forge_xmltv_format_time (programme->start, start);
  forge_xmltv_format_time (programme->stop, stop);
  g_string_append_printf (reading->log,
                          "programme %s %.14s %s [%s]%s ",
                          programme->channel,
                          start,
                          programme->stop ? stop : "-",
                          programme->title,
                          programme->attributes ? programme->attributes : "");
  g_string_append_len (reading->log, programme->inner, (gssize)MIN (programme->inner_length, 1000));
  g_string_append_c (reading->log, '\n');
  g_string_append_printf (reading->inners,
                          "<p%s>",
                          programme->attributes ? programme->attributes : "");
  g_string_append_len (reading->inners, programme->inner, (gssize)programme->inner_length);
  g_string_append (reading->inners, "</p>");
}

/* Whatever is handed out must be well-formed in another document without a DTD. */
static void
assert_embeddable (const GString *inners)
{
  XML_Parser parser = XML_ParserCreateNS ("UTF-8", ' ');

  g_assert_cmpint (XML_Parse (parser, inners->str, (int)inners->len, 1), ==, XML_STATUS_OK);
  XML_ParserFree (parser);
}

/* Returns: (transfer full), the log. */
static char *
read_split (const char *data, gsize length, gsize piece, ForgeXmltvCounts *counts)
{
  static const ForgeXmltvHandler handler = { on_channel, on_programme };
  g_autoptr (GString) inners = g_string_new ("<all>");
  Reading reading = { g_string_new (NULL), inners };
  g_autoptr (ForgeXmltv) xmltv = forge_xmltv_new (&handler, &reading, 0);

  for (gsize at = 0; at < length; at += piece)
    forge_xmltv_push (xmltv, data + at, MIN (piece, length - at));
  forge_xmltv_end (xmltv, counts);
  g_string_append (inners, "</all>");
  assert_embeddable (inners);
  return g_string_free (reading.log, FALSE);
}

static char *
read_text (const char *text, ForgeXmltvCounts *counts)
{
  return read_split (text, strlen (text), strlen (text) + 1, counts);
}

static char *
load (const char *name, gsize *length)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "fixtures", "xmltv", name, NULL);
  g_autoptr (GError) error = NULL;
  char *data = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);
  return data;
}

static void
test_every_quirk_is_survived (void)
{
  gsize length;
  g_autofree char *data = load ("quirks.xml", &length);
  ForgeXmltvCounts counts;
  g_autofree char *log = read_split (data, length, length, &counts);
  g_auto (GStrv) lines = g_strsplit (log, "\n", -1);
  static const char *const expected[] = {
    "channel one.example|One & Only|Eins icon=http://logos.example/1.png "
    "extra=<icon src=\"http://logos.example/1b.png\"/><url>http://one.example</url>",
    "channel two.example|two.example",
    "programme one.example 20260131191500 20260131201500 +0000 [Fine] <title lang=\"de\">Fine"
    "</title><desc>as it is &#233; <![CDATA[</programme> & more]]></desc><x-unknown a='1'><y/>"
    "</x-unknown>",
    "programme one.example 20260131191500 - [No stop, no zone] <title>No stop, no zone</title>",
    "programme one.example 20260131191500 20260131221500 +0000 [No blanks] clumpidx=\"0/1\" "
    "<title>No blanks</title>",
    "programme two.example 20260131201500 - [Bare & ampersand \xC3\xA9\xC2\xA0&unknown; a < b] "
    "<title>Bare &amp; ampersand \xC3\xA9\xC2\xA0&amp;unknown; a &lt; b</title>",
    "programme two.example 20260131210000 20260131230000 +0000 [Control and and gone] "
    "<title>Control  and  and  gone</title>",
    "programme two.example 20260201000000 20260202000000 +0000 [Tags boldopen] "
    "<title>Tags <b>bold<br>open</br></b></title><desc>mismatch</desc>",
    "programme two.example 20260131231500 20260201001500 +0000 [&lol2;&ext;] "
    "catchup-id=\"a&quot;b\" <title>&amp;lol2;&amp;ext;</title>",
    "programme two.example 20260201011500 20260201021500 +0000 [Prefix] "
    "<x_rated>prefix of the root</x_rated><title>Prefix</title>",
    "programme two.example 20260201021500 20260201031500 +0000 [Never closed] "
    "<title>Never closed</title>",
    "programme two.example 20260201031500 20260201041500 +0000 [] ",
  };

  for (guint i = 0, line = 0; i < G_N_ELEMENTS (expected); i++, line++) {
    g_autofree char *wanted = g_strchomp (g_strdup (expected[i]));
    g_assert_cmpstr (g_strchomp (lines[line]), ==, wanted);
    /* The never closed one ends with the line end that stood before the next. */
    line += strstr (expected[i], "Never") != NULL;
  }
  g_assert_cmpuint (counts.channels, ==, 2);
  g_assert_cmpuint (counts.programmes, ==, 10);
  g_assert_cmpuint (counts.skipped, ==, 3);
  g_assert_cmpuint (counts.repaired, ==, 7);
  g_assert_true (counts.saw_root);
  g_assert_false (counts.truncated);
  g_assert_true (g_str_has_prefix (counts.first_error, "channel at byte "));
  g_assert_nonnull (strstr (counts.first_error, "no id"));
}

static void
test_any_split_gives_the_same (void)
{
  static const char *const names[] = { "quirks.xml",
                                       "latin1.xml",
                                       "utf16le.xml",
                                       "utf16be.xml",
                                       "bom-no-declaration.xml" };
  static const gsize pieces[] = { 1, 2, 3, 5, 7, 11, 64, 1000 };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    gsize length;
    ForgeXmltvCounts whole_counts, counts;
    g_autofree char *data = load (names[i], &length);
    g_autofree char *whole = read_split (data, length, length, &whole_counts);
    for (guint p = 0; p < G_N_ELEMENTS (pieces); p++) {
      memset (&counts, 0, sizeof counts);
      g_autofree char *log = read_split (data, length, pieces[p], &counts);
      g_assert_cmpstr (log, ==, whole);
      g_assert_cmpuint (counts.skipped, ==, whole_counts.skipped);
      g_assert_cmpuint (counts.repaired, ==, whole_counts.repaired);
      g_assert_cmpint (counts.truncated, ==, whole_counts.truncated);
      g_assert_cmpstr (counts.head, ==, whole_counts.head);
      g_assert_cmpstr (counts.first_error, ==, whole_counts.first_error);
    }
  }
}

static void
test_every_prefix_is_a_truncated_guide (void)
{
  gsize length;
  g_autofree char *data = load ("quirks.xml", &length);
  guint64 before = 0;

  for (gsize n = 0; n + 6 < length; n++) {
    ForgeXmltvCounts counts;
    g_free (read_split (data, n, n + 1, &counts));
    g_assert_true (counts.truncated);
    g_assert_cmpuint (counts.programmes, >=, before);
    before = counts.programmes;
  }
  g_assert_cmpuint (before, ==, 10);
}

static void
assert_first_line (const char *fixture, const char *expected, guint64 repaired)
{
  gsize length;
  ForgeXmltvCounts counts;
  g_autofree char *data = load (fixture, &length);
  g_autofree char *log = read_split (data, length, length, &counts);

  log[strcspn (log, "\n")] = '\0';
  g_assert_cmpstr (log, ==, expected);
  g_assert_cmpuint (counts.repaired, ==, repaired);
  g_assert_cmpuint (counts.skipped, ==, 0);
}

static void
test_encodings_become_utf8 (void)
{
  const char *tele = "channel l|T\xC3\xA9l\xC3\xA9";

  assert_first_line ("latin1.xml", tele, 0);
  assert_first_line ("utf8-called-latin1.xml", tele, 0);
  assert_first_line ("wrong-encoding.xml", tele, 2);
  assert_first_line ("utf16le.xml", "channel l|T\xC3\xA9l\xC3\xA9 \xF0\x9F\x98\x80", 0);
  assert_first_line ("utf16be.xml", "channel l|T\xC3\xA9l\xC3\xA9 \xF0\x9F\x98\x80", 0);
  assert_first_line ("cyrillic.xml",
                     "channel l|\xD0\x9F\xD0\xB5\xD1\x80\xD0\xB2\xD1\x8B\xD0\xB9",
                     0);
  assert_first_line ("bom-no-declaration.xml", "channel l|L", 0);
}

static void
test_what_is_no_guide_is_quoted (void)
{
  ForgeXmltvCounts counts;
  g_autofree char *html =
      read_text ("\n  <!DOCTYPE html>\n<html><head><title>403 it's Forbidden</title>", &counts);

  g_assert_cmpstr (html, ==, "");
  g_assert_false (counts.saw_root);
  g_assert_cmpstr (counts.head,
                   ==,
                   "<!DOCTYPE html> <html><head><title>403 it's Forbidden</title>");
  g_free (read_text ("", &counts));
  g_assert_false (counts.saw_root);
  g_assert_cmpstr (counts.head, ==, "");
  g_free (read_text ("<tv/>", &counts));
  g_assert_true (counts.saw_root);
  g_assert_false (counts.truncated);
  g_assert_cmpuint (counts.programmes + counts.channels + counts.skipped, ==, 0);
}

static char *
with_programme (const char *start_tag_end, const char *inner)
{
  return g_strconcat ("<tv><programme start='20260101' channel='c'",
                      start_tag_end,
                      inner,
                      "</programme><programme start='2026' channel='next'></programme></tv>",
                      NULL);
}

/* The item is refused, and the next one is read all the same. */
static void
assert_refused (const char *document, const char *problem)
{
  ForgeXmltvCounts counts;
  g_autofree char *log = read_text (document, &counts);

  g_assert_cmpuint (counts.skipped, ==, 1);
  g_assert_cmpuint (counts.programmes, ==, 1);
  g_assert_nonnull (strstr (log, "programme next"));
  g_assert_nonnull (strstr (counts.first_error, problem));
}

static void
test_limits_cost_one_item (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new (NULL);
  g_autofree char *huge = g_strnfill (1024 * 1024 + 10, 'x');

  for (int i = 0; i < 5000; i++)
    g_string_append (deep, "<d>");
  for (int i = 0; i < 5000; i++)
    g_string_append (deep, "</d>");
  for (int i = 0; i < 65; i++)
    g_string_append_printf (wide, " a%d='1'", i);
  g_string_append_c (wide, '>');

  g_autofree char *deep_document = with_programme (">", deep->str);
  g_autofree char *wide_document = with_programme (wide->str, "");
  g_autofree char *huge_document = with_programme (">", huge);
  assert_refused (deep_document, "deep");
  assert_refused (wide_document, "attributes");
  assert_refused (huge_document, "1 MiB");
}

static void
test_huge_items_are_refused_in_any_split (void)
{
  g_autofree char *huge = g_strnfill (1024 * 1024 + 10, 'x');
  g_autofree char *comment = g_strconcat ("<!-- </programme>", huge, "-->", NULL);
  g_autofree char *tag = g_strconcat (" a='", huge, "'>", NULL);
  g_autoptr (GPtrArray) documents = g_ptr_array_new_with_free_func (g_free);

  g_ptr_array_add (documents, with_programme (">", huge));
  g_ptr_array_add (documents, with_programme (">", comment));
  g_ptr_array_add (documents, with_programme (tag, ""));

  for (guint i = 0; i < documents->len; i++) {
    const char *document = g_ptr_array_index (documents, i);
    ForgeXmltvCounts counts;
    g_autofree char *log = read_split (document, strlen (document), 999, &counts);
    g_assert_cmpuint (counts.skipped, ==, 1);
    g_assert_cmpuint (counts.programmes, ==, 1);
    g_assert_nonnull (strstr (log, "programme next"));
    g_assert_false (counts.truncated);
  }
}

static void
test_endless_markup_is_read_in_linear_time (void)
{
  g_autoptr (GString) text = g_string_new ("<tv>");
  ForgeXmltvCounts counts;

  while (text->len < 8 * 1024 * 1024)
    g_string_append (text,
                     "<programme <!-- <programme a='<![CDATA[ <?x <!DOCTYPE [ </programme \"");
  gint64 begin_us = g_get_monotonic_time ();
  g_free (read_split (text->str, text->len, 4096, &counts));
  g_assert_cmpint (g_get_monotonic_time () - begin_us, <, 20 * G_USEC_PER_SEC);
  g_assert_true (counts.truncated);
}

static void
test_broken_quotes_cost_one_item (void)
{
  ForgeXmltvCounts counts;
  g_autofree char *log =
      read_text ("<tv><programme start=\"2026 channel=\"c\"><title>x</title></programme>"
                 "<programme start='2026' channel='b><title>y</title></programme>"
                 "<programme start='2026' channel='next'><title>z</title></programme\n></tv >",
                 &counts);

  g_assert_nonnull (strstr (log, "programme next"));
  g_assert_nonnull (strstr (log, "[z]"));
  g_assert_false (counts.truncated);
}

static void
test_an_end_tag_without_bracket_ends_its_item (void)
{
  ForgeXmltvCounts counts;
  g_autofree char *log = read_text ("<tv><programme start='2026' channel='a'><title>x</title>"
                                    "</programme <programme start='2026' channel='next'/>"
                                    "<channel id='c'><display-name>C</display-name></tv>",
                                    &counts);

  g_assert_nonnull (strstr (log, "programme a"));
  g_assert_nonnull (strstr (log, "programme next"));
  g_assert_nonnull (strstr (log, "channel c|C"));
  g_assert_cmpuint (counts.skipped, ==, 0);
  g_assert_false (counts.truncated);
}

/* With a comment in it an item is read by expat; `%s` is where it goes. */
static void
test_the_fast_path_reads_as_expat_does (void)
{
  static const char *const programmes[] = {
    "<programme start='2026' channel='a &amp; b' x=\"&lt;'&#233;\"><title>T &amp; &#x20AC;</title>%s",
    "<programme  start=\"2026\"  channel=\"c\" ><title> </title><title> a\r\n b </title>%s",
    "<programme channel='c' start='2026'><title lang='de'/><a><b><title>no</title></b></a>%s",
    "<programme channel='c' start='2026'><title>]] &gt; ]</title><x a='1' b='2'/>%s",
    "<programme channel='c' start='2026'><title>\xC3\x84\xE2\x82\xAC\xF0\x9F\x98\x80</title>%s",
    "<programme channel='  c  d ' start='2026'><title>&quot;&apos;</title>%s",
    "<programme channel='' start='2026'><title>x</title>%s",
    "<programme channel='c' start='never'><title>x</title>%s",
    "<programme channel='c' start='2026' start='2027'>%s",
    "<programme channel='c' start='2026'><title>a]]>b</title>%s",
    "<programme channel='c' start='2026'><title>\xEF\xBF\xBF</title>%s",
    "<programme channel='c' start='2026'><title>a</b>%s",
    "<programme channel='c' start='2026'><title>&#0;&#xD800;&#55296;&#8;x</title>%s",
    "<programme channel='c' start='2026' a='1\t2\n3'><title a='<'>x</title>%s",
  };

  for (guint i = 0; i < G_N_ELEMENTS (programmes); i++) {
    g_auto (GStrv) parts = g_strsplit (programmes[i], "%s", 2);
    g_autofree char *fast = g_strconcat ("<tv>", parts[0], "</programme></tv>", NULL);
    g_autofree char *slow = g_strconcat ("<tv>", parts[0], "<!-- --></programme></tv>", NULL);
    ForgeXmltvCounts fast_counts, slow_counts;
    g_autofree char *fast_log = read_text (fast, &fast_counts);
    g_autofree char *slow_log = read_text (slow, &slow_counts);
    g_auto (GStrv) without_comment = g_strsplit (slow_log, "<!-- -->", 2);
    g_autofree char *expected = g_strjoinv ("", without_comment);
    g_test_message ("%s", programmes[i]);
    g_assert_cmpstr (fast_log, ==, expected);
    g_assert_cmpuint (fast_counts.repaired, ==, slow_counts.repaired);
    g_assert_cmpuint (fast_counts.skipped, ==, slow_counts.skipped);
  }
}

static void
test_long_texts_are_cut_between_characters (void)
{
  g_autoptr (GString) text = g_string_new ("<tv><channel id='c'><display-name>");
  ForgeXmltvCounts counts;

  for (int i = 0; i < 400; i++)
    g_string_append (text, "\xE2\x82\xAC");
  g_string_append (text, "</display-name></channel></tv>");
  g_autofree char *log = read_text (text->str, &counts);
  g_assert_true (g_utf8_validate (log, -1, NULL));
  g_assert_cmpuint (strlen (log), ==, strlen ("channel c|\n") + 255);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/xmltv/every-quirk-is-survived", test_every_quirk_is_survived);
  g_test_add_func ("/formats/xmltv/any-split-gives-the-same", test_any_split_gives_the_same);
  g_test_add_func ("/formats/xmltv/every-prefix-is-a-truncated-guide",
                   test_every_prefix_is_a_truncated_guide);
  g_test_add_func ("/formats/xmltv/encodings-become-utf8", test_encodings_become_utf8);
  g_test_add_func ("/formats/xmltv/what-is-no-guide-is-quoted", test_what_is_no_guide_is_quoted);
  g_test_add_func ("/formats/xmltv/limits-cost-one-item", test_limits_cost_one_item);
  g_test_add_func ("/formats/xmltv/huge-items-are-refused-in-any-split",
                   test_huge_items_are_refused_in_any_split);
  g_test_add_func ("/formats/xmltv/endless-markup-is-read-in-linear-time",
                   test_endless_markup_is_read_in_linear_time);
  g_test_add_func ("/formats/xmltv/broken-quotes-cost-one-item", test_broken_quotes_cost_one_item);
  g_test_add_func ("/formats/xmltv/an-end-tag-without-bracket-ends-its-item",
                   test_an_end_tag_without_bracket_ends_its_item);
  g_test_add_func ("/formats/xmltv/the-fast-path-reads-as-expat-does",
                   test_the_fast_path_reads_as_expat_does);
  g_test_add_func ("/formats/xmltv/long-texts-are-cut-between-characters",
                   test_long_texts_are_cut_between_characters);
  return g_test_run ();
}
