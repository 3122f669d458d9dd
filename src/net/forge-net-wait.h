/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeNetWait: runs one asynchronous GIO call to its end on a private main context, with a timer
 * that can be re-armed per phase. GIO's blocking calls have one timeout for everything, none for
 * the name look-up and no happy eyeballs; their asynchronous twins have all that we need.
 *
 * begin → start the call with .cancellable, forge_net_wait_done and the wait as user data →
 * result → finish the call → end.
 */
typedef struct {
  GMainContext *context;     /* owned; the thread's default between begin and end */
  GCancellable *cancellable; /* for the call: fired by the timer and by the caller's */
  GCancellable *outer;       /* the caller's, NULL = none */
  gulong outer_handler;
  GSource *timer; /* NULL = not armed */
  GAsyncResult *result;
  gboolean timed_out;
} ForgeNetWait;

void forge_net_wait_begin (ForgeNetWait *wait, GMainContext *context, GCancellable *outer);
/* The call must end within `timeout_ms` from now; 0 takes the limit away. */
void forge_net_wait_arm (ForgeNetWait *wait, guint timeout_ms);
/* A GAsyncReadyCallback. */
void forge_net_wait_done (GObject *source, GAsyncResult *result, gpointer wait);
/* Blocks until the call is done. Returns: (transfer none), until end. */
GAsyncResult *forge_net_wait_result (ForgeNetWait *wait);
void forge_net_wait_end (ForgeNetWait *wait);

G_END_DECLS
