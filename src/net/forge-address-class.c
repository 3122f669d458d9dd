/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "net/forge-address-class.h"

#include <string.h>

typedef struct {
  guint8 prefix[16];
  guint bits;
  ForgeAddressClass class;
} Range;

/* The first that fits; what is not listed is public. */
static const Range v4_ranges[] = {
  { { 0 }, 8, FORGE_ADDRESS_SPECIAL },
  { { 10 }, 8, FORGE_ADDRESS_PRIVATE },
  { { 100, 64 }, 10, FORGE_ADDRESS_SPECIAL },
  { { 127 }, 8, FORGE_ADDRESS_LOOPBACK },
  { { 169, 254 }, 16, FORGE_ADDRESS_SPECIAL },
  { { 172, 16 }, 12, FORGE_ADDRESS_PRIVATE },
  { { 192, 0, 0 }, 24, FORGE_ADDRESS_SPECIAL },
  { { 192, 0, 2 }, 24, FORGE_ADDRESS_SPECIAL },
  { { 192, 88, 99 }, 24, FORGE_ADDRESS_SPECIAL },
  { { 192, 168 }, 16, FORGE_ADDRESS_PRIVATE },
  { { 198, 18 }, 15, FORGE_ADDRESS_SPECIAL },
  { { 198, 51, 100 }, 24, FORGE_ADDRESS_SPECIAL },
  { { 203, 0, 113 }, 24, FORGE_ADDRESS_SPECIAL },
  { { 224 }, 3, FORGE_ADDRESS_SPECIAL }, /* multicast, reserved, broadcast */
};

/* The first that fits; public is only what lies in 2000::/3 and is not listed. */
static const Range v6_ranges[] = {
  { { [15] = 1 }, 128, FORGE_ADDRESS_LOOPBACK },
  { { [15] = 0 }, 128, FORGE_ADDRESS_SPECIAL },            /* :: */
  { { [10] = 0xff, 0xff }, 96, FORGE_ADDRESS_EMBEDDED },   /* mapped */
  { { 0 }, 96, FORGE_ADDRESS_EMBEDDED },                   /* compatible */
  { { 0, 0x64, 0xff, 0x9b }, 32, FORGE_ADDRESS_EMBEDDED }, /* NAT64: RFC 6052, RFC 8215 */
  { { 0x20, 0x02 }, 16, FORGE_ADDRESS_EMBEDDED },          /* 6to4 */
  { { 0x20, 0x01, 0, 0 }, 32, FORGE_ADDRESS_EMBEDDED },    /* Teredo */
  { { 0x20, 0x01, 0 }, 23, FORGE_ADDRESS_SPECIAL },
  { { 0x20, 0x01, 0x0d, 0xb8 }, 32, FORGE_ADDRESS_SPECIAL },
  { { 0x3f, 0xff, 0 }, 20, FORGE_ADDRESS_SPECIAL },
  { { 0xfc }, 7, FORGE_ADDRESS_PRIVATE },
  { { 0x20 }, 3, FORGE_ADDRESS_PUBLIC },
};

static gboolean
is_in (const guint8 *address, const Range *range)
{
  guint bytes = range->bits / 8, rest = range->bits % 8;
  guint8 mask = (guint8)(0xff00 >> rest);

  return memcmp (address, range->prefix, bytes) == 0 &&
         (rest == 0 || ((address[bytes] ^ range->prefix[bytes]) & mask) == 0);
}

static ForgeAddressClass
find (const guint8 *address, const Range *ranges, gsize n, ForgeAddressClass otherwise)
{
  for (gsize i = 0; i < n; i++)
    if (is_in (address, &ranges[i]))
      return ranges[i].class;
  return otherwise;
}

ForgeAddressClass
forge_address_classify (GInetAddress *address)
{
  const guint8 *bytes = g_inet_address_to_bytes (address);

  if (g_inet_address_get_family (address) == G_SOCKET_FAMILY_IPV4)
    return find (bytes, v4_ranges, G_N_ELEMENTS (v4_ranges), FORGE_ADDRESS_PUBLIC);
  return find (bytes, v6_ranges, G_N_ELEMENTS (v6_ranges), FORGE_ADDRESS_SPECIAL);
}

const char *
forge_address_class_name (ForgeAddressClass class)
{
  switch (class) {
  case FORGE_ADDRESS_PUBLIC:
    return "public";
  case FORGE_ADDRESS_PRIVATE:
    return "private";
  case FORGE_ADDRESS_LOOPBACK:
    return "loopback";
  case FORGE_ADDRESS_EMBEDDED:
    return "IPv4-in-IPv6";
  case FORGE_ADDRESS_SPECIAL:
  default:
    return "special-purpose";
  }
}

gboolean
forge_address_is_numeric_name (const char *host)
{
  g_autofree char *text = g_strdup (host);
  gsize length = strlen (text);

  if (length > 0 && text[length - 1] == '.')
    text[length - 1] = '\0';
  const char *dot = strrchr (text, '.'), *label = dot ? dot + 1 : text;
  if (strchr (text, ':') || !*label)
    return FALSE;
  if (label[0] == '0' && (label[1] == 'x' || label[1] == 'X'))
    return strspn (label + 2, "0123456789abcdefABCDEF") == strlen (label + 2);
  return strspn (label, "0123456789") == strlen (label);
}
