/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * What a site wants to see with a request for one of its files: yt-dlp's `http_headers` and
 * `cookies` of a format. Lines that are ours (ranges, codings, the connection) or broken are left
 * out, long ones too; cookies only those that a browser would send to `url`. They are secrets like
 * a password: never shown, logged or stored in the clear.
 */

#define FORGE_SITE_MAX_HEADERS       16
#define FORGE_SITE_MAX_HEADER_BYTES  4096 /* of one value, of all cookies together too */
#define FORGE_SITE_MAX_HEADERS_BYTES 8192

/* "Referer: …\r\nCookie: …\r\n", NULL if there are none; `user_agent` NULL = none was named. (both
 * transfer full) */
char *forge_site_headers_read (JsonObject *format, const char *url, char **user_agent);

/* The value of a Cookie header for `url` from "name=value; Domain=.example.org; Path=/; Secure;
 * name2=…". `now_s` UTC. NULL: none of them. (transfer full) */
char *forge_site_cookies_for (const char *cookies, const char *url, gint64 now_s);

G_END_DECLS
