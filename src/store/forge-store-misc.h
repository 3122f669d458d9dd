/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-event.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* Settings: key → canonical text of what was set. Returns: (transfer full). */
GHashTable *forge_store_load_settings (ForgeStore *store, GError **error);
/* NULL `value` goes back to the default. */
gboolean
forge_store_set_setting (ForgeStore *store, const char *key, const char *value, GError **error);

/* The event log keeps the newest 10,000. */
gboolean forge_store_add_event (ForgeStore *store, const ForgeEvent *event, GError **error);
/* Newest last. `max_level`: that and more severe. `category` < 0 = all. `after_id` > 0: only newer
 * (for --follow). `since` UTC seconds, 0 = all. `limit` 0 = all. Of ForgeEvent*. Returns: (transfer
 * full). */
GPtrArray *forge_store_list_events (ForgeStore *store,
                                    ForgeLogLevel max_level,
                                    int category,
                                    gint64 since,
                                    gint64 after_id,
                                    guint limit,
                                    GError **error);
gboolean forge_store_clear_events (ForgeStore *store, GError **error);

G_END_DECLS
