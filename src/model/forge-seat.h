/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A place that a connection takes; whoever holds it says once when it is left. */
typedef struct {
  guint64 id;                                     /* 0 = none: nothing is said */
  void (*leave) (guint64 id, gpointer user_data); /* thread: any */
  gpointer user_data;
} ForgeSeat;

static inline void
forge_seat_leave (ForgeSeat *seat)
{
  if (seat->id != 0)
    seat->leave (seat->id, seat->user_data);
  seat->id = 0;
}

G_END_DECLS
