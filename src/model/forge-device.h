/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"

G_BEGIN_DECLS

/* The device of the first address; its name, ids and port are settings. It is always there. */
#define FORGE_DEVICE_MAIN 1
/* Kodi lists no more. */
#define FORGE_MAX_DEVICES 16
/* What Plex takes of one device. */
#define FORGE_PLEX_MAX_CHANNELS 480
#define FORGE_MAX_DEVICE_GROUPS 200

typedef enum {
  FORGE_DEVICE_ALL,       /* every channel that is on */
  FORGE_DEVICE_GROUPS,    /* those of some groups */
  FORGE_DEVICE_FAVORITES, /* those with a star */
} ForgeDeviceFilter;

const char *forge_device_filter_name (ForgeDeviceFilter filter);
gboolean forge_device_filter_parse (const char *name, ForgeDeviceFilter *filter);

/**
 * ForgeDevice: a virtual tuner: the lineup as one kind of client should see it, on a port of its
 * own and with an identity of its own. All of them share the tuners. Immutable once shared.
 */
typedef struct {
  gint64 id; /* FORGE_DEVICE_MAIN or more; 0 until stored */
  char *name;
  char *device_id, *uuid; /* 8 hex digits with a right checksum; permanent */
  guint port;             /* TCP */
  gboolean enabled;
  ForgeDeviceFilter filter;
  char **groups; /* of FORGE_DEVICE_GROUPS, NULL-terminated; NULL = none */
  guint limit;   /* the first so many of those; 0 = all */
} ForgeDevice;

ForgeDevice *forge_device_new (void) G_GNUC_WARN_UNUSED_RESULT;
ForgeDevice *forge_device_copy (const ForgeDevice *device) G_GNUC_WARN_UNUSED_RESULT;
ForgeDevice *forge_device_ref (ForgeDevice *device);
void forge_device_unref (ForgeDevice *device);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDevice, forge_device_unref)

/* The channels of `all` that the device shows, in their order. Returns: (transfer full). */
ForgeLineup *forge_device_pick (const ForgeDevice *device, ForgeLineup *all)
    G_GNUC_WARN_UNUSED_RESULT;

/**
 * ForgeDeviceView: a device with what it shows now. Immutable, ref-counted.
 */
typedef struct {
  ForgeDevice *device;
  ForgeLineup *lineup;
} ForgeDeviceView;

ForgeDeviceView *forge_device_view_new (ForgeDevice *device, ForgeLineup *all)
    G_GNUC_WARN_UNUSED_RESULT;
ForgeDeviceView *forge_device_view_ref (ForgeDeviceView *view);
void forge_device_view_unref (ForgeDeviceView *view);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDeviceView, forge_device_view_unref)

/* Of an array of views: the one with this id or port, NULL = none. (transfer none) */
ForgeDeviceView *forge_device_views_find (GPtrArray *views, gint64 id);
ForgeDeviceView *forge_device_views_find_port (GPtrArray *views, guint port);

G_END_DECLS
