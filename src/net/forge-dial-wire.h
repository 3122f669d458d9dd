/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"
#include "net/forge-dial.h"
#include "net/forge-net-poll.h"

G_BEGIN_DECLS

/* Internal to net: one connection of a dial, from the name to the request sent. */

/* Connects (through the proxy if there is one), does TLS for https, and sends a GET for `uri`, all
 * before the deadline. Fills `bytes` (fd -1 on failure). */
gboolean forge_dial_wire_open (GUri *uri,
                               const ForgeDialOptions *options,
                               const ForgeDeadline *deadline,
                               ForgeByteSource *bytes,
                               GError **error);
/* Like recv () on either kind. */
ssize_t forge_dial_wire_read (ForgeByteSource *bytes, void *buffer, size_t size);
void forge_dial_wire_close (ForgeByteSource *bytes);

G_END_DECLS
