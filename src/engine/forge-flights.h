/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeFlights: what many ask for at once is done once. Whoever comes first does it, the others
 * wait and get the same end, also a failure; nothing is remembered after that. Thread: any.
 */
typedef struct _ForgeFlights ForgeFlights;

ForgeFlights *forge_flights_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Nobody may be waiting any more. */
void forge_flights_free (ForgeFlights *flights);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeFlights, forge_flights_free)

typedef gboolean (*ForgeFlightFunc) (gpointer user_data, GError **error);
/* `func` for `key`, unless that is being done: then its end is waited for. One who gave up
 * (G_IO_ERROR_CANCELLED) speaks for nobody else: the next does it anew. Role: job. Blocks. */
gboolean forge_flights_run (ForgeFlights *flights,
                            const char *key,
                            ForgeFlightFunc func,
                            gpointer user_data,
                            GCancellable *cancellable,
                            GError **error);

G_END_DECLS
