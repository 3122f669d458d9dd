/* SPDX-License-Identifier: GPL-3.0-or-later */
#define G_LOG_DOMAIN "forge-tuner"

#include "config.h"

#include "tuner/forge-tuner.h"

#include "base/forge-error.h"
#include "base/forge-role.h"
#include "tuner/forge-admission.h"
#include "tuner/forge-audit.h"
#include "tuner/forge-inbox.h"
#include "tuner/forge-session.h"
#include "tuner/forge-tuner-private.h"

#include <errno.h>
#include <unistd.h>

/*
 * ForgeTuner: the sessions of all channels. Whatever may let a session go on (a slot came free, a
 * viewer left, accounts changed) only asks for a look; the look itself (on_look) runs from the
 * main context, so no session is changed from within another one's change.
 */

/* The relay waits 2.5 s for a random access point before it takes any start of a source. */
#define START_GRACE_US (3 * G_USEC_PER_SEC)
/* Without a source, viewers that already watched are shown a still from here on … */
#define SLATE_AFTER_US (1 * G_USEC_PER_SEC)
/* … until here, when they are sent away. */
#define GIVE_UP_US (60 * G_USEC_PER_SEC)

struct _ForgeTuner {
  ForgeSessionHost host;
  ForgeInbox *relay_inbox; /* of ForgeRelayEvent* */
  GSource *look;
  GPtrArray *sessions; /* of ForgeSession*, oldest first */
  ForgeAudit *audit;
  ForgeMediaSlots *media;
  gint64 last_id;
  gboolean has_catchup;
};

static gboolean
dispatch (GSource *source, GSourceFunc callback, gpointer user_data)
{
  g_source_set_ready_time (source, -1);
  return callback (user_data);
}

static GSourceFuncs look_funcs = { .dispatch = dispatch };

static void
look_soon (gpointer user_data)
{
  ForgeTuner *tuner = user_data;

  g_source_set_ready_time (tuner->look, 0);
}

static void
reap (ForgeTuner *tuner)
{
  for (guint i = tuner->sessions->len; i-- > 0;)
    if (forge_session_is_gone (g_ptr_array_index (tuner->sessions, i)))
      g_ptr_array_remove_index (tuner->sessions, i);
}

static gboolean
on_look (gpointer user_data)
{
  ForgeTuner *tuner = user_data;
  ForgeSettings *settings = tuner->host.settings;

  reap (tuner);
  forge_admission_serve (tuner->sessions);
  gint64 next_us = forge_admission_make_room (tuner->sessions,
                                              tuner->media,
                                              forge_settings_text (settings, "shared_clients"),
                                              forge_settings_int (settings, "takeover_after_ms") *
                                                  G_TIME_SPAN_MILLISECOND,
                                              g_get_monotonic_time ());
  /* A look that was asked for meanwhile comes first. */
  if (g_source_get_ready_time (tuner->look) < 0)
    g_source_set_ready_time (tuner->look, next_us);
  return G_SOURCE_CONTINUE;
}

static ForgeSession *
find_by_feed (ForgeTuner *tuner, ForgeFeedId feed)
{
  for (guint i = 0; i < tuner->sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (tuner->sessions, i);
    if (forge_session_feed (session) == feed)
      return session;
  }
  return NULL;
}

static void
deliver_relay_event (gpointer message, gpointer user_data)
{
  g_autofree ForgeRelayEvent *event = message;
  ForgeSession *session = find_by_feed (user_data, event->feed);

  if (session)
    forge_session_on_relay (session, event);
}

/* Thread: a relay worker. */
static void
on_relay_event (const ForgeRelayEvent *event, void *user_data)
{
  ForgeTuner *tuner = user_data;

  forge_inbox_post (tuner->relay_inbox, g_memdup2 (event, sizeof *event));
}

static ForgeRelay *
open_relay (ForgeTuner *tuner, GError **error)
{
  ForgeRelayConfig config = { .event = on_relay_event, .user_data = tuner };
  ForgeRelay *relay = forge_relay_new (&config);

  if (!relay)
    g_set_error (error,
                 FORGE_ERROR,
                 FORGE_ERROR_RETRY,
                 "The stream relay could not be started: %s",
                 g_strerror (errno));
  return relay;
}

static GSource *
new_look (ForgeTuner *tuner)
{
  GSource *look = g_source_new (&look_funcs, sizeof (GSource));

  g_source_set_callback (look, on_look, tuner, NULL);
  g_source_attach (look, tuner->host.context);
  return look;
}

