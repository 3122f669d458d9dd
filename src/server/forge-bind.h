/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-listener.h"

G_BEGIN_DECLS

/* What a bind setting means: one address, or one per family. */
typedef struct {
  GInetAddress *first, *second; /* second may be NULL; it is a bonus */
  gboolean is_open;             /* reachable by others: peers must be checked */
} ForgeBindPlan;

void forge_bind_plan_clear (ForgeBindPlan *plan);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (ForgeBindPlan, forge_bind_plan_clear)

/* "loopback", "lan" or one address of this machine. Error: INVALID. */
gboolean forge_bind_plan_parse (const char *bind, ForgeBindPlan *plan, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Binds TCP as planned and accepts with `listener`. `port` 0 = any free one. Returns the port, 0 on
 * error (STORAGE, INVALID); then nothing was added. */
guint forge_bind_plan_listen (const ForgeBindPlan *plan,
                              guint port,
                              ForgeListener *listener,
                              GError **error);

G_END_DECLS
