/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-byte-source.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/**
 * ForgeRelay: moves transport streams from sources to viewers. C11 and POSIX only.
 *
 * A *feed* is one channel: one bounded ring, at most one source, any number of viewers, all owned
 * by one epoll worker thread, so the hot path has no lock, no allocation and no other thread in it.
 * Every function below may be called on any thread: it posts a command to the feed's worker and
 * returns. What happens comes back through `event`, called on the worker thread: it must only post
 * a message.
 *
 *   feed:    open ──add_viewer──▶ waiting ──set_source──▶ starting ──join point──▶ flowing
 *              ▲                                              │ source lost            │ source
 * lost └──────────── SOURCE_LOST event; viewers stay and wait ◀───────────────┘
 *
 * A source's bytes enter the ring from its first join point on (PAT, PMT, then a random access
 * point of the video; after 2.5 s without one, any unit start), packet-aligned; what is before is
 * dropped. A source set after a lost one is spliced on: PIDs, tables, continuity counters and
 * clocks go on as if it were the same (mpegts/forge-ts-splice.h), and the units that the last one
 * did not finish are left out, for which the newest of each stream is held back until it is whole
 * (about one picture). The first source goes through untouched. Viewers start at the newest join
 * point, with PAT and PMT in front.
 */
typedef struct ForgeRelay ForgeRelay;
typedef uint64_t ForgeFeedId;   /* never 0, never reused */
typedef uint64_t ForgeViewerId; /* never 0, never reused */

typedef enum {
  FORGE_SOURCE_LOST_EOF,     /* it closed cleanly: always a failure on live */
  FORGE_SOURCE_LOST_ERROR,   /* reset or another socket error: `error_number` */
  FORGE_SOURCE_LOST_STALL,   /* no payload for stall_ms: no byte, or null packets only */
  FORGE_SOURCE_LOST_NOT_TS,  /* no packet sync in the first 64 KiB */
  FORGE_SOURCE_LOST_FRAMING, /* broken chunked coding */
  /* It sends, but nothing that anybody could watch (relay/forge-relay-health.c): */
  FORGE_SOURCE_LOST_NO_TABLES, /* PAT and PMT stopped, or never came */
  FORGE_SOURCE_LOST_NO_VIDEO,  /* the picture stopped while the rest goes on */
  FORGE_SOURCE_LOST_SCRAMBLED, /* most packets are */
  FORGE_SOURCE_LOST_SLOW,      /* a fraction of its own average, or slower than it plays */
  FORGE_SOURCE_LOST_DAMAGED,   /* too many packets are missing or marked as wrong */
  FORGE_SOURCE_LOST_LOOPING,   /* the same short clip, time stamps and all, over and over */
} ForgeSourceLost;

/* For the event log, about a source: "the picture is scrambled". */
const char *forge_source_lost_text (ForgeSourceLost lost);

typedef enum {
  FORGE_VIEWER_GONE_CLOSED,   /* the client closed or reset */
  FORGE_VIEWER_GONE_TIMEOUT,  /* no progress for viewer_timeout_ms */
  FORGE_VIEWER_GONE_DURATION, /* its ?duration= is over */
  FORGE_VIEWER_GONE_ANSWERED, /* forge_relay_answer () was delivered */
  FORGE_VIEWER_GONE_DROPPED,  /* forge_relay_drop_viewer () or forge_relay_close_feed () */
} ForgeViewerGone;

typedef enum {
  FORGE_RELAY_SOURCE_FLOWING, /* first bytes of this source went into the ring */
  FORGE_RELAY_SOURCE_LOST,    /* and it is closed: its provider connection is free */
  FORGE_RELAY_SOURCE_CLOSED,  /* closed because we said so (drop_source, set_source, close_feed) */
  FORGE_RELAY_VIEWER_STARTED, /* first media byte was sent to it */
  FORGE_RELAY_VIEWER_GONE,
  FORGE_RELAY_FEED_CLOSED, /* last event of a feed */
} ForgeRelayEventType;

typedef struct {
  ForgeRelayEventType type;
  ForgeFeedId feed;
  uint64_t source_tag;  /* SOURCE_*: the tag given to set_source */
  ForgeViewerId viewer; /* VIEWER_* */
  uint8_t video_type;   /* SOURCE_FLOWING: the stream_type of its picture, 0 = it has none */
  ForgeSourceLost lost; /* SOURCE_LOST */
  ForgeViewerGone gone; /* VIEWER_GONE */
  int error_number;     /* errno, 0 = none */
  uint64_t bytes;       /* SOURCE_LOST, SOURCE_CLOSED: read from it; VIEWER_GONE: sent to it */
} ForgeRelayEvent;