ForgeTuner *
forge_tuner_new (const ForgeTunerConfig *config, ForgeSettings *settings, GError **error)
{
  g_return_val_if_fail (config->dial && config->context && settings, NULL);

  ForgeTuner *tuner = g_new0 (ForgeTuner, 1);
  tuner->relay_inbox = forge_inbox_new (config->context, deliver_relay_event, tuner);
  ForgeRelay *relay = open_relay (tuner, error);
  if (!relay) {
    forge_inbox_free (tuner->relay_inbox);
    g_free (tuner);
    return NULL;
  }
  tuner->host = (ForgeSessionHost){ .relay = relay,
                                    .slots = forge_slots_new (),
                                    .memory = forge_stream_memory_new (),
                                    .dials = forge_dial_pool_new (config),
                                    .slates = forge_slate_player_new (config->context),
                                    .clips = forge_clips_new (),
                                    .context = g_main_context_ref (config->context),
                                    .settings = forge_settings_ref (settings),
                                    .event = config->event,
                                    .event_data = config->event_data,
                                    .changed = look_soon,
                                    .changed_data = tuner,
                                    .start_grace_us = START_GRACE_US,
                                    .slate_after_us = SLATE_AFTER_US,
                                    .give_up_us = GIVE_UP_US };
  tuner->sessions = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_session_free);
  tuner->look = new_look (tuner);
  tuner->audit = forge_audit_new ();
  tuner->media = forge_media_slots_new (tuner->host.slots, look_soon, tuner);
  tuner->has_catchup = config->catchup != NULL;
  return tuner;
}

static void
free_host (ForgeSessionHost *host)
{
  forge_slots_free (host->slots);
  forge_stream_memory_free (host->memory);
  forge_slate_player_free (host->slates);
  forge_clips_free (host->clips);
  forge_settings_unref (host->settings);
  g_main_context_unref (host->context);
}

void
forge_tuner_free (ForgeTuner *tuner)
{
  for (guint i = 0; i < tuner->sessions->len; i++)
    forge_session_shut (g_ptr_array_index (tuner->sessions, i));
  /* Dials first: what they opened is closed before anybody could take it. */
  forge_dial_pool_free (tuner->host.dials);
  forge_relay_free (tuner->host.relay);
  forge_inbox_free (tuner->relay_inbox);
  g_ptr_array_unref (tuner->sessions);
  g_source_destroy (tuner->look);
  g_source_unref (tuner->look);
  forge_audit_free (tuner->audit);
  forge_media_slots_free (tuner->media);
  free_host (&tuner->host);
  g_free (tuner);
}

void
forge_tuner_set_accounts (ForgeTuner *tuner, GPtrArray *accounts)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  forge_slots_set_accounts (tuner->host.slots, accounts);
  look_soon (tuner);
}

void
forge_tuner_set_settings (ForgeTuner *tuner, ForgeSettings *settings)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  forge_settings_ref (settings);
  forge_settings_unref (tuner->host.settings);
  tuner->host.settings = settings;
  look_soon (tuner);
}

void
forge_tuner_set_patience (ForgeTuner *tuner, const ForgeTunerPatience *patience)
{
  ForgeSessionHost *host = &tuner->host;

  host->start_grace_us = (gint64)patience->start_grace_ms * G_TIME_SPAN_MILLISECOND;
  host->slate_after_us = (gint64)patience->slate_after_ms * G_TIME_SPAN_MILLISECOND;
  host->give_up_us = (gint64)patience->give_up_ms * G_TIME_SPAN_MILLISECOND;
}

static ForgeSession *
find_live (ForgeTuner *tuner, gint64 channel_id)
{
  for (guint i = 0; i < tuner->sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (tuner->sessions, i);
    if (forge_session_is_open (session) && forge_session_channel_id (session) == channel_id)
      return session;
  }
  return NULL;
}

static ForgeSession *
add_session (ForgeTuner *tuner, ForgeChannel *channel, const ForgeTuneRequest *request)
{
  int total, used;

  forge_tuner_count (tuner, &total, &used);
  const ForgeSessionOptions options = {
    .id = ++tuner->last_id,
    .number = forge_admission_pick_number (tuner->sessions, request->wanted_tuner, total),
    .names_tuner = request->wanted_tuner >= 0,
    .start_s = request->start_s,
    .duration_s = request->start_s > 0 ? request->duration_s : 0,
  };
  ForgeSession *session = forge_session_new (&tuner->host, channel, &options);
  if (session)
    g_ptr_array_add (tuner->sessions, session);
  return session;
}

