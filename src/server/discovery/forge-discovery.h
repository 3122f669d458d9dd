/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-device.h"
#include "model/forge-event.h"
#include "server/forge-http-server.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * ForgeDiscovery: everything by which clients find the tuner without being told its address:
 * HDHomeRun discovery and control, SSDP, and HTTP on port 80. Nothing of it is needed to watch, so
 * trouble here is told and tried again while HTTP goes on. Role: control, if not said otherwise.
 *
 *   off ──apply ()──▶ control listens ──▶ discovery answers
 *                        └──port in use──▶ waiting ──every 30 s──▶ control listens
 */
typedef struct _ForgeDiscovery ForgeDiscovery;

#define FORGE_DISCOVERY_HDHR_PORT 65001
#define FORGE_DISCOVERY_WEB_PORT  80

typedef struct {
  GMainContext *context;
  ForgeTuner *tuner;       /* borrowed */
  ForgeHttpServer *server; /* borrowed: gets the second port */
  ForgeEventFunc event;
  gpointer event_data;
  guint hdhr_port; /* UDP and TCP; clients know FORGE_DISCOVERY_HDHR_PORT only; 0 = any */
  guint ssdp_port; /* FORGE_SSDP_PORT; 0 = any */
  guint web_port;  /* FORGE_DISCOVERY_WEB_PORT; 0 = none */
} ForgeDiscoveryConfig;

/* What the settings and HTTP say now. */
typedef struct {
  gboolean wants_hdhr, wants_ssdp;
  const char *bind;      /* as HTTP is bound */
  guint http_port;       /* 0 = HTTP does not listen: all is off */
  const char *device_id; /* 8 hex digits; all is off unless it is valid */
  const char *uuid;
  GPtrArray *others; /* of ForgeDevice*, NULL = none: further devices, each on a port of its own */
  guint channels;
} ForgeDiscoveryState;

ForgeDiscovery *forge_discovery_new (const ForgeDiscoveryConfig *config) G_GNUC_WARN_UNUSED_RESULT;
/* Says goodbye and closes everything; the second HTTP port belongs to the server. */
void forge_discovery_free (ForgeDiscovery *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDiscovery, forge_discovery_free)

/* Starts, restarts or stops what differs from before. */
void forge_discovery_apply (ForgeDiscovery *self, const ForgeDiscoveryState *state);

/* 0 while it is not answering. */
guint forge_discovery_hdhr_port (const ForgeDiscovery *self);
guint forge_discovery_ssdp_port (const ForgeDiscovery *self);

/* Something the user may want to know. */
typedef struct {
  char *id;             /* stable: "device-3-port" for device 3 */
  const char *severity; /* "warning" or "info" */
  char *text, *fix;
} ForgeDiscoveryProblem;

/* Of ForgeDiscoveryProblem*; never changes. Thread: any. Returns: (transfer full). */
GPtrArray *forge_discovery_problems (ForgeDiscovery *self) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
