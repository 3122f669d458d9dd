/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-datagram.h"

#include "base/forge-error.h"

#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* The control thread has other things to do than to read a flood. */
#define DATAGRAMS_PER_WAKE_UP 32
/* Within the home, with a router or two. Spec: UPnP Device Architecture 1.0 §1.1.2 says 4. */
#define MULTICAST_TTL 4

struct _ForgeDatagramSocket {
  GSocket *socket;
  GSocketFamily family;
  GSource *source;
  ForgeDatagramFunc func;
  gpointer user_data;
};

typedef union {
  struct cmsghdr header; /* for the alignment */
  char bytes[CMSG_SPACE (sizeof (struct in6_pktinfo)) + CMSG_SPACE (sizeof (struct in_pktinfo))];
} Control;

static GInetAddress *
address_of (const struct sockaddr_storage *from)
{
  if (from->ss_family == AF_INET)
    return g_inet_address_new_from_bytes (
        (const guint8 *)&((const struct sockaddr_in *)(const void *)from)->sin_addr,
        G_SOCKET_FAMILY_IPV4);
  return g_inet_address_new_from_bytes (
      (const guint8 *)&((const struct sockaddr_in6 *)(const void *)from)->sin6_addr,
      G_SOCKET_FAMILY_IPV6);
}

GInetAddress *
forge_datagram_source (const ForgeDatagram *datagram)
{
  return address_of (&datagram->source);
}

GInetAddress *
forge_datagram_local (const ForgeDatagram *datagram)
{
  return address_of (&datagram->local);
}

static void
set_local (struct sockaddr_storage *local, int family, const void *bytes)
{
  local->ss_family = (sa_family_t)family;
  if (family == AF_INET)
    memcpy (&((struct sockaddr_in *)(void *)local)->sin_addr, bytes, sizeof (struct in_addr));
  else
    memcpy (&((struct sockaddr_in6 *)(void *)local)->sin6_addr, bytes, sizeof (struct in6_addr));
}

/* IPv6 tells only the group that a multicast went to. Which of our addresses would answer:
 * connecting a datagram socket sends nothing. */
static gboolean
find_answering_address (const struct sockaddr_storage *source, struct sockaddr_storage *local)
{
  socklen_t size = sizeof *local;
  int fd = socket (source->ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean is_known;

  if (fd < 0)
    return FALSE;
  is_known = connect (fd,
                      (const struct sockaddr *)(const void *)source,
                      sizeof (struct sockaddr_in6)) == 0 &&
             getsockname (fd, (struct sockaddr *)(void *)local, &size) == 0;
  close (fd);
  return is_known;
}

static gboolean
find_local (ForgeDatagram *datagram, struct msghdr *message)
{
  for (struct cmsghdr *c = CMSG_FIRSTHDR (message); c; c = CMSG_NXTHDR (message, c)) {
    if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy (&info, CMSG_DATA (c), sizeof info);
      datagram->interface = (guint)info.ipi_ifindex;
      set_local (&datagram->local, AF_INET, &info.ipi_spec_dst);
      return TRUE;
    }
    if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy (&info, CMSG_DATA (c), sizeof info);
      datagram->interface = info.ipi6_ifindex;
      if (IN6_IS_ADDR_MULTICAST (&info.ipi6_addr))
        return find_answering_address (&datagram->source, &datagram->local);
      set_local (&datagram->local, AF_INET6, &info.ipi6_addr);
      return TRUE;
    }
  }
  return FALSE;
}

/* FALSE: nothing more to read. */
static gboolean
receive_one (ForgeDatagramSocket *self)
{
  guint8 bytes[FORGE_DATAGRAM_MAX_BYTES];
  Control control;
  ForgeDatagram datagram = { .bytes = bytes };
  struct iovec vector = { bytes, sizeof bytes };
  struct msghdr message = { .msg_name = &datagram.source,
                            .msg_namelen = sizeof datagram.source,
                            .msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control };
  ssize_t got = recvmsg (g_socket_get_fd (self->socket), &message, MSG_DONTWAIT);

  if (got < 0)
    return errno != EAGAIN && errno != EWOULDBLOCK; /* an ICMP error of an earlier reply is read */
  datagram.length = (gsize)got;
  if (!(message.msg_flags & MSG_TRUNC) && find_local (&datagram, &message))
    self->func (self, &datagram, self->user_data);
  return TRUE;
}

static gboolean
on_readable (GSocket *socket, GIOCondition condition, gpointer user_data)
{
  for (guint i = 0; i < DATAGRAMS_PER_WAKE_UP; i++)
    if (!receive_one (user_data))
      break;
  return G_SOURCE_CONTINUE;
}

static gboolean
set_flag (int fd, int level, int option, int value)
{
  return setsockopt (fd, level, option, &value, sizeof value) == 0;
}

