/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A point in time that one phase of a dial must not pass. */
typedef struct {
  gint64 at_us;       /* g_get_monotonic_time () */
  guint budget_ms;    /* for the message */
  const char *phase;  /* "no answer": "HOST: no answer within 5000 ms" */
  const char *host;   /* for the message */
  GCancellable *stop; /* NULL = none */
} ForgeDeadline;

/* Milliseconds left, at least 0. */
guint forge_deadline_left_ms (const ForgeDeadline *deadline);
/* RETRY: "HOST: PHASE within N ms". */
void forge_deadline_set_error (const ForgeDeadline *deadline, GError **error);
/* Blocks until `fd` has one of `events` (G_IO_IN, G_IO_OUT). FALSE: cancelled or RETRY. */
gboolean
forge_deadline_poll (const ForgeDeadline *deadline, int fd, GIOCondition events, GError **error);
/* Waits `us` microseconds. FALSE: cut short. Blocks. */
gboolean forge_net_pause (gint64 us, GCancellable *cancellable);

G_END_DECLS
