/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Internal to net: what both clients say when something fails. */

/* Consumes `cause`, an error of GLib, GIO or libsoup, and sets one of ours: "HOST: text" with the
 * text redacted; INVALID for a certificate or damaged data, else RETRY. A cancellation passes
 * unchanged. */
void forge_net_set_cause (GError **error, const char *host, GError *cause);

/* `text` with control characters dropped, so that it can neither end a header line nor start one.
 * Returns: (transfer full). */
char *forge_net_header_value (const char *text) G_GNUC_WARN_UNUSED_RESULT;

/* NULL, http:// or socks5:// with a host; UNSUPPORTED otherwise. */
gboolean forge_net_check_proxy (const char *proxy, GError **error);

/* The first 60 printable characters of a body, redacted. Returns: (transfer full). */
char *forge_net_quote (const void *data, gsize length) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
