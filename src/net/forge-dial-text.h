/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "net/forge-dial.h"

G_BEGIN_DECLS

/* Internal to net: the whole body of a dial that turned out to be a document, chunk coding undone.
 * Closes the dial's connection and drops its leftover, also on failure. Error: TOO_LARGE, RETRY,
 * INVALID, G_IO_ERROR_CANCELLED. Blocks for at most `timeout_ms`. Returns: (transfer full). */
GByteArray *forge_dial_read_text (ForgeDial *dial,
                                  gsize max_bytes,
                                  guint timeout_ms,
                                  GCancellable *cancellable,
                                  GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
