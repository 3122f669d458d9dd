/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts-align.h"
#include "mpegts/forge-ts-scan.h"
#include "mpegts/forge-ts-smooth.h"
#include "mpegts/forge-ts-splice.h"
#include "mpegts/forge-ts-timeline.h"
#include "relay/forge-chunked.h"
#include "relay/forge-joins.h"
#include "relay/forge-relay.h"
#include "relay/forge-ring.h"

#include <pthread.h>
#include <stdatomic.h>

/* What the files of the relay share. Everything below belongs to one worker thread, except the
 * command queue and the published figures, which have a lock each. */

#define FORGE_RELAY_MAX_WORKERS     4u
#define FORGE_RELAY_EVENTS_PER_WAIT 256
/* A flowing source is read this often, not at each segment that arrives. */
#define FORGE_RELAY_TICK_MS         20
#define FORGE_RELAY_HOUSEKEEPING_MS 100
#define FORGE_RELAY_STATS_MS        250
#define FORGE_RELAY_FEED_BUCKETS    256u

#define FORGE_RING_MIN_BYTES (1024u * 1024u)
#define FORGE_RING_MAX_BYTES (16u * 1024u * 1024u)

#define FORGE_READ_MIN_BYTES    (64u * 1024u)
#define FORGE_READ_MAX_BYTES    (256u * 1024u)
#define FORGE_READ_BUDGET_BYTES (512u * 1024u) /* of one feed before others have their turn */

typedef struct ForgeWorker ForgeWorker;
typedef struct ForgeFeed ForgeFeed;
typedef struct ForgeViewer ForgeViewer;
typedef struct ForgeParting ForgeParting;

/* First member of whatever epoll reports. */
typedef enum {
  FORGE_WATCH_QUEUE,
  FORGE_WATCH_SOURCE,
  FORGE_WATCH_VIEWER,
  FORGE_WATCH_PARTING,
} ForgeWatch;

typedef enum { FORGE_SOURCE_NONE, FORGE_SOURCE_STARTING, FORGE_SOURCE_FLOWING } ForgeSourceState;

typedef struct {
  ForgeWatch watch;
  ForgeSourceState state;
  ForgeByteSource bytes;
  uint64_t tag;
  bool is_chunked;
  bool is_in_epoll;
  bool is_watched; /* by epoll; otherwise it rests until the tick, or its end */
  bool is_over;    /* its end is known, maybe not read yet */
  bool is_hot;     /* filled a big read: is read again at once */
  bool is_paused;  /* not read, because no viewer has room */
  unsigned silent_ticks;
  size_t read_bytes; /* size of the next read */
  uint64_t bytes_read;
  int64_t first_byte_ms, last_byte_ms;
  ForgeChunked chunked;
  ForgeTsAlign align;
} ForgeSource;

/* What a source has delivered by some time. */
typedef struct {
  int64_t at_ms;
  uint64_t packets; /* that are no null packets */
  uint64_t scrambled, errors, units, tables;
  bool has_pts;
  uint64_t pts;
} ForgeHealthMark;

#define FORGE_HEALTH_MARKS 16u /* a second apart */
#define FORGE_HEALTH_JOINS 64u

/* A random access point: where its media time is and what it holds. */
typedef struct {
  uint64_t pts, hash;
  int64_t at_ms;
  unsigned repeats;
} ForgeHealthJoin;

/* Is a source that sends worth watching? Fresh for each. */
typedef struct {
  bool is_begun;
  bool is_starting;          /* what `base` was taken from */
  ForgeHealthMark base, now; /* raw figures; their sum since the begin */
  ForgeHealthMark marks[FORGE_HEALTH_MARKS];
  unsigned n_marks;
  int64_t begun_ms, payload_ms;
  int64_t tables_ms, unit_ms;                  /* the last of them */
  uint64_t tables_packets, longest_tables_gap; /* in packets */
  unsigned spliced_tables;
  int64_t longest_unit_gap_ms;
  unsigned scrambled_seconds;
  bool has_pending_join;
  ForgeTsUnit pending_join;
  ForgeHealthJoin joins[FORGE_HEALTH_JOINS];
  unsigned n_joins;
} ForgeHealth;

