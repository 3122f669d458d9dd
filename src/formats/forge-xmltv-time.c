/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-xmltv.h"

#include <string.h>

/* The easternmost and westernmost zones are +14:00 and −12:00. */
#define MAX_ZONE_MINUTES (15 * 60)

#define MIN_YEAR 1900
#define MAX_YEAR 9999

typedef struct {
  int year, month, day, hour, minute, second;
} Civil;

typedef struct {
  char name[5];
  gint16 minutes;
} ZoneName;

/* Names seen in guides. Where a name has two meanings (CST, IST) the one of XMLTV's own tools. */
static const ZoneName zone_names[] = {
  { "ACDT", 630 },  { "ACST", 570 },  { "ADT", -180 }, { "AEDT", 660 }, { "AEST", 600 },
  { "AKDT", -480 }, { "AKST", -540 }, { "ART", -180 }, { "AST", -240 }, { "AWST", 480 },
  { "BRT", -180 },  { "BST", 60 },    { "CDT", -300 }, { "CEST", 120 }, { "CET", 60 },
  { "CST", -360 },  { "EDT", -240 },  { "EEST", 180 }, { "EET", 120 },  { "EST", -300 },
  { "GMT", 0 },     { "HKT", 480 },   { "HST", -600 }, { "IST", 330 },  { "JST", 540 },
  { "KST", 540 },   { "MDT", -360 },  { "MEST", 120 }, { "MET", 60 },   { "MSK", 180 },
  { "MST", -420 },  { "NDT", -150 },  { "NST", -210 }, { "NZDT", 780 }, { "NZST", 720 },
  { "PDT", -420 },  { "PST", -480 },  { "SAST", 120 }, { "SGT", 480 },  { "TRT", 180 },
  { "UT", 0 },      { "UTC", 0 },     { "WEST", 60 },  { "WET", 0 },    { "Z", 0 },
};

/* Days since 1970-01-01 of the proleptic Gregorian calendar; Howard Hinnant, "days_from_civil". */
static gint64
days_from_civil (int year, int month, int day)
{
  year -= month <= 2;
  gint64 era = year / 400;
  int year_of_era = (int)(year - era * 400);
  int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

  return era * 146097 + day_of_era - 719468;
}

static int
days_in_month (int year, int month)
{
  static const guint8 days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
  gboolean is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

  return days[month - 1] + (month == 2 && is_leap);
}

static gboolean
civil_is_valid (const Civil *civil)
{
  return civil->year >= MIN_YEAR && civil->year <= MAX_YEAR && civil->month >= 1 &&
         civil->month <= 12 && civil->day >= 1 &&
         civil->day <= days_in_month (civil->year, civil->month) && civil->hour <= 24 &&
         civil->minute <= 59 && civil->second <= 60;
}

/* Reads exactly `n` digits; -1 if there are fewer. */
static int
read_digits (const char **at, int n)
{
  int value = 0;

  for (int i = 0; i < n; i++) {
    if (!g_ascii_isdigit ((*at)[i]))
      return -1;
    value = value * 10 + ((*at)[i] - '0');
  }
  *at += n;
  return value;
}

/* YYYYMMDDhhmmss or a leading part of it; "-", ":" and "T" between the fields are tolerated where
 * ISO 8601 has them. Moves `at` behind it. */
static gboolean
read_civil (const char **at, Civil *civil)
{
  int *fields[] = { &civil->month, &civil->day, &civil->hour, &civil->minute, &civil->second };

  *civil = (Civil){ .month = 1, .day = 1 };
  civil->year = read_digits (at, 4);
  gboolean is_iso = **at == '-';
  for (guint i = 0; i < G_N_ELEMENTS (fields); i++) {
    const char *next = *at;
    if (is_iso && *next && strchr (i < 2 ? "-" : i == 2 ? "T " : ":", *next))
      next++;
    int value = read_digits (&next, 2);
    if (value < 0)
      break;
    *fields[i] = value;
    *at = next;
  }
  if (is_iso && **at == '.')
    *at += 1 + strspn (*at + 1, "0123456789");
  /* A lone digit left over: half a field, not a leading part. */
  return civil_is_valid (civil) && !g_ascii_isdigit (**at);
}

