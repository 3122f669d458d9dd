/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/forge-local-addresses.h"

#include <ifaddrs.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_AGE_US (10 * G_USEC_PER_SEC)

typedef struct {
  GInetAddress *address;
  guint prefix_bits;
} Entry;

struct _ForgeLocalAddresses {
  GArray *entries; /* of Entry */
  gboolean is_fixed;
  gint64 read_at_us; /* monotonic, 0 = never */
};

static void
entry_clear (gpointer data)
{
  g_clear_object (&((Entry *)data)->address);
}

static guint
count_bits (const guint8 *mask, gsize size)
{
  guint bits = 0;

  for (gsize i = 0; i < size; i++)
    for (guint8 byte = mask[i]; byte; byte <<= 1)
      bits++;
  return bits;
}

static void
add_entry (ForgeLocalAddresses *self, GInetAddress *address, guint prefix_bits)
{
  Entry entry = { address, prefix_bits };

  g_array_append_val (self->entries, entry);
}

static void
add_interface (ForgeLocalAddresses *self, const struct ifaddrs *item)
{
  const void *bytes, *mask;
  GSocketFamily family;

  if (!item->ifa_addr || !item->ifa_netmask)
    return;
  if (item->ifa_addr->sa_family == AF_INET) {
    bytes = &((const struct sockaddr_in *)(const void *)item->ifa_addr)->sin_addr;
    mask = &((const struct sockaddr_in *)(const void *)item->ifa_netmask)->sin_addr;
    family = G_SOCKET_FAMILY_IPV4;
  } else if (item->ifa_addr->sa_family == AF_INET6) {
    bytes = &((const struct sockaddr_in6 *)(const void *)item->ifa_addr)->sin6_addr;
    mask = &((const struct sockaddr_in6 *)(const void *)item->ifa_netmask)->sin6_addr;
    family = G_SOCKET_FAMILY_IPV6;
  } else {
    return;
  }
  add_entry (self,
             g_inet_address_new_from_bytes (bytes, family),
             count_bits (mask, family == G_SOCKET_FAMILY_IPV4 ? 4 : 16));
}

static void
refresh (ForgeLocalAddresses *self)
{
  struct ifaddrs *list = NULL;
  gint64 now_us = g_get_monotonic_time ();

  if (self->is_fixed || (self->read_at_us && now_us - self->read_at_us < MAX_AGE_US))
    return;
  self->read_at_us = now_us;
  if (getifaddrs (&list) != 0) {
    g_message ("The network interfaces cannot be read; the last known ones stay in use");
    return;
  }
  g_array_set_size (self->entries, 0);
  for (const struct ifaddrs *item = list; item; item = item->ifa_next)
    add_interface (self, item);
  freeifaddrs (list);
}

ForgeLocalAddresses *
forge_local_addresses_new (void)
{
  ForgeLocalAddresses *self = g_new0 (ForgeLocalAddresses, 1);

  self->entries = g_array_new (FALSE, FALSE, sizeof (Entry));
  g_array_set_clear_func (self->entries, entry_clear);
  return self;
}

ForgeLocalAddresses *
forge_local_addresses_new_fixed (const char *const *cidrs)
{
  ForgeLocalAddresses *self = forge_local_addresses_new ();

  self->is_fixed = TRUE;
  for (; *cidrs; cidrs++) {
    g_auto (GStrv) parts = g_strsplit (*cidrs, "/", 2);
    add_entry (self, g_inet_address_new_from_string (parts[0]), (guint)atoi (parts[1]));
  }
  return self;
}

void
forge_local_addresses_free (ForgeLocalAddresses *self)
{
  g_array_unref (self->entries);
  g_free (self);
}

static gboolean
is_in_subnet (const Entry *entry, GInetAddress *address)
{
  const guint8 *ours = g_inet_address_to_bytes (entry->address);
  const guint8 *theirs = g_inet_address_to_bytes (address);
  guint whole = entry->prefix_bits / 8, rest = entry->prefix_bits % 8;
  guint8 mask = (guint8)(0xff << (8 - rest));

  if (g_inet_address_get_family (entry->address) != g_inet_address_get_family (address))
    return FALSE;
  if (memcmp (ours, theirs, whole) != 0)
    return FALSE;
  return rest == 0 || (ours[whole] & mask) == (theirs[whole] & mask);
}

gboolean
forge_address_is_private (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_is_link_local (address))
    return TRUE;
  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
    return (bytes[0] & 0xfe) == 0xfc; /* fc00::/7, RFC 4193 */
  return bytes[0] == 10 || (bytes[0] == 172 && (bytes[1] & 0xf0) == 16) ||
         (bytes[0] == 192 && bytes[1] == 168);
}

char *
forge_address_url (GInetAddress *address, guint port)
{
  g_autofree char *text = g_inet_address_to_string (address);

  return g_strdup_printf (strchr (text, ':') ? "http://[%s]:%u" : "http://%s:%u", text, port);
}

gboolean
forge_local_addresses_is_own (ForgeLocalAddresses *self, GInetAddress *address)
{
  if (g_inet_address_get_is_loopback (address))
    return TRUE;
  refresh (self);
  for (guint i = 0; i < self->entries->len; i++)
    if (g_inet_address_equal (g_array_index (self->entries, Entry, i).address, address))
      return TRUE;
  return FALSE;
}

gboolean
forge_local_addresses_is_near (ForgeLocalAddresses *self, GInetAddress *address)
{
  if (forge_local_addresses_is_own (self, address))
    return TRUE;
  if (!forge_address_is_private (address))
    return FALSE;
  for (guint i = 0; i < self->entries->len; i++)
    if (is_in_subnet (&g_array_index (self->entries, Entry, i), address))
      return TRUE;
  return FALSE;
}

/* Where the kernel would send from: connecting a datagram socket sends nothing. The target is a
 * documentation address (RFC 5737). */
static GInetAddress *
default_route_address (void)
{
  struct sockaddr_in peer = { .sin_family = AF_INET, .sin_port = htons (9) };
  struct sockaddr_in local = { 0 };
  socklen_t size = sizeof local;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  gboolean is_known;

  if (fd < 0)
    return NULL;
  peer.sin_addr.s_addr = htonl (0xc0000201);
  is_known = connect (fd, (struct sockaddr *)(void *)&peer, sizeof peer) == 0 &&
             getsockname (fd, (struct sockaddr *)(void *)&local, &size) == 0;
  close (fd);
  if (!is_known)
    return NULL;
  return g_inet_address_new_from_bytes ((const guint8 *)&local.sin_addr, G_SOCKET_FAMILY_IPV4);
}

static gboolean
is_lan_ipv4 (GInetAddress *address)
{
  return g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4 &&
         !g_inet_address_get_is_loopback (address) && forge_address_is_private (address);
}

char *
forge_local_addresses_lan_ipv4 (ForgeLocalAddresses *self)
{
  g_autoptr (GInetAddress) routed = self->is_fixed ? NULL : default_route_address ();

  refresh (self);
  if (routed && is_lan_ipv4 (routed))
    return g_inet_address_to_string (routed);
  for (guint i = 0; i < self->entries->len; i++) {
    GInetAddress *address = g_array_index (self->entries, Entry, i).address;
    if (is_lan_ipv4 (address))
      return g_inet_address_to_string (address);
  }
  return NULL;
}
