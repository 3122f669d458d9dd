/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-html-entities.h"
#include "formats/forge-xml-repair.h"
#include "formats/forge-xmltv.h"

#include <string.h>

static void
assert_repaired (const char *item, const char *expected)
{
  g_autoptr (GString) out = g_string_new ("left over");
  gsize from = 0, to = 0;

  g_assert_true (forge_xml_repair (item, strlen (item), out, &from, &to));
  g_assert_cmpstr (out->str, ==, expected);
  g_assert_cmpuint (from, <=, to);
  g_assert_cmpuint (to, <=, out->len);
}

static void
test_text_is_escaped_where_it_must_be (void)
{
  assert_repaired ("<p>a & b &amp; c &# &#; &#xZZ; &toolongtobeanything;</p>",
                   "<p>a &amp; b &amp; c &amp;# &amp;#; &amp;#xZZ; &amp;toolongtobeanything;</p>");
  assert_repaired ("<p>1 < 2 <3 </> <! x ]]></p>",
                   "<p>1 &lt; 2 &lt;3 &lt;/&gt; &lt;! x ]]&gt;</p>");
  assert_repaired ("<p>&eacute;&Eacute;&nbsp;&thetasym;</p>",
                   "<p>\xC3\xA9\xC3\x89\xC2\xA0\xCF\x91</p>");
  assert_repaired ("<p>\x01\x1F&#1;&#x1A;&#0;&#xFFFE;&#xD800;&#x110000;&#99999999999;</p>",
                   "<p>&amp;#99999999999;</p>");
  assert_repaired ("<p>caf\xE9 \x80 \xC3\xA9 \xED\xA0\x80</p>",
                   "<p>caf\xC3\xA9 \xE2\x82\xAC \xC3\xA9 \xC3\xAD\xC2\xA0\xE2\x82\xAC</p>");
}

static void
test_attributes_get_blanks_and_quotes (void)
{
  assert_repaired ("<p a=\"1\"b='2'c=3 d e = \"5\" a=\"again\" x:y=\"7\" xml:lang=\"de\"/>",
                   "<p a=\"1\" b=\"2\" c=\"3\" d=\"\" e=\"5\" x_y=\"7\" xml:lang=\"de\"></p>");
  assert_repaired ("<p a='\"&lt;' b=\"&\">x</p>", "<p a=\"&quot;&lt;\" b=\"&amp;\">x</p>");
}

static void
test_tags_are_balanced (void)
{
  assert_repaired ("<p><a>x<b>y</a></c>z</p>", "<p><a>x<b>y</b></a>z</p>");
  assert_repaired ("<p><a>never closed", "<p><a>never closed</a></p>");
  assert_repaired ("<p>x</p>behind <p>ignored</p>", "<p>x</p>");
  assert_repaired ("<p><x:y/></p>", "<p><x_y></x_y></p>");
}

static void
test_comments_instructions_and_cdata_vanish (void)
{
  assert_repaired ("<p>a<!-- <b> -->b<?php echo ?>c<![CDATA[<d> & &amp;]]>e</p>",
                   "<p>abc&lt;d&gt; &amp; &amp;amp;e</p>");
  assert_repaired ("<p><!-- open</p>", "<p>&lt;!-- open</p>");
}

static void
test_limits_refuse (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new ("<p");
  g_autoptr (GString) out = g_string_new (NULL);
  gsize from, to;

  for (int i = 0; i <= FORGE_XML_MAX_DEPTH; i++)
    g_string_append (deep, "<p>");
  for (int i = 0; i <= FORGE_XML_MAX_ATTRIBUTES; i++)
    g_string_append_printf (wide, " a%d='1'", i);
  g_string_append (wide, "/>");
  g_assert_false (forge_xml_repair (deep->str, deep->len, out, &from, &to));
  g_assert_false (forge_xml_repair (wide->str, wide->len, out, &from, &to));
  g_assert_false (forge_xml_repair ("no tag", 6, out, &from, &to));
  g_assert_false (forge_xml_repair ("", 0, out, &from, &to));
}

static void
test_escaping_leaves_nothing_that_breaks (void)
{
  g_autoptr (GString) out = g_string_new (NULL);

  forge_xml_append_escaped (out, "a<b>&\"'\x01\xFF&amp;\xEF\xBF\xBF\n");
  g_assert_cmpstr (out->str, ==, "a&lt;b&gt;&amp;&quot;'\xC3\xBF&amp;amp;\n");
}

static void
test_entities_are_looked_up_whole (void)
{
  g_assert_cmpuint (forge_html_entity ("AElig", 5), ==, 0xC6);
  g_assert_cmpuint (forge_html_entity ("zwnj", 4), ==, 0x200C);
  g_assert_cmpuint (forge_html_entity ("eacut", 5), ==, 0);
  g_assert_cmpuint (forge_html_entity ("eacutex", 7), ==, 0);
  g_assert_cmpuint (forge_html_entity ("amp", 3), ==, 0);
  g_assert_cmpuint (forge_html_entity ("", 0), ==, 0);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/xml-repair/text-is-escaped-where-it-must-be",
                   test_text_is_escaped_where_it_must_be);
  g_test_add_func ("/formats/xml-repair/attributes-get-blanks-and-quotes",
                   test_attributes_get_blanks_and_quotes);
  g_test_add_func ("/formats/xml-repair/tags-are-balanced", test_tags_are_balanced);
  g_test_add_func ("/formats/xml-repair/comments-instructions-and-cdata-vanish",
                   test_comments_instructions_and_cdata_vanish);
  g_test_add_func ("/formats/xml-repair/limits-refuse", test_limits_refuse);
  g_test_add_func ("/formats/xml-repair/escaping-leaves-nothing-that-breaks",
                   test_escaping_leaves_nothing_that_breaks);
  g_test_add_func ("/formats/xml-repair/entities-are-looked-up-whole",
                   test_entities_are_looked_up_whole);
  return g_test_run ();
}
