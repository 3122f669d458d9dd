/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ForgeInbox: carries messages from other threads to the thread of one main context, in the order
 * in which each thread posted them. A burst costs one wake-up.
 */
typedef struct _ForgeInbox ForgeInbox;

/* Takes over `message`. Role: that of the context. */
typedef void (*ForgeInboxFunc) (gpointer message, gpointer user_data);

ForgeInbox *forge_inbox_new (GMainContext *context, ForgeInboxFunc deliver, gpointer user_data)
    G_GNUC_WARN_UNUSED_RESULT;
/* Delivers what is left. Nobody may post any more. */
void forge_inbox_free (ForgeInbox *inbox);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (ForgeInbox, forge_inbox_free)

/* Thread: any. */
void forge_inbox_post (ForgeInbox *inbox, gpointer message);
/* Delivers now what has been posted so far; only on the context's thread. */
void forge_inbox_drain (ForgeInbox *inbox);

G_END_DECLS
