/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeDiscoveryThread: a thread that answers discovery and does nothing else. Clients wait 200 ms
 * for an answer; the control thread may be reading a lineup just then.
 */
typedef struct _ForgeDiscoveryThread ForgeDiscoveryThread;

ForgeDiscoveryThread *forge_discovery_thread_new (void) G_GNUC_WARN_UNUSED_RESULT;
/* What was attached to its context must be gone. */
void forge_discovery_thread_free (ForgeDiscoveryThread *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeDiscoveryThread, forge_discovery_thread_free)

/* Whatever is attached to it runs on the thread; forge_context_call () waits for it, some
 * microseconds. (transfer none) */
GMainContext *forge_discovery_thread_context (ForgeDiscoveryThread *self);

G_END_DECLS
