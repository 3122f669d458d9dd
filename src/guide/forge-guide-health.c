/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "guide/forge-guide-health.h"

#include <string.h>

#define SECONDS_PER_HOUR 3600
/* Guides that round to the minute overlap a little everywhere. */
#define OVERLAP_TOLERANCE_S 60

ForgeGuideHealth *
forge_guide_health_new (gint64 now_s)
{
  ForgeGuideHealth *health = g_new0 (ForgeGuideHealth, 1);

  health->now_s = now_s;
  health->until_s = now_s;
  return health;
}

void
forge_guide_health_free (ForgeGuideHealth *health)
{
  if (!health)
    return;
  g_free (health->name);
  g_free (health->last_title);
  g_free (health);
}

static gboolean
is_in_window (const ForgeGuideHealth *health, gint64 time_s)
{
  return time_s < health->now_s + FORGE_GUIDE_HEALTH_WINDOW_S;
}

/* Nothing is on from `until_s` to `to_s`. */
static void
note_gap (ForgeGuideHealth *health, gint64 to_s)
{
  gint64 end_s = MIN (to_s, health->now_s + FORGE_GUIDE_HEALTH_WINDOW_S);

  if (!is_in_window (health, health->until_s) ||
      end_s - health->until_s <= FORGE_GUIDE_HEALTH_GAP_S)
    return;
  health->gaps++;
  health->gap_minutes += (int)((end_s - health->until_s) / 60);
}

static void
note_overlap (ForgeGuideHealth *health, gint64 start, const char *title)
{
  if (!is_in_window (health, start) || health->programmes == 0 ||
      health->until_s - start < OVERLAP_TOLERANCE_S)
    return;
  health->overlaps++;
  health->duplicates += g_strcmp0 (title, health->last_title) == 0;
}

void
forge_guide_health_add (ForgeGuideHealth *health, gint64 start, gint64 stop, const char *title)
{
  if (stop <= health->now_s)
    return;
  if (start > health->until_s)
    note_gap (health, start);
  else
    note_overlap (health, start, title);
  health->programmes++;
  health->until_s = MAX (health->until_s, stop);
  g_free (health->last_title);
  health->last_title = g_strdup (title);
}

void
forge_guide_health_finish (ForgeGuideHealth *health)
{
  health->hours_left = (int)((health->until_s - health->now_s) / SECONDS_PER_HOUR);
  g_clear_pointer (&health->last_title, g_free);
}

const char *
forge_guide_health_state (const ForgeGuideHealth *health)
{
  if (health->programmes == 0)
    return "none";
  if (health->hours_left < FORGE_GUIDE_HEALTH_WINDOW_S / SECONDS_PER_HOUR)
    return "short";
  if (health->gaps > 0)
    return "gaps";
  return health->overlaps > 0 ? "overlaps" : "ok";
}

typedef struct {
  GPtrArray *list;
  gint64 now_s;
} Collector;

static ForgeGuideHealth *
find_or_add (Collector *collector, const ForgeLineupProgramme *row)
{
  GPtrArray *list = collector->list;
  ForgeGuideHealth *last = list->len ? g_ptr_array_index (list, list->len - 1) : NULL;

  if (last && last->channel_id == row->channel_id)
    return last;
  if (last)
    forge_guide_health_finish (last);
  ForgeGuideHealth *health = forge_guide_health_new (collector->now_s);
  health->channel_id = row->channel_id;
  health->number = row->number;
  health->name = g_strdup (row->name);
  g_ptr_array_add (list, health);
  return health;
}

static void
on_row (const ForgeLineupProgramme *row, gpointer user_data)
{
  ForgeGuideHealth *health = find_or_add (user_data, row);

  if (row->title)
    forge_guide_health_add (health, row->start, row->stop, row->title);
}

GPtrArray *
forge_guide_health_list (ForgeStore *store, gint64 now_s, GError **error)
{
  g_autoptr (GPtrArray) list =
      g_ptr_array_new_with_free_func ((GDestroyNotify)forge_guide_health_free);
  Collector collector = { list, now_s };

  if (!forge_store_each_lineup_programme (store, now_s, on_row, &collector, error))
    return NULL;
  if (list->len > 0)
    forge_guide_health_finish (g_ptr_array_index (list, list->len - 1));
  return g_steal_pointer (&list);
}
