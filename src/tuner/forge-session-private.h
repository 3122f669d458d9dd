/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-attempts.h"
#include "tuner/forge-clips.h"
#include "tuner/forge-rate-history.h"
#include "tuner/forge-session.h"

G_BEGIN_DECLS

typedef enum {
  FORGE_SESSION_WAITING,
  FORGE_SESSION_PAUSED,
  FORGE_SESSION_DIALLING,
  FORGE_SESSION_STARTING,
  FORGE_SESSION_FLOWING,
  FORGE_SESSION_FINISHING, /* catch-up: the source is through, viewers take what is left */
  FORGE_SESSION_ENDING,
} ForgeSessionState;

typedef struct {
  ForgeViewerId id;
  char *address, *user_agent, *request_id; /* user_agent NULL = none */
  gint64 since_us;
  ForgeSeat seat;
} ForgeSessionViewer;

struct _ForgeSession {
  ForgeSessionHost *host;
  gint64 id;
  ForgeChannel *channel;
  int number;
  gboolean names_tuner;
  gint64 start_s;   /* catch-up: UTC seconds; 0 = live */
  guint duration_s; /* of catch-up, 0 = unknown */
  gint64 created_us;
  ForgeSessionState state;
  GPtrArray *viewers; /* of ForgeSessionViewer* */

  ForgeFeedId feed;
  gboolean is_feed_closing, is_feed_closed;

  ForgeSlot *slot;
  ForgeDialJob *job;       /* running dial */
  uint64_t source_tag;     /* of the source in the relay */
  gboolean is_source_open; /* in the relay: the provider counts it */
  ForgeStream *stream;     /* being dialled or playing */
  ForgeStream *playing;    /* last one that flowed */
  gint64 first_stream_id;  /* first one dialled */
  gint64 attempt_us;       /* start of the running attempt */
  gint64 round_us;         /* end of the last round of attempts */

  ForgeAttempts *attempts;
  guint drain_retries;
  gboolean is_number_taken;
  gboolean is_short_of_room; /* it pauses, and a full account could have helped */
  gboolean has_flowed;
  gboolean has_played_well; /* for longer than a panel's clip */
  gint64 flowing_us;        /* since when the source flows */
  gint64 last_data_us;      /* when viewers last had something new of the channel */
  gint64 no_source_us;      /* since when no source flows */
  int failovers;
  ForgeRateHistory history;

  ForgeClipSample *sample; /* of the source; NULL = none is taken */
  gboolean is_clip;        /* it gave the source away: it is being dropped */

  uint64_t slate_tag; /* of the still in the relay; 0 = none */
  ForgeSlate slate;

  GSource *timer;        /* of the state: hold, pause or start-up */
  GSource *linger;       /* no viewer */
  GSource *slate_timer;  /* until a still is shown */
  GSource *sample_timer; /* until the sample is looked at */
  GSource *rate_timer;   /* each second */
};

/* Why an attempt or a source failed. */
typedef struct {
  ForgeAttemptResult result;
  gboolean may_be_limit; /* panels also answer like this when all connections are counted */
  gboolean was_counted;  /* the provider saw a viewer, which we closed */
  gboolean may_pass;     /* like may_be_limit, but too uncertain to learn from */
  gboolean is_innocent;  /* the account's trouble: the stream's record stays clean */
  const char *why;       /* for people */
} ForgeSessionFailure;

/* forge-session.c: states, viewers, end */
void forge_session_set_state (ForgeSession *session, ForgeSessionState state);
void
forge_session_set_timer (ForgeSession *session, GSource **timer, gint64 after_us, GSourceFunc func);
void forge_session_clear_timer (GSource **timer);
gint64 forge_session_setting_us (const ForgeSession *session, const char *key_ms);
void forge_session_say (const ForgeSession *session,
                        ForgeLogLevel level,
                        const char *details,
                        const char *format,
                        ...) G_GNUC_PRINTF (4, 5);
/* While ending: lets go of what is not in use any more. */
void forge_session_settle (ForgeSession *session);

/* forge-session-source.c: slots, dials, failover */
void forge_session_next_source (ForgeSession *session);
/* Another stream than the one at hand may be tried now. */
gboolean forge_session_has_backup (ForgeSession *session);
void forge_session_pause_for (ForgeSession *session, gint64 pause_us);

/* forge-session-loss.c: what is made of a source that fails or ends */
void forge_session_on_source (ForgeSession *session, const ForgeRelayEvent *event);
/* The running attempt, or a source that proved to be none, is over; its connection is closed. */
void forge_session_fail (ForgeSession *session, const ForgeSessionFailure *failure);
/* A panel's clip instead of the channel. */
ForgeSessionFailure forge_session_clip_failure (const ForgeSession *session, const char *why);

/* forge-session-slate.c: stills while nothing plays */
/* After every change of state: shows, changes or leaves the slate as that wants it. */
void forge_session_mind_slate (ForgeSession *session);
/* Somebody else takes its place in the relay. */
void forge_session_forget_slate (ForgeSession *session);
void forge_session_on_slate (ForgeSession *session, const ForgeRelayEvent *event);
gboolean forge_session_is_expired (const ForgeAccount *account);

/* forge-session-catchup.c */
gboolean forge_session_can_catch_up (const ForgeSession *session, const ForgeStream *stream);
/* Media flowed and ended: viewers take the rest, then the session ends. */
void forge_session_finish (ForgeSession *session);

G_END_DECLS
