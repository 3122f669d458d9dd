/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * The user's decisions on matches, one or many at a time, with what was there before. The newest
 * can be taken back, then the one before it, and so on.
 */
typedef struct {
  gint64 id, time; /* UTC seconds */
  gboolean accept; /* else: rejected */
  int pairs;       /* of channel and stream */
} ForgeDecision;

/* Older ones are not kept. */
#define FORGE_DECISIONS_KEPT 50

/* Inside the caller's transaction: begin, then before each change note its channel and the names
 * that its rules are about. Returns the id, 0 on error. */
gint64
forge_store_begin_decision (ForgeStore *store, gint64 now_s, gboolean accept, GError **error);
gboolean forge_store_note_decision (ForgeStore *store,
                                    gint64 decision_id,
                                    gint64 channel_id,
                                    const char *name_key,
                                    const char *opposite_key,
                                    GError **error);

/* Of ForgeDecision, newest first. Returns: (transfer full). */
GArray *forge_store_list_decisions (ForgeStore *store, GError **error);
/* Takes the newest one back and forgets it; NOT_FOUND if there is none. Its channels and rules are
 * what they were; what a lineup run does to them follows in the next one. */
gboolean forge_store_undo_decision (ForgeStore *store, ForgeDecision *undone, GError **error);

G_END_DECLS
