/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "tuner/forge-tuner.h"

G_BEGIN_DECLS

/**
 * ForgeDialPool: runs the injected dial function on job threads and brings every outcome back to
 * the control context, also that of a cancelled dial: only then its connection is known to be
 * closed and the slot may be given back.
 */
typedef struct _ForgeDialPool ForgeDialPool;
typedef struct _ForgeDialJob ForgeDialJob;

typedef struct {
  gboolean is_open;   /* the dial succeeded: `dial` owns a source */
  gboolean timed_out; /* our own guard cut it off */
  ForgeDial dial;     /* cleared after the callback, except what was taken */
  GError *error;      /* NULL if it is open */
  gint64 took_us;
} ForgeDialOutcome;

typedef void (*ForgeDialDoneFunc) (ForgeDialOutcome *outcome, gpointer user_data);

ForgeDialPool *forge_dial_pool_new (const ForgeTunerConfig *config) G_GNUC_WARN_UNUSED_RESULT;
/* Cancels what runs, waits for it and delivers the outcomes. Blocks. */
void forge_dial_pool_free (ForgeDialPool *pool);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDialPool, forge_dial_pool_free)

typedef struct {
  ForgeAccount *account;
  ForgeStream *stream;
  gint64 start_s; /* catch-up; 0 = live */
  guint duration_s;
  guint limit_ms; /* guards against a dial that outlives its own deadlines */
} ForgeDialOrder;

/* `done` is called exactly once, never from within this call. Returns: (transfer none), valid until
 * `done` was called. */
ForgeDialJob *forge_dial_pool_start (ForgeDialPool *pool,
                                     const ForgeDialOrder *order,
                                     ForgeDialDoneFunc done,
                                     gpointer user_data);
/* `done` still follows, soon. */
void forge_dial_job_cancel (ForgeDialJob *job);

G_END_DECLS
