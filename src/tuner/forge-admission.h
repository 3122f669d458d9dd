/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-media-slots.h"
#include "tuner/forge-session.h"

G_BEGIN_DECLS

/**
 * Admission: who may start, and who has to make room for those that wait.
 */

/* The tuner number for a new session of `sessions` (of ForgeSession*): `wanted`, else the lowest
 * that nobody plays on. */
int forge_admission_pick_number (GPtrArray *sessions, int wanted, int total);

/* Lets waiting sessions look for a slot, in order of arrival. */
void forge_admission_serve (GPtrArray *sessions);

/* For every session that still waits, somebody who can spare a slot gives it up: a session without
 * viewers at once, a film or download after a moment, a session whose only viewer is the waiting
 * client itself after `takeover_us`. Returns the monotonic time at which to look again, -1 = when
 * something changes. */
gint64 forge_admission_make_room (GPtrArray *sessions,
                                  ForgeMediaSlots *media,
                                  const char *shared_clients,
                                  gint64 takeover_us,
                                  gint64 now_us);

G_END_DECLS
