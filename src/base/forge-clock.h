/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeClock: where time comes from, so that tests can own it.
 *
 * Passed to whatever reads the time; there is no global clock. Thread: any.
 */
typedef struct _ForgeClock ForgeClock;

/* The machine's clocks. Returns: (transfer full). */
ForgeClock *forge_clock_new_system (void) G_GNUC_WARN_UNUSED_RESULT;
/* A clock that stands still until it is moved. `wall_s` is UTC seconds since 1970. */
ForgeClock *forge_clock_new_fake (gint64 wall_s) G_GNUC_WARN_UNUSED_RESULT;
ForgeClock *forge_clock_ref (ForgeClock *clock);
void forge_clock_unref (ForgeClock *clock);

/* Microseconds that only go up; for deadlines and durations. */
gint64 forge_clock_monotonic_us (ForgeClock *clock);
/* Seconds since 1970, UTC; for what is stored or shown. */
gint64 forge_clock_wall_s (ForgeClock *clock);
/* Moves a fake clock (both readings) forward; a programmer error on the system clock. */
void forge_clock_advance_us (ForgeClock *clock, gint64 by_us);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeClock, forge_clock_unref)

/* "2026-01-31T20:15:00Z". `wall_s` ≤ 0 gives NULL: "never" is null in JSON. Returns: (transfer
 * full). */
char *forge_time_to_iso8601 (gint64 wall_s) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
