/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"
#include "base/forge-error.h"
#include "net/forge-dial.h"
#include "net/forge-http-head.h"
#include "net/forge-net-poll.h"

G_BEGIN_DECLS

/* Internal to net: one connection of a dial, from the name to the request sent. */

/* What is asked beside the address. */
typedef struct {
  const char *method;  /* "GET", "HEAD" */
  const char *headers; /* more lines, each with its CRLF; "" = none */
  const char *own;     /* the same, but only where the address itself leads: the same host, and not
                          without TLS after it had some. NULL = none */
} ForgeDialWish;

/* Connects (through the proxy if there is one), does TLS for https, and sends the request for
 * `uri`, all before the deadline. With a guard it goes only where that allows; what a proxy
 * resolves is out of its sight. Fills `bytes` (fd -1 on failure). */
gboolean forge_dial_wire_open (GUri *uri,
                               const ForgeDialWish *wish,
                               const ForgeDialOptions *options,
                               const ForgeDeadline *deadline,
                               ForgeByteSource *bytes,
                               GError **error);
/* As forge_dial_open (), but ends with the head of the answer, whatever its status; the body is not
 * looked at, so the second timeout does not matter. `head` must be zeroed. */
gboolean forge_dial_wish (const char *url,
                          const ForgeDialWish *wish,
                          const ForgeDialOptions *options,
                          ForgeDial *dial,
                          ForgeHttpHead *head,
                          GCancellable *cancellable,
                          GError **error);
/* What the caller should do about a status that is no success. */
ForgeError forge_dial_code_of_status (guint status);
/* Like recv () on either kind. */
ssize_t forge_dial_wire_read (ForgeByteSource *bytes, void *buffer, size_t size);
void forge_dial_wire_close (ForgeByteSource *bytes);

G_END_DECLS
