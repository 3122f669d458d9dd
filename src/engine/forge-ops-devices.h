/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-ops.h"
#include "model/forge-device.h"

G_BEGIN_DECLS

/**
 * Virtual tuners, as blocking functions on the job role. Each publishes before it returns.
 */

/* Stores it with a new identity; port 0 = a free one. Name, groups and port are checked. Returns
 * the id, 0 on error: INVALID (name, port, filter), LIMIT (too many), STORAGE (port in use). */
gint64 forge_ops_add_device (ForgeOps *ops, const ForgeDevice *wanted, GError **error);
/* The same within a transaction of the caller, who publishes; a port that is not free is another
 * one then. `device` gets its identity and port. */
gint64 forge_ops_store_new_device (ForgeOps *ops, ForgeDevice *device, GError **error);
/* INVALID. */
gboolean forge_ops_check_device (const ForgeDevice *device, GError **error);
/* A copy of what is stored, the main one's with its settings. NOT_FOUND. (transfer full) */
ForgeDevice *forge_ops_get_device (ForgeOps *ops, gint64 id, GError **error);
/* `device` as get_device () gave it, changed. The main one's name and port go to the settings; its
 * port holds from the next start on. Errors as of add. */
gboolean forge_ops_update_device (ForgeOps *ops, const ForgeDevice *device, GError **error);
gboolean forge_ops_remove_device (ForgeOps *ops, gint64 id, GError **error);
/* A new device id and uuid: clients see another tuner and must be set up again. */
gboolean forge_ops_renew_device (ForgeOps *ops, gint64 id, GError **error);

/* Where clients reach a device. */
typedef struct {
  char *url, *lan_url; /* NULL = not (now) */
  gboolean is_listening;
  guint port; /* that it has now, or will have */
} ForgeDevicePlace;
void forge_device_place_clear (ForgeDevicePlace *place);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeDevicePlace, forge_device_place_clear)
void forge_ops_locate_device (ForgeOps *ops, const ForgeDevice *device, ForgeDevicePlace *place);

G_END_DECLS
