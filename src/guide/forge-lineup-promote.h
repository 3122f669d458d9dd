/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"

G_BEGIN_DECLS

/**
 * ForgePromotion: turns streams without a guide into channels. Pure: no store.
 *
 * Streams of one account that have the same name but for prefix, quality and tags are one channel.
 * Its key names one of its streams and outlives that stream: a channel that already holds a member
 * keeps its key.
 */
typedef struct _ForgePromotion ForgePromotion;

typedef struct {
  gint64 stream_id, remote_id;
  ForgeQuality quality;
  int position;
} ForgePromotedStream;

typedef struct {
  char *key;
  char *name;      /* clean, for people */
  char *group;     /* NULL = none */
  char *logo;      /* NULL = none */
  GArray *streams; /* of ForgePromotedStream, best first */
} ForgePromotedChannel;

ForgePromotion *forge_promotion_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_promotion_free (ForgePromotion *promotion);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgePromotion, forge_promotion_free)

/* A channel as it is stored. Those that are not promoted streams are ignored. */
void forge_promotion_add_existing (ForgePromotion *promotion, const ForgeChannel *channel);
/* A stream to promote. Separators and empty names are ignored: FALSE. */
gboolean forge_promotion_add_stream (ForgePromotion *promotion, const ForgeStream *stream);
/* Gives every channel its key. Of ForgePromotedChannel*, in the order of their first stream.
 * Returns: (transfer none). */
GPtrArray *forge_promotion_finish (ForgePromotion *promotion);

G_END_DECLS
