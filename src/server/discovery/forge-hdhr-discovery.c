/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-server"
#include "config.h"

#include "server/discovery/forge-hdhr-discovery.h"

#include "server/discovery/forge-datagram.h"
#include "server/discovery/forge-hdhr-messages.h"
#include "server/discovery/forge-rate-limit.h"

#include <string.h>

/* Where libhdhomerun of 2023 and later asks on IPv6: link-local and site-local. */
static const char *const ipv6_groups[] = { "ff02::176", "ff05::176" };

struct _ForgeHdhrDiscovery {
  ForgeHdhrDiscoveryConfig config; /* without devices */
  ForgeHdhrDevice devices[FORGE_MAX_DEVICES];
  ForgeLocalAddresses *addresses;
  ForgeRateLimit *limit;
  GInetAddress *only;              /* the one address we are open on; NULL = all that are bound */
  ForgeDatagramSocket *sockets[2]; /* NULL = none */
  ForgeDatagramSocket *groups;     /* the one that joins them; NULL = none */
  guint port;
  ForgeHdhrDiscoveryStats stats;
};

/* A link-local address is no good in a URL, because it needs the client's name of the interface;
 * then the interface's IPv4 address is. */
static GInetAddress *
find_web_address (const ForgeDatagram *datagram, GInetAddress *local)
{
  g_autoptr (GArray) addresses = NULL;

  if (g_inet_address_get_family (local) == G_SOCKET_FAMILY_IPV4 ||
      !g_inet_address_get_is_link_local (local))
    return g_object_ref (local);
  addresses = forge_interface_addresses (G_SOCKET_FAMILY_IPV4);
  for (guint i = 0; i < addresses->len; i++) {
    const ForgeInterfaceAddress *item = &g_array_index (addresses, ForgeInterfaceAddress, i);
    if (item->interface == datagram->interface && forge_address_is_private (item->address))
      return g_object_ref (item->address);
  }
  return g_object_ref (local);
}

static void
answer (ForgeHdhrDiscovery *self,
        ForgeDatagramSocket *socket,
        const ForgeDatagram *datagram,
        GInetAddress *web,
        const ForgeHdhrDevice *device)
{
  g_autofree char *base_url = forge_address_url (web, device->http_port);
  const ForgeHdhrAnswer content = { .device_id = device->device_id,
                                    .tuner_count = (guint)g_atomic_int_get (self->config.tuners),
                                    .base_url = base_url };
  ForgeHdhrWriter writer;
  gsize length = forge_hdhr_discover_reply (&writer, &content);

  forge_datagram_socket_reply (socket, datagram, writer.bytes, length);
  self->stats.answered++;
}

/* One bit per device that the datagram asks for. */
static guint
find_wanted (ForgeHdhrDiscovery *self, const ForgeDatagram *datagram)
{
  guint wanted = 0;

  for (guint i = 0; i < self->config.n_devices; i++)
    if (forge_hdhr_discover_is_for (datagram->bytes, datagram->length, self->devices[i].device_id))
      wanted |= 1u << i;
  return wanted;
}

static void
answer_all (ForgeHdhrDiscovery *self,
            ForgeDatagramSocket *socket,
            const ForgeDatagram *datagram,
            GInetAddress *local,
            guint wanted)
{
  g_autoptr (GInetAddress) web = find_web_address (datagram, local);

  for (guint i = 0; i < self->config.n_devices; i++)
    if (wanted & 1u << i)
      answer (self, socket, datagram, web, &self->devices[i]);
}

static gboolean
is_welcome (ForgeHdhrDiscovery *self, GInetAddress *source, GInetAddress *local)
{
  if (self->only && !g_inet_address_equal (self->only, local))
    return FALSE;
  return forge_local_addresses_is_near (self->addresses, source);
}