/* Not by GSocket: it would ask for SO_REUSEPORT, which deals each broadcast to one program only. */
static gboolean
prepare (int fd, GSocketFamily family)
{
  if (!set_flag (fd, SOL_SOCKET, SO_REUSEADDR, 1))
    return FALSE;
  if (family == G_SOCKET_FAMILY_IPV6)
    return set_flag (fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) &&
           set_flag (fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  return set_flag (fd, IPPROTO_IP, IP_PKTINFO, 1) &&
         set_flag (fd, IPPROTO_IP, IP_MULTICAST_TTL, MULTICAST_TTL) &&
         set_flag (fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1);
}

static gboolean
bind_to (int fd, GInetAddress *address, guint *port)
{
  g_autoptr (GSocketAddress) wanted = g_inet_socket_address_new (address, (guint16)*port);
  struct sockaddr_storage name = { 0 };
  socklen_t size = sizeof name;

  if (!g_socket_address_to_native (wanted, &name, sizeof name, NULL) ||
      bind (fd,
            (struct sockaddr *)(void *)&name,
            (socklen_t)g_socket_address_get_native_size (wanted)) != 0 ||
      getsockname (fd, (struct sockaddr *)(void *)&name, &size) != 0)
    return FALSE;
  /* The port is at the same place in both families. */
  *port = ntohs (((struct sockaddr_in *)(void *)&name)->sin_port);
  return TRUE;
}

static void
set_open_error (GError **error, int cause, GInetAddress *address, guint port)
{
  g_autofree char *text = g_inet_address_to_string (address);

  if (cause == EADDRINUSE)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_STORAGE,
                 "UDP port %u on %s is in use by another program",
                 port,
                 text);
  else
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_INVALID,
                 "Cannot listen on UDP port %u of %s: %s",
                 port,
                 text,
                 g_strerror (cause));
}

