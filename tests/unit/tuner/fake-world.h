/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "relay/forge-relay.h"
#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * A tuner in a fake world: a relay that moves no bytes and says only what the test lets it say, a
 * provider that counts its connections, and the log of events.
 */

/* What the provider does when one of its streams is dialled. */
typedef enum {
  FAKE_OK,
  FAKE_NOT_FOUND,
  FAKE_LIMIT,    /* 403, whatever the count says */
  FAKE_AUTH,     /* 401 */
  FAKE_NO_BYTES, /* 200, then nothing until the dial times out (at once here) */
  FAKE_HANGS,    /* until it is cancelled */
  FAKE_HLS,
  FAKE_SLATE, /* 200 with a small Content-Length */
} FakeManner;

#define FAKE_ACCOUNTS 4

typedef struct {
  GMutex lock;             /* dials run on job threads */
  GHashTable *manners;     /* stream id → FakeManner; FAKE_OK if absent */
  int max[FAKE_ACCOUNTS];  /* by account id */
  int open[FAKE_ACCOUNTS]; /* dials that run and connections that are open */
  int peak[FAKE_ACCOUNTS];
  int refused;
  GArray *dialled;        /* gint64 stream ids, in order */
  gint64 catchup_start_s; /* of the last such dial */
  guint catchup_duration_s;
  guint release_delay_ms;
  GArray *releases[FAKE_ACCOUNTS]; /* gint64: until when closed connections still count */
} FakeProvider;

typedef struct {
  ForgeViewerId id;
  int fd;
  char *head;
  guint32 duration_ms;
  char *answer; /* NULL = none */
} FakeViewer;

typedef struct {
  ForgeFeedId id;
  gboolean is_closed, has_source;
  gboolean has_slate;  /* instead of a source */
  gboolean is_taken;   /* viewers have all that there is */
  uint64_t bytes_read; /* said when the source is lost */
  uint8_t video_type;  /* said when it flows */
  uint64_t tag;
  ForgeByteSource bytes;
  GPtrArray *viewers; /* of FakeViewer* */
  GQueue pending;     /* of ForgeRelayEvent*, while events are held back */
} FakeFeed;

struct ForgeRelay {
  ForgeRelayConfig config;
  GPtrArray *feeds; /* of FakeFeed*, in order of opening */
  uint64_t last_id;
  gboolean holds_back; /* events wait for fake_feed_deliver () */
  GPtrArray *answers;  /* of char*: every answer that was sent */
};

typedef struct {
  GMainContext *context;
  GSource *tick;
  FakeProvider provider;
  GPtrArray *log; /* of char*: event messages */
  ForgeTuner *tuner;
  ForgeRelay *relay;
  GPtrArray *accounts;
  GHashTable *settings;
  GPtrArray *clients; /* of int: client ends of the sockets */
} World;

/* With short times. */
World *world_new (void);
/* And these settings: "key", "value", …, NULL. */
World *world_new_with (const char *key, const char *value, ...) G_GNUC_NULL_TERMINATED;
/* Ends the tuner and checks that nothing is left: slots, feeds, connections, descriptors. */
void world_free (World *world);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (World, world_free)

/* Closes the client ends of all requests so far. */
void world_close_clients (World *world);

/* How long until what, in ms: see ForgeTunerPatience. */
void world_be_patient (World *world, guint start_grace_ms, guint slate_after_ms, guint give_up_ms);
void world_add_account (World *world, gint64 id, int max);
void world_set (World *world, gint64 stream_id, FakeManner manner);
/* Streams are 10·channel + 4 (4K) … 1 (SD) on account 1; `qualities` of them, best first. */
ForgeChannel *world_channel (gint64 id, guint qualities);
void channel_add (ForgeChannel *channel, gint64 account_id, gint64 stream_id, ForgeQuality quality);

/* Tunes as player `user_agent` at `address`; returns the client's end of the socket. */
int world_tune (World *world, ForgeChannel *channel, const char *address, const char *user_agent);
int world_tune_request (World *world, ForgeChannel *channel, const ForgeTuneRequest *request);

/* Open feeds only, in order of opening. */
FakeFeed *world_feed (World *world, guint index);
guint world_n_feeds (World *world);
guint world_n_sources (World *world);
guint world_n_answers (World *world, const char *part);
gboolean world_has_logged (World *world, const char *part);
int world_open (World *world, gint64 account_id);
guint world_n_dialled (World *world);
gint64 world_dialled (World *world, guint index);
int world_used (World *world);
ForgeSessionInfo *world_session (World *world, guint index);

/* The relay's side of the story. */
ForgeRelay *fake_relay_newest (void);
void feed_flows (World *world, FakeFeed *feed);
void feed_loses (World *world, FakeFeed *feed, ForgeSourceLost lost);
void feed_viewer_leaves (World *world, FakeFeed *feed, guint index);
/* Emits the oldest event that was held back; FALSE if there is none. */
gboolean fake_feed_deliver (World *world, FakeFeed *feed);

/* Runs the context until `is_met`; fails after five seconds. */
#define AWAIT(world, is_met)                                                \
  G_STMT_START                                                              \
  {                                                                         \
    gint64 await_end_us = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;     \
    while (!(is_met)) {                                                     \
      if (g_get_monotonic_time () > await_end_us)                           \
        g_error ("%s:%d: not within 5 s: %s", __FILE__, __LINE__, #is_met); \
      g_main_context_iteration ((world)->context, TRUE);                    \
    }                                                                       \
  }                                                                         \
  G_STMT_END
/* Tunes are posted; this lets everything that is due happen. */
void world_settle (World *world);

G_END_DECLS
