/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeListener: accepts connections on listening sockets and stops for a while, instead of dying
 * or spinning, when the process runs out of descriptors or enough connections are open.
 * Everything on the thread that iterates `context`.
 *
 *   accepting ──max_open reached──▶ full ──forge_listener_release ()──▶ accepting
 *   accepting ──EMFILE, ENFILE, ENOMEM──▶ exhausted ──after 100 ms──▶ accepting
 */
typedef struct _ForgeListener ForgeListener;

/* `socket` is lent. TRUE = the connection counts until forge_listener_release (). */
typedef gboolean (*ForgeAcceptFunc) (GSocket *socket, gpointer user_data);

ForgeListener *forge_listener_new (GMainContext *context,
                                   guint max_open,
                                   ForgeAcceptFunc accept,
                                   gpointer user_data) G_GNUC_WARN_UNUSED_RESULT;
void forge_listener_free (ForgeListener *listener);

/* Takes a reference on a bound socket, listens and begins to accept. */
gboolean forge_listener_add (ForgeListener *listener, GSocket *socket, GError **error);
/* Closes all listening sockets; the count of open connections stays. */
void forge_listener_close (ForgeListener *listener);
/* Closes the listening sockets of one TCP port. */
void forge_listener_close_port (ForgeListener *listener, guint port);
/* A connection that was counted is gone. */
void forge_listener_release (ForgeListener *listener);
guint forge_listener_open_count (const ForgeListener *listener);

/* A TCP socket bound to `address`, IPv6 only for IPv6. `*port` 0 = any, filled with the real one.
 * Error: STORAGE (in use), INVALID (not ours, not allowed). Returns: (transfer full). */
GSocket *forge_listener_bind_tcp (GInetAddress *address, guint *port, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
