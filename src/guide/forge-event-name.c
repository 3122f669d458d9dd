/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-event-name.h"

#include <string.h>

/*
 * Day, time and zone are found and blanked out; of what is left, the part that reads like an event
 * ("A vs B") or is longest is the title.
 */

/* Real names stay below; what is longer is no event. */
#define MAX_NAME_BYTES 600
/* A stated end that is later is none of this event. */
#define MAX_LENGTH_MIN (12 * 60)
/* An event whose time says no day may have begun so long ago. */
#define PAST_S (6 * 60 * 60)

/* Stands where the time was: its part of the name is rather the event than the slot. */
#define TIME_MARK '\x01'

#define MONTHS                                                                                       \
  "jan|feb|mar|m(?:ä|ae)r|apr|abr|avr|may|mai|jun|juin|jul|juil|aug|ago|ao(?:û|u)|sep|oct|okt|nov" \
  "|dec|dez|dic|d(?:é|e)c|ene|f(?:é|e)v"

typedef enum {
  RX_TIME,
  RX_END,
  RX_ISO,
  RX_DAY_MONTH,
  RX_MONTH_DAY,
  RX_NUMERIC,
  RX_WORD,
  N_RX
} Pattern;

/* Whole words. Of a number, "(?<!\d)" and "(?!\d)" keep longer ones out. */
static const char *const patterns[N_RX] = {
  [RX_TIME] = ("(?<![\\d:./-])(?:(\\d{1,2})[:.h](\\d{2})(?::\\d{2})?\\s*([ap])?\\.?(?:m\\b\\.?)?"
               "|(\\d{1,2})\\s?([ap])\\.?m\\b\\.?)(?![\\d:/]|\\.\\d)"
               "(?:\\s*\\(?\\b([A-Z]{2,4}|(?-i:UK))\\b(?:\\s+time\\b)?\\)?)?"),
  /* right behind the time: " - 22:00", "bis 22.00" */
  [RX_END] =
      ("\x01\\s*(?:[-–—]|to|till?|until|bis|hasta|a|à)\\s*"
       "(?:(\\d{1,2})[:.h](\\d{2})\\s*([ap])?\\.?(?:m\\b\\.?)?|(\\d{1,2})\\s?([ap])\\.?m\\b\\.?)"
       "(?![\\d:/]|\\.\\d)(?:\\s*\\(?\\b([A-Z]{2,4})\\b\\)?)?"),
  [RX_ISO] = "(?<!\\d)(20\\d{2})[-./](\\d{1,2})[-./](\\d{1,2})(?!\\d)",
  [RX_DAY_MONTH] = ("(?<!\\d)(\\d{1,2})(?:st|nd|rd|th|\\.)?(?:\\s+(?:of|de))?[\\s-]+(" MONTHS
                    ")\\p{L}*\\.?(?:[\\s-]+(20\\d{2}))?"),
  [RX_MONTH_DAY] = ("\\b(" MONTHS ")\\p{L}*\\.?\\s+(\\d{1,2})(?:st|nd|rd|th)?(?![\\d:])"
                    "(?:,?\\s+(20\\d{2}))?"),
  [RX_NUMERIC] = "(?<![\\d/.-])(\\d{1,2})([/.])(\\d{1,2})(?:\\2(20\\d{2}|\\d{2}))?\\.?(?![\\d/:])",
  [RX_WORD] = ("\\b(today|tonight|heute|hoy|aujourd['’]hui|tomorrow|morgen|mañana|demain"
               "|mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday)?\\b"),
};

typedef struct {
  const char *word;
  const char *zone;
} Zone;

/* Seen in names. Without a city they mean the clocks of the place, summer time or not. */
static const Zone zones[] = {
  { "ET", "America/New_York" },
  { "EST", "America/New_York" },
  { "EDT", "America/New_York" },
  { "CT", "America/Chicago" },
  { "CST", "America/Chicago" },
  { "CDT", "America/Chicago" },
  { "MT", "America/Denver" },
  { "PT", "America/Los_Angeles" },
  { "PST", "America/Los_Angeles" },
  { "PDT", "America/Los_Angeles" },
  { "GMT", "UTC" },
  { "UTC", "UTC" },
  { "BST", "Europe/London" },
  { "UK", "Europe/London" },
  { "CET", "Europe/Berlin" },
  { "CEST", "Europe/Berlin" },
  { "EET", "Europe/Athens" },
  { "EEST", "Europe/Athens" },
  { "MSK", "Europe/Moscow" },
  { "AEST", "Australia/Sydney" },
  { "AEDT", "Australia/Sydney" },
  { "IST", "Asia/Kolkata" },
  { "BRT", "America/Sao_Paulo" },
  { "ART", "America/Buenos_Aires" },
};

