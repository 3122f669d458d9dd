/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an interface's name and the kernel say that it is. */
typedef enum {
  FORGE_INTERFACE_LOOPBACK,
  FORGE_INTERFACE_HOME,   /* cable or radio */
  FORGE_INTERFACE_BRIDGE, /* of containers or virtual machines */
  FORGE_INTERFACE_VPN,
} ForgeInterfaceKind;

typedef struct {
  char *name;    /* "eth0" */
  char *address; /* IPv4 */
  char *subnet;  /* "192.168.1.0/24" */
  ForgeInterfaceKind kind;
  gboolean is_private;  /* RFC 1918 or link-local */
  gboolean is_hardware; /* a device, not made by software */
} ForgeInterface;

/* Every IPv4 address of an interface that is up. Of ForgeInterface*. Returns: (transfer full). */
GPtrArray *forge_interfaces_list (void) G_GNUC_WARN_UNUSED_RESULT;
/* By its name alone. Pure. */
ForgeInterfaceKind forge_interface_kind_of_name (const char *name);

/* TRUE if this process runs in a container. */
gboolean forge_is_in_container (void);
/* "ufw", "firewalld" or NULL: a firewall that is switched on, as far as one can see without rights.
 * `root`: "" or a folder that stands for the file system, for tests. */
const char *forge_firewall_name (const char *root);

G_END_DECLS
