/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeLocalTime: clock times of a zone, summer time and all, as UTC. Fast for times that are near
 * each other, as those of a guide are. Thread: one at a time.
 */
typedef struct _ForgeLocalTime ForgeLocalTime;

/* `zone`: an IANA name such as "Europe/Berlin". NULL if this machine does not know it. */
ForgeLocalTime *forge_local_time_new (const char *zone) G_GNUC_WARN_UNUSED_RESULT;
void forge_local_time_free (ForgeLocalTime *local);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLocalTime, forge_local_time_free)

/* `civil_s`: what the clock shows, as seconds since 1970 as if it were UTC. A time that occurs
 * twice is the first one, one that does not occur is an hour later. Returns: UTC seconds. */
gint64 forge_local_time_to_utc (ForgeLocalTime *local, gint64 civil_s);

G_END_DECLS
