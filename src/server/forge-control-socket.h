/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A Unix socket bound at `path` that only this user can open, from its first moment on. The socket
 * of a dead process is replaced, that of a living one is not. The folder is made (0700) when it
 * does not exist. Error: INVALID (path too long, something else is there), STORAGE.
 * Returns: (transfer full). */
GSocket *forge_control_socket_bind (const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
