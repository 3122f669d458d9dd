/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "base/forge-clock.h"

struct _ForgeClock {
  gatomicrefcount refs;
  gboolean is_fake;
  gint64 fake_us; /* atomic by GMutex: tests move it from another thread */
  gint64 fake_wall_base_s;
  GMutex lock;
};

static ForgeClock *
clock_new (gboolean is_fake, gint64 wall_s)
{
  ForgeClock *clock = g_new0 (ForgeClock, 1);

  g_atomic_ref_count_init (&clock->refs);
  g_mutex_init (&clock->lock);
  clock->is_fake = is_fake;
  clock->fake_wall_base_s = wall_s;
  return clock;
}

ForgeClock *
forge_clock_new_system (void)
{
  return clock_new (FALSE, 0);
}

ForgeClock *
forge_clock_new_fake (gint64 wall_s)
{
  return clock_new (TRUE, wall_s);
}

ForgeClock *
forge_clock_ref (ForgeClock *clock)
{
  g_atomic_ref_count_inc (&clock->refs);
  return clock;
}

void
forge_clock_unref (ForgeClock *clock)
{
  if (!g_atomic_ref_count_dec (&clock->refs))
    return;
  g_mutex_clear (&clock->lock);
  g_free (clock);
}

static gint64
fake_now_us (ForgeClock *clock)
{
  g_mutex_lock (&clock->lock);
  gint64 now_us = clock->fake_us;
  g_mutex_unlock (&clock->lock);
  return now_us;
}

gint64
forge_clock_monotonic_us (ForgeClock *clock)
{
  return clock->is_fake ? fake_now_us (clock) : g_get_monotonic_time ();
}

gint64
forge_clock_wall_s (ForgeClock *clock)
{
  if (clock->is_fake)
    return clock->fake_wall_base_s + fake_now_us (clock) / G_USEC_PER_SEC;
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
forge_clock_advance_us (ForgeClock *clock, gint64 by_us)
{
  g_return_if_fail (clock->is_fake && by_us >= 0);

  g_mutex_lock (&clock->lock);
  clock->fake_us += by_us;
  g_mutex_unlock (&clock->lock);
}

char *
forge_time_to_iso8601 (gint64 wall_s)
{
  if (wall_s <= 0)
    return NULL;

  g_autoptr (GDateTime) when = g_date_time_new_from_unix_utc (wall_s);
  return when ? g_date_time_format (when, "%Y-%m-%dT%H:%M:%SZ") : NULL;
}
