/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeTrayHost: whether somebody shows tray icons. The tray library's own word cannot be trusted:
 * it says "connected" to a watcher without any host. Property "is-present". Role: ui.
 */
#define FORGE_TYPE_TRAY_HOST (forge_tray_host_get_type ())
G_DECLARE_FINAL_TYPE (ForgeTrayHost, forge_tray_host, FORGE, TRAY_HOST, GObject)

ForgeTrayHost *forge_tray_host_new (void) G_GNUC_WARN_UNUSED_RESULT;
gboolean forge_tray_host_is_present (ForgeTrayHost *self);

G_END_DECLS
