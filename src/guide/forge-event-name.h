/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How long an event is taken to last if its name does not say it. */
#define FORGE_EVENT_DURATION_S (3 * 60 * 60)

/* What the name of an event channel tells: "PPV 3: A vs B 20:00 ET". */
typedef struct {
  char *title;        /* "A vs B" */
  gint64 start, stop; /* UTC seconds */
} ForgeEventName;

void forge_event_name_clear (ForgeEventName *event);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeEventName, forge_event_name_clear)

/* FALSE if the name says no time of day: then it is no event that could be in a guide. Times are of
 * the zone that the name gives ("ET", "CET", "UK"), else of `zone`. A day may be said as a date, a
 * weekday or a word ("today", "morgen", "mañana", "demain"); else it is the time nearest to `now_s`
 * (UTC seconds): from six hours ago on. */
gboolean
forge_event_name_parse (const char *name, gint64 now_s, GTimeZone *zone, ForgeEventName *event);

G_END_DECLS
