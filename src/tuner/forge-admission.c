/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-admission.h"

static gboolean
plays_on (GPtrArray *sessions, int number)
{
  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSession *session = g_ptr_array_index (sessions, i);
    if (!forge_session_is_ending (session) && forge_session_number (session) == number)
      return TRUE;
  }
  return FALSE;
}

int
forge_admission_pick_number (GPtrArray *sessions, int wanted, int total)
{
  if (wanted >= 0)
    return wanted;
  for (int number = 0; number < total; number++)
    if (!plays_on (sessions, number))
      return number;
  return 0;
}

/* The session that has to go before `session` may use the tuner that its client named. */
static ForgeSession *
number_holder (GPtrArray *sessions, const ForgeSession *session)
{
  if (!forge_session_names_tuner (session))
    return NULL;
  for (guint i = 0; i < sessions->len; i++) {
    ForgeSession *other = g_ptr_array_index (sessions, i);
    if (other == session)
      break;
    if (forge_session_number (other) == forge_session_number (session) &&
        !forge_session_is_gone (other))
      return other;
  }
  return NULL;
}

void
forge_admission_serve (GPtrArray *sessions)
{
  for (guint i = 0; i < sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (sessions, i);
    if (forge_session_is_waiting (session))
      forge_session_look_for_slot (session, number_holder (sessions, session) != NULL);
  }
}

typedef gboolean (*IsSpareFunc) (const ForgeSession *session,
                                 const ForgeSession *waiting,
                                 const char *shared_clients);

static gboolean
is_on_its_way_out (const ForgeSession *session, const ForgeSession *waiting, const char *shared)
{
  return forge_session_is_ending (session);
}

static gboolean
is_idle (const ForgeSession *session, const ForgeSession *waiting, const char *shared)
{
  return forge_session_is_idle (session);
}

static gboolean
is_own_old_session (const ForgeSession *session, const ForgeSession *waiting, const char *shared)
{
  return !forge_session_is_ending (session) &&
         forge_session_is_same_client (waiting, session, shared);
}

/* The oldest session that `is_spare` names, that holds what `waiting` needs and that is not
 * promised to another one. */
static ForgeSession *
find_spare (GPtrArray *sessions,
            const ForgeSession *waiting,
            GHashTable *promised,
            IsSpareFunc is_spare,
            const char *shared_clients)
{
  const ForgeSession *holder = number_holder (sessions, waiting);

  for (guint i = 0; i < sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (sessions, i);
    gint64 account_id = forge_session_account_id (session);
    gboolean helps = holder ? session == holder
                            : account_id != 0 && forge_session_can_use (waiting, account_id);

    if (session != waiting && helps && !g_hash_table_contains (promised, session) &&
        is_spare (session, waiting, shared_clients))
      return session;
  }
  return NULL;
}

/* TRUE if somebody makes room for `waiting` now. */
static gboolean
make_room_for (GPtrArray *sessions,
               const ForgeSession *waiting,
               GHashTable *promised,
               const char *shared_clients,
               gboolean may_take_over)
{
  static const IsSpareFunc in_order[] = { is_on_its_way_out, is_idle, is_own_old_session };
  guint n = may_take_over ? G_N_ELEMENTS (in_order) : G_N_ELEMENTS (in_order) - 1;

  for (guint i = 0; i < n; i++) {
    ForgeSession *spare = find_spare (sessions, waiting, promised, in_order[i], shared_clients);
    if (!spare)
      continue;
    g_hash_table_add (promised, spare);
    forge_session_make_way (spare, waiting);
    return TRUE;
  }
  return FALSE;
}

gint64
forge_admission_make_room (GPtrArray *sessions,
                           const char *shared_clients,
                           gint64 takeover_us,
                           gint64 now_us)
{
  g_autoptr (GHashTable) promised = g_hash_table_new (g_direct_hash, g_direct_equal);
  gint64 next_us = -1;

  for (guint i = 0; i < sessions->len; i++) {
    const ForgeSession *waiting = g_ptr_array_index (sessions, i);
    if (!forge_session_is_waiting (waiting))
      continue;
    gint64 takeover_at_us = forge_session_created_us (waiting) + takeover_us;
    gboolean is_time = now_us >= takeover_at_us;
    gboolean may_take_over = is_time && forge_session_may_take_over (waiting);
    if (!make_room_for (sessions, waiting, promised, shared_clients, may_take_over) && !is_time)
      next_us = next_us < 0 ? takeover_at_us : MIN (next_us, takeover_at_us);
  }
  return next_us;
}