static GSocket *
open_socket (GInetAddress *address, guint *port, GError **error)
{
  GSocketFamily family = g_inet_address_get_family (address);
  int fd = socket (family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

  if (fd < 0 || !prepare (fd, family) || !bind_to (fd, address, port)) {
    set_open_error (error, errno, address, *port);
    if (fd >= 0)
      close (fd);
    return NULL;
  }
  return g_socket_new_from_fd (fd, error);
}

ForgeDatagramSocket *
forge_datagram_socket_new (GMainContext *context,
                           GInetAddress *address,
                           guint *port,
                           ForgeDatagramFunc func,
                           gpointer user_data,
                           GError **error)
{
  GSocket *socket = open_socket (address, port, error);
  ForgeDatagramSocket *self;

  if (!socket)
    return NULL;
  self = g_new0 (ForgeDatagramSocket, 1);
  self->socket = socket;
  self->family = g_inet_address_get_family (address);
  self->func = func;
  self->user_data = user_data;
  self->source = g_socket_create_source (socket, G_IO_IN, NULL);
  g_source_set_callback (self->source, G_SOURCE_FUNC (on_readable), self, NULL);
  g_source_attach (self->source, context);
  return self;
}

void
forge_datagram_socket_free (ForgeDatagramSocket *self)
{
  g_source_destroy (self->source);
  g_source_unref (self->source);
  g_object_unref (self->socket);
  g_free (self);
}

static gboolean
join_on (ForgeDatagramSocket *self, GInetAddress *group, guint interface)
{
  int fd = g_socket_get_fd (self->socket);

  if (self->family == G_SOCKET_FAMILY_IPV6) {
    struct ipv6_mreq wish = { .ipv6mr_interface = interface };
    memcpy (&wish.ipv6mr_multiaddr, g_inet_address_to_bytes (group), sizeof wish.ipv6mr_multiaddr);
    return setsockopt (fd, IPPROTO_IPV6, IPV6_JOIN_GROUP, &wish, sizeof wish) == 0;
  }
  struct ip_mreqn wish = { .imr_ifindex = (int)interface };
  memcpy (&wish.imr_multiaddr, g_inet_address_to_bytes (group), sizeof wish.imr_multiaddr);
  return setsockopt (fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &wish, sizeof wish) == 0;
}

guint
forge_datagram_socket_join (ForgeDatagramSocket *self, GInetAddress *group)
{
  g_autoptr (GArray) addresses = forge_interface_addresses (self->family);
  guint joined = 0;

  /* An interface with several addresses says "in use" the second time, as do those of before. */
  for (guint i = 0; i < addresses->len; i++)
    if (join_on (self, group, g_array_index (addresses, ForgeInterfaceAddress, i).interface))
      joined++;
  return joined;
}

/* Where a datagram goes and from which of our addresses. */
typedef struct {
  struct sockaddr_storage target;
  socklen_t target_bytes;
  int level, type; /* of the control message */
  union {
    struct in_pktinfo v4;
    struct in6_pktinfo v6;
  } from;
  gsize from_bytes;
} Way;

/* `interface` 0: as the routes say. */
static void
set_way_v4 (Way *way, const void *local, guint interface)
{
  way->target_bytes = sizeof (struct sockaddr_in);
  way->level = IPPROTO_IP;
  way->type = IP_PKTINFO;
  way->from_bytes = sizeof way->from.v4;
  way->from.v4.ipi_ifindex = (int)interface;
  memcpy (&way->from.v4.ipi_spec_dst, local, sizeof way->from.v4.ipi_spec_dst);
}

static void
set_way_v6 (Way *way, const void *local, guint interface)
{
  way->target_bytes = sizeof (struct sockaddr_in6);
  way->level = IPPROTO_IPV6;
  way->type = IPV6_PKTINFO;
  way->from_bytes = sizeof way->from.v6;
  way->from.v6.ipi6_ifindex = interface;
  memcpy (&way->from.v6.ipi6_addr, local, sizeof way->from.v6.ipi6_addr);
}

static void
send_on (ForgeDatagramSocket *self, Way *way, gconstpointer bytes, gsize length)
{
  Control control = { 0 };
  struct iovec vector = { (void *)bytes, length };
  struct msghdr message = { .msg_name = &way->target,
                            .msg_namelen = way->target_bytes,
                            .msg_iov = &vector,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = CMSG_SPACE (way->from_bytes) };
  struct cmsghdr *header = CMSG_FIRSTHDR (&message);

  header->cmsg_level = way->level;
  header->cmsg_type = way->type;
  header->cmsg_len = CMSG_LEN (way->from_bytes);
  memcpy (CMSG_DATA (header), &way->from, way->from_bytes);
  if (sendmsg (g_socket_get_fd (self->socket), &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
    g_debug ("A datagram was not sent: %s", g_strerror (errno));
}

void
forge_datagram_socket_reply (ForgeDatagramSocket *self,
                             const ForgeDatagram *datagram,
                             gconstpointer bytes,
                             gsize length)
{
  const struct sockaddr_storage *local = &datagram->local;
  Way way = { .target = datagram->source };

  /* Link-local addresses mean nothing without their interface. On IPv4 it would be in the way: a
   * broadcast of this machine comes in on one that does not lead back. */
  if (self->family == G_SOCKET_FAMILY_IPV6)
    set_way_v6 (&way,
                &((const struct sockaddr_in6 *)(const void *)local)->sin6_addr,
                datagram->interface);
  else
    set_way_v4 (&way, &((const struct sockaddr_in *)(const void *)local)->sin_addr, 0);
  send_on (self, &way, bytes, length);
}

void
forge_datagram_socket_announce (ForgeDatagramSocket *self,
                                GInetAddress *group,
                                guint port,
                                guint interface,
                                GInetAddress *local,
                                const char *text)
{
  g_autoptr (GSocketAddress) to = g_inet_socket_address_new (group, (guint16)port);
  Way way = { 0 };

  g_return_if_fail (self->family == G_SOCKET_FAMILY_IPV4);

  set_way_v4 (&way, g_inet_address_to_bytes (local), interface);
  if (g_socket_address_to_native (to, &way.target, sizeof way.target, NULL))
    send_on (self, &way, text, strlen (text));
}

static void
interface_address_clear (gpointer data)
{
  g_clear_object (&((ForgeInterfaceAddress *)data)->address);
}

static void
add_interface_address (GArray *addresses, const struct ifaddrs *item, GSocketFamily family)
{
  const guint wanted = IFF_UP | IFF_MULTICAST;
  struct sockaddr_storage name = { 0 };
  ForgeInterfaceAddress found = { 0 };

  if (!item->ifa_addr || item->ifa_addr->sa_family != (sa_family_t)family ||
      (item->ifa_flags & (wanted | IFF_LOOPBACK)) != wanted)
    return;
  memcpy (&name,
          item->ifa_addr,
          family == G_SOCKET_FAMILY_IPV6 ? sizeof (struct sockaddr_in6)
                                         : sizeof (struct sockaddr_in));
  found.interface = if_nametoindex (item->ifa_name);
  found.address = address_of (&name);
  g_array_append_val (addresses, found);
}

GArray *
forge_interface_addresses (GSocketFamily family)
{
  GArray *addresses = g_array_new (FALSE, FALSE, sizeof (ForgeInterfaceAddress));
  struct ifaddrs *list = NULL;

  g_array_set_clear_func (addresses, interface_address_clear);
  if (getifaddrs (&list) != 0)
    return addresses;
  for (const struct ifaddrs *item = list; item; item = item->ifa_next)
    add_interface_address (addresses, item, family);
  freeifaddrs (list);
  return addresses;
}
