/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * What people (and backups) may give things: each FALSE is INVALID with the limit in words. No
 * control characters anywhere: they would end up in request heads, M3U lines and terminals.
 */
#define FORGE_MAX_NAME_BYTES       100
#define FORGE_MAX_LOGIN_BYTES      512
#define FORGE_MAX_AGENT_BYTES      200
#define FORGE_MAX_LOCATION_BYTES   4096
#define FORGE_MAX_SHIFT_MINUTES    (26 * 60)
#define FORGE_MAX_USER_CONNECTIONS 100
#define FORGE_MAX_MIRRORS          16

gboolean forge_check_name (const char *name, GError **error);
gboolean forge_check_username (const char *username, GError **error);
/* NULL and "" = none. */
gboolean forge_check_user_agent (const char *user_agent, GError **error);
gboolean forge_check_proxy (const char *proxy, GError **error);
/* An http(s) URL or the full path of a file. */
gboolean forge_check_guide_location (const char *location, GError **error);
gboolean forge_check_shift (gint64 minutes, GError **error);
gboolean forge_check_connections (gint64 connections, GError **error);

G_END_DECLS
