/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "model/forge-channel.h"

G_BEGIN_DECLS

/**
 * ForgeAttempts: what became of the streams that one session tried. A *round* tries every stream
 * once; the next round forgets what may have changed. Role: control.
 */
typedef struct _ForgeAttempts ForgeAttempts;

typedef enum {
  FORGE_ATTEMPT_HARD,     /* refused, unreachable, lost */
  FORGE_ATTEMPT_AUTH,     /* the account itself was refused: its other streams need no try */
  FORGE_ATTEMPT_NO_VIDEO, /* connected, but no transport stream */
  FORGE_ATTEMPT_LIMIT,    /* a limit-like refusal: may succeed later */
  FORGE_ATTEMPT_DRAIN,    /* the same, and our own last close explains it */
  FORGE_ATTEMPT_CLIP,     /* the panel's clip instead: a limit that it does not say */
} ForgeAttemptResult;

ForgeAttempts *forge_attempts_new (void) G_GNUC_WARN_UNUSED_RESULT;
void forge_attempts_free (ForgeAttempts *attempts);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeAttempts, forge_attempts_free)

/* TRUE if it is news: the stream's first failure, or another kind than its last one. */
gboolean
forge_attempts_note (ForgeAttempts *attempts, const ForgeStream *stream, ForgeAttemptResult result);
/* It was tried in this round, or its account refused enough of us to leave it alone. */
gboolean forge_attempts_is_tried (const ForgeAttempts *attempts, const ForgeStream *stream);
/* Nothing was tried yet. */
gboolean forge_attempts_is_empty (const ForgeAttempts *attempts);
/* Something in this round was refused for a limit. */
gboolean forge_attempts_is_limited (const ForgeAttempts *attempts);
/* Whatever was tried, in this round or before, met a limit. */
gboolean forge_attempts_is_all_limited (const ForgeAttempts *attempts);
gboolean forge_attempts_has_no_video (const ForgeAttempts *attempts);

/* Begins the next round: what was refused for a limit may be tried again, with `everything` all
 * the rest too. */
void forge_attempts_next_round (ForgeAttempts *attempts, gboolean everything);
/* Until the next round begins, if the last attempt began `since_us` ago. `is_watched`: viewers had
 * a picture; otherwise a client waits for its first byte. */
gint64
forge_attempts_pause_us (const ForgeAttempts *attempts, gboolean is_watched, gint64 since_us);
/* Rounds that are over. */
guint forge_attempts_round (const ForgeAttempts *attempts);
/* Forgets all. */
void forge_attempts_restart (ForgeAttempts *attempts);

G_END_DECLS
