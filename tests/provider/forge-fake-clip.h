/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mpegts/forge-ts.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* Tiers as in the last digit of a stream id; 0 is the slate. */
#define FORGE_FAKE_TIERS 5u
/* One GOP of every clip: 24 frames at 25 fps (scripts/make-demo-clips). */
#define FORGE_FAKE_GOP_US    G_GINT64_CONSTANT (960000)
#define FORGE_FAKE_GOP_TICKS 86400u

/**
 * ForgeFakeClip: a transport stream that is played again and again without a seam.
 *
 * Loop n is the clip with n durations added to PCR, PTS and DTS and with continuity counters that
 * run on, so one endless stream, of which any byte can be asked for. Immutable. Thread: any.
 */
typedef struct {
  const char *label; /* "4K", "FHD", "HD", "SD" or "slate" */
  guint width, height;
  const guint8 *data; /* lent by the program's resources */
  guint packets, gops;
  guint64 first_ticks;   /* the clock at the first packet; each clip has its own */
  guint stuffed_packets; /* per loop when filled with null packets up to a household rate */
  char codec[12];        /* RFC 6381, from the first SPS */
  guint8
      counter_steps[FORGE_TS_NULL_PID + 1]; /* packets with payload per loop, modulo 16, by PID */
} ForgeFakeClip;

/* How a clip goes over the wire: plain (packets) or filled up (stuffed_packets). */
typedef struct {
  const ForgeFakeClip *clip;
  guint packets;       /* per loop, at least clip->packets, a multiple of clip->gops */
  guint64 shift_ticks; /* added to all clocks */
} ForgeFakeFeed;

/* Error: INTERNAL when the program was linked without its clips. */
gboolean forge_fake_clip_load (ForgeFakeClip *clip, guint tier, GError **error);

ForgeFakeFeed forge_fake_feed (const ForgeFakeClip *clip, gboolean is_stuffed);
/* Plain, with clocks that begin at 0: the variants of one HLS stream must have the same time
 * (RFC 8216 §6.2.4). */
ForgeFakeFeed forge_fake_feed_common_time (const ForgeFakeClip *clip);
guint64 forge_fake_feed_loop_bytes (const ForgeFakeFeed *feed);
guint64 forge_fake_feed_bytes_per_s (const ForgeFakeFeed *feed);
/* The first byte of the packet that is on air `elapsed_us` after the stream began. */
guint64 forge_fake_feed_position (const ForgeFakeFeed *feed, gint64 elapsed_us);
/* Bytes `offset` … `offset + size` of the endless stream. */
void forge_fake_feed_read (const ForgeFakeFeed *feed, guint64 offset, guint8 *buffer, gsize size);

G_END_DECLS
