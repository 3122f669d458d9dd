/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-account.h"
#include "model/forge-app-user.h"
#include "model/forge-device.h"
#include "model/forge-guide-source.h"
#include "model/forge-settings.h"
#include "store/forge-store-guide.h"
#include "store/forge-store-refresh.h"

G_BEGIN_DECLS

/**
 * ForgeSnapshot: everything the control thread and the window show, read once from the store after
 * each change. Immutable, ref-counted; any thread may hold one.
 */
typedef struct {
  ForgeSettings *settings;
  GPtrArray *accounts; /* of ForgeAccount* */
  GPtrArray *guides;   /* of ForgeGuideSource* */
  ForgeLineup *lineup; /* all channels that are on */
  GPtrArray *devices;  /* of ForgeDeviceView*, the main one first */
  GPtrArray *held;     /* of ForgeRefresh*: refreshes that are held back */
  GPtrArray *users;    /* of ForgeAppUser*, by name */
  ForgeGuideTotals guide;
  guint64 guide_revision;
  int channels_total, channels_enabled, channels_matched;
} ForgeSnapshot;

/* Reads all of it. Blocks. Returns: (transfer full). */
ForgeSnapshot *forge_snapshot_load (ForgeStore *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;
ForgeSnapshot *forge_snapshot_ref (ForgeSnapshot *snapshot);
void forge_snapshot_unref (ForgeSnapshot *snapshot);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeSnapshot, forge_snapshot_unref)

/* NULL if there is no such account. Returns: (transfer none). */
ForgeAccount *forge_snapshot_account (const ForgeSnapshot *snapshot, gint64 id);

G_END_DECLS
