/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * Starting with the desktop: a file in the autostart folder, or inside Flatpak the Background
 * portal, which makes that file itself (and asks the user). Role: ui.
 */

/* Outside Flatpak the file is asked; inside nobody tells, so the caller remembers. */
gboolean forge_autostart_is_portal (void);
gboolean forge_autostart_has_file (void);

/* Error: G_IO_ERROR, with PERMISSION_DENIED when the user or the desktop said no. */
void forge_autostart_set_async (gboolean is_on, GAsyncReadyCallback callback, gpointer user_data);
gboolean forge_autostart_set_finish (GAsyncResult *result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