typedef struct {
  unsigned workers; /* 0 = one per core, at most 4 */
  void (*event) (const ForgeRelayEvent *event, void *user_data);
  void *user_data;
} ForgeRelayConfig;

/* Returns NULL with errno set when threads or descriptors are not to be had. */
ForgeRelay *forge_relay_new (const ForgeRelayConfig *config);
/* Closes every feed (events are delivered), joins the workers, frees. */
void forge_relay_free (ForgeRelay *relay);

typedef struct {
  unsigned stall_ms; /* silence (null packets are silence) that loses a source, also before its
                        first byte */
  unsigned viewer_timeout_ms; /* no progress towards a viewer */
  unsigned keep_alive_ms;     /* a viewer that had media and gets none for so long is sent a null
                                 packet; 0 = none */
  unsigned hang_up_ms; /* how long a provider may take to hang up after us before it is cut off;
                          0 = at once */
} ForgeFeedOptions;

ForgeFeedId forge_relay_open_feed (ForgeRelay *relay, const ForgeFeedOptions *options);
/* Drops source and viewers and ends the feed. Unknown ids are ignored, here and below. */
void forge_relay_close_feed (ForgeRelay *relay, ForgeFeedId feed);

typedef struct {
  ForgeByteSource bytes; /* ownership moves; non-blocking */
  uint64_t tag;    /* comes back in events, so that a late event of an old source is known as one */
  bool is_chunked; /* HTTP chunked transfer coding */
  const uint8_t
      *leftover; /* body bytes (still coded if chunked) that the dialler already read; copied */
  size_t leftover_bytes;
} ForgeSourceSpec;

/* Replaces the current source, if any (closed first). */
void forge_relay_set_source (ForgeRelay *relay, ForgeFeedId feed, const ForgeSourceSpec *spec);
/* Hangs up; viewers stay. SOURCE_CLOSED follows when the provider has hung up too. */
void forge_relay_drop_source (ForgeRelay *relay, ForgeFeedId feed);

typedef struct {
  int fd; /* connected client socket; ownership moves; made non-blocking */
  const char
      *head; /* bytes to send before the first media byte (HTTP status line and headers); copied */
  size_t head_bytes;
  uint32_t duration_ms; /* media time to serve, counted from its first media byte; 0 = endless */
} ForgeViewerSpec;

/* The viewer is sent nothing until media flows. If the feed does not exist (any more), the fd is
 * closed and VIEWER_GONE follows. */
ForgeViewerId
forge_relay_add_viewer (ForgeRelay *relay, ForgeFeedId feed, const ForgeViewerSpec *spec);
void forge_relay_drop_viewer (ForgeRelay *relay, ForgeFeedId feed, ForgeViewerId viewer);
/* Sends `bytes` (an HTTP error) to a viewer that got nothing yet, then closes it; one that is in
 * the middle of its stream is just closed. viewer 0 = all of the feed. */
void forge_relay_answer (ForgeRelay *relay,
                         ForgeFeedId feed,
                         ForgeViewerId viewer,
                         const char *bytes,
                         size_t length);

typedef struct {
  uint64_t source_bytes; /* read from all sources of the feed */
  uint64_t continuity_errors;
  unsigned bitrate_kbps; /* over the last 2…4 s */
  unsigned ring_bytes;   /* memory of the ring */
  int64_t silent_ms;     /* since the last byte of the source; -1 = no source */
  bool is_flowing;
  unsigned viewers;
} ForgeFeedStats;

typedef struct {
  ForgeViewerId viewer;
  uint64_t bytes;
  uint64_t behind_bytes;
} ForgeViewerStats;

/* A copy of the figures that the worker publishes about four times a second. Fills at most
 * `max_viewers`; returns false for an unknown feed. */
bool forge_relay_feed_stats (ForgeRelay *relay,
                             ForgeFeedId feed,
                             ForgeFeedStats *stats,
                             ForgeViewerStats *viewers,
                             unsigned max_viewers,
                             unsigned *n_viewers);
