/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "base/forge-clock.h"
#include "model/forge-event.h"
#include "store/forge-store.h"

G_BEGIN_DECLS

/**
 * ForgeEventLog: takes events from any thread without blocking and writes them to the store on a
 * thread of its own. Texts pass forge_redact_text () first.
 */
typedef struct _ForgeEventLog ForgeEventLog;

ForgeEventLog *forge_event_log_new (ForgeStorePool *stores, ForgeClock *clock)
    G_GNUC_WARN_UNUSED_RESULT;
/* Writes what is queued, then ends. */
void forge_event_log_free (ForgeEventLog *log);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeEventLog, forge_event_log_free)

/* A ForgeEventFunc whose user_data is the log. `details` may be NULL. Thread: any. */
void forge_event_log_add (ForgeLogLevel level,
                          ForgeEventCategory category,
                          const char *message,
                          const char *details,
                          gpointer log);

/* `func` is called on the log's thread after an event was stored; it must not block nor call the
 * log. */
typedef void (*ForgeEventStoredFunc) (gpointer user_data);
void forge_event_log_on_stored (ForgeEventLog *log, ForgeEventStoredFunc func, gpointer user_data);

/* Waits until what was added before is stored, so that a reader sees it. Blocks. */
void forge_event_log_flush (ForgeEventLog *log);

G_END_DECLS