/* Media time against wall time, from the PTS of join points. */
typedef struct {
  bool is_set;
  uint64_t base_pts;
  int64_t base_ms;
  int64_t media_ms; /* since base */
} ForgePace;

typedef struct {
  int64_t at_ms;
  uint64_t bytes;
} ForgeRateMark;

/* Figures of one feed, as other threads see them. */
typedef struct ForgeStatsSlot ForgeStatsSlot;
struct ForgeStatsSlot {
  ForgeStatsSlot *next;
  ForgeFeedId feed;
  ForgeFeedStats stats;
  ForgeViewerStats *viewers;
  unsigned n_viewers, room;
};

/*
 *            published          held        staged     rest: part of a packet
 * …══════════════════════════▌────────────▌────────────▌──▌
 *   ▲ viewers' offsets       head      scanned       staged ▲ the next read goes here
 *
 * While a source starts, what it sent so far is staged, before its join point. While it flows, the
 * units that are not whole yet are held back, so that they can be taken out if it ends within them;
 * staged > scanned only while a splice waits for the rest of a unit of sound.
 */
struct ForgeFeed {
  ForgeSource source;
  ForgeWorker *worker;
  ForgeFeed *next, *previous, *next_in_bucket;
  ForgeFeedId id;
  ForgeFeedOptions options;
  ForgeRing ring;
  uint64_t head, staged;
  size_t rest;
  uint64_t scanned; /* how far what is staged was searched */
  uint64_t spliced; /* and rewritten, while a splice is active */
  bool has_rescanned;
  bool has_flowed;               /* a source did, at some time */
  bool is_first_block;           /* of the first source: nothing is held back */
  int64_t settled_ms;            /* when the head moved on */
  int64_t published_ms, held_ms; /* the last time something came; how long it held back since */
  int64_t tables_ms;             /* when the last PMT went by */
  unsigned tables_seen;
  ForgeJoins joins;
  ForgePace pace;
  ForgeViewer *viewers;
  unsigned n_viewers;
  uint64_t source_bytes, past_continuity_errors;
  ForgeRateMark marks[2]; /* 2…4 s and 0…2 s old */
  ForgeStatsSlot *slot;
  ForgeHealth health;
  ForgeTsScan scan;   /* of what goes out */
  ForgeTsScan intake; /* of what a source sends, until it flows; then its tables */
  ForgeTsSplice splice;
  ForgeTsSmooth smooth;     /* jumps within the source */
  ForgeTsTimeline timeline; /* where the media of the last source ended */
};

typedef enum {
  FORGE_VIEWER_WAITING,   /* for a join point */
  FORGE_VIEWER_STREAMING, /* from `offset` on */
  FORGE_VIEWER_CLOSING,   /* left its feed: last bytes, then the client's FIN */
  FORGE_VIEWER_DEAD,      /* closed; freed after this round of events */
} ForgeViewerState;

struct ForgeViewer {
  ForgeWatch watch;
  ForgeViewerState state;
  ForgeWorker *worker;
  ForgeFeed *feed; /* NULL when CLOSING or DEAD */
  ForgeViewer *next, *previous;
  ForgeViewerId id;
  ForgeFeedId feed_id;
  int fd;
  bool is_blocked; /* socket is full: EPOLLOUT tells when it is not */
  bool is_shut;    /* our FIN is out */
  bool is_announced;
  ForgeViewerGone gone;
  uint64_t offset;
  uint8_t *pending; /* sent before the ring: HTTP head, tables, end of a packet */
  size_t pending_from, pending_to, pending_room;
  size_t tables_at; /* where in `pending` the tables of the last join begin, */
  bool has_tables;  /* if they are there at all */
  size_t head_left; /* bytes of the HTTP head in `pending` */
  uint64_t sent_bytes, media_bytes;
  size_t stray_bytes;
  uint32_t duration_ms;
  int64_t waiting_ms, started_ms, progress_ms, deadline_ms;
};

