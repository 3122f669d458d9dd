/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A place that a connection takes; whoever holds it says once when it is left. */
typedef struct {
  guint64 id;                                     /* 0 = none: nothing is said */
  void (*leave) (guint64 id, gpointer user_data); /* thread: any */
  /* What was asked for comes in parts, each with a seat of its own: this one counts between them,
   * for some seconds. Thread: any. NULL = nobody counts. */
  void (*keep) (guint64 id, gpointer user_data);
  gpointer user_data;
  gint64 user; /* whose it is */
} ForgeSeat;

static inline void
forge_seat_leave (ForgeSeat *seat)
{
  if (seat->id != 0)
    seat->leave (seat->id, seat->user_data);
  seat->id = 0;
}

static inline void
forge_seat_keep (const ForgeSeat *seat)
{
  if (seat->id != 0 && seat->keep)
    seat->keep (seat->id, seat->user_data);
}

G_END_DECLS
