/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv.h"

/* 2026-01-31 20:15:00 UTC */
#define EVENING G_GINT64_CONSTANT (1769890500)

typedef struct {
  const char *text;
  gint64 utc_s;
} TimeCase;

static void
test_forms_seen_are_read (void)
{
  static const TimeCase cases[] = {
    { "20260131201500 +0000", EVENING },
    { "20260131201500 +0100", EVENING - 3600 },
    { "20260131201500 -0330", EVENING + 12600 },
    { "20260131201500+0100", EVENING - 3600 },
    { "20260131201500 +01:00", EVENING - 3600 },
    { "20260131201500 +01", EVENING - 3600 },
    { "20260131201500 +1", EVENING - 3600 },
    { "20260131201500Z", EVENING },
    { "20260131201500 UTC", EVENING },
    { "20260131201500 GMT+2", EVENING - 7200 },
    { "20260131201500 BST", EVENING - 3600 },
    { "20260131201500 est", EVENING + 5 * 3600 },
    { "  20260131201500 ", EVENING },
    { "20260131201500 XYZ", EVENING },
    { "202601312015", EVENING },
    { "2026013120", EVENING - 900 },
    { "20260131", EVENING - 20 * 3600 - 900 },
    { "202601", EVENING - 20 * 3600 - 900 - 30 * 86400 },
    { "2026", EVENING - 20 * 3600 - 900 - 30 * 86400 },
    { "2026-01-31T20:15:00Z", EVENING },
    { "2026-01-31T20:15:00.123+01:00", EVENING - 3600 },
    { "2026-01-31 20:15", EVENING },
    { "19700101000000 +0000", 0 },
    { "20240229000000", 1709164800 },
    { "20260131240000", EVENING + 4 * 3600 - 900 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    gint64 utc_s = -1;
    g_test_message ("%s", cases[i].text);
    g_assert_true (forge_xmltv_parse_time (cases[i].text, 0, &utc_s));
    g_assert_cmpint (utc_s, ==, cases[i].utc_s);
  }
}

static void
test_what_is_no_time_is_refused (void)
{
  static const char *const cases[] = { "",
                                       "soon",
                                       "202",
                                       "2026013",
                                       "20261331201500",
                                       "20260230000000",
                                       "20250229000000",
                                       "20260131250000",
                                       "20260131206000",
                                       "00000000000000",
                                       "20260131201500 +9900",
                                       "20260131201500 +0160",
                                       "20260131201500 +",
                                       "20260131201500123 +0000" };
  gint64 utc_s;

  g_assert_false (forge_xmltv_parse_time (NULL, 0, &utc_s));
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_test_message ("%s", cases[i]);
    g_assert_false (forge_xmltv_parse_time (cases[i], 0, &utc_s));
  }
}

static void
test_default_zone_counts_only_without_one (void)
{
  gint64 utc_s;

  g_assert_true (forge_xmltv_parse_time ("20260131201500", 60, &utc_s));
  g_assert_cmpint (utc_s, ==, EVENING - 3600);
  g_assert_true (forge_xmltv_parse_time ("20260131201500 Z", 60, &utc_s));
  g_assert_cmpint (utc_s, ==, EVENING);
}

static gint64
parse_local (ForgeLocalTime *local, const char *text)
{
  gint64 utc_s = 0;

  g_assert_true (forge_xmltv_parse_local_time (text, local, &utc_s));
  return utc_s;
}

static void
test_a_guide_may_show_a_clock (void)
{
  g_autoptr (ForgeLocalTime) berlin = forge_local_time_new ("Europe/Berlin");
  gint64 utc_s;

  g_assert_nonnull (berlin);
  /* CET and CEST, without a zone or with one that is not meant */
  g_assert_cmpint (parse_local (berlin, "20260131211500"), ==, EVENING);
  g_assert_cmpint (parse_local (berlin, "20260131211500 +0000"), ==, EVENING);
  g_assert_cmpint (parse_local (berlin, "20260131211500 UTC"), ==, EVENING);
  g_assert_true (forge_xmltv_parse_time ("20260731181500 +0000", 0, &utc_s));
  g_assert_cmpint (parse_local (berlin, "20260731201500"), ==, utc_s);
  /* a zone that says more is meant */
  g_assert_cmpint (parse_local (berlin, "20260131221500 +0200"), ==, EVENING);
  g_assert_false (forge_xmltv_parse_local_time ("soon", berlin, &utc_s));
  g_assert_null (forge_local_time_new ("Europe/Atlantis"));
}

/* The nights when the clock is changed, in steps of half an hour as guides have them. */
static void
test_clock_changes (void)
{
  g_autoptr (ForgeLocalTime) berlin = forge_local_time_new ("Europe/Berlin");
  gint64 utc_s;

  /* 29 March 2026: 02:00 becomes 03:00. */
  g_assert_true (forge_xmltv_parse_time ("20260329003000", 0, &utc_s));
  g_assert_cmpint (parse_local (berlin, "20260329013000"), ==, utc_s);
  g_assert_cmpint (parse_local (berlin, "20260329030000"), ==, utc_s + 1800);
  g_assert_cmpint (parse_local (berlin, "20260329033000"), ==, utc_s + 3600);
  /* 02:30 does not occur: no time before the one in front of it. */
  g_assert_cmpint (parse_local (berlin, "20260329023000"), >=, utc_s + 1800);
  /* 25 October 2026: 03:00 becomes 02:00. */
  g_assert_true (forge_xmltv_parse_time ("20261024233000", 0, &utc_s));
  g_assert_cmpint (parse_local (berlin, "20261025013000"), ==, utc_s);
  g_assert_cmpint (parse_local (berlin, "20261025023000"), ==, utc_s + 3600);
  g_assert_cmpint (parse_local (berlin, "20261025030000"), ==, utc_s + 9000);
}

static void
test_formatting_reverses_parsing (void)
{
  char text[21];

  forge_xmltv_format_time (EVENING, text);
  g_assert_cmpstr (text, ==, "20260131201500 +0000");
  forge_xmltv_format_time (-1, text);
  g_assert_cmpstr (text, ==, "19691231235959 +0000");
  for (gint64 at = -2000000000; at < 20000000000; at += 86400 * 11 + 7919) {
    gint64 back;
    forge_xmltv_format_time (at, text);
    g_assert_true (forge_xmltv_parse_time (text, 0, &back));
    g_assert_cmpint (back, ==, at);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/formats/xmltv-time/forms-seen-are-read", test_forms_seen_are_read);
  g_test_add_func ("/formats/xmltv-time/what-is-no-time-is-refused",
                   test_what_is_no_time_is_refused);
  g_test_add_func ("/formats/xmltv-time/default-zone-counts-only-without-one",
                   test_default_zone_counts_only_without_one);
  g_test_add_func ("/formats/xmltv-time/formatting-reverses-parsing",
                   test_formatting_reverses_parsing);
  g_test_add_func ("/formats/xmltv-time/a-guide-may-show-a-clock", test_a_guide_may_show_a_clock);
  g_test_add_func ("/formats/xmltv-time/clock-changes", test_clock_changes);
  return g_test_run ();
}