typedef enum {
  FORGE_COMMAND_OPEN,
  FORGE_COMMAND_CLOSE,
  FORGE_COMMAND_SET_SOURCE,
  FORGE_COMMAND_DROP_SOURCE,
  FORGE_COMMAND_ADD_VIEWER,
  FORGE_COMMAND_DROP_VIEWER,
  FORGE_COMMAND_ANSWER,
  FORGE_COMMAND_STOP,
} ForgeCommandType;

typedef struct ForgeCommand ForgeCommand;
struct ForgeCommand {
  ForgeCommand *next;
  ForgeCommandType type;
  ForgeFeedId feed;
  ForgeViewerId viewer;
  ForgeFeed *new_feed;     /* OPEN */
  ForgeViewer *new_viewer; /* ADD_VIEWER */
  ForgeSourceSpec source;  /* SET_SOURCE; `leftover` is `bytes` */
  size_t n_bytes;
  uint8_t bytes[]; /* SET_SOURCE, ANSWER */
};

struct ForgeWorker {
  ForgeWatch watch; /* of event_fd */
  ForgeRelay *relay;
  pthread_t thread;
  int epoll_fd, event_fd;
  int64_t now_ms, tick_ms, housekeeping_ms, stats_ms; /* now, and when each is due */
  ForgeFeed *buckets[FORGE_RELAY_FEED_BUCKETS];
  ForgeFeed *feeds;
  ForgeFeed *tick_cursor; /* next to be read in this tick; NULL = the round is over */
  ForgeViewer *closing, *dead;
  ForgeFeed *dead_feeds;
  ForgeParting *partings, *dead_partings;
  unsigned n_resting, n_hot;
  bool is_stopping;

  pthread_mutex_t queue_lock;
  ForgeCommand *first_command, *last_command;
  ForgeCommand *stop_command; /* made in advance: stopping must not fail */
  pthread_mutex_t stats_lock;
  ForgeStatsSlot *slots;
};

struct ForgeRelay {
  ForgeRelayConfig config;
  atomic_uint_fast64_t last_id; /* feeds and viewers share the numbers; feed % workers = owner */
  unsigned n_workers;
  ForgeWorker workers[FORGE_RELAY_MAX_WORKERS];
};

/* forge-relay-worker.c */
bool forge_worker_start (ForgeWorker *worker, ForgeRelay *relay, unsigned index);
void forge_worker_stop (ForgeWorker *worker);
void forge_worker_post (ForgeWorker *worker, ForgeCommand *command);
void forge_worker_emit (ForgeWorker *worker, const ForgeRelayEvent *event);
ForgeFeed *forge_worker_find_feed (ForgeWorker *worker, ForgeFeedId id);

/* forge-relay-command.c */
void forge_worker_run_command (ForgeWorker *worker, ForgeCommand *command);

/* forge-relay-feed.c */
ForgeFeed *forge_feed_new (ForgeFeedId id, const ForgeFeedOptions *options);
void forge_feed_free (ForgeFeed *feed);
void forge_feed_attach (ForgeFeed *feed, ForgeWorker *worker);
void forge_feed_close (ForgeFeed *feed);
void forge_feed_serve_viewers (ForgeFeed *feed);
void forge_feed_keep_house (ForgeFeed *feed);
/* Makes `want` bytes behind the rest writable; returns how many are (0 = pause the source). */
size_t forge_feed_make_room (ForgeFeed *feed, size_t want);
/* Takes over `size` new body bytes that lie behind the rest. False if the source was lost. */
bool forge_feed_take_bytes (ForgeFeed *feed, size_t size);
/* The point where a viewer that waits may start; NULL = none yet. */
const ForgeJoin *forge_feed_find_join (ForgeFeed *feed, int64_t waiting_ms);

/* Takes back what the source did not finish. Called when it is over. */
void forge_feed_end_flow (ForgeFeed *feed);

