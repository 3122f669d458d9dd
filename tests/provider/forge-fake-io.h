/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "forge-fake-private.h"

G_BEGIN_DECLS

/* Blocking input and output that ends at once when the provider stops or the client goes. All
 * functions return FALSE when the connection is of no further use. */

/* Waits for the client to leave, at most until `until_us` (monotonic; -1 = for ever). */
gboolean forge_fake_wait (ForgeFakeConnection *connection, gint64 until_us);
gboolean forge_fake_send (ForgeFakeConnection *connection, const void *data, gsize size);
/* More bytes into the connection's buffer. FALSE also when it is full. */
gboolean forge_fake_receive (ForgeFakeConnection *connection, gint64 until_us);

/* Whoever made the provider hears of a live stream's beginning or end. */
void forge_fake_tell_live (const ForgeFakeConnection *connection, gboolean begins);

/* A body that may be made to end badly: after so many bytes nothing more, an end, or a reset. */
typedef struct {
  ForgeFakeConnection *connection;
  ForgeFakeVerb ending; /* STALL_AFTER, DROP_AFTER, RESET_AFTER; FORGE_FAKE_N_VERBS = none */
  guint64 left_bytes;   /* until the ending */
} ForgeFakeGate;

void forge_fake_gate_init (ForgeFakeGate *gate,
                           ForgeFakeConnection *connection,
                           const ForgeFakeFaults *faults);
gboolean forge_fake_gate_send (ForgeFakeGate *gate, const void *data, gsize size);

G_END_DECLS
