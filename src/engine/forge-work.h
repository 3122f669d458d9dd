/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * ForgeWork: the queue of long work that changes the catalogue (refresh, import, matching). One
 * thread does it in order, so two refreshes never compete for the database and no lock is held
 * across the network. Thread: any.
 */
typedef struct _ForgeWork ForgeWork;

/* At most this many may wait; one more is told to try later. */
#define FORGE_WORK_MAX_WAITING 16

typedef void (*ForgeWorkFunc) (gpointer data, GCancellable *cancellable);

ForgeWork *forge_work_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* Cancels what runs, drops what waits (their forge_work_run () returns CANCELLED) and joins.
 * Nothing more is taken. */
void forge_work_stop (ForgeWork *work);
/* Stops; no forge_work_run () may be going on any more. */
void forge_work_free (ForgeWork *work);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeWork, forge_work_free)

/* Runs `func` on the queue's thread and waits for its end. RETRY when the queue is full;
 * G_IO_ERROR_CANCELLED when the queue is going away or `cancellable` fires (which also reaches
 * `func`). Role: job. */
gboolean forge_work_run (ForgeWork *work,
                         ForgeWorkFunc func,
                         gpointer data,
                         GCancellable *cancellable,
                         GError **error);
/* Runs it some time; `destroy` frees `data` afterwards, also when it is dropped. */
void forge_work_push (ForgeWork *work, ForgeWorkFunc func, gpointer data, GDestroyNotify destroy);

/* Once after each spell of work, when the queue has been empty for FORGE_WORK_IDLE_S: gives back
 * what was kept for the next item. On the queue's thread, which owns that. Before the first item.
 */
#define FORGE_WORK_IDLE_S 600
void forge_work_set_idle (ForgeWork *work, void (*idle) (gpointer data), gpointer data);

G_END_DECLS
