/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeGuardStream: stands between a client's connection and libsoup and closes two of its gaps.
 *
 * - libsoup 3.2 drops a connection whose head grows beyond its own limit without an answer. The
 *   guard ends a head that is too long with a made-up last line, so that libsoup parses what is
 *   there and the server can answer 414 or 431.
 * - libsoup 3.2.3 never frees a kept-alive connection that the client closes between two requests
 *   (seen: one descriptor leaked per connection). The guard then shuts the socket down and hands
 *   libsoup an empty line before the end, which makes it a failed request like any other.
 */
#define FORGE_TYPE_GUARD_STREAM (forge_guard_stream_get_type ())
G_DECLARE_FINAL_TYPE (ForgeGuardStream, forge_guard_stream, FORGE, GUARD_STREAM, GIOStream)

/* Closing the guard closes `base`. A head of more than `max_head_bytes` is cut. */
ForgeGuardStream *forge_guard_stream_new (GSocketConnection *base, gsize max_head_bytes)
    G_GNUC_WARN_UNUSED_RESULT;

/* The head is read; what follows is body and not counted. */
void forge_guard_stream_end_head (ForgeGuardStream *self);
/* The response is out; another head may follow. */
void forge_guard_stream_begin_head (ForgeGuardStream *self);
/* TRUE once a head was cut. */
gboolean forge_guard_stream_was_cut (ForgeGuardStream *self);

G_END_DECLS
