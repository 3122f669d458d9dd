/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"
#include "tuner/forge-slots.h"

G_BEGIN_DECLS

/**
 * ForgeStreamMemory: how badly each stream behaved lately, and how its picture is coded. Every
 * failure adds its weight; the sum halves each minute. Role: control.
 */
typedef struct _ForgeStreamMemory ForgeStreamMemory;

#define FORGE_FAILURE_QUICK 1.0 /* it refused at once: trying it again costs nobody much */
#define FORGE_FAILURE_SLOW  2.0 /* it cost viewers seconds: a timeout, a stall */

ForgeStreamMemory *forge_stream_memory_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_stream_memory_free (ForgeStreamMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeStreamMemory, forge_stream_memory_free)
void forge_stream_memory_note_failure (ForgeStreamMemory *memory,
                                       gint64 stream_id,
                                       double weight,
                                       gint64 now_us);
/* `video_type`: the stream_type of its picture when it flowed. */
void
forge_stream_memory_note_video (ForgeStreamMemory *memory, gint64 stream_id, guint8 video_type);
/* 0 = not known, or none. */
guint8 forge_stream_memory_video (ForgeStreamMemory *memory, gint64 stream_id);
double forge_stream_memory_weight (ForgeStreamMemory *memory, gint64 stream_id, gint64 now_us);

/* From which weight on a stream goes behind healthy ones of lower quality. A new tune is patient,
 * so that one hiccup does not cost the evening's picture; a session that is failing over is not. */
#define FORGE_DEMOTE_NEW_TUNE 3.0
#define FORGE_DEMOTE_FAILOVER 0.5

typedef struct {
  const ForgeChannel *channel;
  ForgeSlots *slots;
  ForgeStreamMemory *memory;
  /* Streams to leave out, e.g. tried in this round; NULL = none. */
  gboolean (*is_tried) (const ForgeStream *stream, gpointer user_data);
  gpointer tried_data;
  gint64 held_account_id; /* its slot is ours already; 0 = none */
  double demote_at;
  guint8 video_type; /* of what viewers decode at present; 0 = whatever */
  gint64 now_us;
} ForgeSourceQuery;

/* The streams of the channel that can be opened now, best first: accounts that can be dialled at
 * once before those that drain, those coded otherwise than what viewers decode (as far as it is
 * known, or their name says so) last, because many players do not survive the change; then the
 * channel's order with recent failures moved behind the healthy ones of the next quality. `n_full`
 * counts those left out only because their account has no free slot. Returns: (transfer container)
 * of borrowed ForgeStream*. */
GPtrArray *forge_source_order (const ForgeSourceQuery *query, guint *n_full)
    G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
