/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "formats/forge-local-time.h"

#define DAY_S 86400

struct _ForgeLocalTime {
  GTimeZone *zone;
  /* From `first_s` up to `last_s` the zone is `offset_s` ahead of UTC: looking that up costs as
   * much as reading a programme. */
  gint64 first_s, last_s, offset_s;
};

ForgeLocalTime *
forge_local_time_new (const char *zone)
{
  g_autoptr (GTimeZone) known = g_time_zone_new_identifier (zone);

  if (!known)
    return NULL;
  ForgeLocalTime *local = g_new0 (ForgeLocalTime, 1);
  local->zone = g_steal_pointer (&known);
  return local;
}

void
forge_local_time_free (ForgeLocalTime *local)
{
  g_time_zone_unref (local->zone);
  g_free (local);
}

/* Moves a time that does not occur to one that does. */
static gint64
look_up (ForgeLocalTime *local, gint64 *civil_s)
{
  int interval = g_time_zone_adjust_time (local->zone, G_TIME_TYPE_DAYLIGHT, civil_s);

  return g_time_zone_get_offset (local->zone, interval);
}

gint64
forge_local_time_to_utc (ForgeLocalTime *local, gint64 civil_s)
{
  if (civil_s >= local->first_s && civil_s < local->last_s)
    return civil_s - local->offset_s;

  gint64 before_s = civil_s - DAY_S, after_s = civil_s + DAY_S;
  gint64 offset_s = look_up (local, &civil_s);
  if (look_up (local, &before_s) == offset_s && look_up (local, &after_s) == offset_s) {
    local->first_s = before_s;
    local->last_s = after_s;
    local->offset_s = offset_s;
  }
  return civil_s - offset_s;
}
