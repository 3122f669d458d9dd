/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeGuard: where a request may go whose address came from outside: from a client, a guide, a
 * playlist, a redirect. It is asked for every URL (scheme, host, allow-list), and at connect time
 * for every address that a name resolved to, so that neither a redirect nor a name server can lead
 * the request into the home network. Immutable; thread-safe.
 *
 *   host is …                  | its addresses may be
 *   trusted: the user typed it | any
 *   on the list, or any host   | public; and private or loopback if a trusted host is such a
 *   if there is no list        | literal: a panel in the home has its edges there too
 *   another                    | none: the URL is refused
 */
typedef struct _ForgeGuard ForgeGuard;

/* `allowed`: host names, each with its sub-domains; NULL = any host. `trusted`: URLs or hosts that
 * the user typed in; NULL = none. Both are copied. */
ForgeGuard *forge_guard_new (const char *const *allowed, const char *const *trusted)
    G_GNUC_WARN_UNUSED_RESULT;
/* Only the hosts of a list as it stands in a setting, between blanks or commas. */
ForgeGuard *forge_guard_new_sites (const char *list) G_GNUC_WARN_UNUSED_RESULT;
ForgeGuard *forge_guard_ref (ForgeGuard *guard);
void forge_guard_unref (ForgeGuard *guard);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeGuard, forge_guard_unref)

/* FALSE: INVALID with the reason; nothing was resolved. http and https only, no user name in it, no
 * odd spelling of an address ("0x7f.1"), no address that is refused. */
gboolean forge_guard_check_uri (const ForgeGuard *guard, GUri *uri, GError **error);
gboolean forge_guard_check_url (const ForgeGuard *guard, const char *url, GError **error);
/* TRUE for the trusted hosts and those on the list. */
gboolean forge_guard_knows_host (const ForgeGuard *guard, const char *host);
/* One address that `host` resolved to. FALSE: INVALID. */
gboolean forge_guard_check_address (const ForgeGuard *guard,
                                    const char *host,
                                    GInetAddress *address,
                                    GError **error);
/* For GSocketClient: yields only the addresses of `host` that may be connected to; when none is
 * left it fails with INVALID. Returns: (transfer full). */
GSocketConnectable *forge_guard_connectable (ForgeGuard *guard, const char *host, guint16 port)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
