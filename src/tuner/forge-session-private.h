/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-attempts.h"
#include "tuner/forge-session.h"

G_BEGIN_DECLS

typedef enum {
  FORGE_SESSION_WAITING,
  FORGE_SESSION_PAUSED,
  FORGE_SESSION_DIALLING,
  FORGE_SESSION_STARTING,
  FORGE_SESSION_FLOWING,
  FORGE_SESSION_ENDING,
} ForgeSessionState;

typedef struct {
  ForgeViewerId id;
  char *address, *user_agent, *request_id; /* user_agent NULL = none */
  gint64 since_us;
} ForgeSessionViewer;

struct _ForgeSession {
  ForgeSessionHost *host;
  gint64 id;
  ForgeChannel *channel;
  int number;
  gboolean names_tuner;
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

  ForgeAttempts *attempts;
  guint drain_retries;
  gboolean is_number_taken;
  gboolean has_flowed;
  gint64 flowing_us;   /* since when the source flows */
  gint64 last_data_us; /* when viewers last had something new */
  int failovers;

  GSource *timer;  /* of the state: hold, pause or start-up */
  GSource *linger; /* no viewer */
};

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
void forge_session_on_source (ForgeSession *session, const ForgeRelayEvent *event);

G_END_DECLS
