/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "guide/forge-lineup-guide.h"
#include "model/forge-channel.h"

G_BEGIN_DECLS

/* Matches below this are not kept. */
#define FORGE_LINEUP_MIN_CONFIDENCE 0.6

/* A stream and the guide channel that it is. */
typedef struct {
  gint64 stream_id, account_id;
  guint guide; /* place + 1, 0 = none */
  double confidence;
  const char *reasons; /* JSON; NULL = as the last run found them */
  const char *group, *icon;
  ForgeQuality quality;
  int position;
} ForgeLineupStream;

/**
 * ForgeLineupMemory: the matcher of the last run, for a caller that runs again soon. It weighs as
 * much as the guide's names: drop it when it was idle for a while. Not thread-safe.
 */
typedef struct _ForgeLineupMemory ForgeLineupMemory;
ForgeLineupMemory *forge_lineup_memory_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_lineup_memory_free (ForgeLineupMemory *memory);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLineupMemory, forge_lineup_memory_free)
/* Back to nothing. */
void forge_lineup_memory_drop (ForgeLineupMemory *memory);

/**
 * ForgeLineupMatch: every available stream with its guide channel. Streams that the last run saw
 * just so, against the same guide, are not matched again. The user's rules come before the matcher.
 */
typedef struct {
  GArray *streams; /* ForgeLineupStream, as forge_store_each_stream () */
  GArray *memos;   /* ForgeMatchMemo: what is new since the last run */
  /* private */
  GStringChunk *strings;
  const ForgeLineupGuide *guide;
  ForgeLineupMemory *memory;
} ForgeLineupMatch;

/* `anew`: matches even what is known. `memory` outlives it. */
ForgeLineupMatch *forge_lineup_match_new (ForgeStore *store,
                                          const ForgeLineupGuide *guide,
                                          ForgeLineupMemory *memory,
                                          gboolean anew,
                                          GCancellable *cancellable,
                                          GError **error) G_GNUC_WARN_UNUSED_RESULT;
void forge_lineup_match_free (ForgeLineupMatch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLineupMatch, forge_lineup_match_free)

/* The reasons of a match that the last run is no longer asked for. NULL on error. */
const char *forge_lineup_match_find_reasons (ForgeLineupMatch *self,
                                             ForgeStore *store,
                                             const ForgeLineupStream *stream,
                                             GError **error);

G_END_DECLS
