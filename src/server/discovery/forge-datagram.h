/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include <sys/socket.h>

G_BEGIN_DECLS

/**
 * ForgeDatagramSocket: a UDP socket that knows for which of our addresses each datagram came, and
 * answers from that address: clients take the device's address from there, and a machine may have
 * several networks. Never blocks. Everything on the thread that iterates `context`.
 */
typedef struct _ForgeDatagramSocket ForgeDatagramSocket;

/* Longer ones are dropped. */
#define FORGE_DATAGRAM_MAX_BYTES 2048

/* Lent for the call. */
typedef struct {
  const guint8 *bytes;
  gsize length;
  struct sockaddr_storage source;
  struct sockaddr_storage local; /* of ours; for broadcasts that of the interface */
  guint interface;               /* index */
} ForgeDatagram;

typedef void (*ForgeDatagramFunc) (ForgeDatagramSocket *socket,
                                   const ForgeDatagram *datagram,
                                   gpointer user_data);

/* Bound to `address`: broadcasts and multicasts reach only a socket bound to the any-address. Other
 * programs may share the port. `*port` 0 = any, filled with the real one. Error: STORAGE (in use),
 * INVALID. Returns: (transfer full). */
ForgeDatagramSocket *forge_datagram_socket_new (GMainContext *context,
                                                GInetAddress *address,
                                                guint *port,
                                                ForgeDatagramFunc func,
                                                gpointer user_data,
                                                GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_datagram_socket_free (ForgeDatagramSocket *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDatagramSocket, forge_datagram_socket_free)

/* Joins on every interface that is up now; calling again joins on those that are new. Returns how
 * many were joined by this call. */
guint forge_datagram_socket_join (ForgeDatagramSocket *self, GInetAddress *group);
/* From the address it came for to where it came from. A lost reply is not reported: senders ask
 * again. */
void forge_datagram_socket_reply (ForgeDatagramSocket *self,
                                  const ForgeDatagram *datagram,
                                  gconstpointer bytes,
                                  gsize length);
/* To an IPv4 group through one interface, from `local`. */
void forge_datagram_socket_announce (ForgeDatagramSocket *self,
                                     GInetAddress *group,
                                     guint port,
                                     guint interface,
                                     GInetAddress *local,
                                     const char *text);

/* Returns: (transfer full). */
GInetAddress *forge_datagram_source (const ForgeDatagram *datagram) G_GNUC_WARN_UNUSED_RESULT;
GInetAddress *forge_datagram_local (const ForgeDatagram *datagram) G_GNUC_WARN_UNUSED_RESULT;

/* An address on an interface that is up, can multicast and is not the loopback. */
typedef struct {
  guint interface; /* index */
  GInetAddress *address;
} ForgeInterfaceAddress;

/* Of ForgeInterfaceAddress; elements own their address. Returns: (transfer full). */
GArray *forge_interface_addresses (GSocketFamily family) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
