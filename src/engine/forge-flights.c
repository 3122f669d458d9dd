/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "engine/forge-flights.h"

#define LOOK_US (100 * G_TIME_SPAN_MILLISECOND) /* between looks at the cancellable */

typedef struct {
  guint users; /* guarded by the lock, as all of it */
  gboolean is_over;
  GError *error; /* NULL = it went well */
} Flight;

struct _ForgeFlights {
  GMutex lock;
  GCond changed;
  GHashTable *running; /* key → Flight, lent */
};

ForgeFlights *
forge_flights_new (void)
{
  ForgeFlights *flights = g_new0 (ForgeFlights, 1);

  g_mutex_init (&flights->lock);
  g_cond_init (&flights->changed);
  flights->running = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  return flights;
}

void
forge_flights_free (ForgeFlights *flights)
{
  if (!flights)
    return;
  g_hash_table_unref (flights->running);
  g_cond_clear (&flights->changed);
  g_mutex_clear (&flights->lock);
  g_free (flights);
}

static void
leave (Flight *flight)
{
  if (--flight->users > 0)
    return;
  g_clear_error (&flight->error);
  g_free (flight);
}

/* With the lock, which is let go meanwhile. FALSE: it has to be done anew; or, with `*end`, the
 * caller gives up. */
static gboolean
share (ForgeFlights *flights, Flight *flight, GCancellable *cancellable, GError **end)
{
  gboolean is_shared = FALSE;

  flight->users++;
  while (!flight->is_over && !g_cancellable_set_error_if_cancelled (cancellable, end))
    g_cond_wait_until (&flights->changed, &flights->lock, g_get_monotonic_time () + LOOK_US);
  if (flight->is_over && !g_error_matches (flight->error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
    is_shared = TRUE;
    *end = flight->error ? g_error_copy (flight->error) : NULL;
  }
  leave (flight);
  return is_shared;
}

static gboolean
fly (ForgeFlights *flights, const char *key, ForgeFlightFunc func, gpointer user_data, GError **end)
{
  Flight *flight = g_new0 (Flight, 1);

  flight->users = 1;
  g_hash_table_insert (flights->running, g_strdup (key), flight);
  g_mutex_unlock (&flights->lock);
  gboolean ok = func (user_data, end);
  g_mutex_lock (&flights->lock);
  g_hash_table_remove (flights->running, key);
  flight->is_over = TRUE;
  flight->error = *end ? g_error_copy (*end) : NULL;
  g_cond_broadcast (&flights->changed);
  leave (flight);
  return ok;
}

gboolean
forge_flights_run (ForgeFlights *flights,
                   const char *key,
                   ForgeFlightFunc func,
                   gpointer user_data,
                   GCancellable *cancellable,
                   GError **error)
{
  GError *end = NULL;
  gboolean is_shared = FALSE, ok = FALSE;
  Flight *flight;

  g_mutex_lock (&flights->lock);
  while (!is_shared && !end && (flight = g_hash_table_lookup (flights->running, key)))
    is_shared = share (flights, flight, cancellable, &end);
  if (is_shared || end)
    ok = !end;
  else
    ok = fly (flights, key, func, user_data, &end);
  g_mutex_unlock (&flights->lock);
  if (end)
    g_propagate_error (error, end);
  return ok;
}
