/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "app/forge-app-model.h"

G_BEGIN_DECLS

/**
 * ForgePower: before the computer sleeps, streams are closed cleanly, so that the provider does not
 * count them on; after it woke up and the network is there, what is old is read again. Also tells
 * the engine when the network changed. Role: ui.
 */
#define FORGE_TYPE_POWER (forge_power_get_type ())
G_DECLARE_FINAL_TYPE (ForgePower, forge_power, FORGE, POWER, GObject)

ForgePower *forge_power_new (ForgeAppModel *model) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
