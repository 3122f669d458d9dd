/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writes an XMLTV guide for load tests to standard output:
 *   make-guide PROGRAMMES CHANNELS [NOW]
 * about 720 bytes per programme, by channel, in half-hour steps, the first one a day before NOW
 * (UTC seconds; default: the machine's time). The same arguments give the same bytes. */
#include "config.h"

#include "formats/forge-xmltv.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define STEP_S      (30 * 60)
#define LEAD_S      (24 * 60 * 60)
#define MAX_COUNT   100000000L
#define N(array)    (sizeof (array) / sizeof (array)[0])
#define PICK(array) ((array)[next_random () % N (array)])

static const char *const words[] = {
  "morning", "world",  "evening", "news",   "garden", "house",  "mystery", "river", "island",
  "kitchen", "street", "doctor",  "secret", "winter", "summer", "journey", "train", "planet",
  "Füße",    "été",    "señor",   "łódź",   "Москва", "night",  "letters", "crown", "harbour",
};
static const char *const names[] = { "Anna Bell", "John O&apos;Hara", "Zoë Müller",
                                     "Li Wei",    "Marta Ruiz",       "Pavel Novák" };
static const char *const categories[] = {
  "Series", "Movie", "News", "Sports", "Kids", "Documentary"
};

static unsigned int
next_random (void)
{
  /* A fixed sequence: two runs of a benchmark must read the same bytes. */
  static unsigned int state = 2463534242u;

  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

static void
print_words (int n)
{
  for (int i = 0; i < n; i++)
    printf ("%s%s", i ? " " : "", PICK (words));
}

static void
print_channel (long number)
{
  printf ("  <channel id=\"chan%ld.example\">\n"
          "    <display-name>Channel %ld HD</display-name>\n"
          "    <display-name lang=\"en\">CH%ld</display-name>\n"
          "    <icon src=\"http://logos.example/%ld.png\" />\n"
          "  </channel>\n",
          number,
          number,
          number,
          number);
}

static void
print_programme (long channel, gint64 start, long index)
{
  char from[21], to[21];

  forge_xmltv_format_time (start, from);
  forge_xmltv_format_time (start + STEP_S, to);
  printf ("  <programme start=\"%s\" stop=\"%s\" channel=\"chan%ld.example\">\n",
          from,
          to,
          channel);
  printf ("    <title lang=\"en\">");
  print_words (3);
  printf ("</title>\n    <sub-title lang=\"en\">");
  print_words (4);
  printf ("</sub-title>\n    <desc lang=\"en\">");
  print_words (24);
  printf (" &amp; more.</desc>\n"
          "    <credits>\n      <director>%s</director>\n      <actor role=\"Lead\">%s</actor>\n"
          "    </credits>\n    <date>2024</date>\n",
          PICK (names),
          PICK (names));
  printf ("    <category lang=\"en\">%s</category>\n"
          "    <icon src=\"http://images.example/p/%ld.jpg\" />\n"
          "    <episode-num system=\"xmltv_ns\">%ld.%ld.</episode-num>\n"
          "    <rating system=\"MPAA\">\n      <value>PG</value>\n    </rating>\n"
          "  </programme>\n",
          PICK (categories),
          index,
          index % 9,
          index % 24);
}

static long
read_count (const char *text)
{
  long value = strtol (text, NULL, 10);

  return value > 0 && value <= MAX_COUNT ? value : 0;
}

int
main (int argc, char *argv[])
{
  long programmes = argc > 1 ? read_count (argv[1]) : 0;
  long channels = argc > 2 ? read_count (argv[2]) : 0;
  gint64 now = argc > 3 ? strtoll (argv[3], NULL, 10) : (gint64)time (NULL);

  if (programmes == 0 || channels == 0) {
    fprintf (stderr, "usage: make-guide PROGRAMMES CHANNELS [NOW]\n");
    return 2;
  }
  printf ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<!DOCTYPE tv SYSTEM \"xmltv.dtd\">\n<tv generator-info-name=\"make-guide\">\n");
  for (long i = 0; i < channels; i++)
    print_channel (i);
  gint64 first = (now - LEAD_S) / STEP_S * STEP_S;
  for (long i = 0; i < programmes; i++) {
    long per_channel = (programmes + channels - 1) / channels;
    print_programme (i / per_channel, first + i % per_channel * STEP_S, i);
  }
  printf ("</tv>\n");
  return fflush (stdout) == 0 ? 0 : 1;
}
