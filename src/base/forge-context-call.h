/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * Calls into the thread that owns something, for threads that may wait for the answer.
 */
typedef void (*ForgeContextFunc) (gpointer data);

/* Runs `func` in the thread that runs `context`, or is going to, and returns when it has ended;
 * right here where this is that thread, or where `context` is this one's own and does not run.
 * There is no end to the wait if nobody runs it. Thread: any. */
void forge_context_call (GMainContext *context, ForgeContextFunc func, gpointer data);

G_END_DECLS
