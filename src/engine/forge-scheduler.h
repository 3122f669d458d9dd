/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-clock.h"
#include "model/forge-settings.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeScheduler: says when the daily refresh is due. A run that was missed (the machine slept or
 * was off) is due at once; a failed one is tried again after an hour. Role: control.
 */
typedef struct _ForgeScheduler ForgeScheduler;

/* Called on the control thread when it is time; must only start work. */
typedef void (*ForgeDueFunc) (gpointer user_data);

ForgeScheduler *
forge_scheduler_new (GMainContext *context, ForgeClock *clock, ForgeDueFunc due, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_scheduler_free (ForgeScheduler *scheduler);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeScheduler, forge_scheduler_free)

/* `oldest_refresh_s`: when the stalest account or guide was last refreshed; 0 = there is none to
 * refresh. */
void forge_scheduler_update (ForgeScheduler *scheduler,
                             ForgeSettings *settings,
                             gint64 oldest_refresh_s);

/* Pure: the latest moment ≤ `now_s` at which a refresh was planned ("HH:MM" local plus `jitter_s`);
 * −1 if `time_text` is no time. */
gint64
forge_scheduler_last_slot (gint64 now_s, const char *time_text, int jitter_s, GTimeZone *zone);

G_END_DECLS
