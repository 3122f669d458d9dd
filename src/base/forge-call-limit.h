/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeCallLimit: at most so many calls of one client in any window of time. The times of the calls
 * are remembered, so that no two windows put together let double the number through. Bounded: when
 * FORGE_CALL_LIMIT_CLIENTS are known, the one that was silent longest is forgotten. Thread: any.
 */
typedef struct _ForgeCallLimit ForgeCallLimit;

#define FORGE_CALL_LIMIT_CLIENTS 1024u

ForgeCallLimit *forge_call_limit_new (guint limit, gint64 window_us) G_GNUC_WARN_UNUSED_RESULT;
void forge_call_limit_free (ForgeCallLimit *limit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeCallLimit, forge_call_limit_free)

typedef struct {
  guint limit, remaining;
  gint64 reset_us; /* from now on, until the oldest call of the window is forgotten */
} ForgeCallState;

/* One call of `client` (its address) at `now_us`, monotonic. FALSE: too many; it is not counted.
 * `state` may be NULL. */
gboolean forge_call_limit_take (ForgeCallLimit *limit,
                                const char *client,
                                gint64 now_us,
                                ForgeCallState *state);

G_END_DECLS
