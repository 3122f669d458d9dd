/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-device.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/* The virtual tuners by id, of ForgeDevice*. Name, ids and port of the main one are
 * settings and empty here. Returns: (transfer full). */
GPtrArray *forge_store_list_devices (ForgeStore *store, GError **error);
/* Returns the id, 0 on error: LIMIT when there are FORGE_MAX_DEVICES, INVALID when the port or the
 * device id is another one's. */
gint64 forge_store_add_device (ForgeStore *store, const ForgeDevice *device, GError **error);
/* NOT_FOUND, INVALID as above. */
gboolean forge_store_update_device (ForgeStore *store, const ForgeDevice *device, GError **error);
/* NOT_FOUND; INVALID for the main one. Its users get the main one's lineup. */
gboolean forge_store_remove_device (ForgeStore *store, gint64 id, GError **error);

/* NOT_FOUND for a channel that does not exist. */
gboolean
forge_store_set_favorite (ForgeStore *store, gint64 channel_id, gboolean favorite, GError **error);

G_END_DECLS