typedef struct {
  char *name; /* found parts are blanks */
  int hour, minute;
  int length_min;       /* 0 = not said */
  gboolean has_half;    /* a.m. or p.m. was said */
  int year, month, day; /* 0 = not said */
  int weekday;          /* 1 = Monday, 0 = not said */
  int in_days;          /* -1 = not said */
  gboolean month_first; /* 3/9 is March the ninth */
  GTimeZone *zone;      /* owned, NULL = not said */
} Parts;

void
forge_event_name_clear (ForgeEventName *event)
{
  g_clear_pointer (&event->title, g_free);
}

static GMatchInfo *
search (const char *name, Pattern pattern)
{
  g_autoptr (GRegex) regex =
      g_regex_new (patterns[pattern], G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
  GMatchInfo *match = NULL;

  g_return_val_if_fail (regex, NULL);
  g_regex_match (regex, name, 0, &match);
  return match;
}

static int
number_of (GMatchInfo *match, int group)
{
  g_autofree char *text = g_match_info_fetch (match, group);

  return text && *text ? atoi (text) : -1;
}

static void
blank_out (Parts *parts, GMatchInfo *match)
{
  int from, to;

  if (g_match_info_fetch_pos (match, 0, &from, &to))
    memset (parts->name + from, ' ', (gsize)(to - from));
}

/* "9" and "3", in the order of the place; FALSE if that is no day. */
static gboolean
set_date (Parts *parts, int year, int month, int day)
{
  if (month < 1 || month > 12 || day < 1 || day > 31)
    return FALSE;
  parts->year = year < 0 ? 0 : year < 100 ? 2000 + year : year;
  parts->month = month;
  parts->day = day;
  return TRUE;
}

static int
month_of (const char *text)
{
  static const char *const starts[] = { "ja,ene",  "f",       "mar,mä,mae", "ap,ab,av",
                                        "may,mai", "jun,jui", "jul,juil",   "au,ago,ao",
                                        "s",       "o",       "n",          "d" };
  g_autofree char *folded = g_utf8_strdown (text, -1);

  if (g_str_has_prefix (folded, "juil"))
    return 7;
  for (guint i = 0; i < G_N_ELEMENTS (starts); i++) {
    g_auto (GStrv) each = g_strsplit (starts[i], ",", -1);

    for (char **start = each; *start; start++)
      if (g_str_has_prefix (folded, *start))
        return (int)i + 1;
  }
  return -1;
}

static void
read_zone (Parts *parts, const char *word)
{
  for (guint i = 0; word && i < G_N_ELEMENTS (zones); i++)
    if (g_ascii_strcasecmp (word, zones[i].word) == 0)
      parts->zone = g_time_zone_new_identifier (zones[i].zone);
  parts->month_first = word && *word && strchr ("ECMP", word[0]) &&
                       word[strlen (word) - 1] == 'T' && strcmp (word, "CET") != 0 &&
                       strcmp (word, "EET") != 0 && strcmp (word, "CEST") != 0 &&
                       strcmp (word, "EEST") != 0;
}

/* The zone word is only taken out if it is one: "20:00 HD". */
static gboolean
read_time (Parts *parts)
{
  g_autoptr (GMatchInfo) match = search (parts->name, RX_TIME);
  int from = 0, to = 0;

  if (!match || !g_match_info_matches (match))
    return FALSE;
  gboolean plain = number_of (match, 4) >= 0;
  g_autofree char *half = g_match_info_fetch (match, plain ? 5 : 3);
  g_autofree char *word = g_match_info_fetch (match, 6);
  parts->hour = number_of (match, plain ? 4 : 1);
  parts->minute = plain ? 0 : number_of (match, 2);
  if (half && *half) {
    if (parts->hour < 1 || parts->hour > 12)
      return FALSE;
    parts->hour = parts->hour % 12 + (g_ascii_tolower (*half) == 'p' ? 12 : 0);
    parts->has_half = TRUE;
  }
  if (parts->hour > 23 || parts->minute > 59)
    return FALSE;
  read_zone (parts, word);
  g_match_info_fetch_pos (match, 0, &from, &to);
  if (!parts->zone && word && *word)
    g_match_info_fetch_pos (match, 6, &to, NULL);
  memset (parts->name + from, ' ', (gsize)(to - from));
  parts->name[from] = TIME_MARK;
  return TRUE;
}

/* "7:00 - 9:00 PM": the half of the day is that of both, unless the end would come first. */
static void
read_half_of_end (Parts *parts, char half, int *hour)
{
  gboolean is_pm = g_ascii_tolower (half) == 'p';

  *hour = *hour % 12 + (is_pm ? 12 : 0);
  if (parts->has_half || parts->hour > 12)
    return;
  int start = parts->hour % 12 + (is_pm ? 12 : 0);
  parts->hour = start * 60 + parts->minute < *hour * 60 + 59 ? start : parts->hour % 12;
}

/* Where a name says the end of its event, it stands behind the start. */
static void
read_end (Parts *parts)
{
  g_autoptr (GMatchInfo) match = search (parts->name, RX_END);
  int from = 0, to = 0;

  if (!match || !g_match_info_matches (match))
    return;
  gboolean plain = number_of (match, 4) >= 0;
  g_autofree char *half = g_match_info_fetch (match, plain ? 5 : 3);
  g_autofree char *word = g_match_info_fetch (match, 6);
  int hour = number_of (match, plain ? 4 : 1), minute = plain ? 0 : number_of (match, 2);
  if (hour > 24 || minute > 59 || (half && *half && (hour < 1 || hour > 12)))
    return;
  if (half && *half)
    read_half_of_end (parts, *half, &hour);
  int length = ((hour - parts->hour) * 60 + minute - parts->minute + 24 * 60) % (24 * 60);
  parts->length_min = length <= MAX_LENGTH_MIN ? length : 0;
  if (!parts->zone)
    read_zone (parts, word);
  g_match_info_fetch_pos (match, 0, &from, &to);
  if (!parts->zone && word && *word)
    g_match_info_fetch_pos (match, 6, &to, NULL);
  memset (parts->name + from + 1, ' ', (gsize)(to - from - 1));
}

static void
read_word (Parts *parts, const char *word)
{
  static const char *const days[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
  static const char *const next[] = { "tomorrow", "morgen", "mañana", "demain" };

  for (guint i = 0; i < G_N_ELEMENTS (days); i++)
    if (g_ascii_strcasecmp (word, days[i]) == 0) {
      parts->weekday = (int)i + 1;
      return;
    }
  parts->in_days = 0;
  for (guint i = 0; i < G_N_ELEMENTS (next); i++)
    if (g_ascii_strcasecmp (word, next[i]) == 0)
      parts->in_days = 1;
}

static gboolean
read_date_as (Parts *parts, Pattern pattern, GMatchInfo *match)
{
  g_autofree char *text = g_match_info_fetch (match, pattern == RX_MONTH_DAY ? 1 : 2);
  int first = number_of (match, 1), third = number_of (match, 3);

  switch (pattern) {
  case RX_ISO:
    return set_date (parts, first, number_of (match, 2), third);
  case RX_DAY_MONTH:
    return set_date (parts, third, month_of (text), first);
  case RX_MONTH_DAY:
    return set_date (parts, third, month_of (text), number_of (match, 2));
  default:
    if (parts->month_first && set_date (parts, number_of (match, 4), first, third))
      return TRUE;
    return set_date (parts, number_of (match, 4), third, first) ||
           set_date (parts, number_of (match, 4), first, third);
  }
}

/* A weekday beside a date says nothing new, but is no part of the title. */
static void
read_day (Parts *parts)
{
  for (Pattern pattern = RX_ISO; pattern <= RX_NUMERIC && parts->day == 0; pattern++) {
    g_autoptr (GMatchInfo) match = search (parts->name, pattern);

    if (match && g_match_info_matches (match) && read_date_as (parts, pattern, match))
      blank_out (parts, match);
  }
  g_autoptr (GMatchInfo) match = search (parts->name, RX_WORD);
  if (match && g_match_info_matches (match)) {
    g_autofree char *word = g_match_info_fetch (match, 1);
    read_word (parts, word);
    blank_out (parts, match);
  }
}

static gint64
at_day (const Parts *parts, GTimeZone *zone, int year, int month, int day)
{
  g_autoptr (GDateTime) time =
      g_date_time_new (zone, year, month, day, parts->hour, parts->minute, 0);

  return time ? g_date_time_to_unix (time) : 0;
}

static gint64
in_days (const Parts *parts, GTimeZone *zone, gint64 now_s, int days)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now_s);
  g_autoptr (GDateTime) now = utc ? g_date_time_to_timezone (utc, zone) : NULL;
  g_autoptr (GDateTime) day = now ? g_date_time_add_days (now, days) : NULL;

  return day ? at_day (parts,
                       zone,
                       g_date_time_get_year (day),
                       g_date_time_get_month (day),
                       g_date_time_get_day_of_month (day))
             : 0;
}