static void
on_datagram (ForgeDatagramSocket *socket, const ForgeDatagram *datagram, gpointer user_data)
{
  ForgeHdhrDiscovery *self = user_data;
  g_autoptr (GInetAddress) source = NULL;
  g_autoptr (GInetAddress) local = NULL;

  guint wanted = find_wanted (self, datagram);

  self->stats.datagrams++;
  if (!wanted)
    return;
  source = forge_datagram_source (datagram);
  local = forge_datagram_local (datagram);
  if (!is_welcome (self, source, local))
    return;
  if (forge_rate_limit_take (self->limit, source, g_get_monotonic_time ()))
    answer_all (self, socket, datagram, local, wanted);
  else
    self->stats.limited++;
}

/* The any-address of the family when it is open to the home, else the planned one. */
static GInetAddress *
listening_address (const ForgeBindPlan *plan, GInetAddress *planned)
{
  return plan->is_open ? g_inet_address_new_any (g_inet_address_get_family (planned))
                       : g_object_ref (planned);
}

static gboolean
open_sockets (ForgeHdhrDiscovery *self, const ForgeBindPlan *plan, GError **error)
{
  GInetAddress *const planned[] = { plan->first, plan->second };
  g_autoptr (GError) ignored = NULL;

  self->port = self->config.port;
  for (guint i = 0; i < G_N_ELEMENTS (planned) && planned[i]; i++) {
    g_autoptr (GInetAddress) address = listening_address (plan, planned[i]);
    self->sockets[i] = forge_datagram_socket_new (self->config.context,
                                                  address,
                                                  &self->port,
                                                  on_datagram,
                                                  self,
                                                  i == 0 ? error : &ignored);
    if (!self->sockets[0])
      return FALSE;
    /* IPv4 asks by broadcast. */
    if (plan->is_open && g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV6)
      self->groups = self->sockets[i];
  }
  if (ignored)
    g_debug ("Discovery without IPv6: %s", ignored->message);
  return TRUE;
}

ForgeHdhrDiscovery *
forge_hdhr_discovery_new (const ForgeHdhrDiscoveryConfig *config,
                          const ForgeBindPlan *plan,
                          GError **error)
{
  g_autoptr (ForgeHdhrDiscovery) self = NULL;

  g_return_val_if_fail (config->n_devices > 0 && config->n_devices <= FORGE_MAX_DEVICES, NULL);

  self = g_new0 (ForgeHdhrDiscovery, 1);
  self->config = *config;
  self->config.devices = NULL;
  memcpy (self->devices, config->devices, config->n_devices * sizeof *config->devices);
  self->addresses = forge_local_addresses_new ();
  self->limit =
      forge_rate_limit_new (FORGE_HDHR_REPLIES_PER_SOURCE_PER_S, FORGE_HDHR_REPLIES_PER_S);
  if (plan->is_open && !g_inet_address_get_is_any (plan->first))
    self->only = g_object_ref (plan->first);
  if (!open_sockets (self, plan, error))
    return NULL;
  forge_hdhr_discovery_rejoin (self);
  return g_steal_pointer (&self);
}

void
forge_hdhr_discovery_free (ForgeHdhrDiscovery *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->sockets); i++)
    g_clear_pointer (&self->sockets[i], forge_datagram_socket_free);
  forge_local_addresses_free (self->addresses);
  forge_rate_limit_free (self->limit);
  g_clear_object (&self->only);
  g_free (self);
}

guint
forge_hdhr_discovery_port (const ForgeHdhrDiscovery *self)
{
  return self->port;
}

void
forge_hdhr_discovery_rejoin (ForgeHdhrDiscovery *self)
{
  for (guint i = 0; self->groups && i < G_N_ELEMENTS (ipv6_groups); i++) {
    g_autoptr (GInetAddress) group = g_inet_address_new_from_string (ipv6_groups[i]);
    forge_datagram_socket_join (self->groups, group);
  }
}

void
forge_hdhr_discovery_stats (const ForgeHdhrDiscovery *self, ForgeHdhrDiscoveryStats *stats)
{
  *stats = self->stats;
}
