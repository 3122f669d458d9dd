/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-interfaces.h"

#include "server/forge-local-addresses.h"

#include <gio/gio.h>

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static gboolean
begins_with_one_of (const char *name, const char *const *prefixes)
{
  for (; *prefixes; prefixes++)
    if (g_str_has_prefix (name, *prefixes))
      return TRUE;
  return FALSE;
}

ForgeInterfaceKind
forge_interface_kind_of_name (const char *name)
{
  static const char *const bridges[] = { "docker", "br-",     "virbr", "podman",  "cni",
                                         "lxc",    "lxd",     "vnet",  "vboxnet", "vmnet",
                                         "cali",   "flannel", NULL };
  static const char *const vpns[] = { "tun",  "tap",    "wg",      "tailscale", "zt", "ppp",
                                      "nord", "proton", "mullvad", "ipsec",     NULL };

  if (strcmp (name, "lo") == 0)
    return FORGE_INTERFACE_LOOPBACK;
  if (begins_with_one_of (name, bridges))
    return FORGE_INTERFACE_BRIDGE;
  return begins_with_one_of (name, vpns) ? FORGE_INTERFACE_VPN : FORGE_INTERFACE_HOME;
}

static void
interface_free (gpointer data)
{
  ForgeInterface *interface = data;

  g_free (interface->name);
  g_free (interface->address);
  g_free (interface->subnet);
  g_free (interface);
}

static char *
subnet_text (const struct sockaddr_in *address, const struct sockaddr_in *mask)
{
  struct in_addr network = { address->sin_addr.s_addr & mask->sin_addr.s_addr };
  char text[INET_ADDRSTRLEN];
  guint bits = 0;

  for (guint32 rest = ntohl (mask->sin_addr.s_addr); rest; rest <<= 1)
    bits++;
  inet_ntop (AF_INET, &network, text, sizeof text);
  return g_strdup_printf ("%s/%u", text, bits);
}

static ForgeInterface *
read_interface (const struct ifaddrs *item)
{
  const struct sockaddr_in *address = (const void *)item->ifa_addr;
  const struct sockaddr_in *mask = (const void *)item->ifa_netmask;
  g_autoptr (GInetAddress) inet =
      g_inet_address_new_from_bytes ((const guint8 *)&address->sin_addr, G_SOCKET_FAMILY_IPV4);
  g_autofree char *device = g_build_filename ("/sys/class/net", item->ifa_name, "device", NULL);
  ForgeInterface *interface = g_new0 (ForgeInterface, 1);

  interface->name = g_strdup (item->ifa_name);
  interface->address = g_inet_address_to_string (inet);
  interface->subnet = subnet_text (address, mask);
  interface->kind = item->ifa_flags & IFF_LOOPBACK ? FORGE_INTERFACE_LOOPBACK
                                                   : forge_interface_kind_of_name (item->ifa_name);
  interface->is_private = forge_address_is_private (inet);
  interface->is_hardware = g_file_test (device, G_FILE_TEST_EXISTS);
  return interface;
}

GPtrArray *
forge_interfaces_list (void)
{
  GPtrArray *interfaces = g_ptr_array_new_with_free_func (interface_free);
  struct ifaddrs *list = NULL;

  if (getifaddrs (&list) != 0)
    return interfaces;
  for (const struct ifaddrs *item = list; item; item = item->ifa_next)
    if (item->ifa_addr && item->ifa_netmask && item->ifa_addr->sa_family == AF_INET &&
        item->ifa_flags & IFF_UP)
      g_ptr_array_add (interfaces, read_interface (item));
  freeifaddrs (list);
  return interfaces;
}

gboolean
forge_is_in_container (void)
{
  return g_file_test ("/.dockerenv", G_FILE_TEST_EXISTS) ||
         g_file_test ("/run/.containerenv", G_FILE_TEST_EXISTS);
}

/* Line "KEY=value", quotes and case aside. */
static gboolean
says (const char *root, const char *file, const char *line)
{
  g_autofree char *path = g_strconcat (root, file, NULL);
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;

  if (!g_file_get_contents (path, &text, NULL, NULL))
    return FALSE;
  lines = g_strsplit (text, "\n", -1);
  for (char **at = lines; *at; at++)
    if (g_ascii_strcasecmp (g_strstrip (*at), line) == 0)
      return TRUE;
  return FALSE;
}

const char *
forge_firewall_name (const char *root)
{
  g_autofree char *firewalld = g_strconcat (root, "/run/firewalld", NULL);

  if (says (root, "/etc/ufw/ufw.conf", "ENABLED=yes"))
    return "ufw";
  return g_file_test (firewalld, G_FILE_TEST_EXISTS) ? "firewalld" : NULL;
}