/* Of the years around now the nearest. */
static gint64
nearest_year (const Parts *parts, GTimeZone *zone, gint64 now_s)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (now_s);
  gint64 best = 0;

  for (int i = -1; now && i <= 1; i++) {
    gint64 start = at_day (parts, zone, g_date_time_get_year (now) + i, parts->month, parts->day);

    if (start && (!best || ABS (start - now_s) < ABS (best - now_s)))
      best = start;
  }
  return best;
}

static int
weekday_at (GTimeZone *zone, gint64 time_s)
{
  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (time_s);
  g_autoptr (GDateTime) local = utc ? g_date_time_to_timezone (utc, zone) : NULL;

  return local ? g_date_time_get_day_of_week (local) : 0;
}

static gint64
find_start (const Parts *parts, GTimeZone *zone, gint64 now_s)
{
  if (parts->day > 0)
    return parts->year > 0 ? at_day (parts, zone, parts->year, parts->month, parts->day)
                           : nearest_year (parts, zone, now_s);
  if (parts->in_days >= 0)
    return in_days (parts, zone, now_s, parts->in_days);
  for (int i = -1; i <= 7; i++) {
    gint64 start = in_days (parts, zone, now_s, i);

    if (start && start >= now_s - PAST_S &&
        (parts->weekday == 0 || weekday_at (zone, start) == parts->weekday))
      return start;
  }
  return 0;
}