void
forge_tuner_tune (ForgeTuner *tuner, ForgeChannel *channel, const ForgeTuneRequest *request)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  gboolean is_possible = request->start_s == 0 || tuner->has_catchup;
  ForgeSession *session = request->start_s > 0 ? NULL : find_live (tuner, channel->id);
  if (!session && is_possible)
    session = add_session (tuner, channel, request);
  if (!session) {
    g_warning ("no feed for “%s”: the request is closed", channel->name);
    close (request->fd);
    ForgeSeat seat = request->seat;
    forge_seat_leave (&seat);
    return;
  }
  forge_session_add_viewer (session, request);
  look_soon (tuner);
}

void
forge_tuner_end_seat (ForgeTuner *tuner, guint64 seat)
{
  forge_assert_role (FORGE_ROLE_CONTROL);

  for (guint i = 0; i < tuner->sessions->len; i++)
    forge_session_end_seat (g_ptr_array_index (tuner->sessions, i), seat);
}

GPtrArray *
forge_tuner_list_sessions (ForgeTuner *tuner)
{
  GPtrArray *list = g_ptr_array_new_with_free_func ((GDestroyNotify)forge_session_info_free);

  for (guint i = 0; i < tuner->sessions->len; i++) {
    ForgeSessionInfo *info = forge_session_describe (g_ptr_array_index (tuner->sessions, i));
    if (info)
      g_ptr_array_add (list, info);
  }
  return list;
}

gboolean
forge_tuner_stop_session (ForgeTuner *tuner, gint64 id)
{
  for (guint i = 0; i < tuner->sessions->len; i++) {
    ForgeSession *session = g_ptr_array_index (tuner->sessions, i);
    if (forge_session_id (session) != id || forge_session_is_ending (session))
      continue;
    forge_session_end (session, FORGE_TUNE_FAILED);
    return TRUE;
  }
  return FALSE;
}

void
forge_tuner_count (ForgeTuner *tuner, int *total, int *used)
{
  forge_slots_count (tuner->host.slots, total, used);
}

/* Live TV that waits for one of its connections comes first. */
static gboolean
is_wanted_live (ForgeTuner *tuner, gint64 account_id)
{
  for (guint i = 0; i < tuner->sessions->len; i++) {
    const ForgeSession *session = g_ptr_array_index (tuner->sessions, i);
    if (forge_session_wants_room (session) && forge_session_can_use (session, account_id))
      return TRUE;
  }
  return FALSE;
}

ForgeMediaSlot *
forge_tuner_acquire_media (ForgeTuner *tuner,
                           gint64 account_id,
                           const ForgeMediaHolder *holder,
                           gint64 *wait_us,
                           GError **error)
{
  ForgeSlots *slots = tuner->host.slots;
  ForgeRoom room = forge_slots_room (slots, account_id, FALSE, g_get_monotonic_time ());
  const ForgeAccount *account = forge_slots_account (slots, account_id);
  const char *name = account ? account->name : "the account";
  ForgeMediaSlot *slot = NULL;

  if (room == FORGE_ROOM_UNUSABLE) {
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_AUTH, "%s cannot be used now", name);
    return NULL;
  }
  if (room != FORGE_ROOM_FULL && !is_wanted_live (tuner, account_id))
    slot = forge_media_slots_acquire (tuner->media, account_id, holder);
  if (!slot)
    g_set_error (error, FORGE_ERROR, FORGE_ERROR_LIMIT, "every connection of %s is in use", name);
  else if (wait_us)
    *wait_us = forge_media_slot_dial_delay_us (slot);
  return slot;
}

void
forge_tuner_media_yields (ForgeTuner *tuner, ForgeMediaYields *yields)
{
  forge_media_slots_yields (tuner->media, yields);
}

void
forge_tuner_audit (ForgeTuner *tuner, gint64 account_id, int provider_active)
{
  ForgeSessionHost *host = &tuner->host;
  const ForgeAccount *account = forge_slots_account (host->slots, account_id);
  int ours = forge_slots_countable (host->slots, account_id, g_get_monotonic_time ());

  forge_assert_role (FORGE_ROLE_CONTROL);
  if (!account || !forge_audit_note (tuner->audit, account_id, ours, provider_active) ||
      !host->event)
    return;
  g_autofree char *message =
      g_strdup_printf ("Someone else is using %s: the provider counts %d streams, %d of them ours",
                       account->name,
                       provider_active,
                       ours);
  host->event (FORGE_LOG_WARNING,
               FORGE_EVENT_STREAM,
               message,
               "Another device or person plays with the same login. Its streams take tuners away.",
               host->event_data);
}

gboolean
forge_tuner_account_is_shared (ForgeTuner *tuner, gint64 account_id)
{
  return forge_audit_is_shared (tuner->audit, account_id);
}
