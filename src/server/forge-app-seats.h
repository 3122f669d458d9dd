/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-app-user.h"
#include "model/forge-seat.h"

G_BEGIN_DECLS

/**
 * ForgeAppSeats: how much each user of our Xtream API watches at once, against its own limit. What
 * counts is an address that watches something: players open the same film three times. At the
 * limit a device may go on to something else – its oldest is ended for it –, another device is
 * refused. What is watched in parts (a film of segments) counts until no part was asked for during
 * the hold time; once it was ended, no part of it is given for so long. Thread: any.
 */
typedef struct _ForgeAppSeats ForgeAppSeats;

#define FORGE_APP_SEATS_HOLD_US (30 * G_USEC_PER_SEC)

ForgeAppSeats *forge_app_seats_new (gint64 hold_us) G_GNUC_WARN_UNUSED_RESULT;
void forge_app_seats_unref (ForgeAppSeats *seats);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAppSeats, forge_app_seats_unref)

/* `what`: "live/5". FALSE: refused. `ended` receives the ids (guint64) of the seats whose
 * connections have to be ended now; they do not count any more. */
gboolean forge_app_seats_take (ForgeAppSeats *seats,
                               const ForgeAppUser *user,
                               const char *address,
                               const char *what,
                               ForgeSeat *seat,
                               GArray *ended) G_GNUC_WARN_UNUSED_RESULT;
/* The same for a part of what began with a seat that was kept. */
gboolean forge_app_seats_take_part (ForgeAppSeats *seats,
                                    const ForgeAppUser *user,
                                    const char *address,
                                    const char *what,
                                    ForgeSeat *seat,
                                    GArray *ended) G_GNUC_WARN_UNUSED_RESULT;
guint forge_app_seats_count (ForgeAppSeats *seats, gint64 user);

G_END_DECLS