static guint
count_letters (const char *text)
{
  guint n = 0;

  for (; *text; text = g_utf8_next_char (text))
    n += g_unichar_isalpha (g_utf8_get_char (text));
  return n;
}

static gboolean
is_contest (const char *text)
{
  return g_regex_match_simple ("\\S\\s+(?:vs?\\.?|x|@|at|contra|gegen)\\s+\\S",
                               text,
                               G_REGEX_CASELESS,
                               0);
}

/* "DAZN PPV 1 - Fury v Usyk ( )" → "Fury v Usyk". */
static char *
trim_segment (const char *segment)
{
  static const char *const cuts[] = { "[(\\[]\\s*[)\\]]", /* brackets around the day */
                                      "^[^-–]*\\d\\s+[-–]\\s+(?=.*\\p{L}{2})", /* the slot before */
                                      "^[\\s@,;.|:/(\\[–-]+",
                                      "[\\s@,;|:/(\\[–-]+$" };
  g_autofree char *text = g_strdup (segment);

  for (guint i = 0; i < G_N_ELEMENTS (cuts); i++) {
    g_autoptr (GRegex) regex = g_regex_new (cuts[i], 0, 0, NULL);
    char *cut = regex ? g_regex_replace_literal (regex, text, -1, 0, "", 0, NULL) : NULL;

    if (cut) {
      g_free (text);
      text = cut;
    }
  }
  g_autoptr (GRegex) blanks = g_regex_new ("\\s+", 0, 0, NULL);
  return g_regex_replace_literal (blanks, text, -1, 0, " ", 0, NULL);
}

static char *
find_title (const char *rest)
{
  g_auto (GStrv) segments = g_regex_split_simple ("\\s*[|:┃]\\s*", rest, 0, 0);
  const char *best = NULL;

  guint best_worth = 0;

  for (char **segment = segments; segments && *segment; segment++) {
    guint letters = count_letters (*segment);
    guint worth = letters + (letters > 1 && strchr (*segment, TIME_MARK) ? 1000 : 0);

    worth += is_contest (*segment) ? 2000 : 0;
    if (worth > best_worth) {
      best = *segment;
      best_worth = worth;
    }
  }
  g_autofree char *plain = g_strdelimit (g_strdup (best ? best : ""), "\x01", ' ');
  return trim_segment (plain);
}

gboolean
forge_event_name_parse (const char *name, gint64 now_s, GTimeZone *zone, ForgeEventName *event)
{
  Parts parts = { .in_days = -1 };

  *event = (ForgeEventName){ 0 };
  if (!name || strlen (name) > MAX_NAME_BYTES)
    return FALSE;
  parts.name = g_utf8_make_valid (name, -1);
  g_autofree char *rest = parts.name;
  if (!read_time (&parts))
    return FALSE;
  read_end (&parts);
  g_autoptr (GTimeZone) own = parts.zone;
  read_day (&parts);
  event->start = find_start (&parts, own ? own : zone, now_s);
  event->stop = event->start + (parts.length_min ? parts.length_min * 60 : FORGE_EVENT_DURATION_S);
  event->title = find_title (rest);
  if (event->start > 0 && count_letters (event->title) > 1)
    return TRUE;
  forge_event_name_clear (event);
  return FALSE;
}
