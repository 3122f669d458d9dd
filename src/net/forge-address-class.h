/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What kind of address it is (IANA special-purpose registries, RFC 6890). */
typedef enum {
  FORGE_ADDRESS_PUBLIC,
  FORGE_ADDRESS_PRIVATE,  /* RFC 1918, fc00::/7 */
  FORGE_ADDRESS_LOOPBACK, /* 127/8, ::1 */
  FORGE_ADDRESS_SPECIAL, /* link-local, shared (100.64/10), multicast, documentation, reserved … */
  FORGE_ADDRESS_EMBEDDED, /* IPv4 in IPv6: mapped, compatible, 6to4, Teredo, NAT64 */
} ForgeAddressClass;

/* Thread: any. */
ForgeAddressClass forge_address_classify (GInetAddress *address);
/* For messages: "private", "loopback" … */
const char *forge_address_class_name (ForgeAddressClass class);

/* TRUE for what some resolver takes for an IPv4 address: a last label of digits or 0x…; "10.0.0.1",
 * but "0x7f.1", "2130706433" and "127.1" too (WHATWG URL, "ends in a number"). */
gboolean forge_address_is_numeric_name (const char *host);

G_END_DECLS
