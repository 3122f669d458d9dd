/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/forge-relay.h"
#include "tuner/forge-clips.h"
#include "tuner/forge-dial-pool.h"
#include "tuner/forge-slate-player.h"
#include "tuner/forge-slots.h"
#include "tuner/forge-source-order.h"
#include "tuner/forge-tune-reply.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/* What all sessions of a tuner share; owned by the tuner. */
typedef struct {
  ForgeRelay *relay;
  ForgeSlots *slots;
  ForgeStreamMemory *memory;
  ForgeDialPool *dials;
  ForgeSlatePlayer *slates;
  ForgeClips *clips;
  GMainContext *context;
  ForgeSettings *settings;
  ForgeEventFunc event;
  gpointer event_data;
  /* Something happened that may let another session go on: look soon, not from within. */
  void (*changed) (gpointer user_data);
  gpointer changed_data;
  uint64_t last_source_tag;
  gint64 start_grace_us; /* on top of stall_ms: from set_source to the first media byte */
  gint64 slate_after_us; /* without a source, until viewers that watch are shown a still */
  gint64 give_up_us;     /* without any data, for viewers that already watch */
} ForgeSessionHost;

/**
 * ForgeSession: one channel being played: a relay feed, its viewers, at most one slot and at most
 * one dial or source. Role: control.
 */
typedef struct _ForgeSession ForgeSession;

typedef struct {
  gint64 id;
  int number;           /* the N of tunerN */
  gboolean names_tuner; /* the client asked for just that one */
  gint64 start_s;       /* catch-up: UTC seconds; 0 = live */
  guint duration_s;     /* of catch-up; 0 = unknown */
} ForgeSessionOptions;

/* NULL if the relay has no feed to give. */
ForgeSession *forge_session_new (ForgeSessionHost *host,
                                 ForgeChannel *channel,
                                 const ForgeSessionOptions *options) G_GNUC_WARN_UNUSED_RESULT;
/* Only once it is gone. */
void forge_session_free (ForgeSession *session);

/* Takes the request's fd. Not on a session that is ending. */
void forge_session_add_viewer (ForgeSession *session, const ForgeTuneRequest *request);
/* Drops the viewer with this seat, if it is one of this session. */
void forge_session_end_seat (ForgeSession *session, guint64 seat);
/* A waiting session looks for a slot again. `is_number_taken`: another session has its tuner. */
void forge_session_look_for_slot (ForgeSession *session, gboolean is_number_taken);
/* Ends it: whoever got nothing yet is answered with `error`, the others are closed. */
void forge_session_end (ForgeSession *session, ForgeTuneError error);
/* Ends it without waiting for anybody to take an answer; it asks nothing of the relay any more. */
void forge_session_shut (ForgeSession *session);
/* Ends it so that `waiting` gets its slot. */
void forge_session_make_way (ForgeSession *session, const ForgeSession *waiting);
void forge_session_on_relay (ForgeSession *session, const ForgeRelayEvent *event);

gint64 forge_session_id (const ForgeSession *session);
gint64 forge_session_channel_id (const ForgeSession *session);
ForgeFeedId forge_session_feed (const ForgeSession *session);
int forge_session_number (const ForgeSession *session);
gboolean forge_session_names_tuner (const ForgeSession *session);
gint64 forge_session_created_us (const ForgeSession *session);
gboolean forge_session_is_waiting (const ForgeSession *session);
/* It waits, or pauses with what it has, and a slot of another account would let it go on. */
gboolean forge_session_wants_room (const ForgeSession *session);
/* Others may join it: it is live and not ending. */
gboolean forge_session_is_open (const ForgeSession *session);
/* It waits for its first source. One that lost its slot to a newer stream must not fight for it. */
gboolean forge_session_may_take_over (const ForgeSession *session);
gboolean forge_session_is_ending (const ForgeSession *session);
/* Nothing of it is left outside: it may be freed. */
gboolean forge_session_is_gone (const ForgeSession *session);
/* It goes on without a viewer, for a while. */
gboolean forge_session_is_idle (const ForgeSession *session);
/* The account whose slot it holds, 0 = none. */
gint64 forge_session_account_id (const ForgeSession *session);
gboolean forge_session_can_use (const ForgeSession *session, gint64 account_id);
/* All of `old`'s viewers are one client that is no media server (`shared_clients`, words separated
 * by |), and it also waits at `wanting`. */
gboolean forge_session_is_same_client (const ForgeSession *wanting,
                                       const ForgeSession *old,
                                       const char *shared_clients);
/* NULL for one that never had a slot, or ends and gave it back. Returns: (transfer full). */
ForgeSessionInfo *forge_session_describe (const ForgeSession *session) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
