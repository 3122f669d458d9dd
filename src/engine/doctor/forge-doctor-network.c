/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/doctor/forge-doctor-private.h"

#include <string.h>

/* Can anybody come here at all: who may, over which interfaces, past which firewall. */

static void
check_bind (ForgeDoctor *doctor)
{
  if (!doctor->is_open) {
    forge_doctor_add (doctor,
                      "bind",
                      FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup ("Only programs on this machine reach the tuner"),
                      "To let other devices at home in: settings set bind lan, then start "
                      "StreamForge again.");
    return;
  }
  forge_doctor_add (doctor,
                    "bind",
                    FORGE_CHECK_OK,
                    NULL,
                    g_strdup_printf ("Devices at home reach the tuner at %s",
                                     doctor->lan_url ? doctor->lan_url : "(no address yet)"),
                    NULL);
}

static guint
count_kind (const ForgeDoctor *doctor, ForgeInterfaceKind kind, gboolean only_hardware)
{
  guint count = 0;

  for (guint i = 0; i < doctor->interfaces->len; i++) {
    const ForgeInterface *interface = g_ptr_array_index (doctor->interfaces, i);
    count += interface->kind == kind && (!only_hardware || interface->is_hardware);
  }
  return count;
}

/* A container that shares the host's network sees its devices. */
static gboolean
is_behind_bridge (const ForgeDoctor *doctor)
{
  return forge_is_in_container () && count_kind (doctor, FORGE_INTERFACE_HOME, TRUE) == 0 &&
         count_kind (doctor, FORGE_INTERFACE_BRIDGE, FALSE) == 0;
}

static void
check_container (ForgeDoctor *doctor)
{
  if (!is_behind_bridge (doctor))
    return;
  forge_doctor_add (
      doctor,
      "bridge-network",
      doctor->is_open ? FORGE_CHECK_ERROR : FORGE_CHECK_INFO,
      NULL,
      g_strdup (
          "StreamForge runs in a container with a network of its own: broadcasts do not reach "
          "it, and the address it knows is not the one that clients need"),
      "Give the container the host's network (docker run --network host, network_mode: host), or "
      "publish the port and add the tuner by the host's address.");
}

static const ForgeInterface *
find_lan_interface (const ForgeDoctor *doctor)
{
  g_autoptr (GUri) uri = doctor->lan_url ? g_uri_parse (doctor->lan_url, G_URI_FLAGS_NONE, NULL)
                                         : NULL;

  for (guint i = 0; uri && i < doctor->interfaces->len; i++) {
    const ForgeInterface *interface = g_ptr_array_index (doctor->interfaces, i);
    if (strcmp (interface->address, g_uri_get_host (uri)) == 0)
      return interface;
  }
  return NULL;
}

static void
check_interface (ForgeDoctor *doctor)
{
  const ForgeInterface *lan = find_lan_interface (doctor);

  if (!lan) {
    forge_doctor_add (doctor,
                      "interface",
                      FORGE_CHECK_ERROR,
                      NULL,
                      g_strdup_printf ("No network of this machine fits the setting bind=%s",
                                       doctor->bind),
                      "Connect to your home network, or choose another address with settings set "
                      "bind.");
    return;
  }
  if (lan->kind == FORGE_INTERFACE_BRIDGE || lan->kind == FORGE_INTERFACE_VPN) {
    forge_doctor_add (
        doctor,
        "interface",
        FORGE_CHECK_WARNING,
        lan->address,
        g_strdup_printf (
            "The address for clients, %s, is on %s, which is a %s",
            lan->address,
            lan->name,
            lan->kind == FORGE_INTERFACE_VPN ? "VPN" : "network of containers or virtual machines"),
        "Name the address of your home network: settings set bind ADDRESS, then start "
        "again; or switch the VPN off.");
    return;
  }
  forge_doctor_add (
      doctor,
      "interface",
      FORGE_CHECK_OK,
      lan->address,
      g_strdup_printf ("%s is in the network %s on %s", lan->address, lan->subnet, lan->name),
      NULL);
}

