/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-http.h"

G_BEGIN_DECLS

/* For tests: bodies above this many decoded bytes are TOO_LARGE from now on. */
void forge_http_set_max_body (ForgeHttp *http, guint64 max_bytes);

G_END_DECLS
