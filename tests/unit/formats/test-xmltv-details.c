/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv-details.h"

#include <string.h>

static ForgeXmltvDetails *
parse (const char *inner)
{
  return forge_xmltv_details_new (inner, strlen (inner));
}

static void
test_reads_what_people_read (void)
{
  g_autoptr (ForgeXmltvDetails) details =
      parse ("<title lang=\"en\">The &amp; Film</title><title lang=\"de\">Der Film</title>"
             "<sub-title>  Part one </sub-title><desc><![CDATA[A <long> story.]]></desc>"
             "<credits><actor>Someone</actor></credits><date>1999</date>"
             "<category>Drama</category><category>Film</category><icon src=\"http://host/a.png\"/>"
             "<episode-num system=\"onscreen\">S99 E99</episode-num>"
             "<episode-num system=\"xmltv_ns\">1 . 4 . 0/2</episode-num>"
             "<rating system=\"FSK\"><value>12</value></rating>");

  g_assert_cmpstr (details->title, ==, "The & Film");
  g_assert_cmpstr (details->subtitle, ==, "Part one");
  g_assert_cmpstr (details->description, ==, "A <long> story.");
  g_assert_cmpstr (details->date, ==, "1999");
  g_assert_cmpstr (details->categories[1], ==, "Film");
  g_assert_null (details->categories[2]);
  g_assert_cmpstr (details->icon, ==, "http://host/a.png");
  g_assert_cmpstr (details->episode, ==, "S2 E5");
  g_assert_cmpstr (details->rating, ==, "12");
}

static void
test_episode_numbers (void)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
    { "0.0.0/1", "S1 E1" }, { ".4.", "E5" },   { "3..", NULL },
    { "", NULL },           { "x.y.z", NULL }, { "99999999999.1.", "S100001 E2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *inner =
        g_strdup_printf ("<episode-num system=\"xmltv_ns\">%s</episode-num>", cases[i].text);
    g_autoptr (ForgeXmltvDetails) details = parse (inner);
    g_assert_cmpstr (details->episode, ==, cases[i].want);
  }
}

static void
test_a_mistake_costs_only_what_follows (void)
{
  g_autoptr (ForgeXmltvDetails) details = parse ("<title>News</title><desc>half</sub>");
  g_autoptr (ForgeXmltvDetails) empty = forge_xmltv_details_new ("", 0);

  g_assert_cmpstr (details->title, ==, "News");
  g_assert_null (details->description);
  g_assert_null (empty->title);
  g_assert_nonnull (empty->categories);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/xmltv-details/what-people-read", test_reads_what_people_read);
  g_test_add_func ("/formats/xmltv-details/episode-numbers", test_episode_numbers);
  g_test_add_func ("/formats/xmltv-details/a-mistake-costs-what-follows",
                   test_a_mistake_costs_only_what_follows);
  return g_test_run ();
}