/* forge-relay-publish.c */
/* Hands what is staged on to the viewers, as far as it is whole. */
void forge_feed_publish (ForgeFeed *feed);

/* forge-relay-health.c */
void forge_health_begin (ForgeFeed *feed);
/* A random access point went by. */
void forge_health_note_join (ForgeFeed *feed);
/* True if the source delivers nothing of use: `lost` says why. */
bool forge_health_has_failed (ForgeFeed *feed, ForgeSourceLost *lost);

/* forge-relay-start.c */
void forge_feed_begin_start (ForgeFeed *feed);
/* Searches what is staged for a join point. True when the source begins to flow: head … staged is
 * to be published then. */
bool forge_feed_try_start (ForgeFeed *feed);
/* The first packet of `from` … `to` that starts a unit of any stream; false = none. */
bool forge_feed_find_any_unit (const ForgeFeed *feed, uint64_t from, uint64_t to, uint64_t *at);

/* forge-relay-source.c */
void forge_source_open (ForgeFeed *feed, const ForgeSourceSpec *spec);
void forge_source_close (ForgeFeed *feed);
void forge_source_lose (ForgeFeed *feed, ForgeSourceLost lost, int error_number);
/* Reads what there is, up to the budget, and serves the viewers. */
void forge_source_read (ForgeFeed *feed);
void forge_source_on_event (ForgeFeed *feed, uint32_t events);
void forge_source_tick (ForgeFeed *feed);
void forge_byte_source_close (ForgeByteSource *bytes);

/* forge-relay-parting.c */
/* Hangs up, takes `bytes` over, and tells `closed` once the provider has hung up too. */
void forge_worker_part (ForgeWorker *worker,
                        ForgeByteSource *bytes,
                        const ForgeRelayEvent *closed,
                        unsigned patience_ms);
/* True if a source of `feed` is being parted from: FEED_CLOSED is told when that is over. */
bool forge_worker_defer_feed_closed (ForgeWorker *worker, ForgeFeedId feed);
void forge_parting_on_event (ForgeWorker *worker, ForgeParting *parting);
/* Ends those whose provider takes too long; all of them when the worker stops. */
void forge_worker_mind_partings (ForgeWorker *worker);
void forge_worker_bury_partings (ForgeWorker *worker);

/* forge-relay-viewer.c */
ForgeViewer *forge_viewer_new (ForgeViewerId id, ForgeFeedId feed, const ForgeViewerSpec *spec);
void forge_viewer_attach (ForgeViewer *viewer, ForgeWorker *worker, ForgeFeed *feed);
void forge_viewer_serve (ForgeViewer *viewer);
/* If it waits: places it at the newest join point without sending yet. */
void forge_viewer_enter (ForgeViewer *viewer);
void forge_viewer_on_event (ForgeViewer *viewer, uint32_t events);
/* Its next bytes are about to be overwritten: on with the newest join point. */
void forge_viewer_jump (ForgeViewer *viewer);
void forge_viewer_keep_house (ForgeViewer *viewer);
/* Ends it at once. */
void forge_viewer_close (ForgeViewer *viewer, ForgeViewerGone gone, int error_number);
/* Ends it after its last bytes: `answer`, or the end of the packet at hand (NULL). */
void forge_viewer_finish (ForgeViewer *viewer,
                          ForgeViewerGone gone,
                          const uint8_t *answer,
                          size_t answer_bytes);
void forge_viewer_announce (ForgeViewer *viewer, ForgeViewerGone gone, int error_number);
void forge_viewer_free (ForgeViewer *viewer);

/* forge-relay-stats.c */
void forge_feed_count_rate (ForgeFeed *feed);
unsigned forge_feed_rate_kbps (const ForgeFeed *feed);
ForgeStatsSlot *forge_stats_add (ForgeWorker *worker, ForgeFeedId feed);
void forge_stats_remove (ForgeWorker *worker, ForgeStatsSlot *slot);
void forge_stats_publish (ForgeWorker *worker);
