/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "tuner/forge-admission.h"

/* A player that changes channels leaves the old one a moment after it asks for the new one: no film
 * is stopped before that. */
#define MEDIA_AFTER_US (200 * G_TIME_SPAN_MILLISECOND)

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

/* A look at everybody who could make room. */
typedef struct {
  GPtrArray *sessions;
  ForgeMediaSlots *media;
  GHashTable *promised; /* sessions and media slots whose slot somebody gets already */
  const char *shared_clients;
  gint64 takeover_us, now_us;
  gint64 next_us;
} Look;

static gboolean
take_spare (Look *look, const ForgeSession *waiting, IsSpareFunc is_spare)
{
  ForgeSession *spare =
      find_spare (look->sessions, waiting, look->promised, is_spare, look->shared_clients);

  if (!spare)
    return FALSE;
  g_hash_table_add (look->promised, spare);
  forge_session_make_way (spare, waiting);
  return TRUE;
}

static gboolean
fits (const ForgeAccount *account, gpointer waiting)
{
  return forge_session_can_use (waiting, account->id);
}

static gboolean
take_media (Look *look, ForgeSession *waiting, gboolean may_ask)
{
  return !number_holder (look->sessions, waiting) &&
         forge_media_slots_promise (look->media, look->promised, may_ask, fits, waiting);
}

/* Whether `after_us` of waiting are over; if not, there will be another look then. */
static gboolean
is_time (Look *look, const ForgeSession *waiting, gint64 after_us)
{
  gint64 at_us = forge_session_created_us (waiting) + after_us;

  if (look->now_us >= at_us)
    return TRUE;
  look->next_us = look->next_us < 0 ? at_us : MIN (look->next_us, at_us);
  return FALSE;
}

static void
make_room_for (Look *look, ForgeSession *waiting)
{
  if (take_spare (look, waiting, is_on_its_way_out) || take_media (look, waiting, FALSE) ||
      take_spare (look, waiting, is_idle))
    return;
  if (is_time (look, waiting, MEDIA_AFTER_US) && take_media (look, waiting, TRUE))
    return;
  if (is_time (look, waiting, look->takeover_us) && forge_session_may_take_over (waiting))
    take_spare (look, waiting, is_own_old_session);
}

gint64
forge_admission_make_room (GPtrArray *sessions,
                           ForgeMediaSlots *media,
                           const char *shared_clients,
                           gint64 takeover_us,
                           gint64 now_us)
{
  g_autoptr (GHashTable) promised = g_hash_table_new (g_direct_hash, g_direct_equal);
  Look look = { .sessions = sessions,
                .media = media,
                .promised = promised,
                .shared_clients = shared_clients,
                .takeover_us = takeover_us,
                .now_us = now_us,
                .next_us = -1 };

  for (guint i = 0; i < sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (sessions, i);
    if (forge_session_is_waiting (session))
      make_room_for (&look, session);
    else if (forge_session_wants_room (session))
      take_media (&look, session, TRUE);
  }
  return look.next_us;
}
