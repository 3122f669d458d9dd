/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * The texts of SSDP. Pure. Thread: any. Spec: UPnP Device Architecture 1.0 §1.
 *
 * Only what device.xml describes is named. Never Plex's grabber types: Plex would then list a
 * second device that does not work.
 */
typedef enum {
  FORGE_SSDP_ROOT = 1 << 0,         /* upnp:rootdevice */
  FORGE_SSDP_UUID = 1 << 1,         /* uuid:… */
  FORGE_SSDP_MEDIA_SERVER = 1 << 2, /* urn:schemas-upnp-org:device:MediaServer:1 */
  FORGE_SSDP_ALL = FORGE_SSDP_ROOT | FORGE_SSDP_UUID | FORGE_SSDP_MEDIA_SERVER,
} ForgeSsdpTarget;

/* What an advertisement is good for; it is repeated twice within that time. */
#define FORGE_SSDP_MAX_AGE_S 1800

typedef struct {
  guint targets; /* of ForgeSsdpTarget, never 0 */
  guint mx_s;    /* how long the answer may wait; at most 120 */
} ForgeSsdpSearch;

/* FALSE unless the datagram is a search for something that we are. */
gboolean forge_ssdp_parse_search (const guint8 *bytes,
                                  gsize length,
                                  const char *uuid,
                                  ForgeSsdpSearch *search);

/* One target each; `location` is the URL of device.xml. Returns: (transfer full). */
char *forge_ssdp_response (ForgeSsdpTarget target, const char *uuid, const char *location)
    G_GNUC_WARN_UNUSED_RESULT;
/* `location` NULL: byebye. Returns: (transfer full). */
char *forge_ssdp_notify (ForgeSsdpTarget target, const char *uuid, const char *location)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
