/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel-table.h"

G_BEGIN_DECLS

/**
 * Which channels a list shows and in which order: pure functions over a ForgeChannelTable, a few
 * milliseconds for 20,000 rows.
 */
typedef enum {
  FORGE_SHOW_ALL,
  FORGE_SHOW_ENABLED,
  FORGE_SHOW_DISABLED,
  FORGE_SHOW_UNMATCHED,
  FORGE_SHOW_REVIEW,
  FORGE_SHOW_MANUAL,
  FORGE_SHOW_COUNT,
} ForgeChannelShow;

typedef enum {
  FORGE_SORT_PLACE, /* the lineup's order: the only one in which moving means something */
  FORGE_SORT_NUMBER,
  FORGE_SORT_NAME,
  FORGE_SORT_MATCH, /* the least sure first */
  FORGE_SORT_QUALITY,
} ForgeChannelSort;

typedef struct {
  ForgeChannelShow show;
  const char *search; /* as typed; NULL = all */
  ForgeChannelSort sort;
  gboolean is_descending;
} ForgeChannelQuery;

/* Of const ForgeChannelLine*, lent by `table`. Returns: (transfer full). */
GPtrArray *forge_channel_index_select (const ForgeChannelTable *table,
                                       const ForgeChannelQuery *query) G_GNUC_WARN_UNUSED_RESULT;

/* How many rows each value of `show` has. */
void forge_channel_index_count (const ForgeChannelTable *table, guint counts[FORGE_SHOW_COUNT]);

/* The place (from 1) of a channel among those that are on, 0 if it is off or unknown. */
int forge_channel_index_place (const ForgeChannelTable *table, gint64 id);
/* The place that puts `id` before channel `before_id` (0 = behind the last one); 0 if it cannot be
 * moved there or stands there already. `before_id` may be off: then before the next one that is on.
 */
int forge_channel_index_move_place (const ForgeChannelTable *table, gint64 id, gint64 before_id);

G_END_DECLS
