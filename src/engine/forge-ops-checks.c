/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-ops-checks.h"

#include "base/forge-error.h"
#include "net/forge-net-error.h"

#include <string.h>

static gboolean
has_control_character (const char *text)
{
  for (const char *at = text; *at; at = g_utf8_next_char (at))
    if (g_unichar_iscntrl (g_utf8_get_char (at)))
      return TRUE;
  return FALSE;
}

static gboolean
is_blank (const char *text)
{
  return text[strspn (text, " ")] == '\0';
}

static gboolean
check_text (const char *what, const char *text, gsize max_bytes, GError **error)
{
  gsize length = text ? strlen (text) : 0;

  if (length > 0 && length <= max_bytes && g_utf8_validate (text, -1, NULL) && !is_blank (text) &&
      !has_control_character (text))
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "The %s must have 1 to %" G_GSIZE_FORMAT " bytes of text without line breaks",
               what,
               max_bytes);
  return FALSE;
}

gboolean
forge_check_name (const char *name, GError **error)
{
  return check_text ("name", name, FORGE_MAX_NAME_BYTES, error);
}

gboolean
forge_check_username (const char *username, GError **error)
{
  return check_text ("user name", username, FORGE_MAX_LOGIN_BYTES, error);
}

gboolean
forge_check_user_agent (const char *user_agent, GError **error)
{
  return !user_agent || !*user_agent ||
         check_text ("user agent", user_agent, FORGE_MAX_AGENT_BYTES, error);
}

gboolean
forge_check_proxy (const char *proxy, GError **error)
{
  return !proxy || !*proxy ||
         (check_text ("proxy", proxy, FORGE_MAX_LOCATION_BYTES, error) &&
          forge_net_check_proxy (proxy, error));
}

static gboolean
is_web_address (const char *location)
{
  g_autoptr (GUri) uri =
      g_uri_parse (location, G_URI_FLAGS_PARSE_RELAXED | G_URI_FLAGS_ENCODED, NULL);
  const char *host = uri ? g_uri_get_host (uri) : NULL;

  /* GUri has the scheme in lower case. */
  return host && *host && !strpbrk (host, " %") &&
         (strcmp (g_uri_get_scheme (uri), "http") == 0 ||
          strcmp (g_uri_get_scheme (uri), "https") == 0);
}

gboolean
forge_check_guide_location (const char *location, GError **error)
{
  if (!check_text ("address of the guide", location, FORGE_MAX_LOCATION_BYTES, error))
    return FALSE;
  if (is_web_address (location) || g_path_is_absolute (location))
    return TRUE;
  g_set_error_literal (error,
                       FORGE_ERROR,
                       FORGE_ERROR_INVALID,
                       "A guide is an http:// or https:// address or the full path of a file");
  return FALSE;
}

static gboolean
check_range (const char *what, gint64 value, gint64 min, gint64 max, GError **error)
{
  if (value >= min && value <= max)
    return TRUE;
  g_set_error (error,
               FORGE_ERROR,
               FORGE_ERROR_INVALID,
               "%s: %" G_GINT64_FORMAT " is not between %" G_GINT64_FORMAT " and %" G_GINT64_FORMAT,
               what,
               value,
               min,
               max);
  return FALSE;
}

gboolean
forge_check_shift (gint64 minutes, GError **error)
{
  return check_range ("The shift in minutes",
                      minutes,
                      -FORGE_MAX_SHIFT_MINUTES,
                      FORGE_MAX_SHIFT_MINUTES,
                      error);
}

gboolean
forge_check_connections (gint64 connections, GError **error)
{
  return check_range ("max_connections (0 = as the provider says)",
                      connections,
                      0,
                      FORGE_MAX_USER_CONNECTIONS,
                      error);
}
