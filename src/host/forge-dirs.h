/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where things are by default (XDG base directories). Returns: (transfer full). The demo keeps to
 * itself. */
char *forge_dirs_data (gboolean is_demo) G_GNUC_WARN_UNUSED_RESULT;
char *forge_dirs_cache (gboolean is_demo) G_GNUC_WARN_UNUSED_RESULT;
/* $XDG_RUNTIME_DIR/streamforge, or the data directory's "run" where there is none. Inside Flatpak
 * $XDG_RUNTIME_DIR/app/$FLATPAK_ID/streamforge: the one runtime folder that every sandbox of the
 * program and the host see under the same path, so that streamforgectl finds the socket. */
char *forge_dirs_runtime (gboolean is_demo) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
