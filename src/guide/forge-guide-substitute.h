/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-event-name.h"
#include "model/forge-channel.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * What stands in place of a guide where no source says anything of a channel: clients, window and
 * search take it from here.
 */

/* Clients are told of programmes that ended up to so long ago. */
#define FORGE_GUIDE_PAST_HOURS 6

/* `title` is lent. */
typedef struct {
  gint64 start, stop; /* UTC seconds */
  const char *title;
  gboolean is_event; /* told by the stream's name; else it is the channel's name */
} ForgeSubstitute;

/* FALSE to stop. */
typedef gboolean (*ForgeSubstituteFunc) (const ForgeSubstitute *programme, gpointer user_data);

/* Blocks of 2 h that carry the channel's name, and the event that the name of its best stream
 * tells, in order, without holes, for all of `from` … `to` (UTC seconds; whole blocks and events
 * reach beyond). FALSE if `each` stopped. Role: job. */
gboolean forge_guide_each_substitute (ForgeStore *store,
                                      const ForgeChannel *channel,
                                      gint64 now_s,
                                      gint64 from,
                                      gint64 to,
                                      ForgeSubstituteFunc each,
                                      gpointer user_data);

/* What the name of the channel's best stream says ("PPV 3: A vs B 20:00"); FALSE if that is no
 * event. As the name is read each time, another name is another event. */
gboolean forge_guide_find_event (ForgeStore *store,
                                 const ForgeChannel *channel,
                                 gint64 now_s,
                                 ForgeEventName *event);

/* TRUE if no source says anything of the channel in the time that clients are told of, which ends
 * `days` after `now_s`. */
gboolean
forge_guide_is_silent (ForgeStore *store, const ForgeChannel *channel, gint64 now_s, int days);

G_END_DECLS
