/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Internal to net: the body of a ForgeHttpReply, read with blocking calls. Each read waits at most
 * `idle_timeout_ms`; more than `max_bytes` decoded bytes are TOO_LARGE. `inner` is libsoup's
 * stream, bound to `context`. Returns: (transfer full). */
GInputStream *forge_http_body_new (GInputStream *inner,
                                   GMainContext *context,
                                   const char *host,
                                   guint idle_timeout_ms,
                                   guint64 max_bytes);

G_END_DECLS
