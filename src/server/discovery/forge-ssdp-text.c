/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/discovery/forge-ssdp-text.h"

#include <string.h>

#define MEDIA_SERVER  "urn:schemas-upnp-org:device:MediaServer:1"
#define ROOT_DEVICE   "upnp:rootdevice"
#define SERVER_NAME   "Linux UPnP/1.0 StreamForge/" FORGE_VERSION
#define MAX_MX_S      120
#define DEFAULT_MX_S  1 /* some players leave it out */
#define GROUP_ADDRESS "239.255.255.250:1900"

static gboolean
is_search_line (const char *line)
{
  return strcmp (line, "M-SEARCH * HTTP/1.1") == 0 || strcmp (line, "M-SEARCH * HTTP/1.0") == 0;
}

/* The trimmed value if `line` is that header, else NULL. */
static const char *
header_value (char *line, const char *name)
{
  gsize length = strlen (name);

  if (g_ascii_strncasecmp (line, name, length) != 0 || line[length] != ':')
    return NULL;
  return g_strstrip (line + length + 1);
}

static guint
targets_of (const char *wanted, const char *uuid)
{
  if (strcmp (wanted, "ssdp:all") == 0)
    return FORGE_SSDP_ALL;
  if (strcmp (wanted, ROOT_DEVICE) == 0)
    return FORGE_SSDP_ROOT;
  if (strcmp (wanted, MEDIA_SERVER) == 0)
    return FORGE_SSDP_MEDIA_SERVER;
  if (g_str_has_prefix (wanted, "uuid:") && g_ascii_strcasecmp (wanted + 5, uuid) == 0)
    return FORGE_SSDP_UUID;
  return 0;
}

static guint
seconds_of (const char *text)
{
  return (guint)CLAMP (g_ascii_strtoll (text, NULL, 10), 0, MAX_MX_S);
}

gboolean
forge_ssdp_parse_search (const guint8 *bytes,
                         gsize length,
                         const char *uuid,
                         ForgeSsdpSearch *search)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  gboolean is_discover = FALSE;

  *search = (ForgeSsdpSearch){ .mx_s = DEFAULT_MX_S };
  if (memchr (bytes, '\0', length))
    return FALSE;
  text = g_strndup ((const char *)bytes, length);
  lines = g_strsplit (text, "\n", -1);
  if (!lines[0] || !is_search_line (g_strchomp (lines[0])))
    return FALSE;
  for (char **line = lines + 1; *line; line++) {
    const char *value;
    if ((value = header_value (*line, "MAN")))
      is_discover = strcmp (value, "\"ssdp:discover\"") == 0;
    else if ((value = header_value (*line, "ST")))
      search->targets = targets_of (value, uuid);
    else if ((value = header_value (*line, "MX")))
      search->mx_s = seconds_of (value);
  }
  return is_discover && search->targets;
}

static char *
name_of (ForgeSsdpTarget target, const char *uuid)
{
  switch (target) {
  case FORGE_SSDP_ROOT:
    return g_strdup (ROOT_DEVICE);
  case FORGE_SSDP_MEDIA_SERVER:
    return g_strdup (MEDIA_SERVER);
  case FORGE_SSDP_UUID:
  default:
    return g_strconcat ("uuid:", uuid, NULL);
  }
}

/* The bare uuid for itself. */
static char *
usn_of (ForgeSsdpTarget target, const char *uuid)
{
  g_autofree char *name = name_of (target, uuid);

  return target == FORGE_SSDP_UUID ? g_steal_pointer (&name)
                                   : g_strconcat ("uuid:", uuid, "::", name, NULL);
}

char *
forge_ssdp_response (ForgeSsdpTarget target, const char *uuid, const char *location)
{
  g_autofree char *name = name_of (target, uuid);
  g_autofree char *usn = usn_of (target, uuid);

  return g_strdup_printf ("HTTP/1.1 200 OK\r\n"
                          "CACHE-CONTROL: max-age=%d\r\n"
                          "EXT:\r\n"
                          "LOCATION: %s\r\n"
                          "SERVER: " SERVER_NAME "\r\n"
                          "ST: %s\r\n"
                          "USN: %s\r\n"
                          "Content-Length: 0\r\n\r\n",
                          FORGE_SSDP_MAX_AGE_S,
                          location,
                          name,
                          usn);
}

char *
forge_ssdp_notify (ForgeSsdpTarget target, const char *uuid, const char *location)
{
  g_autofree char *name = name_of (target, uuid);
  g_autofree char *usn = usn_of (target, uuid);

  if (!location)
    return g_strdup_printf ("NOTIFY * HTTP/1.1\r\n"
                            "HOST: " GROUP_ADDRESS "\r\n"
                            "NT: %s\r\n"
                            "NTS: ssdp:byebye\r\n"
                            "USN: %s\r\n\r\n",
                            name,
                            usn);
  return g_strdup_printf ("NOTIFY * HTTP/1.1\r\n"
                          "HOST: " GROUP_ADDRESS "\r\n"
                          "CACHE-CONTROL: max-age=%d\r\n"
                          "LOCATION: %s\r\n"
                          "NT: %s\r\n"
                          "NTS: ssdp:alive\r\n"
                          "SERVER: " SERVER_NAME "\r\n"
                          "USN: %s\r\n\r\n",
                          FORGE_SSDP_MAX_AGE_S,
                          location,
                          name,
                          usn);
}
