/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-http.h"

G_BEGIN_DECLS

/* Bodies above this many decoded bytes are TOO_LARGE from now on. */
void forge_http_set_max_body (ForgeHttp *http, guint64 max_bytes);

/* What every call iterates while it waits: a source that is attached to it runs meanwhile, too. It
 * must not call this ForgeHttp. (transfer none) */
GMainContext *forge_http_context (ForgeHttp *http);

G_END_DECLS
