/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-app-seats.h"

#include <string.h>

/* One connection, or what is watched in parts. */
typedef struct {
  guint64 id;
  gint64 until_us; /* of the latter, which has no id; 0 = a connection */
  gint64 user;
  char *place; /* "ADDRESS live/5" */
  gsize address_bytes;
  gboolean is_ending;
} Taken;

struct _ForgeAppSeats {
  gatomicrefcount references; /* one of each seat: connections may outlive the pages */
  GMutex lock;
  GPtrArray *taken; /* of Taken*, oldest first */
  guint64 last_id;
  gint64 hold_us;
};

static void
taken_free (gpointer data)
{
  Taken *taken = data;

  g_free (taken->place);
  g_free (taken);
}

ForgeAppSeats *
forge_app_seats_new (gint64 hold_us)
{
  ForgeAppSeats *seats = g_new0 (ForgeAppSeats, 1);

  g_atomic_ref_count_init (&seats->references);
  g_mutex_init (&seats->lock);
  seats->hold_us = hold_us;
  seats->taken = g_ptr_array_new_with_free_func (taken_free);
  return seats;
}

void
forge_app_seats_unref (ForgeAppSeats *seats)
{
  if (!g_atomic_ref_count_dec (&seats->references))
    return;
  g_ptr_array_unref (seats->taken);
  g_mutex_clear (&seats->lock);
  g_free (seats);
}

/* With the lock. */
static Taken *
find_id (const ForgeAppSeats *seats, guint64 id)
{
  for (guint i = 0; i < seats->taken->len; i++) {
    Taken *taken = g_ptr_array_index (seats->taken, i);
    if (taken->id == id)
      return taken;
  }
  return NULL;
}

static void
leave (guint64 id, gpointer user_data)
{
  ForgeAppSeats *seats = user_data;

  g_mutex_lock (&seats->lock);
  g_ptr_array_remove (seats->taken, find_id (seats, id));
  g_mutex_unlock (&seats->lock);
  forge_app_seats_unref (seats);
}

/* ---- what is watched in parts ---- */

/* With the lock. */
static Taken *
find_held (const ForgeAppSeats *seats, gint64 user, const char *place)
{
  for (guint i = 0; i < seats->taken->len; i++) {
    Taken *taken = g_ptr_array_index (seats->taken, i);
    if (taken->until_us && taken->user == user && g_str_equal (taken->place, place))
      return taken;
  }
  return NULL;
}

/* With the lock. */
static void
forget_old (ForgeAppSeats *seats)
{
  gint64 now_us = g_get_monotonic_time ();

  for (guint i = seats->taken->len; i-- > 0;) {
    const Taken *taken = g_ptr_array_index (seats->taken, i);
    if (taken->until_us && taken->until_us <= now_us)
      g_ptr_array_remove_index (seats->taken, i);
  }
}

/* With the lock. It counts like a connection of that place. */
static void
hold (ForgeAppSeats *seats, const Taken *connection)
{
  Taken *held = find_held (seats, connection->user, connection->place);

  if (!held) {
    held = g_new0 (Taken, 1);
    held->user = connection->user;
    held->place = g_strdup (connection->place);
    held->address_bytes = connection->address_bytes;
    held->is_ending = connection->is_ending;
    g_ptr_array_add (seats->taken, held);
  }
  held->until_us = g_get_monotonic_time () + seats->hold_us;
}

static void
keep (guint64 id, gpointer user_data)
{
  ForgeAppSeats *seats = user_data;

  g_mutex_lock (&seats->lock);
  const Taken *taken = find_id (seats, id);
  if (taken)
    hold (seats, taken);
  g_mutex_unlock (&seats->lock);
}

/* ---- counting ---- */

/* The first one of the same place, so that a place is counted once. */
static gboolean
is_first (const ForgeAppSeats *seats, guint index)
{
  const Taken *taken = g_ptr_array_index (seats->taken, index);

  for (guint i = 0; i < index; i++) {
    const Taken *other = g_ptr_array_index (seats->taken, i);
    if (!other->is_ending && other->user == taken->user && g_str_equal (other->place, taken->place))
      return FALSE;
  }
  return TRUE;
}

