/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-device.h"
#include "server/forge-bind.h"
#include "server/forge-local-addresses.h"

G_BEGIN_DECLS

/**
 * ForgeHdhrDiscovery: answers HDHomeRun discovery on UDP. At once, from the address that was asked,
 * with URLs of that address, to neighbours only. Start it only while the control protocol answers:
 * Tvheadend crashes on a device that has discovery alone. Thread: the one that iterates the
 * context, for everything here; ForgeDiscovery has one for it, so that nothing else delays an
 * answer.
 */
typedef struct _ForgeHdhrDiscovery ForgeHdhrDiscovery;

/* Requests that are answered, by one reply per device. Clients ask two or three times at most. */
#define FORGE_HDHR_REPLIES_PER_SOURCE_PER_S 20
#define FORGE_HDHR_REPLIES_PER_S            200

/* Each answers for itself, with a URL of its own: clients tell devices apart by both. */
typedef struct {
  guint32 device_id; /* valid */
  guint http_port;   /* of the URLs */
} ForgeHdhrDevice;

typedef struct {
  GMainContext *context;
  const gint *tuners;             /* borrowed, atomic: how many there are */
  const ForgeHdhrDevice *devices; /* copied */
  guint n_devices;                /* 1…FORGE_MAX_DEVICES */
  guint port;                     /* UDP; 0 = any */
} ForgeHdhrDiscoveryConfig;

/* Bound as HTTP is; when that is open to the home, to the any-addresses, because broadcasts reach
 * no other. IPv6 is a bonus. Error: STORAGE (in use), INVALID. Returns: (transfer full). */
ForgeHdhrDiscovery *forge_hdhr_discovery_new (const ForgeHdhrDiscoveryConfig *config,
                                              const ForgeBindPlan *plan,
                                              GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_hdhr_discovery_free (ForgeHdhrDiscovery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeHdhrDiscovery, forge_hdhr_discovery_free)

guint forge_hdhr_discovery_port (const ForgeHdhrDiscovery *self);
/* Joins the IPv6 groups on interfaces that are new. */
void forge_hdhr_discovery_rejoin (ForgeHdhrDiscovery *self);

typedef struct {
  guint64 datagrams, answered, limited;
} ForgeHdhrDiscoveryStats;
void forge_hdhr_discovery_stats (const ForgeHdhrDiscovery *self, ForgeHdhrDiscoveryStats *stats);

G_END_DECLS