/* "+0100", "+01:00", "+1", "-3". */
static gboolean
read_offset (const char *text, int *minutes)
{
  int sign = *text == '-' ? -1 : 1;
  const char *at = text + 1;
  int hours = read_digits (&at, 2);
  int rest = 0;

  if (hours < 0)
    hours = read_digits (&at, 1);
  if (hours < 0)
    return FALSE;
  if (*at == ':')
    at++;
  if (g_ascii_isdigit (*at))
    rest = read_digits (&at, 2);
  *minutes = sign * (hours * 60 + rest);
  return rest >= 0 && rest < 60 && ABS (*minutes) <= MAX_ZONE_MINUTES;
}

static const ZoneName *
find_zone (const char *text, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (zone_names); i++)
    if (strlen (zone_names[i].name) == length &&
        g_ascii_strncasecmp (zone_names[i].name, text, length) == 0)
      return &zone_names[i];
  return NULL;
}

/* Leaves `minutes` alone if `text` is blank or names a zone that nobody knows. */
static gboolean
read_zone (const char *text, int *minutes)
{
  text += strspn (text, " \t\r\n");
  if (*text == '+' || *text == '-')
    return read_offset (text, minutes);

  gsize length = 0;
  while (g_ascii_isalpha (text[length]))
    length++;
  const ZoneName *zone = find_zone (text, length);
  if (!zone)
    return TRUE;
  *minutes = zone->minutes;
  if (text[length] != '+' && text[length] != '-')
    return TRUE;
  /* "GMT+2": two hours ahead, as people mean it (not as POSIX does). */
  int further = 0;
  if (!read_offset (text + length, &further))
    return FALSE;
  *minutes += further;
  return TRUE;
}

/* What the clock shows, and how far its zone is ahead of UTC. */
static gboolean
parse_civil (const char *text, gint64 *civil_s, int *zone_minutes)
{
  Civil civil;

  if (!text)
    return FALSE;
  text += strspn (text, " \t\r\n");
  if (!read_civil (&text, &civil) || !read_zone (text, zone_minutes))
    return FALSE;
  *civil_s = days_from_civil (civil.year, civil.month, civil.day) * 86400 + civil.hour * 3600 +
             civil.minute * 60 + civil.second;
  return TRUE;
}

gboolean
forge_xmltv_parse_time (const char *text, int zone_minutes, gint64 *utc_s)
{
  if (!parse_civil (text, utc_s, &zone_minutes))
    return FALSE;
  *utc_s -= zone_minutes * G_GINT64_CONSTANT (60);
  return TRUE;
}

gboolean
forge_xmltv_parse_local_time (const char *text, ForgeLocalTime *local, gint64 *utc_s)
{
  int zone_minutes = 0;

  if (!parse_civil (text, utc_s, &zone_minutes))
    return FALSE;
  *utc_s = zone_minutes ? *utc_s - zone_minutes * G_GINT64_CONSTANT (60)
                        : forge_local_time_to_utc (local, *utc_s);
  return TRUE;
}

static void
put_digits (char *at, int n, int value)
{
  for (int i = n - 1; i >= 0; i--, value /= 10)
    at[i] = (char)('0' + value % 10);
}

/* The reverse of days_from_civil (): "civil_from_days". */
static void
civil_from_days (gint64 days, Civil *civil)
{
  days += 719468;
  gint64 era = (days >= 0 ? days : days - 146096) / 146097;
  int day_of_era = (int)(days - era * 146097);
  int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) /
                    365;
  int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  int month = (5 * day_of_year + 2) / 153;

  civil->day = day_of_year - (153 * month + 2) / 5 + 1;
  civil->month = month < 10 ? month + 3 : month - 9;
  civil->year = (int)(year_of_era + era * 400) + (civil->month <= 2);
}

void
forge_xmltv_format_time (gint64 utc_s, char out[21])
{
  Civil civil;
  gint64 days = utc_s / 86400 - (utc_s % 86400 < 0);
  int seconds = (int)(utc_s - days * 86400);

  /* Years of four digits only: anything else is no time that a guide can hold. */
  civil_from_days (CLAMP (days, -719162, 2932896), &civil);
  memcpy (out, "00000000000000 +0000", 21);
  put_digits (out, 4, civil.year);
  put_digits (out + 4, 2, civil.month);
  put_digits (out + 6, 2, civil.day);
  put_digits (out + 8, 2, seconds / 3600);
  put_digits (out + 10, 2, seconds / 60 % 60);
  put_digits (out + 12, 2, seconds % 60);
}
