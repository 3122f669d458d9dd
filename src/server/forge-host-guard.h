/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-local-addresses.h"

G_BEGIN_DECLS

/* Decides whether a request is meant for us, judged by the host that it names. A web page whose
 * name was rebound to our address still names its own host, so it is refused. Allowed: addresses of
 * this machine, the address the connection came in on (`local`, NULL = unknown), localhost, and
 * this machine's name, bare or with a suffix that public DNS cannot resolve. `host` has no port and
 * no brackets. */
gboolean
forge_host_guard_allows (ForgeLocalAddresses *addresses, GInetAddress *local, const char *host);

G_END_DECLS