/* One rule for all ports that clients need. */
static char *
firewall_fix (const ForgeDoctor *doctor, const char *firewall, const char *subnet)
{
  GString *fix = g_string_new ("Let the home network in: ");
  const char *udp = forge_settings_bool (doctor->snapshot->settings, "ssdp") ? "65001,1900"
                                                                             : "65001";
  GString *tcp = g_string_new (NULL);

  g_string_printf (tcp, "%u,65001", doctor->http_port);
  for (guint i = 0; i < doctor->snapshot->devices->len; i++) {
    const ForgeDeviceView *view = g_ptr_array_index (doctor->snapshot->devices, i);
    if (view->device->id != FORGE_DEVICE_MAIN && view->device->enabled)
      g_string_append_printf (tcp, ",%u", view->device->port);
  }
  if (strcmp (firewall, "ufw") == 0)
    g_string_append_printf (fix,
                            "sudo ufw allow proto tcp from %s to any port %s; "
                            "sudo ufw allow proto udp from %s to any port %s",
                            subnet,
                            tcp->str,
                            subnet,
                            udp);
  else
    g_string_append_printf (
        fix,
        "sudo firewall-cmd --permanent --add-rich-rule='rule family=ipv4 source "
        "address=%s accept'; sudo firewall-cmd --reload",
        subnet);
  g_string_free (tcp, TRUE);
  return g_string_free (fix, FALSE);
}

static void
check_firewall (ForgeDoctor *doctor)
{
  const char *firewall = forge_firewall_name ("");
  const ForgeInterface *lan = find_lan_interface (doctor);

  if (!firewall) {
    forge_doctor_add (
        doctor,
        "firewall",
        FORGE_CHECK_INFO,
        NULL,
        g_strdup ("No firewall was seen here; what is tried below does not leave this "
                  "machine, so one elsewhere would not show"),
        "If other devices find nothing, let TCP and UDP port 65001 and the tuner's TCP "
        "port in, at the router too.");
    return;
  }
  g_autofree char *fix = firewall_fix (doctor, firewall, lan ? lan->subnet : "192.168.0.0/16");
  forge_doctor_add (doctor,
                    "firewall",
                    FORGE_CHECK_WARNING,
                    NULL,
                    g_strdup_printf ("The firewall %s is on; it may keep other devices out, which "
                                     "cannot be tried from this machine",
                                     firewall),
                    fix);
}

static void
check_refusals (ForgeDoctor *doctor)
{
  if (doctor->refused_peers > 0)
    forge_doctor_add (
        doctor,
        "strangers",
        FORGE_CHECK_WARNING,
        NULL,
        g_strdup_printf (doctor->refused_peers == 1
                             ? "%" G_GUINT64_FORMAT
                               " connection came from outside of your own networks and was refused"
                             : "%" G_GUINT64_FORMAT
                               " connections came from outside of your own networks and were"
                               " refused",
                         doctor->refused_peers),
        "Was it a device of yours, it is in a guest network, behind another router, on "
        "a VPN or in a container: bring it into the same network.");
  if (doctor->refused_hosts > 0)
    forge_doctor_add (doctor,
                      "host-names",
                      FORGE_CHECK_WARNING,
                      NULL,
                      g_strdup_printf (doctor->refused_hosts == 1
                                           ? "%" G_GUINT64_FORMAT
                                             " request used a name that is not this machine's and"
                                             " was refused"
                                           : "%" G_GUINT64_FORMAT
                                             " requests used a name that is not this machine's and"
                                             " were refused",
                                       doctor->refused_hosts),
                      "Use the address, or the machine's own name, in the client.");
}

void
forge_doctor_check_network (ForgeDoctor *doctor)
{
  check_bind (doctor);
  check_container (doctor);
  if (doctor->is_open) {
    check_interface (doctor);
    check_firewall (doctor);
  }
  check_refusals (doctor);
}
