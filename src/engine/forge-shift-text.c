/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-shift-text.h"

#include "base/forge-error.h"
#include "engine/forge-ops-checks.h"

#include <math.h>
#include <string.h>

/* The easternmost zone. */
#define MAX_ZONE_HOURS 14
/* The longest IANA name has 32. */
#define MAX_ZONE_BYTES 64

gboolean
forge_check_zone (const char *zone, GError **error)
{
  if (!zone)
    return TRUE;
  g_autoptr (GTimeZone) known = strlen (zone) <= MAX_ZONE_BYTES && g_ascii_isalpha (*zone) &&
                                        !strstr (zone, "..")
                                    ? g_time_zone_new_identifier (zone)
                                    : NULL;
  if (known)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "“%s” is no time zone that is known here, such as Europe/Berlin",
               zone);
  return FALSE;
}

/* "+02:00" or "-1:30". */
static gboolean
read_clock (const char *text, double *minutes)
{
  const char *at = text + (*text == '+' || *text == '-');
  const char *colon = strchr (at, ':');

  if (!colon || colon == at || colon - at > 2 || strlen (colon) != 3)
    return FALSE;
  for (const char *c = at; *c; c++)
    if (c != colon && !g_ascii_isdigit (*c))
      return FALSE;
  gint64 rest = g_ascii_strtoll (colon + 1, NULL, 10);
  *minutes = (double)(g_ascii_strtoll (at, NULL, 10) * 60 + rest) * (*text == '-' ? -1 : 1);
  return rest < 60;
}

static gboolean
is_one_of (const char *text, const char *const *words)
{
  for (; *words; words++)
    if (g_ascii_strcasecmp (text, *words) == 0)
      return TRUE;
  return FALSE;
}

/* A number, and what it counts. */
static gboolean
read_amount (const char *text, double *minutes)
{
  static const char *const of_minutes[] = { "m", "min", "mins", "minute", "minutes", NULL };
  static const char *const of_hours[] = { "h", "hr", "hour", "hours", NULL };
  gboolean has_sign = *text == '+' || *text == '-';
  char *unit = NULL;

  if (!g_ascii_isdigit (text[has_sign]))
    return FALSE;
  double number = g_ascii_strtod (text, &unit);
  unit += strspn (unit, " ");
  if (is_one_of (unit, of_hours))
    *minutes = number * 60;
  else if (is_one_of (unit, of_minutes))
    *minutes = number;
  else if (*unit)
    return FALSE;
  else
    *minutes = has_sign && fabs (number) <= MAX_ZONE_HOURS ? number * 60 : number;
  return isfinite (*minutes) && fabs (*minutes - rint (*minutes)) < 1e-9;
}

gboolean
forge_shift_parse (const char *text, int *minutes, char **zone, GError **error)
{
  static const char *const nothing[] = { "", "none", NULL };
  g_autofree char *trimmed = g_strstrip (g_strdup (text));
  double amount = 0;

  *zone = NULL;
  *minutes = 0;
  if (is_one_of (trimmed, nothing))
    return TRUE;
  if (read_clock (trimmed, &amount) || read_amount (trimmed, &amount)) {
    gint64 whole = (gint64)CLAMP (amount, -1e6, 1e6);
    *minutes = (int)whole;
    return forge_check_shift (whole, error);
  }
  if (!forge_check_zone (trimmed, NULL)) {
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "shift: “%.80s” is neither minutes (-60), hours (+2 h) nor a time zone "
                 "(Europe/Berlin)",
                 text);
    return FALSE;
  }
  *zone = g_steal_pointer (&trimmed);
  return TRUE;
}
