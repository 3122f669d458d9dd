/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-scheduler.h"

#include <stdio.h>

#define CHECK_EVERY_S 60
#define RETRY_AFTER_S 3600
/* Spread over ten minutes, so that not every household asks its provider in the same second. */
#define MAX_JITTER_S    600
#define SECONDS_PER_DAY 86400

struct _ForgeScheduler {
  ForgeClock *clock;
  ForgeDueFunc due;
  gpointer user_data;
  GSource *timer;
  ForgeSettings *settings; /* NULL until the first update */
  gint64 oldest_refresh_s, last_try_s;
  int jitter_s;
};

gint64
forge_scheduler_last_slot (gint64 now_s, const char *time_text, int jitter_s, GTimeZone *zone)
{
  guint hour, minute;
  char rest;

  if (sscanf (time_text, "%2u:%2u%c", &hour, &minute, &rest) != 2 || hour > 23 || minute > 59)
    return -1;

  g_autoptr (GDateTime) utc = g_date_time_new_from_unix_utc (now_s - jitter_s);
  g_autoptr (GDateTime) now = g_date_time_to_timezone (utc, zone);
  g_autoptr (GDateTime) today = g_date_time_new (zone,
                                                 g_date_time_get_year (now),
                                                 g_date_time_get_month (now),
                                                 g_date_time_get_day_of_month (now),
                                                 (int)hour,
                                                 (int)minute,
                                                 0);
  gint64 slot = g_date_time_to_unix (today);
  if (slot > now_s - jitter_s) {
    g_autoptr (GDateTime) yesterday = g_date_time_add_days (today, -1);
    slot = g_date_time_to_unix (yesterday);
  }
  return slot + jitter_s;
}

static gboolean
is_due (ForgeScheduler *scheduler, gint64 now_s)
{
  if (!scheduler->settings || scheduler->oldest_refresh_s <= 0 ||
      !forge_settings_bool (scheduler->settings, "refresh_enabled"))
    return FALSE;
  if (scheduler->last_try_s > 0 && now_s - scheduler->last_try_s < RETRY_AFTER_S)
    return FALSE;

  g_autoptr (GTimeZone) zone = g_time_zone_new_local ();
  gint64 slot =
      forge_scheduler_last_slot (now_s,
                                 forge_settings_text (scheduler->settings, "refresh_time"),
                                 scheduler->jitter_s,
                                 zone);
  return slot > 0 && scheduler->oldest_refresh_s < slot;
}

static gboolean
on_check (gpointer user_data)
{
  ForgeScheduler *scheduler = user_data;
  gint64 now_s = forge_clock_wall_s (scheduler->clock);

  if (is_due (scheduler, now_s)) {
    scheduler->last_try_s = now_s;
    scheduler->due (scheduler->user_data);
  }
  return G_SOURCE_CONTINUE;
}

ForgeScheduler *
forge_scheduler_new (GMainContext *context, ForgeClock *clock, ForgeDueFunc due, gpointer user_data)
{
  ForgeScheduler *scheduler = g_new0 (ForgeScheduler, 1);

  scheduler->clock = forge_clock_ref (clock);
  scheduler->due = due;
  scheduler->user_data = user_data;
  scheduler->jitter_s = g_random_int_range (0, MAX_JITTER_S);
  scheduler->timer = g_timeout_source_new_seconds (CHECK_EVERY_S);
  g_source_set_callback (scheduler->timer, on_check, scheduler, NULL);
  g_source_attach (scheduler->timer, context);
  return scheduler;
}

void
forge_scheduler_free (ForgeScheduler *scheduler)
{
  g_source_destroy (scheduler->timer);
  g_source_unref (scheduler->timer);
  g_clear_pointer (&scheduler->settings, forge_settings_unref);
  forge_clock_unref (scheduler->clock);
  g_free (scheduler);
}

void
forge_scheduler_update (ForgeScheduler *scheduler, ForgeSettings *settings, gint64 oldest_refresh_s)
{
  forge_settings_ref (settings);
  g_clear_pointer (&scheduler->settings, forge_settings_unref);
  scheduler->settings = settings;
  scheduler->oldest_refresh_s = oldest_refresh_s;
}
