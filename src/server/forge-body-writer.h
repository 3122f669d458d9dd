/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "server/forge-http-server.h"

G_BEGIN_DECLS

/* Where a streamed body goes. Strings are lent. */
typedef struct {
  int fd; /* connected, non-blocking; stays the caller's */
  const char *head;
  const char *failure; /* the whole answer when the body fails before its first byte */
  gboolean is_chunked; /* HTTP/1.1; else the end of the connection ends the body */
  gboolean is_gzipped;
  gboolean is_immediate; /* every piece goes out at once: events */
  guint timeout_ms;      /* without progress towards the client */
} ForgeBodyTarget;

/* Produces the body with `write` and sends it. A body that breaks off is left without its end mark,
 * so that the client knows. Error: what `write` reported, or G_IO_ERROR_* of the socket, or
 * CANCELLED. Role: job. Blocks: while the client is slow, at most `timeout_ms` per piece and
 * FORGE_BODY_MAX_WAIT_US in all. */
gboolean forge_body_write (const ForgeBodyTarget *target,
                           ForgeBodyFunc write,
                           gpointer write_data,
                           GCancellable *cancellable,
                           GError **error);

/* Waiting for one slow reader in all: it holds a thread and a read transaction. */
#define FORGE_BODY_MAX_WAIT_US (G_GINT64_CONSTANT (600) * G_USEC_PER_SEC)

G_END_DECLS
