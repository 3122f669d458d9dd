/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeLocalAddresses: what this machine calls itself on its networks. Read from the kernel at most
 * every 10 s, because notebooks change networks while we run. Thread: the owner's.
 */
typedef struct _ForgeLocalAddresses ForgeLocalAddresses;

ForgeLocalAddresses *forge_local_addresses_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* A fixed set for tests: "192.168.1.5/24", NULL-terminated. */
ForgeLocalAddresses *forge_local_addresses_new_fixed (const char *const *cidrs)
    G_GNUC_WARN_UNUSED_RESULT;
void forge_local_addresses_free (ForgeLocalAddresses *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLocalAddresses, forge_local_addresses_free)

/* TRUE if one of our interfaces has `address` (loopback included). */
gboolean forge_local_addresses_is_own (ForgeLocalAddresses *self, GInetAddress *address);
/* TRUE for this machine itself and for private or link-local peers inside a subnet of ours. */
gboolean forge_local_addresses_is_near (ForgeLocalAddresses *self, GInetAddress *address);
/* The private IPv4 address that others at home reach us by: the one of the default route, else the
 * first. NULL = none. Returns: (transfer full). */
char *forge_local_addresses_lan_ipv4 (ForgeLocalAddresses *self);

/* RFC 1918, RFC 4193 and link-local. Thread: any. */
gboolean forge_address_is_private (GInetAddress *address);
/* "http://192.168.1.5:5004", brackets around IPv6. Thread: any. Returns: (transfer full). */
char *forge_address_url (GInetAddress *address, guint port) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