/* With the lock. `except` is a place that does not count. */
static guint
count (const ForgeAppSeats *seats, gint64 user, const char *except)
{
  guint n = 0;

  for (guint i = 0; i < seats->taken->len; i++) {
    const Taken *taken = g_ptr_array_index (seats->taken, i);
    if (!taken->is_ending && taken->user == user && g_strcmp0 (taken->place, except) != 0 &&
        is_first (seats, i))
      n++;
  }
  return n;
}

/* What the address watches longest; NULL = nothing. */
static const char *
oldest_place (const ForgeAppSeats *seats, gint64 user, const char *place, gsize address_bytes)
{
  for (guint i = 0; i < seats->taken->len; i++) {
    const Taken *taken = g_ptr_array_index (seats->taken, i);
    if (!taken->is_ending && taken->user == user && taken->address_bytes == address_bytes &&
        strncmp (taken->place, place, address_bytes) == 0 && !g_str_equal (taken->place, place))
      return taken->place;
  }
  return NULL;
}

static void
end_place (ForgeAppSeats *seats, gint64 user, const char *place, GArray *ended)
{
  for (guint i = 0; i < seats->taken->len; i++) {
    Taken *taken = g_ptr_array_index (seats->taken, i);
    if (taken->is_ending || taken->user != user || !g_str_equal (taken->place, place))
      continue;
    taken->is_ending = TRUE;
    if (taken->until_us)
      taken->until_us = g_get_monotonic_time () + seats->hold_us;
    else
      g_array_append_val (ended, taken->id);
  }
}

/* With the lock. */
static gboolean
make_room (ForgeAppSeats *seats, const ForgeAppUser *user, const Taken *wanted, GArray *ended)
{
  while (user->max_connections > 0 &&
         count (seats, user->id, wanted->place) >= (guint)user->max_connections) {
    const char *oldest = oldest_place (seats, user->id, wanted->place, wanted->address_bytes);
    if (!oldest)
      return FALSE;
    end_place (seats, user->id, oldest, ended);
  }
  return TRUE;
}

static Taken *
taken_new (const ForgeAppUser *user, const char *address, const char *what)
{
  Taken *taken = g_new0 (Taken, 1);

  taken->user = user->id;
  taken->place = g_strconcat (address, " ", what, NULL);
  taken->address_bytes = strlen (address) + 1;
  return taken;
}

/* With the lock. Takes `wanted` over. */
static gboolean
sit_down (ForgeAppSeats *seats,
          const ForgeAppUser *user,
          Taken *wanted,
          ForgeSeat *seat,
          GArray *ended)
{
  if (!make_room (seats, user, wanted, ended)) {
    taken_free (wanted);
    return FALSE;
  }
  wanted->id = ++seats->last_id;
  *seat = (ForgeSeat){ wanted->id, leave, keep, seats, user->id };
  g_ptr_array_add (seats->taken, wanted);
  g_atomic_ref_count_inc (&seats->references);
  return TRUE;
}

gboolean
forge_app_seats_take (ForgeAppSeats *seats,
                      const ForgeAppUser *user,
                      const char *address,
                      const char *what,
                      ForgeSeat *seat,
                      GArray *ended)
{
  Taken *wanted = taken_new (user, address, what);

  g_mutex_lock (&seats->lock);
  forget_old (seats);
  Taken *held = find_held (seats, user->id, wanted->place);
  if (held && held->is_ending) /* it begins anew */
    g_ptr_array_remove (seats->taken, held);
  gboolean may = sit_down (seats, user, wanted, seat, ended);
  g_mutex_unlock (&seats->lock);
  return may;
}

gboolean
forge_app_seats_take_part (ForgeAppSeats *seats,
                           const ForgeAppUser *user,
                           const char *address,
                           const char *what,
                           ForgeSeat *seat,
                           GArray *ended)
{
  Taken *wanted = taken_new (user, address, what);

  g_mutex_lock (&seats->lock);
  forget_old (seats);
  const Taken *held = find_held (seats, user->id, wanted->place);
  gboolean may = FALSE;
  if (held && held->is_ending)
    taken_free (wanted);
  else if (sit_down (seats, user, wanted, seat, ended)) {
    hold (seats, wanted);
    may = TRUE;
  }
  g_mutex_unlock (&seats->lock);
  return may;
}

guint
forge_app_seats_count (ForgeAppSeats *seats, gint64 user)
{
  g_mutex_lock (&seats->lock);
  forget_old (seats);
  guint n = count (seats, user, NULL);
  g_mutex_unlock (&seats->lock);
  return n;
}
