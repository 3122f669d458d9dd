/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-bind.h"

G_BEGIN_DECLS

/**
 * ForgeSsdp: says by UPnP discovery where device.xml is; off by default, because only some versions
 * of Plex are said to look. Answers searches of neighbours, and while open to the home announces
 * itself on every network: at the start, every 15 minutes, and once more at the end. Role: control.
 */
typedef struct _ForgeSsdp ForgeSsdp;

#define FORGE_SSDP_PORT 1900

typedef struct {
  GMainContext *context;
  const char *uuid; /* copied */
  guint http_port;  /* of device.xml */
  guint port;       /* UDP; 0 = any */
} ForgeSsdpConfig;

/* IPv4 only. Error: STORAGE (in use), INVALID. Returns: (transfer full). */
ForgeSsdp *forge_ssdp_new (const ForgeSsdpConfig *config, const ForgeBindPlan *plan, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
/* Says goodbye. */
void forge_ssdp_free (ForgeSsdp *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSsdp, forge_ssdp_free)

guint forge_ssdp_port (const ForgeSsdp *self);
/* Joins the group on interfaces that are new, and announces us there. */
void forge_ssdp_rejoin (ForgeSsdp *self);

G_END_DECLS
