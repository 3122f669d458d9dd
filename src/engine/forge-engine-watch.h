/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "engine/forge-engine.h"
#include "engine/forge-problems.h"
#include "engine/forge-snapshot.h"

G_BEGIN_DECLS

/**
 * What a window shows, as immutable ref-counted pictures, and word of when they change. The
 * catalogue is in ForgeSnapshot (changes after an operation or a refresh), what moves by itself in
 * ForgeLive (once a second while something plays).
 */
typedef struct {
  GPtrArray *sessions; /* of ForgeSessionInfo*, oldest first */
  GPtrArray *problems; /* of ForgeProblem*, worst first */
  int tuners_total, tuners_used;
  char *base_url; /* as bound: http://127.0.0.1:5004 */
  char *lan_url;  /* for other devices at home; NULL while bound to loopback */
  gboolean is_paused;
  const char *secrets; /* "keyring", "file" or "memory" (static) */
  gint64 taken_us;     /* monotonic */
} ForgeLive;

void forge_live_unref (ForgeLive *live);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeLive, forge_live_unref)

/* What is stored now, as last published. Thread: any. Returns: (transfer full). */
ForgeSnapshot *forge_engine_get_snapshot (ForgeEngine *engine);
/* The last picture. Thread: any. Returns: (transfer full). */
ForgeLive *forge_engine_get_live (ForgeEngine *engine);

/* The addresses of this machine may have changed: discovery looks again. Returns at once. Thread:
 * any. */
void forge_engine_look_at_network (ForgeEngine *engine);

typedef enum {
  FORGE_CHANGE_SNAPSHOT = 1 << 0,
  FORGE_CHANGE_LIVE = 1 << 1,
  FORGE_CHANGE_EVENTS = 1 << 2, /* GET /v1/events?after=… tells which */
} ForgeChanges;

typedef void (*ForgeWatchFunc) (ForgeChanges changes, gpointer user_data);
typedef struct _ForgeWatch ForgeWatch;

/* Calls `func` on the caller's thread-default context after changes, several as one. */
ForgeWatch *forge_engine_watch (ForgeEngine *engine, ForgeWatchFunc func, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
/* Before the engine goes, on the thread that made it: `func` is not called any more. */
void forge_watch_free (ForgeWatch *watch);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeWatch, forge_watch_free)

G_END_DECLS
