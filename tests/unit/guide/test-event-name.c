/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-event-name.h"

/* Names in the spellings of real lists, read on Saturday, the 9th of March 2024, 17:00 UTC. */
#define NOW "2024-03-09T17:00:00Z"

typedef struct {
  const char *name, *title, *start; /* NULL: it is no event */
} Case;

static const Case cases[] = {
  { "PPV 3: A vs B 20:00", "A vs B", "2024-03-09T19:00:00Z" }, /* the list's zone: Berlin */
  { "US| PPV EVENT 05: UFC 299 @ 10:00 PM ET", "UFC 299", "2024-03-10T03:00:00Z" },
  { "MLB 04: Yankees @ Red Sox 7:05pm ET", "Yankees @ Red Sox", "2024-03-10T00:05:00Z" },
  { "DAZN PPV 1 - Fury v Usyk (21 Dec 18:00 UK)", "Fury v Usyk", "2023-12-21T18:00:00Z" },
  { "LIVE EVENT 12 - Team A x Team B - 2024-03-10 20:45 CET",
    "Team A x Team B",
    "2024-03-10T19:45:00Z" },
  { "ESPN+ 01 : Duke vs UNC @ Mar 9 6:30 PM EST :ESPN+ 01", "Duke vs UNC", "2024-03-09T23:30:00Z" },
  { "UK: PPV 2 | Joshua v Ngannou | Fri 8 Mar 22:00 GMT HD",
    "Joshua v Ngannou",
    "2024-03-08T22:00:00Z" },
  { "FLO 07: Tomorrow 21:30 Indoor Finals", "Indoor Finals", "2024-03-10T20:30:00Z" },
  { "Sky Event 3: heute 18.30 Bayern gegen Mainz", "Bayern gegen Mainz", "2024-03-09T17:30:00Z" },
  { "NBA 03 | Lakers vs Bucks | Sun 8pm PT", "Lakers vs Bucks", "2024-03-11T03:00:00Z" },
  { "NHL 11: Leafs vs Habs 03/09 7:00 PM ET", "Leafs vs Habs", "2024-03-10T00:00:00Z" },
  { "EVENT 4: Real Madrid vs Celta 10.03.2024 18:30",
    "Real Madrid vs Celta",
    "2024-03-10T17:30:00Z" },
  { "PPV 9: Late Show 12:00 AM UTC", "Late Show", "2024-03-10T00:00:00Z" },
  { "PPV 9: Early Bird 1pm UTC", "Early Bird", "2024-03-09T13:00:00Z" }, /* it runs */
  { "PPV 07:", NULL, NULL },
  { "NBA 03 |", NULL, NULL },
  { "PPV 4 (no event)", NULL, NULL },
  { "LIVE EVENT 12", NULL, NULL },
  { "ESPN+ 045", NULL, NULL },
  { "UK| BBC ONE HD", NULL, NULL },
  { "24/7 SIMPSONS", NULL, NULL },
  { "FIGHT 1: A vs B 25:00", NULL, NULL },
  { "FIGHT 1: A vs B 13:00 PM", NULL, NULL },
  { "20:00", NULL, NULL },
  { "", NULL, NULL },
};

/* With the minutes that the event lasts. */
static const struct {
  const char *name, *title, *start;
  int minutes;
} lengths[] = {
  { "PPV 3: A vs B 20:00", "A vs B", "2024-03-09T19:00:00Z", 180 },
  { "PPV 3: A vs B 20:00 - 22:15", "A vs B", "2024-03-09T19:00:00Z", 135 },
  { "PPV 3: A vs B 20:00-22:00 UK", "A vs B", "2024-03-09T20:00:00Z", 120 },
  { "PPV 3: A vs B 20:00 UK - 22:00", "A vs B", "2024-03-09T20:00:00Z", 120 },
  { "PPV 3: A vs B 23:00 bis 1:30", "A vs B", "2024-03-09T22:00:00Z", 150 },
  { "PPV 3: A vs B 7:00 PM to 9:30 PM ET", "A vs B", "2024-03-10T00:00:00Z", 150 },
  { "PPV 3: A vs B 7:00 - 9:30 PM ET", "A vs B", "2024-03-10T00:00:00Z", 150 },
  { "PPV 3: A vs B 7pm until 9pm UTC", "A vs B", "2024-03-09T19:00:00Z", 120 },
  { "PPV 3: 20:00 - A vs B", "A vs B", "2024-03-09T19:00:00Z", 180 },
  { "PPV 3: A vs B 20:00 - 10:00", "A vs B", "2024-03-09T19:00:00Z", 180 },
};

static gint64
to_unix (const char *text)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, NULL);

  return g_date_time_to_unix (time);
}

static void
test_spellings (void)
{
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");

  g_assert_nonnull (berlin);
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_auto (ForgeEventName) event = { 0 };
    gboolean found = forge_event_name_parse (cases[i].name, to_unix (NOW), berlin, &event);

    g_test_message ("“%s” → “%s” %" G_GINT64_FORMAT, cases[i].name, event.title, event.start);
    g_assert_cmpint (found, ==, cases[i].title != NULL);
    if (!found)
      continue;
    g_assert_cmpstr (event.title, ==, cases[i].title);
    g_assert_cmpint (event.start, ==, to_unix (cases[i].start));
  }
}

static void
test_a_stated_end_counts (void)
{
  g_autoptr (GTimeZone) berlin = g_time_zone_new_identifier ("Europe/Berlin");

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++) {
    g_auto (ForgeEventName) event = { 0 };

    g_test_message ("“%s”", lengths[i].name);
    g_assert_true (forge_event_name_parse (lengths[i].name, to_unix (NOW), berlin, &event));
    g_assert_cmpstr (event.title, ==, lengths[i].title);
    g_assert_cmpint (event.start, ==, to_unix (lengths[i].start));
    g_assert_cmpint (event.stop - event.start, ==, lengths[i].minutes * 60);
  }
}

static void
test_hostile_names (void)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autofree char *digits = g_strnfill (590, '1');
  g_autofree char *colons = g_strnfill (599, ':');
  g_autofree char *long_name = g_strnfill (100000, '9');
  const char *names[] = { digits, colons, long_name, "\xff\xfe 20:00 A vs B", "A vs B 20:00\xff",
                          NULL };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_auto (ForgeEventName) event = { 0 };

    if (forge_event_name_parse (names[i], to_unix (NOW), utc, &event))
      g_assert_true (g_utf8_validate (event.title, -1, NULL));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/guide/event-name/spellings", test_spellings);
  g_test_add_func ("/guide/event-name/a-stated-end-counts", test_a_stated_end_counts);
  g_test_add_func ("/guide/event-name/hostile-names", test_hostile_names);
  return g_test_run ();
}
