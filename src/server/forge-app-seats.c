/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "server/forge-app-seats.h"

#include <string.h>

/* One connection. */
typedef struct {
  guint64 id;
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
};

static void
taken_free (gpointer data)
{
  Taken *taken = data;

  g_free (taken->place);
  g_free (taken);
}

ForgeAppSeats *
forge_app_seats_new (void)
{
  ForgeAppSeats *seats = g_new0 (ForgeAppSeats, 1);

  g_atomic_ref_count_init (&seats->references);
  g_mutex_init (&seats->lock);
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

static void
leave (guint64 id, gpointer user_data)
{
  ForgeAppSeats *seats = user_data;

  g_mutex_lock (&seats->lock);
  for (guint i = 0; i < seats->taken->len; i++)
    if (((const Taken *)g_ptr_array_index (seats->taken, i))->id == id) {
      g_ptr_array_remove_index (seats->taken, i);
      break;
    }
  g_mutex_unlock (&seats->lock);
  forge_app_seats_unref (seats);
}

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

gboolean
forge_app_seats_take (ForgeAppSeats *seats,
                      const ForgeAppUser *user,
                      const char *address,
                      const char *what,
                      ForgeSeat *seat,
                      GArray *ended)
{
  Taken *wanted = g_new0 (Taken, 1);

  wanted->user = user->id;
  wanted->place = g_strconcat (address, " ", what, NULL);
  wanted->address_bytes = strlen (address) + 1;
  g_mutex_lock (&seats->lock);
  gboolean may = make_room (seats, user, wanted, ended);
  if (may) {
    wanted->id = ++seats->last_id;
    *seat = (ForgeSeat){ wanted->id, leave, seats };
    g_ptr_array_add (seats->taken, wanted);
    g_atomic_ref_count_inc (&seats->references);
  }
  g_mutex_unlock (&seats->lock);
  if (!may)
    taken_free (wanted);
  return may;
}

guint
forge_app_seats_count (ForgeAppSeats *seats, gint64 user)
{
  g_mutex_lock (&seats->lock);
  guint n = count (seats, user, NULL);
  g_mutex_unlock (&seats->lock);
  return n;
}
